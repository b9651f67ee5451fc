// The whole way in the real window, against real servers: connect, read, act, archive, answer, hear of new mail.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { App, temporaryFolder } from '../lib/app.mjs';
import { Desktop } from '../lib/desktop.mjs';
import {
  Key, filesWith, finishWizard, id, inbox, openMail, pressClose, rowOf, rowText, rows, showFolder, synced, textOf, toasts, tried, type,
  typeSettings, windows, write,
} from '../lib/pages.mjs';
import { story } from '../lib/steps.mjs';
import { until } from '../lib/wait.mjs';
import { World } from '../lib/world.mjs';

const RENEWAL = 'Re: Offer for the renewal – two questions';
const ENGLISH = { CLIENTELE_LANG: 'en', CLIENTELE_THEME: 'light' };
let world, desktop, profile, app;
const step = story(() => app?.shot('failed'));

before(async () => {
  world = await World.start('demo');
  desktop = await Desktop.start();
  profile = temporaryFolder();
  execFileSync(process.env.CLIENTELE_CLI, ['--profile', profile.path, 'crm', 'import', world.crm_seed]);
  app = await App.open({ profile: profile.path, ca: world.ca, env: ENGLISH });
});

after(async () => {
  await app?.close();
  desktop?.stop();
  await world?.stop();
  profile?.remove();
});

const crm = (query, ...values) => rows(join(profile.path, 'crm.db'), query, ...values);
const messageId = async (message) => {
  const thread = await app.call('thread_get', { message });
  return thread.messages.find((one) => one.row.id === message).message_id;
};

step('a wrong password is told, and nothing is saved', async () => {
  await app.find(id('wizard-email'));
  await app.shot('wizard');
  await typeSettings(app, world, { password: 'wrong' });
  await app.shot('wizard-advanced');
  await app.click(id('adv-test'));
  assert.deepEqual(await tried(app, 'incoming'), { ok: false, code: 'sign_in_refused' });
  assert.equal(await (await app.find(id('adv-save'))).isEnabled(), false);
  assert.equal((await app.call('app_state')).accounts.length, 0);
});

step('typed settings connect, and the newest mails are there first', async () => {
  await type(app, id('adv-password'), world.password);
  await app.click(id('adv-test'));
  await until(async () => (await tried(app, 'incoming')).ok && (await tried(app, 'outgoing')).ok, { what: 'both sides answer' });
  await finishWizard(app);
  await rowOf(app, RENEWAL, { seconds: 60 });
  const shown = await inbox(app, 50);
  const newest = world.doveadm('-f', 'tab', 'fetch', '-u', world.user, 'hdr.message-id', 'mailbox', 'INBOX').split('\n').filter(Boolean).length - 1;
  assert.equal(shown.length, Math.min(50, newest));
  await synced(app);
  await app.shot('main');
});

step('a mail shows in its frame, with remote images kept out and counted', async () => {
  await openMail(app, RENEWAL, 'The board meets on Thursday');
  assert.match(await textOf(app, id('remote-notice')), /2 remote images/);
  assert.match(await textOf(app, id('attachment')), /Offer-2027-comments\.pdf/);
  await app.shot('reader');
});

step('flag, done and undo reach the server', async () => {
  await openMail(app, 'Delivery date for the Stavanger site', 'can you confirm week 49');
  await app.click(id('action-flag'));
  const flagged = ['mailbox', 'INBOX', 'flagged', 'subject', 'Stavanger'];
  await until(() => world.count(...flagged) === 1, { what: '\\Flagged in Dovecot' });
  await app.press('e');
  await until(() => world.count('mailbox', 'Archive', 'subject', 'Stavanger site') === 1, { what: 'the mail in Archive' });
  assert.equal(world.count('mailbox', 'INBOX', 'subject', 'Stavanger site'), 0);
  await app.click(id('toast-undo'));
  await until(() => world.count(...flagged) === 1, { what: 'the mail back in the inbox, flagged' });
  await rowOf(app, 'Delivery date for the Stavanger site');
});

step('search finds by body, person and subject as one types', async () => {
  await type(app, id('search-input'), 'crane booked');
  await rowOf(app, 'Delivery date for the Stavanger site');
  await type(app, id('search-input'), 'sjob');
  await rowOf(app, 'Introduction – procurement at Skärgård AB');
  await app.shot('search');
  await (await app.find(id('search-input'))).sendKeys(Key.ESCAPE);
  await rowOf(app, RENEWAL);
});

