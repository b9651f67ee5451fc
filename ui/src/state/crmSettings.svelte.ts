import { call, type AddressCheck, type CrmSettings, type Id, type RuleView } from '../host';
import { toastError } from './actions.svelte';
import { app } from './app.svelte';
import { Query } from './query.svelte';
import { view } from './view.svelte';

/** What holds for all archiving. */
export const crmSettings = new Query<CrmSettings>(() => call('crm_settings_get', {}), [{ table: 'setting' }]);

/** Rules that archive by themselves. */
export const rules = new Query<RuleView[]>(() => call('rule_list', {}), [{ table: 'setting' }]);

/** Whether the mailboxes' addresses are those on one's own card. */
export const addressChecks = new Query<AddressCheck[]>(
  () => call('address_checks', {}),
  [{ table: 'crm' }, { table: 'crm_state' }, { table: 'account' }],
  200,
  () => view.settings,
);

let unsaved: Partial<CrmSettings> = {};

/** Saves; what is shown changes at once. */
export async function saveCrm(change: Partial<CrmSettings>): Promise<void> {
  if (!crmSettings.data) return;
  unsaved = { ...unsaved, ...change };
  crmSettings.data = { ...crmSettings.data, ...unsaved };
  try {
    await call('crm_settings_set', crmSettings.data);
  } catch (thrown) {
    toastError(thrown);
  } finally {
    unsaved = {};
    await crmSettings.refresh();
  }
}

async function then(run: () => Promise<unknown>, query: { refresh(): Promise<void> }): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (thrown) {
    toastError(thrown);
    return false;
  } finally {
    await query.refresh();
  }
}

export const switchRule = (rule: RuleView, on: boolean) => then(() => call('rule_save', { ...rule, on }), rules);
export const removeRule = (id: Id) => then(() => call('rule_delete', { id }), rules);
export const refreshCrm = () => then(() => call('crm_refresh', {}), app);
export const acceptAddress = (id: Id) => then(() => call('address_accept', { id }), addressChecks);
export const repairAddress = (id: Id) => then(() => call('address_repair', { id }), addressChecks);
