/** Providers by name: the ones to choose from, their icons, and whose steps lead to an app password. */
import type { IconName } from '../../components/icons';
import type { FoundView, SignInWay } from '../../host';
import { t, type Key } from '../../i18n/index.svelte';

export const choices = ['google', 'microsoft365', 'outlook', 'yahoo', 'icloud', 'other'] as const;
export type Choice = (typeof choices)[number];

export function choiceName(choice: Choice): string {
  return t(`provider.${choice}`);
}

/** Neutral signs, not the providers' own. */
export function providerIcon(id: string): IconName {
  const icons: Record<string, IconName> = {
    google: 'envelope',
    microsoft365: 'buildings',
    outlook: 'envelopeOpen',
    yahoo: 'at',
    icloud: 'cloud',
    other: 'slidersHorizontal',
  };
  return icons[id] ?? 'globe';
}

/** What the button and the sentences call it. */
export function providerName(found: FoundView | undefined, domain: string): string {
  return found?.provider_name || domain;
}

/** The name on the sign-in page, which is the provider's, not the product's. */
export function signInName(found: FoundView): string {
  const names: Record<string, string> = {
    google: 'Google',
    microsoft: 'Microsoft',
    yahoo: 'Yahoo',
    fastmail: 'Fastmail',
  };
  return names[found.oauth ?? ''] ?? found.provider_name;
}

const families = ['google', 'yahoo', 'aol', 'icloud', 'gmx', 'webde', 'fastmail'] as const;

/** The steps to an app password at this provider. */
export function appPasswordSteps(found: FoundView | undefined): Key[] {
  const id = (found?.provider_id ?? '').toLowerCase().replace(/[^a-z0-9]/g, '');
  const family = families.find((one) => id.startsWith(one)) ?? 'generic';
  return ([1, 2, 3] as const).map((step) => `appPassword.${family}.${step}` as Key);
}

/** How one signs in there, the best way that is possible. */
export function bestWay(found: FoundView): SignInWay {
  return found.sign_in[0] ?? 'unsupported';
}

/** Both servers stand below the address's own domain. */
export function ownDomain(found: FoundView, domain: string): boolean {
  const below = (host: string) => host === domain || host.endsWith(`.${domain}`);
  return below(found.incoming.host.toLowerCase()) && below(found.outgoing.host.toLowerCase());
}
