//! The real BottleCRM (`tests/bottlecrm`), private and on loopback, with one organisation: a proxy in front of it for what
//! goes wrong on the way, and its own API for what it holds. It needs a Python of 3.12 or newer, and nothing else of the
//! world.

use super::{
    Told, WorldError,
    http_proxy::HttpProxy,
    process::{said, sweep},
};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Oneself, Kari Nord: a member who may do all that members may.
pub const KARI: &str = "bcrm_pat_kari-0123456789abcdef";
/// Hers too, with a right missing: it writes no entries of timelines.
pub const KARI_READS: &str = "bcrm_pat_kari-reads-0123456789";
/// A colleague, Ola Nord.
pub const OLA: &str = "bcrm_pat_ola-0123456789abcdef0";
/// The administrator, who sees everything.
pub const ADMIN: &str = "bcrm_pat_admin-0123456789abcde";

/// The running server. Dropped, it ends.
#[derive(Debug)]
pub struct BottleCrm {
    dir: tempfile::TempDir,
    child: Child,
    channel: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    port: u16,
    proxy: HttpProxy,
}

fn python() -> Result<PathBuf, WorldError> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/bottlecrm");
    if installed.join("done").exists() {
        Ok(installed.join("bin/python"))
    } else {
        Err(WorldError::Missing("BottleCRM (which wants Python 3.12 or newer)"))
    }
}

fn members() -> Value {
    let token = |raw: &str, scopes: &[&str]| json!({ "raw": raw, "scopes": scopes });
    let reads = ["*:read", "accounts:write", "contacts:write", "opportunities:write", "tasks:write"];
    let tokens = [token(KARI, &[]), token(KARI_READS, &reads)];
    json!([
        { "email": "kari@nord.example", "name": "Kari Nord", "role": "USER", "tokens": tokens },
        { "email": "ola@nord.example", "name": "Ola Nord", "role": "USER", "tokens": [token(OLA, &[])] },
        { "email": "admin@nord.example", "name": "Anne Nord", "role": "ADMIN", "tokens": [token(ADMIN, &[])] },
    ])
}

impl BottleCrm {
    pub fn start() -> Result<BottleCrm, WorldError> {
        let python = python()?;
        sweep();
        let dir =
            tempfile::Builder::new().prefix("clientele-bottlecrm-").tempdir().told("making BottleCRM's folder")?;
        std::fs::write(dir.path().join("owner"), std::process::id().to_string()).told("naming BottleCRM's owner")?;
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("bottlecrm");
        let log = std::fs::File::create(dir.path().join("serve.log")).told("making BottleCRM's log")?;
        let mut child = Command::new(python)
            .arg(scripts.join("serve.py"))
            .env("PYTHONPATH", &scripts)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("DJANGO_SETTINGS_MODULE", "settings")
            .env("BOTTLECRM_FOLDER", dir.path())
            .current_dir(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .told("starting BottleCRM")?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(WorldError::Failed { what: "BottleCRM".into(), words: "no pipes".into() });
        };
        let mut output = BufReader::new(output);
        let mut line = String::new();
        let asked = writeln!(input, "{}", members()).and_then(|()| output.read_line(&mut line));
        let Ok(port) = line.trim().parse() else {
            let _ended = child.kill().and_then(|()| child.wait());
            let log = std::fs::read_to_string(dir.path().join("serve.log")).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(10).collect();
            let words = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
            return Err(WorldError::Failed { what: "BottleCRM".into(), words: format!("{asked:?} {words}") });
        };
        let proxy = HttpProxy::start(port)?;
        Ok(BottleCrm { dir, child, channel: Mutex::new((input, output)), port, proxy })
    }

    /// Where a client finds it: behind the proxy.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.proxy.port())
    }

    pub fn proxy(&self) -> &HttpProxy {
        &self.proxy
    }

    /// Nobody may sign in with it any longer.
    pub fn revoke(&self, token: &str) -> Result<(), WorldError> {
        self.wish(&json!({ "revoke": token }))
    }

    /// So many people at a company, `person{n}@{domain}`, without the way through its API.
    pub fn many(&self, account: &str, people: u32, domain: &str) -> Result<(), WorldError> {
        self.wish(&json!({ "many": people, "account": account, "domain": domain }))
    }

    fn wish(&self, wish: &Value) -> Result<(), WorldError> {
        let mut channel = self.channel.lock().unwrap_or_else(PoisonError::into_inner);
        let (input, output) = &mut *channel;
        let mut line = String::new();
        writeln!(input, "{wish}").and_then(|()| output.read_line(&mut line)).told("asking BottleCRM's back")?;
        if line.trim() == "{}" {
            return Ok(());
        }
        let words = std::fs::read_to_string(self.dir.path().join("serve.log")).unwrap_or_default();
        Err(WorldError::Failed { what: "BottleCRM".into(), words })
    }

    /// Its own API, past the proxy: `POST`, `contacts/`. A failure carries its words.
    pub fn api(&self, token: &str, method: &str, path: &str, body: &Value) -> Result<Value, WorldError> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let said = self.raw(token, method, path, "application/json", body.as_bytes())?;
        Ok(serde_json::from_slice(&said).unwrap_or_default())
    }

    pub fn download(&self, token: &str, attachment: &str) -> Result<Vec<u8>, WorldError> {
        self.raw(token, "GET", &format!("attachments/{attachment}/download/"), "text/plain", b"")
    }

    fn raw(&self, token: &str, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Vec<u8>, WorldError> {
        let told = "asking BottleCRM";
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).told(told)?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).told(told)?;
        let head = format!(
            "{method} /api/{path} HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).told(told)?;
        let mut said = Vec::new();
        stream.read_to_end(&mut said).told(told)?;
        let end = said.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(said.len());
        let status = String::from_utf8_lossy(said.get(..end).unwrap_or_default()).into_owned();
        let body = said.split_off((end + 4).min(said.len()));
        if status.split(' ').nth(1).is_some_and(|code| code.starts_with('2')) {
            return Ok(body);
        }
        let words = format!("{} {}", status.lines().next().unwrap_or_default(), String::from_utf8_lossy(&body));
        Err(WorldError::Failed { what: format!("{method} {path}"), words })
    }

    /// The one file in a packed one, unpacked by Python.
    pub fn unpacked(&self, zip: &[u8]) -> Result<Vec<u8>, WorldError> {
        let (from, to) = (self.dir.path().join("file.zip"), self.dir.path().join("file"));
        std::fs::write(&from, zip).told("keeping a packed file")?;
        let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; \
                      open(sys.argv[2], 'wb').write(z.read(z.namelist()[0]))";
        said(Command::new(python()?).args(["-c", script]).arg(&from).arg(&to), "python")?;
        std::fs::read(&to).told("reading an unpacked file")
    }
}

impl Drop for BottleCrm {
    fn drop(&mut self) {
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}
