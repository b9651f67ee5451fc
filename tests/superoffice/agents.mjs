// The agents' methods that we use, or that the vendor's client needs to look at what we did. A missing thing is null.
import { reply } from './double.mjs';
import { refuse } from './api.mjs';
import { row, select } from './query.mjs';
import { STAGES, TASKS, TEMPLATES, USERS } from './store.mjs';

const PREFERENCES = { 'Mail/ArchiveSentMsg': '1' };

const shown = (value) => (typeof value === 'boolean' ? (value ? '1' : '0') : String(value ?? ''));

const AGENTS = {
  'Archive/GetArchiveListByColumns': ({ store, me }, asked) => {
    const conditions = (asked.Restriction ?? []).map((one) => ({
      column: one.Name,
      operator: one.Operator,
      value: one.Values?.[0],
    }));
    const [order] = asked.SortOrder ?? [];
    const found = select(store, asked.ProviderName, conditions, { order: order?.Name ?? '', me });
    const from = (asked.Page ?? 0) * (asked.PageSize ?? 50);
    return found.slice(from, from + (asked.PageSize ?? 50)).map((one) => {
      const { PrimaryKey, EntityName, ...columns } = row(asked.ProviderName, asked.Columns ?? [], one);
      const cells = Object.entries(columns).map(([name, value]) => [
        name,
        { DisplayValue: shown(value), TooltipHint: '', LinkHint: '' },
      ]);
      return { EntityName, PrimaryKey: Number(PrimaryKey), ColumnData: Object.fromEntries(cells), LinkHint: '', StyleHint: '' };
    });
  },
  'Contact/GetDomainDuplicates': ({ store }, { Domain }) =>
    [...store.Contact.values()]
      .filter((one) => [...one.Domains, ...one.Urls.map((url) => url.Value)].some((domain) => domain.includes(Domain)))
      .map((one) => ({ RuleName: 'Domain', SoPrimaryKey: one.ContactId, EntryName: one.Name, EntryIdentifier: '' })),
  'Preference/GetPreferenceByName': (_call, { PrefSection, PrefKey, PrefLevel }) => {
    const RawValue = PREFERENCES[`${PrefSection}/${PrefKey}`];
    const Specification = { Section: PrefSection, Key: PrefKey };
    return RawValue ? { Level: PrefLevel, RawValue, DisplayValue: RawValue, Specification } : null;
  },
  'Document/GetDocumentStream': ({ store, request }, { DocumentId }) => {
    const held = store.content.get(DocumentId);
    if (!held) return null;
    return request.headers.accept === 'application/octet-stream' ? { bytes: held } : held.toString('base64');
  },
  'MDO/GetList': (_call, { Name }) => (Name === 'prob' ? STAGES : []),
  'List/GetDocumentTemplates': () => TEMPLATES,
  'Appointment/GetTaskListItems': () => TASKS,
  'Associate/GetAssociate': ({ url }) => USERS[url.searchParams.get('associateId')] ?? null,
  'Selection/CreateDefaultSelectionEntity': ({ store, me }) => store.blank('Selection', me),
  'Selection/SaveSelectionEntity': ({ store, me }, entity) => store.Selection.get(store.put('Selection', entity, me)),
  'Selection/GetSelectionMembersArchiveRows': ({ store }, { SelectionId, Select }) =>
    (store.Selection.get(SelectionId)?.Members ?? []).map(({ ContactId = 0, PersonId = 0 }, at) => {
      const columns = { contactId: `[I:${ContactId}]`, personId: `[I:${PersonId}]` };
      const cells = Select.split(',').map((name) => [name, { DisplayValue: columns[name] ?? '', TooltipHint: '', LinkHint: '' }]);
      return { EntityName: PersonId ? 'person' : 'contact', PrimaryKey: at + 1, ColumnData: Object.fromEntries(cells) };
    }),
  'Selection/GetSelectionEntity': ({ store, url }) =>
    store.Selection.get(Number(url.searchParams.get('selectionEntityId'))) ?? null,
};

export function agent(call, name, method, asked) {
  const { world, store, response } = call;
  if (name === 'EMail') {
    // Closed to programs that were not given it when they were registered.
    if (!world.emailAgent) return refuse(response, 403, 'SoAccessDeniedException', 'The application may not use the EMail agent');
    const wanted = String(asked.EmailAddress ?? '').toLowerCase();
    const has = (one) => one.Emails.some((email) => email.Value.toLowerCase() === wanted);
    if (method === 'GetPersonEntitiesFromEmailAddress') return call.say([...store.Person.values()].filter(has));
  }
  const work = AGENTS[`${name}/${method}`];
  if (!work) return refuse(response, 404, 'SoNotFoundException', `No method ${name}.${method}`);
  const value = work(call, asked);
  if (value?.bytes) {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    return response.end(value.bytes);
  }
  return value === null ? reply(response, 204, undefined) : call.say(value);
}
