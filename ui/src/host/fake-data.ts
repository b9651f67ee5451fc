/** Believable data for UI tests and for work on the UI without an engine. Nothing of it is in a release. */
import type { AddressView, AppState, AttachmentView, FolderView, MessageRow, PillView } from './bindings';

export interface FakeMail {
  row: MessageRow;
  thread: string;
  cc: AddressView[];
  attachments: AttachmentView[];
  html: string;
  images: number;
  trackers: number;
}

export const me: AddressView = { name: 'Ingrid Hauge', email: 'ingrid@nordvik.no' };
export const maja = { name: 'Maja Lindqvist', email: 'maja.lindqvist@fjordlys.no' };
export const tor = { name: 'Tor Brekke', email: 'tor.brekke@hansashipping.no' };
export const katarina = { name: 'Katarina Sjöberg', email: 'katarina.sjoberg@skargard.se' };
export const per = { name: 'Per Dahl', email: 'per@brodrenedahl.no' };
export const elin = { name: 'Elin Moe', email: 'elin.moe@fjordlys.no' };
export const joost = { name: 'Joost de Vries', email: 'j.devries@waterlandlogistiek.nl' };
const anders = { name: 'Anders Nygaard', email: 'anders@nygaard-invest.no' };

/** Ids of fake-crm. */
const ids: Record<string, string> = {
  'Fjordlys Energi': 'c1',
  'Hansa Shipping': 'c2',
  'Renewal 2027': 's1',
  'Fleet rollout': 's2',
};
const company = (text: string): PillView => ({ kind: 'company', text, record: ids[text] ?? text });
const sale = (text: string): PillView => ({ kind: 'sale', text, record: ids[text] ?? text });
const notInCrm: PillView = { kind: 'not_in_crm', text: '', record: '' };

const file = (part: number, name: string, mime: string, size: number, dangerous = false): AttachmentView => ({
  part,
  name,
  mime,
  size,
  inline: false,
  dangerous,
});

/** `at`: days ago and the time of day. */
type At = [days: number, hour: number, minute: number];
type Seed = {
  from: AddressView;
  to?: AddressView[];
  cc?: AddressView[];
  subject: string;
  text: string[];
  at: At;
  folder?: string;
  read?: boolean;
  flagged?: boolean;
  pills?: PillView[];
  files?: AttachmentView[];
  thread?: string;
  images?: number;
  trackers?: number;
  unreadable?: boolean;
  keywords?: string[];
};

const seeds: Seed[] = [
  {
    from: me,
    to: [maja],
    subject: 'Offer for the renewal',
    at: [2, 15, 3],
    folder: 'sent',
    thread: 'renewal',
    text: ['Hi Maja, here is the offer as discussed. Prices are as agreed in October.', 'Best regards,<br>Ingrid'],
    pills: [sale('Renewal 2027')],
  },
  {
    from: maja,
    cc: [per],
    subject: 'Re: Offer for the renewal – two questions',
    at: [0, 9, 42],
    thread: 'renewal',
    images: 2,
    trackers: 1,
    text: [
      'Hi Ingrid,',
      'Thanks for the quick turnaround. The board meets on Thursday, so I would like to close two things before that:',
      '1. Can the price hold if we sign for three years instead of two?<br>2. Is the onboarding in Stavanger included, or is it billed by the hour?',
      'If you can send an updated PDF by Wednesday noon, I will put it on the agenda.',
      'Best regards,<br>Maja Lindqvist<br><span style="color:#777">Head of Procurement · Fjordlys Energi AS · +47 902 11 734</span>',
    ],
    pills: [sale('Renewal 2027'), company('Fjordlys Energi')],
    files: [file(2, 'Offer-2027-comments.pdf', 'application/pdf', 184_000)],
  },
  {
    from: tor,
    subject: 'Delivery date for the Stavanger site',
    keywords: ['NonJunk', 'P&AOU-_vent'],
    at: [0, 9, 15],
    read: false,
    text: [
      'Hei Ingrid, can you confirm week 49? Our crew is booked from Monday and we would rather not move them again.',
    ],
    pills: [company('Hansa Shipping')],
  },
  {
    from: katarina,
    subject: 'Introduction – procurement at Skärgård AB',
    at: [0, 8, 57],
    read: false,
    text: [
      'I got your name from Anders. We are looking at suppliers for the coming season and would like to hear what you can do.',
    ],
    pills: [notInCrm],
  },
  {
    from: per,
    subject: 'Frame agreement, signed copy',
    at: [0, 8, 20],
    text: ['Signed and attached. Looking forward to it!'],
    pills: [{ kind: 'archived', text: '', record: '' }],
    files: [
      file(2, 'Frame agreement.pdf', 'application/pdf', 1_240_000),
      file(3, 'setup.exe', 'application/x-msdownload', 88_000, true),
    ],
  },
  {
    from: elin,
    subject: 'Minutes from the workshop',
    at: [1, 16, 12],
    text: [
      'Hi both, minutes below. Action points: 1) Ingrid sends the revised schedule, 2) Per checks the crane, 3) we meet again in two weeks.',
    ],
    pills: [sale('Fleet rollout')],
  },
  {
    from: joost,
    subject: 'Prijsopgave Q1',
    at: [1, 13, 40],
    text: ['Dank je wel, ziet er goed uit. Ik kom er maandag op terug met de aantallen per vestiging.'],
  },
  {
    from: anders,
    subject: 'Lunch on Wednesday?',
    at: [1, 11, 5],
    text: ['I will be in Bergen all day. Usual place at 11:30?'],
  },
];

