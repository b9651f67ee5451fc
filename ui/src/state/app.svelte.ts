import {
  call,
  type AccountState,
  type AccountView,
  type AppState,
  type Event,
  type Layout,
  type Settings,
} from '../host';
import { Query } from './query.svelte';

/** Settings that were changed here and that the engine may not know yet. */
let unsaved: Partial<Settings> = {};

/** An answer of before must not take back what was changed since. */
function withUnsaved(state: AppState): AppState {
  return { ...state, settings: { ...state.settings, ...unsaved } };
}

/* eslint-disable svelte/prefer-svelte-reactivity -- nothing is drawn from it */
/** How accounts are, as told since the last fetch began. */
let told = new Map<string, Extract<Event, { kind: 'account' }>>();

/** An answer may be older than what was told while it was on its way. */
function withTold(state: AppState, since: typeof told): AppState {
  const newer = (one: AccountView): AccountView => {
    const event = since.get(one.id);
    return event ? { ...one, state: event.state, code: event.code, progress: event.progress } : one;
  };
  return { ...state, accounts: state.accounts.map(newer) };
}

async function fetchState(): Promise<AppState> {
  const since = (told = new Map());
  return withUnsaved(withTold(await call('app_state', {}), since));
}

/** Accounts, settings, the CRM's name and the counts of what waits for a person. */
export const app = new Query<AppState>(
  fetchState,
  (['account', 'setting', 'outbox', 'operation', 'crm', 'crm_state', 'archive'] as const).map((table) => ({ table })),
);

/** The name behind "Archive in". */
export function crmName(): string {
  return app.data?.crm.name ?? '';
}

/** Why the CRM cannot do something, as a code for `crm.why.…`; empty: it can. */
export function whyNot(what: string): string {
  return app.data?.crm.missing.find((one) => one.what === what)?.why ?? '';
}

export function crmCan(what: string): boolean {
  return whyNot(what) === '';
}

/** This program is the CRM itself: records are made and removed here. */
export function crmEmbedded(): boolean {
  return app.data?.crm.kind === 'embedded';
}

export function accountById(id: string): AccountView | undefined {
  return app.data?.accounts.find((one) => one.id === id);
}

/** Where the reader stands beside the list. */
export function layout(): Layout {
  return app.data?.settings.layout ?? 'right';
}

/** What tells an account from the others in a word: its domain, or the whole address where two share one. */
export function accountLabel(id: string): string {
  const email = accountById(id)?.email ?? '';
  const domain = (address: string) => address.split('@').pop()?.toLowerCase() ?? '';
  const alike = app.data?.accounts.filter((one) => domain(one.email) === domain(email)).length ?? 0;
  return alike > 1 ? email : domain(email);
}

/** Codes that a new sign-in mends. */
export const SIGN_IN: readonly string[] = [
  'sign_in_again',
  'sign_in_refused',
  'app_password_needed',
  'oauth_needed',
  'no_oauth_client',
];

/** A new sign-in is what the account needs. What the provider has switched off or blocked is mended there. */
export function needsSignIn(account: AccountView): boolean {
  return account.code === null ? account.state === 'sign_in_needed' : SIGN_IN.includes(account.code);
}

/** How an account does, for people: that a sign-in is needed is said only where one helps. */
export function shownState(account: AccountView): AccountState {
  return account.state === 'sign_in_needed' && !needsSignIn(account) ? 'failed' : account.state;
}

/** Why no further mailbox can be connected: how many the administrator allows; 0: one can. */
export function accountLimit(): number {
  const max = app.data?.policy.accounts_max ?? 0;
  return max > 0 && (app.data?.accounts.length ?? 0) >= max ? max : 0;
}

/** True when the address is one of the person's own. */
export function isOwn(email: string): boolean {
  const wanted = email.toLowerCase();
  return app.data?.accounts.some((one) => one.email.toLowerCase() === wanted) ?? false;
}

/** Account events come many times a second while mail is fetched: they are written in, not fetched. */
export function accountEvent(event: Extract<Event, { kind: 'account' }>): void {
  told.set(event.account, event);
  const data = app.data;
  if (!data) return;
  if (!data.accounts.some((one) => one.id === event.account)) {
    void app.refresh();
    return;
  }
  app.data = {
    ...data,
    accounts: data.accounts.map((one) =>
      one.id === event.account ? { ...one, state: event.state, code: event.code, progress: event.progress } : one,
    ),
  };
}

/** Saves run one behind the other, each with all that was changed until then. */
let saving: Promise<void> = Promise.resolve();

/** Saves settings; what is shown changes at once. */
export function saveSettings(change: Partial<Settings>): Promise<void> {
  if (!app.data) return Promise.resolve();
  unsaved = { ...unsaved, ...change };
  app.data = withUnsaved(app.data);
  saving = saving.catch(() => undefined).then(() => sendSettings(change));
  return saving;
}

async function sendSettings(change: Partial<Settings>): Promise<void> {
  try {
    if (app.data) await call('settings_set', app.data.settings);
    await app.refresh();
  } catch (thrown) {
    settled(change);
    await app.refresh();
    throw thrown;
  }
  settled(change);
}

/** The engine has answered: what was not changed again meanwhile is no longer held against it. */
function settled(change: Partial<Settings>): void {
  unsaved = Object.fromEntries(
    Object.entries(unsaved).filter(([key, value]) => change[key as keyof Settings] !== value),
  );
}
