/* eslint-disable svelte/prefer-svelte-reactivity -- nothing is drawn from it */
import { call, type Id, type OperationView, type OutboxChoice, type OutboxView } from '../host';
import { toastError } from './actions.svelte';
import { openComposer } from './composer.svelte';
import { Query } from './query.svelte';

/** Mails on their way out. */
export const outbox = new Query<OutboxView[]>(() => call('outbox_list', {}), [{ table: 'outbox' }]);

/** Changes that the server refused. */
export const refused = new Query<OperationView[]>(() => call('operation_list', {}), [{ table: 'operation' }]);

/** What a person decided about a mail that is held or has failed. */
export async function resolve(id: Id, choice: OutboxChoice): Promise<void> {
  try {
    const before = choice === 'edit' ? new Set((await call('draft_list', {})).map((one) => one.id)) : undefined;
    await call('outbox_resolve', { id, choice });
    if (before) {
      const draft = (await call('draft_list', {})).find((one) => !before.has(one.id));
      if (draft) openComposer({ kind: draft.kind, draft: draft.id });
    }
  } catch (thrown) {
    toastError(thrown);
  } finally {
    await outbox.refresh();
  }
}

export async function retryRefused(id: Id): Promise<void> {
  try {
    await call('operation_retry', { id });
  } catch (thrown) {
    toastError(thrown);
  } finally {
    await refused.refresh();
  }
}

export async function discardRefused(id: Id): Promise<void> {
  try {
    await call('operation_discard', { id });
  } catch (thrown) {
    toastError(thrown);
  } finally {
    await refused.refresh();
  }
}
