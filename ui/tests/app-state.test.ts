import { beforeEach, expect, it } from 'vitest';
import { setHost } from '../src/host';
import { fakeHost, type FakeHost } from '../src/host/fake';
import { accountById, accountEvent, app } from '../src/state/app.svelte';

let host: FakeHost;

beforeEach(async () => {
  host = fakeHost();
  setHost(host);
  await app.restart();
});

it('an answer that is older than what was told meanwhile does not take it back', async () => {
  const id = app.data!.accounts[0]!.id;
  const answer = host.call.bind(host);
  let release = () => {};
  const held = new Promise<void>((go) => (release = go));
  host.call = async (name, request) => {
    const known = structuredClone(await answer(name, request));
    await held;
    return known;
  };
  host.state.accounts[0]!.state = 'syncing';
  const fetched = app.refresh();
  await new Promise((done) => setTimeout(done, 5));
  accountEvent({ kind: 'account', account: id, state: 'idle', code: null, progress: null });
  release();
  await fetched;
  expect(accountById(id)?.state).toBe('idle');
});
