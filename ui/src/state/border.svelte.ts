import { call } from '../host';

/** Which border: the list's width beside the reader in px, or its share of the height above it in per cent. */
export type Border = 'right' | 'below';

/** Least, most and usual. */
export const borders: Record<Border, readonly [number, number, number]> = {
  right: [280, 620, 372],
  below: [20, 75, 40],
};

/** Where the person has put them. */
export const border: Record<Border, number> = $state({ right: borders.right[2], below: borders.below[2] });

const KEEP_AFTER_MS = 400;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Puts a border somewhere, within its limits; it stays there over restarts. */
export function putBorder(which: Border, value: number): void {
  const [least, most] = borders[which];
  border[which] = Math.round(Math.max(least, Math.min(most, value)));
  clearTimeout(timer);
  // A border that is not kept is no loss that a person must hear of.
  timer = setTimeout(() => {
    for (const one of Object.keys(borders) as Border[])
      call('memory_set', { key: `layout.${one}`, value: String(border[one]) }).catch(() => undefined);
  }, KEEP_AFTER_MS);
}

/** Fetches where the borders were. */
export async function loadBorders(): Promise<void> {
  for (const one of Object.keys(borders) as Border[]) {
    const kept = await call('memory_get', { key: `layout.${one}` }).catch(() => ({ value: null }));
    const [least, most] = borders[one];
    const value = Number(kept.value ?? NaN);
    if (value >= least && value <= most) border[one] = value;
  }
}
