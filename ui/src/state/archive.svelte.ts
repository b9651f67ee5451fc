import {
  call,
  type ArchiveChoice,
  type ArchivedView,
  type ArchiveQueued,
  type Id,
  type NotArchived,
  type RecordView,
  type VisibleTo,
} from '../host';
import { t, type Key } from '../i18n/index.svelte';
import { toastError } from './actions.svelte';
import { crmName } from './app.svelte';
import { Query } from './query.svelte';
import { toast } from './toasts.svelte';
import { view } from './view.svelte';

/** What waits to go into the CRM, and what it refused. */
export const archiveQueue = new Query<ArchiveQueued[]>(
  () => call('archive_queue', {}),
  [{ table: 'archive' }, { table: 'crm' }],
  200,
  () => view.page === 'queue',
);

async function takeBack(archived: readonly ArchivedView[]): Promise<void> {
  try {
    for (const one of archived) await call('archive_undo', { id: one.id });
    toast(t('toast.archiveUndone', { crm: crmName() }));
  } catch (thrown) {
    toastError(thrown);
  }
}

/** Says what came of it, with a way back. */
function tell(archived: readonly ArchivedView[]): void {
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
}

/** What could not be archived with others: the window lists it until it is read. `others`: some could. */
export const notArchived = $state<{ asked: { refused: NotArchived[]; others: boolean } }>({
  asked: { refused: [], others: false },
});

/** As the dialog asks it. Rejects where it fails, so that the dialog can say why and stay. */
export async function archiveWith(
  messages: readonly Id[],
  records: readonly RecordView[],
  more: { choice: ArchiveChoice | null; conversation: boolean; follow: boolean | null },
): Promise<ArchivedView[]> {
  const { archived, refused } = await call('archive', { messages: [...messages], records: [...records], ...more });
  if (archived.length) tell(archived);
  if (refused.length) notArchived.asked = { refused, others: archived.length > 0 };
  return archived;
}

/** Puts mails into the CRM, on the records given or, without any, on what is suggested. Says what came of it. */
export async function archive(
  messages: readonly Id[],
  records: readonly RecordView[] = [],
  conversation = false,
): Promise<ArchivedView[]> {
  if (!messages.length) return [];
  try {
    return await archiveWith(messages, records, { choice: null, conversation, follow: null });
  } catch (thrown) {
    toastError(thrown);
    return [];
  }
}

/** A single attachment, as a document of its own. */
export async function archiveDocument(
  message: Id,
  part: number,
  records: readonly RecordView[],
  visible: VisibleTo,
): Promise<void> {
  const archived = await call('document_archive', { message, part, records: [...records], visible });
  tell([archived]);
}

async function resolve(name: 'archive_retry' | 'archive_undo', id: Id): Promise<void> {
  try {
    await call(name, { id });
  } catch (thrown) {
    toastError(thrown);
  } finally {
    await archiveQueue.refresh();
  }
}

export const retryArchive = (id: Id) => resolve('archive_retry', id);
/** Takes it out of the queue: it is not archived. */
export const discardArchive = (id: Id) => resolve('archive_undo', id);
