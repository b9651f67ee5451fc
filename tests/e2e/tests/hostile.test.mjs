// Every hostile mail of the corpus in the real window: read, its links clicked, replied to, forwarded. Nothing may run,
// and nothing may reach the listener.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { App, By, temporaryFolder } from '../lib/app.mjs';
import { Desktop } from '../lib/desktop.mjs';
import { addAccount, focusList, id, synced } from '../lib/pages.mjs';
import { until } from '../lib/wait.mjs';
import { World } from '../lib/world.mjs';

/** The corpus' mails all name this port. */
const PORT = 18999;
const FOLDER = join(import.meta.dirname, '../../corpus/hostile');
const HOME = /^(tauri:\/\/localhost|http:\/\/tauri\.localhost)\//;

const heard = [];
let listener, world, desktop, profile, app;

before(async () => {
  listener = createServer((socket) => {
    heard.push('a connection');
    socket.on('error', () => {});
    socket.once('data', (data) => {
      heard.push(data.toString('latin1').split('\r\n')[0]);
      socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n');
    });
  });
  await new Promise((resolve, reject) => listener.once('error', reject).listen(PORT, '127.0.0.1', resolve));
  world = await World.start('empty');
  desktop = await Desktop.start();
  profile = temporaryFolder();
  app = await App.open({ profile: profile.path, ca: world.ca });
});

after(async () => {
  await app?.close();
  desktop?.stop();
  await world?.stop();
  listener?.close();
  profile?.remove();
});

test('the listener counts', async () => {
  await fetch(`http://127.0.0.1:${PORT}/control`);
  assert.deepEqual(heard, ['a connection', 'GET /control HTTP/1.1']);
  heard.length = 0;
});

test('no hostile mail runs a script, asks for anything, or leaves', { timeout: 900_000 }, async () => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.eml')).sort();
  assert.ok(names.length >= 60, `${names.length} hostile mails`);
  for (const name of names) {
    execFileSync('doveadm', ['-c', world.doveadm_config, 'save', '-u', world.user, '-m', 'INBOX'], {
      input: readFileSync(join(FOLDER, name)),
    });
  }
  await addAccount(app, world, { days: 0 });
  await until(async () => (await app.call('message_list', { folder: '', filter: 'all', after: '', limit: 200 })).rows.length === names.length, {
    what: `${names.length} mails in the inbox`,
    seconds: 60,
  });
  await synced(app);
  // The first mail, then downwards by key, as one reads.
  await app.find(id('message-list'));
  await app.click(id('message-row'));
  const seen = new Set();
  for (let at = 0; at < names.length; at++) {
    const mail = await until(
      async () => {
        const open = (await app.all(id('open-mail')))[0];
        const message = await open?.getAttribute('data-id');
        return message && !seen.has(message) ? { message, name: await open.getAttribute('aria-label') } : null;
      },
      { what: `mail ${at + 1} of ${names.length}` },
    );
    seen.add(mail.message);
    await read(mail);
    for (const action of ['reply', 'forward']) await answer(mail, action);
    await focusList(app);
    await app.press('j');
  }
  assert.equal(seen.size, names.length);
  // Requests that a mail only plans for later would come by now.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  assert.deepEqual(heard, []);
  for (const opened of app.opened()) assert.match(opened, /^(https?|tel):/, `opened outside: ${opened}`);
});

/** The mail is in its frame; every link in it is clicked. */
async function read({ name }) {
  const frame = await app.find(id('reader-frame'));
  let links = 0;
  await app.driver.switchTo().frame(frame);
  try {
    await until(async () => (await app.driver.findElements(By.css('body'))).length > 0, { what: `${name}: a page in the frame` });
    links = (await app.driver.findElements(By.css('a[href], area[href]'))).length;
    for (let at = 0; at < Math.min(links, 6); at++) {
      const found = (await app.driver.findElements(By.css('a[href], area[href]')))[at];
      // Some are covered, empty or of no size: then a person could not click them either.
      await found?.click().catch(() => {});
    }
  } finally {
    await app.driver.switchTo().defaultContent();
  }
  await atHome(name);
  // A `mailto:` link that was clicked has opened the composer.
  await closeComposers();
}

/** Opens the composer, looks at the quote, and puts it away. */
async function answer({ name }, action) {
  await app.click(id(`action-${action}`));
  await app.find(id('composer-body'));
  const toggle = (await app.all(id('composer-quote-toggle')))[0];
  if (toggle && (await app.all(id('composer-quote'))).length === 0) await toggle.click();
  const quote = (await app.all(id('composer-quote')))[0];
  if (quote) {
    const left = await app.run(
      `return [...arguments[0].querySelectorAll('*')].filter((node) =>
        /^(script|iframe|object|embed|form|input|svg|math|link|meta|base|style|img|video|audio|source)$/i.test(node.localName)
        && !(node.localName === 'img' && /^(data|cid):/.test(node.getAttribute('src') ?? ''))
        || [...node.attributes].some((attribute) => /^on/i.test(attribute.name))).map((node) => node.outerHTML.slice(0, 120))`,
      quote,
    );
    assert.deepEqual(left, [], `${name}: in the quote`);
  }
  await atHome(name);
  await closeComposers();
}

async function closeComposers() {
  await until(
    async () => {
      if ((await app.all(id('composer'))).length === 0) return true;
      const sure = (await app.all(id('composer-discard-yes')))[0];
      await (sure ?? (await app.all(id('composer-discard')))[0])?.click();
      return false;
    },
    { what: 'the composer closes' },
  );
}

async function atHome(name) {
  assert.match(await app.driver.getCurrentUrl(), HOME, `${name}: the window left the app`);
}
