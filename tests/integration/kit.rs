//! People with a mailbox of their own and the command line in their hands.

use clientele_tests::world::{PASSWORD, World};
use serde_json::Value;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, Once, Weak,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tempfile::TempDir;

type Shared = Mutex<Weak<World>>;

/// The servers that the tests share: stopped when the last test lets go.
pub fn world() -> Arc<World> {
    static SHARED: Shared = Mutex::new(Weak::new());
    shared(&SHARED, || World::start().unwrap())
}

/// Servers with an OpenID provider, for the tests that need one.
pub fn world_with_oidc() -> Arc<World> {
    static SHARED: Shared = Mutex::new(Weak::new());
    shared(&SHARED, || World::with_oidc().unwrap())
}

fn shared(shared: &Shared, start: fn() -> World) -> Arc<World> {
    let mut shared = shared.lock().unwrap();
    if let Some(world) = shared.upgrade() {
        return world;
    }
    let world = Arc::new(start());
    *shared = Arc::downgrade(&world);
    world
}

/// The `clientele` of this build.
pub fn program() -> PathBuf {
    // `cargo xtask test` has built it with everything else; alone, it has other features and is built again from the ground.
    if let Some(built) = std::env::var_os("CLIENTELE_CLI") {
        return built.into();
    }
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "-p", "clientele-cli"]).status().unwrap();
        assert!(built.success(), "clientele does not build");
    });
    // target/debug/deps/integration-… → target/debug/clientele
    std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("clientele")
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The error's code of a failed `--json` command.
    pub fn error(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

pub struct Person {
    pub world: Arc<World>,
    pub email: String,
    pub folder: TempDir,
}

impl Person {
    /// With a mailbox that nobody else uses, and nothing connected.
    pub fn new() -> Person {
        Person::of(world())
    }

    pub fn of(world: Arc<World>) -> Person {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("passphrase"), "a long passphrase\n").unwrap();
        let email = format!("person{number}-{}@nordvik.example", std::process::id());
        Person { world, email, folder }
    }

    /// Connected with TLS, 60 days, and one sync done: the folders are known.
    pub fn connected() -> Person {
        let person = Person::new();
        let smtps = format!("localhost:{}", person.world.ports().smtps);
        person.connect(&smtps, "tls").ok();
        person.run(&["sync"]).ok();
        person
    }

    /// Writes what the administrator of the person's organisation prescribes: its servers, and its provider.
    pub fn policy(&self) -> PathBuf {
        let path = self.folder.path().join("policy.toml");
        let ports = self.world.ports();
        let oidc = self.world.oidc().expect("a world with a provider").described();
        let text = format!(
            r#"[[server]]
domains = ["nordvik.example"]
incoming = {{ host = "localhost", port = {imaps}, security = "tls" }}
outgoing = {{ host = "localhost", port = {smtps}, security = "tls" }}
sign_in = "nordvik"

[[oauth]]
id = "nordvik"
name = "Nordvik"
issuer = "{issuer}"
authorize_url = "{issuer}/auth"
token_url = "{issuer}/token"
revoke_url = "{issuer}/token/revocation"
client_id = "{client}"
scopes = ["{scope}"]
hosts = ["localhost"]
domains = ["nordvik.example"]
"#,
            imaps = ports.imaps,
            smtps = ports.smtps,
            issuer = oidc.issuer,
            client = oidc.client,
            scope = oidc.scope,
        );
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn connect(&self, smtp: &str, smtp_security: &str) -> Ran {
        let imap = format!("localhost:{}", self.world.ports().imaps);
        self.add(&imap, "tls", smtp, smtp_security, PASSWORD)
    }

    pub fn add(&self, imap: &str, imap_security: &str, smtp: &str, smtp_security: &str, password: &str) -> Ran {
        let arguments = [
            "account",
            "add",
            "--email",
            &self.email,
            "--name",
            "Kari Test",
            "--imap",
            imap,
            "--imap-security",
            imap_security,
            "--smtp",
            smtp,
            "--smtp-security",
            smtp_security,
            "--days",
            "60",
        ];
        self.run_with(&arguments, password)
    }

    pub fn profile(&self) -> PathBuf {
        self.folder.path().join("profile")
    }

    /// `clientele --json …`
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self.spawn(arguments);
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub fn spawn(&self, arguments: &[&str]) -> Child {
        let passphrase = self.folder.path().join("passphrase");
        // The shell only opens the descriptor, and becomes the program: a signal to the child reaches it.
        Command::new("sh")
            .args(["-c", "passphrase=$1; shift; exec \"$@\" 9<\"$passphrase\"", "sh"])
            .arg(passphrase)
            .arg(program())
            .args(["--json", "--no-keyring", "--passphrase-fd", "9", "--profile"])
            .arg(self.profile())
            .arg("--ca")
            .arg(self.world.ca_pem())
            .args(arguments)
            .env_remove("CLIENTELE_PROFILE")
            .env("CLIENTELE_POLICY", self.folder.path().join("policy.toml"))
            // As talkative as it can be: what it says is looked at.
            .env("CLIENTELE_LOG", "debug")
            .env("RUST_BACKTRACE", "full")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Into the inbox, as mail comes.
    pub fn receive(&self, from: &str, subject: &str) {
        let envelope = from.rsplit_once('<').map_or(from, |(_, email)| email.trim_end_matches('>'));
        self.world.deliver(envelope, &self.email, &mail(from, &self.email, subject, "Good morning.")).unwrap();
    }

    /// The rows of `clientele list`.
    pub fn list(&self, arguments: &[&str]) -> Vec<Value> {
        let ran = self.run(&[&["list"], arguments].concat()).ok();
        ran.json()["rows"].as_array().unwrap().clone()
    }

    /// The id of the one mail of this subject.
    #[track_caller]
    pub fn find(&self, subject: &str) -> String {
        let rows = self.list(&["--limit", "200"]);
        let mut found = rows.iter().filter(|row| row["subject"] == subject);
        let id =
            found.next().unwrap_or_else(|| panic!("no mail {subject}: {rows:?}"))["id"].as_str().unwrap().to_owned();
        assert!(found.next().is_none(), "two mails {subject}");
        id
    }

    /// On the server: how many mails match.
    pub fn count(&self, query: &str) -> usize {
        self.world.count(&self.email, query).unwrap()
    }

    pub fn database(&self, name: &str) -> rusqlite::Connection {
        rusqlite::Connection::open(self.profile().join(name)).unwrap()
    }
}

/// A plain mail with a Message-ID of its own.
pub fn mail(from: &str, to: &str, subject: &str, body: &str) -> Vec<u8> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let date = jiff::Zoned::now().strftime("%a, %d %b %Y %H:%M:%S %z").to_string();
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {date}\r\nMessage-ID: <{number}.{}@test.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n",
        std::process::id()
    )
    .into_bytes()
}

/// Looks again until it is so, at most ten seconds.
#[track_caller]
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_secs(10), "{what} did not come about");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
