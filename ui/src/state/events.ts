import { host } from '../host';
import { toastError } from './actions.svelte';
import { accountEvent } from './app.svelte';
import { attachmentEvent } from './attachments.svelte';
import { openComposer } from './composer.svelte';
import { changed } from './query.svelte';
import { openMessage } from './reader.svelte';
import { view } from './view.svelte';

/** Follows what the engine tells. Answers a function that stops. */
export function followEvents(): () => void {
  return host().events((event) => {
    switch (event.kind) {
      case 'change':
        changed(event);
        break;
      case 'account':
        accountEvent(event);
        break;
      case 'attachment':
        attachmentEvent(event);
        break;
      case 'open':
        view.page = 'mail';
        openMessage(event.message).catch(toastError);
        break;
      case 'reply':
        view.page = 'mail';
        view.settings = false;
        openComposer({ kind: 'reply', message: event.message });
        break;
      case 'compose':
        view.settings = false;
        openComposer({ kind: 'new', mailto: event.mailto });
        break;
      case 'close_asked':
        view.closeAsked = true;
        break;
    }
  });
}
