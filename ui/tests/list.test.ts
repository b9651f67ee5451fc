/** The list over the fake host: what a person does there with pointer and keys, and what comes of it. */
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { list } from '../src/state/list.svelte';
import { called, folderOf, host, key, reset, row, rows, start, startWithList } from './window';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-12-06T10:00:00') });
});
afterEach(reset);

describe('the list while a CRM is read for the first time', () => {
  it('is not fetched again each second', async () => {
    await startWithList('crm=superoffice');
    const before = called('message_list').length;
    for (const table of ['crm_state', 'crm'] as const) host.tell({ kind: 'change', table, ids: [] });
    await waitFor(() => expect(called('app_state').length).toBeGreaterThan(1));
    expect(called('message_list')).toHaveLength(before);
  });
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
