// What the double holds: apps with their fields, items, users, files, messages of feeds.
import { randomUUID } from 'node:crypto';

/** Fields by app: code → type. */
const COMMON = {
  __name: 'string',
  __externalId: 'uuid',
  __directory: 'uuid',
  __createdAt: 'date',
  __updatedAt: 'date',
  __deletedAt: 'date',
  __createdBy: 'uuid',
  __updatedBy: 'uuid',
  __index: 'number',
  __version: 'number',
  __status: 'status',
};
const FUNNEL = [
  { id: 1, code: 'new', name: 'New' },
  { id: 2, code: 'offer', name: 'Offer' },
  { id: 3, code: 'won', name: 'Won' },
  { id: 4, code: 'lost', name: 'Lost' },
];

export class Store {
  apps = new Map();
  users = [];
  directories = [];
  files = new Map();
  /** What has come of files that are not whole, by hash. */
  parts = new Map();
  feeds = new Map();
  clock = 0;

  constructor() {
    this.app('_clients/_companies', {
      _phone: 'phone', _email: 'email', _website: 'string', _contacts: 'link', _city: 'string', _inn: 'string',
    });
    this.app('_clients/_contacts', {
      _fullname: 'fullname', _email: 'email', _phone: 'phone', _account: 'account', _companies: 'link', _position: 'string',
    });
    const deal = { _companies: 'link', _contacts: 'link', _sum: 'money', _owner: 'link', srok: 'date' };
    this.app('_clients/_deals', deal, FUNNEL);
    this.app('_clients/_leads', { _companies: 'link', _contacts: 'link', _budget: 'money' }, FUNNEL);
    this.app('dogovory/contracts', { klient: 'link', stage: 'category' });
    this.app('pochta/mails', {
      body: 'string', date: 'date', sender: 'string', recipients: 'string', direction: 'category', message_id: 'string',
      company: 'link', contact: 'link', deal: 'link', lead: 'link', contract: 'link', eml: 'file',
    }, [{ id: 1, code: 'kept', name: 'Kept' }, { id: 2, code: 'withdrawn', name: 'Withdrawn' }]);
    this.app('pochta/files', {
      date: 'date', message_id: 'string', company: 'link', contact: 'link', deal: 'link', lead: 'link', contract: 'link',
      eml: 'file',
    });
    this.app('zadachi/todo', {
      text: 'string', kind: 'category', start: 'date', due: 'date', done: 'bool', company: 'link', contact: 'link',
      deal: 'link', owner: 'link',
    });
    for (const [name, email] of [['Kari Nord', 'kari@nord.example'], ['Ola Nord', 'ola@nord.example']]) {
      this.users.push({ __id: randomUUID(), __name: name, email, __deletedAt: null });
    }
  }

  app(key, fields, statuses = []) {
    const directory = randomUUID();
    this.directories.push({ __id: directory, __name: key });
    this.apps.set(key, { fields: { ...COMMON, ...fields }, statuses, directory, items: new Map(), next: 1 });
  }

  user(email) {
    return this.users.find((user) => user.email === email).__id;
  }

  /** Every moment once, unless one is asked for. */
  now() {
    this.clock = Math.max(this.clock + 1, Date.now() * 1000);
    const text = new Date(Math.floor(this.clock / 1000)).toISOString();
    return `${text.slice(0, -1)}${String(this.clock % 1000).padStart(3, '0')}Z`;
  }

  create(key, context, by, at = this.now()) {
    const app = this.apps.get(key);
    const item = {
      ...Object.fromEntries(Object.entries(app.fields).map(([code, type]) => [code, empty(type)])),
      __id: randomUUID(),
      __name: '',
      __index: app.next++,
      __createdAt: at,
      __updatedAt: at,
      __deletedAt: null,
      __createdBy: by,
      __updatedBy: by,
      __version: Number(process.hrtime.bigint() % 2n ** 50n),
      __directory: app.directory,
      __subscribers: [],
      __externalProcessMeta: null,
      __debug: false,
      __status: app.statuses.length ? { order: 0, status: app.statuses[0].id } : null,
      ...kept(app, context),
    };
    app.items.set(item.__id, item);
    return item;
  }

  update(key, id, context, by) {
    const app = this.apps.get(key);
    const item = app.items.get(id);
    Object.assign(item, kept(app, context), { __updatedAt: this.now(), __updatedBy: by });
    item.__version += 1;
    return item;
  }

  remove(key, id) {
    const at = this.now();
    Object.assign(this.apps.get(key).items.get(id), { __deletedAt: at, __updatedAt: at });
  }
}

function empty(type) {
  return type === 'bool' ? false : null;
}

/** An address comes back with whether it is one. */
function kept(app, context) {
  const out = { ...context };
  for (const [code, value] of Object.entries(out)) {
    if (app.fields[code] === 'email' && Array.isArray(value)) {
      out[code] = value.map((one) => ({ ...one, isValid: /^[^@\s]+@[^@\s]+$/.test(one.email) }));
    }
  }
  return out;
}
