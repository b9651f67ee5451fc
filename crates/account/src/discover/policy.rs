//! Servers that the administrator has set.

use super::{Found, PolicyServer, Source, Way, address::Mailbox};

/// The first rule for the address's domain. The administrator is believed, also about servers without TLS and about whose
/// sign-in it is.
pub(super) fn ask(rules: &[PolicyServer], mailbox: &Mailbox) -> Option<Found> {
    let matches = |domain: &String| domain == "*" || domain.eq_ignore_ascii_case(&mailbox.domain);
    let rule = rules.iter().find(|rule| rule.domains.iter().any(matches))?;
    let (way, oauth) = match rule.sign_in.as_str() {
        "" | "password" => (Way::Password, None),
        "app_password" => (Way::AppPassword, None),
        id => (Way::OAuth, Some(id.to_owned())),
    };
    let user = mailbox.fill(if rule.user.is_empty() { "%EMAILADDRESS%" } else { &rule.user });
    Some(Found {
        provider_id: String::new(),
        provider_name: String::new(),
        source: Source::Policy,
        source_host: String::new(),
        trusted: true,
        incoming: rule.incoming.clone(),
        incoming_user: user.clone(),
        outgoing: rule.outgoing.clone(),
        outgoing_user: user,
        sign_in: vec![way],
        oauth_id: oauth,
        app_password_url: None,
        help_url: None,
        enable_url: None,
        pop3_only: false,
    })
}
