/* Attachments that are being fetched, and those that could not be: large ones stay on the server until asked for. */
import { SvelteMap } from 'svelte/reactivity';
import { call, HostError, type Code, type Event, type Id } from '../host';
import { toastError } from './actions.svelte';

/** In bytes; `total` 0 is not known yet. */
export interface Fetch {
  done: number;
  total: number;
  /** It takes long enough to be shown. */
  shown: boolean;
  /** Why it failed; then `again` tries once more. */
  code?: Code;
  again?: () => void;
}

/** What is under way takes so long, in milliseconds, that it is said. */
const LONG = 400;

const fetches = new SvelteMap<string, Fetch>();
const keyOf = (message: Id, part: number) => `${message}/${part}`;

/** How the fetching of an attachment is (part 0: of the whole mail), where there is something to say. */
export function fetchOf(message: Id, part: number): Fetch | undefined {
  const found = fetches.get(keyOf(message, part));
  return found?.shown ? found : undefined;
}

function change(key: string, to: Partial<Fetch>): void {
  const now = fetches.get(key) ?? { done: 0, total: 0, shown: false };
  fetches.set(key, { ...now, ...to });
}

/** The engine tells how far it is. */
export function attachmentEvent({ message, part, done, total }: Extract<Event, { kind: 'attachment' }>): void {
  const key = keyOf(message, part);
  const asked = fetches.get(key);
  // Whoever asked for it takes it off the list; what nobody here asked for goes when it is whole.
  if (done >= total && !asked?.again) fetches.delete(key);
  else change(key, { done, total, shown: true });
}

/**
 * Does something that needs an attachment. Answers undefined where that failed, which then stands at the attachment with a
 * way to try `again`, or where the person ended it. A `dangerous_file` is thrown: it is a question, not a failure.
 */
export async function withAttachment<T>(
  message: Id,
  part: number,
  work: () => Promise<T>,
  again: () => void,
): Promise<T | undefined> {
  const key = keyOf(message, part);
  fetches.set(key, { done: 0, total: 0, shown: false, again });
  const slow = setTimeout(() => fetches.has(key) && change(key, { shown: true }), LONG);
  try {
    const value = await work();
    fetches.delete(key);
    return value;
  } catch (thrown) {
    const { code } = HostError.from(thrown);
    if (code === 'dangerous_file' || code === 'cancelled') fetches.delete(key);
    else change(key, { code, shown: true });
    if (code === 'dangerous_file') throw thrown;
    return undefined;
  } finally {
    clearTimeout(slow);
  }
}

/** Ends the fetching; what has come stays, and the next try goes on from there. */
export function cancelFetch(message: Id, part: number): void {
  call('attachment_cancel', { message, part }).catch(toastError);
}
