// Runs a command in a desktop session of its own: an X server without a screen, a session bus, an unlocked keyring, and
// an empty home. Nothing of the person's own session is touched.
//   node session.mjs COMMAND …
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INSIDE = 'CLIENTELE_E2E_SESSION';
const command = process.argv.slice(2);

/** The outer half: makes the session, starts this script again in it, and cleans up. */
function outside() {
  const home = mkdtempSync(join(tmpdir(), 'clientele-e2e-'));
  const runtime = join(home, 'runtime');
  mkdirSync(runtime, { mode: 0o700 });
  const env = {
    ...process.env,
    [INSIDE]: '1',
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CACHE_HOME: join(home, 'cache'),
    GDK_BACKEND: 'x11',
    LC_ALL: 'C.UTF-8',
    // No accessibility bus and no portals: neither is under test, and both start services of their own.
    NO_AT_BRIDGE: '1',
    GTK_USE_PORTAL: '0',
  };
  delete env.DBUS_SESSION_BUS_ADDRESS;
  const xvfb = ['-a', '-s', '-screen 0 1440x900x24 -nolisten tcp', '--'];
  const inner = ['dbus-run-session', '--', process.execPath, import.meta.filename, ...command];
  const child = spawn('xvfb-run', [...xvfb, ...inner], { env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`xvfb-run: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('close', (code) => {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    process.exitCode = code ?? 1;
  });
}

/** The inner half: unlocks the keyring before anything asks for it, then runs the command. */
function inside() {
  const keyring = spawnSync('gnome-keyring-daemon', ['--unlock', '--components=secrets', '--daemonize'], {
    input: 'session',
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  if (keyring.status !== 0) {
    console.error('gnome-keyring-daemon did not start');
    process.exitCode = 1;
    return;
  }
  const [program, ...rest] = command;
  const child = spawn(program, rest, { stdio: 'inherit' });
  child.on('close', (code) => (process.exitCode = code ?? 1));
}

if (command.length === 0) {
  console.error('node session.mjs COMMAND …');
  process.exitCode = 2;
} else if (process.env[INSIDE]) inside();
else outside();
