/** Connecting a mailbox over the fake host: nothing is saved untested, and each way of failing says what to do. */
import { cleanup, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import Wizard from '../src/features/wizard/Wizard.svelte';
import { setHost, type DiscoverView } from '../src/host';
import { fakeHost, type FakeHost } from '../src/host/fake';
import { errorWords } from '../src/i18n/errors';
import { setLanguage } from '../src/i18n/index.svelte';
import { app } from '../src/state/app.svelte';
import { view } from '../src/state/view.svelte';

let host: FakeHost;
// A dialog that closes gives the pointer back a moment later; in jsdom nobody waits for that moment.
const person = userEvent.setup({ pointerEventsCheck: 0 });

const called = (name: string) => host.calls.filter((one) => one.name === name);
const id = (name: string) => screen.findByTestId(name);
const press = async (name: string) => person.click(await id(name));

async function start(asked = 'fresh=1', memory?: Map<string, string>) {
  cleanup();
  host = fakeHost(new URLSearchParams(asked));
  if (memory) host.memory = memory;
  setHost(host);
  view.wizard = false;
  await app.restart();
}

/** Types an address and waits for what is found. */
async function address(email: string) {
  render(Wizard);
  await person.type(await id('wizard-email'), email);
  await waitFor(() => expect(called('discover').at(-1)?.request).toMatchObject({ email }));
  return id('wizard-found');
}

/** Up to the days, with a password. */
async function toDays(email = 'ingrid@fjordlys.no', password = 'correct horse') {
  await address(email);
  await press('wizard-next');
  await person.type(await id('wizard-password'), password);
  await press('wizard-check');
  await press('wizard-next');
  await id('wizard-days-30');
}

beforeEach(async () => {
  setLanguage('en');
  await start();
});
afterEach(() => cleanup());

describe('the address', () => {
  it('must be one', async () => {
    render(Wizard);
    await person.type(await id('wizard-email'), 'ingrid');
    await press('wizard-next');
    expect(screen.getByText(/does not look like an e-mail address/)).toBeInTheDocument();
    expect(called('discover')).toEqual([]);
  });

  it('is looked for once typing stops, and says who it is and how that was found', async () => {
    const card = await address('ingrid@nordvik.no');
    await waitFor(() => expect(card).toHaveTextContent('Found through the mail servers of nordvik.no'));
    expect(card).toHaveTextContent('Microsoft 365');
    expect(card).toHaveTextContent('Secure sign-in');
    expect(called('discover')).toHaveLength(1);
  });

  it.each([
    ['per@brodrenedahl.no', 'No servers found for brodrenedahl.no'],
    ['per@offline.test', errorWords('offline').title],
    ['j@waterlandlogistiek.nl', 'offers POP3 only'],
    ['a@tuta.com', 'lets no other mail program in'],
    ['k@skargard.se', 'Not verified'],
  ])('of %s: %s', async (email, words) => {
    const card = await address(email);
    await waitFor(() => expect(card).toHaveTextContent(words));
  });

  it('opens the advanced settings by itself where nothing is found, and says why', async () => {
    render(Wizard);
    // Enter, before the pause after typing is over.
    await person.type(await id('wizard-email'), 'per@brodrenedahl.no{Enter}');
    expect(await id('advanced')).toHaveTextContent('We could not find the servers of brodrenedahl.no');
    expect(screen.getByTestId('adv-imap-host')).toHaveValue('imap.brodrenedahl.no');
    expect(screen.getByTestId('adv-user')).toHaveValue('per@brodrenedahl.no');
  });

  it('fills what is found into advanced settings that were opened before, unless they were touched', async () => {
    render(Wizard);
    await person.type(await id('wizard-email'), 'ingrid@fjordlys.no');
    await press('wizard-advanced');
    const server = await id('adv-imap-host');
    await waitFor(() => expect(server).toHaveValue('mail.fjordlys.no'));
    await person.type(server, '.example');
    await press('adv-cancel');
    await press('wizard-advanced');
    expect(await id('adv-imap-host')).toHaveValue('mail.fjordlys.no.example');
  });

  it('is asked for at the provider that was chosen, whatever its domain', async () => {
    render(Wizard);
    await press('wizard-provider-google');
    expect(screen.getByTestId('wizard-email')).toHaveFocus();
    await person.type(screen.getByTestId('wizard-email'), 'per@brodrenedahl.no{Enter}');
    await id('wizard-signin');
    expect(called('discover').at(-1)?.request).toEqual({ email: 'per@brodrenedahl.no', provider: 'google' });
  });

  it('forgets an answer that comes for an older address', async () => {
    const before = host.call.bind(host);
    let late: () => void = () => undefined;
    host.call = (async (name: never, request: never) => {
      const given = await before(name, request);
      if (name === 'discover' && called('discover').length === 1) await new Promise<void>((done) => (late = done));
      return given;
    }) as FakeHost['call'];
    render(Wizard);
    const field = await id('wizard-email');
    await person.type(field, 'a@gmail.com');
    await waitFor(() => expect(called('discover')).toHaveLength(1));
    await person.clear(field);
    await person.type(field, 'a@icloud.com');
    await waitFor(() => expect(screen.getByTestId('wizard-found')).toHaveTextContent('iCloud'));
    late();
    await Promise.resolve();
    expect(screen.getByTestId('wizard-found')).toHaveTextContent('iCloud');
  });
});

describe('signing in', () => {
  it('in the browser: waits, opens it again, and goes on by itself', async () => {
    await address('ingrid@nordvik.no');
    await press('wizard-signin');
    await press('wizard-signin-again');
    expect(called('sign_in_reopen')).toHaveLength(1);
    host.signedIn();
    await press('wizard-next');
    expect(called('account_verify')[0]?.request).toMatchObject({
      grant: expect.any(String),
      incoming_password: '',
      incoming: { host: 'outlook.office365.com' },
    });
    await press('wizard-next');
    await press('wizard-finish');
    await id('wizard-progress');
    expect(called('account_add')[0]?.request).toMatchObject({ grant: expect.any(String), incoming_password: '' });
  });

  it('in the browser: can be called off, and says why it failed', async () => {
    await address('ingrid@nordvik.no');
    await press('wizard-signin');
    await press('wizard-signin-cancel');
    expect(called('sign_in_cancel')).toHaveLength(1);
    host.browser = 'oauth_denied';
    await press('wizard-signin');
    expect(await screen.findByText(errorWords('oauth_denied').title)).toBeInTheDocument();
    await waitFor(() => expect(screen.getByTestId('wizard-signin')).toBeEnabled());
  });

  it('says why the browser is not possible, and leads to an app password', async () => {
    host.state.policy.oauth = [];
    await address('a@gmail.com');
    expect(await id('wizard-oauth-missing')).toHaveTextContent('An app password works as well');
    await press('wizard-next');
    expect((await id('wizard')).querySelectorAll('ol li')).toHaveLength(3);
    await press('wizard-apppassword-open');
    expect(called('link_open')[0]?.request).toEqual({ url: 'https://myaccount.google.com/apppasswords' });
  });

  it('takes an app password with its gaps, and another password as it is', async () => {
    await toDays('a@icloud.com', ' abcd efgh\tijkl mnop ');
    expect(called('account_verify')[0]?.request).toMatchObject({ incoming_password: 'abcdefghijklmnop' });
    await start();
    await toDays('ingrid@fjordlys.no', 'correct horse');
    expect(called('account_verify')[0]?.request).toMatchObject({ incoming_password: 'correct horse' });
  });

  it('shows unverified servers before a password can go there', async () => {
    await address('k@skargard.se');
    await press('wizard-next');
    expect(await id('wizard-servers')).toHaveTextContent('mail.skargard.se:993');
    expect(screen.queryByTestId('wizard-password')).toBeNull();
    await press('wizard-use-servers');
    await id('wizard-password');
  });

  it('shows servers that are not verified before the browser opens as well, and how that sign-in stands', async () => {
    const before = host.call.bind(host);
    host.call = (async (name: never, request: never) => {
      const given = (await before(name, request)) as never;
      if (name === 'discover') (given as DiscoverView).found.forEach((one) => (one.trusted = false));
      return given;
    }) as FakeHost['call'];
    await address('ingrid@nordvik.no');
    await press('wizard-next');
    await id('wizard-foreign');
    expect(called('sign_in_start')).toEqual([]);
    await press('wizard-use-servers');
    await id('wizard-signin-again');
    host.signedIn();
    await id('wizard-checking');
  });

  it('opens the advanced settings when the sign-in fails, with the results and what was typed', async () => {
    await address('ingrid@fjordlys.no');
    await press('wizard-next');
    await person.type(await id('wizard-password'), 'wrong{Enter}');
    const dialog = await id('advanced');
    expect(dialog).toHaveTextContent(errorWords('sign_in_refused').title);
    expect(screen.getByTestId('adv-imap-host')).toHaveValue('mail.fjordlys.no');
    expect(screen.getByTestId('adv-password')).toHaveValue('wrong');
  });

  it('leads to an app password when the provider asks for one', async () => {
    host.tried.incoming = { ok: false, code: 'app_password_needed', stage: 'sign_in' };
    await address('a@icloud.com');
    await press('wizard-next');
    await person.type(await id('wizard-password'), 'usual{Enter}');
    await press('wizard-apppassword');
    await id('wizard-apppassword-open');
    expect(screen.queryByTestId('advanced')).toBeNull();
  });
});

describe('the wizard', () => {
  it('goes the whole way by keyboard, and tells the engine what was chosen', async () => {
    render(Wizard);
    await person.type(await id('wizard-email'), 'ingrid.hauge@fjordlys.no{Enter}');
    const password = await id('wizard-password');
    await waitFor(() => expect(password).toHaveFocus());
    await person.keyboard('correct horse{Enter}');
    (await id('wizard-next')).focus();
    await person.keyboard('{Enter}');
    (await id('wizard-days-90')).focus();
    await person.keyboard(' {Enter}');
    await id('wizard-crm');
    (await id('wizard-finish')).focus();
    await person.keyboard('{Enter}');
    await id('wizard-progress');
    expect(called('account_add')[0]?.request).toMatchObject({
      email: 'ingrid.hauge@fjordlys.no',
      name: 'Ingrid Hauge',
      days: 90,
      incoming: { host: 'mail.fjordlys.no', port: 993, security: 'tls' },
      incoming_password: 'correct horse',
      outgoing_password: '',
    });
    expect(view.wizard).toBe(true);
    await press('wizard-to-inbox');
    expect(view.wizard).toBe(false);
  });

  it('connects another CRM only after it was signed in to and answered', async () => {
    await toDays();
    await press('wizard-next');
    await press('wizard-crm-superoffice');
    expect(await id('wizard-finish')).toBeDisabled();
    host.browser = 'oauth_denied';
    await press('wizard-crm-check');
    await waitFor(() => expect(screen.getByTestId('wizard-signin-state')).toHaveAttribute('data-code', 'oauth_denied'));
    host.browser = 'signs_in';
    await press('wizard-crm-check');
    await id('crm-found');
    expect(called('crm_connect')).toEqual([]);
    await press('wizard-finish');
    await id('wizard-progress');
    expect(called('crm_connect')).toHaveLength(1);
    expect(called('account_add')).toHaveLength(1);
  });

  it('goes back step by step and keeps what was typed', async () => {
    await toDays();
    await press('wizard-days-365');
    await press('wizard-next');
    await press('wizard-back');
    expect(await id('wizard-days-365')).toBeChecked();
    await person.keyboard('{Alt>}{ArrowLeft}{/Alt}');
    expect(await id('adv-result-incoming')).toHaveAttribute('data-ok', 'true');
    expect(called('account_verify')).toHaveLength(1);
    await press('wizard-back');
    expect(await id('wizard-password')).toHaveValue('correct horse');
    await press('wizard-back');
    expect(await id('wizard-email')).toHaveValue('ingrid@fjordlys.no');
  });

  it('resumes after a restart, and never keeps a secret for that', async () => {
    await toDays('a@icloud.com', 'secr etca nary');
    await press('wizard-days-180');
    await waitFor(() => expect(host.memory.get('wizard')).toContain('180'));
    for (const { request } of called('memory_set')) expect(JSON.stringify(request)).not.toMatch(/secr|canary/);
    await start('fresh=1', host.memory);
    render(Wizard);
    expect(await id('wizard-password')).toHaveValue('');
    expect(screen.getByTestId('wizard-resumed')).toHaveTextContent('enter yours again');
    await person.type(screen.getByTestId('wizard-password'), 'once more{Enter}');
    await press('wizard-next');
    expect(await id('wizard-days-180')).toBeChecked();
    await press('wizard-start-over');
    expect(await id('wizard-email')).toHaveValue('');
    expect(host.memory.has('wizard')).toBe(false);
  });

  it('resumes in the advanced settings, with the servers that were typed', async () => {
    render(Wizard);
    await person.type(await id('wizard-email'), 'per@brodrenedahl.no{Enter}');
    const server = await id('adv-imap-host');
    await person.clear(server);
    await person.type(server, 'post.dahl.example');
    await person.type(screen.getByTestId('adv-password'), 'canary');
    await waitFor(() => expect(host.memory.get('wizard')).toContain('post.dahl.example'));
    expect(JSON.stringify(called('memory_set'))).not.toContain('canary');
    await start('fresh=1', host.memory);
    render(Wizard);
    expect(await id('adv-imap-host')).toHaveValue('post.dahl.example');
    expect(screen.getByTestId('adv-password')).toHaveValue('');
  });

  it('keeps to the days that the administrator allows', async () => {
    host.state.policy.days_default = 365;
    host.state.policy.days_max = 120;
    await app.refresh();
    await toDays();
    expect(screen.getByTestId('wizard-days-120')).toBeChecked();
    expect(screen.getByTestId('wizard-days-90')).toBeEnabled();
    for (const days of [180, 365, 0]) expect(screen.getByTestId(`wizard-days-${days}`)).toBeDisabled();
  });

  it('does not begin when there may be no more mailboxes', async () => {
    await start('');
    host.state.policy.accounts_max = 1;
    await app.refresh();
    render(Wizard);
    expect(await id('wizard-full')).toHaveTextContent(errorWords('account_limit').title);
  });

  it('says that nothing was saved when saving fails', async () => {
    await toDays();
    await press('wizard-next');
    host.failing.account_add = 'account_exists';
    await press('wizard-finish');
    const fault = await id('wizard-error');
    expect(fault).toHaveTextContent(errorWords('account_exists').title);
    expect(fault).toHaveTextContent('Nothing was saved.');
  });

  it('connects the CRM once, however often the mailbox is tried', async () => {
    await toDays();
    await press('wizard-next');
    host.browser = 'signs_in';
    await press('wizard-crm-superoffice');
    await press('wizard-crm-check');
    await id('crm-found');
    host.failing.account_add = 'offline';
    await press('wizard-finish');
    await id('wizard-error');
    delete host.failing.account_add;
    await press('wizard-finish');
    await waitFor(() => expect(called('account_add')).toHaveLength(2));
    expect(called('crm_connect')).toHaveLength(1);
  });

  it('asks where passwords go when there is no keyring, and never offers plain text', async () => {
    host.state.secrets = 'missing';
    await app.refresh();
    render(Wizard);
    await person.type(await id('secrets-passphrase'), 'short');
    await press('secrets-continue');
    expect(called('secrets_choose')).toEqual([]);
    await press('secrets-memory');
    await press('secrets-continue');
    await id('wizard-email');
    expect(called('secrets_choose')[0]?.request).toEqual({ kind: 'memory' });
  });

  it('says so when the passphrase does not open the file', async () => {
    host.state.secrets = 'locked';
    await app.refresh();
    host.failing.secrets_choose = 'secrets_locked';
    render(Wizard);
    await person.type(await id('secrets-passphrase'), 'not the one');
    await press('secrets-continue');
    expect(await screen.findByText(/does not open the file/)).toBeInTheDocument();
  });
});
