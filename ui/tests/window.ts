/** The whole window over the fake host, for tests: starts it, and leaves nothing of it for the next one. */
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { expect, vi } from 'vitest';
import App from '../src/App.svelte';
import { setHost } from '../src/host';
import { fakeHost, type FakeHost } from '../src/host/fake';
import { app } from '../src/state/app.svelte';
import { closeComposer, composers } from '../src/state/composer.svelte';
import { drafts } from '../src/state/drafts.svelte';
import { folders } from '../src/state/folders.svelte';
import { followUps } from '../src/state/followUps.svelte';
import { folderWork } from '../src/state/folderWork.svelte';
import { history } from '../src/state/history.svelte';
import { list } from '../src/state/list.svelte';
import { opened } from '../src/state/opened.svelte';
import { outbox, refused } from '../src/state/outbox.svelte';
import { reader } from '../src/state/reader.svelte';
import { serverSearch } from '../src/state/serverSearch.svelte';
import { toasts } from '../src/state/toasts.svelte';
import { openSettings, view } from '../src/state/view.svelte';
import { archiveQueue } from '../src/state/archive.svelte';
import { views } from '../src/state/views.svelte';

/** The host of the window that was started last. */
export let host: FakeHost;

/** Starts the app as it would start for a person; `address` as in `?sync=1`. */
export async function start(address = '', prepare: (host: FakeHost) => void = () => undefined): Promise<void> {
  host = fakeHost(new URLSearchParams(address));
  prepare(host);
  setHost(host);
  render(App);
  await screen.findByTestId('rail');
}

export async function startWithList(address = '', prepare?: (host: FakeHost) => void): Promise<void> {
  await start(address, prepare);
  await screen.findAllByTestId('message-row');
}

/** Starts with a section of the settings open. */
export async function open(page: string, address = '', prepare?: (host: FakeHost) => void): Promise<void> {
  await startWithList(address, prepare);
  openSettings(page);
  await waitFor(() => expect(screen.getByTestId('settings-page')).toHaveAttribute('data-page', page));
}

export const rows = () => screen.getAllByTestId('message-row');
export const row = (subject: string) => rows().find((one) => one.textContent?.includes(subject));
export const key = (name: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.body, { key: name, ...more });
export const called = (name: string) =>
  host.calls.filter((one) => one.name === name).map((one) => one.request as Record<string, unknown>);
export const choose = (testid: string, value: string) =>
  fireEvent.change(screen.getByTestId(testid), { target: { value } });
export const folderOf = (subject: string) => host.mails.findLast((one) => one.row.subject === subject)?.row.folder;

/** For `afterEach`: the state outlives a window, as it does in the app. */
export async function reset(): Promise<void> {
  cleanup();
  vi.useRealTimers();
  for (const one of composers.open) closeComposer(one.key);
  toasts.shown = [];
  Object.assign(view, {
    page: 'mail',
    account: '',
    customer: false,
    reading: false,
    settings: false,
    settingsPage: '',
    signIn: '',
    shortcuts: false,
    refused: false,
    move: false,
    copy: false,
    labels: false,
    closeAsked: false,
    archiving: '',
    followUp: null,
    waitingFor: '',
    wizard: false,
    searchFocus: 0,
  });
  folderWork.question = undefined;
  opened.more = false;
  opened.folders.clear();
  Object.assign(serverSearch, { query: '', busy: false, found: undefined, error: undefined });
  setHost(fakeHost(new URLSearchParams('empty=1')));
  reader.choose('');
  await list.show({ kind: 'folder', folder: '', filter: 'all' });
  for (const query of [app, folders, outbox, refused, drafts, history, followUps, views, archiveQueue]) {
    query.data = undefined as never;
    query.error = undefined;
  }
  document.body.style.pointerEvents = '';
}
