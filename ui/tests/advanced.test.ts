/** The advanced settings over the fake host: results by stages, proposals, certificates, and the form behind them. */
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bare, draftOf, faults, guess, portFor, splitHost } from '../src/components/account/form';
import Wizard from '../src/features/wizard/Wizard.svelte';
import { setHost, type Code } from '../src/host';
import { fakeHost, type FakeHost } from '../src/host/fake';
import { errors, errorWords } from '../src/i18n/errors';
import { setLanguage } from '../src/i18n/index.svelte';
import { app } from '../src/state/app.svelte';
import { view } from '../src/state/view.svelte';

let host: FakeHost;
const person = userEvent.setup({ pointerEventsCheck: 0 });
const called = (name: string) => host.calls.filter((one) => one.name === name);
const id = (name: string) => screen.findByTestId(name);
const press = async (name: string) => person.click(await id(name));

async function type(name: string, text: string) {
  const field = await id(name);
  await person.clear(field);
  await person.type(field, text);
}

/** The dialog, filled in but for what a test is about: both sides would be signed in to. */
async function open() {
  render(Wizard);
  await person.type(await id('wizard-email'), 'per@brodrenedahl.no{Enter}');
  await type('adv-password', 'correct horse');
  await type('adv-smtp-host', 'mail.brodrenedahl.no');
}

const good = () => waitFor(() => expect(screen.getByTestId('adv-save')).toBeEnabled());

beforeEach(async () => {
  setLanguage('en');
  host = fakeHost(new URLSearchParams('fresh=1'));
  setHost(host);
  view.wizard = false;
  await app.restart();
});
afterEach(() => cleanup());

describe('the advanced settings', () => {
  it('give the focus back to what opened them', async () => {
    render(Wizard);
    await person.type(await id('wizard-email'), 'per@brodrenedahl.no');
    const link = await id('wizard-advanced');
    link.focus();
    await person.keyboard('{Enter}');
    await id('adv-test');
    await person.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByTestId('adv-test')).toBeNull());
    await waitFor(() => expect(screen.getByTestId('wizard-advanced')).toHaveFocus());
  });

  it('save only what both servers took, and go on to the days', async () => {
    await open();
    expect(screen.getByTestId('adv-save')).toBeDisabled();
    await press('adv-test');
    await good();
    expect(screen.getByTestId('adv-result-incoming')).toHaveTextContent(
      'connected with TLS 1.3, signed in, 14 folders',
    );
    await press('adv-save');
    await press('wizard-days-90');
    await press('wizard-next');
    await press('wizard-finish');
    await id('wizard-progress');
    expect(called('account_add')[0]?.request).toMatchObject({
      days: 90,
      incoming: { host: 'imap.brodrenedahl.no', port: 993, security: 'tls' },
      incoming_password: 'correct horse',
      outgoing: { host: 'mail.brodrenedahl.no' },
    });
  });

  it('show how far each side came', async () => {
    await open();
    await type('adv-imap-host', 'nowhere.brodrenedahl.no');
    await press('adv-test');
    await id('adv-results');
    const states = (side: string) =>
      within(screen.getByTestId(`adv-stages-${side}`))
        .getAllByRole('listitem')
        .map((one) => one.getAttribute('data-state'));
    expect(states('incoming')).toEqual(['failed', 'open', 'open', 'open', 'open']);
    expect(states('outgoing')).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  });

  it('do not say that there was no encryption where only the sign-in failed', async () => {
    await open();
    await type('adv-password', 'wrong');
    await press('adv-test');
    const stages = await id('adv-stages-incoming');
    expect(stages).toHaveTextContent('TLS and certificate');
    expect(stages).not.toHaveTextContent('No encryption');
  });

  it.each(Object.keys(errors) as Code[])('say what to do about %s, and save nothing', async (code) => {
    host.tried.incoming = { ok: false, code, stage: 'connect', folders: 0 };
    await open();
    await press('adv-test');
    const result = await id('adv-result-incoming');
    const words = errorWords(code);
    expect(result).toHaveTextContent(words.title);
    expect(result).toHaveTextContent(words.next);
    expect(screen.getByTestId('adv-save')).toBeDisabled();
    expect(called('account_add')).toEqual([]);
  });

  it('take another port and security with one click, and try them', async () => {
    await open();
    await type('adv-smtp-host', 'smtp.brodrenedahl.no');
    await press('adv-test');
    await press('adv-proposal-outgoing');
    await good();
    expect(screen.getByTestId('adv-smtp-port')).toHaveValue('465');
    expect(called('account_verify')[1]?.request).toMatchObject({ outgoing: { port: 465, security: 'tls' } });
  });

  it('take another user name with one click, and try it', async () => {
    await open();
    await type('adv-user', 'per');
    await type('adv-password', 'wrong');
    await press('adv-test');
    await press('adv-proposal-user-incoming');
    expect(screen.getByTestId('adv-user')).toHaveValue('per@brodrenedahl.no');
    await waitFor(() => expect(called('account_verify')).toHaveLength(2));
    expect(called('account_verify')[1]?.request).toMatchObject({ incoming_user: 'per@brodrenedahl.no' });
  });

  it('want another test when something changed since', async () => {
    await open();
    await press('adv-test');
    await good();
    await person.type(screen.getByTestId('adv-imap-host'), 'x');
    expect(screen.getByTestId('adv-save')).toBeDisabled();
    expect(screen.getByText(/changed since the test/)).toBeInTheDocument();
  });

  it.each([
    ['expired.x.no', /It has expired since/],
    ['wrongname.x.no', /made out to mail\.hosting\.example, \*\.hosting\.example, not to wrongname\.x\.no/],
    ['selfsigned.x.no', /issuer is not known to this computer: selfsigned\.x\.no/],
  ])('say what is wrong with the certificate of %s, and trust it only on purpose', async (server, reason) => {
    await open();
    await type('adv-imap-host', server);
    await press('adv-test');
    const notice = await id('certificate-incoming');
    expect(notice).toHaveTextContent(reason);
    expect(screen.getByTestId('certificate-fingerprint-incoming')).toHaveTextContent(/^7A:1F:.*75:D4$/);
    expect(screen.getByTestId('certificate-trust-incoming')).toBeDisabled();
    await press('certificate-accept-incoming');
    await press('certificate-trust-incoming');
    await good();
    expect(host.trusted).toMatchObject([{ host: server, port: 993 }]);
  });

  it('offer no exception where the administrator forbids them', async () => {
    host.state.policy.certificate_exceptions = false;
    await app.refresh();
    await open();
    await type('adv-imap-host', 'expired.x.no');
    await press('adv-test');
    await id('certificate-forbidden-incoming');
    expect(screen.queryByTestId('certificate-accept-incoming')).toBeNull();
  });

  it('send a password without encryption only with open eyes', async () => {
    await open();
    await person.selectOptions(await id('adv-imap-security'), 'none');
    await press('adv-test');
    expect(called('account_verify')).toEqual([]);
    await press('adv-plain');
    await press('adv-test');
    await good();
    expect(called('account_verify')[0]?.request).toMatchObject({ incoming: { port: 143, security: 'none' } });
  });

  it('explain POP3 before anything is tried, and offer IMAP', async () => {
    await open();
    await type('adv-imap-host', 'pop.brodrenedahl.no:995');
    expect(await id('adv-pop3')).toHaveTextContent('Port 995 belongs to POP3');
    await press('adv-test');
    expect(called('account_verify')).toEqual([]);
    await press('adv-use-imap');
    await press('adv-test');
    await good();
  });

  it('leave only what the administrator allows to choose', async () => {
    host.state.policy.allowed_security = ['tls'];
    await app.refresh();
    await open();
    expect(await id('adv-policy')).toHaveTextContent('Your administrator allows only TLS.');
    // 587 with STARTTLS was guessed.
    expect(screen.getByTestId('adv-smtp-security')).toHaveValue('tls');
    expect(screen.getByTestId('adv-smtp-port')).toHaveValue('465');
    const plain = within(screen.getByTestId('adv-imap-security')).getByRole('option', { name: 'No' });
    expect(plain).toBeDisabled();
  });

  it('take a user name and password of their own for sending', async () => {
    await open();
    await press('adv-same');
    await type('adv-smtp-user', 'relay');
    await type('adv-smtp-password', 'other horse');
    await press('adv-test');
    await good();
    expect(called('account_verify')[0]?.request).toMatchObject({
      outgoing_user: 'relay',
      outgoing_password: 'other horse',
    });
  });

  it('take server:port in one field', async () => {
    await open();
    await type('adv-imap-host', 'mail.nordvik.no:1143');
    await person.tab();
    expect(screen.getByTestId('adv-imap-host')).toHaveValue('mail.nordvik.no');
    expect(screen.getByTestId('adv-imap-port')).toHaveValue('1143');
  });

  it('leave a port alone that is typed while another window comes to the front', async () => {
    await open();
    await type('adv-imap-host', 'mail.nordvik.no:1');
    // the field stays the active one: only the window has lost the focus
    await fireEvent.blur(screen.getByTestId('adv-imap-host'));
    await person.keyboard('143');
    expect(screen.getByTestId('adv-imap-host')).toHaveValue('mail.nordvik.no:1143');
    await person.tab();
    expect(screen.getByTestId('adv-imap-port')).toHaveValue('1143');
  });
});

