/** The settings, over the fake host: what a person changes there, and what comes of it in the rest of the window. */
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { FakeHost } from '../src/host/fake';
import { daysChoices } from '../src/components/account/days';
import { reader } from '../src/state/reader.svelte';
import { called, choose, host, key, open, reset, startWithList } from './window';

afterEach(reset);

describe('the page', () => {
  it('opens with a key, walks by arrows, keeps the mail keys quiet, and Escape goes back', async () => {
    await startWithList();
    await key('j');
    await key(',');
    const first = await screen.findByTestId('settings-accounts');
    expect(first).toHaveFocus();
    await fireEvent.keyDown(first, { key: 'ArrowDown' });
    expect(screen.getByTestId('settings-reading')).toHaveFocus();
    expect(screen.getByTestId('settings-page')).toHaveAttribute('data-page', 'reading');
    await key('e');
    expect(called('operate')).toHaveLength(0);
    await key('Escape');
    await waitFor(() => expect(screen.queryByTestId('settings')).toBeNull());
    await key('e');
    expect(called('operate')).toHaveLength(1);
  });

  it('leaves Escape to a dialog that lies above it', async () => {
    await open('accounts');
    await fireEvent.click(screen.getByTestId('settings-remove'));
    const dialog = await screen.findByTestId('settings-remove-question');
    await fireEvent.keyDown(dialog, { key: 'Escape' });
    expect(screen.getByTestId('settings')).toBeInTheDocument();
    await waitFor(() => expect(screen.queryByTestId('settings-remove-question')).toBeNull());
  });
});

describe('accounts', () => {
  it('saves other servers without asking for the password again', async () => {
    await open('accounts');
    await fireEvent.click(screen.getByTestId('settings-edit'));
    await fireEvent.input(await screen.findByTestId('adv-imap-host'), { target: { value: 'mail.nordvik.no' } });
    await fireEvent.click(screen.getByTestId('adv-test'));
    await waitFor(() => expect(screen.getByTestId('adv-save')).toBeEnabled());
    await fireEvent.click(screen.getByTestId('adv-save'));
    await waitFor(() => expect(called('account_edit')).toHaveLength(1));
    expect(called('account_edit')[0]).toMatchObject({
      id: '1',
      draft: { incoming: { host: 'mail.nordvik.no' }, incoming_password: '', days: 30 },
    });
    await waitFor(() => expect(screen.getByTestId('settings-account')).toHaveTextContent('mail.nordvik.no:993'));
  });

  it('changes how much mail is kept and nothing else', async () => {
    await open('accounts');
    await choose('settings-days', '90');
    await waitFor(() => expect(called('account_edit')).toHaveLength(1));
    const { draft } = called('account_edit')[0] as { draft: Record<string, unknown> };
    expect(draft).toMatchObject({ days: 90, incoming: { host: 'imap.nordvik.no', port: 993 }, incoming_password: '' });
  });

  it('offers no more days than the administrator allows, nor everything', () => {
    expect(daysChoices(30, null)).toEqual([30, 90, 180, 365, 0]);
    expect(daysChoices(30, 90)).toEqual([30, 90]);
    expect(daysChoices(0, 100)).toEqual([30, 90, 100, 0]);
  });

  it('says why no further mailbox can be connected', async () => {
    await open('accounts', 'policy');
    expect(screen.getByTestId('settings-add-account')).toBeDisabled();
    expect(screen.getByTestId('settings-add-limit')).toHaveTextContent('Your administrator allows 1 mailbox');
  });

  it('forgets an accepted certificate, and takes that back', async () => {
    await open('accounts', 'trusted');
    await fireEvent.click(await screen.findByTestId('settings-exception-forget'));
    await waitFor(() => expect(screen.queryByTestId('settings-exceptions')).toBeNull());
    expect(called('certificate_forget')[0]).toMatchObject({ host: 'mail.hauge-consulting.eu', port: 993 });
    await fireEvent.click(screen.getByText('Undo'));
    expect(await screen.findByTestId('settings-exceptions')).toBeInTheDocument();
  });
});

