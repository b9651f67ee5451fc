/** The main window over the fake host: what a person does with list, keyboard, search and reader, and what comes of it. */
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import App from '../src/App.svelte';
import { setHost } from '../src/host';
import { fakeHost, type FakeHost } from '../src/host/fake';
import { app } from '../src/state/app.svelte';
import { closeComposer, composers } from '../src/state/composer.svelte';
import { folders } from '../src/state/folders.svelte';
import { list } from '../src/state/list.svelte';
import { outbox, refused } from '../src/state/outbox.svelte';
import { reader } from '../src/state/reader.svelte';
import { toasts } from '../src/state/toasts.svelte';
import { view } from '../src/state/view.svelte';

let host: FakeHost;

/** Starts the app as it would start for a person; `address` as in `?sync=1`. */
async function start(address = '', prepare: (host: FakeHost) => void = () => undefined): Promise<void> {
  host = fakeHost(new URLSearchParams(address));
  prepare(host);
  setHost(host);
  render(App);
  await screen.findByTestId('rail');
}

const rows = () => screen.getAllByTestId('message-row');
const row = (subject: string) => rows().find((one) => one.textContent?.includes(subject));
const key = (name: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(document.body, { key: name, ...more });
const called = (name: string) =>
  host.calls.filter((one) => one.name === name).map((one) => one.request as Record<string, unknown>);
const folderOf = (subject: string) => host.mails.findLast((one) => one.row.subject === subject)?.row.folder;

async function startWithList(): Promise<void> {
  await start();
  await screen.findByTestId('message-list');
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-12-06T10:00:00') });
});

afterEach(async () => {
  cleanup();
  vi.useRealTimers();
  for (const open of composers.open) closeComposer(open.key);
  toasts.shown = [];
  Object.assign(view, {
    page: 'mail',
    customer: false,
    settings: false,
    shortcuts: false,
    refused: false,
    move: false,
    closeAsked: false,
    wizard: false,
    searchFocus: 0,
  });
  // The state outlives a window, as it does in the app: each test begins with none.
  setHost(fakeHost(new URLSearchParams('empty=1')));
  reader.choose('');
  await list.show({ kind: 'folder', folder: '', filter: 'all' });
  for (const query of [app, folders, outbox, refused]) query.data = undefined as never;
  document.body.style.pointerEvents = '';
});

describe('list', () => {
  it('shows the newest mail first, under the word for its day', async () => {
    await startWithList();
    expect(rows()[0]).toHaveTextContent('Re: Offer for the renewal – two questions');
    expect(screen.getByText('Today')).toBeInTheDocument();
    expect(screen.getByText('Yesterday')).toBeInTheDocument();
  });

  it('draws only what is near the window', async () => {
    await startWithList();
    expect(list.rows.length).toBeGreaterThanOrEqual(100);
    expect(rows().length).toBeLessThan(40);
  });

  it('fetches the next page when the end comes near, without a mail twice', async () => {
    await startWithList();
    list.step(list.rows.length);
    await waitFor(() => expect(list.rows.length).toBeGreaterThan(150));
    expect(new Set(list.rows.map((one) => one.id)).size).toBe(list.rows.length);
  });

  it('asks the engine for what a filter shows', async () => {
    await startWithList();
    await fireEvent.click(screen.getByTestId('filter-not-in-crm'));
    await waitFor(() =>
      expect(list.rows.every((one) => one.pills.some((pill) => pill.kind === 'not_in_crm'))).toBe(true),
    );
    expect(called('message_list').at(-1)).toMatchObject({ filter: 'not_in_crm' });
    expect(screen.getByTestId('filter-not-in-crm')).toHaveAttribute('aria-pressed', 'true');
  });

  it('shows a new mail when the engine tells of it', async () => {
    await startWithList();
    const first = host.mails.at(-1)!;
    host.mails.push({
      ...first,
      row: { ...first.row, id: '9999', subject: 'Fresh from the server', date: first.row.date + 60 },
    });
    host.tell({ kind: 'change', table: 'message', ids: ['9999'] });
    await waitFor(() => expect(rows()[0]).toHaveTextContent('Fresh from the server'));
  });

  it('holds still what is read when mail comes in above', async () => {
    await startWithList();
    const box = screen.getByTestId('message-list');
    box.scrollTop = 1000;
    await fireEvent.scroll(box);
    const first = host.mails.at(-1)!;
    host.mails.push({
      ...first,
      row: { ...first.row, id: '9999', pills: [], attachments: 0, date: first.row.date + 60 },
    });
    host.tell({ kind: 'change', table: 'message', ids: ['9999'] });
    await waitFor(() => expect(list.rows[0]?.id).toBe('9999'));
    await waitFor(() => expect(box.scrollTop).toBe(1076));
  });

  it('draws the empty, the loading and the failed state, and gets out of the last', async () => {
    await start('empty=1');
    expect(await screen.findByTestId('list-empty')).toHaveTextContent('The inbox is empty');
    cleanup();
    await list.show({ kind: 'folder', folder: '', filter: 'all' });
    await start('empty=1&sync=1');
    expect(await screen.findByTestId('list-loading')).toBeInTheDocument();
    expect(screen.getByTestId('status')).toHaveTextContent('120 of 340');
    cleanup();
    await start('', (fake) => (fake.failing.message_list = 'store_damaged'));
    void list.show({ kind: 'folder', folder: '', filter: 'all' });
    const error = await screen.findByTestId('list-error');
    host.failing = {};
    await fireEvent.click(within(error).getByRole('button'));
    expect(await screen.findByTestId('message-list')).toBeInTheDocument();
  });
});

