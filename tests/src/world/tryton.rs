//! A real Tryton (PyPI, `tests/tryton/requirements.txt`) on SQLite, with one company and two salespeople in it. Its database
//! is made once, which takes half a minute, and copied for each run.

use super::{Told, WorldError, http_proxy::HttpProxy, process::said};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub const DATABASE: &str = "nord";
/// The users' application keys; the third is an administrator's, for what a test does at the program's back.
pub const KARI: &str = "6b617269-6b617269-6b617269-6b617269";
pub const OLA: &str = "6f6c6121-6f6c6121-6f6c6121-6f6c6121";
const ADMIN: &str = "61646d69-61646d69-61646d69-61646d69";
const MODULES: [&str; 3] = ["party_relationship", "sale_opportunity", "project"];
/// Tryton takes 2 MB where nobody has said otherwise.
const BYTES: u32 = 64 * 1024 * 1024;

/// The running server, behind a proxy. Dropped, it ends, and what it held is gone.
#[derive(Debug)]
pub struct Tryton {
    child: Child,
    port: u16,
    proxy: HttpProxy,
    _folder: tempfile::TempDir,
}

/// What a program outside needs to use it and to look at what it holds.
#[derive(Debug, Serialize)]
pub struct Described {
    /// For the client, through the proxy.
    pub server: String,
    pub database: &'static str,
    /// An ordinary user's.
    pub key: &'static str,
    /// For the test: past the proxy, and the administrator's.
    pub behind: String,
    pub admin: &'static str,
}

#[derive(Deserialize)]
struct Listening {
    port: u16,
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tryton")
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/tryton")
}

impl Tryton {
    pub fn start() -> Result<Tryton, WorldError> {
        Tryton::start_taking(BYTES)
    }

    /// One that takes so many bytes in a request.
    pub fn start_taking(bytes: u32) -> Result<Tryton, WorldError> {
        let prepared = prepared()?;
        let folder = folder()?;
        let database = folder.path().join(format!("{DATABASE}.sqlite"));
        std::fs::copy(&prepared, &database).told("copying Tryton's database")?;
        let configuration = configure(folder.path(), bytes)?;
        let log = std::fs::File::create(folder.path().join("log")).told("opening Tryton's log")?;
        let mut child = python()?
            .arg(scripts().join("serve.py"))
            .arg(&configuration)
            .arg(DATABASE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .told("starting Tryton")?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).told("hearing of Tryton")?;
        }
        let Ok(Listening { port }) = serde_json::from_str(&line) else {
            let _ended = child.kill().and_then(|()| child.wait());
            let words = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            return Err(WorldError::Failed { what: "Tryton".into(), words });
        };
        let proxy = HttpProxy::start(port)?;
        Ok(Tryton { child, port, proxy, _folder: folder })
    }

    /// `http://127.0.0.1:PORT`, through the proxy.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.proxy.port())
    }

    pub fn proxy(&self) -> &HttpProxy {
        &self.proxy
    }

    pub fn described(&self) -> Described {
        let behind = format!("http://127.0.0.1:{}", self.port);
        Described { server: self.base(), database: DATABASE, key: KARI, behind, admin: ADMIN }
    }

    /// A method of a model, as the administrator, past the proxy.
    pub fn method(&self, model: &str, method: &str, arguments: Value) -> Result<Value, WorldError> {
        self.ask(ADMIN, "POST", &format!("{model}/{method}"), &arguments)
    }

    /// A new record's id.
    pub fn create(&self, model: &str, values: &Value) -> Result<i64, WorldError> {
        Ok(self.ask(ADMIN, "POST", model, values)?["id"].as_i64().unwrap_or_default())
    }

    /// New records, all or none; their ids.
    pub fn create_all(&self, model: &str, values: Vec<Value>) -> Result<Vec<i64>, WorldError> {
        let said = self.method(model, "create", json!({ "vlist": values }))?;
        Ok(said.as_array().into_iter().flatten().filter_map(Value::as_i64).collect())
    }

    /// The fields of all rows that fit a domain.
    pub fn rows(&self, model: &str, domain: Value, fields: &[&str]) -> Result<Vec<Value>, WorldError> {
        let said = self.method(model, "search_read", json!({ "domain": domain, "fields_names": fields }))?;
        Ok(said.as_array().cloned().unwrap_or_default())
    }

    pub fn write(&self, model: &str, id: i64, values: &Value) -> Result<(), WorldError> {
        self.ask(ADMIN, "PUT", &format!("{model}/{id}"), values).map(drop)
    }

    pub fn remove(&self, model: &str, id: i64) -> Result<(), WorldError> {
        self.ask(ADMIN, "DELETE", &format!("{model}/{id}"), &Value::Null).map(drop)
    }

    /// One request with a key, past the proxy; `path` is below the REST models.
    pub fn ask(&self, key: &str, method: &str, path: &str, body: &Value) -> Result<Value, WorldError> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let told = "asking Tryton";
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).told(told)?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).told(told)?;
        // {"company": 1, "companies": [1]}
        let context = "eyJjb21wYW55IjogMSwgImNvbXBhbmllcyI6IFsxXX0=";
        write!(
            stream,
            "{method} /{DATABASE}/rest/model/{path} HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nX-Tryton-Context: {context}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .told(told)?;
        let mut said = Vec::new();
        stream.read_to_end(&mut said).told(told)?;
        let said = String::from_utf8_lossy(&said);
        match said.split_once("\r\n\r\n") {
            Some((head, body)) if head.split(' ').nth(1).is_some_and(|status| status.starts_with('2')) => {
                Ok(serde_json::from_str(body).unwrap_or_default())
            }
            _ => Err(WorldError::Failed { what: format!("{method} {path}"), words: said.into_owned() }),
        }
    }
}

