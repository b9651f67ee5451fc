// Accessibility: axe-core in the window itself.
import axe from 'axe-core';

/** What axe finds wrong on the page as it is now: one line each, with the elements. Empty: nothing. */
export async function faults(app) {
  if (!(await app.run('return typeof window.axe'))?.startsWith('object')) await app.run(axe.source);
  const found = await app.driver.executeAsyncScript(
    `const done = arguments[arguments.length - 1];
     // A colour that is still fading in is not yet the colour that is read. What turns for ever is not waited for.
     const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime));
     Promise.all(ending.map((one) => one.finished.catch(() => {})))
       .then(() => window.axe.run(document, { resultTypes: ['violations'] }))
       .then(({ violations }) => done({ violations }), (error) => done({ error: String(error) }));`,
  );
  if (found.error) throw new Error(`axe: ${found.error}`);
  return found.violations.map(({ id, help, nodes }) => {
    const where = nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.any.map((check) => check.message).join('; ')}`);
    return `${id}: ${help} (${nodes.length}) ${where.join(' | ')}`;
  });
}
