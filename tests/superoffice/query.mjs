// Archive providers: their columns, and the filters of both ways of asking. A column or an operator that is not in the
// documents is refused.
import { KEYS } from './store.mjs';

const link = (entity) => (one) => one[entity]?.[KEYS[entity]] ?? 0;
const first = (name) => (one) => one[name]?.[0]?.Value ?? '';
const activity = { contactId: link('Contact'), personId: link('Person'), saleId: link('Sale'), projectId: link('Project') };
const TYPES = ['Unknown', 'inDiary', 'inChecklist', 'Note', 'Document', 'SavedReport', 'BookingForDiary', 'BookingForChecklist'];

/** Columns as functions of an entity; a list is one that any of matches. */
const PROVIDERS = {
  Person: {
    personId: (one) => one.PersonId,
    firstName: (one) => one.Firstname,
    lastName: (one) => one.Lastname,
    fullName: (one) => one.FullName,
    title: (one) => one.Title,
    contactId: link('Contact'),
    retired: (one) => one.Retired,
    personUpdatedDate: (one) => one.UpdatedDate,
    'email/emailAddress': (one) => (one.Emails ?? []).map((email) => email.Value),
    'personMobilePhone/formattedNumber': first('MobilePhones'),
    'personDirectPhone/formattedNumber': first('OfficePhones'),
  },
  Contact: {
    contactId: (one) => one.ContactId,
    name: (one) => one.Name,
    department: (one) => one.Department,
    updatedDate: (one) => one.UpdatedDate,
    'contactPhone/formattedNumber': first('Phones'),
    'streetAddress/city': (one) => one.Address?.Street?.City ?? '',
    'postAddress/city': (one) => one.Address?.Postal?.City ?? '',
    'url/URLAddress': first('Urls'),
    'email/emailAddress': (one) => (one.Emails ?? []).map((email) => email.Value),
  },
  EmailAddress: { emailId: (one) => one.emailId, emailAddress: (one) => one.emailAddress, personId: (one) => one.personId },
  Sale: {
    ...activity,
    saleId: (one) => one.SaleId,
    heading: (one) => one.Heading,
    saleType: (one) => one.SaleType?.Value ?? '',
    stage: (one) => one.Rating?.Value ?? '',
    probPercent: (one) => one.Probability,
    amount: (one) => one.Amount,
    currency: (one) => one.Currency?.Value ?? '',
    date: (one) => one.Saledate,
    completed: (one) => ['Sold', 'Lost'].includes(one.Status),
    updatedDate: (one) => one.UpdatedDate,
  },
  Project: {
    projectId: (one) => one.ProjectId,
    name: (one) => one.Name,
    completed: (one) => one.Completed,
    updatedDate: (one) => one.UpdatedDate,
  },
  Selection: { selectionId: (one) => one.SelectionId, name: (one) => one.Name },
  Appointment: {
    ...activity,
    appointmentId: (one) => one.AppointmentId,
    text: (one) => one.Title,
    date: (one) => one.StartDate,
    endDate: (one) => one.EndDate,
    rawType: (one) => TYPES.indexOf(one.Type),
    recordType: (one) => one.Task?.Type ?? 'Appointment',
    completed: (one) => one.Completed === 'Completed',
    updatedDate: (one) => one.UpdatedDate,
    associateId: (one) => one.Associate?.AssociateId,
  },
  Document: {
    ...activity,
    documentId: (one) => one.DocumentId,
    text: (one) => one.Header,
    name: (one) => one.Name,
    date: (one) => one.Date,
    isMail: () => true,
  },
  Dynamic: {
    'document.document_id': (one) => one.DocumentId,
    'document.header': (one) => one.Header,
    'document.extref': (one) => one.ExternalRef,
  },
};

export class BadQuery extends Error {}

const columnOf = (provider, name) => {
  const column = PROVIDERS[provider]?.[name];
  if (!column) throw new BadQuery(`Unknown column ${name} of ${provider}`);
  return column;
};

const rowsOf = (store, provider) => {
  if (provider === 'Dynamic') return [...store.Document.values()];
  if (provider !== 'EmailAddress') return [...(store[provider]?.values() ?? [])];
  return [...store.Person.values()].flatMap((one) =>
    (one.Emails ?? []).map(({ Value }) => ({
      emailId: store.emails.get(`${one.PersonId} ${Value}`),
      emailAddress: Value,
      personId: one.PersonId,
    })),
  );
};

const text = (value) => String(value ?? '').toLowerCase();
const OPERATORS = {
  is: (a, b) => text(a) === text(b),
  '=': (a, b) => text(a) === text(b),
  eq: (a, b) => text(a) === text(b),
  gt: (a, b) => Number(a) > Number(b),
  begins: (a, b) => text(a).startsWith(text(b)),
  contains: (a, b) => text(a).includes(text(b)),
  // Of the type date: whole days.
  after: (a, b) => String(a).slice(0, 10) > b,
};

const holds = (provider, one, { column, operator, value }, me) => {
  const found = columnOf(provider, column)(one);
  if (operator === 'currentAssociate') return found === me;
  const test = OPERATORS[operator];
  if (!test) throw new BadQuery(`Unknown operator ${operator}`);
  return Array.isArray(found) ? found.some((each) => test(each, value)) : test(found, value);
};

/** `a is 'x' and b gt 3`; all that we ask is joined by `and`. */
export function parse(filter) {
  if (!filter.trim()) return [];
  const tokens = [...filter.matchAll(/'([^'\\]*)'|[^\s']+/g)];
  const plain = tokens.map((token) => token[0]).join('');
  if (plain.replace(/\s/g, '') !== filter.replace(/\s/g, '')) throw new BadQuery('Unbalanced quotes');
  const conditions = [];
  let at = 0;
  const take = () => {
    if (at >= tokens.length) throw new BadQuery('The filter ends early');
    return tokens[at++];
  };
  for (;;) {
    const condition = { column: take()[0], operator: take()[0] };
    if (condition.operator !== 'currentAssociate') {
      const value = take();
      condition.value = value[1] ?? value[0];
    }
    conditions.push(condition);
    if (at >= tokens.length) return conditions;
    if (take()[0].toLowerCase() !== 'and') throw new BadQuery('Expected and');
  }
}

/** Entities of a provider that meet all conditions, in order. */
export function select(store, provider, conditions, { order = '', me, among } = {}) {
  const all = among ?? rowsOf(store, provider);
  const found = all.filter((one) => conditions.every((condition) => holds(provider, one, condition, me)));
  const [column, way] = order.split(' ');
  if (column) {
    const key = columnOf(provider, column);
    found.sort((a, b) => (way === 'desc' ? key(b) - key(a) : key(a) - key(b)));
  }
  return found;
}

export function row(provider, columns, one) {
  const key = Object.values(PROVIDERS[provider])[0];
  const found = { PrimaryKey: String(provider in KEYS ? one[KEYS[provider]] : key(one)), EntityName: provider.toLowerCase() };
  for (const name of columns) {
    const value = columnOf(provider, name)(one);
    found[name] = Array.isArray(value) ? (value[0] ?? '') : value;
  }
  return found;
}
