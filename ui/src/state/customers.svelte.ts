import { call, host, HostError, type RecordKindView, type RecordLine, type SelectionView } from '../host';
import { t } from '../i18n/index.svelte';
import { toastError } from './actions.svelte';
import { Query } from './query.svelte';
import { toast } from './toasts.svelte';
import { view } from './view.svelte';

export type Browsed = RecordKindView | 'selection';

const PAGE = 60;
type Page = { lines: RecordLine[]; next: string };

/** Companies, people, sales and projects by name, page by page, and selections; followed by change. */
class Customers {
  kind = $state<Browsed>('company');
  words = $state('');
  loadingMore = $state(false);
  /** The record that is shown in place of the list; an empty id: a new one. */
  open = $state<{ kind: Browsed; id: string } | undefined>();

  readonly pages = new Query<Page>(
    () => this.#load(),
    [{ table: 'crm' }],
    200,
    () => view.page === 'customers' && this.kind !== 'selection',
  );
  readonly selections = new Query<SelectionView[]>(
    () => call('selection_list', {}),
    [{ table: 'crm' }],
    200,
    () => view.page === 'customers' && this.kind === 'selection',
  );

  /** All that was loaded, again: as many lines as there were, at least one page. */
  async #load(): Promise<Page> {
    const { kind } = this;
    if (kind === 'selection') return { lines: [], next: '' };
    const query = this.words.trim();
    const wanted = Math.max(PAGE, this.pages.data?.lines.length ?? 0);
    const lines: RecordLine[] = [];
    let after = '';
    do {
      const page = await call('record_browse', { kind, query, after, limit: Math.min(200, wanted - lines.length) });
      lines.push(...page.lines);
      after = page.next;
    } while (lines.length < wanted && after !== '');
    return { lines, next: after };
  }

  show(kind: Browsed): void {
    this.kind = kind;
    this.open = undefined;
    void this.refresh();
  }

  refresh(): Promise<void> {
    return this.kind === 'selection' ? this.selections.restart() : this.pages.restart();
  }

  search(words: string): void {
    this.words = words;
    // What is shown stays until the new answer is here.
    const old = this.pages.data;
    void this.pages.restart();
    if (old) this.pages.data = { ...old, next: '' };
  }

  async more(): Promise<void> {
    const data = this.pages.data;
    const { kind } = this;
    if (!data?.next || this.loadingMore || kind === 'selection') return;
    this.loadingMore = true;
    try {
      const page = await call('record_browse', { kind, query: this.words.trim(), after: data.next, limit: PAGE });
      if (this.pages.data === data) this.pages.data = { lines: [...data.lines, ...page.lines], next: page.next };
    } catch (thrown) {
      toastError(thrown);
    } finally {
      this.loadingMore = false;
    }
  }
}

export const customers = new Customers();

/** Reads people and companies from a file that the person chooses. */
export async function importCards(): Promise<void> {
  try {
    for (const { path } of await host().pickFiles()) {
      const done = await call('cards_import', { path });
      const words = t('customers.imported', { people: done.people, companies: done.companies });
      const rest = done.left_out ? ` ${t('customers.leftOut', { count: done.left_out })}` : '';
      toast(words + rest, { tone: done.left_out ? 'neutral' : 'ok' });
    }
    await customers.refresh();
  } catch (thrown) {
    toastError(thrown);
  }
}

/** Writes all people and companies to a file; its ending says how. */
export async function exportCards(ending: 'csv' | 'vcf'): Promise<void> {
  try {
    const path = await host().pickSavePath(`${t('customers.fileName')}.${ending}`);
    if (path === null) return;
    const done = await call('cards_export', { path });
    toast(t('customers.exported', { people: done.people, companies: done.companies }), { tone: 'ok' });
  } catch (thrown) {
    toastError(thrown);
  }
}

/** Answers why it failed; undefined: it is gone. */
export async function removeRecord(kind: Browsed, id: string): Promise<HostError | undefined> {
  try {
    if (kind === 'selection') await call('selection_delete', { id });
    else await call('record_delete', { kind, id });
    customers.open = undefined;
    await customers.refresh();
    return undefined;
  } catch (thrown) {
    return HostError.from(thrown);
  }
}
