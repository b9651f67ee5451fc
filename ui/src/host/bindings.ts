// Written by `cargo xtask gen` from crates/api. Not to be edited by hand.

/**
 * What a person typed to connect a mailbox.
 */
export type AccountDraft = { email: string, name: string, incoming: EndpointView, incoming_user: string, incoming_password: string, outgoing: EndpointView, 
/**
 * Empty: the same as incoming.
 */
outgoing_user: string, 
/**
 * Empty: the same as incoming.
 */
outgoing_password: string, 
/**
 * Days of mail to fetch; 0 is all.
 */
days: number, 
/**
 * A finished sign-in in the browser (`sign_in_start`), in place of passwords.
 */
grant: string | null, };

/**
 * Other settings for a saved account; its mail stays. Empty passwords: those that are kept.
 */
export type AccountEdit = { id: string, draft: AccountDraft, };

/**
 * What goes when an account is removed from this computer, and what would be lost with it.
 */
export type AccountRemoval = { email: string, 
/**
 * Mails in the local copy.
 */
mails: number, drafts: number, 
/**
 * Not sent yet, newest first.
 */
unsent: Array<UnsentView>, 
/**
 * Waiting to be archived in the CRM.
 */
archives: number, 
/**
 * Changes that the server has not heard of yet.
 */
operations: number, };

/**
 * Signing in again to a saved account: with a finished sign-in, or a password.
 */
export type AccountSignIn = { id: string, grant: string | null, password: string | null, };

export type AccountState = "starting" | "syncing" | "idle" | "offline" | "sign_in_needed" | "failed";

export type AccountView = { id: string, email: string, name: string, incoming: EndpointView, incoming_user: string, outgoing: EndpointView, outgoing_user: string, days: number, 
/**
 * Signs in with OAuth: the provider's id. None: with a password.
 */
oauth: string | null, state: AccountState, 
/**
 * Set with Failed, Offline and SignInNeeded.
 */
code: string | null, progress: Progress | null, };

export type ActionRequest = { "kind": "read" } | { "kind": "unread" } | { "kind": "flag" } | { "kind": "unflag" } | { "kind": "done" } | { "kind": "junk" } | { "kind": "delete" } | { "kind": "move", folder: string, } | { "kind": "copy", folder: string, } | { "kind": "keyword_add", keyword: string, } | { "kind": "keyword_remove", keyword: string, };

export type ActivityKind = "call" | "mail" | "meeting" | "task" | "note";

export type ActivityView = { id: string, kind: ActivityKind, title: string, date: number, 
/**
 * The mail it was archived from, where that is on this computer.
 */
message: string | null, };

/**
 * An account's address beside the address on one's own card in the CRM.
 */
export type AddressCheck = { account: string, email: string, 
/**
 * Empty: the card says none.
 */
card: string, state: AddressState, 
/**
 * The card can be changed from here.
 */
repairable: boolean, };

export type AddressState = "fits" | "differs" | "accepted";

export type AddressView = { name: string, email: string, };

export type AfterFirst = "offer" | "automatic" | "nothing";

export type ApiError = { code: Code, 
/**
 * For the curious and for scripts; never an address, a subject or a secret.
 */
detail: string, 
/**
 * The same call may succeed later.
 */
retryable: boolean, };

export type AppState = { version: string, accounts: Array<AccountView>, crm: CrmView, settings: Settings, 
/**
 * The language in use.
 */
language: string, secrets: SecretStore, 
/**
 * The desktop has a tray.
 */
tray: boolean, outbox: number, 
/**
 * Operations that the server refused.
 */
refused: number, 
/**
 * So little room is left on the disk that mail is not fetched; it goes on when there is room.
 */
disk_full: boolean, 
/**
 * Set when a damaged mail store was set aside at start.
 */
store_set_aside: boolean, policy: PolicyView, };

/**
 * What the dialog asks; the one key leaves it all out.
 */
export type ArchiveChoice = { 
/**
 * One mail only; None: its subject.
 */
title: string | null, 
/**
 * One mail only; None: its date. Seconds since 1970.
 */
date: number | null, 
/**
 * A `MailTypeView`'s id; empty: the CRM's default.
 */
mail_type: string, visible: VisibleTo, 
/**
 * With the mail's attachments.
 */
attachments: boolean, };

/**
 * What came of archiving several.
 */
export type ArchiveDone = { archived: Array<ArchivedView>, refused: Array<NotArchived>, };

/**
 * What the dialog shows besides the suggestions of the panel.
 */
export type ArchiveOptions = { choice: ArchiveChoice, 
/**
 * Empty: nothing to choose, or not asked for yet (`mail_types`).
 */
mail_types: Array<MailTypeView>, 
/**
 * Mails of the conversation that are not archived, this one included.
 */
conversation: number, 
/**
 * Later mails of the conversation are archived by themselves.
 */
follow: boolean, attachments: number, 
/**
 * Marked private: nothing may be archived.
 */
private: boolean, };

/**
 * A mail on its way into the CRM.
 */
export type ArchiveQueued = { archived: ArchivedView, 
/**
 * None: the mail is not on this computer.
 */
row: MessageRow | null, };

export type ArchiveRequest = { messages: Array<string>, 
/**
 * Empty: what is suggested and selected.
 */
records: Array<RecordView>, 
/**
 * None: the defaults of the settings.
 */
choice: ArchiveChoice | null, 
/**
 * All mails of their conversations that are not archived yet, without the private ones.
 */
conversation: boolean, 
/**
 * Later mails of the conversations are archived by themselves; None: as the settings say.
 */
follow: boolean | null, };

export type ArchiveState = "queued" | "done" | "failed";

export type ArchivedView = { 
/**
 * Empty: a colleague archived it, and nothing here did.
 */
id: string, state: ArchiveState, records: Array<RecordView>, date: number, by: string, 
/**
 * Failed only.
 */
code: string | null, 
/**
 * The mail was there before this call.
 */
already: boolean, 
/**
 * A rule or the conversation's choice did it.
 */
automatic: boolean, 
/**
 * Name of the CRM that has it, where that is not the one connected now.
 */
elsewhere: string, };

export type AttachmentView = { 
/**
 * The part's number within the mail.
 */
part: number, name: string, mime: string, size: number, 
/**
 * Shown inside the HTML by Content-ID.
 */
inline: boolean, 
/**
 * A kind that can run when opened.
 */
dangerous: boolean, };

/**
 * The rail's business part: how much waits where, and which companies and sales have mails of late.
 */
export type BusinessViews = { customers_unread: number, not_archived: number, not_in_crm: number, 
/**
 * Those of the newest mails, at most 8 each.
 */
companies: Array<RecordView>, sales: Array<RecordView>, };

