/** Why the connected CRM cannot do something, in words. */
import { hasKey, t } from '../i18n/index.svelte';
import { crmName, whyNot } from '../state/app.svelte';

/** Empty: it can. */
export function whyWords(what: string): string {
  const why = whyNot(what);
  return why ? reasonWords(why, crmName()) : '';
}

export function reasonWords(why: string, crm: string): string {
  const key = `crm.why.${why}`;
  return t(hasKey(key) ? key : 'crm.why.not_in_crm', { crm });
}

/** What it is that cannot be done; a capability that this table does not know is named as it is. */
export function capabilityWords(what: string): string {
  const key = `crm.cap.${what}`;
  return hasKey(key) ? t(key) : what;
}
