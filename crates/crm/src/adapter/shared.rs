//! What every adapter does alike: where a token may go, and what the failures of the web mean.

use crate::CrmError;
use clientele_model::TokenError;
use clientele_net::{Answer, WebError};
use url::{Host, Url};

/// Whether a token may go there at all: TLS, or a server of this very computer, and nobody's name in the address.
pub fn protected(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    if !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Ipv4(host))) => host.is_loopback(),
        ("http", Some(Host::Ipv6(host))) => host.is_loopback(),
        _ => false,
    }
}

pub fn unreachable(error: WebError) -> CrmError {
    match error {
        WebError::TooLarge => CrmError::Unexpected("the answer is too large"),
        WebError::Address => CrmError::Invalid("server"),
        WebError::Timeout => CrmError::Late,
        // Neither names the address asked.
        WebError::Net(error) => CrmError::Unavailable(error.to_string()),
        WebError::Failed(_) => CrmError::Unavailable("the transfer failed".into()),
    }
}

pub fn no_token(error: TokenError) -> CrmError {
    match error {
        TokenError::SignInAgain | TokenError::Missing => CrmError::SignInAgain,
        TokenError::Unavailable => CrmError::Unavailable("the secret store cannot be reached".into()),
        TokenError::Unreachable(_) => CrmError::Unavailable("the sign-in cannot be reached".into()),
    }
}

/// A page for people.
pub fn is_html(answer: &Answer) -> bool {
    answer.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"))
}

/// `Retry-After` in seconds; it may be a date (RFC 9110 section 10.2.3).
pub fn retry_after(answer: &Answer) -> Option<u32> {
    let text = answer.header("retry-after")?.trim();
    match text.parse() {
        Ok(seconds) => Some(seconds),
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_second();
            u32::try_from((at - crate::tables::now()).max(1)).ok()
        }
    }
}

/// The CRM's words, fit to be shown: one line, not endless, and nothing that turns text around.
pub fn said(words: &str) -> String {
    let hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let words: String = words.chars().map(|letter| if hidden(letter) { ' ' } else { letter }).take(200).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