export type CardsDone = { people: number, companies: number, 
/**
 * Lines that could not be read.
 */
left_out: number, };

/**
 * Cards read or written by the embedded CRM.
 */
export type CardsFile = { 
/**
 * A `.csv` or `.vcf` file.
 */
path: string, };

/**
 * One certificate that a person has accepted for one server.
 */
export type CertificateException = { host: string, port: number, sha256: string, };

/**
 * A server's certificate that normal checks refuse.
 */
export type CertificateView = { 
/**
 * Of the whole certificate: upper-case hex pairs with colons.
 */
sha256: string, subject: string, issuer: string, 
/**
 * The names it is made out to.
 */
names: Array<string>, 
/**
 * Seconds since 1970.
 */
not_before: number, not_after: number, 
/**
 * The administrator does not forbid an exception.
 */
may_trust: boolean, };

/**
 * Why a command failed. A code exists only where the UI treats it differently; the UI has one table from code to
 * severity, words and what to do next.
 */
export type Code = "host_unknown" | "port_refused" | "timeout" | "offline" | "tls_to_plain_port" | "plain_to_tls_port" | "starttls_missing" | "certificate_expired" | "certificate_wrong_name" | "certificate_unknown_issuer" | "certificate_invalid" | "tls_failed" | "pop3" | "not_mail" | "sign_in_refused" | "sign_in_unsupported" | "sign_in_again" | "oauth_needed" | "app_password_needed" | "imap_disabled" | "smtp_auth_disabled" | "sign_in_blocked" | "too_many_connections" | "quota_exceeded" | "server_unavailable" | "proxy_failed" | "proxy_sign_in" | "captive_portal" | "clock_wrong" | "policy_forbids" | "account_limit" | "oauth_cancelled" | "oauth_denied" | "oauth_failed" | "oauth_scope" | "no_oauth_client" | "connection_closed" | "server_refused" | "recipient_refused" | "message_too_large" | "secrets_missing" | "secrets_locked" | "account_exists" | "not_found" | "folder_exists" | "folder_name" | "folder_special" | "folder_waits" | "not_permitted" | "keyword_refused" | "body_missing" | "dangerous_file" | "cancelled" | "file_failed" | "disk_full" | "no_recipient" | "invalid_input" | "too_late_to_undo" | "no_record" | "profile_busy" | "store_damaged" | "store_version" | "crm_sign_in_again" | "crm_forbidden" | "crm_conflict" | "crm_not_running" | "crm_rate_limited" | "crm_unavailable" | "crm_maintenance" | "crm_too_many" | "crm_too_large" | "crm_refused" | "crm_cannot" | "crm_other" | "crm_not_open" | "private" | "crm_failed" | "internal";

export type CompanyEdit = { id: string, name: string | null, phone: string | null, city: string | null, version: string, };

/**
 * Every field of a company, for the embedded CRM's editor. An empty id makes a new one.
 */
export type CompanySave = { id: string, name: string, city: string, domains: Array<string>, phone: string, since: number, };

export type CompanyView = { id: string, name: string, city: string, domain: string, phone: string, 
/**
 * The year since which they are a customer; 0: not said.
 */
since: number, 
/**
 * All mail domains, `domain` first.
 */
domains: Array<string>, 
/**
 * Goes back with an edit.
 */
version: string, };

/**
 * One thing to fill in. The UI has words for its key: `crm.field.{key}` and, where there is one, `crm.field.{key}.hint`.
 */
export type CrmField = { key: string, kind: CrmFieldKind, required: boolean, 
/**
 * Folded away under "More" at first.
 */
advanced: boolean, 
/**
 * What it begins with: the policy's, the connected CRM's, or a default.
 */
value: string, 
/**
 * Set by the administrator.
 */
locked: boolean, };

export type CrmFieldKind = "text" | "url" | "secret" | "json";

/**
 * How far what the CRM holds has been read.
 */
export type CrmFilling = { read: number, 
/**
 * Everything is read for the first time, or anew; else what changed.
 */
full: boolean, };

/**
 * A CRM that was tried and answered.
 */
export type CrmFound = { 
/**
 * What stands behind "Archive in".
 */
name: string, 
/**
 * Who one is there.
 */
user: string, email: string, missing: Array<CrmMissing>, 
/**
 * How many companies and people the first page held; `more`: there are more than these.
 */
companies: number, people: number, more: boolean, };

/**
 * A CRM that can be connected.
 */
export type CrmKindView = { 
/**
 * `embedded`, `superoffice`, `superoffice_site`, `elma365`, `bottlecrm`, `tryton`.
 */
kind: string, 
/**
 * The product's own name.
 */
name: string, sign_in: CrmSignIn, fields: Array<CrmField>, 
/**
 * Why it cannot be chosen, a code; None: it can.
 */
code: string | null, };

export type CrmLeaving = { name: string, 
/**
 * Mails archived there, which stay.
 */
archived: number, 
/**
 * Mails and follow-ups that wait and would not go there any more.
 */
queued: number, };

/**
 * Something that the CRM cannot do, and why.
 */
export type CrmMissing = { 
/**
 * `projects`, `selections`, `follow_ups`, `sale_create`, `person_change`, `company_change`, `sale_change`,
 * `several_records`, `mail_file`, `visibility`, `mail_types`, `documents`, `own_address`, `editors`, `find_archived` …
 */
what: string, 
/**
 * `not_in_crm`, `not_offered`, `not_granted`, `one_user`, `not_yet`.
 */
why: string, };

export type CrmSearch = { query: string, limit: number, };

/**
 * What holds for all archiving.
 */
export type CrmSettings = { conversation: AfterFirst, visible: VisibleTo, attachments: boolean, 
/**
 * Addresses, and domains with their subdomains, whose mails no rule takes.
 */
excluded: Array<string>, 
/**
 * Domains besides the accounts' own whose mails among themselves are internal.
 */
internal: Array<string>, 
/**
 * Days until "Waiting for reply" reminds, where nobody says another.
 */
waiting_days: number, };

/**
 * What was filled in.
 */
export type CrmSetup = { kind: string, fields: { [key in string]: string }, 
/**
 * A finished sign-in in the browser.
 */
grant: string | null, };

/**
 * How one signs in to a CRM.
 */
export type CrmSignIn = "none" | "browser" | "token" | "password";

