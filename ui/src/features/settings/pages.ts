import type { IconName } from '../../components/icons';
import type { Key } from '../../i18n/index.svelte';

/** A section of the settings: `title` in the rail and above it, `hint` below that. */
export interface SettingsPage {
  name: string;
  title: Key;
  hint?: Key;
  icon: IconName;
}

export const pages: readonly SettingsPage[] = [
  { name: 'accounts', title: 'settings.accounts', hint: 'settings.accountsHint', icon: 'envelope' },
  { name: 'reading', title: 'settings.reading', hint: 'settings.readingHint', icon: 'textAa' },
  { name: 'signature', title: 'settings.signature', hint: 'settings.signatureHint', icon: 'signature' },
  { name: 'notify', title: 'settings.notifications', hint: 'settings.notificationsHint', icon: 'bell' },
  { name: 'crm', title: 'settings.crm', hint: 'settings.crmHint', icon: 'buildings' },
  { name: 'connection', title: 'settings.connection', hint: 'settings.connectionHint', icon: 'plugs' },
  { name: 'privacy', title: 'settings.privacyTitle', hint: 'settings.privacyHint', icon: 'shieldCheck' },
  { name: 'shortcuts', title: 'settings.shortcuts', hint: 'settings.shortcutsHint', icon: 'keyboard' },
  { name: 'about', title: 'settings.about', icon: 'info' },
];

/** The section of a name; the first where there is none of that name. */
export function pageOf(name: string): SettingsPage {
  return pages.find((one) => one.name === name) ?? pages[0]!;
}
