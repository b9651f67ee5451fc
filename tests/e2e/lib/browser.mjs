// The browser that a person signs in in: a script that goes through the provider's pages.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { endWithUs } from './children.mjs';

/** Goes where the program sent the person. `decision` is `allow` or `deny`. */
export async function browse(world, url, { decision = 'allow' } = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../oidc/browser.mjs')], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: world.ca },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  endWithUs(child);
  child.stdin.end(JSON.stringify({ url, user: world.user, password: world.password, decision }));
  let said = '';
  for await (const piece of child.stdout) said += piece;
  return JSON.parse(said);
}