export type CrmView = { 
/**
 * The name that the UI writes behind "Archive in".
 */
name: string, 
/**
 * Names the CRM whose records are shown: what is chosen from them means nothing in another.
 */
link: string, 
/**
 * As in `CrmKindView`.
 */
kind: string, 
/**
 * The last talk with it went well, or none was needed.
 */
ok: boolean, 
/**
 * Why not; `crm_sign_in_again` wants a person.
 */
code: string | null, 
/**
 * Mails and follow-ups that wait to go there.
 */
queued: number, 
/**
 * Those that were refused.
 */
failed: number, 
/**
 * Who one is there; empty for the embedded one.
 */
user: string, missing: Array<CrmMissing>, filling: CrmFilling | null, 
/**
 * When what it holds was last read to the end; 0: never, or the embedded one.
 */
refreshed: number, };

export type CustomerView = { 
/**
 * Sender first, then the others; the account's own addresses left out.
 */
participants: Array<ParticipantView>, sales: Array<SaleView>, projects: Array<ProjectView>, activities: Array<ActivityView>, follow_ups: Array<FollowUpView>, 
/**
 * Sales that wait to be made, or were refused.
 */
sales_waiting: Array<WorkView>, suggestions: Array<SuggestedRecord>, archived: ArchivedView | null, 
/**
 * Marked private: it is never archived.
 */
private: boolean, 
/**
 * Rules are on and left this mail alone.
 */
skipped: SkipReason | null, 
/**
 * Other mails of the conversation are archived, this one is not, and the settings say to offer it.
 */
offer_conversation: boolean, 
/**
 * Where a browser shows the person, or else the company.
 */
page: string | null, 
/**
 * The CRM was not asked about these people yet, or not of late: `customer_refresh` does.
 */
stale: boolean, };

export type Density = "comfortable" | "compact";

export type Direction = "both" | "received" | "sent";

export type DiscoverRequest = { email: string, 
/**
 * The id of a provider that the person chose from the list: its servers, whatever the address.
 */
provider: string | null, };

/**
 * Where an answer came from, most trustworthy first.
 */
export type DiscoverSource = "policy" | "table" | "table_mx" | "autoconfig" | "well_known" | "autoconfig_mx" | "srv" | "autodiscover" | "guess" | "autoconfig_http";

export type DiscoverView = { email: string, 
/**
 * As people write it: not in punycode.
 */
domain: string, 
/**
 * Best first; empty: nothing was found.
 */
found: Array<FoundView>, sources: Array<SourceView>, offline: boolean, };

export type DoctorLine = { 
/**
 * What was looked at: `profile`, `lock`, `disk`, `clock`, `store`, `secrets`, `network`, `proxy`, `policy`,
 * `incoming`, `outgoing`, `operations`, `provider_mail`, `outbox`, `refused` or `crm`.
 */
topic: string, 
/**
 * The address of the account it is about, or empty.
 */
account: string, health: Health, 
/**
 * A code of the UI's table, or empty.
 */
code: string, 
/**
 * For the curious and for scripts.
 */
detail: string, 
/**
 * A page where it can be mended.
 */
url: string | null, 
/**
 * A mail that says more: the provider's own warning.
 */
message: string | null, };

export type DoctorView = { lines: Array<DoctorLine>, };

/**
 * A single attachment, as a document of its own.
 */
export type DocumentRequest = { message: string, part: number, records: Array<RecordView>, visible: VisibleTo, };

export type DraftAttach = { draft: string, path: string, };

export type DraftAttachment = { id: string, name: string, mime: string, size: number, };

export type DraftDetach = { draft: string, attachment: string, };

export type DraftKind = "new" | "reply" | "reply_all" | "forward";

export type DraftNew = { kind: DraftKind, 
/**
 * The mail answered or forwarded; empty for New.
 */
message: string, 
/**
 * New only: a `mailto:` link (RFC 6068), or empty.
 */
mailto: string, };

/**
 * The whole draft as the composer has it; saved as one types.
 */
export type DraftSave = { id: string, account: string, to: Array<AddressView>, cc: Array<AddressView>, bcc: Array<AddressView>, subject: string, body: string, quote: string, };

export type DraftView = { id: string, account: string, kind: DraftKind, 
/**
 * The mail answered or forwarded; empty for New.
 */
message: string, to: Array<AddressView>, cc: Array<AddressView>, bcc: Array<AddressView>, subject: string, 
/**
 * What the person writes, as HTML of a small allow-list: p br b i u a ul ol li blockquote.
 */
body: string, 
/**
 * The quoted mail, sanitised, without remote parts; empty where there is none.
 */
quote: string, attachments: Array<DraftAttachment>, saved: number, };

export type Empty = Record<symbol, never>;

export type EndpointView = { 
/**
 * Host name or address; `server:port` is accepted and wins over `port`.
 */
host: string, port: number, security: SecurityView, };

/**
 * What the engine tells the UI without being asked.
 */
export type Event = { "kind": "change", table: 'account' | 'folder' | 'message' | 'draft' | 'outbox' | 'operation' | 'archive' | 'crm' | 'crm_state' | 'setting', ids: Array<string>, } | { "kind": "account", account: string, state: AccountState, code: string | null, progress: Progress | null, } | { "kind": "attachment", message: string, part: number, done: number, total: number, } | { "kind": "open", message: string, } | { "kind": "reply", message: string, } | { "kind": "compose", mailto: string, } | { "kind": "close_asked" };

/**
 * A new folder on the server.
 */
export type FolderCreate = { account: string, 
/**
 * One part of a path; what the server's separator is does not matter.
 */
name: string, 
/**
 * None: beside the inbox.
 */
parent: string | null, };

/**
 * Whether new mail in a folder is told.
 */
export type FolderNotify = { folder: string, notify: boolean, };

/**
 * Another name, another place, or both.
 */
export type FolderRename = { folder: string, name: string, parent: string | null, };

export type FolderRoleView = "inbox" | "sent" | "drafts" | "done" | "junk" | "trash" | "other";

export type FolderSubscribe = { folder: string, subscribed: boolean, };

export type FolderView = { id: string, account: string, 
/**
 * The last part of the path, as the server has it; the UI has its own words for roles.
 */
name: string, 
/**
 * The full path, parts joined with `/`.
 */
path: string, role: FolderRoleView, unread: number, total: number, 
/**
 * False: only a place for other folders, holds no mail.
 */
selectable: boolean, 
/**
 * Other programs that show only subscribed folders show it.
 */
subscribed: boolean, 
/**
 * New mail here is told, where notifications are on.
 */
notify: boolean, 
/**
 * May be renamed and deleted: none of the special folders.
 */
own: boolean, 
/**
 * Gmail: deleting it takes a label off its mails, which stay where they are besides.
 */
label: boolean, };

