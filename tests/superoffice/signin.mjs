// SuperID: OAuth 2 with PKCE for native programs. Whoever comes is let in at once: pages and passwords are the vendor's.
import { createHash, randomBytes } from 'node:crypto';
import { reply, TENANT } from './double.mjs';

export const CLIENT = '0123456789abcdef0123456789abcdef';

export function signIn(world, request, response, url, bytes) {
  if (url.pathname === '/login/common/oauth/authorize') return authorize(world, response, url);
  if (url.pathname === '/login/common/oauth/tokens' && request.method === 'POST') {
    return tokens(world, response, new URLSearchParams(bytes.toString()));
  }
  return reply(response, 404, undefined);
}

function authorize(world, response, url) {
  const asked = Object.fromEntries(url.searchParams);
  const back = /^http:\/\/127\.0\.0\.1:\d+\//.test(asked.redirect_uri ?? '');
  if (asked.client_id !== CLIENT || !back || asked.response_type !== 'code' || asked.scope !== 'openid') {
    return reply(response, 400, { error: 'invalid_request' });
  }
  const code = randomBytes(16).toString('hex');
  world.codes.set(code, { asked, user: asked.login_hint?.split('@')[0] ?? 'kari' });
  const target = new URL(asked.redirect_uri);
  target.searchParams.set('code', code);
  target.searchParams.set('state', asked.state);
  response.writeHead(302, { location: target.href }).end();
}

function tokens(world, response, form) {
  const refuse = (error) => reply(response, 400, { error });
  if (form.get('client_id') !== CLIENT) return refuse('invalid_client');
  if (form.get('grant_type') === 'refresh_token') {
    const user = world.refresh.get(form.get('refresh_token'));
    // The refresh token lives on and is not said again.
    return user ? reply(response, 200, given(world, user)) : refuse('invalid_grant');
  }
  const { asked, user } = world.codes.get(form.get('code')) ?? {};
  world.codes.delete(form.get('code'));
  if (!asked || asked.redirect_uri !== form.get('redirect_uri')) return refuse('invalid_grant');
  // Without a method, the challenge is the verifier itself.
  const verifier = form.get('code_verifier') ?? '';
  const hashed = createHash('sha256').update(verifier).digest('base64url');
  const expected = asked.code_challenge_method === 'S256' ? hashed : verifier;
  if (!asked.code_challenge || asked.code_challenge !== expected) return refuse('invalid_grant');
  const refresh = randomBytes(24).toString('hex');
  world.refresh.set(refresh, user);
  return reply(response, 200, { ...given(world, user), refresh_token: refresh });
}

/** An access token is no JWT; the ID token says the tenant. */
export function given(world, user) {
  const access = `8A:${TENANT}.${randomBytes(24).toString('hex')}`;
  world.tokens.set(access, { user, until: Date.now() + 3_600_000 });
  const claim = (name) => `http://schemes.superoffice.net/identity/${name}`;
  const claims = {
    sub: `${user}@nord.example`,
    iss: 'https://sod.superoffice.com',
    aud: CLIENT,
    iat: '1790000000',
    [claim('ctx')]: TENANT,
    [claim('associateid')]: user === 'ola' ? '6' : '5',
    [claim('email')]: `${user}@nord.example`,
    [claim('webapi_url')]: `http://127.0.0.1:${world.ports[world.at]}/${TENANT}/api/`,
  };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const id = `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
  return { token_type: 'Bearer', access_token: access, expires_in: 3600, id_token: id };
}

/** The user's name; null where the sign-in does not hold. */
export function whoIs(world, request) {
  const [scheme, value = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme === 'Bearer') {
    const token = world.tokens.get(value);
    return token && token.until > Date.now() ? token.user : null;
  }
  // On-site only: Basic does not work Online.
  if (scheme === 'Basic' && request.url.startsWith('/onsite/')) {
    const [user, password] = Buffer.from(value, 'base64').toString().split(':');
    return password === 'Fjord-og-fjell-1814' && ['kari', 'ola'].includes(user) ? user : null;
  }
  return null;
}