impl Drop for Tryton {
    fn drop(&mut self) {
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

fn python() -> Result<Command, WorldError> {
    let python = tools().join("bin/python");
    if !tools().join("done").exists() {
        return Err(WorldError::Missing("trytond (PyPI)"));
    }
    Ok(Command::new(python))
}

/// In memory where there is such a place: SQLite waits for the disk otherwise. What killed tests have left there goes.
fn folder() -> Result<tempfile::TempDir, WorldError> {
    const NAME: &str = "clientele-tryton-";
    let memory = Path::new("/dev/shm");
    for entry in std::fs::read_dir(memory).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(NAME);
        let Ok(owner) = std::fs::read_to_string(entry.path().join("owner")) else { continue };
        if ours && Path::new("/proc/self").exists() && !Path::new("/proc").join(owner).exists() {
            let _removed = std::fs::remove_dir_all(entry.path());
        }
    }
    let mut builder = tempfile::Builder::new();
    let folder = match builder.prefix(NAME).tempdir_in(memory) {
        Ok(folder) => folder,
        Err(_) => builder.tempdir().told("making Tryton's folder")?,
    };
    std::fs::write(folder.path().join("owner"), std::process::id().to_string()).told("naming Tryton's owner")?;
    Ok(folder)
}

fn configure(folder: &Path, bytes: u32) -> Result<PathBuf, WorldError> {
    let file = folder.join("trytond.conf");
    let text = format!("[database]\nuri = sqlite://\npath = {}\n[request]\nmax_size = {bytes}\n", folder.display());
    std::fs::write(&file, text).told("configuring Tryton")?;
    Ok(file)
}

/// The database that every run begins with.
fn prepared() -> Result<PathBuf, WorldError> {
    let mut hasher = DefaultHasher::new();
    for name in ["requirements.txt", "seed.py"] {
        std::fs::read(scripts().join(name)).told(format!("reading {name}"))?.hash(&mut hasher);
    }
    let done = tools().join(format!("prepared-{:016x}.sqlite", hasher.finish()));
    if done.exists() {
        return Ok(done);
    }
    let folder = folder()?;
    let configuration = configure(folder.path(), BYTES)?;
    let database = folder.path().join(format!("{DATABASE}.sqlite"));
    std::fs::write(&database, "").told("making Tryton's database")?;
    let password = folder.path().join("password");
    std::fs::write(&password, super::PASSWORD).told("writing Tryton's password")?;
    let mut init = python()?;
    init.arg(tools().join("bin/trytond-admin")).arg("-c").arg(&configuration).args(["-d", DATABASE, "--all"]);
    init.args(["--email", "admin@nord.example", "--activate-dependencies", "-u"]).args(MODULES);
    said(init.env("TRYTONPASSFILE", &password).stdin(Stdio::null()), "trytond-admin")?;
    let mut seed = python()?;
    seed.arg(scripts().join("seed.py")).arg(&configuration).args([DATABASE, KARI, OLA, ADMIN]);
    said(seed.stdin(Stdio::null()), "seed.py")?;
    // Two who prepare at once make the same: the last one stays.
    let half = tools().join(format!("half-{}", std::process::id()));
    std::fs::copy(&database, &half).told("keeping Tryton's database")?;
    std::fs::rename(&half, &done).told("keeping Tryton's database")?;
    Ok(done)
}
