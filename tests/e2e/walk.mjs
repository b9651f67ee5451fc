// Walks through the demo in the real window and leaves pictures: what `cargo xtask run` does where there is no display.
// The world is started here unless CLIENTELE_WORLD_JSON describes one that runs. FRESH: only the wizard, on an empty CRM.
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, temporaryFolder } from './lib/app.mjs';
import { Desktop } from './lib/desktop.mjs';
import { Key, finishWizard, id, openMail, rowOf, synced, tried, type, typeSettings, write } from './lib/pages.mjs';
import { until } from './lib/wait.mjs';
import { World } from './lib/world.mjs';

process.env.SHOTS ??= join(tmpdir(), 'clientele-walk');
const world = process.env.CLIENTELE_WORLD_JSON
  ? { ...JSON.parse(process.env.CLIENTELE_WORLD_JSON), stop: async () => {} }
  : await World.start('demo');
const desktop = await Desktop.start();
const profile = temporaryFolder();
let app;
/** From the wizard with nothing to the inbox. */
async function connect() {
  await app.find(id('wizard-email'));
  await app.shot('1-wizard');
  await typeSettings(app, world);
  await app.click(id('adv-test'));
  await until(async () => (await tried(app, 'incoming')).ok && (await tried(app, 'outgoing')).ok, { what: 'both servers answer' });
  await app.shot('2-servers');
  await finishWizard(app);
  await rowOf(app, 'two questions', { seconds: 60 });
  await synced(app);
  await openMail(app, 'two questions', 'The board meets');
  await app.shot('3-mail');
}

/** Archive, search, answer, the dark theme. */
async function work() {
  await app.click(id('panel-archive'));
  await app.find(`${id('panel-archived')}[data-state="done"]`, { seconds: 30 });
  await app.shot('4-archived');
  await type(app, id('search-input'), 'crane booked');
  await rowOf(app, 'Delivery date');
  await app.shot('5-search');
  await (await app.find(id('search-input'))).sendKeys(Key.ESCAPE);
  await openMail(app, 'two questions', 'The board meets');
  await app.click(id('action-reply'));
  await write(app, 'Hi Maja, three years is fine, and the price holds.');
  await app.shot('6-answer');
  await app.click(id('composer-send'));
  await until(async () => (await app.all(id('composer'))).length === 0, { what: 'the answer is on its way' });
  const { settings } = await app.call('app_state');
  await app.call('settings_set', { ...settings, theme: 'dark' });
  await until(async () => (await app.run('return document.documentElement.dataset.theme')) === 'dark', { what: 'the dark theme' });
  await app.shot('7-dark');
}

try {
  if (!process.env.FRESH) execFileSync(process.env.CLIENTELE_CLI, ['--profile', profile.path, 'crm', 'import', world.crm_seed]);
  app = await App.open({ profile: profile.path, ca: world.ca });
  await connect();
  if (!process.env.FRESH) await work();
  console.log(`Pictures: ${process.env.SHOTS}`);
} catch (error) {
  await app?.shot('failed').catch(() => {});
  console.error(`The walk stopped: ${error.message}`);
  process.exitCode = 1;
} finally {
  await app?.close();
  desktop.stop();
  await world.stop();
  profile.remove();
}
