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
use url::form_urlencoded::Serializer;

const LIMITS: Limits = Limits { bytes: 32 * 1024 * 1024, time: Duration::from_secs(60) };
/// A mail of 25 MB over a slow line.
const UPLOAD: Limits = Limits { bytes: 32 * 1024 * 1024, time: Duration::from_secs(600) };
/// Where 429 does not say how long.
const LEFT_ALONE_SECONDS: u32 = 30;
/// What a token that is wrong, revoked or has ended is answered with. The same 403 as for a missing right, which has other
/// words.
const NO_TOKEN: &[&str] =
    &["organization context is required", "login again", "token_not_valid", "credentials were not"];

pub(super) struct Caller {
    web: Web,
    /// Ends in `/api/`.
    api: String,
    sign_in: Arc<dyn TokenSource>,
}

enum Body<'a> {
    None,
    Json(&'a Value),
    /// Content type, bytes.
    Other(&'a str, &'a [u8]),
}

impl Caller {
    pub fn new(net: &Net, setup: Setup) -> Caller {
        let base = setup.config.address.trim().trim_end_matches('/');
        let base = base.strip_suffix("/api").unwrap_or(base);
        Caller { web: net.web(), api: format!("{base}/api/"), sign_in: setup.sign_in }
    }

    /// `path` is below the API and ends in a slash, as `contacts/`; values of the query are written by us.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        let path = if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", Serializer::new(String::new()).extend_pairs(query).finish())
        };
        self.ask("GET", &path, None).await
    }

    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        self.send(method, path, body.map_or(Body::None, Body::Json)).await
    }

    /// A file as a form's field (RFC 7578). `name` is one of ours: without quotes, slashes and line ends.
    pub async fn upload(&self, path: &str, field: &str, name: &str, mime: &str, bytes: &[u8]) -> Result<Value> {
        let boundary = format!("clientele-{}", crate::tables::new_id());
        let mut form = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {mime}\r\n\r\n"
        )
        .into_bytes();
        form.extend_from_slice(bytes);
        form.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        self.send("POST", path, Body::Other(&format!("multipart/form-data; boundary={boundary}"), &form)).await
    }

    async fn send(&self, method: &str, path: &str, body: Body<'_>) -> Result<Value> {
        let answer = self.signed_in(method, path, body).await?;
        if answer.status == 204 || answer.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer.body).map_err(|_| CrmError::Unexpected("no JSON"))
    }

    /// Once more with what the sign-in gives after a refusal; never in a loop.
    async fn signed_in(&self, method: &str, path: &str, body: Body<'_>) -> Result<Answer> {
        if !protected(&self.api) {
            return Err(CrmError::ServerNotAllowed);
        }
        let mut refused = false;
        loop {
            let credential = self.sign_in.credential().await.map_err(no_token)?;
            let (Credential::Bearer(token) | Credential::Password(token)) = &credential;
            let authorization = Secret::new(format!("Bearer {}", token.expose()));
            let mut headers = vec![("authorization", authorization.expose()), ("accept", "application/json")];
            let (bytes, limits) = match &body {
                Body::None => (Vec::new(), LIMITS),
                Body::Json(json) => {
                    headers.push(("content-type", "application/json"));
                    (serde_json::to_vec(json)?, LIMITS)
                }
                Body::Other(kind, bytes) => {
                    headers.push(("content-type", kind));
                    (bytes.to_vec(), UPLOAD)
                }
            };
            let url = format!("{}{path}", self.api);
            let answer = self.web.send(method, &url, &headers, bytes, limits).await.map_err(unreachable)?;
            if refused || !is_about_the_sign_in(&answer) {
                return judge(answer);
            }
            refused = true;
            self.sign_in.refused(&credential);
            // A token that was typed in does not become another by being asked for again.
            if matches!(credential, Credential::Password(_)) {
                return Err(CrmError::SignInAgain);
            }
        }
    }
}

fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn is_about_the_sign_in(answer: &Answer) -> bool {
    let about = || {
        let words = words(&json(answer)).to_ascii_lowercase();
        NO_TOKEN.iter().any(|known| words.contains(known))
    };
    answer.status == 401 || (answer.status == 403 && !is_html(answer) && about())
}

/// All that an answer says: `{"detail":…}`, `{"errors":…}`, or a field's words by its name.
fn words(said: &Value) -> String {
    match said {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(words).collect::<Vec<_>>().join(" "),
        Value::Object(fields) => {
            let all = fields.iter().filter(|(name, _)| *name != "error" && *name != "id").map(|(name, value)| {
                let plain = matches!(name.as_str(), "detail" | "errors" | "non_field_errors" | "message" | "code");
                if plain { words(value) } else { format!("{name}: {}", words(value)) }
            });
            all.collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

fn judge(answer: Answer) -> Result<Answer> {
    let (html, body) = (is_html(&answer), json(&answer));
    let speaks = !body.is_null();
    match answer.status {
        // A page for people where data were asked for.
        200..=299 if html => Err(CrmError::Maintenance),
        200..=299 => Ok(answer),
        401 => Err(CrmError::SignInAgain),
        403 if is_about_the_sign_in(&answer) => Err(CrmError::SignInAgain),
        403 => Err(CrmError::Forbidden { right: said(&words(&body)) }),
        // Nothing is forgotten because a web server of another kind knows no such page.
        404 | 410 if !speaks => Err(CrmError::Unexpected("no BottleCRM at this address")),
        404 | 410 => Err(CrmError::NotFound),
        413 => Err(CrmError::TooLarge),
        429 => Err(CrmError::RateLimited { seconds: retry_after(&answer).unwrap_or(LEFT_ALONE_SECONDS) }),
        503 if retry_after(&answer).is_some() && !html => {
            Err(CrmError::RateLimited { seconds: retry_after(&answer).unwrap_or(LEFT_ALONE_SECONDS) })
        }
        // Django's own page for a fault of its is HTML too, with 500.
        502..=504 if html => Err(CrmError::Maintenance),
        504 => Err(CrmError::Late),
        500..=599 => Err(CrmError::Unavailable(format!("HTTP {}", answer.status))),
        400..=499 => {
            let words = said(&words(&body));
            Err(if words.contains("MB or smaller") { CrmError::TooLarge } else { CrmError::Refused(words) })
        }
        // Followed, a redirect would take the token along.
        _ => Err(CrmError::Unexpected("an answer of another kind")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refusal_is_told_in_the_crms_own_words() {
        let taken = json!({ "error": true, "errors": { "email": ["Contact already exists with this email"] } });
        assert_eq!(words(&taken), "email: Contact already exists with this email");
        assert_eq!(words(&json!({ "detail": "No such record." })), "No such record.");
        assert_eq!(words(&json!({ "error": true, "errors": "Not yours" })), "Not yours");
    }
}
