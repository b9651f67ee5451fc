import { call, type ArchivedView, type Id, type RecordView } from '../host';
import { t, type Key } from '../i18n/index.svelte';
import { toastError } from './actions.svelte';
import { crmName } from './app.svelte';
import { toast } from './toasts.svelte';

async function takeBack(archived: readonly ArchivedView[]): Promise<void> {
  try {
    for (const one of archived) await call('archive_undo', { id: one.id });
    toast(t('toast.archiveUndone', { crm: crmName() }));
  } catch (thrown) {
    toastError(thrown);
  }
}

/** Puts mails into the CRM, on the records given or, without any, on what is suggested. Says what came of it. */
export async function archive(messages: readonly Id[], records: RecordView[] = []): Promise<ArchivedView[]> {
  if (!messages.length) return [];
  try {
    const archived = await call('archive', {
      messages: [...messages],
      records,
      choice: null,
      conversation: false,
      follow: null,
    });
    const fresh = archived.filter((one) => !one.already);
    const key: Key = !fresh.length
      ? 'toast.alreadyArchived'
      : fresh.every((one) => one.state === 'done')
        ? 'toast.archived'
        : 'toast.archiveQueued';
    toast(t(key, { crm: crmName(), count: (fresh.length ? fresh : archived).length }), {
      tone: 'ok',
      action: fresh.length
        ? { label: t('common.undo'), run: () => void takeBack(fresh), testid: 'toast-undo' }
        : undefined,
    });
    return archived;
  } catch (thrown) {
    toastError(thrown);
    return [];
  }
}
