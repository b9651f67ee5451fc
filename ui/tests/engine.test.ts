/** What the window shows of the engine's long work: all mail, a full disk, searches on the server, what is told. */
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { HistoryView } from '../src/host';
import { app } from '../src/state/app.svelte';
import { list } from '../src/state/list.svelte';
import { view } from '../src/state/view.svelte';
import { called, choose, host, key, open, reset, startWithList } from './window';

afterEach(reset);

const past = (more: Partial<HistoryView>): HistoryView => ({
  account: '1',
  state: 'running',
  done: 12_400,
  total: 40_000,
  seconds_left: 180,
  ...more,
});

describe('all mail', () => {
  it('says how far it is in the line below the folders, pauses there and goes on', async () => {
    await startWithList('', (fake) => fake.history.push(past({})));
    const status = screen.getByTestId('status');
    await waitFor(() => expect(status).toHaveTextContent('All mail: 12,400 of 40,000, about 3 minutes left'));
    expect(within(status).getByRole('progressbar')).toHaveAttribute('aria-valuenow', '12400');
    await fireEvent.click(screen.getByTestId('status-history'));
    await waitFor(() => expect(status).toHaveTextContent('All mail: paused at 12,400 of 40,000'));
    expect(within(status).queryByRole('progressbar')).toBeNull();
    await fireEvent.click(screen.getByTestId('status-history'));
    await waitFor(() => expect(called('history_resume')).toEqual([{ id: '1' }]));
  });

  it('gives way to what matters more', async () => {
    await startWithList('sync=1', (fake) => fake.history.push(past({})));
    await waitFor(() => expect(called('history_list')).not.toHaveLength(0));
    expect(screen.getByTestId('status')).toHaveTextContent('120 of 340');
    expect(screen.queryByTestId('status-history')).toBeNull();
  });

  it('is asked for in the settings, and told about when there is no room', async () => {
    await open('accounts');
    const row = await screen.findByTestId('settings-history');
    await fireEvent.click(await within(row).findByText('Fetch all mail'));
    await waitFor(() => expect(row).toHaveAttribute('data-state', 'running'));
    Object.assign(host.history[0]!, { state: 'no_room' });
    host.tell({ kind: 'change', table: 'account', ids: ['1'] });
    await waitFor(() => expect(row).toHaveTextContent('It goes on by itself when there is room.'));
    expect(within(row).queryByRole('button')).toBeNull();
  });

  it('is not offered beyond the days that the administrator allows', async () => {
    await open('accounts', 'days_max=90');
    expect(screen.queryByTestId('settings-history')).toBeNull();
  });

  it('says so when it cannot be asked, and asks again', async () => {
    await open('accounts', '', (fake) => (fake.failing.history_list = 'internal'));
    const row = await screen.findByTestId('settings-history');
    await waitFor(() => expect(row).toHaveTextContent('could not be asked'));
    host.failing = {};
    await fireEvent.click(within(row).getByRole('button'));
    expect(await within(row).findByText('Fetch all mail')).toBeInTheDocument();
  });
});

describe('a full disk', () => {
  it('says what to do, and is quiet when there is room again', async () => {
    await startWithList('', (fake) => (fake.state.disk_full = true));
    expect(await screen.findByTestId('disk-banner')).toHaveTextContent('Nothing is lost');
    expect(screen.getByTestId('status')).toHaveTextContent('No room on the disk');
    host.state.disk_full = false;
    await fireEvent.click(screen.getByTestId('disk-retry'));
    host.tell({ kind: 'change', table: 'account', ids: ['1'] });
    await waitFor(() => expect(screen.queryByTestId('disk-banner')).toBeNull());
  });
});

