/** What the page's address may ask of the fake host beside its first looks: other settings, a second mailbox, trouble. */
import { fakeConnected } from './fake-connect';
import type { FakeHost } from './fake';
import type { Code, Density, DoctorLine, HistoryView, Layout } from './index';

const line = (topic: string, health: DoctorLine['health'], more: Partial<DoctorLine> = {}): DoctorLine => ({
  topic,
  account: '',
  health,
  code: '',
  detail: '',
  url: null,
  message: null,
  ...more,
});

/** A mailbox beside the first, with an inbox of its own and every third mail of the first one's. */
export function secondMailbox(host: FakeHost): void {
  const first = host.state.accounts[0]!;
  const email = 'sales@hauge-consulting.eu';
  host.state.accounts = [
    first,
    { ...structuredClone(first), id: '2', email, incoming_user: email, outgoing_user: email },
  ];
  for (const folder of host.folders.filter((one) => ['inbox', 'sent', 'done'].includes(one.role)))
    host.folders.push({ ...folder, id: `${folder.id}-2`, account: '2' });
  for (const { row } of host.mails.filter((one, at) => at % 3 === 1 && one.row.folder === 'inbox'))
    Object.assign(row, { account: '2', folder: 'inbox-2' });
}

/** Another CRM than the embedded one, with a colleague's mail in it, and some that wait or were refused. */
export function remoteCrm(host: FakeHost, kind: string): void {
  fakeConnected(host, kind);
  const now = Math.floor(Date.now() / 1000);
  const at = (subject: string) => host.mails.findLast((one) => one.row.subject.includes(subject));
  const colleague = at('Minutes from the workshop');
  const records = [{ kind: 'company' as const, id: 'c1', name: 'Fjordlys Energi AS' }];
  const plain = { records, date: now - 7200, by: 'Ola Nordmann', code: null, already: false, automatic: false };
  if (colleague) host.crm.byColleagues.set(colleague.row.id, { ...plain, id: '', state: 'done', elsewhere: '' });
  host.crm.checks = [
    { account: '1', email: 'ingrid@nordvik.no', card: 'ingrid.hauge@nordvik.no', state: 'differs', repairable: true },
  ];
}

/**
 * `layout`, `density`, `secrets`, `accounts=2`, `trouble` (the code that the last account has, with what the doctor says of it),
 * `crm` (its kind), `away` (it cannot be reached), `unsent` (a mail and a change that wait), `policy` (a file with a fault), `trusted` (a certificate accepted by hand), `past` (all mail is
 * being fetched, or how that is), `disk` (full), `damaged` (a
 * database, with backups).
 */
export function dressed(host: FakeHost, asked: URLSearchParams): void {
  const { settings, policy } = host.state;
  settings.layout = (asked.get('layout') as Layout | null) ?? settings.layout;
  settings.density = (asked.get('density') as Density | null) ?? settings.density;
  host.state.secrets = (asked.get('secrets') as typeof host.state.secrets | null) ?? host.state.secrets;
  if (asked.get('accounts') === '2') secondMailbox(host);
  if (asked.has('trouble')) {
    const code = (asked.get('trouble') || 'sign_in_again') as Code;
    const last = host.state.accounts.at(-1)!;
    const asks = code.startsWith('sign_in') || code.startsWith('oauth') || code.endsWith('_disabled');
    Object.assign(last, {
      state: code === 'offline' ? 'offline' : asks ? 'sign_in_needed' : 'failed',
      code,
    });
    const account = last.email;
    host.ill = [
      line('incoming', 'error', { account, code, detail: 'NO [AUTHENTICATIONFAILED]' }),
      line('provider_mail', 'warning', { account, message: '3' }),
      line('outgoing', 'error', { account, code: 'smtp_auth_disabled', url: 'https://aka.ms/smtp_auth_disabled' }),
      line('disk', 'ok', { detail: '81 204 MB free' }),
      line('clock', 'ok'),
    ];
  }
  if (asked.has('unsent')) {
    host.outbox.push({
      id: 'unsent1',
      account: '1',
      to: [{ name: 'Maja Lindqvist', email: 'maja.lindqvist@fjordlys.no' }],
      subject: 'Re: Offer for the renewal',
      state: 'queued',
      code: null,
      detail: '',
      queued: Math.floor(Date.now() / 1000),
    });
    host.refused.push({
      id: 'op1',
      action: 'done',
      subject: 'Minutes',
      code: 'server_refused',
      detail: 'NO',
      since: 1,
    });
    host.state.crm.queued = 2;
  }
  host.crm.away = asked.has('away');
  if (asked.has('crm')) remoteCrm(host, asked.get('crm') || 'superoffice');
  if (asked.has('past'))
    host.history = [
      {
        account: '1',
        state: asked.get('past') as HistoryView['state'],
        done: 12_400,
        total: 40_000,
        seconds_left: 180,
      },
    ];
  if (asked.has('damaged')) {
    host.failing.app_state = 'store_damaged';
    const day = Math.floor(Date.UTC(2026, 11, 5, 6, 30) / 1000);
    host.backups = [0, 1, 2].map((at) => ({
      n: at + 1,
      date: day - at * 86_400,
      size: 1_240_000 - at * 9000,
      sound: at !== 1,
      database: 'local',
    }));
  }
  if (asked.has('disk')) host.state.disk_full = true;
  if (asked.has('policy')) {
    policy.accounts_max = 1;
    policy.days_max = 90;
    policy.path = '/etc/clientele/policy.toml';
    policy.problems = ['/etc/clientele/policy.toml:7: unknown key “allowd_ports”'];
  }
  if (asked.has('trusted')) {
    const sha256 = Array.from({ length: 32 }, (_, at) =>
      ((at * 37 + 11) % 256).toString(16).padStart(2, '0').toUpperCase(),
    );
    host.trusted.push({ host: 'mail.hauge-consulting.eu', port: 993, sha256: sha256.join(':') });
  }
}
