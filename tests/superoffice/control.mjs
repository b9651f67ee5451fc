// What a test wishes of the double, and sees of it.
import { reply } from './double.mjs';
import { given } from './signin.mjs';
import { USERS } from './store.mjs';

export async function control(world, request, response, url, bytes) {
  const asked = bytes.length ? JSON.parse(bytes.toString()) : {};
  const { store } = world;
  switch (url.pathname.slice('/control/'.length)) {
    case 'wish':
      for (const name of ['at', 'state', 'emailAgent', 'pageMost']) if (name in asked) world[name] = asked[name];
      if ('away' in asked) await world.away(asked.away);
      // What oneself is called there.
      if ('name' in asked) Object.assign(USERS[5], { FullName: asked.name, FormalName: asked.name });
      return reply(response, 200, {});
    // { method, path (a regular expression), times, status, headers, body } or { …, lost: true }
    case 'fault':
      world.faults.push({ times: 1, ...asked });
      return reply(response, 200, {});
    case 'token':
      return reply(response, 200, { access_token: given(world, asked.user ?? 'kari').access_token });
    case 'expire':
      for (const token of world.tokens.values()) token.until = 0;
      return reply(response, 200, {});
    case 'revoke':
      world.tokens.clear();
      world.refresh.clear();
      return reply(response, 200, {});
    case 'seed':
      store.seed(asked);
      return reply(response, 200, {});
    case 'put':
      return reply(response, 200, { id: store.put(asked.entity, asked.value, asked.by ?? 5) });
    case 'remove':
      store[asked.entity].delete(asked.id);
      return reply(response, 200, {});
    case 'documents':
      return reply(
        response,
        200,
        [...store.Document.values()].filter((one) => one.ExternalRef === asked.reference).map((one) => ({
          ...one,
          Bytes: store.content.get(one.DocumentId)?.toString('base64') ?? null,
        })),
      );
    case 'requests':
      return reply(response, 200, world.requests);
    case 'well':
      Object.assign(world, { faults: [], requests: [], at: 0, state: 'Running', emailAgent: false, pageMost: 1000 });
      return reply(response, 200, {});
    default:
      return reply(response, 404, undefined);
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
