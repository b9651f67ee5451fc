/** What a person types to connect a mailbox, and the draft that comes of it. Pure, for tests. */
import type { AccountDraft, EndpointView, SecurityView } from '../../host';

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

export function validPort(port: string): boolean {
  return /^\d{1,5}$/.test(port.trim()) && Number(port) >= 1 && Number(port) <= 65535;
}

function endpoint(text: EndpointText): EndpointView {
  const { host, port } = splitHost(text.host);
  return { host, port: Number(port || text.port), security: text.security };
}

/** What is missing before a test makes sense, by field. */
export function faults(
  form: Form,
): Set<'imapHost' | 'imapPort' | 'smtpHost' | 'smtpPort' | 'user' | 'password' | 'outgoingUser' | 'outgoingPassword'> {
  const found: ReturnType<typeof faults> = new Set();
  const incoming = splitHost(form.incoming.host);
  const outgoing = splitHost(form.outgoing.host);
  if (!incoming.host) found.add('imapHost');
  if (!validPort(incoming.port || form.incoming.port)) found.add('imapPort');
  if (!outgoing.host) found.add('smtpHost');
  if (!validPort(outgoing.port || form.outgoing.port)) found.add('smtpPort');
  if (!form.user.trim()) found.add('user');
  if (!form.password) found.add('password');
  if (!form.same && !form.outgoingUser.trim()) found.add('outgoingUser');
  if (!form.same && !form.outgoingPassword) found.add('outgoingPassword');
  return found;
}

export function draftOf(form: Form): AccountDraft {
  return {
    email: form.email.trim(),
    name: form.name.trim(),
    incoming: endpoint(form.incoming),
    incoming_user: form.user.trim(),
    incoming_password: form.password,
    outgoing: endpoint(form.outgoing),
    outgoing_user: form.same ? '' : form.outgoingUser.trim(),
    outgoing_password: form.same ? '' : form.outgoingPassword,
    days: form.days,
  };
}

/** The settings that a test is about: another name or number of days does not make it stale. */
export function tested(form: Form): string {
  return JSON.stringify({ ...draftOf(form), name: '', days: 0 });
}
