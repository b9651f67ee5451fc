/** One run of the wizard: where it stands, what was typed, found and tried. */
import { BrowserSignIn } from '../../components/account/browser.svelte';
import {
  domainOf,
  draftOf,
  guess,
  guessName,
  looksLikeEmail,
  tested,
  withFound,
  type Form,
} from '../../components/account/form';
import {
  call,
  HostError,
  type DiscoverView,
  type FoundView,
  type Id,
  type SignInWay,
  type VerifyView,
} from '../../host';
import { t } from '../../i18n/index.svelte';
import { app } from '../../state/app.svelte';
import { view } from '../../state/view.svelte';
import { bestWay, type Choice } from './providers';
import { keep, recall, toRemember, type Remembered } from './remember';

export type Step = 'address' | 'servers' | 'password' | 'check' | 'days' | 'crm' | 'progress';

/** Why the advanced settings stand open. */
type Why = 'asked' | 'nothing' | 'pop3' | 'oauth' | 'failed' | 'resumed';

/** So long after the last key, an address is looked for. */
export const PAUSE_MS = 400;
const SLOW_MS = 3_000;
const SLOW_CHECK_MS = 5_000;

/** Faults for which other settings are no remedy; for all others the advanced settings open by themselves. */
const elsewhere = new Set([
  'offline',
  'oauth_needed',
  'app_password_needed',
  'imap_disabled',
  'smtp_auth_disabled',
  'sign_in_again',
  'sign_in_blocked',
  'too_many_connections',
  'quota_exceeded',
  'server_unavailable',
  'proxy_failed',
  'proxy_sign_in',
  'captive_portal',
  'clock_wrong',
]);

export class Session {
  step = $state<Step>('address');
  email = $state('');
  provider = $state<Choice | null>(null);
  form = $state<Form>(guess(''));
  /** The servers were typed by hand: what is found no longer replaces them. */
  byHand = $state(false);
  accepted = $state(false);
  /** A way other than the best one, chosen by the person. */
  chosenWay = $state<SignInWay>();
  /** The page was left at this step when the program last ran. */
  resumed = $state(false);

  discovery = $state.raw<DiscoverView>();
  searching = $state(false);
  slow = $state(false);
  error = $state<HostError>();

  signIn = new BrowserSignIn();

  result = $state.raw<VerifyView>();
  checking = $state(false);
  checkSlow = $state(false);
  checkError = $state<HostError>();

  advanced = $state(false);
  why = $state<Why>('asked');
  /** What stands in the advanced settings: it counts only when it is saved, and is still there when one comes back. */
  hand = $state<Form>(guess(''));

  connecting = $state(false);
  connectSlow = $state(false);
  connectError = $state<HostError>();
  account = $state<Id>('');

