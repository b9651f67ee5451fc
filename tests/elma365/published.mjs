// The published examples, asked as they stand there: node published.mjs <server> <token>. Prints { what: 'ok' or what was
// wrong } as JSON. From the vendor's guides (Filter, DataType, the list of methods) and, where those are silent, from what
// several programs in the open send and read.
import { randomUUID } from 'node:crypto';

const [server, token] = process.argv.slice(2);
const said = {};

const ask = async (path, body, { method = 'POST', headers = { 'x-token': token } } = {}) => {
  const raw = body instanceof FormData;
  const answer = await fetch(`${server}/pub/v1/${path}`, {
    method,
    headers: raw || !body ? headers : { 'content-type': 'application/json', ...headers },
    body: raw ? body : body && JSON.stringify(body),
  });
  return { status: answer.status, ...(await answer.json()) };
};
const check = async (what, work) => {
  try {
    await work();
    said[what] = 'ok';
  } catch (error) {
    said[what] = error.message;
  }
};
const hold = (what, words) => {
  if (!what) throw new Error(words);
};
const good = (answer) => {
  hold(answer.status === 200 && answer.success === true && answer.error === '', JSON.stringify(answer));
  return answer;
};
const found = (answer) => good(answer).result.result;

let contact;
let company;
await check('either header signs in, none is refused with 403', async () => {
  const list = { size: 1 };
  good(await ask('app/_clients/_contacts/list', list, { headers: { 'x-token': token } }));
  good(await ask('app/_clients/_contacts/list', list, { headers: { authorization: `Bearer ${token}` } }));
  const refused = await ask('app/_clients/_contacts/list', list, { headers: {} });
  hold(refused.status === 403 && refused.success === false, JSON.stringify(refused));
});
await check('a contact and its company are created with their types', async () => {
  const made = good(
    await ask('app/_clients/_contacts/create', {
      context: {
        __name: 'Иванов Иван Иванович',
        _fullname: { lastname: 'Иванов', firstname: 'Иван', middlename: 'Иванович' },
        _phone: [{ type: 'home', tel: '+71234567890' }],
        _email: [{ type: 'home', email: 'ivan@essen.ru' }],
        _account: [{ type: 'telegram', login: 'ivan' }],
      },
      withEventForceCreate: true,
    }),
  ).item;
  contact = made.__id;
  hold(made._email[0].isValid === true && made.__deletedAt === null && made.__createdBy, JSON.stringify(made));
  const firm = await ask('app/_clients/_companies/create', {
    context: { __name: 'Эссен', _inn: '7700000000', _contacts: [contact] },
  });
  company = good(firm).item.__id;
  hold(firm.item._contacts[0] === contact, 'a link is an array');
});
await check('a contact is found by its address', async () => {
  const asked = (text) => ({ active: true, filter: { tf: { _email: text } }, fields: { '*': true } });
  hold(found(await ask('app/_clients/_contacts/list', asked('ivan@essen.ru')))[0].__id === contact, 'not found');
  hold(found(await ask('app/_clients/_contacts/list', asked('nobody@essen.ru'))).length === 0, 'found');
  hold(found(await ask('app/_clients/_contacts/list', asked('IVAN@essen')))[0].__id === contact, 'a substring of any case');
});
await check('a list says its total, and has 10 a page and 100 at the most', async () => {
  for (let n = 0; n < 12; n += 1) {
    good(await ask('app/dogovory/contracts/create', { context: { __name: `Договор ${n}` } }));
  }
  const first = good(await ask('app/dogovory/contracts/list', { active: true, from: 0 })).result;
  hold(first.result.length === 10 && first.total === 12, `${first.result.length} of ${first.total}`);
  hold(!('klient' in first.result[0]), 'without fields, only those of every item');
  hold(found(await ask('app/dogovory/contracts/list', { from: 10, size: 100 })).length === 2, 'the rest');
  hold((await ask('app/dogovory/contracts/list', { size: 101 })).status === 400, '101 is too many');
});
await check('what changed since, in its order', async () => {
  const list = (min) =>
    ask('app/dogovory/contracts/list', {
      active: true, size: 100, fields: { '*': true },
      filter: { tf: { __updatedAt: { min, max: null } } },
      sortExpressions: [{ ascending: true, field: '__updatedAt' }],
    });
  const all = found(await list('2026-01-01T00:00:00Z'));
  hold(all.length === 12, `${all.length}`);
  hold(all.every((one, n) => n === 0 || all[n - 1].__updatedAt <= one.__updatedAt), 'in no order');
  hold(found(await list(all[5].__updatedAt)).length === 7, 'from a moment on, it included');
});
await check('only the fields that are sent change', async () => {
  const path = `app/_clients/_contacts/${contact}`;
  const before = good(await ask(`${path}/get`, {})).item;
  const after = good(await ask(`${path}/update`, { context: { _position: 'Директор' } })).item;
  hold(after._position === 'Директор' && after._email[0].email === 'ivan@essen.ru', JSON.stringify(after));
  hold(after.__version !== before.__version && after.__updatedAt > before.__updatedAt, 'without a trace');
});
await check('money, dates and categories', async () => {
  const made = good(
    await ask('app/_clients/_deals/create', {
      context: { __name: 'Сделка', _sum: { cents: 1000, currency: 'RUB' }, srok: '2026-12-31T00:00:00Z', _companies: [company] },
    }),
  ).item;
  hold(made._sum.cents === 1000 && made.__status.status === 1, JSON.stringify(made));
  const exact = { filter: { tf: { _companies: [company] } }, fields: { '*': true } };
  hold(found(await ask('app/_clients/_deals/list', exact)).length === 1, 'by an array of ids');
  const status = good(await ask('app/_clients/_deals/settings/status', undefined, { method: 'GET' }));
  hold(status.statusItems.every((one) => 'id' in one && one.code && one.name), JSON.stringify(status));
  const set = good(await ask(`app/_clients/_deals/${made.__id}/set-status`, { status: { code: 'won' } })).item;
  hold(set.__status.status === 3, JSON.stringify(set.__status));
});
await check('an unknown field, a link that is no array and an unknown app are refused', async () => {
  for (const context of [{ nothing: 1 }, { _companies: company }]) {
    const refused = await ask('app/_clients/_contacts/create', { context });
    hold(refused.status === 400 && refused.success === false && refused.error, JSON.stringify(refused));
  }
  hold((await ask('app/_clients/nothing/list', {})).status === 404, 'an unknown app');
});
await check('a file goes up in ranges whose end is exclusive, and has a link', async () => {
  const directories = found(await ask('disk/directory/list?query={}', undefined, { method: 'GET' }));
  const path = `disk/directory/${directories[0].__id}/upload`;
  const form = (text) => {
    const data = new FormData();
    data.append('file', new Blob([text]), 'x.txt');
    return data;
  };
  const range = (value) => ({ headers: { 'x-token': token, 'content-range': value } });
  const hash = randomUUID();
  hold(!('file' in good(await ask(`${path}?hash=${hash}`, form('hei'), range('bytes 0-3/5')))), 'whole too soon');
  const file = good(await ask(`${path}?hash=${hash}`, form('pa'), range('bytes 3-5/5'))).file;
  hold(file.__id && file.__name === 'x.txt' && file.size === 5 && file.hash === hash, JSON.stringify(file));
  hold(good(await ask(`disk/file/${file.__id}/get-link`, {})).Link.startsWith('http'), 'no link');
  hold(good(await ask(path, form('old'))).file.size === 3, 'in one go');
});
await check('a message in the feed of an item', async () => {
  good(await ask(`feed/_clients/_companies/${company}/message`, { body: 'Привет' }));
  hold(found(await ask(`feed/_clients/_companies/${company}/message/list`, { from: 0, size: 10 }))[0].body === 'Привет', '');
});
await check('users are listed', async () => {
  const users = found(await ask('user/list', { from: 0, size: 100 }));
  hold(users.every((one) => one.__id && one.__name && one.email), JSON.stringify(users));
});
console.log(JSON.stringify(said));
