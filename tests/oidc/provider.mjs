// An OpenID provider for the tests: node provider.mjs CERTIFICATE KEY
// Prints { secure, plain } (its ports) as one line of JSON and runs until standard input closes. Browsers and clients
// use the secure port. The plain one answers Dovecot's introspection, and /control: what a test wishes and sees.
import { createServer as plainServer } from 'node:http';
import { createServer as secureServer } from 'node:https';
import { readFileSync } from 'node:fs';
import { Provider } from 'oidc-provider';
import { control } from './control.mjs';
import { loginPage } from './pages.mjs';

const [certificate, key] = process.argv.slice(2).map((file) => readFileSync(file));
const wishes = control();

let provider;
const answer = (request, response) => {
  const url = new URL(request.url, 'http://provider');
  if (url.pathname.startsWith('/control/')) return wishes.answer(request, response, url, provider);
  return wishes.around(request, response, url, () =>
    url.pathname.startsWith('/interaction/') ? interact(request, response) : provider.callback()(request, response),
  );
};

const listen = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
const secure = await listen(secureServer({ cert: certificate, key }, answer));
const plain = await listen(plainServer((request, response) => {
  // Tokens and passwords are for the secure port only: a client that comes here has lost its way.
  const path = new URL(request.url, 'http://provider').pathname;
  if (path === '/token/introspection' || path.startsWith('/control/')) return answer(request, response);
  response.writeHead(404).end();
}));

/** A client as its provider knows it: no secret, PKCE, and any port on loopback. */
const native = (client_id) => ({
  client_id,
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/', 'http://127.0.0.1', 'http://localhost/', 'http://localhost'],
});

provider = new Provider(`https://localhost:${secure}`, {
  clients: [
    native('clientele-test'),
    { client_id: 'dovecot', client_secret: 'dovecot', grant_types: [], response_types: [], redirect_uris: [] },
  ],
  cookies: { keys: ['a test needs no better key'] },
  claims: { openid: ['sub'] },
  scopes: ['openid', 'offline_access', 'mail'],
  // Anyone at .example is somebody, as in the mail servers.
  findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: (_context, client) => client.clientId === 'dovecot' },
    revocation: { enabled: true },
  },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
  ttl: {
    AccessToken: () => wishes.accessTokenSeconds(),
    RefreshToken: () => 14 * 24 * 3600,
    Grant: () => 14 * 24 * 3600,
    Interaction: () => 3600,
    Session: () => 3600,
  },
});
provider.on('server_error', (_context, error) => console.error(error));
// A session that was signed in would skip the page; each visit is a new person's.
provider.on('grant.saved', (grant) => wishes.granted(grant.jti, grant.accountId));

/** One page asks for name, password and consent; its answer settles all three. */
async function interact(request, response) {
  const details = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    return response.end(loginPage(details.params));
  }
  const form = new URLSearchParams(await text(request));
  if (form.get('decision') === 'deny') {
    const refusal = { error: 'access_denied', error_description: 'The person said no' };
    return provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false });
  }
  if (form.get('password') !== process.env.PROVIDER_PASSWORD || !form.get('user')?.endsWith('.example')) {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    return response.end(loginPage(details.params, 'Wrong name or password'));
  }
  const accountId = form.get('user');
  const grant = new provider.Grant({ accountId, clientId: details.params.client_id });
  grant.addOIDCScope(details.params.scope ?? '');
  const result = { login: { accountId, remember: false }, consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function text(request) {
  let body = '';
  for await (const piece of request) body += piece;
  return body;
}

console.log(JSON.stringify({ secure, plain }));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
