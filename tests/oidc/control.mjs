// What a test wishes of the provider, and what it can see of it.
//   GET  /control/requests   every request to the endpoints: path, grant_type, status, answer
//   POST /control/wish       JSON of the wishes to change (see `wishes`)
//   POST /control/revoke     JSON { user }: takes back everything that this person ever allowed
//   POST /control/release    answers the requests that are held

export function control() {
  const wishes = {
    /** How long the next access tokens live. */
    access_token_seconds: 3600,
    /** What comes back to the client from the browser: '', 'server_error' or 'wrong_state'. */
    redirect: '',
    /** The token endpoint: '', 'unavailable' (503), 'error_in_200', or held: 'hold_before' anything is done, or
     * 'hold_after', when the provider has taken the old token back and the client has not heard of it. */
    token: '',
  };
  const requests = [];
  const held = new Set();
  const grants = new Map();
  const hold = () => new Promise((resolve) => held.add(resolve));

  /** Sees what goes through the endpoints, and changes what a test wished to be changed. */
  async function around(request, response, url, next) {
    const seen = { method: request.method, path: url.pathname, grant_type: '', status: 0, answer: null, answered: false };
    requests.push(seen);
    const token = url.pathname === '/token' ? wishes.token : '';
    if (url.pathname === '/token') peek(request, (form) => (seen.grant_type = form.get('grant_type') ?? ''));
    if (token === 'unavailable' || token === 'error_in_200') {
      seen.status = token === 'unavailable' ? 503 : 200;
      response.writeHead(seen.status, { 'content-type': 'application/json' });
      return response.end('{"error":"temporarily_unavailable"}');
    }
    if (token === 'hold_before') {
      await hold();
      // Whoever asked is gone: as if it had never been asked.
      if (request.socket.destroyed) return undefined;
    }
    const end = response.end.bind(response);
    response.end = (body, ...rest) => {
      seen.status = response.statusCode;
      if (url.pathname === '/token' && body) seen.answer = JSON.parse(String(body));
      const location = response.getHeader('location');
      if (location) response.setHeader('location', redirected(String(location)));
      const finish = () => {
        seen.answered = !response.destroyed;
        end(body, ...rest);
      };
      if (token === 'hold_after') hold().then(finish);
      else finish();
      return response;
    };
    return next();
  }

  function redirected(location) {
    if (!wishes.redirect || !/[?&]code=/.test(location)) return location;
    const url = new URL(location);
    if (wishes.redirect === 'wrong_state') url.searchParams.set('state', 'not-the-state-that-was-sent');
    if (wishes.redirect === 'server_error') {
      url.searchParams.delete('code');
      url.searchParams.set('error', 'server_error');
      url.searchParams.set('error_description', 'The provider is being repaired');
    }
    return url.href;
  }

  async function answer(request, response, url, provider) {
    const asked = request.method === 'POST' ? JSON.parse((await text(request)) || '{}') : {};
    let said = {};
    if (url.pathname === '/control/requests') said = requests;
    else if (url.pathname === '/control/wish') Object.assign(wishes, asked);
    else if (url.pathname === '/control/revoke') await revoke(provider, asked.user);
    else if (url.pathname === '/control/release') {
      for (const release of held) release();
      held.clear();
    } else response.statusCode = 404;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(said));
  }

  async function revoke(provider, user) {
    for (const [id, account] of grants) {
      if (account !== user) continue;
      for (const kind of ['AccessToken', 'RefreshToken', 'AuthorizationCode']) await provider[kind].revokeByGrantId(id);
      await (await provider.Grant.find(id))?.destroy();
      grants.delete(id);
    }
  }

  return {
    around,
    answer,
    accessTokenSeconds: () => wishes.access_token_seconds,
    granted: (id, account) => grants.set(id, account),
  };
}

/** Reads a form while it passes; whoever reads the request after this gets all of it. */
function peek(request, tell) {
  let body = '';
  const push = request.push;
  request.push = function (piece, ...rest) {
    if (piece) body += piece;
    else tell(new URLSearchParams(body));
    return push.call(this, piece, ...rest);
  };
}

async function text(request) {
  let body = '';
  for await (const piece of request) body += piece;
  return body;
}