export type FollowUpCreate = { 
/**
 * The mail it is made from.
 */
message: string | null, kind: FollowUpKindView, title: string, text: string, start: number, end: number, 
/**
 * At most one of a kind.
 */
records: Array<RecordView>, };

export type FollowUpDone = { id: string, done: boolean, };

export type FollowUpKindView = "task" | "call" | "appointment";

export type FollowUpView = { 
/**
 * The CRM's id, or `queued:` and the id of what waits to go there.
 */
id: string, kind: FollowUpKindView, title: string, text: string, 
/**
 * Seconds since 1970. A task is due at its end.
 */
start: number, end: number, done: boolean, 
/**
 * Company, person, sale, project: those that it has.
 */
records: Array<RecordView>, 
/**
 * The mail it was made from, where that is on this computer.
 */
message: string | null, 
/**
 * What was said of it last is not in the CRM yet: that it is, or that it is done or not.
 */
queued: boolean, 
/**
 * The CRM refused that: why.
 */
code: string | null, 
/**
 * What waits or was refused, for `work_retry` and `work_discard`.
 */
work: string | null, };

/**
 * Overdue ones first, then by time.
 */
export type FollowUps = { open: Array<FollowUpView>, waiting: Array<WaitingView>, 
/**
 * Overdue follow-ups and due waiting mails together.
 */
overdue: number, };

/**
 * Servers for an address.
 */
export type FoundView = { 
/**
 * For example `google`, `microsoft365`, `outlook`, `yahoo`, `icloud`, `gmx`; empty where unknown.
 */
provider_id: string, 
/**
 * For people; empty where unknown.
 */
provider_name: string, source: DiscoverSource, 
/**
 * Who gave the answer.
 */
source_host: string, 
/**
 * False: the person sees and accepts the servers before a password goes there.
 */
trusted: boolean, incoming: EndpointView, incoming_user: string, outgoing: EndpointView, outgoing_user: string, 
/**
 * Best first, without those that are not possible here.
 */
sign_in: Array<SignInWay>, 
/**
 * What `sign_in_start` takes; set where signing in in the browser is possible.
 */
oauth: string | null, 
/**
 * The provider wants a sign-in in the browser, but this program has no client id for it.
 */
oauth_missing: boolean, 
/**
 * Where an app password is made.
 */
app_password_url: string | null, help_url: string | null, 
/**
 * Where IMAP must be switched on first.
 */
enable_url: string | null, 
/**
 * The provider offers POP3 only, which is not spoken here.
 */
pop3_only: boolean, };

export type FrameRequest = { message: string, show: ShowAs, 
/**
 * The person asked for this mail's remote images.
 */
remote: boolean, 
/**
 * Dark theme: recolour the mail.
 */
dark: boolean, };

/**
 * A page for the reader's frame.
 */
export type FrameView = { 
/**
 * `message://localhost/<token>` (`http://message.localhost/<token>` on Windows).
 */
url: string, shown: ShowAs, blocked_images: number, blocked_trackers: number, 
/**
 * The HTML was too costly or broken and plain text is shown instead.
 */
fell_back: boolean, };

export type Health = "ok" | "warning" | "error";

/**
 * What is fetched of an account's past beyond its days.
 */
export type HistoryState = "off" | "running" | "paused" | "no_room" | "whole";

export type HistoryView = { account: string, state: HistoryState, 
/**
 * Mails fetched, and mails that were missing when it began; 0 where that is not known.
 */
done: number, total: number, 
/**
 * None: not known yet.
 */
seconds_left: number | null, };

export type IdRequest = { id: string, };

/**
 * Where the reader stands beside the list.
 */
export type Layout = "right" | "below" | "off";

export type LinkRequest = { url: string, };

/**
 * Which mails a list shows.
 */
export type ListFilter = "all" | "unread" | "flagged" | "customers" | "not_in_crm" | "not_archived";

export type ListRequest = { 
/**
 * A folder's id, or empty for the inboxes of all accounts together.
 */
folder: string, filter: ListFilter, 
/**
 * Only mails of this company, person, sale or project, in all folders (`folder` is left empty then).
 */
record: RecordRequest | null, 
/**
 * `MessagePage.next` of the page before; empty for the first.
 */
after: string, 
/**
 * 1 to 200.
 */
limit: number, };

export type MailTypeView = { id: string, name: string, default: boolean, };

/**
 * The newest mails with any of these addresses, in all folders.
 */
export type MailsWith = { emails: Array<string>, limit: number, };

export type MemoryRequest = { key: string, };

/**
 * A small text that the UI keeps for itself, such as how far the wizard came. Never a secret.
 */
export type MemorySet = { 
/**
 * `wizard`, or `layout.` and a name.
 */
key: string, 
/**
 * At most 16,384 bytes; None forgets it.
 */
value: string | null, };

export type MemoryView = { value: string | null, };

export type MessageDetail = { row: MessageRow, cc: Array<AddressView>, bcc: Array<AddressView>, reply_to: Array<AddressView>, message_id: string, attachments: Array<AttachmentView>, has_html: boolean, has_text: boolean, };

export type MessagePage = { rows: Array<MessageRow>, 
/**
 * Empty at the end.
 */
next: string, 
/**
 * How many there are in all; an estimate in searches.
 */
total: number, };

export type MessageRef = { message: string, };

export type MessageRow = { id: string, account: string, folder: string, from: AddressView, 
/**
 * Shown instead of `from` in Sent and Drafts.
 */
to: Array<AddressView>, subject: string, preview: string, date: number, read: boolean, flagged: boolean, answered: boolean, forwarded: boolean, attachments: number, 
/**
 * The mail could not be parsed and is shown as source.
 */
unreadable: boolean, 
/**
 * Only headers are here so far.
 */
partial: boolean, pills: Array<PillView>, 
/**
 * Search only: text around the hit, with U+0002 before and U+0003 behind each hit.
 */
snippet: string, 
/**
 * IMAP keywords that the mail bears, without those that begin with `$`.
 */
keywords: Array<string>, 
/**
 * Never archived in the CRM: a lock in the list.
 */
private: boolean, };

/**
 * "Do not add": the panel stops offering to put the address into the CRM.
 */
export type NeverAdd = { email: string, never: boolean, };

/**
 * A mail that was not archived, and why.
 */
export type NotArchived = { message: string, 
/**
 * None: the mail is not on this computer.
 */
row: MessageRow | null, code: Code, };

/**
 * Which new mails are told, where notifications are on. Folders have a switch of their own (`folder_notify`).
 */
export type Notify = { 
/**
 * Only mails of people or companies that the CRM knows.
 */
customers_only: boolean, 
/**
 * Several at once are told as one.
 */
grouped: boolean, 
/**
 * Nothing is told in these hours.
 */
quiet: QuietHours | null, 
/**
 * Ids of accounts that are not told of.
 */
muted: Array<string>, };