describe('searching on the server', () => {
  const searchFor = async (words: string) => {
    await fireEvent.input(screen.getByTestId('search-input'), { target: { value: words } });
    await waitFor(() => expect(list.source).toEqual({ kind: 'search', query: words }));
  };

  it('brings what is not here, and names whom it could not ask', async () => {
    await startWithList('', (fake) => {
      const mail = fake.mails.pop()!;
      Object.assign(mail.row, { subject: 'Zeppelin charter', preview: '' });
      fake.onServer.push(mail);
      fake.moreOnServer = true;
      fake.unasked = ['sales@hauge-consulting.eu'];
    });
    await searchFor('zeppelin');
    expect(await screen.findByTestId('list-empty')).toBeInTheDocument();
    await fireEvent.click(await screen.findByTestId('server-ask'));
    const foot = screen.getByTestId('server-search');
    await waitFor(() => expect(foot).toHaveTextContent('1 more mail found on the server.'));
    expect(foot).toHaveTextContent('There are more.');
    expect(foot).toHaveTextContent('Could not be asked: sales@hauge-consulting.eu');
    await waitFor(() => expect(list.rows.map((one) => one.subject)).toEqual(['Zeppelin charter']));
    expect(called('search_servers')).toEqual([{ query: 'zeppelin', account: '' }]);
    // Another question has not been asked yet.
    await searchFor('board');
    expect(await screen.findByTestId('server-ask')).toBeInTheDocument();
  });

  it('starts with Ctrl and Enter, and tries again after a fault', async () => {
    await startWithList('', (fake) => (fake.failing.search_servers = 'timeout'));
    await searchFor('board');
    await fireEvent.keyDown(screen.getByTestId('search-input'), { key: 'Enter', ctrlKey: true });
    expect(await screen.findByTestId('server-fault')).toBeInTheDocument();
    host.failing = {};
    await fireEvent.click(screen.getByTestId('server-ask'));
    await waitFor(() => expect(screen.getByTestId('server-search')).toHaveTextContent('Nothing more found'));
  });

  it('is not offered where everything is here, and says so when offline', async () => {
    await startWithList('', (fake) => fake.history.push(past({ state: 'whole' })));
    await searchFor('board');
    await screen.findAllByTestId('message-row');
    expect(screen.queryByTestId('server-search')).toBeNull();
    await reset();
    await startWithList('', (fake) => (fake.state.accounts[0]!.state = 'offline'));
    await searchFor('board');
    expect(await screen.findByTestId('server-search')).toHaveTextContent('You are offline.');
    expect(screen.queryByTestId('server-ask')).toBeNull();
  });
});

describe('the help of the search field', () => {
  it('shows what can be typed while the field is empty, and types it', async () => {
    await startWithList();
    await key('/');
    const field = screen.getByTestId('search-input');
    await waitFor(() => expect(field).toHaveFocus());
    const help = await screen.findByTestId('search-help');
    await fireEvent.click(within(help).getByText('Sender'));
    expect(field).toHaveValue('from:');
    expect(screen.queryByTestId('search-help')).toBeNull();
    await fireEvent.keyDown(field, { key: 'Escape' });
    expect(screen.queryByTestId('search-help')).toBeNull();
    expect(list.searching).toBe(false);
  });
});

describe('what is told of new mail', () => {
  const notify = () => host.state.settings.notify;

  it('is set at once: only customers, together, and by mailbox', async () => {
    await open('notify', 'accounts=2');
    await fireEvent.click(screen.getByTestId('notify-customers'));
    await fireEvent.click(screen.getByTestId('notify-grouped'));
    await fireEvent.click(screen.getByTestId('notify-account-2'));
    await waitFor(() => expect(notify()).toEqual({ customers_only: true, grouped: false, quiet: null, muted: ['2'] }));
    await fireEvent.click(screen.getByTestId('notify-account-2'));
    await waitFor(() => expect(notify().muted).toEqual([]));
  });

  it('keeps quiet hours over midnight and on weekends', async () => {
    await open('notify');
    await fireEvent.click(screen.getByTestId('notify-quiet'));
    await screen.findByTestId('quiet-from');
    await choose('quiet-from', '1290');
    await choose('quiet-until', '360');
    await fireEvent.click(screen.getByTestId('quiet-weekends'));
    await waitFor(() => expect(notify().quiet).toEqual({ from: 1290, until: 360, weekends: true }));
    expect(screen.getByText('Quiet from 21:30 until 06:00')).toBeInTheDocument();
    await fireEvent.click(screen.getByTestId('notify-quiet'));
    await waitFor(() => expect(notify().quiet).toBeNull());
  });

  it('rests as a whole where nothing is told', async () => {
    await open('notify');
    await fireEvent.click(screen.getByTestId('settings-notifications'));
    await waitFor(() => expect(screen.getByTestId('notify-customers')).toBeDisabled());
    expect(app.data?.settings.notifications).toBe(false);
    expect(view.settings).toBe(true);
  });

  it('has a switch for each folder', async () => {
    await open('notify');
    await fireEvent.click(screen.getByTestId('notify-folders'));
    await fireEvent.click(await screen.findByTestId('notify-folder-tenders'));
    await waitFor(() => expect(called('folder_notify')).toEqual([{ folder: 'tenders', notify: true }]));
    await waitFor(() => expect(screen.getByTestId('settings-page')).toHaveTextContent('2 folders are told of.'));
    expect(screen.queryByTestId('notify-folder-junk')).toBeNull();
  });
});
