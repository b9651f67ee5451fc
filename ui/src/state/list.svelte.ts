/* eslint-disable svelte/prefer-svelte-reactivity -- raw state, replaced whole */
import { SvelteSet } from 'svelte/reactivity';
import { call, HostError, type Id, type ListFilter, type MessagePage, type MessageRow, type RecordView } from '../host';
import { Query } from './query.svelte';

/** Where the list's mails come from. An empty folder: the inboxes of all accounts. */
export type Source =
  | { kind: 'folder'; folder: Id; filter: ListFilter }
  | { kind: 'search'; query: string }
  /** A business view of the rail. */
  | { kind: 'view'; filter: 'customers' | 'not_archived' | 'not_in_crm' }
  /** All mails that have to do with a record of the CRM. */
  | { kind: 'record'; record: RecordView };

const PAGE = 100;

function fetchPage(source: Source, after: string, limit: number): Promise<MessagePage> {
  if (source.kind === 'search') return call('message_search', { query: source.query, after, limit });
  const all = { folder: '', filter: 'all' as const, record: null, after, limit };
  if (source.kind === 'record') {
    const { kind, id } = source.record;
    return call('message_list', { ...all, record: { kind, id } });
  }
  if (source.kind === 'view') return call('message_list', { ...all, filter: source.filter });
  return call('message_list', { ...all, folder: source.folder, filter: source.filter });
}

/** Row ids run in date order, but are text: newest first by number. */
const newestFirst = (a: MessageRow, b: MessageRow) => b.date - a.date || (BigInt(b.id) > BigInt(a.id) ? 1 : -1);

/** The mails in the middle column: fetched page by page, followed by change, with a cursor and a selection. */
class MailList {
  source = $state.raw<Source>({ kind: 'folder', folder: '', filter: 'all' });
  /** The mail under the cursor: the one the reader shows. */
  cursor = $state<Id>('');
  readonly selected = new SvelteSet<Id>();
  loadingMore = $state(false);
  moreError = $state.raw<HostError | undefined>(undefined);

  /** Taken away by an action that the store may not have heard of yet. */
  readonly #hidden = new SvelteSet<Id>();
  /** Read while the filter shows unread ones: they stay until the list is opened anew. */
  #kept = $state.raw<MessageRow[]>([]);
  #patches = $state.raw<ReadonlyMap<Id, Partial<MessageRow>>>(new Map());
  #anchor: Id = '';
  /** Where in the list the cursor was put. */
  #at = 0;
  #beforeSearch: Source | undefined;
  #round = 0;

