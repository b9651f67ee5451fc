//! The mail in which a provider warns of a sign-in: often it waits there, unread, while the person wonders why nothing
//! comes any more.

use clientele_model::MessageId;
use clientele_store::Row;

/// Whose servers, and from which addresses it writes about sign-ins. Only to its own mailboxes: there it lets nobody else
/// write in its name, anywhere else such a mail may be a forgery that one must not be sent to.
const PROVIDERS: &[(&[&str], &[&str])] = &[
    (&["gmail.com", "googlemail.com"], &["no-reply@accounts.google.com"]),
    (
        &["office365.com", "outlook.com", "hotmail.com", "office.com"],
        &["account-security-noreply@accountprotection.microsoft.com"],
    ),
    (&["yahoo.com", "aol.com"], &["no-reply@cc.yahoo-inc.com", "no_reply@cc.yahoo-inc.com"]),
    (&["mail.me.com", "icloud.com"], &["appleid@id.apple.com", "noreply@email.apple.com", "no_reply@email.apple.com"]),
    (&["zoho.com", "zoho.eu"], &["noreply@zohoaccounts.com", "noreply@zohoaccounts.eu"]),
];

/// What such subjects speak of, in lower case; these addresses also send news.
const WORDS: &[&str] = &[
    // English
    "sign-in",
    "sign in",
    "signed in",
    "security alert",
    "blocked",
    "suspicious",
    "unusual",
    "app password",
    "verify",
    // Norwegian, Danish
    "sikkerhetsvarsel",
    "pålogging",
    "sikkerhedsadvarsel",
    "sikkerhedsunderretning",
    "login",
    "loginforsøg",
    "blokkert",
    "blokeret",
    "uvanlig",
    "usædvanlig",
    // Swedish
    "säkerhetsvarning",
    "säkerhetsavisering",
    "inloggning",
    "blockera",
    "ovanlig",
    // German
    "sicherheitswarnung",
    "sicherheitshinweis",
    "anmeldung",
    "anmeldeversuch",
    "blockiert",
    "ungewöhnlich",
    // Dutch
    "beveiligingsmelding",
    "beveiligingswaarschuwing",
    "inlogpoging",
    "inloggen",
    "aanmelding",
    "geblokkeerd",
    "ongebruikelijk",
];

/// An older one is about something else.
const RECENT: i64 = 30 * 86_400;

/// The newest warning among the rows, which are the newest of the inbox, newest first.
pub(super) fn find(host: &str, inbox: &[Row], now: i64) -> Option<MessageId> {
    let host = host.to_ascii_lowercase();
    let within = |domain: &str| host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    let (_, senders) = PROVIDERS.iter().find(|(domains, _)| domains.iter().any(|domain| within(domain)))?;
    let warns = |row: &&Row| {
        let subject = row.subject.to_lowercase();
        row.date > now - RECENT
            && senders.contains(&row.from.key().as_str())
            && WORDS.iter().any(|word| subject.contains(word))
    };
    inbox.iter().find(warns).map(|row| row.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{self, NOW};
    use clientele_store::{Filter, ListQuery, Scope};

    #[tokio::test]
    async fn the_providers_own_warning_is_found_and_no_forged_one() {
        let (_folder, engine) = testkit::engine().await;
        let account = testkit::account(&engine, "kari@gmail.com").await;
        testkit::mail(&engine, account, 1, "no-reply@accounts.google.com", "Sikkerhetsvarsel").await;
        let blocked =
            testkit::mail(&engine, account, 2, "No-Reply@Accounts.Google.com", "Anmeldeversuch wurde blockiert").await;
        testkit::mail(&engine, account, 3, "no-reply@accounts.google.com.evil.example", "Sign-in blocked").await;
        testkit::mail(&engine, account, 4, "no-reply@accounts.google.com", "Nytt i Google-kontoen din").await;
        testkit::mail(&engine, account, 5, "ola@nord.example", "Sign-in blocked").await;
        let query = ListQuery { scope: Scope::Inboxes, filter: Filter::All, after: None, limit: 200 };
        let rows = engine.list(query).await.expect("list").page.rows;
        assert_eq!(rows.len(), 5);
        assert_eq!(find("imap.gmail.com", &rows, NOW), Some(blocked), "the newest of the provider's own");
        assert_eq!(find("IMAP.gmail.com", &rows, NOW + 40 * 86_400), None, "long ago");
        assert_eq!(find("mail.nord.example", &rows, NOW), None, "another server does not vouch for Google's name");
        assert_eq!(find("imap.notgmail.com", &rows, NOW), None);
    }
}
