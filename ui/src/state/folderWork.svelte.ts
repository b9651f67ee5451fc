import { SvelteSet } from 'svelte/reactivity';
import { call, HostError, type FolderView, type Id } from '../host';
import { t } from '../i18n/index.svelte';
import { operate, toastError, toastUndo } from './actions.svelte';
import { folders } from './folders.svelte';
import { list } from './list.svelte';
import { toast } from './toasts.svelte';

/** What a person was asked about folders; `parent` null: the top level. */
export type FolderQuestion =
  | { kind: 'create'; account: Id; parent: Id | null }
  | { kind: 'rename' | 'move' | 'delete' | 'empty'; folder: FolderView };

export const folderWork: { question: FolderQuestion | undefined; readonly busy: SvelteSet<Id> } = $state({
  question: undefined,
  /** Folders about which the server is being asked. */
  busy: new SvelteSet<Id>(),
});

export function askFolder(question: FolderQuestion): void {
  folderWork.question = question;
}

async function busyWith<T>(id: Id, work: () => Promise<T>): Promise<T | undefined> {
  folderWork.busy.add(id);
  try {
    return await work();
  } catch (thrown) {
    toastError(thrown);
    return undefined;
  } finally {
    folderWork.busy.delete(id);
    await folders.refresh();
  }
}

export function subscribe(folder: FolderView): Promise<unknown> {
  return busyWith(folder.id, () => call('folder_subscribe', { folder: folder.id, subscribed: !folder.subscribed }));
}

export function notifyOf(folder: Id, notify: boolean): Promise<unknown> {
  return busyWith(folder, () => call('folder_notify', { folder, notify }));
}

/** Marks every mail of a folder as read, as one change that can be undone. */
export async function markAllRead(folder: Id): Promise<void> {
  const ids = await busyWith(folder, async () => {
    const unread: Id[] = [];
    let after = '';
    do {
      const page = await call('message_list', { folder, filter: 'unread', record: null, after, limit: 200 });
      unread.push(...page.rows.map((row) => row.id));
      after = page.next;
    } while (after);
    return unread;
  });
  if (ids?.length) await operate(ids, { kind: 'read' });
}

/** Puts a folder into another, or with null on the top level; `name`s of both are for the words. */
export async function moveFolder(folder: FolderView, from: Id | null, to: FolderView | null): Promise<void> {
  const moved = await busyWith(folder.id, () =>
    call('folder_rename', { folder: folder.id, name: folder.name, parent: to?.id ?? null }),
  );
  if (!moved) return;
  const back = () =>
    void busyWith(moved.id, () => call('folder_rename', { folder: moved.id, name: moved.name, parent: from }));
  toast(
    to
      ? t('toast.folderMoved', { folder: folder.name, parent: to.name })
      : t('toast.folderMovedTop', { folder: folder.name }),
    { action: { label: t('common.undo'), run: back, testid: 'toast-undo' } },
  );
}

/** Carries out what was asked; throws `HostError` where that fails, so that the question can say so. */
export async function answerFolder(
  question: FolderQuestion,
  typed: { name: string; parent: Id | null; shown: string },
): Promise<FolderView | undefined> {
  try {
    switch (question.kind) {
      case 'create': {
        const made = await call('folder_create', {
          account: question.account,
          name: typed.name,
          parent: typed.parent,
        });
        toast(t('toast.folderCreated', { folder: made.name }));
        return made;
      }
      case 'rename': {
        const named = await call('folder_rename', {
          folder: question.folder.id,
          name: typed.name,
          parent: typed.parent,
        });
        toast(t('toast.folderRenamed', { folder: named.name }));
        return named;
      }
      case 'move':
        return await call('folder_rename', {
          folder: question.folder.id,
          name: question.folder.name,
          parent: typed.parent,
        });
      case 'delete':
        await call('folder_delete', { id: question.folder.id });
        toast(t('toast.folderDeleted', { folder: typed.shown }));
        return undefined;
      case 'empty':
        toastUndo(
          t('toast.folderEmptied', { folder: typed.shown }),
          (await call('folder_empty', { id: question.folder.id })).undo,
        );
        return undefined;
    }
  } catch (thrown) {
    throw HostError.from(thrown);
  } finally {
    await folders.refresh();
    leaveGone();
  }
}

/** A folder that is gone is shown no longer. */
function leaveGone(): void {
  const { source } = list;
  if (source.kind !== 'folder' || !source.folder || !folders.data) return;
  if (!folders.data.some((one) => one.id === source.folder))
    void list.show({ kind: 'folder', folder: '', filter: 'all' });
}
