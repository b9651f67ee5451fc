// The CRM at work, in the real window: a rule, private mails, a CRM that is away, follow-ups, and leaving it.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { App, temporaryFolder } from '../lib/app.mjs';
import {
  archived, crmSettings, key, leaveSettings, mail, messageId, openNew, panel, picture, signInTo, tick,
} from '../lib/crm.mjs';
import { addAccount, id, openMail, rowOf, rowText, showFolder, synced, textOf, toasts, type, write } from '../lib/pages.mjs';
import { story } from '../lib/steps.mjs';
import { SuperOffice } from '../lib/superoffice.mjs';
import { until } from '../lib/wait.mjs';
import { World } from '../lib/world.mjs';

const RENEWAL = 'Re: Offer for the renewal – two questions';
const MINUTES = 'Minutes from the workshop';
const STAVANGER = 'Delivery date for the Stavanger site';
const ELIN = 'Elin Moe <elin.moe@kystbuss.example>';
let world, crm, profile, app;
const step = story(() => app?.shot('crm-work-failed'));

before(async () => {
  world = await World.start('demo');
  crm = await SuperOffice.start(world.crm_seed);
  profile = temporaryFolder();
  const env = { CLIENTELE_POLICY: crm.policy(world.dir), CLIENTELE_LANG: '' };
  app = await App.open({ profile: profile.path, ca: world.ca, env });
});

after(async () => {
  await app?.close();
  crm?.stop();
  await world?.stop();
  profile?.remove();
});

/** Everything with this text in elements of a kind. */
const saying = (css, text) =>
  app.run(`return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent).filter((one) => one.includes(arguments[1]))`, css, text);
const said = (pattern) => until(async () => (await toasts(app)).some((text) => pattern.test(text)), { what: `a toast ${pattern}` });

step('the settings connect a CRM to a mailbox that is there, and mend the address on one’s own card', async () => {
  await addAccount(app, world);
  await synced(app);
  await rowOf(app, RENEWAL);
  await crmSettings(app);
  await app.click(id('crm-other'));
  await signInTo(app, crm, 'crm-choose');
  await app.click(id('crm-use'));
  await said(/Connected to SuperOffice/);
  await until(async () => /SuperOffice[\s\S]*Connected/.test(await textOf(app, id('crm-status'))), { what: 'the CRM is read', seconds: 30 });
  const differs = await textOf(app, id('address-check'));
  assert.match(differs, /kari@nord\.example/);
  await picture(app, 'crm-settings', { also: true });
  await app.click(id('address-repair'));
  await until(async () => (await app.all(id('address-check'))).length === 0, { what: 'the two are the same' });
  assert.equal((await crm.get('Person/900005')).Emails[0].Value, world.user);
  await leaveSettings(app);
  await until(async () => /Renewal 2027/.test(await rowText(app, RENEWAL)), { what: 'the sale in the list' });
});

step('a rule shows what it would take, and takes what comes, but nothing private', async () => {
  await crmSettings(app);
  await app.click(id('rule-new'));
  await type(app, id('rule-name'), 'Kystbuss');
  await type(app, id('rule-domains-field'), 'kystbuss.example');
  await app.click(id('rule-domains-add'));
  await app.click(id('rule-look'));
  assert.match(await textOf(app, id('rule-result')), /It would have taken \d+ of the newest \d+ mails/);
  assert.equal((await saying(id('rule-taken'), MINUTES)).length, 1);
  assert.ok((await saying(id('rule-taken'), 'Kystbuss AS')).length > 0, 'with the record that it goes on');
  assert.deepEqual(await saying(id('rule-taken'), 'Maja Lindqvist'), []);
  await picture(app, 'crm-rule', { also: true });
  await app.click(id('rule-on'));
  await until(async () => (await saying(id('rule'), 'Kystbuss')).length === 1, { what: 'the rule in the list' });
  await app.find(id('rule-off'));
  await leaveSettings(app);

  const message = await openMail(app, MINUTES, 'Action points');
  const reference = await messageId(app, message);
  await key(app, 'P');
  await app.find(id('panel-private'));
  const first = { name: 'private@kystbuss.example', subject: `Re: ${MINUTES}` };
  await world.deliver(mail({ from: ELIN, ...first, before: [reference], text: 'One more thing, between us.' }));
  const second = { name: 'antennas@kystbuss.example', subject: 'Antennas are on the buses' };
  await world.deliver(mail({ from: ELIN, ...second, text: 'All ten have their antennas.' }));
  await openNew(app, second.subject, 'All ten');
  await archived(app, second.subject);
  assert.match(await panel(app, /by itself/), /Kystbuss AS/);
  assert.equal((await crm.documents(second.name)).length, 1);
  await picture(app, 'crm-by-itself', { also: true });
  await openNew(app, first.subject, 'between us');
  await app.find(id('panel-private'));
  await picture(app, 'crm-private');
  assert.deepEqual(await crm.documents(first.name), []);
  assert.deepEqual(await crm.documents(reference), []);
});