export type OperateRequest = { messages: Array<string>, action: ActionRequest, };

export type OperatedView = { 
/**
 * Give it to `undo` within 10 seconds; empty where there is nothing to undo.
 */
undo: string, count: number, };

/**
 * A change that the server has refused.
 */
export type OperationView = { id: string, action: string, subject: string, code: string, detail: string, since: number, };

export type OutboxChoice = "retry" | "was_sent" | "edit" | "discard";

export type OutboxResolve = { id: string, choice: OutboxChoice, };

export type OutboxState = "queued" | "sending" | "held" | "failed" | "sent";

export type OutboxView = { id: string, account: string, to: Array<AddressView>, subject: string, state: OutboxState, code: string | null, detail: string, queued: number, };

export type PartRequest = { message: string, part: number, };

/**
 * One person in the mail, known or not.
 */
export type ParticipantView = { name: string, email: string, 
/**
 * More than one: nobody is guessed, the person chooses. Empty: not in the CRM.
 */
people: Array<PersonView>, 
/**
 * Not in the CRM: companies that the address' domain belongs to.
 */
might_work_at: Array<CompanyView>, 
/**
 * A person said that this address is not to be added.
 */
never: boolean, 
/**
 * The author only, where nobody is known by the address.
 */
signature: SignatureView | null, };

export type PersonCreate = { name: string, title: string, email: string, phone: string, 
/**
 * An existing company's id, or empty.
 */
company: string, 
/**
 * With `company` empty: a new company of this name; empty for none.
 */
new_company: string, };

/**
 * None stays as it is. `crm_conflict`: somebody else changed it; what it is now is shown by asking again.
 */
export type PersonEdit = { id: string, name: string | null, title: string | null, phone: string | null, 
/**
 * Added behind the others.
 */
add_email: string | null, 
/**
 * `PersonView.version`; empty: whatever it is now.
 */
version: string, };

export type PersonSave = { id: string, name: string, title: string, emails: Array<string>, phones: Array<string>, company: string, };

export type PersonView = { id: string, name: string, title: string, emails: Array<string>, phones: Array<string>, company: CompanyView | null, 
/**
 * Goes back with an edit.
 */
version: string, };

export type PillKind = "sale" | "company" | "person" | "project" | "not_in_crm" | "queued" | "archived" | "archive_failed";

/**
 * What a mail is to the business.
 */
export type PillView = { kind: PillKind, 
/**
 * Empty for NotInCrm and Archived, for which the UI has words.
 */
text: string, 
/**
 * The record's id in the CRM, where the pill stands for one.
 */
record: string, };

/**
 * What the administrator has set.
 */
export type PolicyView = { 
/**
 * The file in force; None: there is none.
 */
path: string | null, 
/**
 * Lines of a file that was refused, ready to be shown: `path:line: message`.
 */
problems: Array<string>, 
/**
 * 0: as many as one likes.
 */
accounts_max: number, 
/**
 * What the wizard begins with; 0 is all.
 */
days_default: number, 
/**
 * None: no limit.
 */
days_max: number | null, 
/**
 * Empty: any.
 */
allowed_security: Array<SecurityView>, 
/**
 * A bad certificate may be accepted by hand.
 */
certificate_exceptions: boolean, 
/**
 * Providers that people can sign in to in the browser.
 */
oauth: Array<string>, };

/**
 * Private mails are never archived, whatever asks for it.
 */
export type PrivateRequest = { messages: Array<string>, 
/**
 * Their whole conversations, later mails too.
 */
conversation: boolean, private: boolean, };

/**
 * How far a long task is.
 */
export type Progress = { done: number, total: number, 
/**
 * The folder's name, where the task is about one.
 */
folder: string, };

export type ProjectSave = { id: string, name: string, company: string, open: boolean, };

export type ProjectView = { id: string, name: string, open: boolean, };

export type ProxyKind = "system" | "none" | "http" | "socks5";

export type ProxySet = { kind: ProxyKind, host: string, port: number, user: string, 
/**
 * None: the one that is kept.
 */
password: string | null, };

export type ProxyView = { kind: ProxyKind, host: string, port: number, 
/**
 * Empty: the proxy wants no sign-in.
 */
user: string, 
/**
 * A password is kept.
 */
password_kept: boolean, };

export type QuietHours = { 
/**
 * Minutes of the day, 0 to 1439, by the clock on the wall.
 */
from: number, 
/**
 * Before `from`: over midnight. The same as `from`: no hours, only the weekends.
 */
until: number, 
/**
 * Saturday and Sunday are quiet all day.
 */
weekends: boolean, };

/**
 * Why a record is suggested.
 */
export type Reason = "thread" | "sender" | "recipient" | "persons_company" | "domain" | "only_open_sale" | "latest_sale" | "open_project";

/**
 * Records by name, a page at a time.
 */
export type RecordBrowse = { kind: RecordKindView, 
/**
 * Words that their names begin with; empty: all.
 */
query: string, 
/**
 * `RecordPage.next` of the page before.
 */
after: string, limit: number, };

/**
 * A record and what belongs to it, from what is on this computer.
 */
export type RecordDetail = { record: RecordView, person: PersonView | null, company: CompanyView | null, sale: SaleView | null, project: ProjectView | null, 
/**
 * Of a company: whom it has.
 */
people: Array<PersonView>, sales: Array<SaleView>, projects: Array<ProjectView>, follow_ups: Array<FollowUpView>, 
/**
 * Sales that wait to be made, or were refused.
 */
sales_waiting: Array<WorkView>, activities: Array<ActivityView>, 
/**
 * Where a browser shows it.
 */
page: string | null, };

export type RecordKindView = "company" | "person" | "sale" | "project";

export type RecordLine = { record: RecordView, 
/**
 * A person's company and title, a company's city, a sale's company and stage.
 */
hint: string, };

export type RecordPage = { lines: Array<RecordLine>, next: string, };

export type RecordRequest = { kind: RecordKindView, id: string, };

/**
 * A record in the CRM.
 */
export type RecordView = { kind: RecordKindView, id: string, name: string, };

/**
 * What a rule would have taken of the newest mails. It takes what comes from now on.
 */
export type RulePreview = { looked_at: number, taken: Array<RuleTaken>, 
/**
 * The newest 200.
 */
skipped: Array<RuleSkipped>, skipped_total: number, };

export type RulePreviewRequest = { rule: RuleView, 
/**
 * How many of the newest mails are looked at, at most 2,000.
 */
limit: number, };

