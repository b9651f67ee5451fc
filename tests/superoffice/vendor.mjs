// Drives the double with the vendor's own client: node vendor.mjs BASE TOKEN DOCUMENT
// Each line is one call that we use, by another's hands: what goes in is the client's own writing, what comes out is what
// the client makes of the answer. Prints { name: "ok" or what was wrong }.
import { createRequire } from 'node:module';

// Its modules for import name files that Node does not find; those for require work.
const webapi = createRequire(import.meta.url)('@superoffice/webapi');

const [base, token, document] = process.argv.slice(2);
const said = {};
const check = async (name, work) => {
  try {
    said[name] = (await work()) ? 'ok' : 'another answer than was expected';
  } catch (error) {
    said[name] = `${error.message} ${JSON.stringify(error.response?.data ?? '')}`;
  }
};

const options = { timezone: 'UTC', timezoneInclude: true };
const config = { baseUrl: base, axiosConfig: { headers: { Authorization: `Bearer ${token}` } } };
const make = (name) => new webapi[name](base, config.axiosConfig);
const rest = Object.fromEntries(
  ['Contact', 'Person', 'Sale', 'Appointment', 'Project', 'Document'].map((name) => [name, make(`${name}RestApi`)]),
);
let company;
let human;

await check('Contact: default, create, read', async () => {
  const blank = await rest.Contact.getDefaultAsync();
  blank.name = 'Klientens AS';
  blank.domains = ['klienten.example'];
  company = await rest.Contact.postAsync(blank, options);
  const read = await rest.Contact.getByIdAsync(company.contactId, options);
  return company.contactId > 0 && read.name === 'Klientens AS' && read.domains[0] === 'klienten.example';
});
await check('Person: create with company and two addresses', async () => {
  const blank = await rest.Person.getDefaultAsync();
  Object.assign(blank, { firstname: "Siobhan", lastname: "O'Brien", contact: { contactId: company.contactId } });
  blank.emails = [{ value: "s.o'brien@klienten.example" }, { value: 'second@privat.example' }];
  human = await rest.Person.postAsync(blank, options);
  return human.fullName === "Siobhan O'Brien" && human.contact.name === 'Klientens AS' && human.emails.length === 2;
});
await check('Person: patch by merge and by operations', async () => {
  await rest.Person.patchByIdAsync(human.personId, { title: 'CFO' }, options);
  const changed = await rest.Person.patchByIdAsync(human.personId, [{ op: 'replace', path: 'title', value: 'CEO' }], options);
  return changed.title === 'CEO' && changed.emails.length === 2;
});
await check('Person: put, and dates as dates', async () => {
  const read = await rest.Person.getByIdAsync(human.personId, options);
  read.mrmrs = 'Ms.';
  const changed = await rest.Person.putByIdAsync(human.personId, read, options);
  return changed.updatedDate instanceof Date && Math.abs(changed.updatedDate - Date.now()) < 60_000;
});
await check('Sale: default, create, read', async () => {
  const blank = await rest.Sale.getDefaultAsync();
  Object.assign(blank, { heading: 'Kabel', amount: 1234.5, contact: { contactId: company.contactId } });
  const made = await rest.Sale.postAsync(blank, options);
  const read = await rest.Sale.getByIdAsync(made.saleId, options);
  return read.amount === 1234.5 && read.status === 'Open' && read.contact.contactId === company.contactId;
});
await check('Contact: patch of name, phones and city, and not when it changed since', async () => {
  const read = await rest.Contact.getByIdAsync(company.contactId, options);
  const address = { ...read.address, street: { ...read.address?.street, city: 'Bergen' } };
  const change = { name: 'Klientens nye AS', phones: [{ value: '+47 55' }], address };
  const changed = await rest.Contact.patchByIdAsync(company.contactId, change, options);
  // A client of its own: the header stays with the one that was given it.
  const other = new webapi.ContactRestApi(base, { headers: { ...config.axiosConfig.headers } });
  const since = { ...options, ifUnmodifiedSince: new Date('2001-01-01') };
  const refused = await other.patchByIdAsync(company.contactId, { name: 'X' }, since).then(() => 0, (error) => error.response.status);
  said['Contact: patch, the client can say since when'] = refused === 412 ? 'ok' : `status ${refused}`;
  return changed.name === 'Klientens nye AS' && changed.phones[0].value === '+47 55' && changed.address.street.city === 'Bergen';
});
await check('Sale: patch of amount, day and stage by its number', async () => {
  const blank = await rest.Sale.getDefaultAsync();
  const made = await rest.Sale.postAsync(Object.assign(blank, { heading: 'Kabel' }), options);
  const change = { heading: 'Kabler', amount: 2500.5, rating: { id: 3 }, saledate: new Date('2027-03-31T00:00:00Z') };
  const changed = await rest.Sale.patchByIdAsync(made.saleId, change, options);
  return changed.heading === 'Kabler' && changed.amount === 2500.5 && changed.rating.value === 'Negotiation' && changed.saledate.getUTCMonth() === 2;
});
await check('Selection: create, read, and who is in it', async () => {
  const blank = await make('SelectionAgent').createDefaultSelectionEntityAsync();
  const made = await make('SelectionAgent').saveSelectionEntityAsync(Object.assign(blank, { name: 'Høst' }));
  const read = await make('SelectionAgent').getSelectionEntityAsync(made.selectionId);
  const rows = await make('SelectionAgent').getSelectionMembersArchiveRowsAsync(made.selectionId, 'contactId,personId');
  return read.name === 'Høst' && read.targetTableName === 'contact' && rows.length === 0;
});
await check('Appointment: default, create, complete', async () => {
  const blank = await rest.Appointment.getDefaultAsync();
  Object.assign(blank, { title: 'Ring', type: 'inDiary', task: { taskListItemId: 11 }, startDate: new Date() });
  const made = await rest.Appointment.postAsync(blank, options);
  const done = await rest.Appointment.patchByIdAsync(made.appointmentId, { completed: 'Completed' }, options);
  return made.task.type === 'Phone' && done.completed === 'Completed';
});
await check('Project: create, read, delete', async () => {
  const blank = await rest.Project.getDefaultAsync();
  blank.name = 'Utrulling';
  const made = await rest.Project.postAsync(blank, options);
  await rest.Project.deleteByIdAsync(made.projectId);
  return rest.Project.getByIdAsync(made.projectId).then(() => false, (error) => error.response.status === 404);
});
await check('Document: what our adapter archived, read by the client', async () => {
  const read = await rest.Document.getByIdAsync(Number(document), options);
  const bytes = Buffer.from(await make('DocumentAgent').getDocumentStreamAsync(Number(document)));
  const link = read.links.some((one) => one.entityName === 'person');
  return read.documentTemplate.documentTemplateId === 3 && read.externalRef && link && bytes.includes('Message-ID');
});
await check('Document: default, create, patch, delete', async () => {
  const blank = await rest.Document.getDefaultAsync();
  Object.assign(blank, { header: 'Brev', name: 'Brev.eml', externalRef: 'a@b', type: 'Document', completed: 'Completed' });
  const made = await rest.Document.postAsync(blank, options);
  const links = [{ entityName: 'sale', id: 1 }];
  const linked = await rest.Document.patchByIdAsync(made.documentId, { links }, options);
  await rest.Document.deleteByIdAsync(made.documentId);
  return linked.links.length === 1 && linked.header === 'Brev';
});
await check('Archive agent: a quote in a value is a value', async () => {
  const restriction = [{ name: 'email/emailAddress', operator: 'is', values: ["s.o'brien@klienten.example"], isActive: true }];
  const sort = [{ name: 'personId', direction: 'ASC' }];
  const rows = await make('ArchiveAgent').getArchiveListByColumnsAsync('Person', ['personId', 'fullName'], sort, restriction, [], 0, 20);
  return rows.length === 1 && rows[0].columnData.fullName.displayValue === "Siobhan O'Brien";
});
await check('Contact agent: duplicates of a domain', async () => {
  const found = await make('ContactAgent').getDomainDuplicatesAsync('klienten.example');
  return found.some((one) => one.soPrimaryKey === company.contactId);
});
await check('EMail agent: refused where it was not granted', async () =>
  make('EMailAgent').getPersonEntitiesFromEmailAddressAsync('x@y.example').then(() => false, (error) => error.response.status === 403),
);
await check('Preference agent', async () => {
  const found = await make('PreferenceAgent').getPreferenceByNameAsync('Mail', 'ArchiveSentMsg', 'Individual');
  return found.rawValue === '1' && found.specification.key === 'ArchiveSentMsg';
});
await check('List, MDO, Appointment, Associate agents: what lists hold', async () => {
  const templates = await make('ListAgent').getDocumentTemplatesAsync();
  const stages = await make('MDOAgent').getListAsync('prob', true, '', false);
  const tasks = await make('AppointmentAgent').getTaskListItemsAsync(false);
  const who = await make('AssociateAgent').getAssociateAsync(5);
  return templates.length > 3 && stages[2].name === 'Negotiation' && tasks[1].type === 'Phone' && who.fullName === 'Kari Nord';
});
console.log(JSON.stringify(said));
