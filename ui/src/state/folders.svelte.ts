import { call, type FolderRoleView, type FolderView, type Id } from '../host';
import { Query } from './query.svelte';

/** Every folder of every account, with its counts. */
export const folders = new Query<FolderView[]>(
  () => call('folder_list', {}),
  [{ table: 'folder' }, { table: 'account' }],
  150,
);

export function folderById(id: Id): FolderView | undefined {
  return folders.data?.find((one) => one.id === id);
}

export function folderOfRole(account: Id, role: FolderRoleView): FolderView | undefined {
  return folders.data?.find((one) => one.account === account && one.role === role);
}

/** Unread mails in the inboxes: of one account, or of all of them. */
export function inboxUnread(account = ''): number {
  return (folders.data ?? [])
    .filter((one) => one.role === 'inbox' && (account === '' || one.account === account))
    .reduce((sum, one) => sum + one.unread, 0);
}
