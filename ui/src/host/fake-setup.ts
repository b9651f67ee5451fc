/** The fake host's mailboxes: looking for servers, signing in, trying out, certificates, the proxy, small memories. */
import { fakeState } from './fake-data';
import type { FakeHost, Handlers, Tools } from './fake';
import { fakeDiscover } from './fake-found';
import type {
  AccountDraft,
  CertificateException,
  CertificateView,
  Code,
  Command,
  EndpointView,
  HostError,
  Id,
  ProxyView,
  SideReport,
} from './index';

/** How the fake host is told to fail, and what it was told to keep. */
export interface FakeSetup {
  /** Laid over what the next try-outs answer. */
  tried: { incoming: Partial<SideReport>; outgoing: Partial<SideReport> };
  /** What becomes of a sign-in in the browser: it waits for `signedIn()`, is finished at once, or fails with a code. */
  browser: 'waits' | 'signs_in' | Code;
  signedIn(): void;
  trusted: CertificateException[];
  proxy: ProxyView;
  memory: Map<string, string>;
}

type Own = Extract<
  Exclude<Command, 'account_finish'>,
  | `account_${string}`
  | `sign_in_${string}`
  | `certificate_${string}`
  | `proxy_${string}`
  | `memory_${string}`
  | 'discover'
>;

const day = 86_400;

/** A password of `wrong` is refused; a host's name with `expired`, `wrongname` or `selfsigned` has such a certificate. */
function tryOut(host: FakeHost, side: 'incoming' | 'outgoing', asked: AccountDraft): SideReport {
  const typed = asked[side];
  const { host: name, port } = apart(typed);
  const report: SideReport = {
    ok: true,
    stage: 'use',
    code: null,
    detail: '',
    host: name,
    port,
    milliseconds: side === 'incoming' ? 212 : 140,
    tls: typed.security === 'none' ? '' : 'TLS 1.3',
    folders: side === 'incoming' ? 14 : 0,
    proposal: null,
    proposal_user: null,
    mechanism: asked.grant ? 'XOAUTH2' : 'SCRAM-SHA-256',
    certificate: null,
  };
  const fails = (stage: SideReport['stage'], code: Code, more: Partial<SideReport> = {}): SideReport => ({
    ...report,
    ok: false,
    stage,
    code,
    folders: 0,
    // As the engine has it: only what worked says what it was encrypted with.
    tls: '',
    mechanism: '',
    ...more,
  });
  const password = side === 'outgoing' && asked.outgoing_password ? asked.outgoing_password : asked.incoming_password;
  const certificate = badCertificate(name, host.state.policy.certificate_exceptions);
  const known = host.trusted.some((one) => one.host === name && one.port === port);
  if (name === '' || name.startsWith('nowhere')) return fails('resolve', 'host_unknown');
  if (side === 'incoming' && (port === 995 || port === 110)) return fails('connect', 'pop3');
  if (name === 'smtp.brodrenedahl.no' && port === 587)
    return fails('tls', 'starttls_missing', { proposal: { host: name, port: 465, security: 'tls' } });
  if (certificate && !known && typed.security !== 'none')
    return fails('tls', certificate[0], { certificate: certificate[1] });
  if (!asked.grant && password === 'wrong') {
    const local = asked.incoming_user.split('@')[0] ?? '';
    return fails('sign_in', 'sign_in_refused', {
      detail: 'NO [AUTHENTICATIONFAILED] Authentication failed.',
      proposal_user: asked.incoming_user.includes('@') ? null : `${local}@${asked.email.split('@').pop() ?? ''}`,
    });
  }
  return { ...report, ...host.tried[side] };
}

function apart(typed: EndpointView): { host: string; port: number } {
  const match = /^([^:]+):(\d+)$/.exec(typed.host);
  return match ? { host: match[1]!, port: Number(match[2]) } : { host: typed.host, port: typed.port };
}

function badCertificate(name: string, mayTrust: boolean): [Code, CertificateView] | null {
  const now = Math.floor(Date.now() / 1000);
  const view: CertificateView = {
    sha256: '7A:1F:3C:90:5B:E2:44:0D:A8:61:2E:F7:19:C3:8D:52:B0:6E:94:AF:33:07:DC:5A:E1:48:F2:6B:9C:20:75:D4',
    subject: name,
    issuer: 'Example Authority R3',
    names: [name],
    not_before: now - 400 * day,
    not_after: now + 200 * day,
    may_trust: mayTrust,
  };
  if (name.includes('expired')) return ['certificate_expired', { ...view, not_after: now - 12 * day }];
  if (name.includes('wrongname'))
    return ['certificate_wrong_name', { ...view, names: ['mail.hosting.example', '*.hosting.example'] }];
  if (name.includes('selfsigned')) return ['certificate_unknown_issuer', { ...view, issuer: name }];
  return null;
}

