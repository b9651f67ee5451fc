/** What a person types to connect a mailbox, and the draft that comes of it. Pure, for tests. */
import type { AccountDraft, AccountView, EndpointView, FoundView, SecurityView } from '../../host';

export type Side = 'incoming' | 'outgoing';

export interface Form {
  email: string;
  name: string;
  incoming: EndpointText;
  outgoing: EndpointText;
  user: string;
  password: string;
  /** The same user name and password for outgoing mail. */
  same: boolean;
  outgoingUser: string;
  outgoingPassword: string;
  days: number;
  /** A finished sign-in in the browser, in place of passwords. */
  grant: string | null;
  /** The password is one that was made for this program: shown in groups, sent without the gaps. */
  appPassword: boolean;
  /** The person knows that a side without encryption shows password and mail to others. */
  plainAccepted: boolean;
}

/** A server as typed: the port is text until it is sent. */
export interface EndpointText {
  host: string;
  port: string;
  security: SecurityView;
}

const usual: Record<Side, Record<SecurityView, string>> = {
  incoming: { tls: '993', starttls: '143', none: '143' },
  outgoing: { tls: '465', starttls: '587', none: '587' },
};

export function usualPort(side: Side, security: SecurityView): string {
  return usual[side][security];
}

/** With another security comes its usual port, unless the person typed one of their own. */
export function portFor(side: Side, security: SecurityView, port: string): string {
  const known = ['', '25', ...Object.values(usual[side])];
  return known.includes(port.trim()) ? usualPort(side, security) : port;
}

export function domainOf(email: string): string {
  return email.split('@').pop()?.trim().toLowerCase() ?? '';
}

export function looksLikeEmail(email: string): boolean {
  return /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+$/.test(email.trim()) || /^[^\s@<>,;]+@localhost$/.test(email.trim());
}

/** First names and last names as addresses often have them: `ingrid.hauge@` is Ingrid Hauge. */
export function guessName(email: string): string {
  const local = email.split('@')[0] ?? '';
  if (!/^\p{L}+([._-]\p{L}+)+$/u.test(local)) return '';
  return local
    .split(/[._-]/)
    .map((part) => part.charAt(0).toLocaleUpperCase() + part.slice(1))
    .join(' ');
}

/** Settings that many servers have: a beginning, for the person to correct. */
export function guess(email: string, name = ''): Form {
  const domain = domainOf(email);
  return {
    email: email.trim(),
    name: name.trim() || guessName(email),
    incoming: { host: `imap.${domain}`, port: '993', security: 'tls' },
    outgoing: { host: `smtp.${domain}`, port: '587', security: 'starttls' },
    user: email.trim(),
    password: '',
    same: true,
    outgoingUser: '',
    outgoingPassword: '',
    days: 30,
    grant: null,
    appPassword: false,
    plainAccepted: false,
  };
}

/** A form with the servers that were found; what was typed before stays. */
export function withFound(form: Form, found: FoundView): Form {
  const sameUser = found.outgoing_user === '' || found.outgoing_user === found.incoming_user;
  return {
    ...form,
    incoming: endpointText(found.incoming),
    outgoing: endpointText(found.outgoing),
    user: found.incoming_user || form.email,
    same: sameUser,
    outgoingUser: sameUser ? '' : found.outgoing_user,
  };
}

function endpointText({ host, port, security }: EndpointView): EndpointText {
  return { host, port: String(port), security };
}

/** A form for editing a saved account: its passwords stay where they are. */
export function formOf(account: AccountView): Form {
  const same = account.outgoing_user === '' || account.outgoing_user === account.incoming_user;
  return {
    ...guess(account.email, account.name),
    incoming: endpointText(account.incoming),
    outgoing: endpointText(account.outgoing),
    user: account.incoming_user,
    same,
    outgoingUser: same ? '' : account.outgoing_user,
    days: account.days,
    plainAccepted: account.incoming.security === 'none' || account.outgoing.security === 'none',
  };
}

