// The WebAPI: entities by REST, lists by OData, agents by RPC.
import { reply } from './double.mjs';
import { whoIs } from './signin.mjs';
import { agent } from './agents.mjs';
import { BadQuery, parse, row, select } from './query.mjs';
import { KEYS, NAMES, STAGES, TASKS, TEMPLATES, USERS, pascal } from './store.mjs';

export const refuse = (response, status, type, message) =>
  reply(response, status, { Error: true, ErrorType: type, ErrorMessage: message, ErrorSource: 'double' });

const LISTS = { DocumentTemplate: TEMPLATES, Task: TASKS };
const MDO = {
  prob: STAGES,
  associate: Object.values(USERS).map((one) => ({ Id: one.AssociateId, Name: one.Name, FullName: one.FullName, Deleted: false })),
};

export async function api(world, request, response, url, path, bytes) {
  const user = whoIs(world, request);
  if (!user) return refuse(response, 401, 'SoSessionException', 'The session has expired');
  const me = user === 'ola' ? 6 : 5;
  const call = { world, store: world.store, request, response, url, me, bytes };
  call.say = (value, status = 200) => reply(response, status, dated(value, request));
  try {
    const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
    if (parts.shift() !== 'v1') return refuse(response, 404, 'SoNotFoundException', 'No such version');
    if (parts[0] === 'Agents') return agent(call, parts[1], parts[2], bytes.length ? pascal(JSON.parse(bytes)) : {});
    if (parts[0] === 'User' && parts[1] === 'currentPrincipal') return call.say(principal(call.store, me));
    if (parts[0] === 'List' && parts[2] === 'Items') return call.say(LISTS[parts[1]] ?? []);
    if (parts[0] === 'MDOList') return call.say(MDO[parts[1]] ?? []);
    if (parts[0] === 'Archive') return list(call, parts[1]);
    if (NAMES.includes(parts[0])) return entity(call, parts[0], parts.slice(1));
    return refuse(response, 404, 'SoNotFoundException', 'No such resource');
  } catch (error) {
    if (error instanceof BadQuery || error instanceof SyntaxError) {
      return refuse(response, 400, 'SoInvalidArgumentException', error.message);
    }
    throw error;
  }
}

const principal = (store, me) => ({
  UserType: 'InternalAssociate',
  PersonId: store.cards[me],
  Associate: USERS[me].Name,
  AssociateId: me,
  GroupId: 2,
  FullName: USERS[me].FullName,
  EMailAddress: store.Person.get(store.cards[me])?.Emails[0]?.Value ?? '',
});

/** Without the header, times are in the user's own zone and do not say so. */
function dated(value, request) {
  if ((request.headers['so-timezone'] ?? '').includes('includeTZOffset')) return value;
  const local = (text) => {
    if (text.startsWith('0001')) return text.slice(0, 19);
    return new Date(new Date(text).getTime() + 3_600_000).toISOString().slice(0, 19);
  };
  return JSON.parse(JSON.stringify(value ?? null), (_key, inner) =>
    typeof inner === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(inner) ? local(inner) : inner,
  );
}

function list(call, provider, among) {
  const { url, world, store, me } = call;
  const asked = (name) => url.searchParams.get(name) ?? '';
  const columns = asked('$select').split(',').filter(Boolean);
  const found = select(store, provider, parse(asked('$filter')), { order: asked('$orderBy'), me, among });
  const top = Math.min(Number(asked('$top')) || world.pageMost, world.pageMost);
  const value = found.slice(0, top).map((one) => row(provider, columns, one));
  const rest = found.length > top;
  return call.say({ 'odata.metadata': provider, 'odata.nextLink': rest ? `${url.pathname}?$skip=${top}` : null, value });
}

const SUBLISTS = { Sales: 'Sale', Appointments: 'Appointment', Documents: 'Document', Projects: 'Project' };

function sublist(call, name, id, sub) {
  const provider = SUBLISTS[sub];
  if (!provider) return refuse(call.response, 404, 'SoNotFoundException', 'No such list');
  const of = (one) =>
    provider === 'Project'
      ? (one.ProjectMembers ?? []).some((member) => member[KEYS[name]] === id)
      : one[name]?.[KEYS[name]] === id;
  return list(call, provider, [...call.store[provider].values()].filter(of));
}

function entity(call, name, [id, sub]) {
  const { request, response, store, me, bytes } = call;
  if (!id && request.method === 'GET') return list(call, name);
  if (!id && request.method === 'POST') {
    return call.say(store[name].get(store.put(name, JSON.parse(bytes), me)));
  }
  if (id === 'default') return call.say(store.blank(name, me));
  const number = Number(id);
  const one = store[name].get(number);
  if (!one) return refuse(response, 404, 'SoNotFoundException', `${name} id ${number} not found`);
  if (name === 'Document' && sub) return content(call, one, sub);
  if (sub) return sublist(call, name, number, sub);
  if (request.method === 'GET') return unlessSame(call, one);
  const unless = request.headers['if-unmodified-since'];
  if (unless && new Date(one.UpdatedDate) > new Date(unless)) {
    return refuse(response, 412, 'SoPreconditionFailed', 'Changed since');
  }
  switch (request.method) {
    case 'PUT':
      store.put(name, { ...JSON.parse(bytes), [KEYS[name]]: number }, me);
      return call.say(store[name].get(number));
    case 'PATCH':
      store.put(name, patched(one, JSON.parse(bytes)), me);
      return call.say(store[name].get(number));
    case 'DELETE':
      store[name].delete(number);
      return reply(response, 204, undefined);
    default:
      return refuse(response, 405, 'SoMethodException', 'No such method');
  }
}

function unlessSame(call, one) {
  const since = call.request.headers['if-modified-since'];
  if (since && new Date(one.UpdatedDate) <= new Date(since)) return reply(call.response, 304, undefined);
  return call.say(one);
}

/** RFC 7396 (an object where a list is adds to it), or operations of RFC 6902. */
function patched(one, asked) {
  const next = structuredClone(one);
  if (!Array.isArray(asked)) {
    for (const [name, value] of Object.entries(pascal(asked))) {
      const adds = Array.isArray(next[name]) && value !== null && !Array.isArray(value);
      next[name] = adds ? [...next[name], value] : value;
    }
    return next;
  }
  for (const { op, path, value } of asked) {
    const wanted = path.replace(/^\//, '').toLowerCase();
    const name = Object.keys(next).find((known) => known.toLowerCase() === wanted);
    if (!name) throw new BadQuery(`Unknown path ${path}`);
    next[name] = op === 'remove' ? null : pascal(value);
  }
  return next;
}

function content(call, one, sub) {
  const { request, response, store, me, bytes } = call;
  const id = one.DocumentId;
  const held = store.content.get(id);
  if (sub === 'Length') return call.say(held?.length ?? 0);
  if (sub !== 'Content') return refuse(response, 404, 'SoNotFoundException', 'No such part');
  if (request.method === 'PUT') {
    const kind = request.headers['content-type'] ?? '';
    if (kind !== 'application/octet-stream') return refuse(response, 415, 'SoMediaType', 'Not accepted');
    store.content.set(id, bytes);
    store.put('Document', { DocumentId: id }, me);
    return call.say(store.Document.get(id));
  }
  if (request.method === 'DELETE') {
    store.content.delete(id);
    return reply(response, 204, undefined);
  }
  if (!held) return refuse(response, 404, 'SoNotFoundException', 'No content');
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  return response.end(held);
}
