/** Connecting a mailbox over the fake host: nothing is saved untested, and each way of failing says what to do. */
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import Wizard from '../src/features/wizard/Wizard.svelte';
import { draftOf, faults, guess, portFor, splitHost } from '../src/components/account/form';
import { setHost, type Code, type SideReport } from '../src/host';
import { fakeHost, type FakeHost } from '../src/host/fake';
import { errors, errorWords } from '../src/i18n/errors';
import { setLanguage } from '../src/i18n/index.svelte';
import { app } from '../src/state/app.svelte';
import { view } from '../src/state/view.svelte';

let host: FakeHost;
// A dialog that closes gives the pointer back a moment later; in jsdom nobody waits for that moment.
const person = userEvent.setup({ pointerEventsCheck: 0 });

const fine: SideReport = {
  ok: true,
  stage: 'use',
  code: null,
  detail: '',
  host: 'imap.nordvik.no',
  port: 993,
  milliseconds: 80,
  tls: 'TLS 1.3',
  folders: 8,
  proposal: null,
  proposal_user: null,
  mechanism: 'SCRAM-SHA-256',
  certificate: null,
};
const called = (name: string) => host.calls.filter((one) => one.name === name);

/** What the next try-out answers. */
function answer(incoming: Partial<SideReport>, outgoing: Partial<SideReport> = {}) {
  const before = host.call.bind(host);
  host.call = (async (name: never, request: never) => {
    const given = await before(name, request);
    if (name !== 'account_verify') return given;
    return { incoming: { ...fine, ...incoming }, outgoing: { ...fine, folders: 0, ...outgoing } };
  }) as FakeHost['call'];
}

async function toAdvanced() {
  render(Wizard);
  await person.type(await screen.findByTestId('wizard-email'), 'ingrid@nordvik.no');
  await person.click(screen.getByTestId('wizard-next'));
  await person.type(await screen.findByTestId('adv-password'), 'correct horse');
}

beforeEach(async () => {
  setLanguage('en');
  host = fakeHost(new URLSearchParams('fresh=1'));
  setHost(host);
  view.wizard = false;
  await app.restart();
});
afterEach(() => cleanup());

