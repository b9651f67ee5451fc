import { call, type Id } from '../host';
import { t } from '../i18n/index.svelte';
import { toastError } from './actions.svelte';
import { customer } from './crm.svelte';
import { list } from './list.svelte';
import { toast } from './toasts.svelte';

/** Marks mails private, so that nothing ever archives them, or takes the mark off; `conversation`: with all of theirs. */
export async function setPrivate(messages: readonly Id[], on: boolean, conversation = false): Promise<void> {
  if (!messages.length) return;
  list.patch(messages, { private: on });
  try {
    await call('private_set', { messages: [...messages], conversation, private: on });
    toast(t(on ? 'toast.private' : 'toast.notPrivate', { count: messages.length }), {
      action: on
        ? { label: t('common.undo'), run: () => void setPrivate(messages, false, conversation), testid: 'toast-undo' }
        : undefined,
    });
  } catch (thrown) {
    toastError(thrown);
  } finally {
    await list.settle(messages);
    await customer.query.refresh();
  }
}

/** Marks those that are not private yet, so that Undo takes back only these; where all are, takes the mark off. */
export function togglePrivate(messages: readonly Id[], conversation = false): Promise<void> {
  const anyOpen = messages.some((id) => list.row(id)?.private === false);
  // a row that is not loaded is marked too: better once too often than a private mail archived
  const those = anyOpen ? messages.filter((id) => list.row(id)?.private !== true) : messages;
  return setPrivate(those, anyOpen, conversation);
}
