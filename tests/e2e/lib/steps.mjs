// Steps of one story: each builds on the one before, so after a failure the rest are skipped.
import { test } from 'node:test';

/** Makes a `step(name, body, options)`; `failed` is told of the first failure, to take a picture. */
export function story(failed) {
  let over = false;
  return (name, body, { timeout = 120_000 } = {}) =>
    test(name, { timeout }, async (context) => {
      if (over) return context.skip('an earlier step failed');
      over = true;
      try {
        await body();
        over = false;
      } catch (error) {
        await failed()?.catch(() => {});
        throw error;
      }
    });
}
