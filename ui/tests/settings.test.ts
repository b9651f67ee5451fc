/** The settings, over the fake host: what a person changes there, and what comes of it in the rest of the window. */
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../src/App.svelte';
import { dressed, onDark, styleOf, undressed } from '../src/components/editor/writing';
import { daysChoices } from '../src/components/account/days';
import { setHost } from '../src/host';
import { fakeHost, type FakeHost } from '../src/host/fake';
import { app } from '../src/state/app.svelte';
import { closeComposer, composers } from '../src/state/composer.svelte';
import { drafts } from '../src/state/drafts.svelte';
import { folders } from '../src/state/folders.svelte';
import { list } from '../src/state/list.svelte';
import { outbox, refused } from '../src/state/outbox.svelte';
import { reader } from '../src/state/reader.svelte';
import { toasts } from '../src/state/toasts.svelte';
import { openSettings, view } from '../src/state/view.svelte';

let host: FakeHost;

async function start(address = '', prepare: (host: FakeHost) => void = () => undefined): Promise<void> {
  host = fakeHost(new URLSearchParams(address));
  prepare(host);
  setHost(host);
  render(App);
  await screen.findAllByTestId('message-row');
}

const key = (name: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(document.body, { key: name, ...more });
const called = (name: string) =>
  host.calls.filter((one) => one.name === name).map((one) => one.request as Record<string, unknown>);
const choose = (testid: string, value: string) => fireEvent.change(screen.getByTestId(testid), { target: { value } });
async function open(page: string, address = '', prepare?: (host: FakeHost) => void): Promise<void> {
  await start(address, prepare);
  openSettings(page);
  await waitFor(() => expect(screen.getByTestId('settings-page')).toHaveAttribute('data-page', page));
}

afterEach(async () => {
  cleanup();
  for (const one of composers.open) closeComposer(one.key);
  toasts.shown = [];
  Object.assign(view, {
    page: 'mail',
    account: '',
    reading: false,
    settings: false,
    settingsPage: '',
    signIn: '',
    refused: false,
    wizard: false,
  });
  setHost(fakeHost(new URLSearchParams('empty=1')));
  reader.choose('');
  await list.show({ kind: 'folder', folder: '', filter: 'all' });
  for (const query of [app, folders, outbox, refused, drafts]) query.data = undefined as never;
  document.body.style.pointerEvents = '';
});

describe('the page', () => {
  it('opens with a key, walks by arrows, keeps the mail keys quiet, and Escape goes back', async () => {
    await start();
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
    await start('trouble=sign_in_refused');
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
    await start('oauth=google', (fake) => {
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
    await start('trouble=imap_disabled');
    const banner = await screen.findByTestId('failed-banner');
    expect(banner).toHaveTextContent('IMAP is switched off for this mailbox');
    expect(screen.queryByTestId('sign-in-banner')).toBeNull();
    await fireEvent.click(within(banner).getByText('Why is that?'));
    expect(await screen.findByTestId('doctor')).toHaveTextContent('IMAP is switched off');
  });

  it('takes an app password where the browser is not set up for the provider', async () => {
    await start('', (fake) => {
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

describe('quick changes', () => {
  it('are all kept, though answers of before come in between', async () => {
    await open('reading');
    const waiting: { name: string; go: () => void }[] = [];
    const answer = host.call.bind(host);
    // The engine takes its time, and answers with what it knew when it was asked.
    host.call = async (name, request) => {
      const known = await answer(name, request);
      await new Promise<void>((go) => waiting.push({ name, go }));
      return known;
    };
    const pause = () => new Promise((go) => setTimeout(go, 5));
    const release = async (name: string) => {
      await waitFor(() => expect(waiting.map((one) => one.name)).toContain(name));
      waiting
        .splice(
          waiting.findIndex((one) => one.name === name),
          1,
        )[0]!
        .go();
      await pause();
    };
    const tick = async () => {
      for (let round = 0; round < 6; round++) {
        waiting.splice(0).forEach((one) => one.go());
        await pause();
      }
    };
    await choose('settings-layout', 'below');
    await release('settings_set');
    // What is asked for now knows nothing of the font.
    await waitFor(() => expect(waiting.map((one) => one.name)).toContain('app_state'));
    await choose('settings-font', 'serif');
    await release('app_state');
    await choose('settings-font-size', '12');
    await tick();
    await choose('settings-density', 'compact');
    await waitFor(async () => {
      await tick();
      expect(host.state.settings).toMatchObject({
        layout: 'below',
        density: 'compact',
        writing: { font: 'serif', size: 12 },
      });
    });
    expect(app.data?.settings).toMatchObject({ layout: 'below', density: 'compact' });
    // Nothing may be left waiting for the tests behind.
    host.call = answer;
    await waitFor(async () => {
      await tick();
      expect(app.loading).toBe(false);
      expect(waiting).toHaveLength(0);
    });
  });

  it('are taken back on the screen where they could not be saved', async () => {
    await open('reading', '', (fake) => (fake.failing.settings_set = 'disk_full'));
    await choose('settings-density', 'compact');
    expect(await screen.findByText(/no space left/)).toBeInTheDocument();
    await waitFor(() => expect(app.data?.settings.density).toBe('comfortable'));
  });
});

describe('the layout', () => {
  it('opens a mail over the list where there is no reading pane, and goes back', async () => {
    await start('layout=off');
    await key('j');
    await key('j');
    expect(screen.queryByTestId('reader')).toBeNull();
    expect(called('thread_get')).toHaveLength(0);
    await key('Enter');
    await waitFor(() =>
      expect(screen.getByTestId('reader-subject')).toHaveTextContent('Delivery date for the Stavanger site'),
    );
    await key('Escape');
    await waitFor(() => expect(screen.queryByTestId('reader')).toBeNull());
    expect(list.row(list.cursor)?.subject).toBe('Delivery date for the Stavanger site');
    await fireEvent.click(screen.getAllByTestId('message-row')[0]!);
    expect(await screen.findByTestId('reader-subject')).toHaveTextContent('two questions');
    await fireEvent.click(screen.getByTestId('reader-back'));
    await waitFor(() => expect(screen.queryByTestId('reader')).toBeNull());
    await key('Enter');
    await screen.findByTestId('reader');
    await key('/');
    await waitFor(() => expect(screen.getByTestId('search-input')).toHaveFocus());
    expect(screen.queryByTestId('reader')).toBeNull();
  });

  it('draws more mails in the same room when compact', async () => {
    await start();
    const tall = screen.getAllByTestId('message-row').length;
    openSettings('reading');
    await screen.findByTestId('settings-density');
    await choose('settings-density', 'compact');
    await waitFor(() => expect(screen.getAllByTestId('message-row').length).toBeGreaterThan(tall * 1.5));
  });

  it('keeps the border between list and mail where one put it', async () => {
    await start('', (fake) => fake.memory.set('layout.right', '400'));
    const border = await screen.findByTestId('border');
    await waitFor(() => expect(border).toHaveAttribute('aria-valuenow', '400'));
    await fireEvent.keyDown(border, { key: 'ArrowRight' });
    expect(border).toHaveAttribute('aria-valuenow', '416');
    for (let press = 0; press < 30; press++) await fireEvent.keyDown(border, { key: 'ArrowRight' });
    expect(border).toHaveAttribute('aria-valuenow', '620');
    await waitFor(() => expect(host.memory.get('layout.right')).toBe('620'));
    await fireEvent.dblClick(border);
    expect(border).toHaveAttribute('aria-valuenow', '372');
  });

  it('lists the pictures of a mail as files where they are not shown in it', async () => {
    const picture = { part: 4, name: 'logo.png', mime: 'image/png', size: 900, inline: true, dangerous: false };
    await start('', (fake) => fake.mails.at(-1)!.attachments.push(picture));
    await fireEvent.click(screen.getAllByTestId('message-row')[0]!);
    await screen.findByTestId('open-mail');
    expect(screen.queryByText('logo.png')).toBeNull();
    const before = called('frame_open').length;
    openSettings('reading');
    await fireEvent.click(await screen.findByTestId('settings-inline-images'));
    expect(await screen.findByText('logo.png')).toBeInTheDocument();
    await waitFor(() => expect(called('frame_open').length).toBeGreaterThan(before));
  });
});

describe('several accounts', () => {
  it('have an inbox each, one for all, and say whose mail it is where they are mixed', async () => {
    await start('accounts=2');
    const all = list.total;
    expect(screen.getAllByTestId('row-account')[0]).toHaveTextContent('hauge-consulting.eu');
    await fireEvent.click(screen.getByTestId('folder-inbox-2'));
    await waitFor(() => expect(list.rows.every((one) => one.account === '2')).toBe(true));
    expect(list.total).toBeLessThan(all);
    expect(screen.queryByTestId('row-account')).toBeNull();
    await fireEvent.click(screen.getByTestId('folder-inbox'));
    await waitFor(() => expect(list.total).toBe(all));
  });
});

describe('the looks of what one writes', () => {
  it('stand around the text once, through saving and opening again', async () => {
    await start('', (fake) => {
      fake.state.settings.writing = { font: 'serif', size: 12, colour: '#0d6a63' };
    });
    await key('n');
    const body = await screen.findByTestId('composer-body');
    expect(body.closest('.rich')).toHaveStyle({ fontSize: '12pt', color: 'rgb(13, 106, 99)' });
    await fireEvent.input(await screen.findByTestId('composer-subject'), { target: { value: 'Hello' } });
    await waitFor(() => expect(called('draft_save')).not.toHaveLength(0));
    const saved = String(called('draft_save').at(-1)!.body);
    expect(saved).toMatch(/^<div style="font-family:Georgia,[^"]*;font-size:12pt;color:#0d6a63">/);
    expect(saved.match(/<div/g)).toHaveLength(1);
  });

  it('are found again in a saved body, and nothing else is taken for them', () => {
    const style = styleOf({ font: 'mono', size: 10, colour: '' });
    expect(undressed(dressed('<p>Hi</p>', style))).toEqual({ html: '<p>Hi</p>', style });
    expect(undressed('<div style="background:red"><p>Hi</p></div>').style).toBe('');
    expect(undressed('<p>Hi</p>')).toEqual({ html: '<p>Hi</p>', style: '' });
    expect(dressed('', style)).toBe('');
    expect(styleOf({ font: 'x"onload', size: 0, colour: 'red;x' })).toBe('');
  });

  it('can be read on a dark surface', () => {
    expect(onDark('color:#1d1b16')).toMatch(/rgb\(2\d\d 2\d\d 2\d\d\)/);
    expect(onDark('color:#ffee00')).toBe('color:#ffee00');
  });
});
