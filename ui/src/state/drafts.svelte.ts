import { call, type DraftView } from '../host';
import { Query } from './query.svelte';

/** Mails that were begun and not sent; they lie on this computer. */
export const drafts = new Query<DraftView[]>(() => call('draft_list', {}), [{ table: 'draft' }], 200);
