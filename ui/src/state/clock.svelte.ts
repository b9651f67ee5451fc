/** Now, in milliseconds, to the minute: what is compared with it becomes overdue by itself, and today's becomes yesterday's. */
export const clock = $state({ now: Date.now() });

const MINUTE = 60_000;

/** Keeps it going; answers a function that stops it. */
export function follow(): () => void {
  let timer: ReturnType<typeof setTimeout>;
  // At the full minute, so that midnight is not missed by one; a computer that slept is late, and then right at once.
  const tick = () => {
    const now = Date.now();
    clock.now = now;
    timer = setTimeout(tick, MINUTE - (now % MINUTE) + 5);
  };
  tick();
  return () => clearTimeout(timer);
}
