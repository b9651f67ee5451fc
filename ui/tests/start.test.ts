/** Where the program cannot start: what is said, and how a damaged database is restored from a backup. */
import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../src/App.svelte';
import { setHost } from '../src/host';
import { fakeHost, type FakeHost } from '../src/host/fake';
import { reset } from './window';

let host: FakeHost;
function start(address: string, prepare: (host: FakeHost) => void = () => undefined): void {
  host = fakeHost(new URLSearchParams(address));
  prepare(host);
  setHost(host);
  render(App);
}

afterEach(reset);

describe('a damaged database', () => {
  it('is restored from a sound backup, and the window opens', async () => {
    start('damaged=1');
    const screenful = await screen.findByTestId('start-failure');
    expect(screenful).toHaveTextContent('The data on this computer is damaged');
    const lines = await screen.findAllByTestId('start-backup');
    expect(lines).toHaveLength(3);
    expect(within(lines[1]!).queryByRole('button')).toBeNull();
    expect(lines[1]).toHaveTextContent('Damaged too');
    await fireEvent.click(within(lines[0]!).getByTestId('start-restore'));
    expect(await screen.findByTestId('rail')).toBeInTheDocument();
    expect(host.restored).toEqual([1]);
  });

  it('says why a backup could not be restored, and leaves the others', async () => {
    start('damaged=1', (fake) => (fake.restoreFails = 'disk_full'));
    await fireEvent.click((await screen.findAllByTestId('start-restore'))[0]!);
    expect(await screen.findByTestId('start-fault')).toHaveTextContent('no space left');
    expect(screen.getAllByTestId('start-restore')).toHaveLength(2);
  });

  it('is begun without only after asking, where there is no backup', async () => {
    start('damaged=1', (fake) => (fake.backups = []));
    expect(await screen.findByTestId('start-none')).toBeInTheDocument();
    await fireEvent.click(screen.getByTestId('start-empty'));
    expect(host.restored).toEqual([]);
    await fireEvent.click(await screen.findByTestId('start-empty-sure'));
    await waitFor(() => expect(host.restored).toEqual([0]));
    expect(await screen.findByTestId('rail')).toBeInTheDocument();
  });
});

describe('another fault', () => {
  it('is tried again, and offers no backups', async () => {
    start('', (fake) => (fake.failing.app_state = 'profile_busy'));
    const retry = await screen.findByTestId('start-retry');
    expect(screen.queryByTestId('start-empty')).toBeNull();
    host.failing = {};
    await fireEvent.click(retry);
    expect(await screen.findByTestId('rail')).toBeInTheDocument();
  });
});