export type RuleSkipped = { row: MessageRow, reason: SkipReason, };

export type RuleTaken = { row: MessageRow, records: Array<RecordView>, };

/**
 * A rule takes a mail that fits all it names; a list fits by any of its entries, an empty one by itself.
 */
export type RuleView = { 
/**
 * Empty: a new one.
 */
id: string, name: string, 
/**
 * Off by default: a preview comes first.
 */
on: boolean, direction: Direction, 
/**
 * People and companies.
 */
records: Array<RecordView>, 
/**
 * With their subdomains.
 */
domains: Array<string>, 
/**
 * Ids of selections.
 */
selections: Array<string>, known_only: boolean, 
/**
 * Only answers to a mail of one's own, and one's own answers.
 */
replies_only: boolean, 
/**
 * Name of the CRM whose records and selections it names, where that is not the one connected now: it is off then. Said by
 * the answer only.
 */
elsewhere: string, };

/**
 * A new sale, from a mail or by hand. Goes to the CRM at once, or when it can be reached.
 */
export type SaleCreate = { message: string | null, name: string, 
/**
 * Ids, each may be empty.
 */
company: string, person: string, 
/**
 * In hundredths of the currency's unit.
 */
amount: number, 
/**
 * YYYY-MM-DD, or empty.
 */
closes: string, };

export type SaleEdit = { id: string, name: string | null, 
/**
 * A `StageView`'s id.
 */
stage: string | null, 
/**
 * In hundredths of the currency's unit.
 */
amount: number | null, 
/**
 * YYYY-MM-DD; empty: none.
 */
closes: string | null, version: string, };

/**
 * `waits`: it is not in the CRM yet, or was refused.
 */
export type SaleMade = { waits: WorkView | null, };

export type SaleSave = { id: string, name: string, company: string, person: string, 
/**
 * A `StageView`'s id.
 */
stage: string, amount: number, currency: string, closes: string, };

export type SaleView = { id: string, name: string, company: string, stage: string, 
/**
 * The stage's place, from 1, and how many stages there are.
 */
stage_index: number, stage_count: number, probability: number, 
/**
 * In hundredths of the currency's unit.
 */
amount: number, 
/**
 * ISO 4217.
 */
currency: string, 
/**
 * Day of closing, YYYY-MM-DD, or empty.
 */
closes: string, open: boolean, 
/**
 * A person's id, or empty.
 */
person: string, 
/**
 * Goes back with an edit.
 */
version: string, };

export type SaveRequest = { message: string, part: number, 
/**
 * Where to; empty: the folder for downloads. An existing file is not overwritten but numbered.
 */
path: string, };

export type SavedView = { path: string, };

export type SearchRequest = { query: string, after: string, limit: number, };

export type SecretChoice = { "kind": "memory" } | { "kind": "sealed", passphrase: string, };

export type SecretStore = "keyring" | "sealed" | "memory" | "locked" | "missing";

export type SecurityView = "none" | "starttls" | "tls";

/**
 * An empty id makes a new one. Members are people and companies, all of them.
 */
export type SelectionSave = { id: string, name: string, members: Array<RecordView>, };

export type SelectionView = { id: string, name: string, 
/**
 * None: not known yet.
 */
members: number | null, };

export type SendRequest = { draft: string, 
/**
 * Records that the sent mail is archived on in the CRM; empty: not archived.
 */
archive: Array<RecordView>, 
/**
 * `CrmView.link` as it was when these were chosen; empty: as it is now.
 */
crm: string, };

/**
 * Asks the servers themselves, for mails that are not on this computer.
 */
export type ServerSearch = { query: string, 
/**
 * Empty: every account.
 */
account: string, };

export type ServerSearched = { 
/**
 * Mails that were fetched for it and are found by `message_search` now.
 */
fetched: number, 
/**
 * There are more than were fetched.
 */
more: boolean, 
/**
 * Addresses of accounts whose server could not be asked.
 */
unasked: Array<string>, };

export type Settings = { theme: Theme, 
/**
 * One of en nb sv da de nl, or empty for the system's.
 */
language: string, 
/**
 * HTML of the composer's allow-list.
 */
signature: string, notifications: boolean, notify: Notify, 
/**
 * Seconds in the reader after which a mail counts as read; negative: never by itself.
 */
read_after: number, layout: Layout, density: Density, writing: Writing, 
/**
 * Pictures that come with a mail are shown in its text.
 */
inline_images: boolean, 
/**
 * A copy of what is sent goes to Sent.
 */
sent_copy: boolean, };

export type ShowAs = "best" | "text" | "source";

export type SideReport = { ok: boolean, 
/**
 * The last stage that was reached.
 */
stage: Stage, 
/**
 * Set where it failed: the same codes as `ApiError.code`.
 */
code: string | null, 
/**
 * The server's words or the library's, for the curious; never a secret.
 */
detail: string, host: string, port: number, milliseconds: number, 
/**
 * For example "TLS 1.3"; empty without TLS.
 */
tls: string, 
/**
 * Incoming only: how many folders were seen.
 */
folders: number, 
/**
 * Settings that answered where the asked ones did not.
 */
proposal: EndpointView | null, 
/**
 * A user name that was accepted where the typed one was not.
 */
proposal_user: string | null, 
/**
 * How it signed in, for example `SCRAM-SHA-256`; empty where it did not come so far.
 */
mechanism: string, 
/**
 * The certificate that was refused.
 */
certificate: CertificateView | null, };

/**
 * A finished sign-in, kept in memory until an account takes it (`AccountDraft.grant`), for at most an hour.
 */
export type SignInDone = { grant: string, };

export type SignInStart = { 
/**
 * `FoundView.oauth` or `AccountView.oauth`.
 */
provider: string, 
/**
 * Filled in on the provider's page.
 */
email: string, };

/**
 * A browser was opened. `sign_in_wait` answers when it is over.
 */
export type SignInStarted = { id: string, 
/**
 * The provider's page, to be opened by hand where no browser came up.
 */
url: string, };

/**
 * How a provider lets people sign in.
 */
export type SignInWay = "oauth" | "app_password" | "password" | "bridge_password" | "unsupported";

/**
 * What a mail's signature says of its author; empty where it says nothing.
 */
export type SignatureView = { name: string, title: string, phones: Array<string>, company: string, };

/**
 * Why a rule leaves a mail alone.
 */
export type SkipReason = "private" | "excluded" | "internal" | "folder" | "direction" | "not_a_reply" | "not_known" | "no_match" | "several" | "no_record" | "archived" | "automatic";

/**
 * What one source said.
 */
