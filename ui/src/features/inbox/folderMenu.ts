import type { MenuItem } from '../../components/menu';
import type { FolderRoleView, FolderView, Id } from '../../host';
import { t } from '../../i18n/index.svelte';
import { askFolder, markAllRead, notifyOf, subscribe } from '../../state/folderWork.svelte';
import { folderName } from './names';

/** Where nobody keeps folders of their own. */
const closed: readonly FolderRoleView[] = ['sent', 'drafts', 'junk', 'trash'];
/** Where mail comes in: what may be told. */
const quiet: readonly FolderRoleView[] = ['sent', 'drafts', 'junk', 'trash', 'done'];

/** What can be done with a folder; without one, with the folders of an account. */
export function folderMenu(folder: FolderView | undefined, account: Id): MenuItem[] {
  const fresh: MenuItem = {
    label: t('folder.new'),
    icon: 'plus',
    testid: 'folder-new',
    disabled: !(folder?.account ?? account),
    // The menu is that of the folder, whichever mailbox the rail shows.
    onselect: () => askFolder({ kind: 'create', account: folder?.account ?? account, parent: null }),
  };
  if (!folder) return [fresh];
  const items: MenuItem[] = [fresh];
  if (!closed.includes(folder.role))
    items.push({
      label: t('folder.newInside'),
      icon: 'folder',
      testid: 'folder-new-inside',
      onselect: () => askFolder({ kind: 'create', account: folder.account, parent: folder.id }),
    });
  if (folder.own)
    items.push(
      {
        label: t('folder.rename'),
        icon: 'pencil',
        kbd: 'F2',
        testid: 'folder-rename',
        onselect: () => askFolder({ kind: 'rename', folder }),
      },
      {
        label: t('folder.move'),
        icon: 'folderOpen',
        testid: 'folder-move',
        onselect: () => askFolder({ kind: 'move', folder }),
      },
    );
  if (folder.selectable) {
    items.push('separator', {
      label: t('folder.markAllRead'),
      icon: 'envelopeOpen',
      disabled: folder.unread === 0,
      testid: 'folder-read',
      onselect: () => void markAllRead(folder.id),
    });
    if (!quiet.includes(folder.role))
      items.push({
        label: t('folder.notify'),
        icon: 'bell',
        checked: folder.notify,
        testid: 'folder-notify',
        onselect: () => void notifyOf(folder.id, !folder.notify),
      });
    if (folder.own)
      items.push({
        label: t('folder.subscribe'),
        icon: 'eye',
        checked: folder.subscribed,
        testid: 'folder-subscribe',
        onselect: () => void subscribe(folder),
      });
    if (folder.role === 'junk' || folder.role === 'trash')
      items.push({
        label: t('folder.empty', { folder: folderName(folder) }),
        icon: 'trash',
        danger: true,
        testid: 'folder-empty',
        onselect: () => askFolder({ kind: 'empty', folder }),
      });
  }
  if (folder.own)
    items.push('separator', {
      label: t('folder.delete'),
      icon: 'trash',
      kbd: 'Del',
      danger: true,
      testid: 'folder-delete',
      onselect: () => askFolder({ kind: 'delete', folder }),
    });
  return items;
}
