// What a person does, in the words of the window.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { By, Key } from './app.mjs';
import { until } from './wait.mjs';

export const id = (name) => `[data-testid="${name}"]`;
const ROW = id('message-row');

/** Empties a field and types into it: again where the field does not hold what was typed, because a key was lost on the way. */
export async function type(app, css, text) {
  let held;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const field = await app.find(css);
    await field.click();
    await field.clear();
    await field.sendKeys(text);
    held = await field.getAttribute('value');
    if (held === text) return;
  }
  // A password is nobody's business, not even where it went wrong.
  const secret = (await (await app.find(css)).getAttribute('type')) === 'password';
  throw new Error(`typed three times into ${css}, and it holds ${secret ? `${held.length} signs` : JSON.stringify(held)}`);
}

export async function choose(app, css, value) {
  const select = await app.find(css);
  await select.findElement(By.css(`option[value="${value}"]`)).click();
}

/** Address, then the servers typed by hand: up to the dialog's fields. */
export async function typeSettings(app, world, { password = world.password } = {}) {
  await type(app, id('wizard-email'), world.user);
  await app.click(id('wizard-advanced'));
  await choose(app, id('adv-imap-security'), 'tls');
  await type(app, id('adv-imap-host'), `${world.host}:${world.ports.imaps}`);
  await choose(app, id('adv-smtp-security'), 'starttls');
  await type(app, id('adv-smtp-host'), `${world.host}:${world.ports.submission}`);
  await type(app, id('adv-user'), world.user);
  await type(app, id('adv-password'), password);
}

/** What the try-out of one side said: `{ ok, code }`. */
export async function tried(app, side) {
  const result = await app.find(id(`adv-result-${side}`), { seconds: 60 });
  return { ok: (await result.getAttribute('data-ok')) === 'true', code: await result.getAttribute('data-code') };
}

/** From the try-out to the page of the CRM. */
export async function finishMailbox(app, { days = 30 } = {}) {
  await app.click(id('adv-save'));
  await app.click(id(`wizard-days-${days}`));
  await type(app, id('wizard-name'), 'Ingrid Hauge');
  await app.click(id('wizard-next'));
}

/** From the try-out to the inbox. */
export async function finishWizard(app, { days = 30 } = {}) {
  await finishMailbox(app, { days });
  await app.click(id('wizard-finish'));
  await app.find(`${id('wizard-to-inbox')}, ${ROW}`, { seconds: 60 });
}

/** Connects without the wizard, for tests about something else. */
export async function addAccount(app, world, { days = 30 } = {}) {
  const { host, ports, user, password } = world;
  const account = await app.call('account_add', {
    email: user,
    name: 'Ingrid Hauge',
    incoming: { host, port: ports.imaps, security: 'tls' },
    incoming_user: user,
    incoming_password: password,
    outgoing: { host, port: ports.submission, security: 'starttls' },
    outgoing_user: '',
    outgoing_password: '',
    days,
  });
  await app.driver.navigate().refresh();
  await app.find(id('rail'), { seconds: 30 });
  return account;
}

/** Waits until the account has nothing more to fetch. */
export function synced(app, { seconds = 90 } = {}) {
  return until(
    async () => (await app.call('app_state')).accounts.every((account) => account.state === 'idle'),
    { what: 'all accounts idle', seconds, pause: 200 },
  );
}

/** The inbox' rows from the store, newest first. */
export const inbox = async (app, limit = 50) =>
  (await app.call('message_list', { folder: '', filter: 'all', after: '', limit })).rows;

/** The row of the list that shows this text. One question to the window: a list that moves makes rows stale. */
export function rowOf(app, text, options = {}) {
  return until(
    () => app.run(`return [...document.querySelectorAll(arguments[0])].find((row) => row.textContent.includes(arguments[1]))`, ROW, text),
    { what: `a row ${text}`, ...options },
  );
}

/** What a row says. */
export const rowText = (app, text) =>
  app.run(`return [...document.querySelectorAll(arguments[0])].find((row) => row.textContent.includes(arguments[1]))?.textContent ?? ''`, ROW, text);

/** The text of an element. Not what the driver calls its text: that leaves out what is cut off by an ellipsis. */
export const textOf = async (app, css) => app.run('return arguments[0].textContent', await app.find(css));

/** What the toasts on the screen say. */
export const toasts = (app) => app.run(`return [...document.querySelectorAll(arguments[0])].map((toast) => toast.textContent)`, id('toast'));

/** Opens a mail by its row, and answers its id when its frame shows `text`. */
export async function openMail(app, subject, text) {
  await until(async () => (await (await rowOf(app, subject)).click(), true), { what: `a click on ${subject}` });
  const open = await until(
    async () => {
      const mail = await app.find(id('open-mail'));
      return (await mail.getAttribute('aria-label')).includes(subject) ? mail : null;
    },
    { what: `${subject} in the reader` },
  );
  const message = await open.getAttribute('data-id');
  if (text) await until(async () => (await app.frameText()).includes(text), { what: `${text} in the frame` });
  await focusList(app);
  return message;
}

/** Keys go to the app again: a visit to a frame leaves the focus there, and a frame keeps its keys. */
export const focusList = (app) => app.click(`${ROW}[aria-selected="true"]`);

/** Shows a folder by its role in the rail. */
export const showFolder = (app, role) => app.click(id(`folder-${role}`));

/** Rows of a SQLite file, as arrays. */
export function rows(file, query, ...values) {
  const script = `import json, sqlite3, sys
connection = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
print(json.dumps(connection.execute(sys.argv[2], sys.argv[3:]).fetchall()))`;
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', script, file, query, ...values], { encoding: 'utf8' }));
}

/** The files below `folder` that hold `text`, as UTF-8 or UTF-16. */
export function filesWith(folder, text) {
  const needles = [Buffer.from(text, 'utf8'), Buffer.from(text, 'utf16le')];
  const found = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const kind = statSync(path, { throwIfNoEntry: false });
    if (kind?.isDirectory()) found.push(...filesWith(path, text));
    else if (kind?.isFile() && needles.some((needle) => readFileSync(path).includes(needle))) found.push(path);
  }
  return found;
}

/** Windows of the program that are on the screen. */
export function windows() {
  const args = ['search', '--onlyvisible', '--name', '^Clientele$'];
  for (let tries = 0; tries < 20; tries += 1) {
    const { stdout, stderr, error } = spawnSync('xdotool', args, { encoding: 'utf8' });
    if (error) throw error;
    // Where a window goes while they are counted it ends without having seen the others. It fails, too, where there is none.
    if (!stderr.includes('BadWindow')) return stdout.split('\n').filter(Boolean);
  }
  throw new Error('xdotool could not count the windows');
}

/** Presses the window's close button. */
export function pressClose() {
  const [window] = windows();
  execFileSync('/usr/bin/python3', [join(import.meta.dirname, '../close.py'), window]);
}

/** Types into the composer's body. */
export async function write(app, text) {
  const body = await app.find(`${id('composer-body')}`);
  await body.click();
  await body.sendKeys(text);
}

export { By, Key };
