import type { DraftKind, Id } from '../host';

/** What the composer was asked to do. A draft that exists is opened by its id in `draft`. */
export interface ComposeRequest {
  kind: DraftKind;
  /** The mail answered or forwarded. */
  message?: Id;
  /** A `mailto:` link (RFC 6068). */
  mailto?: string;
  /** A draft that was saved before: `kind`, `message` and `mailto` then say nothing. */
  draft?: Id;
  /** What was typed in the quick reply box, as plain text, to begin the body with. */
  text?: string;
}

/** A composer in the dock. `key` is its own for as long as it is open. */
export interface OpenComposer extends ComposeRequest {
  key: number;
}

let nextKey = 1;

/** The composers in the dock, oldest first. */
export const composers: { open: OpenComposer[] } = $state({ open: [] });

/**
 * Opens a composer. One that already writes the same answer or draft is brought forward instead, so that two windows
 * never write the same thing.
 */
export function openComposer(request: ComposeRequest): void {
  const same = composers.open.find(
    (one) =>
      (request.draft !== undefined && one.draft === request.draft) ||
      (request.draft === undefined &&
        one.draft === undefined &&
        request.kind !== 'new' &&
        one.kind === request.kind &&
        one.message === request.message),
  );
  if (same) {
    composers.open = [...composers.open.filter((one) => one !== same), same];
    return;
  }
  composers.open.push({ ...request, key: nextKey++ });
}

/** Takes a composer out of the dock; the draft stays saved. */
export function closeComposer(key: number): void {
  composers.open = composers.open.filter((one) => one.key !== key);
}
