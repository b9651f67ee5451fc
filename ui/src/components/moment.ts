/** A moment in a `datetime-local` field and back, by the clock on the wall. Seconds since 1970. */
const two = (value: number) => String(value).padStart(2, '0');

export function toLocal(seconds: number): string {
  const date = new Date(seconds * 1000);
  return `${toDay(date)}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function toDay(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Undefined: that is no moment. */
export function fromLocal(text: string): number | undefined {
  const value = new Date(text).getTime();
  return text === '' || Number.isNaN(value) ? undefined : Math.floor(value / 1000);
}

/** The next day on which one works, at 9:00. */
export function nextWorkingDay(now = new Date()): number {
  const date = new Date(now);
  do date.setDate(date.getDate() + 1);
  while (date.getDay() === 0 || date.getDay() === 6);
  return Math.floor(date.setHours(9, 0, 0, 0) / 1000);
}
