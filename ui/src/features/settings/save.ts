import type { Settings } from '../../host';
import { toastError } from '../../state/actions.svelte';
import { saveSettings } from '../../state/app.svelte';

/** Saves at once, and says so where that fails. */
export function save(change: Partial<Settings>): void {
  saveSettings(change).catch(toastError);
}
