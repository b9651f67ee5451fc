/** One sign-in in the browser, from the click to the answer. */
import { call, HostError, type Id, type SignInStarted } from '../../host';

/** After so long without an answer, help is offered: perhaps no browser came up. */
const SLOW_MS = 8_000;

export class BrowserSignIn {
  state = $state<'idle' | 'opening' | 'waiting' | 'failed'>('idle');
  /** The provider's page, for another browser. */
  url = $state('');
  slow = $state(false);
  error = $state<HostError>();
  #id: Id = '';
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get busy(): boolean {
    return this.state === 'opening' || this.state === 'waiting';
  }

  /** Answers the grant, or nothing when it failed (`error` says why) or was cancelled here. */
  start(provider: string, email: string): Promise<Id | undefined> {
    return this.run(() => call('sign_in_start', { provider, email }));
  }

  /** The same, begun otherwise. */
  async run(begin: () => Promise<SignInStarted>): Promise<Id | undefined> {
    this.cancel();
    const mine = ++this.#round;
    this.state = 'opening';
    try {
      const started = await begin();
      if (mine !== this.#round) {
        void call('sign_in_cancel', { id: started.id }).catch(() => undefined);
        return undefined;
      }
      this.#id = started.id;
      this.url = started.url;
      this.state = 'waiting';
      this.#timer = setTimeout(() => (this.slow = true), SLOW_MS);
      const { grant } = await call('sign_in_wait', { id: started.id });
      if (mine !== this.#round) return undefined;
      this.#rest('idle');
      return grant;
    } catch (thrown) {
      if (mine === this.#round) {
        this.error = HostError.from(thrown);
        this.#rest('failed');
      }
      return undefined;
    }
  }

  /** Opens the browser once more. */
  async again(): Promise<void> {
    try {
      await call('sign_in_reopen', { id: this.#id });
    } catch (thrown) {
      this.error = HostError.from(thrown);
    }
  }

  cancel(): void {
    this.#round += 1;
    if (this.state === 'waiting') void call('sign_in_cancel', { id: this.#id }).catch(() => undefined);
    this.error = undefined;
    this.#rest('idle');
  }

  #rest(state: 'idle' | 'failed'): void {
    clearTimeout(this.#timer);
    this.state = state;
    this.slow = false;
    this.url = '';
    this.#id = '';
  }
}