/** `server:port` and `[::1]:port` as two; a bare IPv6 address stays whole. */
export function splitHost(typed: string): { host: string; port: string } {
  const text = typed
    .trim()
    .replace(/^(imaps?|smtps?):\/\//i, '')
    .replace(/\/+$/, '');
  const match = /^(\[[^\]]+\]|[^:\s]+):(\d{1,5})$/.exec(text);
  return match ? { host: match[1] ?? '', port: match[2] ?? '' } : { host: text, port: '' };
}

/** Whether a field is left for another: the window's losing the focus in the middle of typing leaves nothing. */
export function isLeft(event: FocusEvent): boolean {
  return document.activeElement !== event.currentTarget;
}

export function validPort(port: string): boolean {
  return /^\d{1,5}$/.test(port.trim()) && Number(port) >= 1 && Number(port) <= 65535;
}

function endpoint(text: EndpointText): EndpointView {
  const { host, port } = splitHost(text.host);
  return { host, port: Number(port || text.port), security: text.security };
}

export type Fault =
  | 'imapHost'
  | 'imapPort'
  | 'imapPop'
  | 'smtpHost'
  | 'smtpPort'
  | 'user'
  | 'password'
  | 'outgoingUser'
  | 'outgoingPassword'
  | 'plain';

/** POP3 by its usual ports. A name alone says little: behind `pop.` many a server speaks IMAP too. */
export function looksLikePop(text: EndpointText): boolean {
  return ['110', '995'].includes((splitHost(text.host).port || text.port).trim());
}

/** A side asks for no encryption. */
export function isPlain(form: Form): boolean {
  return form.incoming.security === 'none' || form.outgoing.security === 'none';
}

/** What is missing before a test makes sense. `kept`: empty passwords stand for those that are kept. */
export function faults(form: Form, kept = false): Set<Fault> {
  const found = new Set<Fault>();
  const incoming = splitHost(form.incoming.host);
  const outgoing = splitHost(form.outgoing.host);
  const needsPassword = form.grant === null && !kept;
  if (!incoming.host) found.add('imapHost');
  if (!validPort(incoming.port || form.incoming.port)) found.add('imapPort');
  if (looksLikePop(form.incoming)) found.add('imapPop');
  if (!outgoing.host) found.add('smtpHost');
  if (!validPort(outgoing.port || form.outgoing.port)) found.add('smtpPort');
  if (!form.user.trim()) found.add('user');
  if (needsPassword && !form.password) found.add('password');
  if (!form.same && !form.outgoingUser.trim()) found.add('outgoingUser');
  if (!form.same && needsPassword && !form.outgoingPassword) found.add('outgoingPassword');
  if (isPlain(form) && !form.plainAccepted) found.add('plain');
  return found;
}

/** App passwords are shown in groups (`abcd efgh ijkl mnop`), and copied with the gaps; servers want them without. */
export function bare(password: string, appPassword: boolean): string {
  const grouped = /^\s*[a-z]{4}(\s[a-z]{4}){3}\s*$/.test(password);
  return appPassword || grouped ? password.replace(/\s/g, '') : password;
}

export function draftOf(form: Form): AccountDraft {
  return {
    email: form.email.trim(),
    name: form.name.trim(),
    incoming: endpoint(form.incoming),
    incoming_user: form.user.trim(),
    incoming_password: form.grant ? '' : bare(form.password, form.appPassword),
    outgoing: endpoint(form.outgoing),
    outgoing_user: form.same ? '' : form.outgoingUser.trim(),
    outgoing_password: form.same || form.grant ? '' : bare(form.outgoingPassword, form.appPassword),
    days: form.days,
    grant: form.grant,
  };
}

/** The settings that a test is about: another name or number of days does not make it stale. */
export function tested(form: Form): string {
  return JSON.stringify({ ...draftOf(form), name: '', days: 0 });
}
