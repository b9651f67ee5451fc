/** The fake host's CRM: people, companies and sales beside the mails of fake-data, and the customer beside a mail. */
import type {
  ActivityView,
  AddressCheck,
  AddressView,
  ArchivedView,
  CompanyView,
  CrmSettings,
  CustomerView,
  FollowUpView,
  MailTypeView,
  PersonView,
  ProjectView,
  RecordRequest,
  RecordView,
  RuleView,
  SaleView,
  SignatureView,
  SkipReason,
  SuggestedRecord,
  WorkView,
} from './bindings';
import type { Id } from './index';
import { elin, joost, katarina, maja, me, per, tor, type FakeMail } from './fake-data';

type On = { records: RecordView[] };
export type FakeSelection = { id: Id; name: string; members: RecordView[] };

/** All that the CRM holds, and what the engine keeps about it. Tests look at it and set it. */
export interface FakeCrm {
  people: PersonView[];
  companies: CompanyView[];
  sales: SaleView[];
  projects: (ProjectView & { company: string })[];
  selections: FakeSelection[];
  followUps: FollowUpView[];
  activities: (ActivityView & On)[];
  /** By the mail's id. */
  archived: Map<Id, ArchivedView>;
  /** What colleagues archived: heard of when the CRM is asked. */
  byColleagues: Map<Id, ArchivedView>;
  /** Conversations whose later mails are archived by themselves. */
  followed: Set<string>;
  /** Mails that the CRM was asked about. */
  asked: Set<Id>;
  skipped: Map<Id, SkipReason>;
  signatures: Map<string, SignatureView>;
  never: Set<string>;
  rules: RuleView[];
  settings: CrmSettings;
  /** Made by colleagues a moment ago: heard of when the CRM is asked. */
  justMade: RecordView[];
  /** As the CRM said when it was asked last. */
  mailTypes: MailTypeView[];
  /** What waits for the CRM besides mails and new follow-ups. */
  works: WorkView[];
  /** Own mails that want an answer, by the moment they remind. */
  waiting: Map<Id, number>;
  checks: AddressCheck[];
  /** The CRM cannot be reached: what is done waits. */
  away: boolean;
}

const company = (
  id: string,
  name: string,
  city: string,
  domain: string,
  phone: string,
  since: number,
): CompanyView => ({
  id,
  name,
  city,
  domain,
  phone,
  since,
  domains: domain ? [domain] : [],
  version: '1',
});
const person = (id: string, of: AddressView, title: string, phone: string, at: CompanyView): PersonView => ({
  id,
  name: of.name,
  title,
  emails: [of.email],
  phones: phone ? [phone] : [],
  company: at,
  version: '1',
});

export const STAGES = ['Lead', 'Qualified', 'Negotiation', 'Offer sent', 'Contract'].map((name, at) => ({
  id: `st${at + 1}`,
  name,
  probability: [10, 30, 60, 75, 90][at]!,
  open: true,
}));
export const CLOSED = [
  { id: 'won', name: 'Sold', probability: 100, open: false },
  { id: 'lost', name: 'Lost', probability: 0, open: false },
];

export const recordOf = (kind: RecordView['kind'], one: { id: Id; name: string }): RecordView => ({
  kind,
  id: one.id,
  name: one.name,
});
export const sameRecord = (a: RecordRequest, b: RecordRequest) => a.kind === b.kind && a.id === b.id;