describe('keys and selection', () => {
  it('walks with J and K, and opens what it comes to', async () => {
    await startWithList();
    await key('j');
    await key('j');
    await waitFor(() =>
      expect(screen.getByTestId('reader-subject')).toHaveTextContent('Delivery date for the Stavanger site'),
    );
    await key('k');
    await waitFor(() => expect(screen.getByTestId('reader-subject')).toHaveTextContent('two questions'));
    expect(screen.getByTestId('message-list')).toHaveAttribute('aria-activedescendant', `mail-${list.cursor}`);
  });

  it('chooses a range with Shift and single ones with Ctrl', async () => {
    await startWithList();
    await fireEvent.click(rows()[0]!);
    await fireEvent.click(rows()[2]!, { shiftKey: true });
    expect(list.selected.size).toBe(3);
    await fireEvent.click(rows()[1]!, { ctrlKey: true });
    expect(list.selected.size).toBe(2);
    expect(await screen.findByTestId('bulk-bar')).toHaveTextContent('2 selected');
    await key('Escape');
    expect(list.selected.size).toBe(0);
  });

  it('does several at once, as one operation', async () => {
    await startWithList();
    await key('j');
    await key('J', { shiftKey: true });
    await key('e');
    await waitFor(() => expect(called('operate')).toHaveLength(1));
    expect(called('operate')[0]).toMatchObject({ action: { kind: 'done' } });
    expect(called('operate')[0]!.messages).toHaveLength(2);
    expect(folderOf('Delivery date for the Stavanger site')).toBe('done');
  });

  it('rests while one types', async () => {
    await startWithList();
    await key('j');
    await fireEvent.keyDown(screen.getByTestId('search-input'), { key: 'e' });
    await fireEvent.keyDown(screen.getByTestId('search-input'), { key: '#' });
    await tick();
    expect(called('operate')).toHaveLength(0);
  });

  it('does not finish ten mails when the key is held down', async () => {
    await startWithList();
    await key('j');
    await key('e');
    await key('e', { repeat: true });
    await key('e', { repeat: true });
    await waitFor(() => expect(called('operate')).toHaveLength(1));
  });

  it('flags and unflags with S, marks with U', async () => {
    await startWithList();
    await key('j');
    await key('s');
    await waitFor(() => expect(called('operate').at(-1)).toMatchObject({ action: { kind: 'flag' } }));
    await waitFor(() => expect(list.rows[0]?.flagged).toBe(true));
    await key('s');
    await waitFor(() => expect(called('operate').at(-1)).toMatchObject({ action: { kind: 'unflag' } }));
    await key('u');
    await waitFor(() => expect(called('operate').at(-1)).toMatchObject({ action: { kind: 'unread' } }));
  });
});

