import { call, type FollowUps, type FollowUpView, type Id, type WaitingView } from '../host';
import { t } from '../i18n/index.svelte';
import { toastError } from './actions.svelte';
import { isOwn } from './app.svelte';
import { clock } from './clock.svelte';
import { list } from './list.svelte';
import { Query } from './query.svelte';
import { toast } from './toasts.svelte';
import { view } from './view.svelte';

/** What is to be done, overdue first, and own mails that wait for a reply. */
export const followUps = new Query<FollowUps>(() => call('follow_up_list', {}), [{ table: 'crm' }], 200);

const byMessage: ReadonlyMap<Id, WaitingView> = $derived(
  new Map((followUps.data?.waiting ?? []).map((one) => [one.row.id, one])),
);

/** The wait for an answer to this mail, if there is one. */
export function waitingFor(message: Id): WaitingView | undefined {
  return byMessage.get(message);
}

/** When it is due, in seconds: a task at its end, the others when they begin. */
export function dueAt(one: FollowUpView): number {
  return one.kind === 'task' ? one.end : one.start;
}

export function isOverdue(one: FollowUpView): boolean {
  return !one.done && dueAt(one) * 1000 < clock.now;
}

/** Nobody has answered in time. */
export function isDue(one: WaitingView): boolean {
  return one.until * 1000 <= clock.now;
}

/** Overdue follow-ups, and mails that nobody answered in time. */
export function overdue(): number {
  const { open, waiting } = followUps.data ?? { open: [], waiting: [] };
  return open.filter(isOverdue).length + waiting.filter(isDue).length;
}

async function tell(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    toastError(thrown);
  } finally {
    await followUps.refresh();
  }
}

/** Done, with a way back. */
export function followUpDone(one: FollowUpView, done = true): Promise<void> {
  return tell(async () => {
    await call('follow_up_done', { id: one.id, done });
    if (done)
      toast(t('toast.followUpDone', { title: one.title }), {
        tone: 'ok',
        action: { label: t('common.undo'), run: () => void followUpDone(one, false), testid: 'toast-undo' },
      });
  });
}

/** `days` from the mail's date on; 0: as the settings say. */
export function waitFor(message: Id, days: number): Promise<void> {
  return tell(async () => {
    const { answered } = await call('waiting_set', { message, days });
    toast(t(answered ? 'toast.answered' : 'toast.waiting'), { tone: 'ok' });
  });
}

export const stopWaiting = (id: Id) => tell(() => call('waiting_remove', { id }));

/** Opens the question how long to wait for an answer. Only to a mail of one's own can one wait for one. */
export function awaitReply(message: Id | undefined): void {
  const row = message ? list.row(message) : undefined;
  if (!row) return;
  if (isOwn(row.from.email)) view.waitingFor = row.id;
  else toast(t('waiting.ownOnly'));
}
