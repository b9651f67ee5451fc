/**
 * One draft being written: loaded, saved as one types, sent or discarded. The draft lies in the engine's store; what is
 * here is what the person sees, and at most a second ahead of it.
 */
import {
  call,
  fileName,
  HostError,
  type AddressView,
  type DraftView,
  type OutboxView,
  type PickedFile,
  type RecordView,
} from '../../host';
import { dressed, styleOf, undressed } from '../../components/editor/writing';
import { app } from '../../state/app.svelte';
import type { OpenComposer } from '../../state/composer.svelte';
import { view } from '../../state/view.svelte';
import { isAddress } from './recipients';
import { speaksOfAttachment } from './attachmentWords';
import { textOf } from './safe';

/** From the first unsaved stroke to the save, in milliseconds. A throttle, not a debounce: a fast typist is saved too. */
export const saveAfter = 700;

export type SaveState = 'opening' | 'clean' | 'dirty' | 'saving' | 'saved' | 'failed';

/** Why sending waits for the person. */
export type Doubt = 'attachment' | 'subject';

export class Session {
  id = $state('');
  account = $state('');
  to = $state<AddressView[]>([]);
  cc = $state<AddressView[]>([]);
  bcc = $state<AddressView[]>([]);
  subject = $state('');
  body = $state('');
  /** The looks that the body stands in: a new mail's as set, a saved draft's as they were. */
  style = $state('');
  quote = $state('');
  attachments = $state<DraftView['attachments']>([]);
  kind = $state<DraftView['kind']>('new');
  message = $state('');

  save = $state<SaveState>('opening');
  /** What failed last: opening, saving, attaching or sending. */
  error = $state<HostError | null>(null);
  failedOn = $state<'open' | 'save' | 'attach' | 'send' | null>(null);
  failedFile = $state('');
  attaching = $state(0);
  sending = $state(false);
  /** The person has done something to it. */
  touched = false;
  /** Chips to look at again: set when sending was asked for. */
  checked = $state(false);

  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Saves run one behind the other, so that an older text never overwrites a newer one. */
  #last: Promise<void> = Promise.resolve();
  #over = false;

  constructor(readonly request: OpenComposer) {}

  async open(): Promise<void> {
    this.save = 'opening';
    this.error = null;
    try {
      const draft = this.request.draft
        ? await call('draft_get', { id: this.request.draft })
        : await call('draft_new', {
            kind: this.request.kind,
            message: this.request.message ?? '',
            mailto: this.request.mailto ?? '',
          });
      this.#take(draft);
      // A new mail comes from the account that the rail shows.
      if (!this.request.draft && draft.kind === 'new' && view.account) this.account = view.account;
      this.save = 'clean';
      if (this.request.text) {
        this.body = paragraphs(this.request.text) + this.body;
        this.changed();
      }
    } catch (thrown) {
      this.#fail('open', thrown);
    }
  }

  #take(draft: DraftView): void {
    this.id = draft.id;
    this.account = draft.account;
    this.kind = draft.kind;
    this.message = draft.message;
    this.to = draft.to;
    this.cc = draft.cc;
    this.bcc = draft.bcc;
    this.subject = draft.subject;
    const { html, style } = undressed(draft.body);
    this.body = html;
    this.style = style || (this.request.draft || !app.data ? '' : styleOf(app.data.settings.writing));
    this.quote = draft.quote;
    this.attachments = draft.attachments;
  }

  #fail(on: NonNullable<Session['failedOn']>, thrown: unknown): void {
    this.error = HostError.from(thrown);
    this.failedOn = on;
  }

  /** Something was typed: it is saved within a second. */
  changed(): void {
    if (this.#over || this.save === 'opening') return;
    this.touched = true;
    this.save = 'dirty';
    this.#timer ??= setTimeout(() => void this.flush(), saveAfter);
  }

  /** Saves now what is not saved yet. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#over || !this.id || (this.save !== 'dirty' && this.save !== 'failed')) return this.#last;
    this.#last = this.#last.then(async () => {
      if (this.#over) return;
      this.save = 'saving';
      try {
        await call('draft_save', {
          id: this.id,
          account: this.account,
          // An address that is still being typed is kept as it stands: it is the person's, not yet the server's.
          to: $state.snapshot(this.to),
          cc: $state.snapshot(this.cc),
          bcc: $state.snapshot(this.bcc),
          subject: this.subject,
          body: dressed(this.body, this.style),
          quote: this.quote,
        });
        if (this.save === 'saving') this.save = 'saved';
        if (this.failedOn === 'save') this.#forget();
      } catch (thrown) {
        this.save = 'failed';
        this.#fail('save', thrown);
        this.#timer ??= setTimeout(() => void this.flush(), 5000);
      }
    });
    return this.#last;
  }

  #forget(): void {
    this.error = null;
    this.failedOn = null;
  }

  async attach(files: PickedFile[]): Promise<void> {
    this.touched = true;
    this.attaching += files.length;
    for (const file of files) {
      try {
        const draft = await call('draft_attach', { draft: this.id, path: file.path });
        this.attachments = draft.attachments;
        if (this.failedOn === 'attach') this.#forget();
      } catch (thrown) {
        this.failedFile = file.name || fileName(file.path);
        this.#fail('attach', thrown);
      } finally {
        this.attaching -= 1;
      }
    }
  }

  async detach(attachment: string): Promise<void> {
    this.touched = true;
    try {
      const draft = await call('draft_detach', { draft: this.id, attachment });
      this.attachments = draft.attachments;
    } catch (thrown) {
      this.#fail('attach', thrown);
    }
  }

  get recipients(): AddressView[] {
    return [...this.to, ...this.cc, ...this.bcc];
  }

  get invalid(): AddressView[] {
    return this.recipients.filter((one) => !isAddress(one.email));
  }

  /** What a careful colleague would ask before this goes out. */
  doubts(): Doubt[] {
    const doubts: Doubt[] = [];
    // The quote is left out: that the other side spoke of an attachment says nothing about this mail.
    if (this.attachments.length === 0 && speaksOfAttachment(`${this.subject} ${textOf(this.body)}`))
      doubts.push('attachment');
    if (this.subject.trim() === '') doubts.push('subject');
    return doubts;
  }

  /** Saves and sends; `crm` is the link of the CRM that gave the records. Answers the outbox's row, or null with `error` set. */
  async send(archive: RecordView[], crm: string): Promise<OutboxView | null> {
    this.checked = true;
    if (this.recipients.length === 0) {
      this.#fail('send', { code: 'no_recipient', detail: '' });
      return null;
    }
    if (this.invalid.length > 0 || this.sending) return null;
    this.sending = true;
    try {
      await this.flush();
      if (this.save === 'failed') return null;
      const queued = await call('send', { draft: this.id, archive, crm });
      this.end();
      return queued;
    } catch (thrown) {
      this.#fail('send', thrown);
      return null;
    } finally {
      this.sending = false;
    }
  }

  async discard(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      await this.#last;
      if (this.id) await call('draft_discard', { id: this.id });
      this.end();
      return true;
    } catch (thrown) {
      this.#fail('save', thrown);
      return false;
    }
  }

  /** No more saves: the draft is sent or gone. */
  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** Plain text as the editor's paragraphs. */
export function paragraphs(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => `<p>${escape(line)}</p>`)
    .join('');
}
