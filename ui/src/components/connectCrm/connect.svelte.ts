/** Choosing a CRM: which, what was filled in, the sign-in, and what a try found. */
import { call, HostError, type CrmFound, type CrmKindView, type CrmSetup, type CrmView, type Id } from '../../host';
import { BrowserSignIn } from '../account/browser.svelte';

export class CrmConnect {
  kinds = $state.raw<CrmKindView[]>([]);
  kind = $state('');
  values = $state<Record<string, string>>({});
  /** A field that must be filled in is empty, and one has tried. */
  tried = $state(false);
  busy = $state(false);
  error = $state.raw<HostError>();
  found = $state.raw<CrmFound>();
  readonly signIn = new BrowserSignIn();
  #grant = $state<Id | null>(null);

  readonly chosen: CrmKindView | undefined = $derived(this.kinds.find((one) => one.kind === this.kind));
  readonly missing: string[] = $derived(
    (this.chosen?.fields ?? []).filter((one) => one.required && !this.values[one.key]?.trim()).map((one) => one.key),
  );

  /** `kind`: what is chosen at first. */
  async load(kind: string): Promise<void> {
    this.error = undefined;
    try {
      this.kinds = await call('crm_kinds', {});
      this.choose(this.kinds.some((one) => one.kind === kind && !one.code) ? kind : '');
    } catch (thrown) {
      this.error = HostError.from(thrown);
    }
  }

  choose(kind: string): void {
    if (kind === this.kind) return;
    this.kind = kind;
    this.signIn.cancel();
    this.values = Object.fromEntries((this.chosen?.fields ?? []).map((one) => [one.key, one.value]));
    this.changed();
    this.tried = false;
  }

  /** What was found holds no longer. */
  changed(): void {
    this.found = undefined;
    this.error = undefined;
    this.#grant = null;
  }

  get setup(): CrmSetup {
    return { kind: this.kind, fields: $state.snapshot(this.values), grant: this.#grant };
  }

  /** Signs in where that is done in the browser, and tries it, without keeping anything. */
  async check(): Promise<void> {
    this.tried = true;
    if (this.busy || this.signIn.busy || !this.chosen || this.missing.length) return;
    this.error = undefined;
    if (this.chosen.sign_in === 'browser') {
      const grant = await this.signIn.run(() => call('crm_sign_in', this.setup));
      if (!grant) return;
      this.#grant = grant;
    }
    this.busy = true;
    const setup = this.setup;
    try {
      const found = await call('crm_check', setup);
      if (setup.kind === this.kind) this.found = found;
    } catch (thrown) {
      this.error = HostError.from(thrown);
      this.#grant = null;
    } finally {
      this.busy = false;
    }
  }

  /** Keeps what was tried. Answers undefined where that failed; `error` says why. */
  async connect(): Promise<CrmView | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    this.error = undefined;
    try {
      return await call('crm_connect', this.setup);
    } catch (thrown) {
      this.error = HostError.from(thrown);
      // the sign-in is used up: the next try begins with a new one
      this.found = undefined;
      this.#grant = null;
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  close(): void {
    this.signIn.cancel();
  }
}
