import { labelsOf } from '../../components/label';
import type { MessageRow } from '../../host';
import type { Key } from '../../i18n/index.svelte';

/** The word over a group of mails, by the calendar of the reader. */
export function dayGroup(seconds: number, now: Date): Key {
  const date = new Date(seconds * 1000);
  const day = (d: Date) => Date.UTC(d.getFullYear(), d.getMonth(), d.getDate()) / 86_400_000;
  const days = day(now) - day(date);
  if (days <= 0) return 'day.today';
  if (days === 1) return 'day.yesterday';
  // Weeks begin on Monday in all six languages.
  const sinceMonday = (now.getDay() + 6) % 7;
  if (days <= sinceMonday) return 'day.thisWeek';
  if (days <= sinceMonday + 7) return 'day.lastWeek';
  if (date.getMonth() === now.getMonth() && date.getFullYear() === now.getFullYear()) return 'day.thisMonth';
  return 'day.older';
}

/** One line of the drawn list: a group's word or a mail; `top` and `height` in px. */
export type Line = { top: number; height: number } & (
  { kind: 'day'; key: Key } | { kind: 'mail'; row: MessageRow; at: number; last: boolean }
);

/** How a mail is drawn: in three lines or, where the list is wide, in one; and each of them closer together. */
export type Shape = 'tall' | 'tall-compact' | 'wide' | 'wide-compact';

export const DAY_HEIGHT = 29;
/** Heights in px, without and with a line of pills. */
const HEIGHTS: Record<Shape, [number, number]> = {
  tall: [76, 101],
  'tall-compact': [48, 48],
  wide: [48, 48],
  'wide-compact': [32, 32],
};

/** Whether a row has a line of pills. */
export function hasPills(row: MessageRow): boolean {
  return row.pills.length > 0 || row.attachments > 0 || row.unreadable || labelsOf(row.keywords).length > 0;
}

/** Lays the rows out below each other; `grouped` puts the day's word above the first mail of each group. */
export function layOut(rows: readonly MessageRow[], now: Date, grouped: boolean, shape: Shape = 'tall'): Line[] {
  const lines: Line[] = [];
  let top = 0;
  let group: Key | undefined;
  rows.forEach((row, at) => {
    const next = grouped ? dayGroup(row.date, now) : undefined;
    if (next && next !== group) {
      const before = lines.at(-1);
      if (before?.kind === 'mail') before.last = true;
      lines.push({ kind: 'day', key: next, top, height: DAY_HEIGHT });
      top += DAY_HEIGHT;
      group = next;
    }
    const height = HEIGHTS[shape][hasPills(row) ? 1 : 0];
    lines.push({ kind: 'mail', row, at, top, height, last: at === rows.length - 1 });
    top += height;
  });
  return lines;
}

/** The first line that reaches below `y`, by halving. */
export function lineAt(lines: readonly Line[], y: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const line = lines[middle]!;
    if (line.top + line.height <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}