export type SourceView = { source: DiscoverSource, host: string, 
/**
 * `won`, `lost`, `nothing`, `failed`, `timeout` or `not_asked`.
 */
outcome: string, 
/**
 * Why it lost or failed, for the curious.
 */
why: string, trusted: boolean, milliseconds: number, };

/**
 * One step of the try-out, in the order they are taken.
 */
export type Stage = "resolve" | "connect" | "tls" | "sign_in" | "use";

export type StageView = { id: string, name: string, probability: number, open: boolean, };

/**
 * A backup of a damaged database, where the program could not start because of it. The shell's own commands, outside of
 * `call`: `start_backups` gives these, newest first; `start_restore {n}` puts one in the damaged one's place and starts
 * the program, or fails as the start did.
 */
export type StartBackup = { 
/**
 * 1 is the newest. 0, which is not listed, begins with an empty database; the damaged one stays beside it.
 */
n: number, 
/**
 * When it was taken, in seconds since 1970.
 */
date: number, 
/**
 * In bytes.
 */
size: number, 
/**
 * False: it is damaged too and cannot be taken.
 */
sound: boolean, 
/**
 * `local`: accounts, settings, drafts and the outbox; `crm`: people, companies and sales.
 */
database: string, };

export type SuggestRequest = { query: string, limit: number, };

export type SuggestedRecord = { record: RecordView, reason: Reason, selected: boolean, };

export type SuggestionView = { address: AddressView, company: string, };

export type Theme = "system" | "light" | "dark";

/**
 * The conversation that a mail belongs to, oldest first.
 */
export type ThreadView = { subject: string, messages: Array<MessageDetail>, };

export type UndoRequest = { undo: string, };

export type UnsentView = { subject: string, to: string, };

export type VerifyView = { incoming: SideReport, outgoing: SideReport, };

export type VisibleTo = "me" | "group" | "all";

export type WaitingSet = { message: string, 
/**
 * From the mail's date on; 0: as the settings say.
 */
days: number, };

/**
 * A mail of one's own that wants an answer.
 */
export type WaitingView = { id: string, row: MessageRow, 
/**
 * When it reminds. Seconds since 1970.
 */
until: number, 
/**
 * That time is over, and nobody has answered.
 */
due: boolean, 
/**
 * An answer is here already: nothing is waited for.
 */
answered: boolean, };

/**
 * What is to be done in the CRM.
 */
export type WorkKind = "task" | "call" | "appointment" | "done" | "not_done" | "sale";

/**
 * Something besides mails that waits for the CRM, or that it refused.
 */
export type WorkView = { 
/**
 * `queued:` and the id of what waits.
 */
id: string, kind: WorkKind, 
/**
 * Of the follow-up or the sale; empty where it is not known here.
 */
title: string, records: Array<RecordView>, 
/**
 * The mail it was made from, where that is on this computer.
 */
message: string | null, 
/**
 * Seconds since 1970.
 */
since: number, 
/**
 * Why the CRM refused it.
 */
code: string | null, 
/**
 * Of a sale, in hundredths of the currency's unit.
 */
amount: number, };

/**
 * How new mails look.
 */
export type Writing = { 
/**
 * `sans`, `serif` or `mono`; empty: the reader's own.
 */
font: string, 
/**
 * In points; 0: the reader's own.
 */
size: number, 
/**
 * `#rrggbb`; empty: the reader's own.
 */
colour: string, };

