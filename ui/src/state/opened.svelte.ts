import { SvelteSet } from 'svelte/reactivity';
import { call, type Id } from '../host';

/** Which parts of the rail are open: the folders below the main ones, and each folder that has others in it. */
export const opened: { more: boolean; readonly folders: SvelteSet<Id> } = $state({
  more: false,
  folders: new SvelteSet<Id>(),
});

const KEY = 'rail.open';
/** The engine keeps small texts only: with very many open folders, the last ones are kept. */
const KEPT = 150;

function keep(): void {
  const value = JSON.stringify({ more: opened.more, folders: [...opened.folders].slice(-KEPT) });
  // What was open is no loss that a person must hear of.
  call('memory_set', { key: KEY, value }).catch(() => undefined);
}

export function openMore(more: boolean): void {
  opened.more = more;
  keep();
}

/** Opens or closes a folder; it stays so over restarts. */
export function openFolder(id: Id, open: boolean): void {
  if (open) opened.folders.add(id);
  else opened.folders.delete(id);
  keep();
}

/** Fetches what was open. */
export async function loadOpened(): Promise<void> {
  const kept = await call('memory_get', { key: KEY }).catch(() => ({ value: null }));
  if (!kept.value) return;
  try {
    const { more, folders } = JSON.parse(kept.value) as { more?: unknown; folders?: unknown };
    opened.more = more === true;
    if (Array.isArray(folders)) for (const id of folders) if (typeof id === 'string') opened.folders.add(id);
  } catch {
    // Written by another version: then all is closed.
  }
}