describe('actions', () => {
  it('takes a mail away at once, goes on to the next, and brings it back with Undo', async () => {
    await startWithList();
    await key('j');
    host.hanging.add('operate');
    await key('e');
    // The engine has not answered: the screen does not wait for it.
    await waitFor(() => expect(row('two questions')).toBeUndefined());
    expect(list.row(list.cursor)?.subject).toBe('Delivery date for the Stavanger site');
    host.hanging.clear();
    await key('e');
    await fireEvent.click(await screen.findByTestId('toast-undo'));
    await waitFor(() => expect(row('Delivery date for the Stavanger site')).toBeDefined());
    expect(folderOf('Delivery date for the Stavanger site')).toBe('inbox');
  });

  it('brings the mail back and says why when the engine refuses', async () => {
    await startWithList();
    await key('j');
    host.failing.operate = 'disk_full';
    await key('#');
    expect(await screen.findByText(/no space left/)).toBeInTheDocument();
    await waitFor(() => expect(row('two questions')).toBeDefined());
  });

  it('moves to a folder found by a few letters', async () => {
    await startWithList();
    await key('j');
    await key('v');
    const dialog = await screen.findByTestId('move-dialog');
    const input = within(dialog).getByRole('combobox');
    await fireEvent.input(input, { target: { value: 'tend' } });
    await fireEvent.keyDown(input, { key: 'Enter' });
    await waitFor(() =>
      expect(called('operate').at(-1)).toMatchObject({ action: { kind: 'move', folder: 'tenders' } }),
    );
  });

  it('keeps Done and Archive apart', async () => {
    await startWithList();
    await key('j');
    await waitFor(() => expect(screen.getByTestId('reader-subject')).toBeInTheDocument());
    await waitFor(() => expect(called('customer_get').length).toBeGreaterThan(0));
    await tick();
    await key('a');
    await waitFor(() => expect(called('archive')).toHaveLength(1));
    expect(called('operate')).toHaveLength(0);
    expect(folderOf('Re: Offer for the renewal – two questions')).toBe('inbox');
  });
});

describe('search', () => {
  it('searches as one types, marks the hits, and comes back', async () => {
    await startWithList();
    await fireEvent.input(screen.getByTestId('search-input'), { target: { value: 'bo' } });
    await fireEvent.input(screen.getByTestId('search-input'), { target: { value: 'board' } });
    await waitFor(() => expect(document.querySelector('mark')).toHaveTextContent('board'));
    // The pause between letters was shorter than the rest: one search, not two.
    expect(called('message_search').map((one) => one.query)).toEqual(['board']);
    await fireEvent.keyDown(screen.getByTestId('search-input'), { key: 'Escape' });
    await waitFor(() => expect(row('Delivery date for the Stavanger site')).toBeDefined());
    expect(screen.getByTestId('search-input')).toHaveValue('');
  });

  it('puts the words of a mail in as text, never as markup', async () => {
    await start('', (fake) => {
      fake.mails.at(-1)!.row.preview = 'board <img src=x onerror="alert(1)">';
    });
    await screen.findByTestId('message-list');
    await fireEvent.input(screen.getByTestId('search-input'), { target: { value: 'board' } });
    await waitFor(() => expect(document.querySelector('mark')).toHaveTextContent('board'));
    expect(rows()[0]!.querySelector('img')).toBeNull();
    expect(rows()[0]).toHaveTextContent('<img src=x');
  });

  it('says so when nothing is found', async () => {
    await startWithList();
    await fireEvent.input(screen.getByTestId('search-input'), { target: { value: 'xyzzy' } });
    expect(await screen.findByTestId('list-empty')).toHaveTextContent('xyzzy');
  });
});

