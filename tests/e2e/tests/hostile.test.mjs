// Every hostile mail of the corpus in the real window: read, links clicked, replied to, forwarded. Nothing may run, and
// nothing may reach the listener.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { App, By, temporaryFolder } from '../lib/app.mjs';
import { Desktop } from '../lib/desktop.mjs';
import { addAccount, id, inbox, synced } from '../lib/pages.mjs';
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

test('WebKit connects to no link ahead of a click', async () => {
  const folder = join(profile.path, 'logs');
  const log = await until(
    () => {
      const text = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')).join('');
      return /webkit features/.test(text) ? text : null;
    },
    { what: 'the log of what was switched off' },
  );
  assert.match(log, /webkit features switched_off=\[[^\]]*"LinkPreconnect"/);
});

test('no hostile mail runs a script, asks for anything, or leaves', { timeout: 300_000 }, async (context) => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.eml')).sort();
  assert.ok(names.length >= 60, `${names.length} hostile mails`);
  const save = ['-c', world.doveadm_config, 'save', '-u', world.user, '-m', 'INBOX'];
  for (const name of names) execFileSync('doveadm', save, { input: readFileSync(join(FOLDER, name)) });
  await addAccount(app, world, { days: 0 });
  await until(async () => (await inbox(app, 200)).length === names.length, { what: `${names.length} mails in the inbox`, seconds: 60 });
  await synced(app);
  await app.find(id('message-row'));
  await app.run(WATCH);
  const done = { read: 0, links: 0, reply: 0, forward: 0 };
  const seen = new Set();
  for (let at = 0; at < names.length; at++) {
    const { message, subject } = await inPage(next, [...seen]);
    assert.ok(!seen.has(message), `${subject} twice`);
    seen.add(message);
    if (await read(subject, done)) done.read++;
    for (const action of ['reply', 'forward']) {
      const { left, quoted, home } = await inPage(answer, action);
      assert.deepEqual(left, [], `${subject}: in the quote`);
      assert.match(home, HOME, `${subject}: the window left the app`);
      if (quoted) done[action]++;
    }
  }
  // Requests that a mail only plans for later would come by now.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  context.diagnostic(JSON.stringify({ mails: seen.size, ...done, opened: app.opened().length }));
  assert.deepEqual(heard, []);
  // What the page's policy stopped must not have been asked for in the first place.
  assert.deepEqual(await app.run('return window.__stopped'), []);
  assert.equal(seen.size, names.length);
  for (const way of ['read', 'reply', 'forward']) assert.ok(done[way] >= 60, `${way}: ${done[way]}`);
  for (const opened of app.opened()) assert.match(opened, /^(https?|tel):/, `opened outside: ${opened}`);
  // Clicks do arrive: otherwise all of the above would say nothing of links.
  assert.ok(done.links >= 10 && app.opened().length >= 5, `${done.links} clicks opened ${app.opened().length} links`);
});

/** Notes what the app's own page asks for and its policy stops. */
const WATCH = `window.__stopped = [];
  addEventListener('securitypolicyviolation', (event) => window.__stopped.push(event.violatedDirective + ' ' + event.blockedURI), true);`;

/** What could act, in a mail's frame. */
const ACTIVE = `//*[contains(' script iframe object embed form base link video audio svg math ', concat(' ', local-name(), ' '))
  or @*[starts-with(name(), 'on')] or @ping or @srcdoc]`;

/** Something to read. Not the driver's own text of an element: that takes minutes where tables are nested deep. */
const TEXT = `(//body[text()[normalize-space()]] | //body//*[not(self::style) and text()[normalize-space()]])[1]`;

/** The mail is in its frame, with nothing in it that could act; its first links are clicked. Answers whether it shows. */
async function read(subject, done) {
  const { driver } = app;
  await driver.switchTo().frame(await driver.findElement(By.css(id('reader-frame'))));
  try {
    const shows = await until(async () => (await driver.findElements(By.xpath(TEXT))).length > 0, { what: subject, seconds: 3 }).catch(() => false);
    const active = await driver.findElements(By.xpath(ACTIVE));
    assert.deepEqual(await Promise.all(active.map((element) => element.getTagName())), [], `${subject}: in the frame`);
    for (const link of (await driver.findElements(By.css('a[href], area[href]'))).slice(0, 4)) {
      // Some are covered, empty or of no size: then a person could not click them either.
      await link.click().then(() => done.links++, () => {});
    }
    return shows;
  } finally {
    await driver.switchTo().defaultContent();
  }
}

/** Runs a function of this file in the page, with the helpers it may use: one round trip instead of many. */
async function inPage(task, ...values) {
  const said = await app.driver.executeAsyncScript(
    `const done = arguments[arguments.length - 1];
     const by = (name) => document.querySelector('[data-testid="' + name + '"]');
     const until = async (what, question) => {
       for (const end = performance.now() + 15000; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
         const found = question();
         if (found) return found;
         if (performance.now() > end) throw new Error('not within 15 s: ' + what);
       }
     };
     (${task})({ by, until }, ...Array.from(arguments).slice(0, -1)).then((value) => done({ value }), (error) => done({ error: String(error) }));`,
    ...values,
  );
  if (said.error) throw new Error(said.error);
  return said.value;
}

/** In the page: goes on to a mail that was not seen yet, downwards by key, as one reads. */
async function next({ by, until }, seen) {
  const fresh = () => by('open-mail') && !seen.includes(by('open-mail').dataset.id);
  // The frame of the mail before stays for a moment.
  const frame = fresh() ? '' : by('reader-frame')?.src;
  if (!fresh()) {
    const row = await until('a row', () => document.querySelector('[data-testid="message-row"][aria-selected="true"]') ?? by('message-row'));
    row.focus();
    if (seen.length === 0) row.click();
    else row.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', code: 'KeyJ', bubbles: true, cancelable: true }));
  }
  const mail = await until('the next mail', () => fresh() && by('reader-frame') && by('reader-frame').src !== frame && by('open-mail'));
  return { message: mail.dataset.id, subject: mail.getAttribute('aria-label') };
}

/** In the page: opens the composer, looks at the quote, and throws the draft away. */
async function answer({ by, until }, action) {
  // A `mailto:` link that was clicked has opened a composer.
  const close = () =>
    until('the composer closes', () => {
      (by('composer-discard-yes') ?? by('composer-discard'))?.click();
      return !by('composer');
    });
  await close();
  by(`action-${action}`).click();
  await until('the composer', () => by('composer-body'));
  if (by('composer-quote-toggle') && !by('composer-quote')) by('composer-quote-toggle').click();
  const quote = by('composer-quote-toggle') && (await until('the quote', () => by('composer-quote')));
  // Drawn, so that what it would load has been asked for.
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const active = /^(script|iframe|object|embed|form|input|svg|math|link|meta|base|style|img|video|audio|source)$/i;
  const left = [...(quote?.querySelectorAll('*') ?? [])].filter(
    (node) =>
      (active.test(node.localName) && !(node.localName === 'img' && /^(data|cid):/.test(node.getAttribute('src') ?? ''))) ||
      [...node.attributes].some((attribute) => /^on/i.test(attribute.name)),
  );
  await close();
  return { left: left.map((node) => node.outerHTML.slice(0, 120)), quoted: Boolean(quote?.textContent.trim()), home: location.href };
}
