/** How many days of mail one may choose. 0 is everything. */

const usual = [30, 90, 180, 365];

function allowed(days: number, limit: number | null): boolean {
  return limit === null || (days !== 0 && days <= limit);
}

/** The nearest that the administrator allows. */
export function withinLimit(days: number, limit: number | null): number {
  return limit !== null && !allowed(days, limit) ? limit : days;
}

/** The usual ones, what the administrator presets, the limit itself, and everything at the end. */
export function dayChoices(preset: number, limit: number | null, chosen: number): { days: number; allowed: boolean }[] {
  const some = new Set([...usual, preset, limit ?? 0, chosen]);
  some.delete(0);
  return [...[...some].sort((a, b) => a - b), 0].map((days) => ({ days, allowed: allowed(days, limit) }));
}

/** For a saved account: what is allowed, and what it has. */
export function daysChoices(now: number, limit: number | null): number[] {
  return dayChoices(now, limit, now)
    .filter((one) => one.allowed || one.days === now)
    .map((one) => one.days);
}