describe('reader', () => {
  const openFirst = async () => {
    await startWithList();
    await fireEvent.click(rows()[0]!);
    return screen.findByTestId('reader-frame');
  };

  it('shows the mail in a frame that can neither run scripts nor tell where it was opened', async () => {
    const frame = await openFirst();
    expect(frame).toHaveAttribute('sandbox', 'allow-popups');
    expect(frame).toHaveAttribute('referrerpolicy', 'no-referrer');
    expect(frame).not.toHaveAttribute('srcdoc');
  });

  it('asks for remote images only when told to, and forgets it with the next mail', async () => {
    await openFirst();
    expect(await screen.findByTestId('remote-notice')).toHaveTextContent('2 remote images');
    expect(called('frame_open').at(-1)).toMatchObject({ remote: false });
    await fireEvent.click(screen.getByTestId('show-images'));
    await waitFor(() => expect(called('frame_open').at(-1)).toMatchObject({ remote: true }));
    await key('j');
    await waitFor(() => expect(called('frame_open').at(-1)).toMatchObject({ remote: false }));
  });

  it('folds the earlier mail of the conversation and opens it on a click', async () => {
    await openFirst();
    const folded = await screen.findByTestId('thread-folded');
    expect(folded).toHaveTextContent('You');
    await fireEvent.click(folded);
    await waitFor(() => expect(screen.getByTestId('open-mail')).toHaveAttribute('data-id', folded.dataset.id));
  });

  it('asks before a file that can run programs, and never opens it', async () => {
    await startWithList();
    await fireEvent.click(row('Frame agreement')!);
    const files = await screen.findAllByTestId('attachment-open');
    await fireEvent.click(files[1]!);
    expect(await screen.findByTestId('dangerous-dialog')).toHaveTextContent('setup.exe');
    expect(called('attachment_open')).toHaveLength(0);
    await fireEvent.click(screen.getByTestId('dangerous-save'));
    await waitFor(() => expect(called('attachment_save')).toHaveLength(1));
  });

  it('marks a mail as read after the time that was set, without an undo', async () => {
    await start('', (fake) => (fake.state.settings.read_after = 0));
    await screen.findByTestId('message-list');
    await fireEvent.click(row('Delivery date for the Stavanger site')!);
    await waitFor(() => expect(called('operate').at(-1)).toMatchObject({ action: { kind: 'read' } }));
    expect(screen.queryByTestId('toast-undo')).toBeNull();
  });

  it('leaves a mail unread where that was set', async () => {
    await start('', (fake) => (fake.state.settings.read_after = -1));
    await screen.findByTestId('message-list');
    await fireEvent.click(row('Delivery date for the Stavanger site')!);
    await screen.findByTestId('reader-frame');
    await new Promise((done) => setTimeout(done, 30));
    expect(called('operate')).toHaveLength(0);
  });

  it('says what to do when the body is not here, and tries again', async () => {
    await start('', (fake) => (fake.failing.frame_open = 'body_missing'));
    await screen.findByTestId('message-list');
    await fireEvent.click(rows()[0]!);
    const notice = await screen.findByTestId('frame-error');
    host.failing = {};
    await fireEvent.click(within(notice).getByRole('button'));
    expect(await screen.findByTestId('reader-frame')).toBeInTheDocument();
  });

  it('says that a mail could not be read', async () => {
    await startWithList();
    const broken = host.mails.find((one) => one.row.unreadable)!;
    host.tell({ kind: 'open', message: broken.row.id });
    expect(await screen.findByTestId('unreadable-notice')).toBeInTheDocument();
  });

  it('answers through the composer', async () => {
    await openFirst();
    await key('R', { shiftKey: true });
    expect(composers.open).toMatchObject([{ kind: 'reply_all', message: reader.open }]);
  });
});

describe('what the engine tells', () => {
  it('asks what to do when the window is closed without a tray', async () => {
    await startWithList();
    host.tell({ kind: 'close_asked' });
    await fireEvent.click(await screen.findByTestId('close-minimise'));
    expect(host.ended).toBe('minimised');
  });

  it('asks about a mail whose fate is unknown, and does what is chosen', async () => {
    await start('', (fake) => {
      fake.outbox = [
        {
          id: 'o1',
          account: '1',
          to: [{ name: '', email: 'a@b.no' }],
          subject: 'Perhaps',
          state: 'held',
          code: null,
          detail: '',
          queued: 1,
        },
      ];
    });
    await fireEvent.click(await screen.findByTestId('held-open'));
    await fireEvent.click(await screen.findByTestId('outbox-was-sent'));
    await waitFor(() => expect(called('outbox_resolve')).toEqual([{ id: 'o1', choice: 'was_sent' }]));
  });

  it('shows what the server refused, and lets it go', async () => {
    await start('', (fake) => {
      fake.refused = [
        { id: '7', action: 'delete', subject: 'Old one', code: 'server_refused', detail: 'NO', since: 1 },
      ];
    });
    await fireEvent.click(await screen.findByTestId('refused-open'));
    const line = await screen.findByTestId('refused-row');
    await fireEvent.click(within(line).getAllByRole('button')[1]!);
    await waitFor(() => expect(called('operation_discard')).toEqual([{ id: '7' }]));
  });

  it('follows the theme that was set', async () => {
    await start('theme=dark');
    await waitFor(() => expect(document.documentElement.dataset.theme).toBe('dark'));
  });
});