export interface Commands {
  app_state: { request: Empty; view: AppState };
  settings_set: { request: Settings; view: Settings };
  secrets_choose: { request: SecretChoice; view: AppState };
  account_verify: { request: AccountDraft; view: VerifyView };
  /** Tries both servers, then saves and starts. */
  account_add: { request: AccountDraft; view: AccountView };
  account_remove: { request: IdRequest; view: Empty };
  /** Tries the new settings, then saves them; the mail stays. */
  account_edit: { request: AccountEdit; view: AccountView };
  account_sign_in: { request: AccountSignIn; view: AccountView };
  /** What `account_remove` would take with it. */
  account_removal: { request: IdRequest; view: AccountRemoval };
  /** Tries all that the account has not finished once more, also what was given up. */
  account_finish: { request: IdRequest; view: Empty };
  discover: { request: DiscoverRequest; view: DiscoverView };
  /** Opens the browser at the provider's page. */
  sign_in_start: { request: SignInStart; view: SignInStarted };
  /** Answers when the person has signed in, or fails with `oauth_cancelled`, `oauth_denied`, `oauth_scope` or */
  /** `oauth_failed`. */
  sign_in_wait: { request: IdRequest; view: SignInDone };
  sign_in_cancel: { request: IdRequest; view: Empty };
  /** Opens the browser once more. */
  sign_in_reopen: { request: IdRequest; view: Empty };
  certificate_list: { request: Empty; view: Array<CertificateException> };
  certificate_trust: { request: CertificateException; view: Empty };
  certificate_forget: { request: CertificateException; view: Empty };
  proxy_get: { request: Empty; view: ProxyView };
  proxy_set: { request: ProxySet; view: ProxyView };
  memory_get: { request: MemoryRequest; view: MemoryView };
  memory_set: { request: MemorySet; view: Empty };
  /** An empty id: every account. */
  sync_now: { request: IdRequest; view: Empty };
  folder_list: { request: Empty; view: Array<FolderView> };
  folder_create: { request: FolderCreate; view: FolderView };
  folder_rename: { request: FolderRename; view: FolderView };
  /** With its mails and the folders in it: into Trash, and for good where it is there already. */
  folder_delete: { request: IdRequest; view: Empty };
  folder_subscribe: { request: FolderSubscribe; view: FolderView };
  folder_notify: { request: FolderNotify; view: FolderView };
  /** Removes all mails of Junk or Trash for good, after the ten seconds in which that can be undone. */
  folder_empty: { request: IdRequest; view: OperatedView };
  history_list: { request: Empty; view: Array<HistoryView> };
  /** Fetches all mail of the account, however few days it is set to; also goes on after a pause. */
  history_resume: { request: IdRequest; view: HistoryView };
  history_pause: { request: IdRequest; view: HistoryView };
  message_list: { request: ListRequest; view: MessagePage };
  message_search: { request: SearchRequest; view: MessagePage };
  search_servers: { request: ServerSearch; view: ServerSearched };
  message_row: { request: MessageRef; view: MessageRow };
  thread_get: { request: MessageRef; view: ThreadView };
  frame_open: { request: FrameRequest; view: FrameView };
  attachment_save: { request: SaveRequest; view: SavedView };
  /** Writes a temporary copy marked as from the internet and answers its path; the shell opens it. A dangerous kind */
  /** is refused with `dangerous_file`. */
  attachment_open: { request: PartRequest; view: SavedView };
  /** Ends the fetching of a large attachment (0: of the whole mail); whoever waits for it gets `cancelled`. What has come */
  /** stays, and the next try goes on from there. */
  attachment_cancel: { request: PartRequest; view: Empty };
  /** Opens an http, https, mailto or tel link outside. */
  link_open: { request: LinkRequest; view: Empty };
  operate: { request: OperateRequest; view: OperatedView };
  undo: { request: UndoRequest; view: Empty };
  operation_list: { request: Empty; view: Array<OperationView> };
  operation_retry: { request: IdRequest; view: Empty };
  operation_discard: { request: IdRequest; view: Empty };
  draft_new: { request: DraftNew; view: DraftView };
  draft_list: { request: Empty; view: Array<DraftView> };
  draft_get: { request: IdRequest; view: DraftView };
  draft_save: { request: DraftSave; view: DraftView };
  draft_attach: { request: DraftAttach; view: DraftView };
  draft_detach: { request: DraftDetach; view: DraftView };
  draft_discard: { request: IdRequest; view: Empty };
  address_suggest: { request: SuggestRequest; view: Array<SuggestionView> };
  send: { request: SendRequest; view: OutboxView };
  outbox_list: { request: Empty; view: Array<OutboxView> };
  outbox_resolve: { request: OutboxResolve; view: Empty };
  /** From what is on this computer, at once. */
  customer_get: { request: MessageRef; view: CustomerView };
  /** Asks the CRM about the mail's people and whether a colleague has archived it, then as `customer_get`. */
  customer_refresh: { request: MessageRef; view: CustomerView };
  person_create: { request: PersonCreate; view: PersonView };
  person_change: { request: PersonEdit; view: PersonView };
  person_never: { request: NeverAdd; view: Empty };
  company_change: { request: CompanyEdit; view: CompanyView };
  sale_change: { request: SaleEdit; view: SaleView };
  /** The stages that a sale can be in; an empty id: those of a new one. */
  sale_stages: { request: IdRequest; view: Array<StageView> };
  company_search: { request: CrmSearch; view: Array<CompanyView> };
  /** People, companies, sales and projects whose names match, to archive on. From what is on this computer, at once. */
  record_search: { request: CrmSearch; view: Array<RecordView> };
  /** The same with the CRM asked too, which may take three seconds. */
  record_search_asked: { request: CrmSearch; view: Array<RecordView> };
  /** From what is on this computer; asks the CRM behind it, and a `Change` of Customer says that there is more. */
  record_get: { request: RecordRequest; view: RecordDetail };
  record_browse: { request: RecordBrowse; view: RecordPage };
  mails_with: { request: MailsWith; view: Array<MessageRow> };
  /** The embedded CRM's editors; `crm_cannot` elsewhere. */
  company_save: { request: CompanySave; view: CompanyView };
  person_save: { request: PersonSave; view: PersonView };
  sale_save: { request: SaleSave; view: SaleView };
  project_save: { request: ProjectSave; view: ProjectView };
  /** With what hangs on it alone; what was archived on it stays with its other records. */
  record_delete: { request: RecordRequest; view: Empty };
  selection_list: { request: Empty; view: Array<SelectionView> };
  selection_members: { request: IdRequest; view: Array<RecordView> };
  selection_save: { request: SelectionSave; view: SelectionView };
  selection_delete: { request: IdRequest; view: Empty };
  cards_import: { request: CardsFile; view: CardsDone };
  cards_export: { request: CardsFile; view: CardsDone };
  /** Of several, one that cannot be archived does not stop the others. Where it is one alone, that is an error. */
  archive: { request: ArchiveRequest; view: ArchiveDone };
  /** Takes the activity back out of the CRM, or the mail out of the queue. */
  archive_undo: { request: IdRequest; view: Empty };
  /** Tries a failed one once more. */
  archive_retry: { request: IdRequest; view: Empty };
  /** From what is on this computer, at once. */
  archive_options: { request: MessageRef; view: ArchiveOptions };
  /** What the mail can become, asked of the CRM. */
  mail_types: { request: MessageRef; view: Array<MailTypeView> };
  /** All that waits or failed, the newest first. */
  archive_queue: { request: Empty; view: Array<ArchiveQueued> };
  document_archive: { request: DocumentRequest; view: ArchivedView };
  private_set: { request: PrivateRequest; view: Empty };
  crm_settings_get: { request: Empty; view: CrmSettings };
  crm_settings_set: { request: CrmSettings; view: CrmSettings };
  rule_list: { request: Empty; view: Array<RuleView> };
  rule_save: { request: RuleView; view: RuleView };
  rule_delete: { request: IdRequest; view: Empty };
  rule_preview: { request: RulePreviewRequest; view: RulePreview };
  business_views: { request: Empty; view: BusinessViews };
  follow_up_list: { request: Empty; view: FollowUps };
  follow_up_create: { request: FollowUpCreate; view: FollowUpView };
  follow_up_done: { request: FollowUpDone; view: Empty };
  sale_create: { request: SaleCreate; view: SaleMade };
  /** Follow-ups, sales and ticks that wait for the CRM, or that it refused, the oldest first. */
  work_list: { request: Empty; view: Array<WorkView> };
  /** By `queued:` and the id. */
  work_retry: { request: IdRequest; view: Empty };
  work_discard: { request: IdRequest; view: Empty };
  waiting_set: { request: WaitingSet; view: WaitingView };
  waiting_remove: { request: IdRequest; view: Empty };
  crm_kinds: { request: Empty; view: Array<CrmKindView> };
  /** Opens the browser at the CRM's sign-in; then `sign_in_wait`. */
  crm_sign_in: { request: CrmSetup; view: SignInStarted };
  /** Tries it without keeping anything. */
  crm_check: { request: CrmSetup; view: CrmFound };
  /** Tries it, keeps it and begins to read; also a new sign-in to the one that is connected. */
  crm_connect: { request: CrmSetup; view: CrmView };
  /** Back to the embedded one. What was archived stays where it is. */
  crm_disconnect: { request: Empty; view: CrmView };
  /** What would be left behind: how many mails are archived there, and how many still wait. */
  crm_leaving: { request: Empty; view: CrmLeaving };
  crm_refresh: { request: Empty; view: Empty };
  address_checks: { request: Empty; view: Array<AddressCheck> };
  /** By the account's id: the difference is right. */
  address_accept: { request: IdRequest; view: Empty };
  /** By the account's id: the card gets the account's address. */
  address_repair: { request: IdRequest; view: Empty };
  doctor: { request: Empty; view: DoctorView };
}
