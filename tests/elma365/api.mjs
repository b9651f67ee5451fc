// The Web API below /pub/v1.
import { randomUUID } from 'node:crypto';
import { reply } from './double.mjs';
import { matches, sorted, wrong } from './filter.mjs';

const ok = (response, more) => reply(response, 200, { success: true, error: '', ...more });
const no = (response, error, status = 400) => reply(response, status, { success: false, error });

export function api(world, request, response, url, path, bytes, user) {
  const { store } = world;
  const parts = path.split('/').map(decodeURIComponent);
  if (path.startsWith('disk/')) return disk(world, request, response, url, parts, bytes);
  const json = () => (bytes.length ? JSON.parse(bytes.toString()) : {});
  if (request.method === 'POST' && path === 'user/list') {
    const { from = 0, size = 10, ids } = json();
    if (size > 100) return no(response, 'size is more than 100');
    const all = store.users.filter((one) => !ids || ids.includes(one.__id));
    return ok(response, { result: { result: all.slice(from, from + size), total: all.length } });
  }
  const [root, ns, code, ...rest] = parts;
  const app = store.apps.get(`${ns}/${code}`);
  if (!app || (root !== 'app' && root !== 'feed')) return no(response, 'wrong address', 404);
  const key = `${ns}/${code}`;
  if (root === 'feed') return feed(world, response, key, rest, json(), user);
  const route = `${request.method} ${rest.length === 1 ? rest[0] : `{id}/${rest[1]}`}`;
  switch (route) {
    case 'POST list':
      return list(world, response, app, json());
    case 'GET {id}/status':
      if (rest[0] !== 'settings') break;
      return ok(response, { statusItems: app.statuses.map((one) => ({ ...one, groupId: '' })), groupItems: [] });
    case 'POST create': {
      const { context = {} } = json();
      const bad = unfit(app, context);
      if (bad) return no(response, bad);
      const twin = context.__externalId && [...app.items.values()].find((one) => one.__externalId === context.__externalId);
      if (twin && world.unique) return no(response, `item with external id ${context.__externalId} already exists`);
      return ok(response, { item: store.create(key, context, user) });
    }
    case 'POST {id}/get':
    case 'POST {id}/update':
    case 'POST {id}/set-status': {
      const item = app.items.get(rest[0]);
      if (!item) return no(response, 'item not found', 404);
      if (rest[1] === 'get') return ok(response, { item });
      if (item.__deletedAt) return no(response, 'item not found', 404);
      if (rest[1] === 'set-status') {
        const status = app.statuses.find((one) => one.code === json().status?.code);
        if (!status) return no(response, 'unknown status');
        return ok(response, { item: store.update(key, rest[0], { __status: { order: 0, status: status.id } }, user) });
      }
      const { context = {} } = json();
      const bad = unfit(app, context);
      if (bad) return no(response, bad);
      return ok(response, { item: store.update(key, rest[0], context, user) });
    }
  }
  return no(response, 'wrong address', 404);
}

/** What is wrong with the fields of an item. */
function unfit(app, context) {
  for (const [code, value] of Object.entries(context)) {
    const type = app.fields[code];
    if (!type) return `unknown field ${code}`;
    if (value === null) continue;
    const fits = {
      string: typeof value === 'string',
      uuid: typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
      date: typeof value === 'string' && !Number.isNaN(Date.parse(value)) && value.includes('T'),
      bool: typeof value === 'boolean',
      money: Number.isInteger(value.cents) && /^[A-Z]{3}$/.test(value.currency),
      email: Array.isArray(value) && value.every((one) => typeof one.email === 'string' && one.type),
      phone: Array.isArray(value) && value.every((one) => typeof one.tel === 'string' && one.type),
      fullname: typeof value.lastname === 'string' && typeof value.firstname === 'string',
      link: Array.isArray(value) && value.every((id) => typeof id === 'string'),
      file: Array.isArray(value) && value.every((id) => typeof id === 'string'),
      category: Array.isArray(value) && value.every((one) => typeof one.code === 'string'),
    }[type] ?? true;
    if (!fits) return `wrong value for ${code}`;
  }
  return null;
}

