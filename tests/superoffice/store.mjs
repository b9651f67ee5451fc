// What the tenant holds, as the entities are on the wire: PascalCase, dates in UTC.

const EMPTY = '0001-01-01T00:00:00Z';
export const NAMES = ['Person', 'Contact', 'Document', 'Appointment', 'Sale', 'Project', 'Selection'];
export const KEYS = Object.fromEntries(NAMES.map((name) => [name, `${name}Id`]));

const user = (id, login, name) => ({
  AssociateId: id,
  Name: login,
  PersonId: 0,
  Type: 'InternalAssociate',
  GroupIdx: 2,
  FullName: name,
  FormalName: name,
  Deleted: false,
  TableRight: { Mask: 'Select, Update, Delete', Reason: '' },
  FieldProperties: {},
});
export const USERS = { 5: user(5, 'KARI', 'Kari Nord'), 6: user(6, 'OLA', 'Ola Nord') };

export const TEMPLATES = [
  { DocumentTemplateId: 1, Name: 'Letter', RecordType: 'Document', Direction: 'Outgoing', Deleted: false },
  { DocumentTemplateId: 2, Name: 'Old mail in', RecordType: 'Email', Direction: 'Incoming', Deleted: true },
  { DocumentTemplateId: 3, Name: 'Mail in', RecordType: 'Email', Direction: 'Incoming', Deleted: false },
  { DocumentTemplateId: 4, Name: 'Mail out', RecordType: 'Email', Direction: 'Outgoing', Deleted: false },
  { DocumentTemplateId: 6, Name: 'Support mail', RecordType: 'Email', Direction: 'Incoming', Deleted: false },
  { DocumentTemplateId: 7, Name: 'Document in', RecordType: 'Document', Direction: 'Incoming', Deleted: false },
  { DocumentTemplateId: 5, Name: 'Quote', RecordType: 'Email', Direction: 'Outgoing', QuoteDocType: 'MailBody' },
];
export const TASKS = [
  { TaskListItemId: 10, Value: 'Meeting', Type: 'Appointment', Direction: 'Incoming', Deleted: false },
  { TaskListItemId: 11, Value: 'Call', Type: 'Phone', Direction: 'Outgoing', Deleted: false },
  { TaskListItemId: 12, Value: 'To-do', Type: 'ToDo', Direction: 'Unknown', Deleted: false },
];
export const STAGES = ['First contact', 'Offer', 'Negotiation', 'Verbal yes'].map((Name, at) => ({
  Id: at + 1,
  Name,
  ToolTip: '',
  Deleted: false,
  Rank: at + 1,
  Type: '',
  ChildItems: [],
}));

const common = { TableRight: null, FieldProperties: {}, Links: [], CustomFields: {}, UserDefinedFields: {} };
const elements = (...names) => Object.fromEntries(names.map((name) => [name, []]));
const DEFAULTS = {
  Person: {
    Firstname: '', MiddleName: '', Lastname: '', Title: '', Retired: false, Contact: null, Interests: [],
    ...elements('Emails', 'PrivatePhones', 'OfficePhones', 'MobilePhones', 'OtherPhones', 'Faxes', 'Urls'),
  },
  Contact: {
    Name: '', Department: '', OrgNr: '', Domains: [], Deleted: 0, Address: null, Persons: [],
    ...elements('Emails', 'Phones', 'Faxes', 'Urls'),
  },
  Document: {
    Header: '', Name: '', Description: '', ExternalRef: '', Date: EMPTY, Type: 'Document', Completed: 'NotStarted',
    DocumentTemplate: null, Contact: null, Person: null, Sale: null, Project: null, VisibleFor: [], LockSemantics: 'None',
  },
  Appointment: {
    Title: '', Description: '', StartDate: EMPTY, EndDate: EMPTY, Type: 'inDiary', Completed: 'NotStarted', Task: null,
    Contact: null, Person: null, Sale: null, Project: null, Private: 'Public', AlarmLeadTime: '00:15:00',
  },
  Sale: {
    Heading: '', Amount: 0, Currency: { Id: 1, Value: 'NOK', Tooltip: '' }, Probability: 10, Saledate: EMPTY,
    Rating: { Id: 1, Value: 'First contact', Tooltip: '' }, Status: 'Open', SaleType: { Id: 1, Value: 'Standard' },
    Contact: null, Person: null, Project: null,
  },
  Project: { Name: '', ProjectNumber: '', Completed: false, ProjectMembers: [], EndDate: EMPTY },
  // Members: what the double holds, and no entity says.
  Selection: { Name: '', MemberCount: 0, TargetTableName: 'contact', SelectionType: 'Static', Members: [] },
};

