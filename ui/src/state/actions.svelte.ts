import { call, HostError, type ActionRequest, type Id, type MessageRow } from '../host';
import { errorWords, type ErrorAction } from '../i18n/errors';
import { t, type Key } from '../i18n/index.svelte';
import { crmName } from './app.svelte';
import { folderById } from './folders.svelte';
import { list } from './list.svelte';
import { dropToast, toast } from './toasts.svelte';
import { openSettings, view } from './view.svelte';

/** What an action does to a row at once; undefined: the mail leaves the list. */
function patchOf(action: ActionRequest, row: MessageRow | undefined): Partial<MessageRow> | undefined {
  const keywords = row?.keywords ?? [];
  switch (action.kind) {
    case 'read':
    case 'unread':
      return { read: action.kind === 'read' };
    case 'flag':
    case 'unflag':
      return { flagged: action.kind === 'flag' };
    case 'keyword_add':
      return { keywords: keywords.includes(action.keyword) ? keywords : [...keywords, action.keyword] };
    case 'keyword_remove':
      return { keywords: keywords.filter((one) => one !== action.keyword) };
    case 'copy':
      return {};
    default:
      return undefined;
  }
}

/** The catalogue's word for what was done; `{count}` and, for move, `{folder}`. */
const words: Record<ActionRequest['kind'], Key> = {
  read: 'toast.read',
  unread: 'toast.unread',
  flag: 'toast.flagged',
  unflag: 'toast.unflagged',
  done: 'toast.done',
  junk: 'toast.junk',
  delete: 'toast.deleted',
  move: 'toast.moved',
  copy: 'toast.copied',
  keyword_add: 'toast.labelled',
  keyword_remove: 'toast.unlabelled',
};

/** The last thing that can be undone, and until when (milliseconds): the engine promises ten seconds. */
let last: { undo: string; ids: Id[]; until: number; toast?: number } | undefined;
const UNDO_FOR = 10_000;

/** What a toast's button can do about an error, wherever it happened. */
const errorRuns: Partial<Record<NonNullable<ErrorAction>, () => void>> = {
  crmSignIn: () => openSettings('crm'),
  crmSettings: () => openSettings('crm'),
  archiveQueue: () => {
    view.settings = false;
    view.page = 'queue';
  },
};

/** Says that something failed, in the words of the table of errors. */
export function toastError(thrown: unknown): void {
  const error = HostError.from(thrown);
  const said = errorWords(error.code, { crm: crmName() });
  const run = said.action ? errorRuns[said.action] : undefined;
  toast(`${said.title}. ${said.next}`, {
    tone: 'danger',
    action: run ? { label: said.actionLabel, run, testid: 'toast-mend' } : undefined,
  });
}

/**
 * Does something to mails: on the screen at once, then in the store. `quiet`: no toast (reading marks mail as read
 * by itself).
 */
export async function operate(ids: readonly Id[], action: ActionRequest, quiet = false): Promise<void> {
  if (!ids.length) return;
  const messages = [...ids];
  const stays = patchOf(action, undefined) !== undefined;
  if (stays) for (const id of messages) list.patch([id], patchOf(action, list.row(id)) ?? {});
  else list.hide(messages);
  try {
    const { undo, count } = await call('operate', { messages, action });
    if (undo && !quiet) last = { undo, ids: messages, until: Date.now() + UNDO_FOR };
    // One flag that turns up under the finger needs no words; many do, and so does a mail that goes.
    if (!quiet && (!stays || action.kind === 'copy' || messages.length > 1)) {
      const folder = 'folder' in action ? (folderById(action.folder)?.name ?? '') : '';
      const key = toast(t(words[action.kind], { count, folder }), {
        action: undo ? { label: t('common.undo'), run: () => void undoLast(), testid: 'toast-undo' } : undefined,
      });
      if (last?.undo === undo) last.toast = key;
    }
  } catch (thrown) {
    if (!quiet) toastError(thrown);
  } finally {
    await list.settle(messages);
  }
}

/** Says what was done, with a way back; `undo` empty: there is none. */
export function toastUndo(words: string, undo: string): void {
  const run = () => void undoLast();
  const key = toast(words, { action: undo ? { label: t('common.undo'), run, testid: 'toast-undo' } : undefined });
  if (undo) last = { undo, ids: [], until: Date.now() + UNDO_FOR, toast: key };
}

/** Takes the last action back, while that is possible. */
export async function undoLast(): Promise<void> {
  const what = last;
  last = undefined;
  if (!what || Date.now() > what.until) return;
  if (what.toast !== undefined) dropToast(what.toast);
  try {
    await call('undo', { undo: what.undo });
    await list.settle(what.ids);
    toast(t('toast.undone'));
  } catch (thrown) {
    toastError(thrown);
  }
}

/** Reads what is unread and the other way round: all of them become what the first one is not. */
export function toggleRead(ids: readonly Id[]): Promise<void> {
  const anyUnread = ids.some((id) => list.row(id)?.read === false);
  return operate(ids, { kind: anyUnread ? 'read' : 'unread' });
}

export function toggleFlag(ids: readonly Id[]): Promise<void> {
  const anyPlain = ids.some((id) => list.row(id)?.flagged === false);
  return operate(ids, { kind: anyPlain ? 'flag' : 'unflag' });
}
