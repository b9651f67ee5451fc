//! A server of our own, written in JavaScript and run by Node: started, wished upon, looked into, and ended with whoever
//! started it.

use super::{Told, WorldError, oidc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

/// One that is running. Dropped, it ends.
#[derive(Debug)]
pub struct Double {
    child: Child,
    /// What it is called in failures.
    name: &'static str,
    folder: PathBuf,
    /// Where it is told what to do.
    control: u16,
}

/// One request that a double has seen.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Request {
    pub method: String,
    /// Below the API, as `v1/Person`.
    pub path: String,
    pub query: String,
    pub status: u16,
    /// How many headers with a token came, where it counts them.
    pub tokens: u32,
    /// Where it keeps some.
    pub body: String,
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

impl Double {
    /// Runs `double.mjs` of a folder beside this package, which prints where it listens as one line of JSON; `control` is
    /// the name of the port for wishes in it.
    pub(super) fn start(name: &'static str, folder: &str, control: &str) -> Result<(Double, Value), WorldError> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut child = oidc::node()
            .arg(folder.join("double.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| match source.kind() {
                std::io::ErrorKind::NotFound => WorldError::Missing("node"),
                _ => WorldError::Io { what: format!("starting the double of {name}"), source },
            })?;
        let out = child.stdout.take();
        let mut double = Double { child, name, folder, control: 0 };
        let mut line = String::new();
        if let Some(out) = out {
            BufReader::new(out).read_line(&mut line).told(format!("hearing of the double of {name}"))?;
        }
        let listening: Value = serde_json::from_str(&line).unwrap_or_default();
        match listening[control].as_u64().and_then(|port| u16::try_from(port).ok()) {
            Some(port) => double.control = port,
            None => return Err(WorldError::Failed { what: format!("the double of {name}"), words: line }),
        }
        Ok((double, listening))
    }

    /// What it is to do otherwise from now on; which wishes there are, its `control.mjs` says.
    pub fn wish(&self, wishes: Value) -> Result<(), WorldError> {
        self.control("wish", &wishes).map(drop)
    }

    pub fn fault(&self, fault: &Fault) -> Result<(), WorldError> {
        self.control("fault", &serde_json::to_value(fault).unwrap_or_default()).map(drop)
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

    /// The consent is taken back, with all tokens.
    pub fn revoke(&self) -> Result<(), WorldError> {
        self.control("revoke", &Value::Null).map(drop)
    }

    /// Runs a script of its folder, which prints by name what was `ok` or what was wrong.
    pub(super) fn held_to(&self, script: &str, arguments: &[&str]) -> Result<BTreeMap<String, String>, WorldError> {
        let output =
            oidc::node().arg(self.folder.join(script)).args(arguments).output().told(format!("starting {script}"))?;
        serde_json::from_slice(&output.stdout).map_err(|_| WorldError::Failed {
            what: script.into(),
            words: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    pub(super) fn control(&self, path: &str, body: &Value) -> Result<Value, WorldError> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let told = || format!("asking the double of {}", self.name);
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.control)).told(told())?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).told(told())?;
        write!(
            stream,
            "POST /control/{path} HTTP/1.0\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .told(told())?;
        let mut said = String::new();
        stream.read_to_string(&mut said).told(told())?;
        match said.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 200") => {
                Ok(serde_json::from_str(body).unwrap_or_default())
            }
            _ => Err(WorldError::Failed { what: format!("control {path}"), words: said }),
        }
    }
}

/// The port of this name, or of this place in a list.
pub(super) fn port(said: &Value) -> u16 {
    said.as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or_default()
}

impl Drop for Double {
    fn drop(&mut self) {
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}
