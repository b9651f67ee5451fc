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
    /// Seconds in the reader after which a mail counts as read; negative: never by itself.
    pub read_after: i32,
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
    /// Set when a damaged mail store was set aside at start.
    pub store_set_aside: bool,
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
    pub subject: String,
    pub health: Health,
    /// A code of the UI's table, or empty.
    pub code: String,
    pub detail: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DoctorView {
    pub lines: Vec<DoctorLine>,
}
