/** The catalogues as the UI reads them, the formats, and the one table of errors. */
import { afterEach, describe, expect, it } from 'vitest';
import da from '../src/i18n/da.json';
import de from '../src/i18n/de.json';
import en from '../src/i18n/en.json';
import nb from '../src/i18n/nb.json';
import nl from '../src/i18n/nl.json';
import sv from '../src/i18n/sv.json';
import source from '../src/host/bindings.ts?raw';
import { errors, errorWords } from '../src/i18n/errors';
import {
  detectLanguage,
  formatBytes,
  formatDay,
  formatMoney,
  formatTime,
  hasKey,
  languages,
  setLanguage,
  t,
} from '../src/i18n/index.svelte';

const catalogues: Record<string, Record<string, string>> = { en, nb, sv, da, de, nl };
const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join();

afterEach(() => setLanguage('en'));

describe('the catalogues', () => {
  it('have the same keys and the same placeholders', () => {
    const faults: string[] = [];
    for (const [tag, words] of Object.entries(catalogues)) {
      for (const [key, text] of Object.entries(en)) {
        if (!words[key]?.trim()) faults.push(`${tag} ${key} is missing`);
        else if (holes(words[key]) !== holes(text)) faults.push(`${tag} ${key} has other placeholders`);
      }
      for (const key of Object.keys(words)) if (!(key in en)) faults.push(`${tag} ${key} is unknown`);
    }
    expect(faults).toEqual([]);
  });

  it('have every plural in both forms', () => {
    const ones = Object.keys(en).filter((key) => key.endsWith('.one'));
    expect(ones.length).toBeGreaterThan(10);
    expect(ones.filter((key) => !hasKey(key.slice(0, -4)))).toEqual([]);
  });
});

describe('the table of errors', () => {
  it('has words for every code of the engine in every language', () => {
    const line = /export type Code = ([^;]+);/.exec(source)?.[1] ?? '';
    const codes = [...line.matchAll(/"([a-z0-9_]+)"/g)].map((match) => match[1] ?? '');
    expect(codes.length).toBeGreaterThan(30);
    expect(Object.keys(errors).sort()).toEqual([...codes].sort());
    for (const tag of languages) {
      setLanguage(tag);
      const titles = new Set<string>();
      for (const code of codes) {
        const words = errorWords(code, { crm: 'Nordvik CRM' });
        expect(words.title, `${tag} ${code}`).not.toMatch(/^error\.|[{}!]/);
        expect(words.next, `${tag} ${code}`).not.toMatch(/^error\.|[{}!]/);
        titles.add(words.title);
      }
      expect(titles.size, `${tag}: no two codes share a title`).toBe(codes.length);
    }
  });

  it('says something about a code it does not know', () => {
    expect(errorWords('from_the_future').title).toBe(en['error.unknown.title']);
    expect(errorWords(null).title).toBe(en['error.unknown.title']);
  });
});

describe('words and formats', () => {
  it('follow the language and choose the plural', () => {
    expect(t('bulk.title', { count: 1 })).toBe('1 mail selected');
    expect(t('bulk.title', { count: 1200 })).toBe('1,200 mails selected');
    setLanguage('de-AT');
    expect(t('bulk.title', { count: 1200 })).toBe('1.200 E-Mails ausgewählt');
    expect(t('action.archive', { crm: '{crm}' })).toBe('In {crm} archivieren');
  });

  it('find the first language that is known', () => {
    expect(detectLanguage(['fi-FI', 'nn-NO', 'de'])).toBe('nb');
    expect(detectLanguage(['no'])).toBe('nb');
    expect(detectLanguage(['fi'])).toBe('en');
  });

  it('write times, days, money and sizes', () => {
    const now = new Date(2026, 11, 6, 10, 0);
    const at = (day: number, hour = 9, minute = 42) => new Date(2026, 11, day, hour, minute).getTime() / 1000;
    expect(formatTime(at(6), now)).toBe('09:42');
    expect(formatTime(at(5, 23, 59), now)).toBe('Sat');
    expect(formatTime(new Date(2025, 5, 1).getTime() / 1000, now)).toBe('1 Jun 2025');
    expect(formatDay('2026-12-15', now)).toBe('15 Dec');
    setLanguage('nb');
    expect(formatMoney(42_000_000, 'NOK').replace(/\s/g, ' ')).toBe('NOK 420 000');
    expect(formatMoney(1050, 'EUR')).toBe('EUR 10,50');
    expect(formatBytes(184_000)).toBe('184 KB');
    expect(formatBytes(2_400_000)).toBe('2,4 MB');
    expect(formatBytes(999_900)).toBe('1 MB');
  });
});
