/** The fake host's customers: people, companies and sales beside the mails of fake-data. */
import type { AddressView, CustomerView, PersonView, SaleView } from './bindings';
import { elin, maja, me, per, tor, type FakeMail } from './fake-data';

const fjordlys = {
  id: 'c1',
  name: 'Fjordlys Energi AS',
  city: 'Bergen',
  domain: 'fjordlys.no',
  phone: '+47 55 30 10 00',
  since: 2019,
};
const hansa = {
  id: 'c2',
  name: 'Hansa Shipping AS',
  city: 'Stavanger',
  domain: 'hansashipping.no',
  phone: '+47 51 20 40 00',
  since: 2021,
};
const person = (id: string, of: AddressView, title: string, phone: string, at: PersonView['company']): PersonView => ({
  id,
  name: of.name,
  title,
  emails: [of.email],
  phones: [phone],
  company: at,
});

export const fakePeople: PersonView[] = [
  person('p1', maja, 'Head of Procurement', '+47 902 11 734', fjordlys),
  person('p2', elin, 'Project manager', '+47 915 40 220', fjordlys),
  person('p3', tor, 'Site manager', '+47 480 22 119', hansa),
  person('p4', per, 'Managing director', '+47 934 10 555', {
    ...hansa,
    id: 'c3',
    name: 'Brødrene Dahl AS',
    city: 'Oslo',
    domain: 'brodrenedahl.no',
  }),
];

const sales: SaleView[] = [
  {
    id: 's1',
    name: 'Renewal 2027',
    company: 'c1',
    stage: 'Negotiation',
    stage_index: 3,
    stage_count: 5,
    probability: 60,
    amount: 42_000_000,
    currency: 'NOK',
    closes: `${new Date().getFullYear()}-12-15`,
    open: true,
  },
];

/** The customer beside a mail. `now` in seconds. */
export function fakeCustomer(mail: FakeMail, now: number): CustomerView {
  const others = [mail.row.from, ...mail.row.to, ...mail.cc].filter((one) => one.email !== me.email);
  const participants = others.map((one) => ({
    ...one,
    people: fakePeople.filter((known) => known.emails.includes(one.email)),
    might_work_at: [],
  }));
  const known = participants[0]?.people[0];
  const atFjordlys = known?.company?.id === 'c1';
  return {
    participants,
    sales: atFjordlys ? sales : [],
    projects: atFjordlys ? [{ id: 'j1', name: 'Onboarding Stavanger', open: true }] : [],
    activities: atFjordlys
      ? [
          { id: 'a1', kind: 'call', title: 'Call about onboarding scope', date: now - 3 * 86_400, message: null },
          { id: 'a2', kind: 'mail', title: 'Offer for the renewal', date: now - 2 * 86_400, message: null },
          { id: 'a3', kind: 'meeting', title: 'Contract meeting, Teams', date: now + 2 * 86_400, message: null },
        ]
      : [],
    suggestions: known?.company
      ? [
          {
            record: { kind: 'company', id: known.company.id, name: known.company.name },
            reason: 'persons_company',
            selected: true,
          },
          ...(atFjordlys
            ? ([
                { record: { kind: 'sale', id: 's1', name: 'Renewal 2027' }, reason: 'thread', selected: true },
                {
                  record: { kind: 'project', id: 'j1', name: 'Onboarding Stavanger' },
                  reason: 'open_project',
                  selected: false,
                },
              ] as const)
            : []),
        ]
      : [],
    archived: mail.row.pills.some((pill) => pill.kind === 'archived')
      ? {
          id: `x${mail.row.id}`,
          state: 'done',
          records: [{ kind: 'company', id: 'c3', name: 'Brødrene Dahl AS' }],
          date: now - 3600,
          by: me.name,
          code: null,
          already: true,
        }
      : null,
  };
}
