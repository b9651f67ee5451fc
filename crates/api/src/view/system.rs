use super::{AccountView, CrmView, Id};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretStore {
    /// The operating system's keyring.
    Keyring,
    /// A file sealed with a passphrase.
    Sealed,
    /// In memory, until the program ends.
    Memory,
    /// There is a sealed file, and its passphrase has not been given yet.
    Locked,
    /// No keyring: a person must choose.
    Missing,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SecretChoice {
    Memory,
    Sealed { passphrase: String },
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    System,
    Light,
    Dark,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Settings {
    pub theme: Theme,
    /// One of en nb sv da de nl, or empty for the system's.
    pub language: String,
    /// HTML of the composer's allow-list.
    pub signature: String,
    pub notifications: bool,
    pub notify: Notify,
    /// Seconds in the reader after which a mail counts as read; negative: never by itself.
    pub read_after: i32,
    pub layout: Layout,
    pub density: Density,
    pub writing: Writing,
    /// Pictures that come with a mail are shown in its text.
    pub inline_images: bool,
    /// A copy of what is sent goes to Sent.
    pub sent_copy: bool,
}

/// Which new mails are told, where notifications are on. Folders have a switch of their own (`folder_notify`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Notify {
    /// Only mails of people or companies that the CRM knows.
    pub customers_only: bool,
    /// Several at once are told as one.
    pub grouped: bool,
    /// Nothing is told in these hours.
    pub quiet: Option<QuietHours>,
    /// Ids of accounts that are not told of.
    pub muted: Vec<super::Id>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuietHours {
    /// Minutes of the day, 0 to 1439, by the clock on the wall.
    pub from: u16,
    /// Before `from`: over midnight. The same as `from`: no hours, only the weekends.
    pub until: u16,
    /// Saturday and Sunday are quiet all day.
    pub weekends: bool,
}

/// Where the reader stands beside the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    Right,
    Below,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    Comfortable,
    Compact,
}

/// How new mails look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Writing {
    /// `sans`, `serif` or `mono`; empty: the reader's own.
    pub font: String,
    /// In points; 0: the reader's own.
    pub size: u8,
    /// `#rrggbb`; empty: the reader's own.
    pub colour: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProxyKind {
    System,
    None,
    Http,
    Socks5,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProxyView {
    pub kind: ProxyKind,
    pub host: String,
    pub port: u16,
    /// Empty: the proxy wants no sign-in.
    pub user: String,
    /// A password is kept.
    pub password_kept: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProxySet {
    pub kind: ProxyKind,
    pub host: String,
    pub port: u16,
    pub user: String,
    /// None: the one that is kept.
    pub password: Option<String>,
}

/// What the administrator has set.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PolicyView {
    /// The file in force; None: there is none.
    pub path: Option<String>,
    /// Lines of a file that was refused, ready to be shown: `path:line: message`.
    pub problems: Vec<String>,
    /// 0: as many as one likes.
    pub accounts_max: u32,
    /// What the wizard begins with; 0 is all.
    pub days_default: u32,
    /// None: no limit.
    pub days_max: Option<u32>,
    /// Empty: any.
    pub allowed_security: Vec<super::SecurityView>,
    /// A bad certificate may be accepted by hand.
    pub certificate_exceptions: bool,
    /// Providers that people can sign in to in the browser.
    pub oauth: Vec<String>,
}

/// A backup of a damaged database, where the program could not start because of it. The shell's own commands, outside of
/// `call`: `start_backups` gives these, newest first; `start_restore {n}` puts one in the damaged one's place and starts
/// the program, or fails as the start did.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StartBackup {
    /// 1 is the newest. 0, which is not listed, begins with an empty database; the damaged one stays beside it.
    pub n: u32,
    /// When it was taken, in seconds since 1970.
    #[ts(type = "number")]
    pub date: i64,
    /// In bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// False: it is damaged too and cannot be taken.
    pub sound: bool,
    /// `local`: accounts, settings, drafts and the outbox; `crm`: people, companies and sales.
    pub database: String,
}

/// A small text that the UI keeps for itself, such as how far the wizard came. Never a secret.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MemorySet {
    /// `wizard`, or `layout.` and a name.
    pub key: String,
    /// At most 16,384 bytes; None forgets it.
    pub value: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MemoryRequest {
    pub key: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MemoryView {
    pub value: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AppState {
    pub version: String,
    pub accounts: Vec<AccountView>,
    pub crm: CrmView,
    pub settings: Settings,
    /// The language in use.
    pub language: String,
    pub secrets: SecretStore,
    /// The desktop has a tray.
    pub tray: bool,
    pub outbox: u32,
    /// Operations that the server refused.
    pub refused: u32,
    /// So little room is left on the disk that mail is not fetched; it goes on when there is room.
    pub disk_full: bool,
    /// Set when a damaged mail store was set aside at start.
    pub store_set_aside: bool,
    pub policy: PolicyView,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MessageRef {
    pub message: Id,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct IdRequest {
    pub id: Id,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct UndoRequest {
    pub undo: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LinkRequest {
    pub url: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Empty {}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Ok,
    Warning,
    Error,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DoctorLine {
    /// What was looked at: `profile`, `lock`, `disk`, `clock`, `store`, `secrets`, `network`, `proxy`, `policy`,
    /// `incoming`, `outgoing`, `operations`, `provider_mail`, `outbox`, `refused` or `crm`.
    pub topic: String,
    /// The address of the account it is about, or empty.
    pub account: String,
    pub health: Health,
    /// A code of the UI's table, or empty.
    pub code: String,
    /// For the curious and for scripts.
    pub detail: String,
    /// A page where it can be mended.
    pub url: Option<String>,
    /// A mail that says more: the provider's own warning.
    pub message: Option<Id>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DoctorView {
    pub lines: Vec<DoctorLine>,
}
