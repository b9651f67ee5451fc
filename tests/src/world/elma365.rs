//! An ELMA365 of our own (`tests/elma365`): what it holds, and what it is to do. It needs Node, and nothing else of the
//! world.

use super::{Told, WorldError, oidc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

/// The users there.
pub const KARI: &str = "kari@nord.example";
pub const OLA: &str = "ola@nord.example";

/// The running double. Dropped, it ends.
#[derive(Debug)]
pub struct Elma365 {
    child: Child,
    listening: Listening,
}

#[derive(Debug, Deserialize)]
struct Listening {
    api: u16,
    control: u16,
}

/// One request that the double has seen.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    pub method: String,
    /// Below `/pub/v1/`.
    pub path: String,
    #[serde(default)]
    pub status: u16,
    /// How many headers with a token came.
    #[serde(default)]
    pub tokens: u32,
    /// Of lists.
    #[serde(default)]
    pub body: String,
}

/// What is wrong with the next requests of a kind.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Fault {
    /// `POST`; empty: any.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub method: &'static str,
    /// A regular expression, for the path below `/pub/v1/`.
    pub path: &'static str,
    pub times: u32,
    pub status: u16,
    pub headers: BTreeMap<&'static str, String>,
    /// JSON, or a text that goes out as HTML.
    pub body: Value,
    /// Instead of all that: the request is carried out, and its answer is lost.
    pub lost: bool,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("elma365")
}

impl Elma365 {
    pub fn start() -> Result<Elma365, WorldError> {
        let mut child = oidc::node()
            .arg(folder().join("double.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| match source.kind() {
                std::io::ErrorKind::NotFound => WorldError::Missing("node"),
                _ => WorldError::Io { what: "starting the double of ELMA365".into(), source },
            })?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).told("hearing of the double of ELMA365")?;
        }
        let Ok(listening) = serde_json::from_str(&line) else {
            let _ended = child.kill().and_then(|()| child.wait());
            return Err(WorldError::Failed { what: "the double of ELMA365".into(), words: line });
        };
        Ok(Elma365 { child, listening })
    }

    /// The server, without `/pub/v1`.
    pub fn server(&self) -> String {
        format!("http://127.0.0.1:{}", self.listening.api)
    }

    /// `unique`, `pageMost`, `coarse`.
    pub fn wish(&self, wishes: Value) -> Result<(), WorldError> {
        self.control("wish", &wishes).map(drop)
    }

    pub fn fault(&self, fault: &Fault) -> Result<(), WorldError> {
        self.control("fault", &serde_json::to_value(fault).unwrap_or_default()).map(drop)
    }

    /// The administrator issues a token for a user.
    pub fn issue(&self, token: &str, user: &str) -> Result<(), WorldError> {
        self.control("token", &json!({ "token": token, "user": user })).map(drop)
    }

    /// All tokens are taken back.
    pub fn revoke(&self) -> Result<(), WorldError> {
        self.control("revoke", &Value::Null).map(drop)
    }

    /// Makes an item of an app (`_clients/_contacts`), or changes one; its id.
    pub fn put(&self, app: &str, id: Option<&str>, context: Value, by: &str) -> Result<String, WorldError> {
        let said = self.control("put", &json!({ "app": app, "id": id, "context": context, "by": by }))?;
        Ok(said["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Makes items that have all changed at one moment.
    pub fn import(&self, app: &str, items: &[Value]) -> Result<(), WorldError> {
        self.control("import", &json!({ "app": app, "items": items })).map(drop)
    }

    pub fn remove(&self, app: &str, id: &str) -> Result<(), WorldError> {
        self.control("remove", &json!({ "app": app, "id": id })).map(drop)
    }

    /// All items of an app, with the bytes of their files as base64 in `Bytes`.
    pub fn items(&self, app: &str) -> Result<Vec<Value>, WorldError> {
        Ok(self.control("items", &json!({ "app": app }))?.as_array().cloned().unwrap_or_default())
    }

    /// The messages in an item's feed, the oldest first.
    pub fn feed(&self, id: &str) -> Result<Vec<Value>, WorldError> {
        Ok(self.control("feed", &json!({ "id": id }))?.as_array().cloned().unwrap_or_default())
    }

    pub fn requests(&self) -> Result<Vec<Request>, WorldError> {
        let said = self.control("requests", &Value::Null)?;
        serde_json::from_value(said)
            .map_err(|error| WorldError::Failed { what: "control".into(), words: error.to_string() })
    }

    /// As at the start, but for what it holds and whom it knows.
    pub fn well(&self) -> Result<(), WorldError> {
        self.control("well", &Value::Null).map(drop)
    }

    /// What the published examples come to against the double, `ok` or what was wrong. `token` is one that was issued.
    pub fn published(&self, token: &str) -> Result<BTreeMap<String, String>, WorldError> {
        let output = oidc::node()
            .arg(folder().join("published.mjs"))
            .args([self.server().as_str(), token])
            .output()
            .told("starting the published examples")?;
        serde_json::from_slice(&output.stdout).map_err(|_| WorldError::Failed {
            what: "the published examples".into(),
            words: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    fn control(&self, path: &str, body: &Value) -> Result<Value, WorldError> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let told = "asking the double of ELMA365";
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.listening.control)).told(told)?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).told(told)?;
        write!(
            stream,
            "POST /control/{path} HTTP/1.0\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .told(told)?;
        let mut said = String::new();
        stream.read_to_string(&mut said).told(told)?;
        match said.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 200") => {
                Ok(serde_json::from_str(body).unwrap_or_default())
            }
            _ => Err(WorldError::Failed { what: format!("control {path}"), words: said }),
        }
    }
}

impl Drop for Elma365 {
    fn drop(&mut self) {
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}
