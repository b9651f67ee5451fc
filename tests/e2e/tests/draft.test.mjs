// What is being written outlives the program: killed in the middle of typing, it has lost a second of it at most.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { App, running, temporaryFolder } from '../lib/app.mjs';
import { Desktop } from '../lib/desktop.mjs';
import { addAccount, id, synced, textOf, type } from '../lib/pages.mjs';
import { story } from '../lib/steps.mjs';
import { until } from '../lib/wait.mjs';
import { World } from '../lib/world.mjs';

/** What may be lost, in milliseconds. */
const LOSS = 1000;
const TYPING = 4000;
let world, desktop, profile, app;
const step = story(() => app?.shot('draft-failed'));

before(async () => {
  world = await World.start('empty');
  desktop = await Desktop.start();
  profile = temporaryFolder();
  app = await App.open({ profile: profile.path, ca: world.ca });
});

after(async () => {
  await app?.close();
  desktop?.stop();
  await world?.stop();
  profile?.remove();
});

step('a killed program has kept all but the last second of what was typed', async () => {
  await addAccount(app, world);
  await synced(app);
  await app.click(id('compose-new'));
  await type(app, id('composer-subject'), 'Minutes of the meeting');
  const body = await app.find(id('composer-body'));
  await body.click();
  // Without a pause, so that nothing but the passing of time can be what saves it.
  const typed = [];
  for (const began = Date.now(); Date.now() - began < TYPING; ) {
    const word = `word${typed.length}`;
    await body.sendKeys(`${word} `);
    typed.push({ word, at: Date.now() });
  }
  const [pid, ...others] = running(profile.path);
  assert.deepEqual(others, []);
  process.kill(pid, 'SIGKILL');
  const killed = Date.now();
  await until(() => running(profile.path).length === 0, { what: 'the program is gone' });
  await app.close();

  app = await App.open({ profile: profile.path, ca: world.ca, env: { CLIENTELE_THEME: 'dark' } });
  await app.find(id('rail'), { seconds: 30 });
  const [draft, ...more] = await app.call('draft_list');
  assert.deepEqual(more, []);
  assert.equal(draft.subject, 'Minutes of the meeting');
  const kept = new Set(draft.body.match(/word\d+/g));
  const old = typed.filter(({ at }) => killed - at > LOSS);
  assert.ok(old.length >= 5, `only ${old.length} words were older than what may be lost`);
  assert.deepEqual(old.filter(({ word }) => !kept.has(word)), [], `${kept.size} of ${typed.length} words were kept`);
});

step('the draft is among the drafts, and opens with its text', async () => {
  await app.click(id('folder-drafts'));
  await app.click(id('draft-row'));
  await until(async () => /word0 word1 word2/.test(await textOf(app, id('composer-body'))), { what: 'the text of before' });
});

step('the program starts dark where it is asked to', async () => {
  assert.equal(await app.run('return document.documentElement.dataset.theme'), 'dark');
  const [red, green, blue] = (await app.run('return getComputedStyle(document.body).backgroundColor')).match(/\d+/g).map(Number);
  assert.ok(red + green + blue < 3 * 80, `the page is ${red} ${green} ${blue}`);
});
