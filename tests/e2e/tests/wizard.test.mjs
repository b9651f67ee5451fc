// The wizard without a mouse, in each language, through a sign-in in the browser; on each page axe finds nothing.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { App, temporaryFolder } from '../lib/app.mjs';
import { faults } from '../lib/axe.mjs';
import { browse } from '../lib/browser.mjs';
import { Desktop } from '../lib/desktop.mjs';
import { enter, focused, push, tabTo } from '../lib/keyboard.mjs';
import { Key, filesWith, id, textOf } from '../lib/pages.mjs';
import { writePolicy } from '../lib/policy.mjs';
import { story } from '../lib/steps.mjs';
import { until } from '../lib/wait.mjs';
import { World } from '../lib/world.mjs';

const LANGUAGES = ['en', 'nb', 'sv', 'da', 'de', 'nl'];
let world, policy, desktop, profile, app;
const step = story(() => app?.shot('wizard-failed'));

before(async () => {
  world = await World.start('empty', { oidc: true });
  policy = writePolicy(world.dir, world);
  desktop = await Desktop.start();
});

after(async () => {
  await app?.close();
  desktop?.stop();
  await world?.stop();
  profile?.remove();
});

const stepIs = (name) => until(async () => (await app.find(id('wizard'))).getAttribute('data-step').then((at) => at === name), { what: `the step ${name}` });

/** What axe found so far: told at the end of a walk, so that one sees all of it at once. */
let found = [];

/** A picture of a page, and what axe says of it. */
async function page(language, name) {
  await app.shot(`wizard-${language}-${name}`);
  found.push(...(await faults(app)).map((fault) => `${name}: ${fault}`));
}

function nothingFound() {
  const all = found;
  found = [];
  assert.deepEqual(all, [], 'axe found nothing');
}

/** The address that the program gave to the desktop last. */
const sentTo = async (count) => (await until(() => app.opened().length > count && app.opened(), { what: 'the browser' })).at(-1);

async function walk(language) {
  await app.find(id('wizard-email'));
  assert.equal(await app.run('return document.documentElement.lang'), language);
  await until(async () => (await focused(app)) === 'wizard-email', { what: 'one can type at once' });
  await page(language, '1-address');
  await app.press(...world.user);
  await app.find(id('wizard-found'));
  await until(async () => /Nordvik/.test(await textOf(app, id('wizard-signin'))), { what: 'the way to sign in' });
  await page(language, '2-found');

  await push(app, 'wizard-advanced');
  await app.find(id('advanced'));
  await page(language, '3-advanced');
  await app.press(Key.ESCAPE);
  await until(async () => (await app.all(id('advanced'))).length === 0, { what: 'the dialog is closed' });
  await until(async () => /^wizard-/.test(await focused(app)), { what: 'the focus is back on the page' });

  const before = app.opened().length;
  await push(app, 'wizard-signin');
  await app.find(`${id('wizard-signin-state')}[data-state="waiting"]`);
  await page(language, '4-browser');
  const seen = await browse(world, await sentTo(before));
  assert.match(seen.pages[0].text, new RegExp(`<html lang="${language}"`), 'the page of the way back speaks the same language');
  await stepIs('check');
  await app.find(`${id('wizard-checking')}[data-done="true"]`, { seconds: 30 });
  await page(language, '5-checked');
  await push(app, 'wizard-next');
  await stepIs('days');
  await page(language, '6-days');
  await days(90);
  await push(app, 'wizard-next');
  await stepIs('crm');
  await page(language, '7-crm');
  // Back and forth: nothing is asked twice.
  await app.driver.actions().keyDown(Key.ALT).sendKeys(Key.ARROW_LEFT).keyUp(Key.ALT).perform();
  await stepIs('days');
  await push(app, 'wizard-next');
  await stepIs('crm');
  await push(app, 'wizard-finish');
  await app.find(`${id('wizard-to-inbox')}, ${id('rail')}`, { seconds: 30 });
  await app.shot(`wizard-${language}-8-progress`);
  await app.find(id('rail'), { seconds: 60 });
  const { accounts } = await app.call('app_state');
  assert.deepEqual(accounts.map(({ email, oauth, days: kept }) => ({ email, oauth, kept })), [{ email: world.user, oauth: 'nordvik', kept: 90 }]);
}

/** Chooses among the radio buttons by arrow keys. */
async function days(wanted) {
  const chosen = () => app.run(`return document.querySelector('input[name="days"]:checked')?.value`);
  await tabTo(app, `wizard-days-${await chosen()}`);
  for (let press = 0; press < 6 && (await chosen()) !== `${wanted}`; press += 1) await app.press(Key.ARROW_DOWN);
  assert.equal(await chosen(), `${wanted}`);
}

/** A window with nothing connected. */
async function fresh(env) {
  await app?.close();
  profile?.remove();
  profile = temporaryFolder();
  app = await App.open({ profile: profile.path, ca: world.ca, env: { ...env, CLIENTELE_POLICY: policy } });
}

for (const [number, language] of LANGUAGES.entries()) {
  step(`the wizard by keyboard alone, in ${language}`, async () => {
    // Every other language in the dark theme: its colours are read as well.
    await fresh({ CLIENTELE_LANG: language, CLIENTELE_THEME: number % 2 ? 'dark' : 'light' });
    await walk(language);
    nothingFound();
    assert.deepEqual(filesWith(profile.path, world.password), []);
  });
}

step('a sign-in that the person refuses says so, and the way on is by keyboard too', async () => {
  await fresh();
  await app.find(id('wizard-email'));
  await enter(app, 'wizard-email', world.user);
  await app.find(id('wizard-signin'));
  const before = app.opened().length;
  await app.press(Key.ENTER);
  await browse(world, await sentTo(before), { decision: 'deny' });
  await app.find(`${id('wizard-signin-state')}[data-state="failed"][data-code="oauth_denied"]`);
  await page('en', 'denied');
  // The browser is closed: cancelled here, and begun anew.
  await push(app, 'wizard-signin');
  await app.find(`${id('wizard-signin-state')}[data-state="waiting"]`);
  await push(app, 'wizard-signin-cancel');
  await until(async () => /Nordvik/.test(await textOf(app, id('wizard-signin'))), { what: 'the way to begin anew' });
  assert.equal((await app.call('app_state')).accounts.length, 0);

  // A restart finds the address, and no secret.
  await app.close();
  app = await App.open({ profile: profile.path, ca: world.ca, env: { CLIENTELE_POLICY: policy } });
  const email = await app.find(id('wizard-email'));
  await until(async () => (await email.getAttribute('value')) === world.user, { what: 'the address of before' });
  nothingFound();
});
