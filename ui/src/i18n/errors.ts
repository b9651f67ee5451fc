/**
 * One table from a code of the engine to how grave it is, its words, and what a person can do next.
 * A code that has no line here does not compile.
 */
import type { Code } from '../host/bindings';
import { hasKey, t, type Key, type Params } from './index.svelte';

export type Severity = 'info' | 'warning' | 'error';

/** What the button beside an error does. The place that shows the error knows how. */
export type ErrorAction =
  | 'retry'
  | 'settings'
  | 'signIn'
  | 'secrets'
  | 'unlock'
  | 'doctor'
  | 'saveFile'
  | 'accounts'
  | 'crmSignIn'
  | 'crmSettings'
  | 'reload'
  | 'archiveQueue'
  | 'unmark'
  | null;

export interface ErrorEntry {
  severity: Severity;
  action: ErrorAction;
}

const e = (severity: Severity, action: ErrorAction): ErrorEntry => ({ severity, action });

export const errors: Record<Code, ErrorEntry> = {
  host_unknown: e('error', 'settings'),
  port_refused: e('error', 'settings'),
  timeout: e('warning', 'retry'),
  offline: e('info', 'retry'),
  tls_to_plain_port: e('error', 'settings'),
  plain_to_tls_port: e('error', 'settings'),
  starttls_missing: e('error', 'settings'),
  certificate_expired: e('error', 'retry'),
  certificate_wrong_name: e('error', 'settings'),
  certificate_unknown_issuer: e('error', 'retry'),
  certificate_invalid: e('error', 'retry'),
  tls_failed: e('error', 'settings'),
  pop3: e('error', 'settings'),
  not_mail: e('error', 'settings'),
  sign_in_refused: e('error', 'settings'),
  sign_in_unsupported: e('error', 'settings'),
  sign_in_again: e('warning', 'signIn'),
  oauth_needed: e('warning', 'signIn'),
  app_password_needed: e('warning', 'settings'),
  imap_disabled: e('error', 'retry'),
  smtp_auth_disabled: e('error', 'retry'),
  sign_in_blocked: e('error', 'retry'),
  too_many_connections: e('warning', 'retry'),
  quota_exceeded: e('warning', 'retry'),
  server_unavailable: e('warning', 'retry'),
  proxy_failed: e('error', 'retry'),
  proxy_sign_in: e('error', 'retry'),
  captive_portal: e('warning', 'retry'),
  clock_wrong: e('error', 'retry'),
  policy_forbids: e('info', null),
  account_limit: e('info', 'accounts'),
  oauth_cancelled: e('info', 'retry'),
  oauth_denied: e('warning', 'retry'),
  oauth_failed: e('error', 'retry'),
  oauth_scope: e('warning', 'retry'),
  no_oauth_client: e('info', null),
  connection_closed: e('warning', 'retry'),
  server_refused: e('error', 'retry'),
  recipient_refused: e('error', null),
  message_too_large: e('error', null),
  secrets_missing: e('warning', 'secrets'),
  secrets_locked: e('warning', 'unlock'),
  account_exists: e('info', 'accounts'),
  not_found: e('info', null),
  folder_exists: e('warning', null),
  folder_name: e('warning', null),
  folder_special: e('info', null),
  folder_waits: e('warning', null),
  not_permitted: e('error', null),
  keyword_refused: e('info', null),
  body_missing: e('warning', 'retry'),
  dangerous_file: e('warning', 'saveFile'),
  cancelled: e('info', 'retry'),
  file_failed: e('error', 'retry'),
  disk_full: e('error', 'retry'),
  no_recipient: e('warning', null),
  invalid_input: e('warning', null),
  too_late_to_undo: e('info', null),
  no_record: e('warning', null),
  profile_busy: e('error', 'retry'),
  store_damaged: e('error', null),
  store_version: e('error', null),
  crm_sign_in_again: e('warning', 'crmSignIn'),
  crm_forbidden: e('error', 'retry'),
  crm_conflict: e('warning', 'reload'),
  crm_not_running: e('warning', 'crmSettings'),
  crm_rate_limited: e('info', 'archiveQueue'),
  crm_unavailable: e('warning', 'retry'),
  crm_maintenance: e('info', 'archiveQueue'),
  crm_too_many: e('info', null),
  crm_too_large: e('error', null),
  crm_refused: e('error', null),
  crm_cannot: e('info', null),
  crm_other: e('warning', null),
  crm_not_open: e('error', 'crmSettings'),
  private: e('info', 'unmark'),
  crm_failed: e('warning', 'retry'),
  internal: e('error', 'retry'),
};

export interface ErrorWords extends ErrorEntry {
  code: string;
  title: string;
  next: string;
  /** Words of the button, where there is an action. */
  actionLabel: string;
}

function isKnown(code: string): code is Code {
  return Object.hasOwn(errors, code);
}

/** The words for a code. One that this table does not know (a newer engine) is shown as a general fault. */
export function errorWords(code: string | null | undefined, params: Params = {}): ErrorWords {
  const known = code && isKnown(code) ? code : null;
  const entry = known ? errors[known] : e('error', 'retry');
  const stem = known ?? 'unknown';
  const all = { crm: 'CRM', ...params };
  return {
    ...entry,
    code: code ?? 'unknown',
    title: t(`error.${stem}.title` as Key, all),
    next: t(`error.${stem}.next` as Key, all),
    actionLabel: entry.action && hasKey(`error.action.${entry.action}`) ? t(`error.action.${entry.action}` as Key) : '',
  };
}

/** The code of whatever was thrown: the host throws objects with `code`. */
export function codeOf(thrown: unknown): string {
  if (thrown && typeof thrown === 'object' && 'code' in thrown) return String(thrown.code);
  return 'unknown';
}

/** The technical detail of whatever was thrown, or nothing. */
export function detailOf(thrown: unknown): string {
  if (thrown && typeof thrown === 'object' && 'detail' in thrown) return String(thrown.detail);
  return '';
}
