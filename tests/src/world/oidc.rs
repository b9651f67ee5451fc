//! An OpenID provider (npm oidc-provider, certified): the sign-in pages of `tests/oidc` over TLS, and what a test wishes
//! of it and sees of it over plain HTTP on loopback.

use super::{Authority, PASSWORD, Told, WorldError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The client that the product is at this provider: no secret, PKCE, any port on loopback.
pub const CLIENT: &str = "clientele-test";
/// The one scope there is: a token with it opens the mailbox of the person it was given for.
pub const SCOPE: &str = "mail";

/// Where the provider answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Described {
    /// `https://localhost:PORT`; its endpoints are `/auth`, `/token` and `/token/revocation`.
    pub issuer: String,
    /// `http://127.0.0.1:PORT/control`, for wishes.
    pub control: String,
    pub client: String,
    pub scope: String,
}

/// One request that the provider has seen.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    pub method: String,
    /// `/auth`, `/token`, `/token/revocation`, `/token/introspection`, or the person's way through the pages.
    pub path: String,
    /// At `/token`: `authorization_code` or `refresh_token`.
    pub grant_type: String,
    /// 0 while it is held.
    pub status: u16,
    /// At `/token`: what was answered, tokens and all.
    pub answer: Option<Value>,
    /// Whether the answer could still be sent.
    pub answered: bool,
}

/// How a person behaves in the browser.
#[derive(Debug, Clone, Serialize)]
pub struct Visit {
    pub user: String,
    /// `allow` or `deny`.
    pub decision: &'static str,
    /// `page`: closed at the sign-in page. `callback`: closed just before it comes back. Empty: to the end.
    pub stop: &'static str,
    /// How often the way back is opened.
    pub visits: u32,
}

impl Visit {
    /// Signs in as `user`, allows, and comes back once.
    pub fn of(user: &str) -> Visit {
        Visit { user: user.into(), decision: "allow", stop: "", visits: 1 }
    }
}

