import type { AccountDraft, AccountView } from '../../host';

/** A saved account as a draft to be changed. Empty passwords: those that are kept. */
export function saved(account: AccountView): AccountDraft {
  return {
    email: account.email,
    name: account.name,
    incoming: account.incoming,
    incoming_user: account.incoming_user,
    incoming_password: '',
    outgoing: account.outgoing,
    outgoing_user: account.outgoing_user,
    outgoing_password: '',
    days: account.days,
    grant: null,
  };
}

/** Names of the providers that one signs in to in the browser; others are called by their id. */
const providers: Record<string, string> = {
  google: 'Google',
  microsoft: 'Microsoft',
  yahoo: 'Yahoo',
  fastmail: 'Fastmail',
};

export function providerName(id: string): string {
  return providers[id] ?? id;
}
