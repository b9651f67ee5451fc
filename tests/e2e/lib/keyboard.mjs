// A person without a mouse.
import { Key } from './app.mjs';
import { until } from './wait.mjs';

/** What has the focus: the test id of the element, or its tag and what it says. */
export const focused = (app) =>
  app.run(`const at = document.activeElement;
    return at?.dataset?.testid ?? (at ? at.tagName + ' ' + (at.id || at.textContent.trim().slice(0, 40)) : '')`);

/** Moves the focus forward until it is on the element with this test id. Fails where Tab does not lead to it. */
export async function tabTo(app, name, { most = 60 } = {}) {
  const way = [];
  // The element may be about to appear.
  await until(() => app.run(`return !!document.querySelector('[data-testid="' + arguments[0] + '"]')`, name), { what: `${name} is there` });
  for (let step = 0; step <= most; step += 1) {
    const at = await focused(app);
    if (at === name) {
      await visible(app, name);
      return;
    }
    way.push(at);
    await app.press(Key.TAB);
  }
  throw new Error(`Tab does not lead to ${name}; it went over ${way.join(' → ')}`);
}

/** Whoever moves by keys must see where they are. */
const visible = (app, name) =>
  until(
    () =>
      app.run(`const seen = (one) => {
          const style = getComputedStyle(one);
          return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
        };
        // A field may draw its ring around itself and its label.
        for (let one = document.activeElement, step = 0; one && step < 3; one = one.parentElement, step += 1) if (seen(one)) return true;
        return false;`),
    { what: `the focus on ${name} can be seen`, seconds: 3 },
  );

/** Goes to a field and replaces what is in it. */
export async function enter(app, name, text) {
  await tabTo(app, name);
  await app.driver.actions().keyDown(Key.CONTROL).sendKeys('a').keyUp(Key.CONTROL).perform();
  await app.press(Key.BACK_SPACE, ...text);
}

/** Goes to a button and presses it. */
export async function push(app, name, key = Key.ENTER) {
  await tabTo(app, name);
  await app.press(key);
}
