// The real Tryton of a world, asked by its own REST interface as its administrator.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Why it cannot be run here; empty: it can. */
export const missing = existsSync(join(import.meta.dirname, '../../../target/tools/tryton/done'))
  ? ''
  : 'Tryton is not in target/tools: it wants Python 3.10 or newer';

const CONTEXT = Buffer.from(JSON.stringify({ company: 1, companies: [1] })).toString('base64');

export class Tryton {
  #described;

  constructor(world) {
    this.#described = world.tryton;
  }

  async #ask(path, body) {
    const { behind, database, admin } = this.#described;
    const answer = await fetch(`${behind}/${database}/rest/model/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json', 'x-tryton-context': CONTEXT },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** A new record's id. */
  async create(model, values) {
    return (await this.#ask(model, values)).id;
  }

  /** The fields of all rows that fit. */
  rows(model, domain, ...fields_names) {
    return this.#ask(`${model}/search_read`, { domain, fields_names });
  }

  /** A company with a web site, and a person who works there. */
  async customer({ company, site, person, email }) {
    const contacts = (type, value) => ({ contact_mechanisms: [['create', [{ type, value }]]] });
    const at = await this.create('party.party', { name: company, ...contacts('website', site) });
    const who = await this.create('party.party', { name: person, ...contacts('email', email) });
    const [kind] = await this.rows('party.relation.type', [['name', '=', 'Works at']], 'id');
    await this.create('party.relation', { from_: who, to: at, type: kind.id });
    return { company: at, person: who };
  }
}