  readonly #pages = new Query<MessagePage>(
    () => this.#fetchLoaded(),
    // What the CRM says of a mail is on its row: where that changes, the mail is told of.
    [{ table: 'message' }, { table: 'archive' }],
    120,
  );

  readonly rows: MessageRow[] = $derived.by(() => {
    const loaded = this.#pages.data?.rows ?? [];
    const missing = this.#kept.filter((kept) => !loaded.some((row) => row.id === kept.id));
    const all = missing.length ? [...loaded, ...missing].sort(newestFirst) : loaded;
    if (!this.#hidden.size && !this.#patches.size) return all;
    return all
      .filter((row) => !this.#hidden.has(row.id))
      .map((row) => {
        const patch = this.#patches.get(row.id);
        return patch ? { ...row, ...patch } : row;
      });
  });
  readonly total: number = $derived(Math.max(0, (this.#pages.data?.total ?? 0) - this.#hidden.size));
  readonly index: ReadonlyMap<Id, number> = $derived(new Map(this.rows.map((row, at) => [row.id, at])));

  /** Nothing was fetched yet for this source. */
  get starting(): boolean {
    return this.#pages.data === undefined && this.#pages.error === undefined;
  }
  /** A fetch is under way. */
  get busy(): boolean {
    return this.#pages.loading;
  }
  get error(): HostError | undefined {
    return this.#pages.error;
  }
  get hasMore(): boolean {
    return (this.#pages.data?.next ?? '') !== '';
  }
  get searching(): boolean {
    return this.source.kind === 'search';
  }

  /** Everything that was loaded, again: as many rows as there were, at least one page. */
  async #fetchLoaded(): Promise<MessagePage> {
    const source = this.source;
    const wanted = Math.max(PAGE, this.#pages?.data?.rows.length ?? 0);
    const rows: MessageRow[] = [];
    let page: MessagePage;
    let after = '';
    do {
      page = await fetchPage(source, after, Math.min(200, wanted - rows.length));
      rows.push(...page.rows);
      after = page.next;
    } while (rows.length < wanted && after !== '');
    return { rows, next: after, total: page.total };
  }

  refresh(): Promise<void> {
    return this.#pages.refresh();
  }

  /** Shows another source from its top. */
  show(source: Source): Promise<void> {
    this.source = source;
    this.cursor = '';
    this.#anchor = '';
    this.selected.clear();
    this.#kept = [];
    this.#hidden.clear();
    this.moreError = undefined;
    this.#round++;
    return this.#pages.restart();
  }

  /** Searches as one types; what was shown before comes back with `endSearch`. */
  search(query: string): Promise<void> {
    if (this.source.kind !== 'search') this.#beforeSearch = this.source;
    this.source = { kind: 'search', query };
    this.selected.clear();
    this.#kept = [];
    this.#hidden.clear();
    this.#round++;
    // The old hits stay until the new ones are here: a list that blinks at every letter cannot be read.
    const old = this.#pages.data;
    const done = this.#pages.restart();
    if (old) this.#pages.data = { ...old, next: '' };
    return done;
  }

  endSearch(): Promise<void> {
    const before = this.#beforeSearch ?? { kind: 'folder', folder: '', filter: 'all' };
    this.#beforeSearch = undefined;
    return this.show(before);
  }

  async more(): Promise<void> {
    const data = this.#pages.data;
    if (!data?.next || this.loadingMore) return;
    const round = this.#round;
    this.loadingMore = true;
    this.moreError = undefined;
    try {
      const page = await fetchPage(this.source, data.next, PAGE);
      // A refresh may have come in between: then this page may no longer fit behind what is shown.
      if (round === this.#round && this.#pages.data?.next === data.next) {
        this.#pages.data = { rows: [...this.#pages.data.rows, ...page.rows], next: page.next, total: page.total };
      }
    } catch (thrown) {
      this.moreError = HostError.from(thrown);
    } finally {
      this.loadingMore = false;
    }
  }

  row(id: Id): MessageRow | undefined {
    const at = this.index.get(id);
    return at === undefined ? undefined : this.rows[at];
  }

  /** What an action is meant for: the selection, else the mail under the cursor. */
  get targets(): Id[] {
    const selected = [...this.selected].filter((id) => this.index.has(id));
    if (selected.length) return selected;
    return this.cursor ? [this.cursor] : [];
  }

  /** Puts the cursor on a mail and forgets the selection. */
  open(id: Id): void {
    this.#at = this.index.get(id) ?? 0;
    this.cursor = id;
    this.#anchor = id;
    this.selected.clear();
  }

  /** Moves the cursor by so many rows; with `extend` the selection grows to it. */
  step(by: number, extend = false): void {
    if (!this.rows.length) return;
    const at = this.index.get(this.cursor);
    // Without a cursor one steps in from outside: from above when going down, from below when going up. Where the mail
    // under the cursor went away elsewhere, one goes on from where it was.
    const outside = by > 0 ? -1 : this.rows.length;
    const from = at ?? (this.cursor ? this.#at - (by > 0 ? 1 : 0) : outside);
    const to = Math.max(0, Math.min(this.rows.length - 1, from + by));
    const id = this.rows[to]?.id ?? '';
    if (extend) this.selectTo(id);
    else this.open(id);
    if (to >= this.rows.length - 20) void this.more();
  }

  toggle(id: Id): void {
    // The first one chosen with Ctrl joins the mail that was open: that is what people expect of a list.
    if (!this.selected.size && this.cursor && this.cursor !== id) this.selected.add(this.cursor);
    if (!this.selected.delete(id)) this.selected.add(id);
    this.#anchor = id;
    this.cursor = id;
  }

  toggleAlone(id: Id): void {
    if (!this.selected.delete(id)) this.selected.add(id);
    this.#anchor = id;
  }

  selectTo(id: Id): void {
    const from = this.index.get(this.#anchor) ?? this.index.get(this.cursor) ?? 0;
    const to = this.index.get(id) ?? from;
    this.#anchor = this.rows[from]?.id ?? id;
    this.selected.clear();
    for (let at = Math.min(from, to); at <= Math.max(from, to); at++) this.selected.add(this.rows[at]!.id);
    this.cursor = id;
  }

  selectAll(): void {
    for (const row of this.rows) this.selected.add(row.id);
  }

  clearSelection(): void {
    this.selected.clear();
  }

  /** Takes mails out of what is shown, at once; the cursor goes to the next one that stays. */
  hide(ids: readonly Id[]): void {
    const gone = new Set(ids);
    if (gone.has(this.cursor)) {
      const at = this.index.get(this.cursor) ?? 0;
      const after = this.rows.slice(at + 1).find((row) => !gone.has(row.id));
      const before = this.rows.slice(0, at).findLast((row) => !gone.has(row.id));
      this.cursor = (after ?? before)?.id ?? '';
      this.#anchor = this.cursor;
    }
    for (const id of ids) {
      this.selected.delete(id);
      this.#hidden.add(id);
    }
    this.#kept = this.#kept.filter((row) => !gone.has(row.id));
  }

  /** The store knows now, or the action failed: what it says counts again. */
  async settle(ids: readonly Id[]): Promise<void> {
    await this.refresh();
    for (const id of ids) this.#hidden.delete(id);
    const patches = new Map(this.#patches);
    for (const id of ids) patches.delete(id);
    this.#patches = patches;
  }

  /** Shows rows otherwise, at once, until `settle`. */
  patch(ids: readonly Id[], change: Partial<MessageRow>): void {
    const patches = new Map(this.#patches);
    for (const id of ids) {
      const row = this.row(id);
      if (
        row &&
        this.source.kind === 'folder' &&
        this.source.filter !== 'all' &&
        !this.#kept.some((one) => one.id === id)
      ) {
        this.#kept = [...this.#kept, { ...row, ...change }];
      }
      patches.set(id, { ...patches.get(id), ...change });
    }
    this.#kept = this.#kept.map((row) => (ids.includes(row.id) ? { ...row, ...change } : row));
    this.#patches = patches;
  }
}

export const list = new MailList();