describe('the wizard', () => {
  it('asks for an address that is one', async () => {
    render(Wizard);
    await person.type(await screen.findByTestId('wizard-email'), 'ingrid');
    await person.click(screen.getByTestId('wizard-next'));
    expect(screen.getByText(/does not look like an e-mail address/)).toBeInTheDocument();
    expect(screen.queryByTestId('adv-password')).toBeNull();
  });

  it('tries both servers, saves, and shows that mail comes', async () => {
    await toAdvanced();
    expect(screen.getByTestId('adv-save')).toBeDisabled();
    await person.click(screen.getByTestId('adv-test'));
    await waitFor(() => expect(screen.getByTestId('adv-save')).toBeEnabled());
    expect(screen.getByTestId('adv-result-incoming')).toHaveTextContent('connected with TLS 1.3, signed in, 8 folders');
    await person.click(screen.getByTestId('adv-save'));
    await person.click(await screen.findByTestId('wizard-days-90'));
    await person.click(screen.getByTestId('wizard-connect'));
    await screen.findByTestId('wizard-progress');
    expect(called('account_add')[0]?.request).toMatchObject({
      email: 'ingrid@nordvik.no',
      days: 90,
      incoming: { host: 'imap.nordvik.no', port: 993, security: 'tls' },
      incoming_password: 'correct horse',
      outgoing_password: '',
    });
    expect(view.wizard).toBe(true);
    await person.click(screen.getByTestId('wizard-to-inbox'));
    expect(view.wizard).toBe(false);
  });

  it.each(Object.keys(errors) as Code[])('says what to do about %s, and saves nothing', async (code) => {
    answer({ ok: false, code, stage: 'connect', folders: 0 });
    await toAdvanced();
    await person.click(screen.getByTestId('adv-test'));
    const result = await screen.findByTestId('adv-result-incoming');
    const words = errorWords(code);
    expect(result).toHaveTextContent(words.title);
    expect(result).toHaveTextContent(words.next);
    expect(screen.getByTestId('adv-save')).toBeDisabled();
    expect(called('account_add')).toEqual([]);
  });

  it('takes settings that answer with one click and tries them', async () => {
    answer(
      {},
      { ok: false, code: 'starttls_missing', proposal: { host: 'imap.nordvik.no', port: 465, security: 'tls' } },
    );
    await toAdvanced();
    await person.click(screen.getByTestId('adv-test'));
    await person.click(await screen.findByTestId('adv-proposal-outgoing'));
    expect(screen.getByTestId('adv-smtp-port')).toHaveValue('465');
    await waitFor(() => expect(called('account_verify')).toHaveLength(2));
    expect(called('account_verify')[1]?.request).toMatchObject({ outgoing: { port: 465, security: 'tls' } });
  });

  it('goes the whole way by keyboard', async () => {
    render(Wizard);
    await person.type(await screen.findByTestId('wizard-email'), 'ingrid@nordvik.no{Enter}');
    await person.type(await screen.findByTestId('adv-password'), 'correct horse{Enter}');
    await waitFor(() => expect(screen.getByTestId('adv-save')).toBeEnabled());
    await person.type(screen.getByTestId('adv-password'), '{Enter}');
    (await screen.findByTestId('wizard-days-30')).focus();
    await person.keyboard('{Enter}');
    await screen.findByTestId('wizard-progress');
  });

  it('wants another test when something changed since', async () => {
    await toAdvanced();
    await person.click(screen.getByTestId('adv-test'));
    await waitFor(() => expect(screen.getByTestId('adv-save')).toBeEnabled());
    await person.type(screen.getByTestId('adv-imap-host'), 'x');
    expect(screen.getByTestId('adv-save')).toBeDisabled();
    expect(screen.getByText(/changed since the test/)).toBeInTheDocument();
  });

  it('says that nothing was saved when saving fails', async () => {
    await toAdvanced();
    await person.click(screen.getByTestId('adv-test'));
    await waitFor(() => expect(screen.getByTestId('adv-save')).toBeEnabled());
    host.failing.account_add = 'account_exists';
    await person.click(screen.getByTestId('adv-save'));
    await person.click(await screen.findByTestId('wizard-connect'));
    const fault = await screen.findByTestId('wizard-error');
    expect(fault).toHaveTextContent(errorWords('account_exists').title);
    expect(fault).toHaveTextContent('Nothing was saved.');
  });

  it('takes server:port in one field', async () => {
    await toAdvanced();
    const field = screen.getByTestId('adv-imap-host');
    await person.clear(field);
    await person.type(field, 'mail.nordvik.no:1143');
    await fireEvent.blur(field);
    expect(field).toHaveValue('mail.nordvik.no');
    expect(screen.getByTestId('adv-imap-port')).toHaveValue('1143');
  });

  it('asks where passwords go when there is no keyring, and never offers plain text', async () => {
    host.state.secrets = 'missing';
    await app.refresh();
    render(Wizard);
    await person.type(await screen.findByTestId('secrets-passphrase'), 'short');
    await person.click(screen.getByTestId('secrets-continue'));
    expect(called('secrets_choose')).toEqual([]);
    await person.click(screen.getByTestId('secrets-memory'));
    await person.click(screen.getByTestId('secrets-continue'));
    await screen.findByTestId('wizard-email');
    expect(called('secrets_choose')[0]?.request).toEqual({ kind: 'memory' });
  });

  it('says so when the passphrase does not open the file', async () => {
    host.state.secrets = 'locked';
    await app.refresh();
    host.failing.secrets_choose = 'secrets_locked';
    render(Wizard);
    await person.type(await screen.findByTestId('secrets-passphrase'), 'not the one');
    await person.click(screen.getByTestId('secrets-continue'));
    expect(await screen.findByText(/does not open the file/)).toBeInTheDocument();
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
    const form = { ...guess('a@b.no'), password: 'x' };
    form.incoming = { host: 'mail.b.no:10143', port: '993', security: 'none' };
    expect(draftOf(form).incoming).toEqual({ host: 'mail.b.no', port: 10143, security: 'none' });
    expect(faults(form).size).toBe(0);
    expect([...faults({ ...form, outgoing: { ...form.outgoing, port: '70000' } })]).toEqual(['smtpPort']);
  });
});
