//! What discovery says, and in which order it is believed.

use clientele_model::{Endpoint, Security};
use std::time::Duration;

/// Where an answer came from, most trustworthy first: the order decides between answers of equal trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The administrator's policy.
    Policy,
    /// The built-in table, by the address's domain.
    Table,
    /// The built-in table, by the domain's mail exchanger.
    TableMx,
    /// `https://autoconfig.DOMAIN/mail/config-v1.1.xml`
    Autoconfig,
    /// `https://DOMAIN/.well-known/autoconfig/mail/config-v1.1.xml`
    WellKnown,
    /// Autoconfig of the mail exchanger's domain.
    AutoconfigMx,
    /// SRV records (RFC 6186, RFC 8314).
    Srv,
    /// Microsoft Autodiscover.
    Autodiscover,
    /// Usual names below the domain, each proven by a handshake.
    Guess,
    /// `http://autoconfig.DOMAIN/…`: anybody on the way may have written it, so it is never trusted.
    AutoconfigHttp,
}

impl Source {
    /// All, in order.
    pub const ALL: [Source; 10] = [
        Source::Policy,
        Source::Table,
        Source::TableMx,
        Source::Autoconfig,
        Source::WellKnown,
        Source::AutoconfigMx,
        Source::Srv,
        Source::Autodiscover,
        Source::Guess,
        Source::AutoconfigHttp,
    ];

    /// As it is written on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Source::Policy => "policy",
            Source::Table => "table",
            Source::TableMx => "table_mx",
            Source::Autoconfig => "autoconfig",
            Source::WellKnown => "well_known",
            Source::AutoconfigMx => "autoconfig_mx",
            Source::Srv => "srv",
            Source::Autodiscover => "autodiscover",
            Source::Guess => "guess",
            Source::AutoconfigHttp => "autoconfig_http",
        }
    }
}

/// How people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// In the browser.
    OAuth,
    /// A password made for one program in the provider's settings.
    AppPassword,
    Password,
    /// A password that a program of the provider's on this computer shows.
    BridgePassword,
    /// No mail program can sign in.
    Unsupported,
}

/// Servers for an address. A side that is not known has an empty host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// For example `google`, `microsoft365`, `outlook`, `yahoo`, `icloud`, `gmx`; empty where unknown.
    pub provider_id: String,
    /// For people; empty where unknown.
    pub provider_name: String,
    pub source: Source,
    /// Who gave the answer; empty for the table and the policy.
    pub source_host: String,
    /// False: the person sees and accepts the servers before a secret goes there.
    pub trusted: bool,
    pub incoming: Endpoint,
    pub incoming_user: String,
    pub outgoing: Endpoint,
    pub outgoing_user: String,
    /// Best first. Whether this program has a client id for OAuth is not looked at here.
    pub sign_in: Vec<Way>,
    /// Whose sign-in in the browser it is: `google`, `microsoft`, `yahoo`, `fastmail`, or another name that only the
    /// administrator's policy can bring to life. Set exactly where `sign_in` has [`Way::OAuth`], and only where both
    /// servers are that provider's own.
    pub oauth_id: Option<String>,
    /// Where an app password is made.
    pub app_password_url: Option<String>,
    pub help_url: Option<String>,
    /// Where IMAP must be switched on first.
    pub enable_url: Option<String>,
    /// The provider offers POP3 only; `incoming` is then its POP3 server.
    pub pop3_only: bool,
}

impl Found {
    /// Whether a side would go without TLS: then it is never trusted, and it is the last choice.
    pub fn unprotected(&self) -> bool {
        let open = |endpoint: &Endpoint| !endpoint.host.is_empty() && endpoint.security == Security::None;
        open(&self.incoming) || open(&self.outgoing)
    }

    /// Both servers are known, or it is known that there are none.
    pub fn whole(&self) -> bool {
        self.sign_in == [Way::Unsupported] || (!self.incoming.host.is_empty() && !self.outgoing.host.is_empty())
    }
}

/// What became of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Its answer is the first of [`Discovery::found`].
    Won,
    /// It answered, and another answer is better: why.
    Lost(String),
    /// It knows nothing of this address: what it said.
    Nothing(String),
    /// Its answer could not be used, or it could not be reached: why.
    Failed(String),
    /// It said nothing within its time.
    TimedOut,
    /// It was not asked, or not waited for: why.
    NotAsked(String),
}

impl Outcome {
    /// As it is written on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Won => "won",
            Outcome::Lost(_) => "lost",
            Outcome::Nothing(_) => "nothing",
            Outcome::Failed(_) => "failed",
            Outcome::TimedOut => "timeout",
            Outcome::NotAsked(_) => "not_asked",
        }
    }

    /// In English, for the curious; may be empty.
    pub fn why(&self) -> &str {
        match self {
            Outcome::Won => "",
            Outcome::TimedOut => "no answer within its time",
            Outcome::Lost(why) | Outcome::Nothing(why) | Outcome::Failed(why) | Outcome::NotAsked(why) => why,
        }
    }
}

/// What one source said.
#[derive(Debug, Clone)]
pub struct SourceReport {
    pub source: Source,
    /// Who was asked, or who answered; may be empty.
    pub host: String,
    pub elapsed: Duration,
    pub found: Option<Found>,
    pub outcome: Outcome,
}

/// What was found for an address.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    /// The cleaned address, its domain in ASCII; empty where what was typed is none.
    pub email: String,
    /// The domain as DNS wants it: lower case, in ASCII.
    pub domain: String,
    /// The domain as people write it.
    pub domain_shown: String,
    /// Best first, each pair of servers once; empty: nothing was found.
    pub found: Vec<Found>,
    /// One for each source, in order.
    pub sources: Vec<SourceReport>,
    /// There is no way out of this computer: only the policy and the table were asked.
    pub offline: bool,
    /// How long it took until `found` was settled.
    pub elapsed: Duration,
}

/// Servers that an administrator sets for some domains.
#[derive(Debug, Clone)]
pub struct PolicyServer {
    /// Lower case, in ASCII; `*` for every domain.
    pub domains: Vec<String>,
    pub incoming: Endpoint,
    pub outgoing: Endpoint,
    /// With `%EMAILADDRESS%`, `%EMAILLOCALPART%`, `%EMAILDOMAIN%`.
    pub user: String,
    /// `password`, `app_password`, or the id of a sign-in in the browser.
    pub sign_in: String,
}

/// What else discovery is told.
#[derive(Debug, Clone, Default)]
pub struct DiscoverOptions {
    pub policy_servers: Vec<PolicyServer>,
    /// Ask the policy and the table only, which needs no network and no time.
    pub offline_only: bool,
    /// Wait for every source, for diagnosis, also when the answer stands.
    pub every: bool,
}

/// The smaller, the better. Trust comes before the order of sources, and what can be used before trust.
pub(super) fn better(found: &Found) -> (bool, bool, bool, bool, Source) {
    let open = found.unprotected() && found.source != Source::Policy;
    (found.pop3_only, open, !found.trusted, !found.whole(), found.source)
}
