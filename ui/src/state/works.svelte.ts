import { call, type Id, type WorkView } from '../host';
import { t } from '../i18n/index.svelte';
import { toastError } from './actions.svelte';
import { crmName } from './app.svelte';
import { followUps } from './followUps.svelte';
import { Query } from './query.svelte';
import { toast } from './toasts.svelte';
import { view } from './view.svelte';

/** Follow-ups, sales and ticks that wait for the CRM, and what it refused of them. */
export const works = new Query<WorkView[]>(
  () => call('work_list', {}),
  [{ table: 'crm' }],
  200,
  () => view.page === 'queue',
);

async function tell(name: 'work_retry' | 'work_discard', id: Id): Promise<void> {
  try {
    await call(name, { id });
  } catch (thrown) {
    toastError(thrown);
  } finally {
    await Promise.all([works.refresh(), followUps.refresh()]);
  }
}

export const workRetry = (id: Id) => tell('work_retry', id);
/** Lets it go: the CRM never hears of it. */
export const workDiscard = (id: Id) => tell('work_discard', id);

/** Shows what waits for the CRM. */
export function showQueue(): void {
  view.settings = false;
  view.page = 'queue';
}

/** Says what became of something new: it is there, it waits, or the CRM did not take it. */
export function tellMade(title: string, made: string, queued: boolean, code: string | null): void {
  const words = { title, crm: crmName() };
  if (code) {
    const action = { label: t('error.action.archiveQueue'), run: showQueue, testid: 'toast-queue' };
    toast(t('toast.workRefused', words), { tone: 'danger', action });
  } else toast(queued ? t('toast.followUpQueued', words) : made, { tone: 'ok' });
}