describe('removing an account', () => {
  const ask = async (address: string, prepare?: (host: FakeHost) => void) => {
    await open('accounts', address, prepare);
    await fireEvent.click(screen.getByTestId('settings-remove'));
    return screen.findByTestId('settings-remove-question');
  };

  it('names what goes and what stays, and removes only when told to', async () => {
    const dialog = await ask('');
    expect(await within(dialog).findByText(/The local copy of [\d,]+ mails/)).toBeInTheDocument();
    expect(dialog).toHaveTextContent('Everything that is archived in Clientele CRM');
    expect(called('account_remove')).toHaveLength(0);
    await fireEvent.click(screen.getByTestId('settings-remove-yes'));
    await waitFor(() => expect(called('account_remove')).toEqual([{ id: '1' }]));
  });

  it('names what is not sent yet, sends it first, and says when all has gone out', async () => {
    const dialog = await ask('unsent');
    expect(await within(dialog).findByTestId('settings-remove-open')).toHaveTextContent('Re: Offer for the renewal');
    expect(dialog).toHaveTextContent('2 mails wait to be archived in Clientele CRM');
    await fireEvent.click(screen.getByTestId('settings-remove-send'));
    expect(await screen.findByTestId('settings-remove-progress')).toHaveTextContent('Sending: 0 of 4');
    expect(screen.getByTestId('settings-remove-yes')).toBeDisabled();
    expect(called('account_finish').at(-1)).toEqual({ id: '1' });
    host.outbox = [];
    host.tell({ kind: 'change', table: 'outbox', ids: [] });
    await waitFor(() => expect(screen.getByTestId('settings-remove-progress')).toHaveTextContent('Sending: 1 of 4'));
    host.refused = [];
    host.state.crm.queued = 0;
    expect(await screen.findByTestId('settings-remove-sent')).toBeInTheDocument();
    expect(screen.getByTestId('settings-remove-yes')).toBeEnabled();
  });

  it('tries again what was given up, and leaves to the person what may have been sent', async () => {
    const mail = { account: '1', to: [], code: 'timeout', detail: '', queued: 1 } as const;
    await ask('', (fake) => {
      fake.outbox = [
        { ...mail, to: [], id: 'f', subject: 'given up', state: 'failed' },
        { ...mail, to: [], id: 'h', subject: 'perhaps', state: 'held' },
      ];
    });
    await fireEvent.click(await screen.findByTestId('settings-remove-send'));
    await waitFor(() => expect(called('account_finish')).toEqual([{ id: '1' }]));
    expect(await screen.findByText(/Not everything has gone out/)).toBeInTheDocument();
    expect(screen.getByTestId('settings-remove-open')).toHaveTextContent('perhaps');
  });

  it('does not wait for an account that cannot sign in', async () => {
    await ask('unsent&trouble=sign_in_again');
    await fireEvent.click(await screen.findByTestId('settings-remove-send'));
    expect(await screen.findByText(/Not everything has gone out/)).toBeInTheDocument();
    expect(screen.getByTestId('settings-remove-yes')).toBeEnabled();
  });
});

describe('signing in again', () => {
  it('takes a password, says when it is refused, and is quiet afterwards', async () => {
    await startWithList('trouble=sign_in_refused');
    await fireEvent.click(await screen.findByTestId('sign-in-again'));
    const password = await screen.findByTestId('sign-in-password');
    await fireEvent.input(password, { target: { value: 'wrong' } });
    await fireEvent.click(screen.getByTestId('sign-in-go'));
    await waitFor(() => expect(screen.getByTestId('sign-in-error')).toHaveAttribute('data-code', 'sign_in_refused'));
    await fireEvent.input(password, { target: { value: 'right' } });
    await fireEvent.click(screen.getByTestId('sign-in-go'));
    await waitFor(() => expect(screen.queryByTestId('sign-in-banner')).toBeNull());
    expect(called('account_sign_in').at(-1)).toEqual({ id: '1', grant: null, password: 'right' });
  });

  it('goes through the browser where the account does, and closes its sign-in when one thinks better of it', async () => {
    await startWithList('oauth=google', (fake) => {
      Object.assign(fake.state.accounts[0]!, { oauth: 'google', state: 'sign_in_needed', code: 'sign_in_again' });
    });
    await fireEvent.click(await screen.findByTestId('sign-in-again'));
    await waitFor(() => expect(called('sign_in_start')).toEqual([{ provider: 'google', email: 'ingrid@nordvik.no' }]));
    await fireEvent.click(within(screen.getByTestId('sign-in')).getAllByText('Cancel').at(-1)!);
    await waitFor(() => expect(called('sign_in_cancel')).toHaveLength(1));
    await fireEvent.click(screen.getByTestId('sign-in-again'));
    await waitFor(() => expect(called('sign_in_wait')).toHaveLength(2));
    host.signedIn();
    await waitFor(() => expect(screen.queryByTestId('sign-in-banner')).toBeNull());
    expect(called('account_sign_in')[0]).toMatchObject({ id: '1', password: null });
  });
  it('is not offered where the provider has to be told something else', async () => {
    await startWithList('trouble=imap_disabled');
    const banner = await screen.findByTestId('failed-banner');
    expect(banner).toHaveTextContent('IMAP is switched off for this mailbox');
    expect(screen.queryByTestId('sign-in-banner')).toBeNull();
    await fireEvent.click(within(banner).getByText('Why is that?'));
    expect(await screen.findByTestId('doctor')).toHaveTextContent('IMAP is switched off');
  });

  it('takes an app password where the browser is not set up for the provider', async () => {
    await startWithList('', (fake) => {
      fake.state.policy.oauth = [];
      Object.assign(fake.state.accounts[0]!, { oauth: 'google', state: 'sign_in_needed', code: 'no_oauth_client' });
    });
    await fireEvent.click(await screen.findByTestId('sign-in-again'));
    const password = await screen.findByTestId('sign-in-password');
    await fireEvent.input(password, { target: { value: 'abcd efgh ijkl mnop' } });
    await fireEvent.click(screen.getByTestId('sign-in-go'));
    await waitFor(() =>
      expect(called('account_sign_in')).toEqual([{ id: '1', grant: null, password: 'abcdefghijklmnop' }]),
    );
  });
});

