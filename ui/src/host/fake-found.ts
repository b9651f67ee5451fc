/** What the fake host finds for an address: one domain for each way that looking for servers can end. */
import type {
  DiscoverSource,
  DiscoverView,
  EndpointView,
  FoundView,
  PolicyView,
  SecurityView,
  SignInWay,
} from './bindings';

const server = (host: string, port: number, security: SecurityView): EndpointView => ({ host, port, security });

type Known = Pick<FoundView, 'provider_id' | 'provider_name' | 'incoming' | 'outgoing' | 'sign_in'> &
  Partial<FoundView> & { domains: string[]; wants?: string };

function known(
  provider_id: string,
  provider_name: string,
  domains: string[],
  incoming: EndpointView,
  outgoing: EndpointView,
  sign_in: SignInWay[],
  more: Partial<Known> = {},
): Known {
  return { provider_id, provider_name, domains, incoming, outgoing, sign_in, ...more };
}

const office = server('outlook.office365.com', 993, 'tls');

const providers: Known[] = [
  known(
    'google',
    'Gmail',
    ['gmail.com', 'googlemail.com'],
    server('imap.gmail.com', 993, 'tls'),
    server('smtp.gmail.com', 465, 'tls'),
    ['oauth', 'app_password'],
    { wants: 'google', app_password_url: 'https://myaccount.google.com/apppasswords' },
  ),
  known(
    'microsoft365',
    'Microsoft 365',
    ['onmicrosoft.com'],
    office,
    server('smtp.office365.com', 587, 'starttls'),
    ['oauth'],
    {
      wants: 'microsoft',
    },
  ),
  known(
    'outlook',
    'Outlook.com',
    ['outlook.com', 'hotmail.com', 'live.com'],
    office,
    server('smtp-mail.outlook.com', 587, 'starttls'),
    ['oauth'],
    { wants: 'microsoft' },
  ),
  known(
    'yahoo',
    'Yahoo Mail',
    ['yahoo.com'],
    server('imap.mail.yahoo.com', 993, 'tls'),
    server('smtp.mail.yahoo.com', 465, 'tls'),
    ['oauth', 'app_password'],
    { wants: 'yahoo', app_password_url: 'https://login.yahoo.com/account/security' },
  ),
  known(
    'icloud',
    'iCloud',
    ['icloud.com', 'me.com'],
    server('imap.mail.me.com', 993, 'tls'),
    server('smtp.mail.me.com', 587, 'starttls'),
    ['app_password'],
    { app_password_url: 'https://account.apple.com/account/manage' },
  ),
  known(
    'gmx',
    'GMX',
    ['gmx.de', 'gmx.net'],
    server('imap.gmx.net', 993, 'tls'),
    server('mail.gmx.net', 465, 'tls'),
    ['app_password'],
    {
      app_password_url: 'https://link.gmx.net/sicherheit',
      enable_url: 'https://hilfe.gmx.net/pop-imap/einschalten.html',
    },
  ),
  known(
    'proton',
    'Proton Mail',
    ['proton.me'],
    server('127.0.0.1', 1143, 'starttls'),
    server('127.0.0.1', 1025, 'starttls'),
    ['bridge_password'],
    { help_url: 'https://proton.me/mail/bridge' },
  ),
  known('tuta', 'Tuta', ['tuta.com'], server('', 993, 'tls'), server('', 465, 'tls'), ['unsupported'], {
    help_url: 'https://tuta.com/support',
  }),
  known(
    '',
    'Waterland',
    ['waterlandlogistiek.nl'],
    server('pop.waterlandlogistiek.nl', 995, 'tls'),
    server('smtp.waterlandlogistiek.nl', 465, 'tls'),
    ['password'],
    { pop3_only: true },
  ),
];

/** Domains of companies: where the answer comes from, and which provider it names (empty: servers of their own). */
const companies: Record<string, [DiscoverSource, provider: string, trusted: boolean]> = {
  'nordvik.no': ['table_mx', 'microsoft365', true],
  'fjordlys.no': ['autoconfig', '', true],
  'hansashipping.no': ['srv', '', false],
  'skargard.se': ['autoconfig_http', '', false],
  'nygaard-invest.no': ['policy', 'google', true],
};

/** `offline.test` is found offline; `brodrenedahl.no` and whatever is not named here is not found. */
export function fakeDiscover(email: string, provider: string | null, policy: PolicyView): DiscoverView {
  const domain = email.split('@').pop()?.toLowerCase() ?? '';
  const view: DiscoverView = { email, domain, found: [], sources: [], offline: domain === 'offline.test' };
  const named = providers.find((one) => (provider ? one.provider_id === provider : one.domains.includes(domain)));
  const company = provider ? undefined : companies[domain];
  if (named) view.found = [found(named, email, 'table', 'Clientele', true, policy)];
  else if (company) {
    const [source, id, trusted] = company;
    const own = known('', '', [], server(`mail.${domain}`, 993, 'tls'), server(`mail.${domain}`, 465, 'tls'), [
      'password',
    ]);
    const base = providers.find((one) => id !== '' && one.provider_id === id) ?? own;
    view.found = [found(base, email, source, domain, trusted, policy)];
  }
  view.sources = [
    {
      source: view.found[0]?.source ?? 'table',
      host: domain,
      outcome: view.found.length ? 'won' : 'nothing',
      why: '',
      trusted: view.found[0]?.trusted ?? true,
      milliseconds: 84,
    },
  ];
  return view;
}

function found(
  { domains: _, wants, ...base }: Known,
  email: string,
  source: DiscoverSource,
  source_host: string,
  trusted: boolean,
  policy: PolicyView,
): FoundView {
  const possible = wants !== undefined && policy.oauth.includes(wants);
  return {
    source,
    source_host,
    trusted,
    incoming_user: email,
    outgoing_user: email,
    app_password_url: null,
    help_url: null,
    enable_url: null,
    pop3_only: false,
    ...base,
    sign_in: base.sign_in.filter((way) => way !== 'oauth' || possible),
    oauth: possible ? wants : null,
    oauth_missing: wants !== undefined && !possible,
  };
}
