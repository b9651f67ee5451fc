// A SuperOffice for the tests: node double.mjs
//
// Written from the vendor's documents, and held to the vendor's own client: vendor.mjs drives each call that client has
// and we use against this server. Not held to it, because the client has no such call: the OData lists (`GET v1/Person?…`,
// `v1/Archive/…`), `PUT v1/Document/{id}/Content`, `…/Length`, `v1/User/currentPrincipal`, `v1/List/{name}/Items`,
// `v1/MDOList/{name}`, `/api/state/{tenant}` and the sign-in. Those follow the documents alone. What no document says, and
// this server therefore guesses, is listed in docs/decisions/0022.
//
// Prints { identity, servers: [a, b] } (ports on 127.0.0.1) as one line of JSON and runs until standard input closes. The
// tenant lives on one of the two servers at a time; the other answers 421. Below /control of the identity server is what
// a test wishes and sees.
import { createServer } from 'node:http';
import { Store } from './store.mjs';
import { api } from './api.mjs';
import { signIn } from './signin.mjs';
import { control, fault } from './control.mjs';

export const TENANT = 'Cust12345';

const world = {
  store: new Store(),
  /** Which server the tenant is on, and in which state. */
  at: 0,
  state: 'Running',
  ports: [],
  tokens: new Map(),
  refresh: new Map(),
  codes: new Map(),
  faults: [],
  requests: [],
  emailAgent: false,
  pageMost: 1000,
};

const listen = (server, port = 0) =>
  new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server.address().port)));

const body = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

export const reply = (response, status, value, headers = {}) => {
  if (response.destroyed) return;
  if (value === undefined) return response.writeHead(status, headers).end();
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(value));
};

const guarded = (work) => async (request, response) => {
  try {
    await work(request, response);
  } catch (error) {
    console.error(error);
    reply(response, 500, { Error: true, ErrorType: 'SoServerException', ErrorMessage: String(error.message) });
  }
};

const identity = createServer(
  guarded(async (request, response) => {
    const url = new URL(request.url, 'http://identity');
    const bytes = await body(request);
    if (url.pathname.startsWith('/control/')) return control(world, request, response, url, bytes);
    world.requests.push({ method: request.method, path: url.pathname, on: 'identity' });
    if (url.pathname.startsWith('/api/state/')) {
      if (url.pathname !== `/api/state/${TENANT}`) return reply(response, 404, undefined);
      const endpoint = `http://127.0.0.1:${world.ports[world.at]}/${TENANT}`;
      return reply(response, 200, {
        ContextIdentifier: TENANT,
        Endpoint: endpoint,
        State: world.state,
        IsRunning: world.state === 'Running' || world.state === 'OnlineMaintenance',
        ValidUntil: new Date(Date.now() + 900_000).toISOString(),
        Api: `${endpoint}/api`,
      });
    }
    return signIn(world, request, response, url, bytes);
  }),
);

const data = (number) =>
  createServer(
    guarded(async (request, response) => {
      const url = new URL(request.url, 'http://data');
      const bytes = await body(request);
      const path = url.pathname.replace(new RegExp(`^/(${TENANT}|onsite)/api/`), '');
      const seen = { method: request.method, path, query: url.search, on: number, bytes: bytes.length, status: 0 };
      world.requests.push(seen);
      response.on('finish', () => (seen.status = response.statusCode));
      const wished = fault(world, request.method, path);
      if (wished?.before) return wished.before(response);
      // An answer that is lost: all is done, and nobody hears of it.
      if (wished?.lost) {
        response.writeHead = () => response;
        response.end = () => request.socket.destroy();
      }
      if (url.pathname.startsWith(`/${TENANT}/`) && number !== world.at) {
        return reply(response, 421, { Error: true, ErrorType: 'Misdirected', ErrorMessage: 'Wrong subdomain was used' });
      }
      return api(world, request, response, url, path, bytes);
    }),
  );

const port = await listen(identity);
const servers = [data(0), data(1)];
world.ports = [await listen(servers[0]), await listen(servers[1])];
/** Nobody listens any longer where the tenant was, or again. */
world.away = async (away) => {
  for (const [number, server] of servers.entries()) {
    if (away === !server.listening) continue;
    if (!away) await listen(server, world.ports[number]);
    else {
      server.close();
      server.closeAllConnections();
    }
  }
};
console.log(JSON.stringify({ identity: port, servers: world.ports }));
process.stdin.on('close', () => process.exit(0)).resume();
