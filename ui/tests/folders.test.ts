/** The folders of the rail over the fake host: walked, made, renamed, moved, emptied and deleted. */
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../src/App.svelte';
import type { FakeHost } from '../src/host/fake';
import { folderWork } from '../src/state/folderWork.svelte';
import { list } from '../src/state/list.svelte';
import { opened } from '../src/state/opened.svelte';
import { called, host, reset, start as startWindow } from './window';

/** Starts with the tree open; `open`: ids of the folders in it that are open. */
async function start(open: string[] = [], prepare: (host: FakeHost) => void = () => undefined): Promise<void> {
  await startWindow('', (fake) => {
    fake.memory.set('rail.open', JSON.stringify({ more: true, folders: open }));
    prepare(fake);
  });
  await screen.findByTestId('folder-tree');
}

const item = (path: string) => screen.getByTestId(`folder-${path}`);
const items = () => screen.getAllByRole('treeitem');
const names = () => items().map((one) => one.querySelector('.label')?.textContent);
async function choose(path: string, entry: string): Promise<void> {
  await fireEvent.contextMenu(item(path));
  await fireEvent.click(await screen.findByTestId(entry));
}

afterEach(reset);

describe('the tree', () => {
  it('opens and closes with the arrows, and is the same after a restart', async () => {
    await start();
    expect(names()).toEqual(['Drafts', 'Junk', 'Deleted', 'Customers', 'Tenders', 'Travel']);
    item('Customers').focus();
    await fireEvent.keyDown(item('Customers'), { key: 'ArrowRight' });
    expect(item('Customers')).toHaveAttribute('aria-expanded', 'true');
    await fireEvent.keyDown(item('Customers'), { key: 'ArrowRight' });
    await waitFor(() => expect(item('Customers/Bergen')).toHaveFocus());
    expect(item('Customers/Bergen')).toHaveAttribute('aria-level', '2');
    await fireEvent.keyDown(item('Customers/Bergen'), { key: 'ArrowLeft' });
    await waitFor(() => expect(item('Customers')).toHaveFocus());
    await waitFor(() => expect(host.memory.get('rail.open')).toContain('customers'));
    cleanup();
    opened.more = false;
    opened.folders.clear();
    render(App);
    expect(await screen.findByTestId('folder-Customers/Oslo')).toBeInTheDocument();
  });

  it('opens the menu of the folder that has the focus with Shift and F10', async () => {
    await start();
    await fireEvent.keyDown(item('Tenders'), { key: 'F10', shiftKey: true });
    await fireEvent.click(await screen.findByTestId('folder-rename'));
    expect(await screen.findByTestId('folder-name')).toHaveValue('Tenders');
  });

  it('leaves the list alone while one walks in it', async () => {
    await start();
    await screen.findByTestId('message-list');
    item('Tenders').focus();
    await fireEvent.keyDown(item('Tenders'), { key: 'ArrowDown' });
    await waitFor(() => expect(item('Travel')).toHaveFocus());
    expect(list.cursor).toBe('');
  });

  it('opens what is only a place, and shows no mails for it', async () => {
    await start();
    await fireEvent.click(item('Customers'));
    expect(item('Customers/Oslo')).toBeInTheDocument();
    expect(called('message_list').every((one) => (one as { folder: string }).folder !== 'customers')).toBe(true);
  });

  it('counts what is unread in closed folders where they are closed', async () => {
    await start([], (fake) => {
      Object.assign(fake.mails[0]!.row, { folder: 'oslo-harbour', read: false });
    });
    expect(item('Customers')).toHaveTextContent('1 unread');
    await fireEvent.click(item('Customers'));
    expect(item('Customers')).not.toHaveTextContent('unread');
    expect(item('Customers/Oslo')).toHaveTextContent('1 unread');
  });

  it('shows folders whose parent the server does not list, and those in the inbox', async () => {
    await start([], (fake) => {
      const tenders = fake.folders.find((one) => one.id === 'tenders')!;
      fake.folders.push({ ...tenders, id: 'lost', name: 'b', path: 'a/b' });
      fake.folders.push({ ...tenders, id: 'under', name: 'Maja', path: 'INBOX/Maja' });
    });
    expect(names()).toEqual(expect.arrayContaining(['a/b', 'Maja']));
  });
});

