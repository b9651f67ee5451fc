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
    /// A finished sign-in in the browser (`sign_in_start`), in place of passwords.
    pub grant: Option<Id>,
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
    /// A user name that was accepted where the typed one was not.
    pub proposal_user: Option<String>,
    /// How it signed in, for example `SCRAM-SHA-256`; empty where it did not come so far.
    pub mechanism: String,
    /// The certificate that was refused.
    pub certificate: Option<CertificateView>,
}

/// A server's certificate that normal checks refuse.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CertificateView {
    /// Of the whole certificate: upper-case hex pairs with colons.
    pub sha256: String,
    pub subject: String,
    pub issuer: String,
    /// The names it is made out to.
    pub names: Vec<String>,
    /// Seconds since 1970.
    #[ts(type = "number")]
    pub not_before: i64,
    #[ts(type = "number")]
    pub not_after: i64,
    /// The administrator does not forbid an exception.
    pub may_trust: bool,
}

/// One certificate that a person has accepted for one server.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CertificateException {
    pub host: String,
    pub port: u16,
    pub sha256: String,
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
    /// Signs in with OAuth: the provider's id. None: with a password.
    pub oauth: Option<String>,
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

/// Other settings for a saved account; its mail stays. Empty passwords: those that are kept.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AccountEdit {
    pub id: Id,
    pub draft: AccountDraft,
}

/// Signing in again to a saved account: with a finished sign-in, or a password.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AccountSignIn {
    pub id: Id,
    pub grant: Option<Id>,
    pub password: Option<String>,
}

/// What goes when an account is removed from this computer, and what would be lost with it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AccountRemoval {
    pub email: String,
    /// Mails in the local copy.
    pub mails: u32,
    pub drafts: u32,
    /// Not sent yet, newest first.
    pub unsent: Vec<UnsentView>,
    /// Waiting to be archived in the CRM.
    pub archives: u32,
    /// Changes that the server has not heard of yet.
    pub operations: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct UnsentView {
    pub subject: String,
    pub to: String,
}
