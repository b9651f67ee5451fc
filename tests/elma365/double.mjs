// An ELMA365 for the tests: node double.mjs
//
// Written from the vendor's public pages (the guides to Filter and DataType, the list of the Web API's methods) and from
// what programs in the open send and read. The vendor publishes no client to hold it to, and no package of a registry
// speaks to this API: published.mjs holds it to the published examples instead. What nobody says, and this server therefore
// guesses, is listed in docs/decisions/0023.
//
// Prints { api, control } (ports on 127.0.0.1) as one line of JSON and runs until standard input closes.
import { createServer } from 'node:http';
import { Store } from './store.mjs';
import { api } from './api.mjs';
import { control, fault } from './control.mjs';

const world = {
  store: new Store(),
  /** Token → id of the user it was issued for. */
  tokens: new Map(),
  faults: [],
  requests: [],
  /** Whether a second item with the same `__externalId` is refused. */
  unique: true,
  /** The most items a page, whatever was asked for. */
  pageMost: 100,
  /** Whether moments are compared by the second. */
  coarse: false,
  /** Milliseconds until a list shows what was made. */
  lag: 0,
};

const listen = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

const body = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

export const reply = (response, status, value, headers = {}) => {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(value));
};

const guarded = (work) => async (request, response) => {
  try {
    await work(request, response);
  } catch (error) {
    console.error(error);
    reply(response, 500, { success: false, error: String(error.message) });
  }
};

const data = createServer(
  guarded(async (request, response) => {
    const url = new URL(request.url, 'http://data');
    const bytes = await body(request);
    const path = url.pathname.replace(/^\/pub\/v1\//, '');
    const given = [request.headers['x-token'], request.headers.authorization?.replace(/^Bearer /, '')].filter(Boolean);
    const seen = { method: request.method, path, bytes: bytes.length, status: 0, tokens: given.length };
    if (bytes.length < 4096 && path.endsWith('/list')) seen.body = bytes.toString();
    world.requests.push(seen);
    response.on('finish', () => (seen.status = response.statusCode));
    const wished = fault(world, request.method, path);
    if (wished?.before) return wished.before(response);
    // An answer that is lost: all is done, and nobody hears of it.
    if (wished?.lost) {
      response.writeHead = () => response;
      response.end = () => request.socket.destroy();
    }
    const user = given.map((token) => world.tokens.get(token)).find(Boolean);
    if (!user) return reply(response, 403, { success: false, error: 'failed to log in' });
    if (!url.pathname.startsWith('/pub/v1/')) return reply(response, 404, { success: false, error: 'wrong address' });
    return api(world, request, response, url, path, bytes, user);
  }),
);

const back = createServer(
  guarded(async (request, response) => control(world, response, new URL(request.url, 'http://back'), await body(request))),
);

console.log(JSON.stringify({ api: await listen(data), control: await listen(back) }));
process.stdin.on('close', () => process.exit(0)).resume();
