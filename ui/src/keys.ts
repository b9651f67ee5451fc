/** The keys of the main window. They rest while one types, and while a dialog or a menu is open. */
import { operate, toggleFlag, toggleRead, undoLast } from './state/actions.svelte';
import { archiveSelected } from './state/crm.svelte';
import { accountById, layout } from './state/app.svelte';
import { openComposer } from './state/composer.svelte';
import { folderOfRole, folders } from './state/folders.svelte';
import { awaitReply } from './state/followUps.svelte';
import { list } from './state/list.svelte';
import { togglePrivate } from './state/private.svelte';
import { reader } from './state/reader.svelte';
import { openSettings, toFolder, view } from './state/view.svelte';
import type { DraftKind, FolderRoleView } from './host';

/** One types, or something above the window has the keys. */
export function keysRest(event: KeyboardEvent): boolean {
  if (view.settings) return true;
  const target = event.target as HTMLElement | null;
  if (
    target?.closest?.(
      'input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=menu], [role=dialog]',
    )
  ) {
    return true;
  }
  return document.querySelector('[role=dialog][data-state=open], [role=menu][data-state=open]') !== null;
}

function compose(kind: DraftKind): void {
  // The reader may still be on its way to the mail under the cursor; within a conversation it may be at another one.
  const message = list.cursor && list.cursor !== reader.message ? list.cursor : reader.open;
  if (message) openComposer({ kind, message });
}

/** Shows the folder of a role, of the account the rail shows. */
export function goTo(role: FolderRoleView): void {
  view.page = role === 'drafts' ? 'drafts' : 'mail';
  view.reading = false;
  if (role === 'drafts') return;
  if (role === 'inbox' && !view.account) {
    void list.show({ kind: 'folder', folder: '', filter: 'all' });
    return;
  }
  const account = view.account || accountById(folders.data?.[0]?.account ?? '')?.id || '';
  const folder = folderOfRole(account, role);
  if (folder) void list.show({ kind: 'folder', folder: folder.id, filter: 'all' });
}

/** Without a reading pane: back from the mail to the list. */
export function leaveMail(): void {
  view.reading = false;
  document.querySelector<HTMLElement>('[data-testid=message-list]')?.focus({ preventScroll: true });
}

/** To the search field, which stands above the list. */
function search(): void {
  view.reading = false;
  view.searchFocus++;
}

const places: Record<string, FolderRoleView> = { i: 'inbox', s: 'sent', d: 'drafts', e: 'done' };

/** Pages of the middle that are no folder. */
const pages: Record<string, typeof view.page> = { f: 'followUps', c: 'customers', a: 'queue' };

/** `g` was pressed and waits for its second key, until this moment (milliseconds). */
let goUntil = 0;

const plain: Record<string, () => unknown> = {
  j: () => list.step(1),
  ArrowDown: () => list.step(1),
  k: () => list.step(-1),
  ArrowUp: () => list.step(-1),
  J: () => list.step(1, true),
  K: () => list.step(-1, true),
  PageDown: () => list.step(8),
  PageUp: () => list.step(-8),
  Home: () => list.step(-list.rows.length),
  End: () => list.step(list.rows.length),
  x: () => list.cursor && list.toggleAlone(list.cursor),
  e: () => operate(list.targets, { kind: 'done' }),
  '#': () => operate(list.targets, { kind: 'delete' }),
  Delete: () => operate(list.targets, { kind: 'delete' }),
  '!': () => operate(list.targets, { kind: 'junk' }),
  u: () => toggleRead(list.targets),
  s: () => toggleFlag(list.targets),
  v: () => list.targets.length && toFolder(false),
  V: () => list.targets.length && toFolder(true),
  l: () => list.targets.length && (view.labels = true),
  a: () => archiveSelected(list.targets),
  A: () => list.targets[0] && (view.archiving = list.targets[0]),
  t: () => (view.followUp = { message: view.page === 'mail' ? (list.targets[0] ?? '') : '', kind: 'task' }),
  w: () => awaitReply(list.targets[0]),
  p: () => togglePrivate(list.targets),
  P: () => togglePrivate(list.targets, true),
  z: () => undoLast(),
  r: () => compose('reply'),
  R: () => compose('reply_all'),
  f: () => compose('forward'),
  n: () => openComposer({ kind: 'new' }),
  ',': () => openSettings(),
  '/': () => search(),
  '?': () => (view.shortcuts = true),
  g: () => (goUntil = Date.now() + 1500),
};

/** What needs a mail list on the screen. */
const needsMail = new Set(
  'jkJKxe#!usvVlaAwpP'.split('').concat('ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End', 'Delete'),
);

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || keysRest(event)) return;
  const ctrl = event.ctrlKey || event.metaKey;
  if (ctrl && !event.altKey) {
    const key = event.key.toLowerCase();
    if (key === 'a' && view.page === 'mail') list.selectAll();
    else if (key === 'z') void undoLast();
    else if (key === 'f' || key === 'k') search();
    else if (key === 'n') openComposer({ kind: 'new' });
    else if (key === ',') openSettings();
    else return;
    event.preventDefault();
    return;
  }
  if (event.altKey) return;
  if (event.key === 'Escape') {
    if (list.selected.size) list.clearSelection();
    else if (layout() === 'off' && view.reading) leaveMail();
    else if (view.customer) view.customer = false;
    else if (list.searching) void list.endSearch();
    return;
  }
  if (goUntil > Date.now()) {
    goUntil = 0;
    if (pages[event.key]) {
      event.preventDefault();
      view.page = pages[event.key]!;
      view.reading = false;
      return;
    }
    const role = places[event.key];
    if (role) {
      event.preventDefault();
      goTo(role);
      return;
    }
  }
  if (event.shiftKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    if (view.page !== 'mail') return;
    event.preventDefault();
    list.step(event.key === 'ArrowDown' ? 1 : -1, true);
    return;
  }
  if (event.key === 'Enter' && layout() === 'off' && view.page === 'mail' && list.cursor && !view.reading) {
    // On a button, Enter presses it.
    if ((event.target as HTMLElement | null)?.closest?.('button, a, summary')) return;
    event.preventDefault();
    view.reading = true;
    return;
  }
  const run = plain[event.key];
  if (!run || (needsMail.has(event.key) && view.page !== 'mail')) return;
  // A key held down walks through the list; it does not finish ten mails.
  if (event.repeat && !/^(j|k|J|K|Arrow|Page)/.test(event.key)) return;
  event.preventDefault();
  void run();
}