export function fakeCrm(now: Date): FakeCrm {
  const day = 86_400;
  const seconds = Math.floor(now.getTime() / 1000);
  const at = (days: number, hour: number) => {
    const date = new Date(now);
    date.setDate(date.getDate() + days);
    return Math.floor(date.setHours(hour, 0, 0, 0) / 1000);
  };
  const fjordlys = company('c1', 'Fjordlys Energi AS', 'Bergen', 'fjordlys.no', '+47 55 30 10 00', 2019);
  const hansa = company('c2', 'Hansa Shipping AS', 'Stavanger', 'hansashipping.no', '+47 51 20 40 00', 2021);
  const dahl = company('c3', 'Brødrene Dahl AS', 'Oslo', 'brodrenedahl.no', '+47 22 11 00 30', 2016);
  const marin = company('c4', 'Skärgård Marin AB', 'Göteborg', 'skargard.se', '+46 31 10 20 30', 0);
  const waterland = company('c5', 'Waterland Logistiek BV', 'Utrecht', 'waterlandlogistiek.nl', '', 2022);
  const people = [
    person('p1', maja, 'Head of Procurement', '+47 902 11 734', fjordlys),
    person('p2', elin, 'Project manager', '+47 915 40 220', fjordlys),
    person('p3', tor, 'Site manager', '+47 480 22 119', hansa),
    person('p4', per, 'Managing director', '+47 934 10 555', dahl),
    person('p5', joost, 'Inkoper', '', waterland),
  ];
  const sale = (id: string, name: string, at: CompanyView, who: string, stage: number, amount: number): SaleView => ({
    id,
    name,
    company: at.id,
    stage: STAGES[stage - 1]!.name,
    stage_index: stage,
    stage_count: STAGES.length,
    probability: STAGES[stage - 1]!.probability,
    amount,
    currency: 'NOK',
    closes: `${now.getFullYear()}-12-15`,
    open: true,
    person: who,
    version: '1',
  });
  const renewal = sale('s1', 'Renewal 2027', fjordlys, 'p1', 3, 42_000_000);
  const fleet = sale('s2', 'Fleet rollout', hansa, 'p3', 2, 118_000_000);
  const onboarding = { id: 'j1', name: 'Onboarding Stavanger', open: true, company: 'c1' };
  const fjordlysRecord = recordOf('company', fjordlys);
  const majaRecord = recordOf('person', people[0]!);
  const follow = (
    id: Id,
    kind: FollowUpView['kind'],
    title: string,
    days: number,
    more: Partial<FollowUpView> = {},
  ) => ({
    id,
    kind,
    title,
    text: '',
    start: at(days, 9),
    end: at(days, 10),
    done: false,
    records: [fjordlysRecord, majaRecord],
    message: null,
    queued: false,
    code: null,
    work: null,
    ...more,
  });
  const activity = (id: Id, kind: ActivityView['kind'], title: string, date: number): ActivityView & On => ({
    id,
    kind,
    title,
    date,
    message: null,
    records: [fjordlysRecord, majaRecord, recordOf('sale', renewal)],
  });
  return {
    people,
    companies: [fjordlys, hansa, dahl, marin, waterland],
    sales: [renewal, fleet],
    projects: [onboarding],
    selections: [
      { id: 'sel1', name: 'Newsletter, energy', members: [fjordlysRecord, majaRecord] },
      { id: 'sel2', name: 'Shipping, west coast', members: [recordOf('company', hansa)] },
    ],
    followUps: [
      follow('f1', 'task', 'Send the updated price list', -1),
      follow('f2', 'call', 'Call about onboarding in Stavanger', 1, {
        records: [fjordlysRecord, recordOf('person', people[1]!)],
      }),
      follow('f3', 'appointment', 'Contract meeting, Teams', 2, {
        records: [fjordlysRecord, recordOf('sale', renewal)],
      }),
      follow('f4', 'task', 'Book the crane for week 49', 3, { records: [recordOf('company', hansa)] }),
    ],
    activities: [
      activity('a1', 'call', 'Call about onboarding scope', seconds - 3 * day),
      activity('a2', 'mail', 'Offer for the renewal', seconds - 2 * day),
      activity('a3', 'meeting', 'Contract meeting, Teams', seconds - 9 * day),
    ],
    archived: new Map(),
    byColleagues: new Map(),
    followed: new Set(),
    asked: new Set(),
    skipped: new Map(),
    signatures: new Map([
      [
        katarina.email,
        { name: katarina.name, title: 'Inköpschef', phones: ['+46 70 345 12 88'], company: 'Skärgård Marin AB' },
      ],
    ]),
    never: new Set(),
    rules: [],
    settings: { conversation: 'offer', visible: 'all', attachments: true, excluded: [], internal: [], waiting_days: 3 },
    justMade: [],
    mailTypes: [],
    works: [],
    waiting: new Map(),
    checks: [{ account: '1', email: me.email, card: me.email, state: 'fits', repairable: false }],
    away: false,
  };
}

/** What the mail is suggested to be archived on, and why. */
export function fakeSuggestions(crm: FakeCrm, mail: FakeMail): SuggestedRecord[] {
  const known = crm.people.find((one) => one.emails.includes(mail.row.from.email));
  const at = known?.company;
  if (!at) return [];
  const sales = crm.sales.filter((one) => one.company === at.id && one.open);
  const projects = crm.projects.filter((one) => one.company === at.id && one.open);
  return [
    { record: recordOf('company', at), reason: 'persons_company', selected: true },
    ...sales.slice(0, 1).map((one) => ({
      record: recordOf('sale', one),
      reason: mail.thread === 'renewal' ? ('thread' as const) : ('only_open_sale' as const),
      selected: true,
    })),
    ...projects.map((one) => ({
      record: recordOf('project', one),
      reason: 'open_project' as const,
      selected: false,
    })),
  ];
}

/** The customer beside a mail. `remote`: the CRM is not the embedded one, and is asked behind. */
export function fakeCustomer(crm: FakeCrm, mails: FakeMail[], mail: FakeMail, remote: boolean): CustomerView {
  const others = [mail.row.from, ...mail.row.to, ...mail.cc].filter((one) => one.email !== me.email);
  const participants = others.map((one) => {
    const people = crm.people.filter((known) => known.emails.includes(one.email));
    const domain = one.email.split('@').pop() ?? '';
    return {
      ...one,
      people,
      might_work_at: people.length ? [] : crm.companies.filter((known) => known.domains.includes(domain)),
      never: crm.never.has(one.email),
      signature: people.length || one.email !== mail.row.from.email ? null : (crm.signatures.get(one.email) ?? null),
    };
  });
  const known = participants[0]?.people[0];
  const here = known?.company?.id;
  const thread = mails.filter((one) => one.thread === mail.thread);
  const touches = (one: On) =>
    one.records.some(
      (record) =>
        (record.kind === 'company' && record.id === here) || (record.kind === 'person' && record.id === known?.id),
    );
  const archived = crm.archived.get(mail.row.id) ?? null;
  return {
    participants,
    sales: here ? crm.sales.filter((one) => one.company === here && one.open) : [],
    projects: here ? crm.projects.filter((one) => one.company === here) : [],
    activities: known ? crm.activities.filter(touches).sort((a, b) => b.date - a.date) : [],
    follow_ups: known ? crm.followUps.filter((one) => !one.done && touches(one)).sort((a, b) => a.end - b.end) : [],
    sales_waiting: crm.works.filter((one) => one.kind === 'sale' && (one.message === mail.row.id || touches(one))),
    suggestions: fakeSuggestions(crm, mail),
    archived,
    private: mail.row.private,
    skipped: archived ? null : (crm.skipped.get(mail.row.id) ?? null),
    offer_conversation:
      !archived &&
      crm.settings.conversation === 'offer' &&
      thread.some((one) => one !== mail && crm.archived.get(one.row.id)?.state === 'done'),
    page: remote && known ? `https://crm.example/person/${known.id}` : null,
    stale: remote && !crm.asked.has(mail.row.id),
  };
}
