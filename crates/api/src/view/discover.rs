//! Looking for the servers of an address.

use super::EndpointView;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DiscoverRequest {
    pub email: String,
    /// The id of a provider that the person chose from the list: its servers, whatever the address.
    pub provider: Option<String>,
}

/// Where an answer came from, most trustworthy first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DiscoverSource {
    /// The administrator's policy file.
    Policy,
    /// The built-in table, by the address's domain.
    Table,
    /// The built-in table, by the domain's mail exchanger.
    TableMx,
    /// The domain's own autoconfig over https.
    Autoconfig,
    WellKnown,
    /// Autoconfig of the domain of the mail exchanger.
    AutoconfigMx,
    /// SRV records of the domain (RFC 6186, RFC 8314).
    Srv,
    Autodiscover,
    /// Usual names below the domain, each proven by a handshake.
    Guess,
    /// The domain's autoconfig over plain http: anybody on the way may have written it.
    AutoconfigHttp,
}

/// How a provider lets people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SignInWay {
    /// In the browser.
    Oauth,
    /// A password made for one program in the provider's settings.
    AppPassword,
    Password,
    /// A password that a program of the provider's on this computer shows.
    BridgePassword,
    /// No mail program can sign in.
    Unsupported,
}

/// Servers for an address.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FoundView {
    /// For example `google`, `microsoft365`, `outlook`, `yahoo`, `icloud`, `gmx`; empty where unknown.
    pub provider_id: String,
    /// For people; empty where unknown.
    pub provider_name: String,
    pub source: DiscoverSource,
    /// Who gave the answer.
    pub source_host: String,
    /// False: the person sees and accepts the servers before a password goes there.
    pub trusted: bool,
    pub incoming: EndpointView,
    pub incoming_user: String,
    pub outgoing: EndpointView,
    pub outgoing_user: String,
    /// Best first, without those that are not possible here.
    pub sign_in: Vec<SignInWay>,
    /// What `sign_in_start` takes; set where signing in in the browser is possible.
    pub oauth: Option<String>,
    /// The provider wants a sign-in in the browser, but this program has no client id for it.
    pub oauth_missing: bool,
    /// Where an app password is made.
    pub app_password_url: Option<String>,
    pub help_url: Option<String>,
    /// Where IMAP must be switched on first.
    pub enable_url: Option<String>,
    /// The provider offers POP3 only, which is not spoken here.
    pub pop3_only: bool,
}

/// What one source said.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SourceView {
    pub source: DiscoverSource,
    pub host: String,
    /// `won`, `lost`, `nothing`, `failed`, `timeout` or `not_asked`.
    pub outcome: String,
    /// Why it lost or failed, for the curious.
    pub why: String,
    pub trusted: bool,
    pub milliseconds: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DiscoverView {
    pub email: String,
    /// As people write it: not in punycode.
    pub domain: String,
    /// Best first; empty: nothing was found.
    pub found: Vec<FoundView>,
    pub sources: Vec<SourceView>,
    pub offline: bool,
}
