import { call, HostError, type ServerSearched } from '../host';
import { app } from './app.svelte';
import { history } from './history.svelte';
import { list } from './list.svelte';

/** Asking the servers themselves for mails that are not on this computer. */
class ServerSearch {
  /** What the answer below is about. */
  query = $state('');
  busy = $state(false);
  found = $state.raw<ServerSearched | undefined>(undefined);
  error = $state.raw<HostError | undefined>(undefined);

  /** Some mail is not here: an account keeps fewer days than all, and its history is not whole. */
  readonly offered: boolean = $derived(
    (app.data?.accounts ?? []).some(
      (one) => one.days !== 0 && history.data?.find((past) => past.account === one.id)?.state !== 'whole',
    ),
  );

  async ask(query: string): Promise<void> {
    if (this.busy && this.query === query) return;
    this.query = query;
    this.busy = true;
    this.found = undefined;
    this.error = undefined;
    try {
      const found = await call('search_servers', { query, account: '' });
      if (this.query !== query) return;
      this.found = found;
      if (found.fetched && list.source.kind === 'search') await list.refresh();
    } catch (thrown) {
      if (this.query === query) this.error = HostError.from(thrown);
    } finally {
      if (this.query === query) this.busy = false;
    }
  }
}

export const serverSearch = new ServerSearch();
