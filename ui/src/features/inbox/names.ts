import type { FolderRoleView, FolderView } from '../../host';
import type { IconName } from '../../components/icons';
import { t, type Key } from '../../i18n/index.svelte';

const words: Partial<Record<FolderRoleView, Key>> = {
  inbox: 'rail.inbox',
  sent: 'rail.sent',
  drafts: 'rail.drafts',
  done: 'rail.done',
  junk: 'rail.junk',
  trash: 'rail.trash',
};

export const folderIcons: Record<FolderRoleView, IconName> = {
  inbox: 'tray',
  sent: 'paperPlane',
  drafts: 'fileDashed',
  done: 'checkCircle',
  junk: 'shieldWarning',
  trash: 'trash',
  other: 'folder',
};

/** Our own word for a folder with a role, the server's name for any other. */
export function folderName(folder: FolderView): string {
  const key = words[folder.role];
  return key ? t(key) : folder.name;
}