describe('the form', () => {
  it('reads servers with and without a port', () => {
    expect(splitHost('imap.x.no:993')).toEqual({ host: 'imap.x.no', port: '993' });
    expect(splitHost('imaps://imap.x.no/')).toEqual({ host: 'imap.x.no', port: '' });
    expect(splitHost('[::1]:143')).toEqual({ host: '[::1]', port: '143' });
    expect(splitHost('fe80::1')).toEqual({ host: 'fe80::1', port: '' });
  });

  it('changes the port with the security, but not one of the person’s own', () => {
    expect(portFor('incoming', 'starttls', '993')).toBe('143');
    expect(portFor('outgoing', 'tls', '587')).toBe('465');
    expect(portFor('incoming', 'none', '10143')).toBe('10143');
  });

  it('lets a port in the host win', () => {
    const form = { ...guess('a@b.no'), password: 'x', plainAccepted: true };
    form.incoming = { host: 'mail.b.no:10143', port: '993', security: 'none' };
    expect(draftOf(form).incoming).toEqual({ host: 'mail.b.no', port: 10143, security: 'none' });
    expect(faults(form).size).toBe(0);
    expect([...faults({ ...form, outgoing: { ...form.outgoing, port: '70000' } })]).toEqual(['smtpPort']);
  });

  it('takes the gaps out of app passwords only', () => {
    expect(bare('abcd efgh ijkl mnop', false)).toBe('abcdefghijklmnop');
    expect(bare('abcd-efgh ijkl', true)).toBe('abcd-efghijkl');
    expect(bare('correct horse battery', false)).toBe('correct horse battery');
  });

  it('needs no password with a sign-in in the browser, nor where one is kept', () => {
    const form = { ...guess('a@b.no'), same: false, outgoingUser: 'relay' };
    expect([...faults(form)]).toEqual(['password', 'outgoingPassword']);
    expect([...faults({ ...form, grant: 'grant1' })]).toEqual([]);
    expect([...faults(form, true)]).toEqual([]);
  });
});