function list(world, response, app, asked) {
  const { from = 0, size = 10, active = true, filter, fields, ids, sortExpressions } = asked;
  if (size > 100) return no(response, 'size is more than 100');
  const bad = wrong(app, filter);
  if (bad) return no(response, bad);
  const since = filter?.tf?.__updatedAt;
  if (world.coarse && since?.min) since.min = since.min.replace(/\.\d+/, '');
  const shows = (item) => Date.parse(item.__createdAt) + world.lag <= Date.now();
  const all = [...app.items.values()].filter(
    (item) => shows(item) && (!active || !item.__deletedAt) && (!ids || ids.includes(item.__id)) && matches(app, item, filter),
  );
  const page = sorted(app, all, sortExpressions).slice(from, from + Math.min(size, world.pageMost));
  const shown = (item) =>
    fields?.['*'] ? item : Object.fromEntries(Object.entries(item).filter(([code]) => code.startsWith('__') || fields?.[code]));
  return ok(response, { result: { result: page.map(shown), total: all.length } });
}

function feed(world, response, key, [target, ...rest], asked, user) {
  const { store } = world;
  const item = store.apps.get(key).items.get(target);
  if (!item || item.__deletedAt) return no(response, 'item not found', 404);
  const messages = store.feeds.get(target) ?? [];
  if (rest.join('/') === 'message/list') {
    const { from = 0, size = 10 } = asked;
    if (size > 100) return no(response, 'size is more than 100');
    const newest = messages.toReversed();
    return ok(response, { result: { result: newest.slice(from, from + size), total: messages.length } });
  }
  if (rest.join('/') !== 'message') return no(response, 'wrong address', 404);
  if (typeof asked.body !== 'string') return no(response, 'wrong value for body');
  const message = { __id: randomUUID(), body: asked.body, __createdAt: store.now(), __createdBy: user };
  store.feeds.set(target, [...messages, message]);
  return ok(response, { item: message });
}

function disk(world, request, response, url, [, kind, id, rest], bytes) {
  const { store } = world;
  if (request.method === 'GET' && kind === 'directory' && id === 'list') {
    return ok(response, { result: { result: store.directories, total: store.directories.length } });
  }
  if (kind === 'file' && rest === 'get-link' && store.files.has(id)) {
    return ok(response, { Link: `http://${request.headers.host}/files/${id}` });
  }
  if (kind !== 'directory' || rest !== 'upload' || request.method !== 'POST') return no(response, 'wrong address', 404);
  if (!store.directories.some((one) => one.__id === id)) return no(response, 'directory not found', 404);
  const part = multipart(request.headers['content-type'] ?? '', bytes);
  if (part?.field !== 'file') return no(response, 'no part named file');
  const hash = url.searchParams.get('hash');
  const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(request.headers['content-range'] ?? '')?.map(Number) ?? [];
  // A file in one go needs neither.
  if (hash === null && start === undefined) return whole(store, response, id, part.name, part.bytes, null);
  if (!hash || start === undefined) return no(response, 'a range without a hash, or a hash without a range');
  if (end - start !== part.bytes.length || end > total) return no(response, 'the range is not what came');
  const before = store.parts.get(hash) ?? Buffer.alloc(0);
  if (before.length !== start) return no(response, 'the range does not go on');
  const now = Buffer.concat([before, part.bytes]);
  store.parts.set(hash, now);
  if (now.length < total) return ok(response, {});
  store.parts.delete(hash);
  return whole(store, response, id, part.name, now, hash);
}

function whole(store, response, directory, name, bytes, hash) {
  const file = { __id: randomUUID(), __name: name, directory, size: bytes.length, hash };
  store.files.set(file.__id, { ...file, bytes });
  return ok(response, { file });
}

/** The one part of a form; null where it is none. */
function multipart(type, bytes) {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  const head = bytes.indexOf('\r\n\r\n');
  if (!boundary || head < 0) return null;
  const lines = bytes.subarray(0, head).toString();
  const end = bytes.lastIndexOf(`\r\n--${boundary}--`);
  if (!lines.startsWith(`--${boundary}\r\n`) || end < 0) return null;
  const [, field] = /name="([^"]*)"/.exec(lines) ?? [];
  const [, name] = /filename="([^"]*)"/.exec(lines) ?? [];
  return { field, name, bytes: bytes.subarray(head + 4, end) };
}
