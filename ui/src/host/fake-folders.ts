/** The fake host's folders, what it fetches of the past, and its servers' search. */
import { fakeFolder } from './fake-data';
import type { FakeHost, Handlers, Tools } from './fake';
import type { Command, FolderView, HistoryView, Id } from './index';

type Own = Extract<Command, `folder_${string}` | `history_${string}` | 'search_servers'>;

export const fakeHistory = (account: Id): HistoryView => ({
  account,
  state: 'off',
  done: 0,
  total: 0,
  seconds_left: null,
});

export function folderHandlers(
  host: FakeHost,
  { next, change, failure, undos }: Pick<Tools, 'next' | 'change' | 'failure' | 'undos'>,
): Pick<Handlers, Own> {
  const counted = (folder: FolderView): FolderView => {
    const inside = host.mails.filter((one) => one.row.folder === folder.id);
    return { ...folder, total: inside.length, unread: inside.filter((one) => !one.row.read).length };
  };
  function folder(id: Id): FolderView {
    const found = host.folders.find((one) => one.id === id);
    if (!found) throw failure('not_found');
    return found;
  }
  const within = (of: FolderView) =>
    host.folders.filter((one) => one.account === of.account && one.path.startsWith(`${of.path}/`));
  const pathOf = (parent: Id | null, name: string) => (parent ? `${folder(parent).path}/${name}` : name);
  /** A place that is taken is refused by the server. */
  function free(account: Id, path: string): void {
    if (host.folders.some((one) => one.account === account && one.path === path)) throw failure('server_refused');
  }
  function moveTo(of: FolderView, path: string): void {
    for (const one of within(of)) one.path = path + one.path.slice(of.path.length);
    of.path = path;
    of.name = path.split('/').at(-1)!;
  }
  function past(id: Id): HistoryView {
    let found = host.history.find((one) => one.account === id);
    if (!found) host.history.push((found = fakeHistory(id)));
    return found;
  }

  return {
    folder_list: () => host.folders.map(counted),
    folder_create({ account, name, parent }) {
      const path = pathOf(parent, name);
      free(account, path);
      const made = { ...fakeFolder(next('folder'), path), account };
      host.folders.push(made);
      change('folder');
      return made;
    },
    folder_rename({ folder: id, name, parent }) {
      const path = pathOf(parent, name);
      free(folder(id).account, path);
      moveTo(folder(id), path);
      change('folder');
      return folder(id);
    },
    folder_delete({ id }) {
      const gone = folder(id);
      const trash = host.folders.find((one) => one.account === gone.account && one.role === 'trash');
      const all = [gone, ...within(gone)].map((one) => one.id);
      if (trash && !gone.path.startsWith(`${trash.path}/`)) moveTo(gone, `${trash.path}/${gone.name}`);
      else {
        host.folders = host.folders.filter((one) => !all.includes(one.id));
        host.mails = host.mails.filter((one) => !all.includes(one.row.folder));
      }
      change('folder');
      change('message');
      return {};
    },
    folder_subscribe({ folder: id, subscribed }) {
      folder(id).subscribed = subscribed;
      change('folder');
      return folder(id);
    },
    folder_notify({ folder: id, notify }) {
      folder(id).notify = notify;
      change('folder');
      return folder(id);
    },
    folder_empty({ id }) {
      const before = host.mails;
      host.mails = host.mails.filter((one) => one.row.folder !== id);
      change('folder');
      change('message');
      const undo = next('undo');
      undos.set(undo, () => (host.mails = before));
      return { undo, count: before.length - host.mails.length };
    },

    history_list: () => host.state.accounts.map((one) => past(one.id)),
    history_resume({ id }) {
      const found = past(id);
      Object.assign(found, { state: 'running', total: found.total || 40_000 });
      change('account');
      return found;
    },
    history_pause({ id }) {
      Object.assign(past(id), { state: 'paused', seconds_left: null });
      change('account');
      return past(id);
    },

    search_servers({ account }) {
      const found = host.onServer.filter((one) => !account || one.row.account === account);
      host.onServer = host.onServer.filter((one) => !found.includes(one));
      host.mails.push(...found);
      if (found.length) change('message');
      return { fetched: found.length, more: host.moreOnServer, unasked: host.unasked };
    },
  };
}
