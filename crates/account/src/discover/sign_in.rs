//! Which ways of signing in are meant.

use super::{Way, address::within};

/// Whose mail servers these are, for sign-in in the browser. A token is the key to a whole account with Google or
/// Microsoft: only these hosts may be offered it, whatever a document on the network says.
const HOSTS: [(&str, &[&str]); 4] = [
    ("google", &["gmail.com", "googlemail.com", "google.com"]),
    ("microsoft", &["office365.com", "office.com", "outlook.com"]),
    ("yahoo", &["mail.yahoo.com"]),
    ("fastmail", &["fastmail.com", "messagingengine.com"]),
];

/// The id of the sign-in in the browser that belongs to both servers.
pub(super) fn oauth_of(incoming: &str, outgoing: &str) -> Option<&'static str> {
    let whose = |host: &str| HOSTS.iter().find(|(_, suffixes)| suffixes.iter().any(|suffix| within(host, suffix)));
    let (incoming, outgoing) = (whose(incoming)?, whose(outgoing)?);
    (incoming.0 == outgoing.0).then_some(incoming.0)
}

/// Reads the values of autoconfig's `<authentication>` and of the table's `login`, best first and each once. Values
/// that this program does not speak are left out.
pub(super) fn ways<'a>(values: impl IntoIterator<Item = &'a str>) -> Vec<Way> {
    let mut ways = Vec::new();
    for value in values {
        let way = match value.trim().to_ascii_lowercase().as_str() {
            "oauth2" | "oauth" | "xoauth2" | "oauthbearer" => Way::OAuth,
            "app_password" => Way::AppPassword,
            "password" | "password-cleartext" | "password-encrypted" | "plain" | "secure" | "login" | "none"
            | "client-ip-address" | "scram-sha-1" | "scram-sha-256" | "smtp-after-pop" => Way::Password,
            "bridge_password" => Way::BridgePassword,
            "unsupported" => Way::Unsupported,
            _ => continue,
        };
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    // In the browser no password is seen by anybody: where it is possible, it is the best.
    ways.sort_by_key(|way| *way != Way::OAuth);
    ways
}