/** The state that belongs to these handlers. */
export function fakeSetup(): FakeSetup {
  return {
    tried: { incoming: {}, outgoing: {} },
    browser: 'waits',
    signedIn: () => undefined,
    trusted: [],
    proxy: { kind: 'system', host: '', port: 0, user: '', password_kept: false },
    memory: new Map(),
  };
}

export function setupHandlers(host: FakeHost, { next, change, failure }: Tools): Pick<Handlers, Own> {
  const waiting = new Map<Id, { done: () => void; fail: (error: HostError) => void }>();
  host.signedIn = () => waiting.forEach(({ done }) => done());

  function account(id: Id) {
    const found = host.state.accounts.find((one) => one.id === id);
    if (!found) throw failure('not_found');
    return found;
  }
  function kept(asked: AccountDraft) {
    return {
      email: asked.email,
      name: asked.name,
      incoming: asked.incoming,
      incoming_user: asked.incoming_user,
      outgoing: asked.outgoing,
      outgoing_user: asked.outgoing_user || asked.incoming_user,
      days: asked.days,
      oauth: asked.grant ? 'microsoft' : null,
    };
  }

  return {
    discover: ({ email, provider }) => fakeDiscover(email, provider, host.state.policy),
    account_verify: (asked) => ({
      incoming: tryOut(host, 'incoming', asked),
      outgoing: tryOut(host, 'outgoing', asked),
    }),
    account_add(asked) {
      const { accounts, policy } = host.state;
      if (policy.accounts_max > 0 && accounts.length >= policy.accounts_max) throw failure('account_limit');
      if (accounts.some((one) => one.email === asked.email)) throw failure('account_exists');
      const made = { ...fakeState().accounts[0]!, ...kept(asked), id: String(accounts.length + 1) };
      host.state.accounts = [...accounts, made];
      change('account');
      return made;
    },
    account_edit({ id, draft }) {
      Object.assign(account(id), kept(draft), { state: 'idle', code: null });
      change('account');
      return account(id);
    },
    account_sign_in({ id, grant, password }) {
      if (!grant && password === 'wrong') throw failure('sign_in_refused');
      Object.assign(account(id), { state: 'idle', code: null });
      change('account');
      return account(id);
    },
    account_removal: ({ id }) => ({
      email: account(id).email,
      mails: host.mails.length,
      drafts: host.drafts.length,
      unsent: host.outbox
        .filter((one) => one.state !== 'sent')
        .map((one) => ({ subject: one.subject, to: one.to.map((to) => to.name || to.email).join(', ') })),
      archives: host.state.crm.queued,
      operations: host.refused.length,
    }),
    account_remove({ id }) {
      host.state.accounts = host.state.accounts.filter((one) => one.id !== id);
      change('account');
      return {};
    },

    sign_in_start({ provider, email }) {
      if (!host.state.policy.oauth.includes(provider)) throw failure('no_oauth_client');
      const id = next('sign-in');
      return { id, url: `https://sign-in.example/${provider}?login_hint=${encodeURIComponent(email)}` };
    },
    async sign_in_wait({ id }) {
      if (host.browser === 'waits') {
        await new Promise<void>((done, fail) => waiting.set(id, { done, fail }));
        waiting.delete(id);
      } else if (host.browser !== 'signs_in') throw failure(host.browser);
      return { grant: next('grant') };
    },
    sign_in_cancel({ id }) {
      waiting.get(id)?.fail(failure('oauth_cancelled'));
      waiting.delete(id);
      return {};
    },
    sign_in_reopen: () => ({}),

    certificate_list: () => host.trusted,
    certificate_trust(asked) {
      if (!host.state.policy.certificate_exceptions) throw failure('policy_forbids');
      host.trusted.push(asked);
      return {};
    },
    certificate_forget({ host: name, port }) {
      host.trusted = host.trusted.filter((one) => one.host !== name || one.port !== port);
      return {};
    },
    proxy_get: () => host.proxy,
    proxy_set({ password, ...proxy }) {
      host.proxy = { ...proxy, password_kept: password === null ? host.proxy.password_kept : password !== '' };
      change('setting');
      return host.proxy;
    },
    memory_get: ({ key }) => ({ value: host.memory.get(key) ?? null }),
    memory_set({ key, value }) {
      if (value === null) host.memory.delete(key);
      else host.memory.set(key, value);
      return {};
    },
  };
}
