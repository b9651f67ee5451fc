import { call, type FrameView, type Id, type MessageDetail, type ShowAs, type ThreadView } from '../host';
import { operate } from './actions.svelte';
import { app } from './app.svelte';
import { customer } from './crm.svelte';
import { list } from './list.svelte';
import { Query } from './query.svelte';
import { isDark } from './theme.svelte';
import { view } from './view.svelte';

/** The conversation in the reader, and how its open mail is shown. */
class Reader {
  /** The mail that was chosen. */
  message = $state<Id>('');
  /** The mail of the conversation whose frame is open. */
  open = $state<Id>('');
  show = $state<ShowAs>('best');
  remote = $state(false);
  /** In the dark theme: the mail's own colours instead of adapted ones. */
  original = $state(false);

  readonly thread: Query<ThreadView | undefined> = new Query<ThreadView | undefined>(
    async () => (this.message ? call('thread_get', { message: this.message }) : undefined),
    [
      { table: 'message', ids: () => [this.message, ...(this.thread.data?.messages.map((one) => one.row.id) ?? [])] },
      { table: 'archive' },
    ],
  );
  readonly frame = new Query<FrameView | undefined>(async () => {
    if (!this.open) return undefined;
    return call('frame_open', {
      message: this.open,
      show: this.show,
      remote: this.remote,
      dark: isDark() && !this.original,
    });
  }, []);

  readonly current: MessageDetail | undefined = $derived(
    this.thread.data?.messages.find((one) => one.row.id === this.open),
  );

  /** The sender of the open mail is exactly one person in the CRM. */
  readonly knownSender: boolean = $derived.by(() => {
    const email = this.current?.row.from.email.toLowerCase();
    return (
      customer.query.data?.participants.some((one) => one.email.toLowerCase() === email && one.people.length === 1) ??
      false
    );
  });

  #chosenAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Shows a mail's conversation; an empty id clears the reader. One who walks through the list with a key held down sees
   * where he stops: what he passes is not fetched.
   */
  choose(message: Id): void {
    clearTimeout(this.#timer);
    const quick = performance.now() - this.#chosenAt < 150;
    this.#chosenAt = performance.now();
    if (quick && message) this.#timer = setTimeout(() => this.#choose(message), 100);
    else this.#choose(message);
  }

  #choose(message: Id): void {
    if (message === this.message) return;
    this.message = message;
    if (!message) {
      this.open = '';
      customer.show('');
      void this.thread.restart();
      return;
    }
    // The conversation may be the same one: then what is drawn stays, and only the open mail changes.
    const known = this.thread.data?.messages.some((one) => one.row.id === message) ?? false;
    if (known) void this.thread.refresh();
    else void this.thread.restart();
    this.unfold(message);
  }

  /** Opens another mail of the same conversation. */
  unfold(message: Id): void {
    if (message !== this.open) this.#clocked = '';
    this.open = message;
    customer.show(message);
    this.show = 'best';
    this.remote = false;
    this.original = false;
    void this.frame.restart();
  }

  showAs(show: ShowAs): void {
    this.show = show;
    void this.frame.restart();
  }

  showImages(): void {
    this.remote = true;
    void this.frame.restart();
  }

  setOriginal(original: boolean): void {
    this.original = original;
    void this.frame.restart();
  }

  /** The mail whose clock has run out: one who marks it unread again while it is open means it. */
  #clocked: Id = '';

  /** Starts the clock after which the open mail counts as read. Answers a function that stops it. */
  readLater(): (() => void) | undefined {
    const row = this.current?.row;
    const after = app.data?.settings.read_after ?? 2;
    if (!row || row.read || after < 0) return undefined;
    const id = row.id;
    if (this.#clocked === id) return undefined;
    const timer = setTimeout(() => {
      this.#clocked = id;
      void operate([id], { kind: 'read' }, true);
    }, after * 1000);
    return () => clearTimeout(timer);
  }
}

export const reader = new Reader();

/** Shows one mail, whatever the list shows: from a notification or a link. */
export async function openMessage(message: Id): Promise<void> {
  const row = await call('message_row', { message });
  view.settings = false;
  view.reading = true;
  const inList = list.index.has(message);
  if (!inList) await list.show({ kind: 'folder', folder: row.folder, filter: 'all' });
  list.open(message);
}