step('what is done while the CRM is away arrives when it is back, once', async () => {
  await crm.away(true);
  const message = await openMail(app, RENEWAL, 'The board meets');
  const reference = await messageId(app, message);
  await panel(app, /Renewal 2027/);
  await key(app, 'a');
  await app.find(`${id('panel-archived')}[data-state="queued"]`);
  const title = 'Send Maja the updated PDF';
  await key(app, 't');
  await type(app, id('follow-up-title'), title);
  await picture(app, 'crm-follow-up', { also: true });
  await app.click(id('follow-up-create'));
  await said(/Will be created in SuperOffice: Send Maja/);
  await until(async () => /2/.test(await textOf(app, id('rail-queue'))), { what: 'two wait' });
  await app.click(id('rail-queue'));
  await until(async () => (await saying(id('queue-row'), RENEWAL)).length === 1, { what: 'the mail in the queue' });
  await until(async () => (await saying(id('queue-work'), title)).length === 1, { what: 'the follow-up in the queue' });
  await picture(app, 'crm-away', { also: true });
  await showFolder(app, 'inbox');
  assert.ok(!/Archived/.test(await rowText(app, RENEWAL)), 'it is not said to be archived before it is');

  await crm.away(false);
  await until(async () => (await crm.documents(reference)).length > 0, { what: 'the mail in the CRM', seconds: 60 });
  await until(async () => (await crm.followUps(title)).length > 0, { what: 'the follow-up in the CRM', seconds: 60 });
  await until(async () => (await app.all(id('rail-queue'))).length === 0, { what: 'the badge goes', seconds: 40 });
  await until(async () => /Archived/.test(await rowText(app, RENEWAL)), { what: 'the tick' });
  assert.equal((await crm.documents(reference)).length, 1);
  const [made, ...more] = await crm.followUps(title);
  assert.equal(more.length, 0);
  const appointment = await crm.get(`Appointment/${made.appointmentId}`);
  assert.equal(appointment.Person.PersonId, crm.ids.get('person maja'));
});

step('follow-ups and mails without an answer are listed, and an answer ends the waiting', async () => {
  await openMail(app, STAVANGER, 'can you confirm week 49');
  await key(app, 'r');
  await write(app, 'Week 49 it is, Tuesday included.');
  await app.click(id('composer-send'));
  const sent = ['mailbox', 'Sent', 'body', 'Week 49 it is'];
  await until(() => world.count(...sent) === 1, { what: 'the answer in Sent', seconds: 40 });
  await showFolder(app, 'sent');
  const asked = await messageId(app, await openMail(app, STAVANGER, 'Week 49 it is'));
  await key(app, 'w');
  await app.find(id('waiting-dialog'));
  await picture(app, 'crm-waiting-dialog');
  await app.click(id('waiting-set'));
  await said(/reminded if nobody answers/);
  await app.click(id('rail-follow-ups'));
  const row = id('follow-up-row');
  await until(async () => (await saying(id('waiting-row'), `Tor Brekke: Re: ${STAVANGER}`)).length === 1, { what: 'the mail that waits' });
  assert.equal((await saying(`${row}.overdue`, 'Call Maja about the three years')).length, 1);
  assert.equal((await saying(row, 'Send Maja the updated PDF')).length, 1);
  await picture(app, 'crm-follow-ups', { also: true });
  const [{ appointmentId }] = await crm.followUps('Call Maja about the three years');
  await tick(app, row, 'Call Maja about the three years');
  await until(async () => (await crm.get(`Appointment/${appointmentId}`)).Completed === 'Completed', { what: 'it is done in the CRM' });
  await until(async () => (await saying(row, 'Call Maja about')).length === 0, { what: 'it leaves the page' });
  const answer = { subject: `Re: ${STAVANGER}`, name: 'crane@hansashipping.example', before: [asked], text: 'The crane is there.' };
  await world.deliver(mail({ from: 'Tor Brekke <tor.brekke@hansashipping.example>', ...answer }));
  await until(async () => (await app.all(id('waiting-row'))).length === 0, { what: 'nobody waits any longer', seconds: 30 });
});

step('whoever leaves the CRM is told what stays, and the ticks stay', async () => {
  await showFolder(app, 'inbox');
  const reference = await messageId(app, await openMail(app, RENEWAL, 'The board meets'));
  await crmSettings(app);
  await app.click(id('crm-leave'));
  await until(async () => /2 archived mails stay in SuperOffice\./.test(await textOf(app, id('crm-leave-dialog'))), { what: 'what stays' });
  await picture(app, 'crm-leave', { also: true });
  await app.click(id('crm-leave-yes'));
  await said(/SuperOffice is disconnected/);
  await leaveSettings(app);
  await until(async () => (await app.call('app_state')).crm.kind === 'embedded', { what: 'the built-in CRM' });
  assert.equal((await crm.documents(reference)).length, 1);
  await openMail(app, RENEWAL, 'The board meets');
  assert.match(await rowText(app, RENEWAL), /Archived/);
  await panel(app, /It is in SuperOffice/);
  await picture(app, 'crm-left');
});
