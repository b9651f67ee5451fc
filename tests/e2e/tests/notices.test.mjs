// What the desktop is told of new mail, what its buttons do, and a window that cannot start.
import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { App, temporaryFolder } from '../lib/app.mjs';
import { Desktop } from '../lib/desktop.mjs';
import { addAccount, id, inbox, synced } from '../lib/pages.mjs';
import { story } from '../lib/steps.mjs';
import { until } from '../lib/wait.mjs';
import { World } from '../lib/world.mjs';

let world, desktop, profile, app;
const step = story(() => app?.shot('notices-failed'));

before(async () => {
  world = await World.start('empty');
  desktop = await Desktop.start();
  profile = temporaryFolder();
  app = await App.open({ profile: profile.path, ca: world.ca });
});

after(async () => {
  await app?.close();
  desktop?.stop();
  await world?.stop();
  profile?.remove();
});

/** Delivers a mail and answers its notification. */
async function told(subject) {
  const seen = (await desktop.notifications()).length;
  await world.deliver(
    `From: "Oskar Nilsen" <oskar@kystbuss.example>\nTo: ${world.user}\nSubject: ${subject}\n` +
      `Date: ${new Date().toUTCString().replace('GMT', '+0000')}\nMessage-ID: <${Math.random()}@kystbuss.example>\n` +
      'Content-Type: text/plain\n\nGood morning.',
  );
  const notification = await until(async () => (await desktop.notifications())[seen], { what: 'a notification', seconds: 30 });
  assert.equal(notification.body, subject);
  return notification;
}

const closed = (notification) =>
  until(async () => (await desktop.closed()).includes(notification.id), { what: 'the notification is taken back' });
const badge = (count) =>
  until(async () => (await desktop.badge())?.count === count, { what: `${count} on the icon` });
const row = async (subject) => (await inbox(app)).find((one) => one.subject === subject);

step('a notification has buttons, and the icon the number of unread mails', async () => {
  await addAccount(app, world);
  await synced(app);
  const first = await told('Read me');
  assert.deepEqual(
    first.actions.filter((_, place) => place % 2 === 0).toSorted(),
    ['default', 'done', 'read', 'reply'],
  );
  assert.ok(first.actions.includes('Mark as read') && first.actions.includes('Reply'));
  await badge(1);
  const { entry, visible } = await desktop.badge();
  assert.deepEqual({ entry, visible }, { entry: 'application://Clientele.desktop', visible: true });
  await desktop.click(first.id, 'read');
  await until(async () => (await row('Read me')).read, { what: 'the mail is read' });
  await until(() => world.count('mailbox', 'INBOX', 'SEEN') === 1, { what: 'it is read on the server' });
  await closed(first);
  await badge(0);
  assert.equal((await desktop.badge()).visible, false);
});

step('Done takes a mail out of the inbox, without the window', async () => {
  const notification = await told('Done with me');
  await desktop.click(notification.id, 'done');
  await until(() => world.count('mailbox', 'INBOX', 'SUBJECT', 'Done') === 0, { what: 'the mail leaves the inbox' });
  assert.equal(await row('Done with me'), undefined);
});

step('what is read on another device is not told any longer', async () => {
  const notification = await told('Read elsewhere');
  world.doveadm('flags', 'add', '-u', world.user, '\\Seen', 'mailbox', 'INBOX', 'SUBJECT', 'elsewhere');
  await closed(notification);
  await badge(0);
});

step('Reply opens an answer to the mail', async () => {
  const notification = await told('Answer me');
  await desktop.click(notification.id, 'reply');
  const subject = await app.find(id('composer-subject'));
  await until(async () => (await subject.getAttribute('value')) === 'Re: Answer me', { what: 'the subject of the answer' });
  await app.click(id('composer-discard'));
});

step('a window whose data is damaged starts with a backup of it', async () => {
  const backup = join(profile.path, 'backups', 'local-1.db');
  await until(() => existsSync(backup), { what: 'a backup' });
  await app.close();
  const local = join(profile.path, 'local.db');
  rmSync(`${local}-wal`, { force: true });
  const file = openSync(local, 'r+');
  for (let at = 8; at < statSync(local).size; at += 4096) writeSync(file, Buffer.alloc(600, 0xa5), 0, 600, at);
  closeSync(file);
  app = await App.open({ profile: profile.path, ca: world.ca });
  await assert.rejects(app.call('app_state'), /store_damaged/);
  const [newest] = await app.invoke('start_backups');
  assert.deepEqual([newest.n, newest.sound, newest.database], [1, true, 'local']);
  assert.ok(Math.abs(newest.date - Date.now() / 1000) < 3600);
  await assert.rejects(app.invoke('start_restore', { n: 9 }), /not_found/);
  await app.invoke('start_restore', { n: 1 });
  // Taken before the account was added: the profile is that of then, and it works.
  const state = await app.call('app_state');
  assert.ok(Array.isArray(state.accounts));
  assert.ok(existsSync(`${local}.damaged-1`));
  await assert.rejects(app.invoke('start_restore', { n: 1 }), /invalid_input/);
});
