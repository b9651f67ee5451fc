// A SuperOffice of our own (tests/superoffice), the demo's customers in it. What reached it is asked by its own API.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs } from './children.mjs';

const TENANT = 'Cust12345';
const CLIENT = '0123456789abcdef0123456789abcdef';
/** The number of oneself among its users. */
const ME = { AssociateId: 5 };
const CALL = 11;
const MEETING = 10;
const DAY = 86_400_000;

const stamp = (milliseconds) => new Date(milliseconds).toISOString();

export class SuperOffice {
  #child;
  #listening;
  #token;
  /** Its number, for each of the demo's ids: `person maja`. */
  ids = new Map();

  /** `seed`: the demo's CRM, as the world wrote it. */
  static async start(seed) {
    const crm = new SuperOffice();
    const script = join(import.meta.dirname, '../../superoffice/double.mjs');
    crm.#child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    endWithUs(crm.#child);
    const line = await new Promise((resolve, reject) => {
      createInterface({ input: crm.#child.stdout }).once('line', resolve);
      crm.#child.once('exit', (code) => reject(new Error(`the double of SuperOffice ended with ${code}`)));
    });
    crm.#listening = JSON.parse(line);
    crm.#token = (await crm.control('token', { user: 'kari' })).access_token;
    await crm.control('wish', { name: 'Ingrid Hauge' });
    await crm.#fill(JSON.parse(readFileSync(seed, 'utf8')));
    return crm;
  }

  /** Where one signs in. */
  get server() {
    return `http://127.0.0.1:${this.#listening.identity}`;
  }

  get tenant() {
    return TENANT;
  }

  /** Allows this server where only the vendor's are allowed; the policy's path. */
  policy(folder) {
    const path = join(folder, 'policy.toml');
    const client = `[[oauth]]\nid = "superoffice"\nclient_id = "${CLIENT}"\nredirect = "http://127.0.0.1/"\n`;
    writeFileSync(path, `[crm]\nhosts = ["127.0.0.1"]\n\n${client}`);
    return path;
  }

  async control(path, wish = {}) {
    const answer = await fetch(`${this.server}/control/${path}`, { method: 'POST', body: JSON.stringify(wish) });
    if (!answer.ok) throw new Error(`control ${path}: ${answer.status}`);
    return answer.json();
  }

  /** Makes or changes an entity, as a colleague does at its own desk. */
  async put(entity, value) {
    return (await this.control('put', { entity, value, by: 6 })).id;
  }

  /** Nobody is there, or again. */
  away(away) {
    return this.control('wish', { away });
  }

  /** Its API, as oneself. */
  async get(path) {
    const address = `http://127.0.0.1:${this.#listening.servers[0]}/${TENANT}/api/v1/${path}`;
    const headers = { authorization: `Bearer ${this.#token}`, 'so-timezone': 'includeTZOffset' };
    const answer = await fetch(address, { headers });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    const kind = answer.headers.get('content-type') ?? '';
    return kind.includes('json') ? answer.json() : Buffer.from(await answer.arrayBuffer()).toString('utf8');
  }

  /** The rows of a list. */
  async rows(list, ...columns) {
    return (await this.get(`Archive/${list}?$select=${columns.join(',')}`)).value;
  }

  /** What was archived of a mail: each document whole, with its bytes as text in `eml`. */
  async documents(messageId) {
    const rows = await this.rows('Dynamic', 'document.document_id', 'document.extref');
    const same = rows.filter((row) => row['document.extref'] === messageId);
    return Promise.all(
      same.map(async ({ 'document.document_id': id }) => ({
        ...(await this.get(`Document/${id}`)),
        eml: await this.get(`Document/${id}/Content`),
      })),
    );
  }

  /** The person with this address, whole. */
  async person(email) {
    const rows = await this.rows('EmailAddress', 'emailAddress', 'personId');
    return Promise.all(rows.filter((row) => row.emailAddress === email).map((row) => this.get(`Person/${row.personId}`)));
  }

  /** Follow-ups with this title. */
  async followUps(title) {
    return (await this.rows('Appointment', 'appointmentId', 'text')).filter((row) => row.text === title);
  }

  async #fill(seed) {
    const { ids } = this;
    const keep = async (kind, one, entity, value) => ids.set(`${kind} ${one.id}`, await this.put(entity, value));
    const at = (kind, entity, id) => (ids.has(`${kind} ${id}`) ? { [`${entity}Id`]: ids.get(`${kind} ${id}`) } : null);
    const of = (records, kind, entity) => at(kind, entity, records.find((one) => one.kind === kind)?.id);
    for (const one of seed.companies) {
      const Address = { Street: { City: one.city } };
      const [Urls, Phones] = [[{ Value: `www.${one.domains[0]}` }], [{ Value: one.phone }]];
      await keep('company', one, 'Contact', { Name: one.name, Address, Urls, Phones });
    }
    for (const one of seed.people) {
      const [Firstname, ...rest] = one.name.split(' ');
      const Emails = one.emails.map((Value) => ({ Value }));
      const MobilePhones = one.phones.map((Value) => ({ Value }));
      const Contact = at('company', 'Contact', one.company);
      await keep('person', one, 'Person', { Firstname, Lastname: rest.join(' '), Title: one.title, Emails, MobilePhones, Contact });
    }
    for (const one of seed.sales) {
      const [Contact, Person] = [at('company', 'Contact', one.company), at('person', 'Person', one.person)];
      const Currency = { Id: 1, Value: one.currency, Tooltip: '' };
      const Rating = { Id: Math.min(one.stage_index, 4) };
      const Saledate = stamp(Date.parse(one.closes));
      const Status = one.open ? 'Open' : 'Sold';
      await keep('sale', one, 'Sale', { Heading: one.name, Amount: one.amount / 100, Currency, Rating, Saledate, Status, Contact, Person });
    }
    for (const one of seed.projects) {
      const ProjectMembers = [at('company', 'Contact', one.company)];
      await keep('project', one, 'Project', { Name: one.name, Completed: !one.open, ProjectMembers });
    }
    for (const one of seed.activities) {
      const beside = {
        Contact: of(one.records, 'company', 'Contact'),
        Person: of(one.records, 'person', 'Person'),
        Sale: of(one.records, 'sale', 'Sale'),
        Associate: ME,
      };
      if (one.kind === 'mail') await this.put('Document', { Header: one.title, Date: stamp(one.date * 1000), ...beside });
      else await this.#appointment(one.title, one.date * 1000, one.kind === 'call' ? CALL : MEETING, { Completed: 'Completed', ...beside });
    }
    const maja = { Contact: at('company', 'Contact', 'fjordlys'), Person: at('person', 'Person', 'maja'), Associate: ME };
    await this.#appointment('Call Maja about the three years', Date.now() - DAY, CALL, maja);
    await this.#appointment('Send the plan for Stavanger', Date.now() + 3 * DAY, CALL, maja);
  }

  #appointment(Title, begins, TaskListItemId, more) {
    const Task = { TaskListItemId };
    return this.put('Appointment', { Title, StartDate: stamp(begins), EndDate: stamp(begins + 1_800_000), Task, ...more });
  }

  stop() {
    this.#child.stdin.end();
  }
}