const people = [maja, tor, katarina, per, elin, joost, anders];
const subjects = [
  'Schedule for the next delivery',
  'Question about the invoice',
  'Meeting on Tuesday',
  'Updated drawings',
  'Re: Service agreement',
  'Preise für das Frühjahr',
  'Møtereferat',
  'Offert för Göteborg',
  'Bestilling af reservedele',
  'Verlenging contract',
];
for (let at = 0; at < 260; at++) {
  const from = people[at % people.length]!;
  seeds.push({
    from,
    subject: subjects[at % subjects.length]!,
    at: [3 + Math.floor(at / 5), 8 + (at % 9), (at * 7) % 60],
    read: at % 9 !== 4,
    text: [
      'Hello Ingrid, as agreed on the phone here is what we need for the next step. Please have a look and tell me what you think.',
    ],
    pills: from === katarina ? [notInCrm] : at % 4 === 0 ? [company('Fjordlys Energi')] : [],
  });
}
seeds.push({
  from: tor,
  subject: '=?broken?=',
  at: [4, 7, 30],
  text: ['Content-Type: multipart/mixed; boundary='],
  unreadable: true,
});

/** All the mails, oldest first, so that ids run in date order. */
export function fakeMails(now: Date): FakeMail[] {
  const dated = seeds.map((seed) => {
    const date = new Date(now);
    date.setDate(date.getDate() - seed.at[0]);
    date.setHours(seed.at[1], seed.at[2], 0, 0);
    return { seed, date: Math.floor(date.getTime() / 1000) };
  });
  dated.sort((a, b) => a.date - b.date);
  return dated.map(({ seed, date }, index) => ({
    thread: seed.thread ?? `own-${index}`,
    cc: seed.cc ?? [],
    attachments: seed.files ?? [],
    html: seed.text.map((part) => `<p>${part}</p>`).join(''),
    images: seed.images ?? 0,
    trackers: seed.trackers ?? 0,
    row: {
      id: String(index + 1),
      account: '1',
      folder: seed.folder ?? 'inbox',
      from: seed.from,
      to: seed.to ?? [me],
      subject: seed.subject,
      preview: seed.text
        .slice(seed.text.length > 2 ? 1 : 0)
        .join(' ')
        .replace(/<[^>]*>/g, ' '),
      date,
      read: seed.read ?? true,
      flagged: seed.flagged ?? false,
      answered: false,
      forwarded: false,
      attachments: seed.files?.length ?? 0,
      unreadable: seed.unreadable ?? false,
      partial: false,
      pills: seed.pills ?? [],
      snippet: '',
      keywords: seed.keywords ?? [],
      private: false,
    },
  }));
}

/** `path`: parts joined with `/`, the last is its name. */
export const fakeFolder = (id: string, path: string, role: FolderView['role'] = 'other'): FolderView => ({
  id,
  account: '1',
  name: path.split('/').at(-1)!,
  path,
  role,
  unread: 0,
  total: 0,
  selectable: true,
  subscribed: true,
  notify: role === 'inbox',
  own: role === 'other',
  label: false,
});

export const fakeFolders = (): FolderView[] => [
  fakeFolder('inbox', 'INBOX', 'inbox'),
  fakeFolder('sent', 'Sent', 'sent'),
  fakeFolder('drafts', 'Drafts', 'drafts'),
  fakeFolder('done', 'Archive', 'done'),
  fakeFolder('junk', 'Junk', 'junk'),
  fakeFolder('trash', 'Trash', 'trash'),
  fakeFolder('tenders', 'Tenders'),
  fakeFolder('travel', 'Travel'),
  { ...fakeFolder('customers', 'Customers'), selectable: false },
  fakeFolder('bergen', 'Customers/Bergen'),
  fakeFolder('oslo', 'Customers/Oslo'),
  fakeFolder('oslo-harbour', 'Customers/Oslo/Harbour'),
];

export const fakeState = (): AppState => ({
  version: '0.1.0',
  accounts: [
    {
      id: '1',
      email: me.email,
      name: me.name,
      incoming: { host: 'imap.nordvik.no', port: 993, security: 'tls' },
      incoming_user: me.email,
      outgoing: { host: 'smtp.nordvik.no', port: 465, security: 'tls' },
      outgoing_user: me.email,
      days: 30,
      oauth: null,
      state: 'idle',
      code: null,
      progress: null,
    },
  ],
  crm: {
    name: 'Clientele CRM',
    link: '0',
    kind: 'embedded',
    ok: true,
    code: null,
    queued: 0,
    failed: 0,
    user: '',
    missing: [
      { what: 'visibility', why: 'one_user' },
      { what: 'mail_types', why: 'not_in_crm' },
    ],
    filling: null,
    refreshed: 0,
  },
  settings: {
    theme: 'system',
    language: '',
    signature: '<p>Med vennlig hilsen<br><b>Ingrid Hauge</b></p>',
    notifications: true,
    notify: { customers_only: false, grouped: true, quiet: null, muted: [] },
    read_after: 2,
    layout: 'right',
    density: 'comfortable',
    writing: { font: '', size: 0, colour: '' },
    inline_images: true,
    sent_copy: true,
  },
  language: 'en',
  secrets: 'keyring',
  tray: true,
  outbox: 0,
  refused: 0,
  disk_full: false,
  store_set_aside: false,
  policy: {
    path: null,
    problems: [],
    accounts_max: 0,
    days_default: 30,
    days_max: null,
    allowed_security: [],
    certificate_exceptions: true,
    oauth: ['google', 'microsoft'],
  },
});
