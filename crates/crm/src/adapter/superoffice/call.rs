//! One request: signed in, to where the tenant is, with every failure told apart.

use super::{
    Setup,
    site::{Place, unreachable},
};
use crate::{CrmError, Result};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clientele_model::{Credential, Secret, TokenError, TokenSource};
use clientele_net::{Answer, Limits, Net, Web};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

const LIMITS: Limits = Limits { bytes: 32 * 1024 * 1024, time: Duration::from_secs(60) };
/// A mail of 30 MB over a slow line.
const UPLOAD: Limits = Limits { bytes: 4 * 1024 * 1024, time: Duration::from_secs(600) };
/// Where 429 does not say how long.
const LEFT_ALONE_SECONDS: u32 = 30;

pub(super) struct Caller {
    web: Web,
    place: Place,
    sign_in: Arc<dyn TokenSource>,
    user: String,
    language: String,
}

/// What goes along with a request.
#[derive(Clone, Copy)]
pub(super) enum Body<'a> {
    None,
    Json(&'a Value),
    /// RFC 7396.
    Merge(&'a Value),
    Bytes(&'a [u8]),
}

impl Caller {
    pub fn new(net: &Net, setup: Setup) -> Caller {
        let place = Place::new(setup.site, setup.hosts);
        Caller { web: net.web(), place, sign_in: setup.sign_in, user: setup.user, language: setup.language }
    }

    pub fn site(&self) -> &Place {
        &self.place
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        self.ask("GET", path, None).await
    }

    /// `path` is below the tenant's API, as `v1/Person/3`, and fit for a URL.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        self.send(method, path, body.map_or(Body::None, Body::Json), None).await
    }

    /// `unless_changed`: the record's date of change as it was read; another by now is a `Conflict`.
    pub async fn send(&self, method: &str, path: &str, body: Body<'_>, unless_changed: Option<&str>) -> Result<Value> {
        let answer = self.signed_in(method, path, body, unless_changed).await?;
        if answer.status == 204 || answer.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer.body).map_err(|_| CrmError::Unexpected("no JSON"))
    }

    /// Once more with a fresh token, and once more where the tenant is now; never in a loop.
    async fn signed_in(
        &self,
        method: &str,
        path: &str,
        body: Body<'_>,
        unless_changed: Option<&str>,
    ) -> Result<Answer> {
        let (mut refreshed, mut moved) = (false, false);
        loop {
            let api = self.place.api(&self.web).await?;
            let credential = self.sign_in.credential().await.map_err(no_token)?;
            let authorization = self.authorization(&credential);
            let mut headers = vec![
                ("authorization", authorization.expose()),
                ("accept", "application/json"),
                ("so-language", self.language.as_str()),
                // Times come in UTC and say so, whatever the user's own zone.
                ("so-timezone", "UTC, includeTZOffset"),
            ];
            let since = unless_changed.and_then(super::entity::http_date);
            if let Some(since) = &since {
                headers.push(("if-unmodified-since", since));
            }
            let (bytes, limits) = match body {
                Body::None => (Vec::new(), LIMITS),
                Body::Json(json) => {
                    headers.push(("content-type", "application/json"));
                    (serde_json::to_vec(json)?, LIMITS)
                }
                Body::Merge(json) => {
                    headers.push(("content-type", "application/merge-patch+json"));
                    (serde_json::to_vec(json)?, LIMITS)
                }
                Body::Bytes(bytes) => {
                    headers.push(("content-type", "application/octet-stream"));
                    (bytes.to_vec(), UPLOAD)
                }
            };
            let answer =
                self.web.send(method, &format!("{api}{path}"), &headers, bytes, limits).await.map_err(unreachable)?;
            match answer.status {
                401 if !refreshed => refreshed = true,
                403 if !refreshed && is_about_the_sign_in(&answer) => refreshed = true,
                421 if !moved => {
                    moved = true;
                    self.place.moved();
                    continue;
                }
                _ => return judge(answer),
            }
            self.sign_in.refused(&credential);
            // A password does not become another by being asked for again.
            if matches!(credential, Credential::Password(_)) {
                return Err(CrmError::SignInAgain);
            }
        }
    }

    fn authorization(&self, credential: &Credential) -> Secret {
        match credential {
            Credential::Bearer(token) => Secret::new(format!("Bearer {}", token.expose())),
            Credential::Password(password) => {
                let pair = Secret::new(format!("{}:{}", self.user, password.expose()));
                Secret::new(format!("Basic {}", BASE64_STANDARD.encode(pair.expose())))
            }
        }
    }
}