describe('the proxy', () => {
  it('is saved with a new password, and keeps the old one where none is typed', async () => {
    await open('connection');
    await screen.findByTestId('settings-proxy-kind');
    await choose('settings-proxy-kind', 'socks5');
    await fireEvent.input(screen.getByTestId('settings-proxy-host'), { target: { value: 'proxy.nordvik.no:9050' } });
    await fireEvent.blur(screen.getByTestId('settings-proxy-host'));
    await fireEvent.input(screen.getByTestId('settings-proxy-user'), { target: { value: 'ingrid' } });
    await fireEvent.input(screen.getByTestId('settings-proxy-password'), { target: { value: 'geheim' } });
    await fireEvent.click(screen.getByTestId('settings-proxy-save'));
    await waitFor(() =>
      expect(called('proxy_set')).toEqual([
        { kind: 'socks5', host: 'proxy.nordvik.no', port: 9050, user: 'ingrid', password: 'geheim' },
      ]),
    );
    await waitFor(() => expect(screen.getByTestId('settings-proxy-password')).toHaveValue(''));
    await fireEvent.click(screen.getByTestId('settings-proxy-save'));
    await waitFor(() => expect(called('proxy_set').at(-1)).toMatchObject({ password: null }));
    await choose('settings-proxy-kind', 'none');
    await waitFor(() => expect(called('proxy_set').at(-1)).toMatchObject({ kind: 'none', host: '', user: '' }));
  });

  it('is not saved without a server', async () => {
    await open('connection');
    await screen.findByTestId('settings-proxy-kind');
    await choose('settings-proxy-kind', 'http');
    await fireEvent.click(screen.getByTestId('settings-proxy-save'));
    expect(await screen.findByText('Enter the name of the proxy server.')).toBeInTheDocument();
    expect(called('proxy_set')).toHaveLength(0);
  });
});

describe('the doctor', () => {
  it('says what is wrong and what to do, with a way to do it', async () => {
    await open('connection', 'trouble=sign_in_again');
    expect(await screen.findByTestId('doctor-sum')).toHaveTextContent('3 things need attention');
    expect(screen.getByTestId('doctor')).toHaveTextContent('A new sign-in is needed');
    await fireEvent.click(screen.getByTestId('doctor-page'));
    expect(called('link_open')).toEqual([{ url: 'https://aka.ms/smtp_auth_disabled' }]);
    await fireEvent.click(screen.getByTestId('doctor-mail'));
    await waitFor(() => expect(reader.message).toBe('3'));
    expect(screen.queryByTestId('settings')).toBeNull();
  });

  it('has words for whatever it finds', async () => {
    await open('connection', '', (fake) => {
      fake.ill = [
        { topic: 'weather', account: '', health: 'warning', code: '', detail: 'rain', url: null, message: null },
      ];
    });
    expect(await screen.findByTestId('doctor')).toHaveTextContent('Something else');
  });
});
