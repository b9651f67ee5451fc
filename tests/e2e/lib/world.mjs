// The real mail servers (the program clientele-world), and the server's own view of a mailbox.
import { execFileSync, spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { endWithUs } from './children.mjs';

const program = (name) => {
  const path = process.env[name];
  if (!path) throw new Error(`${name} must name a program`);
  return path;
};

export class World {
  #child;

  /** `seed`: demo, empty or a bench. `oidc`: with an OpenID provider. `crm`: none or tryton. */
  static async start(seed = 'empty', { oidc = false, crm = 'none' } = {}) {
    const world = new World();
    const args = ['--seed', seed, '--oidc', oidc ? 'yes' : 'no', '--crm', crm];
    world.#child = spawn(program('CLIENTELE_WORLD'), args, { stdio: ['pipe', 'pipe', 'inherit'] });
    endWithUs(world.#child);
    const line = await new Promise((resolve, reject) => {
      createInterface({ input: world.#child.stdout }).once('line', resolve);
      world.#child.once('exit', (code) => reject(new Error(`clientele-world ended with ${code}`)));
    });
    return Object.assign(world, JSON.parse(line));
  }

  /** What doveadm prints. */
  doveadm(...args) {
    return execFileSync('doveadm', ['-c', this.doveadm_config, ...args], { encoding: 'utf8' });
  }

  /** How many of the user's mails match a query such as `mailbox Sent subject Offer`. */
  count(...query) {
    return this.doveadm('search', '-u', this.user, ...query).split('\n').filter(Boolean).length;
  }

  /** The flags of the mails that match, one line each. */
  flags(...query) {
    return this.doveadm('-f', 'tab', 'fetch', '-u', this.user, 'flags', ...query).trim().split('\n').slice(1);
  }

  /** Sends a mail to the user through Postfix, as the world outside does. */
  async deliver(raw, { from = 'someone@elsewhere.example', to = this.user } = {}) {
    const socket = createConnection(this.ports.smtp_plain, '127.0.0.1');
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const said = async (expected) => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done || !value.startsWith(expected)) throw new Error(`Postfix said: ${value}`);
        if (value[3] !== '-') return;
      }
    };
    const say = (line) => socket.write(`${line}\r\n`);
    await said('220');
    for (const [line, expected] of [
      ['EHLO e2e.example', '250'],
      [`MAIL FROM:<${from}>`, '250'],
      [`RCPT TO:<${to}>`, '250'],
      ['DATA', '354'],
      [`${raw.replaceAll(/\r?\n/g, '\r\n').replaceAll(/^\./gm, '..')}\r\n.`, '250'],
      ['QUIT', '221'],
    ]) {
      say(line);
      await said(expected);
    }
    socket.end();
  }

  async stop() {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin.end();
    await ended;
  }
}
