//! What the engine is measured against: mbsync, notmuch, and a reader that keeps nothing.

use super::super::program;
use crate::Done;
use crate::shell::{command, read, run, target};
use crate::world::World;
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Milliseconds that a command takes from start to end.
pub fn timed(command: &mut Command) -> Result<f64, String> {
    let started = Instant::now();
    read(command)?;
    Ok(started.elapsed().as_secs_f64() * 1000.0)
}

/// Reads every body over TLS 1.3: milliseconds, mails, and the mails' bytes.
pub fn raw(world: &World) -> Result<(f64, u64, u64), String> {
    let reader = program("clientele-reader");
    let mut command =
        command(&reader.to_string_lossy(), &[&world.server("imaps"), world.text("ca"), world.text("user")]);
    let said = read(command.env("PASSWORD", world.text("password")))?;
    let told: Value = serde_json::from_str(&said).map_err(|error| format!("the reader: {error}"))?;
    let number = |name: &str| told[name].as_u64().unwrap_or(0);
    Ok((told["milliseconds"].as_f64().unwrap_or(f64::NAN), number("mails"), number("bytes")))
}

/// isync's mbsync: all folders into a Maildir, over TLS, without fsync. It indexes nothing.
pub struct Mbsync {
    folder: PathBuf,
}

impl Mbsync {
    pub fn new(world: &World) -> Result<Mbsync, String> {
        let mbsync = Mbsync { folder: target().join("bench/mbsync") };
        mbsync.empty()?;
        let server = world.server("imaps");
        let (host, port) = server.rsplit_once(':').ok_or("a server without a port")?;
        let maildir = mbsync.maildir();
        let config = format!(
            "FSync no\n\nIMAPAccount far\nHost {host}\nPort {port}\nUser {}\nPass {}\nSSLType IMAPS\nCertificateFile {}\n\n\
             IMAPStore far\nAccount far\n\nMaildirStore near\nPath {}/\nInbox {}/INBOX\nSubFolders Verbatim\n\n\
             Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nSync Pull\nSyncState *\n",
            world.text("user"),
            world.text("password"),
            world.text("ca"),
            maildir.display(),
            maildir.display(),
        );
        std::fs::write(mbsync.folder.join("config"), config).map_err(|error| format!("mbsync's settings: {error}"))?;
        Ok(mbsync)
    }

    /// Forgets all mail.
    pub fn empty(&self) -> Done {
        let _before = std::fs::remove_dir_all(self.maildir());
        std::fs::create_dir_all(self.maildir()).map_err(|error| format!("mbsync's folder: {error}"))
    }

    pub fn remove(self) {
        let _gone = std::fs::remove_dir_all(&self.folder);
    }

    pub fn maildir(&self) -> PathBuf {
        self.folder.join("mail")
    }

    /// Milliseconds of the whole process.
    pub fn sync(&self) -> Result<f64, String> {
        timed(command("mbsync", &["-q", "-a", "-c"]).arg(self.folder.join("config")))
    }

    pub fn count(&self) -> Result<u64, String> {
        let found =
            read(command("find", &[]).arg(self.maildir()).args(["-path", "*/cur/*", "-o", "-path", "*/new/*"]))?;
        Ok(found.lines().count() as u64)
    }
}

/// notmuch over mbsync's Maildir.
pub struct Notmuch {
    config: PathBuf,
}

impl Notmuch {
    /// Indexes all mail; minutes.
    pub fn new(mbsync: &Mbsync) -> Result<Notmuch, String> {
        let config = mbsync.folder.join("notmuch");
        let text = format!(
            "[database]\npath={}\n[user]\nname=Ingrid Hauge\nprimary_email=ingrid@nordvik.example\n[new]\ntags=new\n\
             ignore=.mbsyncstate;.uidvalidity\n[maildir]\nsynchronize_flags=false\n",
            mbsync.maildir().display()
        );
        std::fs::write(&config, text).map_err(|error| format!("notmuch's settings: {error}"))?;
        let notmuch = Notmuch { config };
        run(notmuch.command(&["new", "--quiet"]).stdin(Stdio::null()).stdout(Stdio::null()))?;
        Ok(notmuch)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut notmuch = command("notmuch", args);
        notmuch.env("NOTMUCH_CONFIG", &self.config);
        notmuch
    }

    /// The newest 50 conversations with their subjects and authors, as JSON.
    pub fn search(&self, query: &str) -> Command {
        self.command(&["search", "--format=json", "--limit=50", query])
    }
}
