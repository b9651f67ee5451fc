// What a test wishes of the double, and sees of it.
import { reply } from './double.mjs';

export function control(world, response, url, bytes) {
  const asked = bytes.length ? JSON.parse(bytes.toString()) : {};
  const { store } = world;
  switch (url.pathname.slice('/control/'.length)) {
    case 'wish':
      for (const name of ['unique', 'pageMost', 'coarse', 'lag']) if (name in asked) world[name] = asked[name];
      return reply(response, 200, {});
    // { method, path (a regular expression), times, status, headers, body } or { …, lost: true }
    case 'fault':
      world.faults.push({ times: 1, ...asked });
      return reply(response, 200, {});
    case 'token':
      world.tokens.set(asked.token, store.user(asked.user));
      return reply(response, 200, {});
    case 'revoke':
      world.tokens.clear();
      return reply(response, 200, {});
    case 'put': {
      const by = store.user(asked.by);
      const item = asked.id
        ? store.update(asked.app, asked.id, asked.context, by)
        : store.create(asked.app, asked.context, by, asked.at ?? undefined);
      return reply(response, 200, { id: item.__id });
    }
    // So many at one and the same moment, as an import makes them.
    case 'import': {
      const at = store.now();
      for (const context of asked.items) store.create(asked.app, context, store.users[0].__id, at);
      return reply(response, 200, {});
    }
    case 'remove':
      store.remove(asked.app, asked.id);
      return reply(response, 200, {});
    case 'items': {
      const all = [...store.apps.get(asked.app).items.values()];
      const whole = (item) => ({
        ...item,
        Bytes: (item.eml ?? []).map((id) => store.files.get(id)?.bytes.toString('base64') ?? null),
      });
      return reply(response, 200, all.map(whole));
    }
    case 'feed':
      return reply(response, 200, store.feeds.get(asked.id) ?? []);
    case 'requests':
      return reply(response, 200, world.requests);
    case 'well':
      Object.assign(world, { faults: [], requests: [], unique: true, pageMost: 100, coarse: false, lag: 0 });
      return reply(response, 200, {});
    default:
      return reply(response, 404, {});
  }
}

/** The wish that a request meets, used up by it. */
export function fault(world, method, path) {
  const found = world.faults.find(
    (one) => one.times > 0 && (!one.method || one.method === method) && new RegExp(one.path).test(path),
  );
  if (!found) return null;
  found.times -= 1;
  if (found.lost) return { lost: true };
  const html = typeof found.body === 'string';
  const headers = { 'content-type': html ? 'text/html' : 'application/json', ...found.headers };
  return {
    before: (response) => {
      response.writeHead(found.status, headers);
      response.end(html ? found.body : JSON.stringify(found.body ?? {}));
    },
  };
}
