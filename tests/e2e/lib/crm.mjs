// What a person does with the CRM, in the words of the window.
import assert from 'node:assert/strict';
import { Key, focusList, id, inbox, openMail, rowText, textOf, type } from './pages.mjs';
import { until } from './wait.mjs';

/** A mail as it goes over the wire. `before`: Message-IDs of the mails that it answers, the last one last. */
export function mail({ from, to = 'ingrid@nordvik.example', subject, text, name, before = [] }) {
  const thread = before.map((one) => `<${one}>`);
  const answer = thread.length ? `In-Reply-To: ${thread.at(-1)}\nReferences: ${thread.join(' ')}\n` : '';
  const date = new Date().toUTCString().replace('GMT', '+0000');
  return (
    `From: ${from}\nTo: ${to}\nSubject: ${subject}\nDate: ${date}\nMessage-ID: <${name}>\n${answer}` +
    `MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n${text}\n`
  );
}

/** A picture; with `also`, one in the dark theme and one in German. */
export async function picture(app, name, { also = false } = {}) {
  await app.shot(name);
  if (!also || !process.env.SHOTS) return;
  const { settings } = await app.call('app_state');
  const show = async (theme, language) => {
    await app.call('settings_set', { ...settings, theme, language });
    const at = `return document.documentElement.dataset.theme + ' ' + document.documentElement.lang`;
    await until(async () => (await app.run(at)) === `${theme} ${language}`, { what: `${theme} ${language}` });
  };
  await show('dark', 'en');
  await app.shot(`${name}-dark`);
  await show('light', 'de');
  await app.shot(`${name}-german`);
  await show('light', 'en');
}

/** Chooses SuperOffice in a form of CRMs, signs in in the browser, and sees what is found. */
export async function signInTo(app, crm, testid) {
  await app.click(id(`${testid}-superoffice`));
  await app.click('details:has([data-testid$="-field-tenant"]) > summary');
  await type(app, id(`${testid}-field-server`), crm.server);
  await type(app, id(`${testid}-field-tenant`), crm.tenant);
  const before = app.opened().length;
  await app.click(id(`${testid}-check`));
  const url = await until(() => app.opened()[before], { what: 'the browser' });
  assert.ok(url.startsWith(`${crm.server}/login/common/oauth/authorize?`), url);
  // The person's browser follows where it is sent, back to the program in the end.
  const page = await fetch(url);
  assert.equal(page.status, 200);
  await app.find(id('crm-found'), { seconds: 30 });
}

/** The CRM's page of the settings. */
export async function crmSettings(app) {
  await app.press(',');
  await app.click(id('settings-crm'));
  await app.find(id('crm-settings'));
}

export async function leaveSettings(app) {
  await app.click(id('settings-back'));
  await app.find(id('rail'));
}

/** What the panel says, once `shows` fits. */
export const panel = (app, shows) =>
  until(async () => {
    const text = await textOf(app, id('panel'));
    return shows.test(text) && text;
  }, { what: `${shows} in the panel` });

/** Waits until the open mail is archived, in the panel and in the list. */
export async function archived(app, subject) {
  await app.find(`${id('panel-archived')}[data-state="done"]`, { seconds: 40 });
  await until(async () => /Archived/.test(await rowText(app, subject)), { what: `the tick of ${subject} in the list` });
}

/** The Message-ID of a mail of the window. */
export async function messageId(app, message) {
  const thread = await app.call('thread_get', { message });
  return thread.messages.find((one) => one.row.id === message).message_id;
}

/** Opens a mail that has just been delivered. */
export async function openNew(app, subject, text) {
  await until(async () => (await inbox(app)).some((row) => row.subject === subject), { what: `${subject} in the inbox`, seconds: 30 });
  return openMail(app, subject, text);
}

/** Ticks or unticks what stands in an element with this text. */
export function tick(app, css, text) {
  return until(
    () =>
      app.run(
        `const one = [...document.querySelectorAll(arguments[0])].find((each) => each.textContent.includes(arguments[1]));
         const box = one?.querySelector('input[type=checkbox]');
         box?.click();
         return !!box;`,
        css,
        text,
      ),
    { what: `a box beside ${text}` },
  );
}

/** A key of the main window. */
export async function key(app, name) {
  await focusList(app);
  await app.press(name);
}

export { Key };
