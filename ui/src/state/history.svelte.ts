import { call, type HistoryState, type HistoryView, type Id } from '../host';
import { t } from '../i18n/index.svelte';
import { toastError } from './actions.svelte';
import { Query } from './query.svelte';

/** What each account fetches of its past beyond its days. */
export const history = new Query<HistoryView[]>(() => call('history_list', {}), [{ table: 'account' }], 500);

export function historyOf(account: Id): HistoryView | undefined {
  return history.data?.find((one) => one.account === account);
}

/** The accounts in one of these states taken together, as if they were one; undefined: there are none. */
export function historyOfAll(state: HistoryState): Omit<HistoryView, 'account'> | undefined {
  const found = (history.data ?? []).filter((one) => one.state === state);
  if (!found.length) return undefined;
  const seconds = found.map((one) => one.seconds_left);
  return {
    state,
    done: found.reduce((sum, one) => sum + one.done, 0),
    total: found.reduce((sum, one) => sum + one.total, 0),
    // They run beside each other: the last one to end says when.
    seconds_left: seconds.some((one) => one === null) ? null : Math.max(...seconds.map(Number)),
  };
}

/** How long something still takes, as people say it. */
export function timeLeft(seconds: number): string {
  if (seconds < 60) return t('status.leftSeconds');
  if (seconds < 90 * 60) return t('status.leftMinutes', { count: Math.round(seconds / 60) });
  return t('status.leftHours', { count: Math.round(seconds / 3600) });
}

/** Pauses or goes on, for these accounts. */
export async function historyDo(what: 'pause' | 'resume', accounts: readonly Id[]): Promise<void> {
  try {
    for (const id of accounts) await call(what === 'pause' ? 'history_pause' : 'history_resume', { id });
  } catch (thrown) {
    toastError(thrown);
  } finally {
    await history.refresh();
  }
}