/// What the browser came to.
#[derive(Debug, Clone, Deserialize)]
pub struct Visited {
    /// The address of the way back to the program; empty where the browser was closed before.
    pub callback: String,
    /// What each visit to it showed; status 0: nobody answered.
    pub pages: Vec<Page>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Page {
    pub status: u16,
    pub text: String,
}

/// The running provider. Dropped, it ends.
#[derive(Debug)]
pub struct Oidc {
    child: Child,
    secure: u16,
    plain: u16,
    ca: PathBuf,
}

#[derive(Deserialize)]
struct Listening {
    secure: u16,
    plain: u16,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("oidc")
}

/// The Node that setup chose; sudo forgets PATH, and with it the project's own.
pub(super) fn node() -> Command {
    Command::new(std::env::var_os("CLIENTELE_NODE").unwrap_or_else(|| "node".into()))
}

impl Oidc {
    pub(super) fn start(dir: &Path, authority: &Authority) -> Result<Oidc, WorldError> {
        if !folder().join("node_modules/oidc-provider").exists() {
            return Err(WorldError::Missing("oidc-provider (npm)"));
        }
        let log = std::fs::File::create(dir.join("log/oidc.log")).told("opening the provider's log")?;
        let mut child = node()
            .arg(folder().join("provider.mjs"))
            .args([authority.certificate("server"), authority.key("server")])
            .env("PROVIDER_PASSWORD", PASSWORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|source| match source.kind() {
                std::io::ErrorKind::NotFound => WorldError::Missing("node"),
                _ => WorldError::Io { what: "starting the OpenID provider".into(), source },
            })?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).told("hearing of the OpenID provider")?;
        }
        let Ok(Listening { secure, plain }) = serde_json::from_str(&line) else {
            let _ended = child.kill().and_then(|()| child.wait());
            let words = std::fs::read_to_string(dir.join("log/oidc.log")).unwrap_or_default();
            return Err(WorldError::Failed { what: "the OpenID provider".into(), words });
        };
        Ok(Oidc { child, secure, plain, ca: authority.certificate("ca") })
    }

    pub fn described(&self) -> Described {
        Described {
            issuer: self.issuer(),
            control: format!("http://127.0.0.1:{}/control", self.plain),
            client: CLIENT.into(),
            scope: SCOPE.into(),
        }
    }

    /// `https://localhost:PORT`.
    pub fn issuer(&self) -> String {
        format!("https://localhost:{}", self.secure)
    }

    /// Where Dovecot asks about a token.
    pub(super) fn introspection(&self) -> String {
        format!("http://dovecot:dovecot@127.0.0.1:{}/token/introspection", self.plain)
    }

    /// How many seconds the next access tokens live; 3600 at first.
    pub fn access_token_seconds(&self, seconds: u32) -> Result<(), WorldError> {
        self.wish(json!({ "access_token_seconds": seconds }))
    }

    /// What the browser brings back instead of the code: empty (the code), `server_error` or `wrong_state`.
    pub fn redirect(&self, mode: &str) -> Result<(), WorldError> {
        self.wish(json!({ "redirect": mode }))
    }

    /// How the token endpoint behaves: empty (well), `unavailable`, `error_in_200`, `hold_before` (nothing is done until
    /// [`Oidc::release`]) or `hold_after` (the old token is used up, and the answer waits).
    pub fn token_endpoint(&self, mode: &str) -> Result<(), WorldError> {
        self.wish(json!({ "token": mode }))
    }

    /// Lets the requests go on that are held.
    pub fn release(&self) -> Result<(), WorldError> {
        self.control("POST", "release", &json!({})).map(drop)
    }

    /// Takes back everything that this person ever allowed.
    pub fn revoke(&self, user: &str) -> Result<(), WorldError> {
        self.control("POST", "revoke", &json!({ "user": user })).map(drop)
    }

    /// Every request so far, in order.
    pub fn requests(&self) -> Result<Vec<Request>, WorldError> {
        let said = self.control("GET", "requests", &Value::Null)?;
        serde_json::from_str(&said)
            .map_err(|error| WorldError::Failed { what: "control".into(), words: error.to_string() })
    }

    /// Every token that this provider ever gave away.
    pub fn tokens(&self) -> Result<Vec<String>, WorldError> {
        let answers = self.requests()?.into_iter().filter_map(|request| request.answer);
        let tokens = answers.flat_map(|answer| {
            ["access_token", "refresh_token", "id_token"].map(|name| answer[name].as_str().map(str::to_owned))
        });
        Ok(tokens.flatten().collect())
    }

    /// A browser opens `url` and behaves like that.
    pub fn browse(&self, url: &str, visit: &Visit) -> Result<Visited, WorldError> {
        let mut wish = serde_json::to_value(visit).unwrap_or_default();
        wish["url"] = url.into();
        wish["password"] = PASSWORD.into();
        let mut child = node()
            .arg(folder().join("browser.mjs"))
            .env("NODE_EXTRA_CA_CERTS", &self.ca)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .told("starting the browser")?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(wish.to_string().as_bytes()).told("telling the browser")?;
        }
        let output = child.wait_with_output().told("waiting for the browser")?;
        serde_json::from_slice(&output.stdout).map_err(|_| WorldError::Failed {
            what: "the browser".into(),
            words: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// As at the start: no wish is left, and nobody waits.
    pub fn well(&self) -> Result<(), WorldError> {
        self.wish(json!({ "access_token_seconds": 3600, "redirect": "", "token": "" }))?;
        self.release()
    }

    fn wish(&self, wishes: Value) -> Result<(), WorldError> {
        self.control("POST", "wish", &wishes).map(drop)
    }

    fn control(&self, method: &str, path: &str, body: &Value) -> Result<String, WorldError> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.plain)).told("asking the provider")?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).told("asking the provider")?;
        write!(
            stream,
            "{method} /control/{path} HTTP/1.0\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .told("asking the provider")?;
        let mut said = String::new();
        stream.read_to_string(&mut said).told("asking the provider")?;
        match said.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 200") => Ok(body.to_owned()),
            _ => Err(WorldError::Failed { what: format!("control {path}"), words: said }),
        }
    }
}

impl Drop for Oidc {
    fn drop(&mut self) {
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}