fn no_token(error: TokenError) -> CrmError {
    match error {
        TokenError::SignInAgain | TokenError::Missing => CrmError::SignInAgain,
        TokenError::Unavailable => CrmError::Unavailable("the secret store cannot be reached".into()),
        TokenError::Unreachable(_) => CrmError::Unavailable("the sign-in cannot be reached".into()),
    }
}

/// `{"Error":true,"ErrorType":"SoNotFoundException","ErrorMessage":"…"}`, or the agents' `{"Message":…}`.
fn error_of(answer: &Answer) -> (String, String) {
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    let message = if said["ErrorMessage"].is_string() { text("ErrorMessage") } else { text("Message") };
    (text("ErrorType"), message)
}

/// The vendor answers 403 for a token that has ended, as for a right that is missing.
fn is_about_the_sign_in(answer: &Answer) -> bool {
    let (kind, message) = error_of(answer);
    if kind.is_empty() && message.is_empty() {
        return true;
    }
    let words = format!("{kind} {message}").to_ascii_lowercase();
    ["authenti", "session", "ticket", "token", "expired", "credential"].iter().any(|word| words.contains(word))
}

fn judge(answer: Answer) -> Result<Answer> {
    let html = answer.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
    match answer.status {
        // A page for people where data were asked for.
        200..=299 if html => Err(CrmError::Maintenance),
        200..=299 => Ok(answer),
        401 => Err(CrmError::SignInAgain),
        // Also where it seemed to be about the sign-in: a sign-in that is over shows itself when it is refreshed.
        403 => Err(CrmError::Forbidden { right: said(&error_of(&answer).1) }),
        404 | 410 => Err(CrmError::NotFound),
        409 | 412 => Err(CrmError::Conflict { theirs: None }),
        413 => Err(CrmError::TooLarge),
        421 => Err(CrmError::WrongTenant),
        429 => Err(CrmError::RateLimited { seconds: retry_after(&answer).unwrap_or(LEFT_ALONE_SECONDS) }),
        503 if retry_after(&answer).is_some() && !html => {
            Err(CrmError::RateLimited { seconds: retry_after(&answer).unwrap_or(LEFT_ALONE_SECONDS) })
        }
        503 => Err(CrmError::Maintenance),
        // NetServer's own refusals come as 400 or 500 with its JSON; what has no JSON comes from what stands before it.
        400..=599 if !error_of(&answer).0.is_empty() => {
            let (kind, message) = error_of(&answer);
            Err(refusal(answer.status, &kind, &message))
        }
        500..=599 if html => Err(CrmError::Maintenance),
        504 => Err(CrmError::Late),
        500..=599 => Err(CrmError::Unavailable(format!("HTTP {}", answer.status))),
        400..=499 => Err(CrmError::Refused(said(&error_of(&answer).1))),
        // Followed, a redirect would take the token along.
        _ => Err(CrmError::Unexpected("an answer of another kind")),
    }
}

/// What is wrong with the server may be over the next time; what is wrong with what it was sent is not.
fn refusal(status: u16, kind: &str, message: &str) -> CrmError {
    let lasting = ["Validation", "Argument", "Mandatory", "Security", "Access", "License"];
    if kind.contains("NotFound") {
        CrmError::NotFound
    } else if status < 500 || lasting.iter().any(|word| kind.contains(word)) {
        CrmError::Refused(said(message))
    } else {
        CrmError::Unavailable(format!("HTTP {status}: {}", said(kind)))
    }
}

/// Seconds, or a date (RFC 9110 section 10.2.3).
fn retry_after(answer: &Answer) -> Option<u32> {
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
pub(super) fn said(words: &str) -> String {
    let hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let words: String = words.chars().map(|letter| if hidden(letter) { ' ' } else { letter }).take(200).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_server_is_tried_again_and_a_refusal_is_not() {
        let again = |status, kind| refusal(status, kind, "words").again_in(0).is_some();
        assert!(again(500, "SoSqlException") && again(502, "Exception"));
        assert!(!again(500, "SoValidationException") && !again(500, "ArgumentNullException"));
        assert!(!again(400, "SoException") && !again(500, "SoNotFoundException"));
    }
}
