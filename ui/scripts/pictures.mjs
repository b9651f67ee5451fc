// Pictures of the built UI with the fake host, each looked over by axe for faults of accessibility, contrast among them: `npm run build:test && npm run pictures`. They land in test-results/.
// CHROMIUM names the browser; /usr/bin/chromium otherwise.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { mkdirSync, readFileSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';
import { crm } from './crm.mjs';
import { engine } from './engine.mjs';
import { wizard } from './wizard.mjs';

const root = new URL('../dist-test/', import.meta.url).pathname;
const out = new URL('../test-results/', import.meta.url).pathname;
const kinds = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};

const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, 'http://x').pathname).replace(/\/$/, '/index.html');
  try {
    const body = readFileSync(join(root, path));
    response.writeHead(200, { 'Content-Type': kinds[extname(path)] ?? 'application/octet-stream' }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const base = `http://127.0.0.1:${server.address().port}/`;

/** The sixth of December 2026, a Sunday like the one in the design's pictures. */
const now = new Date('2026-12-06T10:00:00');
const key = (page, ...keys) =>
  keys.reduce((before, one) => before.then(() => page.keyboard.press(one)), Promise.resolve());
const opened = (page) =>
  page
    .getByTestId('message-row')
    .first()
    .click()
    .then(() => page.getByTestId('reader-frame').waitFor());

const settings = (section) => (page) =>
  opened(page)
    .then(() => key(page, ','))
    .then(() => page.getByTestId(`settings-${section}`).click());

/** Name, address, width, and what to do before the picture. */
const pictures = [
  ['main', '?theme=light', 1440, opened],
  ['main-dark', '?theme=dark', 1440, opened],
  ['main-german', '?theme=light&lang=de', 1440, opened],
  ['main-1100', '?theme=light', 1100, opened],
  [
    'main-1100-customer',
    '?theme=light',
    1100,
    (page) => opened(page).then(() => page.getByTestId('toggle-customer').click()),
  ],
  ['main-940', '?theme=light', 940, opened],
  [
    'unknown',
    '?theme=light',
    1440,
    (page) =>
      page
        .getByTestId('message-row')
        .nth(2)
        .click()
        .then(() => page.getByTestId('reader-frame').waitFor()),
  ],
  [
    'selection',
    '?theme=light',
    1440,
    (page) => opened(page).then(() => key(page, 'Shift+ArrowDown', 'Shift+ArrowDown')),
  ],
  [
    'undo',
    '?theme=light',
    1440,
    (page) =>
      opened(page)
        .then(() => key(page, 'e'))
        .then(() => page.getByTestId('toast-undo').waitFor()),
  ],
  [
    'menu',
    '?theme=light',
    1440,
    (page) =>
      opened(page)
        .then(() => page.getByTestId('message-row').nth(1).click({ button: 'right' }))
        .then(() => page.getByRole('menu').waitFor()),
  ],
  [
    'search',
    '?theme=light',
    1440,
    (page) =>
      page
        .getByTestId('search-input')
        .fill('board')
        .then(() => page.locator('mark').first().waitFor()),
  ],
  ['shortcuts', '?theme=light', 1440, (page) => opened(page).then(() => key(page, '?'))],
  ['syncing', '?theme=light&sync=1&empty=1', 1440, (page) => page.getByTestId('list-loading').waitFor()],
  ['empty', '?theme=dark&empty=1', 1440, (page) => page.getByTestId('list-empty').waitFor()],
  ['composer', '?theme=light', 1440, (page) => opened(page).then(() => key(page, 'Shift+R'))],
  ['settings', '?theme=light&accounts=2&trouble=sign_in_again&trusted=1', 1440, settings('accounts')],
  ['settings-dark', '?theme=dark', 1440, settings('reading')],
  ['settings-german', '?theme=light&lang=de', 1100, settings('reading')],
  ['settings-connection', '?theme=light&trouble=sign_in_refused', 1440, settings('connection')],
  ['settings-privacy', '?theme=light&policy=1', 1440, settings('privacy')],
  [
    'settings-remove',
    '?theme=light&unsent=1',
    1440,
    (page) =>
      settings('accounts')(page)
        .then(() => page.getByTestId('settings-remove').click())
        .then(() => page.getByTestId('settings-remove-open').waitFor()),
  ],
  ['two-mailboxes', '?theme=light&accounts=2&trouble=sign_in_again', 1440, opened],
  ['compact', '?theme=dark&density=compact', 1440, opened],
  ['below', '?theme=light&layout=below', 1440, opened],
  ['below-1100', '?theme=dark&layout=below&density=compact', 1100, opened],
  ['no-pane', '?theme=light&layout=off', 1440, (page) => page.getByTestId('message-row').first().waitFor()],
  ['no-pane-open', '?theme=light&layout=off', 1440, opened],
  ...crm,
  ...engine,
  ...wizard,
];

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const wanted = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let failed = 0;
for (const [name, address, width, act] of pictures) {
  if (wanted.length && !wanted.includes(name)) continue;
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  page.on('pageerror', (error) => (failed++, console.error(`${name}: ${error.stack ?? error}`)));
  page.on('console', (message) => {
    // The browser driver sets the clock by a script in every frame; that the mail's frame refuses it is as it should be.
    if (message.type() !== 'error' || message.text().includes("frame is sandboxed and the 'allow-scripts'")) return;
    failed++;
    console.error(`${name}: ${message.text()}`);
  });
  await page.clock.setFixedTime(now);
  await page.goto(`${base}${address}&host=fake`);
  try {
    await page.locator('#app > *').first().waitFor();
    await act(page);
    await page.evaluate(() => document.fonts.ready);
    // One transition long: pictures show rest, not motion.
    await new Promise((done) => setTimeout(done, 250));
    await page.screenshot({ path: join(out, `${name}.png`) });
    // `region` is off: open menus stand outside the landmarks, as menus do.
    await page.evaluate(axe);
    const faults = await page.evaluate(() =>
      globalThis.axe
        .run(document, {
          iframes: false,
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
          rules: { region: { enabled: false } },
        })
        .then((report) =>
          report.violations.map(({ id, help, nodes }) => ({
            id,
            help,
            where: nodes
              .slice(0, 3)
              .map((node) => `${node.target} ${node.any[0]?.message ?? node.all[0]?.message ?? ''}`),
          })),
        ),
    );
    failed += faults.length;
    for (const fault of faults) console.error(`${name}: ${fault.id}: ${fault.help}\n    ${fault.where.join('\n    ')}`);
    console.log(`${name}.png`);
  } catch (error) {
    failed++;
    console.error(`${name}: ${error.message}`);
    await page.screenshot({ path: join(out, `${name}-failed.png`) });
  }
  await page.close();
}
await browser.close();
server.close();
process.exitCode = failed ? 1 : 0;
