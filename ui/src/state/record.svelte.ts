import { call, type Id, type MessageRow, type RecordDetail, type RecordRequest } from '../host';
import { Query } from './query.svelte';

/** One record of the CRM and what belongs to it, followed by change. `close` it when it is not shown any more. */
export class RecordShown {
  #asked: RecordRequest | undefined;
  #emails: string[] = [];

  readonly query = new Query<RecordDetail | undefined>(
    async () => (this.#asked ? call('record_get', this.#asked) : undefined),
    [{ table: 'crm' }, { table: 'archive' }],
  );
  /** The newest mails with the person. */
  readonly mails = new Query<MessageRow[]>(
    async () => (this.#emails.length ? call('mails_with', { emails: this.#emails, limit: 6 }) : []),
    [{ table: 'message' }],
    200,
  );

  show(kind: RecordRequest['kind'], id: Id): void {
    const next = id ? { kind, id } : undefined;
    if (next?.id === this.#asked?.id && next?.kind === this.#asked?.kind) return;
    this.#asked = next;
    void this.query.restart();
  }

  mailsWith(emails: string[]): void {
    if (emails.join() === this.#emails.join()) return;
    this.#emails = emails;
    void this.mails.restart();
  }

  close(): void {
    this.query.close();
    this.mails.close();
  }
}
