//! A SuperOffice of our own (`tests/superoffice`): what it holds, what it is to do, and its vendor's client driving it.
//! It needs Node, and nothing else of the world.

use super::{Told, WorldError, oidc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

/// This program's registration there: PKCE, no secret, any port on 127.0.0.1.
pub const CLIENT: &str = "0123456789abcdef0123456789abcdef";
/// The one tenant.
pub const TENANT: &str = "Cust12345";

/// The running double. Dropped, it ends.
#[derive(Debug)]
pub struct SuperOffice {
    child: Child,
    listening: Listening,
}

#[derive(Debug, Deserialize)]
struct Listening {
    identity: u16,
    servers: [u16; 2],
}

/// One request that the double has seen.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    pub method: String,
    /// Below the API, as `v1/Person`.
    pub path: String,
    #[serde(default)]
    pub query: String,
    #[serde(default)]
    pub status: u16,
}

/// What is wrong with the next requests of a kind.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Fault {
    /// `POST`; empty: any.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub method: &'static str,
    /// A regular expression, for the path below the API.
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
    Path::new(env!("CARGO_MANIFEST_DIR")).join("superoffice")
}

impl SuperOffice {
    pub fn start() -> Result<SuperOffice, WorldError> {
        if !folder().join("node_modules/@superoffice/webapi").exists() {
            return Err(WorldError::Missing("@superoffice/webapi (npm)"));
        }
        let mut child = oidc::node()
            .arg(folder().join("double.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| match source.kind() {
                std::io::ErrorKind::NotFound => WorldError::Missing("node"),
                _ => WorldError::Io { what: "starting the double of SuperOffice".into(), source },
            })?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).told("hearing of the double of SuperOffice")?;
        }
        let Ok(listening) = serde_json::from_str(&line) else {
            let _ended = child.kill().and_then(|()| child.wait());
            return Err(WorldError::Failed { what: "the double of SuperOffice".into(), words: line });
        };
        Ok(SuperOffice { child, listening })
    }

    /// Where one signs in, and asks for the tenant's state.
    pub fn identity(&self) -> String {
        format!("http://127.0.0.1:{}", self.listening.identity)
    }

    /// The API of the tenant on the first of its two servers.
    pub fn api(&self) -> String {
        format!("http://127.0.0.1:{}/{TENANT}/api/", self.listening.servers[0])
    }

    /// The API of a customer's own server, for a user and [`super::PASSWORD`].
    pub fn on_site(&self) -> String {
        format!("http://127.0.0.1:{}/onsite/api", self.listening.servers[0])
    }

    /// The tenant moves to the other server, which the first one answers with 421.
    pub fn move_tenant(&self) -> Result<(), WorldError> {
        self.wish(json!({ "at": 1 }))
    }

    /// `at` (0 or 1), `state`, `emailAgent`, `pageMost`.
    pub fn wish(&self, wishes: Value) -> Result<(), WorldError> {
        self.control("wish", &wishes).map(drop)
    }

    pub fn fault(&self, fault: &Fault) -> Result<(), WorldError> {
        self.control("fault", &serde_json::to_value(fault).unwrap_or_default()).map(drop)
    }

    /// An access token for `kari` or `ola`, without the way through the browser.
    pub fn token(&self, user: &str) -> Result<String, WorldError> {
        let said = self.control("token", &json!({ "user": user }))?;
        Ok(said["access_token"].as_str().unwrap_or_default().to_owned())
    }

    /// Every access token has ended; refresh tokens live on.
    pub fn expire(&self) -> Result<(), WorldError> {
        self.control("expire", &Value::Null).map(drop)
    }

    /// The tenant takes its consent back.
    pub fn revoke(&self) -> Result<(), WorldError> {
        self.control("revoke", &Value::Null).map(drop)
    }

    /// So many of each, made up.
    pub fn seed(&self, companies: u32, people: u32, sales: u32) -> Result<(), WorldError> {
        self.control("seed", &json!({ "companies": companies, "people": people, "sales": sales })).map(drop)
    }

    /// Makes or changes an entity as the user 5 (oneself) or 6 (a colleague); its id.
    pub fn put(&self, entity: &str, value: Value, by: u32) -> Result<u64, WorldError> {
        let said = self.control("put", &json!({ "entity": entity, "value": value, "by": by }))?;
        Ok(said["id"].as_u64().unwrap_or_default())
    }

    pub fn remove(&self, entity: &str, id: u64) -> Result<(), WorldError> {
        self.control("remove", &json!({ "entity": entity, "id": id })).map(drop)
    }

    /// The documents with this `ExternalRef`, with their bytes as base64 in `Bytes` (null: none).
    pub fn documents(&self, reference: &str) -> Result<Vec<Value>, WorldError> {
        Ok(self.control("documents", &json!({ "reference": reference }))?.as_array().cloned().unwrap_or_default())
    }

    pub fn requests(&self) -> Result<Vec<Request>, WorldError> {
        let said = self.control("requests", &Value::Null)?;
        serde_json::from_value(said)
            .map_err(|error| WorldError::Failed { what: "control".into(), words: error.to_string() })
    }

    /// As at the start, but for what it holds.
    pub fn well(&self) -> Result<(), WorldError> {
        self.control("well", &Value::Null).map(drop)
    }

    /// The vendor's own client does what we do; what came of each call, `ok` or what was wrong. `document` is one that
    /// was archived by us.
    pub fn vendor(&self, document: &str) -> Result<BTreeMap<String, String>, WorldError> {
        let token = self.token("kari")?;
        let output = oidc::node()
            .arg(folder().join("vendor.mjs"))
            .args([self.api().as_str(), &token, document])
            .output()
            .told("starting the vendor's client")?;
        serde_json::from_slice(&output.stdout).map_err(|_| WorldError::Failed {
            what: "the vendor's client".into(),
            words: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    fn control(&self, path: &str, body: &Value) -> Result<Value, WorldError> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let told = "asking the double of SuperOffice";
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.listening.identity)).told(told)?;
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

impl Drop for SuperOffice {
    fn drop(&mut self) {
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}
