/** What the fake host does with people, companies, sales, projects and selections. */
import { CLOSED, fakeCustomer, recordOf, sameRecord, STAGES } from './fake-crm';
import { fold, type FakeHost, type Handlers, type Tools } from './fake';
import type {
  Command,
  Id,
  RecordDetail,
  RecordKindView,
  RecordLine,
  RecordRequest,
  RecordView,
  SaleView,
} from './index';

type Own = Extract<
  Command,
  | `customer_${string}`
  | `person_${string}`
  | `company_${string}`
  | `record_${string}`
  | `selection_${string}`
  | `cards_${string}`
  | 'sale_change'
  | 'sale_stages'
  | 'sale_save'
  | 'project_save'
  | 'mails_with'
>;

export function recordHandlers(host: FakeHost, { next, change, failure, find }: Tools): Pick<Handlers, Own> {
  const { crm } = host;
  const remote = () => host.state.crm.kind !== 'embedded';
  const told = () => {
    change('crm');
    change('message');
  };

  function one<T extends { id: Id }>(list: T[], id: Id): T {
    const found = list.find((known) => known.id === id);
    if (!found) throw failure('not_found');
    return found;
  }
  /** Somebody else was quicker: what was edited is no longer what is there. */
  function changed(known: { version: string }, asked: { version: string }) {
    if (asked.version && asked.version !== known.version) throw failure('crm_conflict');
    known.version = String(Number(known.version) + 1);
  }
  function editors() {
    if (remote()) throw failure('crm_cannot');
  }
  function stageOf(id: Id): Pick<SaleView, 'stage' | 'stage_index' | 'probability' | 'open'> {
    const stage = one([...STAGES, ...CLOSED], id);
    const at = STAGES.findIndex((known) => known.id === id);
    return {
      stage: stage.name,
      stage_index: at < 0 ? STAGES.length : at + 1,
      probability: stage.probability,
      open: stage.open,
    };
  }
  function companyNamed(id: Id, name: string) {
    if (id) return one(crm.companies, id);
    if (!name) return null;
    const made = { id: next('c'), name, city: '', domain: '', phone: '', since: 0, domains: [], version: '1' };
    crm.companies.push(made);
    return made;
  }
  /** Mails of an address bear the person's or the company's pill from now on. */
  function pills(email: string, record: RecordView | null) {
    for (const { row } of host.mails.filter((mail) => mail.row.from.email === email)) {
      const kept = row.pills.filter((pill) => ['archived', 'queued', 'archive_failed'].includes(pill.kind));
      row.pills = record ? [...kept, { kind: record.kind, text: record.name, record: record.id }] : kept;
    }
  }
  const all = (kind: RecordKindView): RecordLine[] => {
    if (kind === 'company') return crm.companies.map((of) => ({ record: recordOf(kind, of), hint: of.city }));
    if (kind === 'person')
      return crm.people.map((of) => ({
        record: recordOf(kind, of),
        hint: [of.company?.name, of.title].filter(Boolean).join(' · '),
      }));
    const company = (id: Id) => crm.companies.find((known) => known.id === id)?.name ?? '';
    if (kind === 'sale')
      return crm.sales.map((of) => ({
        record: recordOf(kind, of),
        hint: [company(of.company), of.stage].filter(Boolean).join(' · '),
      }));
    return crm.projects.map((of) => ({ record: recordOf(kind, of), hint: company(of.company) }));
  };
  const fits = (name: string, query: string) =>
    fold(query)
      .split(/\s+/)
      .every((word) =>
        fold(name)
          .split(/[\s-]+/)
          .some((part) => part.startsWith(word)),
      );

  const search = (query: string): RecordView[] =>
    (['company', 'person', 'sale', 'project'] as const)
      .flatMap(all)
      .map((line) => line.record)
      .filter((record) => fits(record.name, query));

  function detail({ kind, id }: RecordRequest): RecordDetail {
    const line = all(kind).find((known) => sameRecord(known.record, { kind, id }));
    if (!line) throw failure('not_found');
    const person = kind === 'person' ? one(crm.people, id) : null;
    const sale = kind === 'sale' ? one(crm.sales, id) : null;
    const project = kind === 'project' ? one(crm.projects, id) : null;
    const at = kind === 'company' ? id : (person?.company?.id ?? sale?.company ?? project?.company ?? '');
    const company = crm.companies.find((known) => known.id === at) ?? null;
    const touches = (of: { records: RecordView[] }) => of.records.some((record) => sameRecord(record, { kind, id }));
    return {
      record: line.record,
      person,
      company,
      sale,
      project,
      people: kind === 'company' ? crm.people.filter((known) => known.company?.id === id) : [],
      sales: sale ? [] : crm.sales.filter((known) => known.company === at),
      projects: project ? [] : crm.projects.filter((known) => known.company === at),
      follow_ups: crm.followUps.filter((known) => !known.done && touches(known)),
      sales_waiting: crm.works.filter((known) => known.kind === 'sale' && touches(known)),
      activities: crm.activities.filter(touches),
      page: remote() ? `https://crm.example/${kind}/${id}` : null,
    };
  }

  return {
    customer_get: ({ message }) => fakeCustomer(crm, host.mails, find(message), remote()),
    customer_refresh({ message }) {
      if (crm.away) throw failure('crm_not_running');
      const colleague = crm.byColleagues.get(message);
      if (colleague && !crm.archived.has(message)) crm.archived.set(message, colleague);
      crm.asked.add(message);
      return fakeCustomer(crm, host.mails, find(message), remote());
    },
    person_create(asked) {
      const made = {
        id: next('p'),
        name: asked.name,
        title: asked.title,
        emails: [asked.email],
        phones: asked.phone ? [asked.phone] : [],
        company: companyNamed(asked.company, asked.new_company),
        version: '1',
      };
      crm.people.push(made);
      pills(asked.email, recordOf('person', made));
      told();
      return made;
    },
    person_change(asked) {
      const person = one(crm.people, asked.id);
      changed(person, asked);
      person.name = asked.name ?? person.name;
      person.title = asked.title ?? person.title;
      if (asked.phone !== null) person.phones = [asked.phone, ...person.phones.slice(1)].filter(Boolean);
      if (asked.add_email) {
        person.emails = [...new Set([...person.emails, asked.add_email])];
        pills(asked.add_email, recordOf('person', person));
      }
      told();
      return person;
    },
    person_never({ email, never }) {
      if (never) crm.never.add(email);
      else crm.never.delete(email);
      change('crm');
      return {};
    },
    company_change(asked) {
      const company = one(crm.companies, asked.id);
      changed(company, asked);
      company.name = asked.name ?? company.name;
      company.phone = asked.phone ?? company.phone;
      company.city = asked.city ?? company.city;
      told();
      return company;
    },
    sale_change(asked) {
      const sale = one(crm.sales, asked.id);
      changed(sale, asked);
      sale.name = asked.name ?? sale.name;
      sale.amount = asked.amount ?? sale.amount;
      sale.closes = asked.closes ?? sale.closes;
      if (asked.stage) Object.assign(sale, stageOf(asked.stage));
      told();
      return sale;
    },
    sale_stages: () => [...STAGES, ...CLOSED],
    company_search: ({ query, limit }) => crm.companies.filter((known) => fits(known.name, query)).slice(0, limit),
    record_search: ({ query, limit }) => search(query).slice(0, limit),
    record_search_asked: ({ query, limit }) =>
      [...search(query), ...crm.justMade.filter((record) => fits(record.name, query))].slice(0, limit),
    record_get: detail,
    record_browse({ kind, query, after, limit }) {
      const lines = all(kind)
        .filter((line) => !query || fits(line.record.name, query))
        .sort((a, b) => a.record.name.localeCompare(b.record.name));
      const from = after ? lines.findIndex((line) => line.record.id === after) + 1 : 0;
      const page = lines.slice(from, from + limit);
      return { lines: page, next: from + limit < lines.length ? (page.at(-1)?.record.id ?? '') : '' };
    },
    mails_with: ({ emails, limit }) =>
      host.mails
        .filter(({ row, cc }) => [row.from, ...row.to, ...cc].some((address) => emails.includes(address.email)))
        .map(({ row }) => row)
        .sort((a, b) => b.date - a.date)
        .slice(0, limit),

    company_save(asked) {
      editors();
      const known = asked.id ? one(crm.companies, asked.id) : undefined;
      const made = { ...asked, id: known?.id ?? next('c'), domain: asked.domains[0] ?? '', version: '1' };
      if (known) Object.assign(known, made);
      else crm.companies.push(made);
      told();
      return made;
    },
    person_save({ company, ...asked }) {
      editors();
      const known = asked.id ? one(crm.people, asked.id) : undefined;
      const made = { ...asked, id: known?.id ?? next('p'), company: companyNamed(company, ''), version: '1' };
      if (known) Object.assign(known, made);
      else crm.people.push(made);
      told();
      return made;
    },
    sale_save({ stage, ...asked }) {
      editors();
      const known = asked.id ? one(crm.sales, asked.id) : undefined;
      const made = {
        ...asked,
        ...stageOf(stage),
        stage_count: STAGES.length,
        id: known?.id ?? next('s'),
        version: '1',
      };
      if (known) Object.assign(known, made);
      else crm.sales.push(made);
      told();
      return made;
    },
    project_save(asked) {
      editors();
      const known = asked.id ? one(crm.projects, asked.id) : undefined;
      const made = { ...asked, id: known?.id ?? next('j') };
      if (known) Object.assign(known, made);
      else crm.projects.push(made);
      told();
      return made;
    },
    record_delete({ kind, id }) {
      editors();
      if (kind === 'company') {
        crm.companies = crm.companies.filter((known) => known.id !== id);
        for (const person of crm.people) if (person.company?.id === id) person.company = null;
      } else if (kind === 'person') crm.people = crm.people.filter((known) => known.id !== id);
      else if (kind === 'sale') crm.sales = crm.sales.filter((known) => known.id !== id);
      else crm.projects = crm.projects.filter((known) => known.id !== id);
      told();
      return {};
    },
    selection_list: () => crm.selections.map(({ id, name, members }) => ({ id, name, members: members.length })),
    selection_members: ({ id }) => one(crm.selections, id).members,
    selection_save(asked) {
      editors();
      const known = asked.id ? one(crm.selections, asked.id) : undefined;
      const made = { ...asked, id: known?.id ?? next('sel') };
      if (known) Object.assign(known, made);
      else crm.selections.push(made);
      change('crm');
      return { id: made.id, name: made.name, members: made.members.length };
    },
    selection_delete({ id }) {
      editors();
      crm.selections = crm.selections.filter((known) => known.id !== id);
      change('crm');
      return {};
    },
    cards_import({ path }) {
      editors();
      if (!/\.(csv|vcf)$/i.test(path)) throw failure('invalid_input');
      told();
      return { people: 12, companies: 4, left_out: path.includes('broken') ? 2 : 0 };
    },
    cards_export() {
      editors();
      return { people: crm.people.length, companies: crm.companies.length, left_out: 0 };
    },
  };
}
