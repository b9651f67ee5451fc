// The wizard's pictures: every step and what can go wrong in it, with the fake host.

const at = (page, name) => page.getByTestId(name);
const email = (page, address) => at(page, 'wizard-email').fill(address);

async function found(page, address) {
  await email(page, address);
  await page.locator('[data-testid="wizard-found"][data-source]').waitFor();
}

async function signIn(page) {
  await found(page, 'ingrid@nordvik.no');
  await at(page, 'wizard-signin').click();
  await at(page, 'wizard-signin-again').waitFor();
}

async function password(page, address, word = 'correct horse') {
  await found(page, address);
  await at(page, 'wizard-next').click();
  await at(page, 'wizard-password').fill(word);
}

async function checked(page) {
  await password(page, 'ingrid@fjordlys.no');
  await at(page, 'wizard-check').click();
  await at(page, 'adv-result-incoming').waitFor();
}

async function days(page) {
  await checked(page);
  await at(page, 'wizard-next').click();
  await at(page, 'wizard-days-30').waitFor();
}

async function crm(page) {
  await days(page);
  await at(page, 'wizard-next').click();
  await at(page, 'wizard-finish').waitFor();
}

async function advanced(page) {
  await email(page, 'per@brodrenedahl.no');
  await page.keyboard.press('Enter');
  await at(page, 'adv-password').fill('correct horse');
}

async function tested(page, host = 'mail.brodrenedahl.no') {
  await advanced(page);
  await at(page, 'adv-imap-host').fill(host);
  await at(page, 'adv-test').click();
  await at(page, 'adv-results').waitFor();
}

const light = '?theme=light&fresh=1';
const dark = '?theme=dark&fresh=1';
const german = '?theme=light&fresh=1&lang=de';

/** Name, address, width, and what to do before the picture. */
export const wizard = [
  ['wizard', light, 1440, () => Promise.resolve()],
  ['wizard-signin', light, 1440, signIn],
  ['wizard-signin-dark', dark, 1440, signIn],
  ['wizard-signin-1100', light, 1100, signIn],
  ['wizard-nothing', light, 1440, (page) => email(page, 'per@brodrenedahl.no')],
  [
    'wizard-offline',
    light,
    1440,
    (page) => email(page, 'per@offline.test').then(() => at(page, 'wizard-retry').waitFor()),
  ],
  ['wizard-oauth-missing', `${light}&oauth=`, 1440, (page) => found(page, 'ingrid@gmail.com')],
  [
    'wizard-servers',
    light,
    1440,
    (page) => found(page, 'katarina@skargard.se').then(() => at(page, 'wizard-next').click()),
  ],
  ['wizard-app-password', light, 1440, (page) => password(page, 'ingrid@icloud.com', '')],
  ['wizard-app-password-german', german, 1440, (page) => password(page, 'ingrid@gmx.de', '')],
  ['wizard-check', light, 1440, checked],
  ['wizard-check-dark', dark, 1440, checked],
  ['wizard-days-german', german, 1440, days],
  ['wizard-days-limit', `${light}&days_max=120`, 1440, days],
  ['wizard-crm', light, 1440, crm],
  ['advanced', light, 1440, tested],
  ['advanced-dark', dark, 1440, tested],
  ['advanced-german', german, 1100, tested],
  ['advanced-certificate', light, 1440, (page) => tested(page, 'expired.brodrenedahl.no')],
  [
    'advanced-plain',
    light,
    1440,
    async (page) => {
      await advanced(page);
      await at(page, 'adv-imap-security').selectOption('none');
      await at(page, 'adv-same').uncheck();
      await at(page, 'adv-test').click();
    },
  ],
  ['advanced-pop3', dark, 1440, (page) => advanced(page).then(() => at(page, 'adv-imap-port').fill('995'))],
];
