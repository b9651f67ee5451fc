//! Passwords that a provider makes for one program, and what it means when such a provider refuses a password.

use crate::{Code, Way, discover::ways_of};
use clientele_mail::Login;
use clientele_model::Credential;

/// A typed password as it is meant for this server. Providers that take nothing but app passwords show them in groups, and
/// people copy the spaces; there they are left out. Every other password stays as it was typed.
pub fn tidy_password(host: &str, typed: &str) -> String {
    let ways = ways_of(host);
    if ways.contains(&Way::AppPassword) && !ways.contains(&Way::Password) {
        typed.split_whitespace().collect()
    } else {
        typed.to_owned()
    }
}

/// Why a server refused a sign-in without saying so. Where the provider takes app passwords only, or no passwords at all, and
/// what was typed looks like an ordinary one, that is why.
pub(crate) async fn sharpen(login: &Login) -> Code {
    let Ok(Credential::Password(secret)) = login.secret.credential().await else { return Code::SignInRefused };
    let ways = ways_of(&login.endpoint.host);
    if ways.is_empty() || ways.contains(&Way::Password) || ways.contains(&Way::BridgePassword) {
        return Code::SignInRefused;
    }
    if !ways.contains(&Way::AppPassword) {
        return if ways.contains(&Way::OAuth) { Code::OauthNeeded } else { Code::SignInRefused };
    }
    if looks_made(secret.expose()) { Code::SignInRefused } else { Code::AppPasswordNeeded }
}

/// Google, Yahoo, AOL, Apple and Yandex make 16 letters, Fastmail 16 and Zoho 12 letters and digits, Mail.ru 20.
fn looks_made(password: &str) -> bool {
    let bare: Vec<u8> = password.bytes().filter(|byte| !matches!(byte, b' ' | b'-')).collect();
    matches!(bare.len(), 12 | 16 | 20) && bare.iter().all(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clientele_model::{Endpoint, Security};
    use std::sync::Arc;

    #[test]
    fn an_app_password_may_be_typed_as_it_is_shown() {
        assert_eq!(tidy_password("imap.gmail.com", " abcd efgh ijkl mnop\n"), "abcdefghijklmnop");
        assert_eq!(tidy_password("smtp.mail.yahoo.com", "abcd efgh ijkl mnop"), "abcdefghijklmnop");
        assert_eq!(
            tidy_password("imap.mail.me.com", "abcd-efgh-ijkl-mnop"),
            "abcd-efgh-ijkl-mnop",
            "Apple's has hyphens"
        );
        assert_eq!(tidy_password("imap.gmx.net", "ein ganzer Satz "), "ein ganzer Satz ", "these take usual ones too");
        assert_eq!(tidy_password("mail.example.com", "a b"), "a b");
    }

    #[tokio::test]
    async fn a_refused_password_is_told_from_one_that_cannot_work() {
        let code = async |host: &str, credential: Credential| {
            let endpoint = Endpoint { host: host.into(), port: 993, security: Security::Tls };
            sharpen(&Login { endpoint, user: "ada".into(), secret: Arc::new(credential) }).await
        };
        let typed = |text: &str| Credential::password(text);
        assert_eq!(code("imap.gmail.com", typed("Sommer-2026!")).await, Code::AppPasswordNeeded);
        assert_eq!(code("imap.gmail.com", typed("abcd efgh ijkl mnop")).await, Code::SignInRefused, "a mistyped one");
        assert_eq!(code("smtp.mail.me.com", typed("Sommer-2026!")).await, Code::AppPasswordNeeded);
        assert_eq!(code("outlook.office365.com", typed("Sommer-2026!")).await, Code::OauthNeeded);
        assert_eq!(code("imap.gmx.net", typed("Sommer-2026!")).await, Code::SignInRefused);
        assert_eq!(code("mail.example.com", typed("Sommer-2026!")).await, Code::SignInRefused);
        let token = Credential::Bearer(clientele_model::Secret::new("ya29"));
        assert_eq!(code("imap.gmail.com", token).await, Code::SignInRefused);
    }
}
