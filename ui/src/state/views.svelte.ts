import { call, type BusinessViews } from '../host';
import { Query } from './query.svelte';

/** How much waits where, and which companies and sales have mails of late. Gathered: it follows every new mail. */
export const views = new Query<BusinessViews>(
  () => call('business_views', {}),
  [{ table: 'message' }, { table: 'archive' }, { table: 'crm' }],
  1000,
);