step('the customer stands beside the mail, and the mail is archived on the sale once', async () => {
  const message = await openMail(app, RENEWAL, 'The board meets');
  await until(async () => /Maja Lindqvist[\s\S]*Fjordlys Energi/.test(await textOf(app, id('panel'))), { what: 'the customer' });
  assert.match(await textOf(app, id('panel-sale')), /Renewal 2027/);
  await app.click(id('panel-archive'));
  await app.find(`${id('panel-archived')}[data-state="done"]`, { seconds: 30 });
  const key = await messageId(message);
  const found = crm(
    `SELECT kind, record FROM activity_record WHERE activity = (SELECT id FROM activity WHERE message_id = ?) ORDER BY kind`,
    key,
  );
  assert.ok(found.some(([kind]) => kind === 'sale'), `archived on ${JSON.stringify(found)}`);
  await until(async () => /Archived/.test(await rowText(app, RENEWAL)), { what: 'the badge in the list' });
  await app.shot('archived');
  await (await rowOf(app, RENEWAL)).click();
  await app.press('a');
  await until(
    async () => (await toasts(app)).some((text) => /Already archived/.test(text)),
    { what: 'a word that it is there already' },
  );
  assert.deepEqual(crm('SELECT count(*) FROM activity WHERE message_id = ?', key), [[1]]);
});

step('a person who is not in the CRM is said so, and can be created', async () => {
  await openMail(app, 'Introduction – procurement', 'forty ferries');
  await app.find(id('panel-unknown'));
  await app.click(id('panel-create-person'));
  await app.find(id('panel-person-form'));
  await app.click(id('person-create'));
  await until(() => crm('SELECT count(*) FROM person_email WHERE key = ?', 'katarina.sjoberg@skargard.example')[0][0] === 1, {
    what: 'the person in the CRM',
  });
});

step('a reply with a file is sent once, is in Sent, and the mail is answered', async () => {
  await openMail(app, RENEWAL, 'The board meets');
  await app.press('r');
  await app.find(id('composer-body'));
  await write(app, 'Hi Maja, three years is fine, and the price holds.');
  const file = join(profile.path, '..', `Offer-${process.pid}.txt`);
  writeFileSync(file, 'Offer for three years');
  // The system's file dialog needs a window manager; what it would answer is given to the engine instead.
  const draft = await until(async () => (await app.call('draft_list')).find((one) => /three years is fine/.test(one.body)), { what: 'the saved draft' });
  await app.call('draft_attach', { draft: draft.id, path: file });
  await app.click(id('composer-quote-toggle'));
  assert.match(await textOf(app, id('composer-quote')), /The board meets on Thursday/);
  await app.shot('composer');
  await app.click(id('composer-send'));
  const sent = ['mailbox', 'Sent', 'body', 'three years is fine'];
  await until(() => world.count(...sent) > 0, { what: 'the answer in Sent', seconds: 40 });
  const theirs = ['search', '-u', 'maja.lindqvist@fjordlys.example', 'mailbox', 'INBOX', 'body', 'three years is fine'];
  await until(() => world.doveadm(...theirs).split('\n').filter(Boolean).length === 1, { what: 'the answer at Maja' });
  await until(() => /\\Answered/.test(world.flags('mailbox', 'INBOX', 'subject', 'two questions').join()), { what: '\\Answered' });
  await synced(app);
  assert.equal(world.count(...sent), 1);
  assert.equal(world.doveadm(...theirs).split('\n').filter(Boolean).length, 1);
  assert.equal((await app.call('outbox_list')).filter((one) => one.state !== 'sent').length, 0);
  const text = world.doveadm('fetch', '-u', world.user, 'text', ...sent);
  assert.match(text, /In-Reply-To: </);
  assert.match(text, new RegExp(`filename="?Offer-${process.pid}\\.txt`));
});

