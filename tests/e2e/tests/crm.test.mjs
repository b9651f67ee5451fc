// A CRM beside the mail, in the real window: SuperOffice connected, a customer shown, a stranger created, mails archived.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { App, temporaryFolder } from '../lib/app.mjs';
import { archived, key, mail, messageId, openNew, panel, picture, signInTo, tick } from '../lib/crm.mjs';
import { finishMailbox, id, openMail, rowOf, rowText, synced, textOf, toasts, tried, typeSettings } from '../lib/pages.mjs';
import { story } from '../lib/steps.mjs';
import { SuperOffice } from '../lib/superoffice.mjs';
import { until } from '../lib/wait.mjs';
import { World } from '../lib/world.mjs';

const RENEWAL = 'Re: Offer for the renewal – two questions';
const STAVANGER = 'Delivery date for the Stavanger site';
let world, crm, service, profile, app;
const step = story(() => app?.shot('crm-failed'));

before(async () => {
  world = await World.start('demo');
  crm = await SuperOffice.start(world.crm_seed);
  // A second open sale: which one a mail is about, a person says.
  service = await crm.put('Sale', {
    Heading: 'Service agreement',
    Amount: 90_000,
    Contact: { ContactId: crm.ids.get('company hansa') },
    Person: { PersonId: crm.ids.get('person tor') },
    Rating: { Id: 2 },
  });
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

step('the wizard connects SuperOffice in the browser, and then the mailbox', async () => {
  await app.find(id('wizard-email'));
  await typeSettings(app, world);
  await app.click(id('adv-test'));
  await until(async () => (await tried(app, 'incoming')).ok && (await tried(app, 'outgoing')).ok, { what: 'both sides answer' });
  await finishMailbox(app);
  await app.find(id('wizard-crm'));
  await picture(app, 'crm-wizard-choose');
  await signInTo(app, crm, 'wizard-crm');
  const found = await textOf(app, id('crm-found'));
  assert.match(found, /SuperOffice answers/);
  assert.match(found, /Ingrid Hauge/);
  assert.match(found, /10\+? companies/);
  await picture(app, 'crm-wizard-found', { also: true });
  await app.click(id('wizard-finish'));
  await rowOf(app, RENEWAL, { seconds: 60 });
  await synced(app);
  const shown = await until(async () => {
    const state = (await app.call('app_state')).crm;
    return state.refreshed > 0 && !state.filling && state;
  }, { what: 'the CRM is read', seconds: 30 });
  assert.deepEqual([shown.kind, shown.ok], ['superoffice', true]);
});

step('a known customer stands beside the mail, with sale, stage and follow-ups', async () => {
  await openMail(app, RENEWAL, 'The board meets');
  const said = await panel(app, /Maja Lindqvist[\s\S]*Renewal 2027[\s\S]*Call Maja about the three years/);
  assert.match(said, /Head of Procurement/);
  assert.match(said, /Fjordlys Energi AS/);
  assert.match(said, /\+47 902 11 734/);
  assert.match(said, /NOK/);
  assert.match(said, /Negotiation · 60 %/);
  assert.match(said, /since/, 'the overdue follow-up says so');
  const bar = await app.find(`${id('panel-sale')} [role="img"]`);
  assert.equal(await bar.getAttribute('aria-label'), 'Stage 3 of 4');
  assert.match(await rowText(app, RENEWAL), /Renewal 2027/, 'the pill in the list');
  // What colleagues did is read behind what is shown.
  await panel(app, /Onboarding Stavanger/);
  await until(async () => /Offer for the renewal/.test(await textOf(app, id('panel-activities'))), { what: 'a colleague’s mail' });
  await picture(app, 'crm-customer', { also: true });
});

step('a stranger is created from the signature, with a new company', async () => {
  const email = 'katarina.sjoberg@skargard.example';
  assert.deepEqual(await crm.person(email), []);
  await openMail(app, 'Introduction – procurement', 'forty ferries');
  await app.find(id('panel-unknown'));
  assert.match(await rowText(app, 'Introduction – procurement'), /Not in CRM/);
  await picture(app, 'crm-unknown');
  await app.click(id('panel-create-person'));
  await app.find(id('person-from-signature'));
  const held = async (name) => (await app.find(id(`person-${name}`))).getAttribute('value');
  assert.equal(await held('name'), 'Katarina Sjöberg');
  assert.equal(await held('title'), 'Inköpschef');
  assert.equal(await held('phone'), '+46 70 555 01 80');
  assert.equal(await held('company'), 'Skärgård AB');
  await picture(app, 'crm-create', { also: true });
  await app.click(id('person-create'));
  assert.match(await textOf(app, id('panel-person')), /Katarina Sjöberg[\s\S]*Skärgård AB/);
  const [person, ...others] = await crm.person(email);
  assert.equal(others.length, 0);
  assert.deepEqual([person.Firstname, person.Lastname, person.Title], ['Katarina', 'Sjöberg', 'Inköpschef']);
  assert.equal((await crm.get(`Contact/${person.Contact.ContactId}`)).Name, 'Skärgård AB');
  assert.equal(person.OfficePhones[0].Value, '+46 70 555 01 80');
  await until(async () => !/Not in CRM/.test(await rowText(app, 'Introduction – procurement')), { what: 'the pill goes' });
});

step('of two people with one address nobody is guessed, and the one chosen counts', async () => {
  const Contact = { ContactId: crm.ids.get('company kystbuss') };
  const Emails = [{ Value: 'salg@kystbuss.example' }];
  const anne = await crm.put('Person', { Firstname: 'Anne', Lastname: 'Vik', Title: 'Salgssjef', Emails, Contact });
  await crm.put('Person', { Firstname: 'Jonas', Lastname: 'Strand', Title: 'Selger', Emails, Contact });
  const subject = 'Timetable for the test buses';
  const name = 'timetable@kystbuss.example';
  await world.deliver(mail({ from: 'Kystbuss salg <salg@kystbuss.example>', subject, name, text: 'Ten buses are free from Monday.' }));
  const message = await openNew(app, subject, 'Ten buses');
  const several = await until(async () => textOf(app, id('panel-several')), { what: 'both people', seconds: 30 });
  assert.match(several, /2 contacts in SuperOffice have this address/);
  assert.match(several, /Anne Vik/);
  assert.match(several, /Jonas Strand/);
  const { suggestions } = await app.call('customer_get', { message });
  assert.ok(suggestions.every((one) => one.record.kind !== 'person'), JSON.stringify(suggestions));
  await picture(app, 'crm-several');
  await (await app.role('button', /Anne Vik/)).click();
  await app.find(id('panel-person'));
  await panel(app, /Anne Vik[\s\S]*Salgssjef/);
  await key(app, 'a');
  await archived(app, subject);
  const [document, ...more] = await crm.documents(name);
  assert.equal(more.length, 0);
  assert.equal(document.Person?.PersonId, anne, 'it is archived on the one who was chosen');
  await picture(app, 'crm-chosen');
});

step('one key archives on what is suggested, once, and undo takes it out again', async () => {
  const message = await openMail(app, RENEWAL, 'The board meets');
  await panel(app, /Renewal 2027/);
  await key(app, 'a');
  await archived(app, RENEWAL);
  const reference = await messageId(app, message);
  const [document, ...more] = await crm.documents(reference);
  assert.equal(more.length, 0);
  assert.equal(document.Sale.SaleId, crm.ids.get('sale renewal'));
  assert.equal(document.Person.PersonId, crm.ids.get('person maja'));
  assert.equal(document.Contact.ContactId, crm.ids.get('company fjordlys'));
  assert.match(document.Description, /The board meets on Thursday/);
  assert.match(document.eml, new RegExp(`^Message-ID: <${reference}>`, 'im'));
  assert.match(document.eml, /Offer-2027-comments\.pdf/);
  await picture(app, 'crm-archived', { also: true });
  await key(app, 'a');
  await until(async () => (await toasts(app)).some((text) => /Already archived/.test(text)), { what: 'a word that it is there' });
  assert.equal((await crm.documents(reference)).length, 1);
  await app.click(id('panel-archive-undo'));
  await app.find(id('panel-archive'));
  assert.deepEqual(await crm.documents(reference), []);
  await until(async () => !/Archived/.test(await rowText(app, RENEWAL)), { what: 'the tick goes' });
});

step('the dialog archives on the sale that was chosen, and the toast takes it back', async () => {
  const message = await openMail(app, STAVANGER, 'can you confirm week 49');
  await panel(app, /Service agreement[\s\S]*Sensors for the Stavanger quay|Sensors for the Stavanger quay[\s\S]*Service agreement/);
  await key(app, 'A');
  const dialog = id('archive-dialog');
  await app.find(`${dialog} ${id('archive-subject')}`);
  await picture(app, 'crm-dialog', { also: true });
  const offered = `${dialog} ${id('pick-record')}`;
  const ticked = () =>
    app.run(
      `return [...document.querySelectorAll(arguments[0])].filter((one) => one.querySelector('input').checked).map((one) => one.textContent)`,
      offered,
    );
  for (const name of ['Sensors for the Stavanger quay', 'Service agreement']) {
    const wanted = name === 'Service agreement';
    if ((await ticked()).some((one) => one.includes(name)) !== wanted) await tick(app, offered, name);
  }
  await app.click(id('archive-submit'));
  await archived(app, STAVANGER);
  const reference = await messageId(app, message);
  const [document, ...more] = await crm.documents(reference);
  assert.equal(more.length, 0);
  assert.equal(document.Sale.SaleId, service);
  assert.match(document.eml, /can you confirm week 49/);
  await app.click(id('toast-undo'));
  await until(async () => (await crm.documents(reference)).length === 0, { what: 'it is out of the CRM' });
  await app.find(id('panel-archive'));
});
