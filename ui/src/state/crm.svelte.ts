import {
  call,
  HostError,
  type CompanyEdit,
  type CustomerView,
  type Id,
  type PersonEdit,
  type RecordView,
  type SaleEdit,
} from '../host';
import { t } from '../i18n/index.svelte';
import { toastError } from './actions.svelte';
import { app, crmName } from './app.svelte';
import { archive } from './archive.svelte';
import { Query } from './query.svelte';
import { toast } from './toasts.svelte';

/** The customer of the mail that is shown, and the records ticked for it. */
class Customer {
  message = $state<Id>('');
  /** Ticked or unticked by hand, by kind and id; what is not here is as the engine suggests. */
  #touched = $state.raw<ReadonlyMap<string, boolean>>(new Map());
  /** Chosen from a search, beside the suggestions. */
  added = $state.raw<RecordView[]>([]);
  busy = $state(false);

  /** The CRM is being asked behind what is shown. */
  asking = $state(false);
  /** Why it could not be asked: what is shown may be old. */
  askError = $state.raw<HostError | undefined>(undefined);
  /** The mail that the CRM was asked about. */
  #asked: Id = '';

  readonly query = new Query<CustomerView | undefined>(async () => {
    if (!this.message) return undefined;
    const known = await call('customer_get', { message: this.message });
    if (known.stale && this.#asked !== this.message) void this.ask();
    return known;
  }, [{ table: 'crm' }, { table: 'archive' }, { table: 'message', ids: () => [this.message] }]);

  /** Asks the CRM itself, behind what is shown from this computer. */
  async ask(): Promise<void> {
    const message = this.message;
    this.#asked = message;
    this.asking = true;
    this.askError = undefined;
    try {
      const fresh = await call('customer_refresh', { message });
      if (message === this.message) {
        this.query.data = fresh;
        // an answer from this computer alone: the CRM was not reached
        if (fresh.stale) {
          const code = app.data?.crm.code || 'crm_unavailable';
          this.askError = HostError.from({ code, detail: '', retryable: true });
        }
      }
    } catch (thrown) {
      if (message === this.message) this.askError = HostError.from(thrown);
    } finally {
      if (message === this.message) this.asking = false;
    }
  }

  /** Every record on offer: the suggestions, then those that were added by hand. */
  readonly records: RecordView[] = $derived.by(() => {
    const suggested = this.query.data?.suggestions.map((one) => one.record) ?? [];
    return [
      ...suggested,
      ...this.added.filter((one) => !suggested.some((known) => recordKey(known) === recordKey(one))),
    ];
  });
  readonly chosen: RecordView[] = $derived(this.records.filter((one) => this.isChosen(one)));

  show(message: Id): void {
    if (message === this.message) return;
    this.message = message;
    this.#asked = '';
    this.asking = false;
    this.askError = undefined;
    this.#touched = new Map();
    this.added = [];
    void this.query.restart();
  }

  isChosen(record: RecordView): boolean {
    const key = recordKey(record);
    const touched = this.#touched.get(key);
    if (touched !== undefined) return touched;
    return this.query.data?.suggestions.find((one) => recordKey(one.record) === key)?.selected ?? false;
  }

  /** The suggestions count again: for the same mail, anew. */
  forget(): void {
    this.#touched = new Map();
    this.added = [];
  }

  choose(record: RecordView, chosen: boolean): void {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- replaced whole, and the field is state
    this.#touched = new Map(this.#touched).set(recordKey(record), chosen);
  }

  add(record: RecordView): void {
    if (!this.records.some((one) => recordKey(one) === recordKey(record))) this.added = [...this.added, record];
    this.choose(record, true);
  }

  /** Takes back what was added; a suggestion stays, without its tick. */
  drop(record: RecordView): void {
    this.added = this.added.filter((one) => recordKey(one) !== recordKey(record));
    this.choose(record, false);
  }
}

export const customer = new Customer();

export function recordKey(record: RecordView): string {
  return `${record.kind}:${record.id}`;
}

/** Archives the mail beside the panel on what is ticked there. */
export async function archiveShown(): Promise<void> {
  if (!customer.message || customer.busy || customer.query.data === undefined) return;
  const { archived } = customer.query.data;
  // what an earlier CRM has can go into this one too
  if (archived && archived.state !== 'failed' && !archived.elsewhere) {
    toast(t('toast.alreadyArchived', { crm: crmName(), count: 1 }));
    return;
  }
  if (customer.query.data.private) {
    toast(`${t('error.private.title')}. ${t('error.private.next')}`, { tone: 'danger' });
    return;
  }
  if (customer.chosen.length === 0) {
    toast(t('panel.archiveNone'), { tone: 'danger' });
    return;
  }
  customer.busy = true;
  try {
    await archive([customer.message], $state.snapshot(customer.chosen));
  } finally {
    customer.busy = false;
    await customer.query.refresh();
  }
}

/** Takes the shown mail back out of the CRM, or out of the queue. */
export async function unarchiveShown(): Promise<void> {
  const archived = customer.query.data?.archived;
  if (!archived || customer.busy) return;
  customer.busy = true;
  try {
    await call('archive_undo', { id: archived.id });
    toast(t('toast.archiveUndone', { crm: crmName() }));
  } catch (thrown) {
    toastError(thrown);
  } finally {
    customer.busy = false;
    await customer.query.refresh();
  }
}

/** What key A does: the mail beside the panel goes to what is ticked there, others to what is suggested for each. */
export async function archiveSelected(messages: readonly Id[]): Promise<void> {
  if (messages.length === 1 && messages[0] === customer.message && customer.query.data) await archiveShown();
  else await archive(messages);
}

/** Changes a person, and shows what holds now; rejects with `crm_conflict` where somebody else was quicker. */
export async function changePerson(id: Id, version: string, change: Partial<PersonEdit>): Promise<void> {
  await call('person_change', { id, name: null, title: null, phone: null, add_email: null, version, ...change });
  await customer.query.refresh();
}

export async function changeCompany(id: Id, version: string, change: Partial<CompanyEdit>): Promise<void> {
  await call('company_change', { id, name: null, phone: null, city: null, version, ...change });
  await customer.query.refresh();
}

export async function changeSale(id: Id, version: string, change: Partial<SaleEdit>): Promise<void> {
  await call('sale_change', { id, name: null, stage: null, amount: null, closes: null, version, ...change });
  await customer.query.refresh();
}

/** "Do not add", or offer it again. */
export async function neverAdd(email: string, never: boolean): Promise<void> {
  try {
    await call('person_never', { email, never });
    await customer.query.refresh();
  } catch (thrown) {
    toastError(thrown);
  }
}

/** Shows a record where the CRM itself shows it. */
export function openPage(url: string): void {
  call('link_open', { url }).catch(toastError);
}