step('new mail is told with author and subject, and a click opens it', async () => {
  await showFolder(app, 'inbox');
  const seen = (await desktop.notifications()).length;
  await world.deliver(
    'From: "Oskar Nilsen" <oskar@kystbuss.example>\nTo: ingrid@nordvik.example\nSubject: Antennas for the older buses\n' +
      `Date: ${new Date().toUTCString().replace('GMT', '+0000')}\nMessage-ID: <antennas@kystbuss.example>\nContent-Type: text/plain\n\nAll checked.`,
  );
  const told = await until(async () => (await desktop.notifications())[seen], { what: 'a notification', seconds: 30 });
  assert.match(told.summary, /Oskar Nilsen/);
  assert.match(told.body, /Antennas for the older buses/);
  assert.ok(told.actions.includes('default'));
  await rowOf(app, 'Antennas for the older buses');
  await desktop.click(told.id);
  await until(async () => (await app.frameText()).includes('All checked'), { what: 'the mail of the notification' });
});

step('closing keeps the tray, which says what is unread and opens the window', async () => {
  const [icon] = await until(async () => {
    const icons = await desktop.icons();
    return icons.length > 0 && /^\d+$/.test(icons[0].label) ? icons : null;
  }, { what: 'a tray icon with a number' });
  const labels = icon.entries.map((entry) => entry.label);
  assert.match(labels[0], /unread mail/);
  assert.deepEqual(labels.slice(1), ['Open Clientele', 'New e-mail', 'Quit']);
  pressClose();
  await until(() => windows().length === 0, { what: 'the window hides' });
  await desktop.clickTray('Open Clientele');
  await until(() => windows().length === 1, { what: 'the window is back' });
});

step('a second start brings the first window to the front with its link', async () => {
  pressClose();
  await until(() => windows().length === 0, { what: 'the window hides' });
  const second = spawn(process.env.CLIENTELE_DESKTOP, ['mailto:per@dahl.example?subject=Frame%20agreement'], {
    env: app.environment,
    stdio: 'ignore',
  });
  assert.equal(await new Promise((resolve) => second.once('exit', resolve)), 0);
  await until(() => windows().length === 1, { what: 'the window is back' });
  const subject = await app.find(id('composer-subject'));
  await until(async () => (await subject.getAttribute('value')) === 'Frame agreement', { what: 'the subject of the link' });
  await app.click(id('composer-discard'));
});

step('without a tray the program asks before it goes', async () => {
  await desktop.tray(false);
  await until(async () => !(await app.call('app_state')).tray, { what: 'the tray is gone' });
  pressClose();
  await app.find(id('close-dialog'));
  assert.equal(windows().length, 1);
  await app.shot('close-without-tray');
  await app.press(Key.ESCAPE);
  await desktop.tray(true);
  await until(async () => (await app.call('app_state')).tray, { what: 'the tray is back' });
});

step('light, dark and a narrow window', async () => {
  await openMail(app, RENEWAL, 'The board meets');
  const { settings } = await app.call('app_state');
  await app.call('settings_set', { ...settings, theme: 'dark' });
  await until(async () => (await app.run('return document.documentElement.dataset.theme')) === 'dark', { what: 'dark' });
  await app.find(id('reader-frame'));
  await app.shot('main-dark');
  await app.call('settings_set', { ...settings, theme: 'light' });
  await app.driver.manage().window().setRect({ x: 0, y: 0, width: 1100, height: 800 });
  await until(async () => (await app.run('return innerWidth')) <= 1100, { what: 'the narrow window' });
  await app.shot('main-1100');
  await app.driver.manage().window().setRect({ x: 0, y: 0, width: 1440, height: 900 });
});

step('the password is nowhere in the profile', () => {
  assert.deepEqual(filesWith(profile.path, world.password), []);
  // The search itself works: the address is there.
  assert.notDeepEqual(filesWith(profile.path, world.user), []);
  assert.ok(readFileSync(join(profile.path, 'local.db')).length > 0);
});

step('quitting from the tray ends the program', async () => {
  await desktop.clickTray('Quit');
  await until(() => windows().length === 0, { what: 'no window' });
  await until(async () => (await desktop.icons()).length === 0, { what: 'no tray icon' });
});

step('the window speaks German where it is asked to', async () => {
  await app.close();
  app = await App.open({ profile: profile.path, ca: world.ca, env: { ...ENGLISH, CLIENTELE_LANG: 'de' } });
  await openMail(app, RENEWAL, 'The board meets');
  assert.equal(await app.run('return document.documentElement.lang'), 'de');
  assert.match(await textOf(app, id('action-reply')), /Antworten/);
  await app.shot('main-german');
});
