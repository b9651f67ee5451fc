// Folders and what lies only on the server, in the real window: made, renamed, deleted, found. The server says what it has.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before } from 'node:test';
import { App, temporaryFolder } from '../lib/app.mjs';
import { Desktop } from '../lib/desktop.mjs';
import { Key, addAccount, focusList, id, rowOf, synced, textOf, type } from '../lib/pages.mjs';
import { story } from '../lib/steps.mjs';
import { until } from '../lib/wait.mjs';
import { World } from '../lib/world.mjs';

const ENGLISH = { CLIENTELE_LANG: 'en', CLIENTELE_THEME: 'light' };
let world, desktop, profile, app;
const step = story(() => app?.shot('folders-failed'));

/** Puts mails into the inbox as if they had come then: subjects and how many days ago. */
function append(...mails) {
  const script = `import imaplib, json, ssl, sys, time
host, port, user, password, mails = sys.argv[1:]
there = imaplib.IMAP4_SSL(host, int(port), ssl_context=ssl._create_unverified_context())
there.login(user, password)
for at, (subject, days) in enumerate(json.loads(mails)):
    when = time.time() - days * 86400
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(when))
    head = ["From: Maja <maja@fjordlys.example>", f"To: {user}", f"Subject: {subject}", f"Date: {date}", f"Message-ID: <{at}@fjordlys.example>"]
    answer, _ = there.append("INBOX", "", imaplib.Time2Internaldate(when), "\\r\\n".join([*head, "", f"About the {subject}.", ""]).encode())
    assert answer == "OK", answer
there.logout()`;
  execFileSync('/usr/bin/python3', ['-c', script, world.host, String(world.ports.imaps), world.user, world.password, JSON.stringify(mails)]);
}

const folders = () => world.doveadm('mailbox', 'list', '-u', world.user).trim().split('\n');
const item = (path) => `[role="treeitem"]${id(`folder-${path}`)}`;

before(async () => {
  world = await World.start('empty');
  desktop = await Desktop.start();
  profile = temporaryFolder();
  // The fifty newest of the inbox are here, however old they are: the old one lies below them.
  append(['Zeppelin charter', 900], ...Array.from({ length: 60 }, (_, at) => [`Invoice ${at}`, 3]), ['Minutes of the meeting', 1]);
  app = await App.open({ profile: profile.path, ca: world.ca, env: ENGLISH });
  await addAccount(app, world, { days: 30 });
  await synced(app);
  await rowOf(app, 'Minutes of the meeting');
});

after(async () => {
  await app?.close();
  desktop?.stop();
  await world?.stop();
  profile?.remove();
});

step('a mail that is only on the server is found there', async () => {
  await type(app, id('search-input'), 'zeppelin');
  await app.find(id('list-empty'));
  await app.click(id('server-ask'));
  await rowOf(app, 'Zeppelin charter', { seconds: 30 });
  await until(async () => /1 more mail found on the server/.test(await textOf(app, id('server-search'))), { what: 'the count' });
  await app.shot('search-server');
  await (await app.find(id('search-input'))).sendKeys(Key.ESCAPE);
  await rowOf(app, 'Minutes of the meeting');
});

step('a folder is made on the server, with letters of its own', async () => {
  await app.click(id('more-folders'));
  await app.click(id('new-folder'));
  await type(app, id('folder-name'), 'Møter & mål');
  await app.click(id('folder-answer'));
  await app.find(item('Møter & mål'), { seconds: 30 });
  assert.ok(folders().includes('Møter & mål'), folders().join());
  await app.shot('folder-created');
});

step('F2 renames it, and its place on the server is the new one', async () => {
  await (await app.find(item('Møter & mål'))).sendKeys(Key.F2);
  await type(app, id('folder-name'), 'Fairs');
  await app.click(id('folder-answer'));
  await app.find(item('Fairs'), { seconds: 30 });
  assert.ok(folders().includes('Fairs'), folders().join());
  assert.ok(!folders().includes('Møter & mål'), folders().join());
});

step('a folder is made inside it from its menu', async () => {
  await app.click(item('Fairs'));
  await app.click('[aria-label="List options"]');
  await app.click(id('folder-new-inside'));
  await type(app, id('folder-name'), 'Bergen');
  await app.click(id('folder-answer'));
  await app.find(item('Fairs/Bergen'), { seconds: 30 });
  await until(() => folders().some((one) => /^Fairs[./]Bergen$/.test(one)), { what: 'the folder on the server' });
});

step('a mail is copied there, and bears a label', async () => {
  await app.click(id('folder-inbox'));
  await (await rowOf(app, 'Minutes of the meeting')).click();
  await focusList(app);
  await app.press('V');
  await (await app.role('combobox', 'Find a folder')).sendKeys('bergen', Key.ENTER);
  await until(() => world.count('mailbox', 'Fairs/Bergen', 'subject', 'Minutes') === 1, { what: 'the copy on the server', seconds: 30 });
  assert.equal(world.count('mailbox', 'INBOX', 'subject', 'Minutes'), 1);
  await focusList(app);
  await app.press('l');
  await (await app.find(id('label-input'))).sendKeys('Følg opp', Key.ENTER);
  await until(() => world.flags('mailbox', 'INBOX', 'subject', 'Minutes').some((flags) => flags.includes('F&APg-lg_opp')), {
    what: 'the keyword on the server',
    seconds: 30,
  });
  await (await app.find(id('label-input'))).sendKeys(Key.ESCAPE);
  await until(async () => /Følg opp/.test(await textOf(app, id('label'))), { what: 'the label in the window' });
  await app.shot('label');
});

step('it is deleted only after asking, and goes where the window said', async () => {
  await (await app.find(item('Fairs'))).sendKeys(Key.DELETE);
  assert.match(await textOf(app, id('folder-remove')), /1 mail.*1 folder in it: Bergen/s);
  await app.shot('folder-delete');
  await app.click(id('folder-answer'));
  await until(async () => (await app.all(item('Fairs'))).length === 0, { what: 'the folder is gone', seconds: 30 });
  const left = folders();
  assert.ok(!left.includes('Fairs'), left.join());
  assert.ok(left.some((one) => /^Trash[./]Fairs[./]Bergen$/.test(one)), left.join());
});
