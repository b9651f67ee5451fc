import type { FolderView, Id } from '../../host';
import { folderName } from './names';

/** A folder in the tree of the rail, with the folders in it. */
export interface Branch {
  folder: FolderView;
  /** Its name, with the names of places above it that have no line of their own. */
  label: string;
  branches: Branch[];
}

/** One line of the tree as drawn: `level` from 1, `at` of `of` among its neighbours. */
export interface TreeLine {
  branch: Branch;
  level: number;
  at: number;
  of: number;
  open: boolean;
  /** Unread mails here and, where it is closed, in the folders in it. */
  unread: number;
}

/** What the rail shows by themselves, above the tree. */
const above: readonly FolderView['role'][] = ['inbox', 'sent', 'done'];
const order: Partial<Record<FolderView['role'], number>> = { drafts: 0, junk: 1, trash: 2 };

/** The folder that a folder is in, of those that are known. */
export function parentOf(folder: FolderView, all: readonly FolderView[]): FolderView | undefined {
  const byPath = new Map(all.filter((one) => one.account === folder.account).map((one) => [one.path, one]));
  return nearest(folder, byPath);
}

function nearest(folder: FolderView, byPath: ReadonlyMap<string, FolderView>): FolderView | undefined {
  const parts = folder.path.split('/');
  for (let to = parts.length - 1; to > 0; to--) {
    const found = byPath.get(parts.slice(0, to).join('/'));
    if (found) return found;
  }
  return undefined;
}

/** Every folder in a folder, at any depth. */
export function foldersIn(folder: FolderView, all: readonly FolderView[]): FolderView[] {
  return all.filter((one) => one.account === folder.account && one.path.startsWith(`${folder.path}/`));
}

/** The tree of an account's folders: special ones first, then by name. */
export function treeOf(folders: readonly FolderView[]): Branch[] {
  const byPath = new Map(folders.map((one) => [one.path, one]));
  const byId = new Map<Id, Branch>();
  for (const folder of folders) byId.set(folder.id, { folder, label: folderName(folder), branches: [] });
  const roots: Branch[] = [];
  for (const branch of byId.values()) {
    const { folder } = branch;
    if (above.includes(folder.role)) continue;
    const parent = nearest(folder, byPath);
    if (folder.role === 'other' && parent) branch.label = folder.path.slice(parent.path.length + 1);
    else if (folder.role === 'other') branch.label = folder.path;
    if (!parent || parent.role === 'inbox') roots.push(branch);
    else if (above.includes(parent.role)) {
      branch.label = `${folderName(parent)} / ${branch.label}`;
      roots.push(branch);
    } else byId.get(parent.id)!.branches.push(branch);
  }
  const collator = new Intl.Collator(undefined, { numeric: true });
  const rank = ({ folder }: Branch) => order[folder.role] ?? 3;
  const sort = (branches: Branch[]) => {
    branches.sort((a, b) => rank(a) - rank(b) || collator.compare(a.label, b.label));
    for (const one of branches) sort(one.branches);
  };
  sort(roots);
  return roots;
}

const unreadOf = ({ folder, branches }: Branch): number =>
  (folder.role === 'trash' ? 0 : folder.unread) + branches.reduce((sum, one) => sum + unreadOf(one), 0);

/** The lines to be drawn: what is in a closed folder is left out. */
export function linesOf(branches: readonly Branch[], open: ReadonlySet<Id>, level = 1): TreeLine[] {
  return branches.flatMap((branch, index) => {
    const opened = branch.branches.length > 0 && open.has(branch.folder.id);
    const own = branch.folder.role === 'trash' ? 0 : branch.folder.unread;
    const line: TreeLine = {
      branch,
      level,
      at: index + 1,
      of: branches.length,
      open: opened,
      unread: opened ? own : unreadOf(branch),
    };
    return opened ? [line, ...linesOf(branch.branches, open, level + 1)] : [line];
  });
}