  #trail = $state<Step[]>([]);
  #searchOf = '';
  #foundOf = $state('');
  #resultOf = $state('');
  #search: Promise<void> = Promise.resolve();
  #round = 0;
  #checkRound = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly domain = $derived(domainOf(this.email));
  readonly #asked = $derived(`${this.email.trim().toLowerCase()} ${this.provider ?? ''}`);
  /** What was found for the address as it stands now. */
  readonly view = $derived(this.#foundOf === this.#asked ? this.discovery : undefined);
  readonly found = $derived<FoundView | undefined>(this.view?.found[0]);
  readonly way = $derived<SignInWay>(this.chosenWay ?? (this.found && !this.byHand ? bestWay(this.found) : 'password'));
  readonly canBack = $derived(this.#trail.length > 0 && this.step !== 'progress' && !this.connecting);
  readonly checked = $derived(
    this.result !== undefined &&
      this.#resultOf === tested(this.form) &&
      this.result.incoming.ok &&
      this.result.outgoing.ok,
  );

  constructor() {
    this.form.days = app.data?.policy.days_default ?? 30;
  }

  /** Takes up what an earlier run left, as far as it goes without secrets. */
  async resume(): Promise<void> {
    const kept = await recall();
    if (!kept || (!kept.email && !kept.provider)) return;
    this.email = kept.email;
    this.provider = kept.provider as Choice | null;
    this.byHand = kept.byHand;
    this.accepted = kept.accepted;
    const { name, days, incoming, outgoing, user, same, outgoingUser, appPassword } = kept;
    this.form = { ...guess(kept.email, name), days, incoming, outgoing, user, same, outgoingUser, appPassword };
    this.hand = { ...$state.snapshot(this.form) };
    this.resumed = true;
    if (looksLikeEmail(this.email) && !this.byHand) await this.search();
    if (this.byHand || kept.advanced) this.openAdvanced('resumed');
    else if (kept.step === 'address') return;
    else if (this.found && this.way === 'oauth') return;
    else if (this.found && !this.found.trusted && !this.accepted) this.go('servers');
    else if (this.found && kept.step !== 'servers') this.go('password');
  }

  /** What a restart needs, or nothing while there is nothing. */
  get snapshot(): Remembered | undefined {
    const { step, email, provider, accepted, byHand, advanced } = this;
    if (!email && !provider) return undefined;
    const { name, days } = this.form;
    const form = advanced ? { ...this.hand, name, days } : this.form;
    return toRemember({ step, email, provider, accepted, byHand, advanced }, form);
  }

  go(step: Step): void {
    this.#trail = [...this.#trail, this.step];
    this.step = step;
  }

  back(): void {
    const before = this.#trail.at(-1);
    if (!before || !this.canBack) return;
    this.stop();
    this.#trail = this.#trail.slice(0, -1);
    this.step = before;
  }

  /** Ends what is under way, without losing what was typed. */
  stop(): void {
    this.signIn.cancel();
    this.#checkRound += 1;
    this.checking = false;
    clearTimeout(this.#timer);
  }

  startOver(): void {
    this.stop();
    this.#round += 1;
    this.#trail = [];
    this.step = 'address';
    this.email = '';
    this.provider = null;
    this.form = { ...guess(''), days: app.data?.policy.days_default ?? 30 };
    this.byHand = false;
    this.accepted = false;
    this.chosenWay = undefined;
    this.resumed = false;
    this.searching = false;
    this.error = undefined;
    this.result = undefined;
    this.checkError = undefined;
    this.connectError = undefined;
    this.advanced = false;
    this.hand = guess('');
    void keep(undefined);
  }

  /** The address was changed: it is looked for when typing stops. */
  typed(): void {
    clearTimeout(this.#timer);
    this.signIn.cancel();
    this.accepted = false;
    this.chosenWay = undefined;
    this.error = undefined;
    if (this.#asked !== this.#searchOf) {
      this.#round += 1;
      this.searching = false;
    }
    if (domainOf(this.form.email) !== this.domain) this.byHand = false;
    const plausible = /\.[^\s@.]{2,}$/.test(this.email.trim()) && looksLikeEmail(this.email);
    if (plausible && this.provider !== 'other') this.#timer = setTimeout(() => void this.search(), PAUSE_MS);
  }

  choose(provider: Choice | null): void {
    this.provider = provider;
    this.typed();
  }

  /** Looks for the servers of the address, once for each address. */
  search(again = false): Promise<void> {
    clearTimeout(this.#timer);
    if (!again && this.#searchOf === this.#asked && (this.searching || this.view)) return this.#search;
    this.#searchOf = this.#asked;
    this.#search = this.#look(++this.#round, this.#asked);
    return this.#search;
  }

  async #look(mine: number, asked: string): Promise<void> {
    this.searching = true;
    this.slow = false;
    this.error = undefined;
    const timer = setTimeout(() => (this.slow = mine === this.#round), SLOW_MS);
    try {
      const provider = this.provider === 'other' ? null : this.provider;
      const answer = await call('discover', { email: this.email.trim(), provider });
      if (mine !== this.#round) return;
      this.discovery = answer;
      this.#foundOf = asked;
      this.#fill();
      // Opened before the answer came, and not touched since: what is found is better than a guess.
      if (this.advanced && tested(this.hand) === tested(guess(this.email)))
        this.hand = { ...$state.snapshot(this.form) };
    } catch (thrown) {
      if (mine === this.#round) this.error = HostError.from(thrown);
    } finally {
      clearTimeout(timer);
      if (mine === this.#round) {
        this.searching = false;
        this.slow = false;
      }
    }
  }

  /** The form follows the address and what was found for it; settings typed by hand for the same domain stay. */
  #fill(): void {
    const email = this.email.trim();
    const same = domainOf(this.form.email) === this.domain;
    if (this.byHand && same) {
      this.form.email = email;
      return;
    }
    const { days, name } = this.form;
    const form = { ...guess(email, same ? name : ''), days };
    if (same) Object.assign(form, { password: this.form.password, appPassword: this.form.appPassword });
    this.form = this.found && !this.found.pop3_only ? withFound(form, this.found) : form;
  }

  /** From the address to the step that it needs. */
  async next(): Promise<void> {
    if (this.provider !== 'other') await this.search();
    this.#fill();
    const { found } = this;
    const byHand = this.byHand && this.chosenWay !== 'oauth';
    if (byHand && this.checked) return this.go('days');
    if (byHand || this.provider === 'other') return this.openAdvanced('asked');
    if (this.error || this.searching || this.view?.offline) return;
    if (!found) return this.openAdvanced('nothing');
    if (found.pop3_only) return this.openAdvanced('pop3');
    if (!found.trusted && !this.accepted) return this.go('servers');
    await this.begin();
  }

  /** Signing in, in the way that the provider wants. */
  async begin(): Promise<void> {
    const { found, way } = this;
    if (way === 'unsupported') {
      if (found?.oauth_missing) this.openAdvanced('oauth');
      return;
    }
    if (way !== 'oauth' || !found?.oauth) {
      this.form.grant = null;
      this.form.appPassword = way === 'app_password';
      return this.go('password');
    }
    const grant = await this.signIn.start(found.oauth, this.email.trim());
    if (!grant) return;
    this.form = { ...this.form, grant, password: '', outgoingPassword: '' };
    this.go('check');
  }

  /** Another kind of password, on the same page. */
  prefer(way: SignInWay): void {
    this.chosenWay = way;
    this.form.appPassword = way === 'app_password';
  }

  /** A way that the person prefers to the best one. */
  async choice(way: SignInWay): Promise<void> {
    this.signIn.cancel();
    this.chosenWay = way;
    if (way === 'oauth' && this.step !== 'address') {
      this.step = 'address';
      this.#trail = [];
    }
    await this.begin();
  }

  /** Tries both servers, unless that is done for these very settings. */
  async check(again = false): Promise<void> {
    if (this.checking || (!again && this.checked)) return;
    const mine = ++this.#checkRound;
    const asked = tested(this.form);
    this.checking = true;
    this.checkSlow = false;
    this.checkError = undefined;
    this.result = undefined;
    const timer = setTimeout(() => (this.checkSlow = mine === this.#checkRound), SLOW_CHECK_MS);
    try {
      const result = await call('account_verify', draftOf(this.form));
      if (mine !== this.#checkRound) return;
      this.result = result;
      this.#resultOf = asked;
      const codes = [result.incoming, result.outgoing].filter((side) => !side.ok).map((side) => side.code ?? '');
      if (codes.length && !codes.some((code) => elsewhere.has(code))) this.openAdvanced('failed');
    } catch (thrown) {
      if (mine === this.#checkRound) this.checkError = HostError.from(thrown);
    } finally {
      clearTimeout(timer);
      if (mine === this.#checkRound) this.checking = false;
    }
  }

  openAdvanced(why: Why): void {
    if (domainOf(this.form.email) !== this.domain) this.#fill();
    if (why === 'failed' || domainOf(this.hand.email) !== this.domain) this.hand = { ...$state.snapshot(this.form) };
    else this.hand.email = this.email.trim();
    this.why = why;
    this.advanced = true;
  }

  readonly hint = $derived.by(() => {
    const domain = this.domain;
    if (this.why === 'nothing') return t('advanced.hintNothing', { domain });
    if (this.why === 'pop3') return t('advanced.hintPop3', { domain });
    if (this.why === 'failed') return t('advanced.hintFailed');
    if (this.why === 'resumed') return t('advanced.hintResumed');
    const provider = this.found?.provider_name || domain;
    if (this.why === 'oauth')
      return `${t('wizard.oauthMissing', { provider })} ${t('wizard.oauthMissingNone', { provider })}`;
    return this.found && !this.byHand ? t('advanced.hintFound', { domain }) : t('advanced.hint', { domain });
  });

  /** The advanced settings were tried and saved. */
  saved(result: VerifyView): void {
    this.advanced = false;
    this.byHand = true;
    this.form = { ...$state.snapshot(this.hand), name: this.form.name, days: this.form.days };
    this.result = result;
    this.#resultOf = tested(this.form);
    if (this.step !== 'days') this.go('days');
  }

  async connect(): Promise<boolean> {
    if (this.connecting) return false;
    this.connecting = true;
    const timer = setTimeout(() => (this.connectSlow = true), SLOW_CHECK_MS);
    this.connectError = undefined;
    // From here on an account exists, and the window must not take the wizard for finished.
    view.wizard = true;
    try {
      const added = await call('account_add', draftOf(this.form));
      this.form = { ...this.form, password: '', outgoingPassword: '', grant: null };
      this.account = added.id;
      void keep(undefined);
      await app.refresh();
      this.step = 'progress';
      return true;
    } catch (thrown) {
      this.connectError = HostError.from(thrown);
      return false;
    } finally {
      clearTimeout(timer);
      this.connectSlow = false;
      this.connecting = false;
    }
  }

  /** A name is offered from the address until the person gives one. */
  suggestName(): void {
    this.form.name ||= guessName(this.email);
  }
}
