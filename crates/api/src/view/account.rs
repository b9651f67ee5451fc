//! Mail accounts, and the try-out before one is saved.

use super::Id;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecurityView {
    None,
    Starttls,
    Tls,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EndpointView {
    /// Host name or address; `server:port` is accepted and wins over `port`.
    pub host: String,
    pub port: u16,
    pub security: SecurityView,
}

/// What a person typed to connect a mailbox.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AccountDraft {
    pub email: String,
    pub name: String,
    pub incoming: EndpointView,
    pub incoming_user: String,
    pub incoming_password: String,
    pub outgoing: EndpointView,
    /// Empty: the same as incoming.
    pub outgoing_user: String,
    /// Empty: the same as incoming.
    pub outgoing_password: String,
    /// Days of mail to fetch; 0 is all.
    pub days: u32,
}

/// One step of the try-out, in the order they are taken.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Resolve,
    Connect,
    Tls,
    SignIn,
    Use,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SideReport {
    pub ok: bool,
    /// The last stage that was reached.
    pub stage: Stage,
    /// Set where it failed: the same codes as `ApiError.code`.
    pub code: Option<String>,
    /// The server's words or the library's, for the curious; never a secret.
    pub detail: String,
    pub host: String,
    pub port: u16,
    pub milliseconds: u32,
    /// For example "TLS 1.3"; empty without TLS.
    pub tls: String,
    /// Incoming only: how many folders were seen.
    pub folders: u32,
    /// Settings that answered where the asked ones did not.
    pub proposal: Option<EndpointView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VerifyView {
    pub incoming: SideReport,
    pub outgoing: SideReport,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    Starting,
    Syncing,
    Idle,
    Offline,
    SignInNeeded,
    Failed,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AccountView {
    pub id: Id,
    pub email: String,
    pub name: String,
    pub incoming: EndpointView,
    pub incoming_user: String,
    pub outgoing: EndpointView,
    pub outgoing_user: String,
    pub days: u32,
    pub state: AccountState,
    /// Set with Failed, Offline and SignInNeeded.
    pub code: Option<String>,
    pub progress: Option<Progress>,
}

/// How far a long task is.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Progress {
    #[ts(type = "number")]
    pub done: u64,
    #[ts(type = "number")]
    pub total: u64,
    /// The folder's name, where the task is about one.
    pub folder: String,
}