/** The first letter of each name is large; what is said twice in both ways, the later way. Case says nothing on input. */
export function pascal(value) {
  if (Array.isArray(value)) return value.map(pascal);
  if (value === null || typeof value !== 'object') return value;
  const named = (name) => (/^[a-z]/.test(name) ? name[0].toUpperCase() + name.slice(1) : name);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [named(name), pascal(inner)]));
}

const seconds = () => new Date(Math.floor(Date.now() / 1000) * 1000).toISOString().replace('.000Z', 'Z');

export class Store {
  constructor() {
    for (const name of NAMES) this[name] = new Map();
    this.content = new Map();
    this.next = 1;
    this.emails = new Map();
    /** The users' own cards, out of the way of other numbers. */
    this.cards = { 5: 900_005, 6: 900_006 };
    for (const [user, PersonId] of Object.entries(this.cards)) {
      const [Firstname, Lastname] = USERS[user].FullName.split(' ');
      this.put('Person', { PersonId, Firstname, Lastname, Emails: [{ Value: `${Firstname}@nord.example`.toLowerCase() }] }, 5);
    }
    this.next = 1;
  }

  blank(name, by) {
    return structuredClone({ ...common, ...DEFAULTS[name], [KEYS[name]]: 0, Associate: USERS[by] });
  }

  /** A new entity, or the whole of an old one. */
  put(name, value, by) {
    const given = pascal(value);
    const key = KEYS[name];
    const id = given[key] || this.next++;
    this.next = Math.max(this.next, id + 1);
    const before = this[name].get(id);
    const merged = { ...(before ?? this.blank(name, by)), ...given, [key]: id };
    merged.UpdatedDate = given.UpdatedDate && !before ? given.UpdatedDate : seconds();
    merged.CreatedDate = before?.CreatedDate ?? seconds();
    merged.UpdatedBy = USERS[by];
    merged.CreatedBy = before?.CreatedBy ?? USERS[by];
    if (merged.Associate?.AssociateId) merged.Associate = USERS[merged.Associate.AssociateId] ?? USERS[by];
    this.settle(name, merged);
    this[name].set(id, merged);
    return id;
  }

  /** What the server makes of what it was given: full names, references, ids of addresses. */
  settle(name, one) {
    if (name === 'Person') {
      one.FullName = [one.Firstname, one.MiddleName, one.Lastname].filter(Boolean).join(' ');
      for (const email of one.Emails ?? []) {
        email.StrippedValue = email.Value;
        const key = `${one.PersonId} ${email.Value}`;
        if (!this.emails.has(key)) this.emails.set(key, this.next++);
      }
    }
    const company = one.Contact?.ContactId ? this.Contact.get(one.Contact.ContactId) : null;
    if ('Contact' in one) one.Contact = company ? { ContactId: company.ContactId, Name: company.Name } : null;
    if (name === 'Person') return;
    const person = one.Person?.PersonId ? this.Person.get(one.Person.PersonId) : null;
    // A person of another company does not stay on a document.
    const fits = person && (!company || person.Contact?.ContactId === company.ContactId);
    if ('Person' in one) one.Person = fits ? { PersonId: person.PersonId, FullName: person.FullName } : null;
    // A list is said by its number; the server knows the name.
    if (name === 'Sale' && one.Rating?.Id) {
      const stage = STAGES.find(({ Id }) => Id === one.Rating.Id);
      one.Rating = { Id: stage.Id, Value: stage.Name, Tooltip: '' };
      one.Probability = [10, 40, 60, 90][stage.Id - 1];
    }
    if (one.Task?.TaskListItemId) one.Task = TASKS.find((task) => task.TaskListItemId === one.Task.TaskListItemId);
  }

  /** Many of each, made up by number, beside what is there. */
  seed({ companies = 0, people = 0, sales = 0 }) {
    const first = this.next;
    const old = '2024-05-05T10:00:00Z';
    for (let at = 0; at < companies; at += 1) {
      const Emails = [{ Value: `post@firma${at}.example` }];
      this.put('Contact', { Name: `Firma ${at}`, Emails, UpdatedDate: old }, 5);
    }
    for (let at = 0; at < people; at += 1) {
      const Contact = companies ? { ContactId: first + (at % companies) } : null;
      const Emails = [{ Value: `person${at}@firma${at % (companies || 1)}.example` }];
      if (at % 10 === 0) Emails.push({ Value: `second${at}@privat.example` });
      this.put('Person', { Firstname: 'Person', Lastname: `Nr${at}`, Contact, Emails, UpdatedDate: old }, 5);
    }
    for (let at = 0; at < sales; at += 1) {
      const Contact = companies ? { ContactId: first + (at % companies) } : null;
      this.put('Sale', { Heading: `Salg ${at}`, Amount: at * 100.5, Contact, UpdatedDate: old }, 5);
    }
  }
}
