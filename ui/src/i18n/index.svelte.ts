/**
 * Words and formats. The six catalogues are flat JSON files that the engine reads too (crates/words).
 *
 * A plural has the forms `key.one` and `key.other` and is asked for as `key` with a parameter `count`.
 * Reading `t` in a template follows the language: a change redraws what is on the screen.
 */
/* eslint-disable svelte/prefer-svelte-reactivity -- dates here are values that are formatted and dropped, and the map is a cache */
import en from './en.json';
import nb from './nb.json';
import sv from './sv.json';
import da from './da.json';
import de from './de.json';
import nl from './nl.json';

type Whole = keyof typeof en;
type Plural<K> = K extends `${infer Base}.other` ? Base : never;
/** A key of the catalogue, or the stem of a plural. */
export type Key = Whole | Plural<Whole>;
export type Params = Record<string, string | number>;

export const languages = ['en', 'nb', 'sv', 'da', 'de', 'nl'] as const;
export type Language = (typeof languages)[number];

/** Each language's own name, for the choice of language. */
export const languageNames: Record<Language, string> = {
  en: 'English',
  nb: 'Norsk (bokmål)',
  sv: 'Svenska',
  da: 'Dansk',
  de: 'Deutsch',
  nl: 'Nederlands',
};

const catalogues: Record<Language, Record<string, string>> = { en, nb, sv, da, de, nl };
/** English in Europe writes 24 hours and the day before the month, as the others do. */
const locales: Record<Language, string> = {
  en: 'en-GB',
  nb: 'nb-NO',
  sv: 'sv-SE',
  da: 'da-DK',
  de: 'de-DE',
  nl: 'nl-NL',
};

let current = $state<Language>('en');

/** The language in use. */
export function language(): Language {
  return current;
}

/** The first of the tags that is one of ours; English otherwise. `no` and `nn` read bokmål. */
export function detectLanguage(tags: readonly string[] = navigator.languages ?? [navigator.language]): Language {
  for (const tag of tags) {
    const base = tag.toLowerCase().split(/[-_.@]/)[0] ?? '';
    if (base === 'no' || base === 'nn') return 'nb';
    const found = languages.find((known) => known === base);
    if (found) return found;
  }
  return 'en';
}

/** Sets the language; an empty or unknown tag means the system's. */
export function setLanguage(tag: string): void {
  current = detectLanguage(tag ? [tag] : undefined);
  if (typeof document !== 'undefined') document.documentElement.lang = current;
}

function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? formatNumber(value) : value;
  });
}

/** The words for a key. Numbers are written as the language does; pass text where that must not happen (ports, years). */
export function t(key: Key, params: Params = {}): string {
  const words = catalogues[current];
  const exact = words[key];
  if (exact !== undefined) return fill(exact, params);
  const count = Number(params.count ?? 0);
  const form = pluralRules(current).select(count) === 'one' ? 'one' : 'other';
  const text =
    words[`${key}.${form}`] ?? words[`${key}.other`] ?? catalogues.en[key] ?? catalogues.en[`${key}.${form}`];
  return text === undefined ? key : fill(text, params);
}

/** For keys that are put together, such as `error.${code}.title`: says whether there are words for it. */
export function hasKey(key: string): key is Key {
  return key in catalogues.en || `${key}.other` in catalogues.en;
}

const made = new Map<string, unknown>();
/** Intl objects are dear to make and a list formats thousands of dates. */
function once<T>(key: string, make: () => T): T {
  const name = `${current} ${key}`;
  let value = made.get(name) as T | undefined;
  if (value === undefined) made.set(name, (value = make()));
  return value;
}

const pluralRules = (of: Language) => once('plural', () => new Intl.PluralRules(locales[of]));

function dates(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return once(`date ${key}`, () => new Intl.DateTimeFormat(locales[current], options));
}

/** Whole days between two moments as calendars count, not in steps of 24 hours. */
function daysApart(from: Date, to: Date): number {
  const day = (d: Date) => Date.UTC(d.getFullYear(), d.getMonth(), d.getDate());
  return Math.round((day(to) - day(from)) / 86_400_000);
}

/** A short time for lists: "09:42" today, "Mon" within six days, "15 Dec" this year, otherwise with the year. */
export function formatTime(seconds: number, now = new Date()): string {
  const date = new Date(seconds * 1000);
  const days = daysApart(date, now);
  if (days === 0) return dates('time', { hour: '2-digit', minute: '2-digit', hour12: false }).format(date);
  if (days > 0 && days < 7) return dates('weekday', { weekday: 'short' }).format(date);
  if (date.getFullYear() === now.getFullYear()) return dates('day', { day: 'numeric', month: 'short' }).format(date);
  return dates('year', { day: 'numeric', month: 'short', year: 'numeric' }).format(date);
}

/** A day: from seconds since 1970, or from `YYYY-MM-DD`. The year is left out when it is this one. */
export function formatDay(day: number | string, now = new Date()): string {
  // A day without a time is meant where the reader sits: noon keeps it from slipping to its neighbour.
  const date = typeof day === 'number' ? new Date(day * 1000) : new Date(`${day}T12:00:00`);
  if (Number.isNaN(date.getTime())) return String(day);
  return date.getFullYear() === now.getFullYear()
    ? dates('day', { day: 'numeric', month: 'short' }).format(date)
    : dates('year', { day: 'numeric', month: 'short', year: 'numeric' }).format(date);
}

/** Day and time in full words, for the reader and for tooltips: "Friday, 20 November 2026 at 15:03". */
export function formatDateTime(seconds: number): string {
  return dates('full', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  }).format(new Date(seconds * 1000));
}

/** Day and time in short, for one line: "today 09:42", "Fri 15:03", "20 Nov 2026 15:03". */
export function formatMoment(seconds: number, now = new Date()): string {
  const date = new Date(seconds * 1000);
  const time = dates('time', { hour: '2-digit', minute: '2-digit', hour12: false }).format(date);
  return daysApart(date, now) === 0
    ? `${t('common.today').toLowerCase()} ${time}`
    : `${formatTime(seconds, now)} ${time}`;
}

/** An amount in hundredths: "NOK 420 000". Hundredths are shown only where there are any. */
export function formatMoney(hundredths: number, currency: string): string {
  const whole = hundredths % 100 === 0;
  const number = once(
    `money ${whole}`,
    () =>
      new Intl.NumberFormat(locales[current], {
        minimumFractionDigits: whole ? 0 : 2,
        maximumFractionDigits: whole ? 0 : 2,
      }),
  );
  return `${currency} ${number.format(hundredths / 100)}`;
}

export function formatNumber(value: number): string {
  return once('number', () => new Intl.NumberFormat(locales[current])).format(value);
}

/** A size in bytes: "184 KB", "2.4 MB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${formatNumber(bytes)} B`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = '';
  for (const next of units) {
    value /= 1000;
    unit = next;
    if (value < 999.5) break;
  }
  const digits = value < 10 && unit !== 'KB' ? 1 : 0;
  const number = once(
    `bytes ${digits}`,
    () => new Intl.NumberFormat(locales[current], { maximumFractionDigits: digits }),
  );
  return `${number.format(value)} ${unit}`;
}
