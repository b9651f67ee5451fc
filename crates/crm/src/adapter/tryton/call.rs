//! One request: signed in, with every failure told apart.

use super::{Config, Setup};
use crate::{
    CrmError, Result,
    adapter::shared::{is_html, no_token, protected, retry_after, said, unreachable},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE};
use clientele_model::{Credential, Secret, TokenSource};
use clientele_net::{Answer, Limits, Net, Web};
use serde_json::{Map, Value, json};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

const LIMITS: Limits = Limits { bytes: 32 * 1024 * 1024, time: Duration::from_secs(60) };
/// A mail of 30 MB, in base64, over a slow line.
const UPLOAD: Limits = Limits { bytes: 4 * 1024 * 1024, time: Duration::from_secs(600) };
/// From here on a body is an upload.
const LARGE: usize = 1024 * 1024;
/// Where 429 does not say how long.
const LEFT_ALONE_SECONDS: u32 = 30;

/// A row: fields by name.
pub(super) type Row = Map<String, Value>;

pub(super) struct Caller {
    web: Web,
    pub config: Config,
    sign_in: Arc<dyn TokenSource>,
    /// `X-Tryton-Context` once one's companies are known.
    context: Mutex<String>,
}

/// What a list is asked for.
#[derive(Clone, Copy)]
pub(super) struct List<'a> {
    pub model: &'a str,
    pub fields: &'a [&'a str],
    pub limit: u32,
    /// Field and direction: `["id", "ASC"]`.
    pub order: (&'a str, &'a str),
}

impl<'a> List<'a> {
    /// In the order of ids.
    pub fn by_id(model: &'a str, fields: &'a [&'a str], limit: u32) -> List<'a> {
        List { model, fields, limit, order: ("id", "ASC") }
    }
}

impl Caller {
    pub fn new(net: &Net, setup: Setup) -> Caller {
        Caller { web: net.web(), config: setup.config, sign_in: setup.sign_in, context: Mutex::default() }
    }

    /// Records of a company are shown, and taken, only in its context.
    pub fn context(&self, context: &Value) {
        *self.context.lock().unwrap_or_else(PoisonError::into_inner) = BASE64_URL_SAFE.encode(context.to_string());
    }

    /// Rows that fit a domain. It travels in the body, as all that is asked for: a web server's log holds no address.
    pub async fn rows(&self, list: &List<'_>, domain: &Value) -> Result<Vec<Row>> {
        let (field, direction) = list.order;
        let asked = json!({
            "domain": domain,
            "limit": list.limit,
            "order": [[field, direction]],
            "fields_names": list.fields,
        });
        let Value::Array(rows) = self.method(list.model, "search_read", &asked).await? else {
            return Err(CrmError::Unexpected("a list without rows"));
        };
        Ok(rows.into_iter().filter_map(|row| if let Value::Object(row) = row { Some(row) } else { None }).collect())
    }

    /// The one row with an id; `NotFound` where there is none.
    pub async fn row(&self, model: &str, fields: &[&str], id: i64) -> Result<Row> {
        let rows = self.rows(&List::by_id(model, fields, 1), &json!([["id", "=", id]])).await?;
        rows.into_iter().next().ok_or(CrmError::NotFound)
    }

    /// Ids that fit a domain.
    pub async fn ids(&self, model: &str, domain: &Value) -> Result<Vec<i64>> {
        let asked = json!({ "domain": domain, "order": [["id", "ASC"]] });
        Ok(super::value::numbers(&self.method(model, "search", &asked).await?))
    }

    /// A method of a model, with its arguments by name.
    pub async fn method(&self, model: &str, method: &str, arguments: &Value) -> Result<Value> {
        self.ask("POST", &format!("{model}/{method}"), Some(arguments)).await
    }

    /// The new record's id.
    pub async fn create(&self, model: &str, values: &Value) -> Result<i64> {
        let made = self.told(model, "create", self.ask("POST", model, Some(values)).await).await?;
        made["id"].as_i64().ok_or(CrmError::Unexpected("a new record without an id"))
    }

    pub async fn write(&self, model: &str, id: i64, values: &Value) -> Result<()> {
        let said = self.ask("PUT", &format!("{model}/{id}"), Some(values)).await;
        self.told(model, "write", said).await.map(drop)
    }

    /// Tryton refuses a wrong value and a missing right with the same 400: which of them it was, the rights say.
    pub async fn told<T>(&self, model: &str, right: &str, answered: Result<T>) -> Result<T> {
        let words = match answered {
            Err(CrmError::Refused(words)) => words,
            // The answer of a method holds no words for it.
            Err(CrmError::Forbidden { right: words }) if words.is_empty() => format!("{right} {model}"),
            other => return other,
        };
        match self.method("ir.model.access", "get_access", &json!({ "models": [model] })).await {
            Ok(rights) if !is_true(&rights[model][right]) => Err(CrmError::Forbidden { right: words }),
            _ => Err(CrmError::Refused(words)),
        }
    }

    /// `path` is below the REST models, as `party.party/3`.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let url = format!("{}{path}", self.base()?);
        let body = body.map(serde_json::to_vec).transpose()?.unwrap_or_default();
        let answer = self.signed_in(method, &url, body).await?;
        if answer.status == 204 || answer.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer.body).map_err(|_| CrmError::Unexpected("no JSON"))
    }

