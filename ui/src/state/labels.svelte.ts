import { SvelteSet } from 'svelte/reactivity';
import { labelsOf } from '../components/label';
import { call, type Id } from '../host';
import { operate } from './actions.svelte';
import { list } from './list.svelte';

const KEY = 'labels';
/** The engine keeps small texts only. */
const KEPT = 100;

/** Labels that were seen or given here, as keywords. */
const known = new SvelteSet<string>();

/** Every label that can be offered. */
export function knownLabels(): string[] {
  return [...new SvelteSet([...known, ...list.rows.flatMap((row) => labelsOf(row.keywords))])];
}

/** Fetches the labels that were given before. */
export async function loadLabels(): Promise<void> {
  const kept = await call('memory_get', { key: KEY }).catch(() => ({ value: null }));
  try {
    const labels: unknown = JSON.parse(kept.value ?? '[]');
    if (Array.isArray(labels)) for (const one of labels) if (typeof one === 'string') known.add(one);
  } catch {
    // Written by another version: then those of the mails are offered.
  }
}

/** Gives mails a label, or takes it from them. */
export async function label(ids: readonly Id[], keyword: string, on: boolean): Promise<void> {
  if (on && !known.has(keyword)) {
    known.add(keyword);
    // A label that is not offered again is no loss that a person must hear of.
    call('memory_set', { key: KEY, value: JSON.stringify([...known].slice(-KEPT)) }).catch(() => undefined);
  }
  await operate(ids, { kind: on ? 'keyword_add' : 'keyword_remove', keyword });
}
