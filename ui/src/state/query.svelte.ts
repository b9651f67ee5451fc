/* eslint-disable svelte/prefer-svelte-reactivity -- nothing is drawn from it */
import { HostError, type Event, type Id } from '../host';

export type Table = Extract<Event, { kind: 'change' }>['table'];

/** What a query shows: rows of `table`; with `ids`, only those rows matter to it. */
export interface Dependency {
  table: Table;
  ids?: () => readonly Id[];
}

const live = new Set<{ touch: (table: Table, ids: readonly Id[]) => void }>();

/** Tells every live query that rows of a table changed; no ids: any row. */
export function changed(event: Extract<Event, { kind: 'change' }>): void {
  for (const query of live) query.touch(event.table, event.ids);
}

/**
 * One thing fetched from the engine, kept until a Change names it. A fetch that is overtaken by a newer one is dropped,
 * and changes that come while one is under way are answered by one more fetch, not by many.
 */
export class Query<T> {
  data = $state.raw<T | undefined>(undefined);
  error = $state.raw<HostError | undefined>(undefined);
  loading = $state(false);
  #again = false;
  #round = 0;
  #running: Promise<void> | undefined;

  constructor(
    private readonly fetch: () => Promise<T>,
    private readonly dependsOn: readonly Dependency[],
    /** Milliseconds in which changes are gathered into one fetch. */
    private readonly gather = 30,
    /** Whether anything of it is on the screen. What is not is fetched when it comes there, and not for each change. */
    private readonly shown: () => boolean = () => true,
  ) {
    live.add(this);
  }

  /** Stops following changes. */
  close(): void {
    live.delete(this);
    this.#round++;
  }

  touch(table: Table, ids: readonly Id[]): void {
    if (!this.shown()) return;
    const hit = this.dependsOn.some(
      (one) =>
        one.table === table && (ids.length === 0 || one.ids === undefined || one.ids().some((id) => ids.includes(id))),
    );
    if (hit) void this.refresh();
  }

  /** Fetches again; resolves when what is shown is at least as new as this call. */
  refresh(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Forgets what is shown and what is under way, and fetches anew: for when the question itself has changed. */
  restart(): Promise<void> {
    this.#round++;
    this.data = undefined;
    this.error = undefined;
    this.#running = undefined;
    this.#again = false;
    return this.refresh();
  }

  async #run(): Promise<void> {
    const round = this.#round;
    this.loading = true;
    do {
      this.#again = false;
      try {
        const data = await this.fetch();
        if (round !== this.#round) return;
        this.data = data;
        this.error = undefined;
      } catch (thrown) {
        if (round !== this.#round) return;
        this.error = HostError.from(thrown);
      }
      if (this.#again) await new Promise((done) => setTimeout(done, this.gather));
    } while (this.#again && round === this.#round);
    if (round === this.#round) this.loading = false;
  }
}