    /// `https://tryton.example.com/database/rest/model/`.
    fn base(&self) -> Result<String> {
        let base = self.config.base.trim().trim_end_matches('/');
        let name = self.config.database.trim();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        if name.is_empty() || name.starts_with('.') || !name.bytes().all(plain) {
            return Err(CrmError::Invalid("database"));
        }
        if !protected(base) || base.contains(['?', '#']) {
            return Err(CrmError::ServerNotAllowed);
        }
        Ok(format!("{base}/{name}/rest/model/"))
    }

    /// Once more with a fresh key; never in a loop.
    async fn signed_in(&self, method: &str, url: &str, body: Vec<u8>) -> Result<Answer> {
        let mut refreshed = false;
        loop {
            let credential = self.sign_in.credential().await.map_err(no_token)?;
            let (Credential::Bearer(key) | Credential::Password(key)) = &credential;
            let authorization = Secret::new(format!("Bearer {}", key.expose()));
            let context = self.context.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let mut headers = vec![
                ("authorization", authorization.expose()),
                ("accept", "application/json"),
                ("content-type", "application/json"),
                ("accept-language", self.config.language.as_str()),
            ];
            headers.retain(|(_, value)| !value.is_empty());
            if !context.is_empty() {
                headers.push(("x-tryton-context", &context));
            }
            let limits = if body.len() > LARGE { UPLOAD } else { LIMITS };
            let answer = self.web.send(method, url, &headers, body.clone(), limits).await.map_err(unreachable)?;
            if answer.status != 401 || refreshed {
                return judge(answer);
            }
            refreshed = true;
            self.sign_in.refused(&credential);
            // A key does not become another by being asked for again.
            if matches!(credential, Credential::Password(_)) {
                return Err(CrmError::SignInAgain);
            }
        }
    }
}

/// Truth comes as such, or as a number.
pub(super) fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true) || value.as_i64().is_some_and(|number| number != 0)
}

fn judge(answer: Answer) -> Result<Answer> {
    let html = is_html(&answer);
    match answer.status {
        // A page for people where data were asked for.
        200..=299 if html => Err(CrmError::Maintenance),
        200..=299 => Ok(answer),
        401 => Err(CrmError::SignInAgain),
        403 => Err(CrmError::Forbidden { right: words(&answer) }),
        404 | 410 => Err(CrmError::NotFound),
        409 | 412 | 423 => Err(CrmError::Conflict { theirs: None }),
        413 => Err(CrmError::TooLarge),
        429 => Err(CrmError::RateLimited { seconds: retry_after(&answer).unwrap_or(LEFT_ALONE_SECONDS) }),
        503 if retry_after(&answer).is_some() && !html => {
            Err(CrmError::RateLimited { seconds: retry_after(&answer).unwrap_or(LEFT_ALONE_SECONDS) })
        }
        // What stands before Tryton has a page of its own; Tryton itself says so of a database that is being changed.
        503 => Err(CrmError::Maintenance),
        // Tryton's page for what it did not expect: an unknown model or field, where a module is missing.
        500 if html && is_trytons(&answer) => Err(CrmError::Unexpected("a failure inside the CRM")),
        500..=599 if html && answer.status == 500 => Err(CrmError::Maintenance),
        504 => Err(CrmError::Late),
        500..=599 => Err(CrmError::Unavailable(format!("HTTP {}", answer.status))),
        400..=499 => Err(CrmError::Refused(words(&answer))),
        // Followed, a redirect would take the key along.
        _ => Err(CrmError::Unexpected("an answer of another kind")),
    }
}

fn is_trytons(answer: &Answer) -> bool {
    let head = &answer.body[..answer.body.len().min(200)];
    String::from_utf8_lossy(head).contains("<title>500 Internal Server Error</title>")
}

/// `{"status":400,"message":"…","description":"…"}`.
fn words(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let of = |name: &str| body[name].as_str().unwrap_or_default();
    said(&format!("{} {}", of("message"), of("description")))
}
