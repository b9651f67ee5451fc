/* eslint-disable svelte/prefer-svelte-reactivity -- nothing is drawn from it */
/** A word at the foot of the window that goes by itself. */
export interface Toast {
  key: number;
  text: string;
  tone: 'neutral' | 'danger' | 'ok';
  /** A button: its words and what it does. */
  action?: { label: string; run: () => void; testid?: string };
}

/** Undo is promised for ten seconds; a plain word needs four. */
const WITH_ACTION = 10_000;
const PLAIN = 4_000;

let nextKey = 1;
const timers = new Map<number, ReturnType<typeof setTimeout>>();

export const toasts: { shown: Toast[] } = $state({ shown: [] });

/** Shows a toast and answers its key. At most three stand at once. */
export function toast(text: string, options: Partial<Pick<Toast, 'tone' | 'action'>> = {}): number {
  const key = nextKey++;
  toasts.shown = [...toasts.shown, { key, text, tone: options.tone ?? 'neutral', action: options.action }].slice(-3);
  timers.set(
    key,
    setTimeout(() => dropToast(key), options.action ? WITH_ACTION : PLAIN),
  );
  return key;
}

export function dropToast(key: number): void {
  clearTimeout(timers.get(key));
  timers.delete(key);
  toasts.shown = toasts.shown.filter((one) => one.key !== key);
}
