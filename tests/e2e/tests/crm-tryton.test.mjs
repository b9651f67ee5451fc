// A real CRM server beside the mail, in the real window: Tryton, connected with a user's key.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { App, temporaryFolder } from '../lib/app.mjs';
import { archived, crmSettings, key, leaveSettings, mail, openNew, panel, picture } from '../lib/crm.mjs';
import { addAccount, id, rowText, synced, textOf, type } from '../lib/pages.mjs';
import { story } from '../lib/steps.mjs';
import { Tryton, missing } from '../lib/tryton.mjs';
import { until } from '../lib/wait.mjs';
import { World } from '../lib/world.mjs';

const OFFER = { subject: 'Pumps for the new hall', name: 'pumps@fjordlys.example' };
const NEW = { subject: 'Bearings', name: 'bearings@fjordlys.example' };
let world, crm, there, profile, app;
const step = missing ? (name) => test(name, { skip: missing }) : story(() => app?.shot('crm-tryton-failed'));

before(async () => {
  if (missing) return;
  world = await World.start('empty', { crm: 'tryton' });
  crm = new Tryton(world);
  const customer = { company: 'Fjordlys Energi AS', site: 'https://www.fjordlys.example/', person: 'Anna Berg', email: 'anna@fjordlys.example' };
  there = await crm.customer(customer);
  await crm.create('sale.opportunity', { description: 'Pumps 2027', party: there.company });
  profile = temporaryFolder();
  app = await App.open({ profile: profile.path, ca: world.ca, env: { CLIENTELE_LANG: '' } });
});

after(async () => {
  await app?.close();
  await world?.stop();
  profile?.remove();
});

/** What lies on a record of a mail: attachments with their bytes, and notes. */
async function held(name) {
  const files = await crm.rows('ir.attachment', [['link', '=', `mid:${name}`]], 'resource', 'name', 'data');
  const notes = await crm.rows('ir.note', [['message', 'like', `%mid:${name}%`]], 'resource', 'message');
  return { files, notes };
}

step('the settings connect the real Tryton with a key, and say what it cannot do', async () => {
  await addAccount(app, world);
  await world.deliver(
    mail({ from: 'Anna Berg <anna@fjordlys.example>', ...OFFER, text: 'Could you offer four pumps for the new hall?' }),
  );
  await world.deliver(
    mail({
      from: 'Nils Holm <nils@fjordlys.example>', ...NEW,
      text: 'The bearings are worn.\n\nBest regards\nNils Holm\nMaintenance Manager, Fjordlys Energi AS\n+47 55 01 17 22',
    }),
  );
  await synced(app);
  await crmSettings(app);
  await app.click(id('crm-other'));
  await app.click(id('crm-choose-tryton'));
  await type(app, id('crm-choose-field-server'), world.tryton.server);
  await type(app, id('crm-choose-field-database'), world.tryton.database);
  await type(app, id('crm-choose-field-secret'), 'a wrong key');
  await app.click(id('crm-choose-check'));
  const refused = await app.find(id('crm-choose-error'), { seconds: 30 });
  assert.equal(await refused.getAttribute('data-code'), 'crm_sign_in_again');
  await type(app, id('crm-choose-field-secret'), world.tryton.key);
  await app.click(id('crm-choose-check'));
  const found = await textOf(app, id('crm-found'));
  assert.match(found, /Tryton answers/);
  assert.match(found, /Kari Sør/);
  assert.match(found, /cannot do/);
  await picture(app, 'crm-tryton-found');
  await app.click(id('crm-use'));
  await until(async () => /Tryton[\s\S]*Connected/.test(await textOf(app, id('crm-status'))), { what: 'the CRM is read', seconds: 30 });
  await leaveSettings(app);
});

step('a mail is archived in Tryton as file and note, once, and undo takes both', async () => {
  await openNew(app, OFFER.subject, 'four pumps');
  await panel(app, /Anna Berg[\s\S]*Fjordlys Energi AS/);
  await panel(app, /Pumps 2027/);
  await key(app, 'a');
  await archived(app, OFFER.subject);
  const { files, notes } = await held(OFFER.name);
  const on = (rows, resource) => rows.filter((row) => row.resource === resource);
  for (const resource of [`party.party,${there.person}`, `party.party,${there.company}`]) {
    assert.equal(on(files, resource).length, 1, `one file on ${resource} of ${JSON.stringify(files.map((file) => file.resource))}`);
    assert.equal(on(notes, resource).length, 1, `one note on ${resource}`);
  }
  assert.equal(new Set(files.map((file) => file.resource)).size, files.length, 'nothing twice');
  const eml = Buffer.from(files[0].data.base64, 'base64').toString('utf8');
  assert.match(eml, /^Message-ID: <pumps@fjordlys\.example>/im);
  assert.match(notes[0].message, /four pumps for the new hall/);
  await picture(app, 'crm-tryton-archived', { also: true });
  await app.click(id('panel-archive-undo'));
  await app.find(id('panel-archive'), { seconds: 30 });
  assert.deepEqual(await held(OFFER.name), { files: [], notes: [] });
  await until(async () => !/Archived/.test(await rowText(app, OFFER.subject)), { what: 'the tick goes' });
});

step('a colleague of a customer is created at the company of the address', async () => {
  await openNew(app, NEW.subject, 'bearings are worn');
  await panel(app, /might work at[\s\S]*Fjordlys Energi AS/);
  await app.click(id('panel-might-work-at'));
  const held = async (name) => (await app.find(id(`person-${name}`))).getAttribute('value');
  assert.equal(await held('name'), 'Nils Holm');
  assert.equal(await held('company'), 'Fjordlys Energi AS');
  await app.click(id('person-create'));
  assert.match(await textOf(app, id('panel-person')), /Nils Holm[\s\S]*Fjordlys Energi AS/);
  const addresses = await crm.rows('party.contact_mechanism', [['value', '=', 'nils@fjordlys.example']], 'party');
  const people = await crm.rows('party.party', [['name', '=', 'Nils Holm']], 'id');
  assert.deepEqual(addresses.map((one) => one.party), people.map((one) => one.id));
  assert.equal(people.length, 1);
  const works = await crm.rows('party.relation.all', [['from_', '=', people[0].id]], 'to');
  assert.deepEqual(works.map((one) => one.to), [there.company]);
  const companies = await crm.rows('party.party', [['name', '=', 'Fjordlys Energi AS']], 'id');
  assert.equal(companies.length, 1, 'no second company');
  await picture(app, 'crm-tryton-created');
});
