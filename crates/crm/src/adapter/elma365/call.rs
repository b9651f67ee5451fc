//! One request: signed in, with every failure told apart.

use super::Setup;
use crate::{
    CrmError, Result,
    adapter::shared::{is_html, no_token, protected, retry_after, said, unreachable},
};
use clientele_model::{Credential, Secret, TokenSource};
use clientele_net::{Answer, Limits, Net, Web};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

const LIMITS: Limits = Limits { bytes: 32 * 1024 * 1024, time: Duration::from_secs(60) };
/// A stretch of a mail over a slow line.
const UPLOAD: Limits = Limits { bytes: 4 * 1024 * 1024, time: Duration::from_secs(300) };
/// Where 429 does not say how long.
const LEFT_ALONE_SECONDS: u32 = 30;

pub(super) struct Caller {
    web: Web,
    /// Ends in `/pub/v1/`.
    api: String,
    sign_in: Arc<dyn TokenSource>,
}

/// Bytes with their type and their place in a file, which goes as `Content-Range`.
pub(super) struct Stretch<'a> {
    pub content_type: &'a str,
    pub range: &'a str,
    pub bytes: Vec<u8>,
}

impl Caller {
    pub fn new(net: &Net, setup: &Setup) -> Caller {
        Caller { web: net.web(), api: api(&setup.config.server), sign_in: setup.sign_in.clone() }
    }

    /// `path` is below `/pub/v1/` and fit for a URL.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let bytes = serde_json::to_vec(body)?;
        self.signed_in("POST", path, &[("content-type", "application/json")], &bytes, LIMITS).await
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        self.signed_in("GET", path, &[], &[], LIMITS).await
    }

    pub async fn upload(&self, path: &str, stretch: &Stretch<'_>) -> Result<Value> {
        let headers = [("content-type", stretch.content_type), ("content-range", stretch.range)];
        self.signed_in("POST", path, &headers, &stretch.bytes, UPLOAD).await
    }

    /// Once more only where another token has come meanwhile: one that was refused is shown once.
    async fn signed_in(
        &self,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &[u8],
        limits: Limits,
    ) -> Result<Value> {
        if !protected(&self.api) {
            return Err(CrmError::ServerNotAllowed);
        }
        let mut refused: Option<Secret> = None;
        loop {
            let credential = self.sign_in.credential().await.map_err(no_token)?;
            let (Credential::Bearer(token) | Credential::Password(token)) = &credential;
            if refused.as_ref() == Some(token) {
                return Err(CrmError::SignInAgain);
            }
            // The other header, `Authorization: Bearer`, may be taken by a proxy before a customer's own server.
            let mut headers = vec![("x-token", token.expose()), ("accept", "application/json")];
            headers.extend_from_slice(more);
            let url = format!("{}{path}", self.api);
            let answer = self.web.send(method, &url, &headers, body.to_vec(), limits).await.map_err(unreachable)?;
            if !is_about_the_sign_in(&answer) {
                return judge(answer);
            }
            self.sign_in.refused(&credential);
            if refused.is_some() {
                return Err(CrmError::SignInAgain);
            }
            refused = Some(token.clone());
        }
    }
}

fn api(server: &str) -> String {
    let server = server.trim().trim_end_matches('/');
    format!("{}/pub/v1/", server.strip_suffix("/pub/v1").unwrap_or(server))
}

/// The tenant's web pages. Without a slash at its end.
pub(super) fn pages(server: &str) -> String {
    let api = api(server);
    api.strip_suffix("/pub/v1/").unwrap_or_default().to_owned()
}

/// `{"success":false,"error":"…"}`; what is wrong may also stand in other places.
fn error_of(body: &[u8]) -> String {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let of = |name: &str| said[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    of("error")
        .or_else(|| of("message"))
        .or_else(|| said["error"]["message"].as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn any(words: &str, of: &[&str]) -> bool {
    let words = words.to_lowercase();
    of.iter().any(|one| words.contains(one))
}

/// The vendor's 403 is "failed to log in"; a right that is missing has words of its own.
fn is_about_the_sign_in(answer: &Answer) -> bool {
    match answer.status {
        401 => true,
        403 => {
            let words = error_of(&answer.body);
            !is_html(answer)
                && (words.is_empty()
                    || any(&words, &["log in", "login", "token", "authori", "authenti", "unauth", "авториз"]))
        }
        _ => false,
    }
}

/// What the CRM says went wrong, also where the status says that all is well.
fn failure(words: &str) -> CrmError {
    if any(words, &["not found", "no documents", "does not exist", "не найден"]) {
        CrmError::NotFound
    } else if any(words, &["access denied", "forbidden", "permission", "not allowed", "нет прав", "доступ запрещ"])
    {
        CrmError::Forbidden { right: said(words) }
    } else {
        CrmError::Refused(said(words))
    }
}

fn judge(answer: Answer) -> Result<Value> {
    let words = || error_of(&answer.body);
    match answer.status {
        // A page for people where data were asked for.
        200..=299 if is_html(&answer) => Err(CrmError::Maintenance),
        200..=299 => {
            let value: Value = serde_json::from_slice(&answer.body).map_err(|_| CrmError::Unexpected("no JSON"))?;
            if value["success"] == false { Err(failure(&words())) } else { Ok(value) }
        }
        403 => Err(CrmError::Forbidden { right: said(&words()) }),
        404 | 410 => Err(CrmError::NotFound),
        409 | 412 => Err(CrmError::Conflict { theirs: None }),
        413 => Err(CrmError::TooLarge),
        429 => Err(CrmError::RateLimited { seconds: retry_after(&answer).unwrap_or(LEFT_ALONE_SECONDS) }),
        503 => match retry_after(&answer) {
            Some(seconds) if !is_html(&answer) => Err(CrmError::RateLimited { seconds }),
            _ => Err(CrmError::Maintenance),
        },
        500..=599 if is_html(&answer) => Err(CrmError::Maintenance),
        504 => Err(CrmError::Late),
        500..=599 => Err(CrmError::Unavailable(format!("HTTP {}", answer.status))),
        400..=499 => Err(failure(&words())),
        // Followed, a redirect would take the token along.
        _ => Err(CrmError::Unexpected("an answer of another kind")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_taken_as_people_write_it() {
        for server in ["https://firma.elma365.eu", " https://firma.elma365.eu/ ", "https://firma.elma365.eu/pub/v1/"] {
            assert_eq!(api(server), "https://firma.elma365.eu/pub/v1/");
            assert_eq!(pages(server), "https://firma.elma365.eu");
        }
        for bad in ["firma.elma365.eu", "http://firma.elma365.eu", "https://a:b@firma.elma365.eu", ""] {
            assert!(!protected(&api(bad)), "{bad}");
        }
    }

    #[test]
    fn words_tell_failures_apart() {
        assert!(matches!(failure("item not found"), CrmError::NotFound));
        assert!(
            matches!(failure("Access denied:\nno right to insert"), CrmError::Forbidden { right } if !right.contains('\n'))
        );
        assert!(matches!(failure("unknown field x"), CrmError::Refused(_)));
        assert_eq!(error_of(br#"{"error":{"message":"m"}}"#), "m");
    }
}
