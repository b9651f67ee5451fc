import { call, type AccountView, type AppState, type Event, type Settings } from '../host';
import { Query } from './query.svelte';

/** Accounts, settings, the CRM's name and the counts of what waits for a person. */
export const app = new Query<AppState>(
  () => call('app_state', {}),
  ['account', 'setting', 'outbox', 'operation', 'crm', 'archive'].map((table) => ({ table })),
);

/** The name behind "Archive in". */
export function crmName(): string {
  return app.data?.crm.name ?? '';
}

export function accountById(id: string): AccountView | undefined {
  return app.data?.accounts.find((one) => one.id === id);
}

/** True when the address is one of the person's own. */
export function isOwn(email: string): boolean {
  const wanted = email.toLowerCase();
  return app.data?.accounts.some((one) => one.email.toLowerCase() === wanted) ?? false;
}

/** Account events come many times a second while mail is fetched: they are written in, not fetched. */
export function accountEvent(event: Extract<Event, { kind: 'account' }>): void {
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

/** Saves settings; what is shown changes at once. */
export async function saveSettings(change: Partial<Settings>): Promise<void> {
  const data = app.data;
  if (!data) return;
  const settings = { ...data.settings, ...change };
  app.data = { ...data, settings };
  try {
    await call('settings_set', settings);
  } finally {
    await app.refresh();
  }
}
