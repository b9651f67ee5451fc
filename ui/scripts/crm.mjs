/** Pictures of the CRM: the customer's panel, archiving, follow-ups, the rail's views, the settings' page and the editors. */
const mail = (at) => (page) =>
  page
    .getByTestId('message-row')
    .nth(at)
    .click()
    .then(() => page.getByTestId('reader-frame').waitFor())
    // Below 1180 px the panel is folded.
    .then(() => page.viewportSize().width < 1180 || page.getByTestId('panel').waitFor());
const press = (key, testid) => (page) => page.keyboard.press(key).then(() => page.getByTestId(testid).waitFor());
const go = (testid, then) => (page) =>
  mail(0)(page)
    .then(() => page.getByTestId(testid).click())
    .then(() => page.getByTestId(then).first().waitFor());
const both =
  (...steps) =>
  (page) =>
    steps.reduce((before, step) => before.then(() => step(page)), Promise.resolve());
const crmPage = (page) =>
  page
    .getByTestId('message-row')
    .first()
    .waitFor()
    .then(() => page.keyboard.press(','))
    .then(() => page.getByTestId('settings-crm').click())
    .then(() => page.getByTestId('crm-settings').waitFor());

const click = (testid) => (page) => page.getByTestId(testid).first().click();
/** A sale is made and a follow-up ticked while the CRM is away. */
const waits = both(
  mail(0),
  press('t', 'follow-up-dialog'),
  click('follow-up-sale'),
  (page) => page.getByTestId('follow-up-amount').fill('90000'),
  click('follow-up-create'),
  (page) => page.getByTestId('panel-sale-waits').waitFor(),
  (page) => page.getByTestId('panel-follow-up').getByRole('checkbox').nth(1).click(),
);
const rule = both(
  crmPage,
  click('rule-new'),
  (page) => page.getByTestId('rule-name').fill('Energy'),
  click('rule-look'),
  (page) => page.getByTestId('rule-result').scrollIntoViewIfNeeded(),
);

export const crm = [
  ['crm-panel', '?theme=light&crm=superoffice', 1440, mail(0)],
  ['crm-panel-dark', '?theme=dark&crm=superoffice', 1440, mail(0)],
  ['crm-panel-german', '?theme=light&crm=superoffice&lang=de', 1440, mail(0)],
  ['crm-unknown', '?theme=light&crm=superoffice', 1440, mail(2)],
  [
    'crm-create',
    '?theme=light&crm=superoffice',
    1440,
    both(mail(2), (page) => page.getByTestId('panel-might-work-at').click()),
  ],
  ['crm-sale', '?theme=light&crm=superoffice', 1440, both(mail(0), (page) => page.getByTestId('edit-sale').click())],
  ['crm-archive', '?theme=light&crm=superoffice', 1440, both(mail(0), press('Shift+A', 'archive-dialog'))],
  ['crm-archive-dark', '?theme=dark', 1440, both(mail(0), press('Shift+A', 'archive-dialog'))],
  ['crm-follow-up', '?theme=light&crm=superoffice', 1440, both(mail(0), press('t', 'follow-up-dialog'))],
  ['crm-follow-ups', '?theme=light&crm=superoffice', 1440, go('rail-follow-ups', 'follow-up-row')],
  ['crm-follow-ups-german', '?theme=dark&crm=superoffice&lang=de', 1100, go('rail-follow-ups', 'follow-up-row')],
  [
    'crm-queue',
    '?theme=light&crm=superoffice&away=1',
    1440,
    both(mail(0), press('a', 'rail-queue'), go('rail-queue', 'queue-row')),
  ],
  ['crm-waits', '?theme=light&crm=superoffice&away=1', 1440, waits],
  [
    'crm-waits-follow-up',
    '?theme=light&crm=superoffice&away=1',
    1440,
    both(
      mail(0),
      press('t', 'follow-up-dialog'),
      click('follow-up-call'),
      click('follow-up-create'),
      (page) => page.getByTestId('panel-follow-up').nth(3).waitFor(),
      (page) => page.getByTestId('panel-follow-up').nth(3).scrollIntoViewIfNeeded(),
    ),
  ],
  ['crm-waits-german', '?theme=dark&crm=superoffice&away=1&lang=de', 1440, both(waits, click('rail-queue'))],
  [
    'crm-not-archived',
    '?theme=light&crm=superoffice',
    1440,
    both(
      mail(0),
      (page) =>
        [1, 2, 3].reduce((before) => before.then(() => page.keyboard.press('Shift+ArrowDown')), Promise.resolve()),
      press('a', 'not-archived'),
    ),
  ],
  [
    'crm-archive-german',
    '?theme=light&crm=superoffice&lang=de',
    1100,
    both(mail(0), press('Shift+A', 'archive-dialog')),
  ],
  [
    'crm-panel-1100',
    '?theme=dark&crm=superoffice&lang=de',
    1100,
    both(mail(0), click('toggle-customer'), (page) => page.getByTestId('panel').waitFor()),
  ],
  ['crm-rule', '?theme=light&crm=superoffice', 1440, rule],
  ['crm-rule-german', '?theme=dark&crm=superoffice&lang=de', 1100, rule],
  ['crm-customers-german', '?theme=dark&crm=superoffice&lang=de', 1100, go('rail-customers', 'customers-line')],
  ['crm-view', '?theme=light&crm=superoffice', 1440, go('view-not-archived', 'message-row')],
  ['crm-customers', '?theme=light', 1440, go('rail-customers', 'customers-line')],
  [
    'crm-company',
    '?theme=light',
    1440,
    both(go('rail-customers', 'customers-line'), (page) => page.getByTestId('customers-line').nth(1).click()),
  ],
  ['crm-settings', '?theme=light&crm=superoffice', 1440, crmPage],
  ['crm-settings-dark', '?theme=dark&crm=superoffice', 1440, crmPage],
  ['crm-settings-german', '?theme=light&crm=superoffice&lang=de', 1100, crmPage],
  ['crm-settings-embedded', '?theme=light', 1440, crmPage],
];