describe('a folder', () => {
  it('is made inside another, and is there', async () => {
    await start();
    await choose('Customers', 'folder-new-inside');
    const name = await screen.findByTestId('folder-name');
    await fireEvent.input(name, { target: { value: ' Trondheim ' } });
    await fireEvent.click(screen.getByTestId('folder-answer'));
    expect(await screen.findByTestId('folder-Customers/Trondheim')).toBeInTheDocument();
    expect(called('folder_create')).toEqual([{ account: '1', name: 'Trondheim', parent: 'customers' }]);
    await waitFor(() => expect(screen.queryByTestId('folder-form')).toBeNull());
  });

  it('is asked for a name that is free and can be one', async () => {
    await start();
    await fireEvent.click(screen.getByTestId('new-folder'));
    for (const [typed, said] of [
      ['', 'Enter a name.'],
      ['a/b', 'A name cannot contain “/”.'],
      ['Tenders', 'There is a folder of that name already.'],
    ] as const) {
      await fireEvent.input(await screen.findByTestId('folder-name'), { target: { value: typed } });
      await fireEvent.click(screen.getByTestId('folder-answer'));
      expect(await screen.findByText(said)).toBeInTheDocument();
    }
    expect(called('folder_create')).toEqual([]);
  });

  it('says in the dialog why the server refused, and tries again from there', async () => {
    await start([], (fake) => (fake.failing.folder_create = 'offline'));
    await fireEvent.click(screen.getByTestId('new-folder'));
    await fireEvent.input(await screen.findByTestId('folder-name'), { target: { value: 'Fairs' } });
    await fireEvent.click(screen.getByTestId('folder-answer'));
    expect(await screen.findByTestId('folder-fault')).toHaveTextContent('This computer is offline');
    host.failing = {};
    await fireEvent.click(screen.getByTestId('folder-answer'));
    expect(await screen.findByTestId('folder-Fairs')).toBeInTheDocument();
  });

  it('is renamed with F2 and stays where it is', async () => {
    await start(['customers']);
    await fireEvent.keyDown(item('Customers/Oslo'), { key: 'F2' });
    const name = await screen.findByTestId('folder-name');
    expect(name).toHaveValue('Oslo');
    await fireEvent.input(name, { target: { value: 'Oslo og omegn' } });
    await fireEvent.click(screen.getByTestId('folder-answer'));
    expect(await screen.findByTestId('folder-Customers/Oslo og omegn')).toBeInTheDocument();
    expect(called('folder_rename')).toEqual([{ folder: 'oslo', name: 'Oslo og omegn', parent: 'customers' }]);
  });

  it('moves to another place, never into itself, and back with Undo', async () => {
    await start(['customers']);
    await choose('Customers/Oslo', 'folder-move');
    const place = await screen.findByTestId('folder-place');
    const offered = within(place)
      .getAllByRole('option')
      .map((one) => one.getAttribute('value'));
    expect(offered).toContain('travel');
    expect(offered).not.toContain('oslo');
    expect(offered).not.toContain('oslo-harbour');
    await fireEvent.change(place, { target: { value: 'travel' } });
    await fireEvent.click(screen.getByTestId('folder-answer'));
    expect(await screen.findByTestId('folder-Travel/Oslo')).toBeInTheDocument();
    await fireEvent.click(await screen.findByTestId('toast-undo'));
    expect(await screen.findByTestId('folder-Customers/Oslo')).toBeInTheDocument();
  });

  it('can be dragged into another, and Escape lets it be', async () => {
    await start();
    const over = { current: item('Travel') as Element };
    document.elementFromPoint = () => over.current;
    const at = (x: number, y: number) => ({ clientX: x, clientY: y, button: 0, buttons: 1, bubbles: true });
    await fireEvent.pointerDown(item('Tenders'), at(10, 10));
    await fireEvent.pointerMove(window, at(12, 60));
    expect(item('Travel')).toHaveAttribute('data-target');
    await fireEvent.keyDown(document.body, { key: 'Escape' });
    await fireEvent.pointerUp(window, at(12, 60));
    expect(called('folder_rename')).toEqual([]);
    await fireEvent.pointerDown(item('Tenders'), at(10, 10));
    await fireEvent.pointerMove(window, at(12, 60));
    await fireEvent.pointerUp(window, at(12, 60));
    await waitFor(() =>
      expect(called('folder_rename')).toEqual([{ folder: 'tenders', name: 'Tenders', parent: 'travel' }]),
    );
  });

  it('is let go where its button was let go outside', async () => {
    await start();
    document.elementFromPoint = () => item('Travel');
    await fireEvent.pointerDown(item('Tenders'), { clientX: 10, clientY: 10, button: 0, buttons: 1, bubbles: true });
    await fireEvent.pointerMove(window, { clientX: 12, clientY: 60, buttons: 0, bubbles: true });
    await fireEvent.pointerUp(window, { clientX: 12, clientY: 60, bubbles: true });
    expect(item('Travel')).not.toHaveAttribute('data-target');
    expect(called('folder_rename')).toEqual([]);
  });

  it('is deleted only when told to, naming what goes and where', async () => {
    await start(['customers'], (fake) => (fake.mails[0]!.row.folder = 'oslo-harbour'));
    await fireEvent.keyDown(item('Customers/Oslo'), { key: 'Delete' });
    const dialog = await screen.findByTestId('folder-remove');
    expect(dialog).toHaveTextContent('The folder goes to Deleted, with everything in it.');
    expect(within(dialog).getByTestId('folder-goes')).toHaveTextContent('1 mail');
    expect(within(dialog).getByTestId('folder-goes')).toHaveTextContent('1 folder in it: Harbour');
    await fireEvent.click(screen.getByText('Cancel'));
    expect(called('folder_delete')).toEqual([]);
    await fireEvent.keyDown(item('Customers/Oslo'), { key: 'Delete' });
    await fireEvent.click(await screen.findByTestId('folder-answer'));
    await waitFor(() => expect(screen.queryByTestId('folder-Customers/Oslo')).toBeNull());
    expect(called('folder_delete')).toEqual([{ id: 'oslo' }]);
  });

  it('says of a label that its mails stay', async () => {
    await start([], (fake) => {
      fake.folders.find((one) => one.id === 'tenders')!.label = true;
      fake.mails[0]!.row.folder = 'tenders';
    });
    await choose('Tenders', 'folder-delete');
    const dialog = await screen.findByTestId('folder-remove');
    expect(dialog).toHaveTextContent('The label is taken off its mails. They stay in Done.');
    expect(dialog).not.toHaveTextContent('1 mail');
  });

  it('says that it goes for good where it is in Deleted already', async () => {
    await start(['trash'], (fake) => {
      const tenders = fake.folders.find((one) => one.id === 'tenders')!;
      tenders.path = 'Trash/Tenders';
    });
    await choose('Trash/Tenders', 'folder-delete');
    expect(await screen.findByTestId('folder-remove')).toHaveTextContent('removed from the server for good');
  });

  it('is emptied with the count said before, and only Junk and Deleted can be', async () => {
    await start([], (fake) => {
      for (const mail of fake.mails.slice(0, 3)) mail.row.folder = 'junk';
    });
    await choose('junk', 'folder-empty');
    expect(await screen.findByTestId('folder-remove')).toHaveTextContent(
      'also older mail that is not on this computer (3 mails are here)',
    );
    await fireEvent.click(screen.getByTestId('folder-answer'));
    await waitFor(() => expect(host.mails.some((one) => one.row.folder === 'junk')).toBe(false));
    await fireEvent.click(await screen.findByTestId('toast-undo'));
    await waitFor(() => expect(host.mails.filter((one) => one.row.folder === 'junk')).toHaveLength(3));
    await fireEvent.contextMenu(item('Tenders'));
    await screen.findByTestId('folder-rename');
    expect(screen.queryByTestId('folder-empty')).toBeNull();
  });

  it('with a role can be neither renamed nor deleted', async () => {
    await start();
    await fireEvent.keyDown(item('trash'), { key: 'Delete' });
    await fireEvent.keyDown(item('trash'), { key: 'F2' });
    expect(folderWork.question).toBeUndefined();
  });

  it('is told about and subscribed to, or not', async () => {
    await start();
    await choose('Tenders', 'folder-notify');
    await waitFor(() => expect(called('folder_notify')).toEqual([{ folder: 'tenders', notify: true }]));
    await choose('Tenders', 'folder-subscribe');
    await waitFor(() => expect(called('folder_subscribe')).toEqual([{ folder: 'tenders', subscribed: false }]));
  });

  it('is marked as read as one change, over more than a page', async () => {
    await start([], (fake) => {
      for (const mail of fake.mails.slice(0, 250)) Object.assign(mail.row, { folder: 'tenders', read: false });
    });
    await choose('Tenders', 'folder-read');
    await waitFor(() => expect(called('operate')).toHaveLength(1));
    expect((called('operate')[0] as { messages: string[] }).messages).toHaveLength(250);
  });
});
