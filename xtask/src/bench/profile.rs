//! `clientele` on a profile of the benchmark's own. Its secrets are sealed: a keyring is not what is measured.

use super::program;
use crate::Done;
use crate::shell::{command, read, target};
use crate::world::World;
use serde_json::Value;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Profile {
    /// Holds `profile` and the passphrase.
    folder: PathBuf,
    ca: PathBuf,
}

/// How one `clientele sync` went.
#[derive(Debug, Clone, Copy)]
pub struct Synced {
    /// By its own clock, from connecting on, in milliseconds.
    pub took: f64,
    /// The whole process, in milliseconds.
    pub process: f64,
    /// New mails.
    pub new: u64,
    /// VmHWM in MB.
    pub peak: f64,
}

impl Profile {
    /// A new profile with the world's account; `days` 0: all mail.
    pub fn new(name: &str, world: &World, days: u32) -> Result<Profile, String> {
        let folder = target().join("bench").join(name);
        let _before = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        std::fs::write(folder.join("passphrase"), "bench").map_err(|error| format!("a passphrase: {error}"))?;
        let profile = Profile { folder, ca: world.ca() };
        let (user, imap, smtp) = (world.text("user"), world.server("imaps"), world.server("smtps"));
        let days = days.to_string();
        let add = ["account", "add", "--email", user, "--imap", &imap, "--smtp", &smtp, "--days", &days];
        profile.told(&add, world.text("password"))?;
        Ok(profile)
    }

    /// A copy of it, as it is now.
    pub fn copy(&self, name: &str) -> Result<Profile, String> {
        let folder = target().join("bench").join(name);
        let _before = std::fs::remove_dir_all(&folder);
        read(command("cp", &["-r"]).arg(&self.folder).arg(&folder))?;
        Ok(Profile { folder, ca: self.ca.clone() })
    }

    pub fn remove(self) {
        let _gone = std::fs::remove_dir_all(&self.folder);
    }

    pub fn path(&self) -> PathBuf {
        self.folder.join("profile")
    }

    /// The command with what it needs to sign in.
    pub fn command(&self, args: &[&str]) -> Command {
        let program = program("clientele");
        let mut command = command("sh", &["-c", "exec \"$@\" 3<\"$PASSPHRASE\"", "sh", &program.to_string_lossy()]);
        command
            .args(["--json", "--no-keyring", "--passphrase-fd", "3", "--profile"])
            .arg(self.path())
            .arg("--ca")
            .arg(&self.ca)
            .args(args)
            .env("PASSPHRASE", self.folder.join("passphrase"));
        command
    }

    /// The command for what is only looked up: it needs no secret.
    pub fn offline(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program("clientele"));
        command.args(["--json", "--no-keyring", "--offline", "--profile"]).arg(self.path()).args(args);
        command
    }

    /// Runs it with one line, a password, on its standard input.
    pub fn told(&self, args: &[&str], line: &str) -> Done {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("clientele could not be started: {error}"))?;
        if let Some(mut input) = child.stdin.take() {
            writeln!(input, "{line}").map_err(|error| format!("passing the password on: {error}"))?;
        }
        match child.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("clientele {} ended with {status}", args.join(" "))),
            Err(error) => Err(error.to_string()),
        }
    }

    /// What it answers without the network.
    pub fn asked(&self, args: &[&str]) -> Result<Value, String> {
        json(&read(&mut self.offline(args))?)
    }

    /// `clientele sync`, with further `args`.
    pub fn sync(&self, args: &[&str]) -> Result<Synced, String> {
        let started = Instant::now();
        let mut child = self
            .command(&[&["sync"], args].concat())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("clientele could not be started: {error}"))?;
        let peak = peak(&mut child)?;
        let process = started.elapsed().as_secs_f64() * 1000.0;
        let mut said = String::new();
        if let Some(mut out) = child.stdout.take() {
            out.read_to_string(&mut said).map_err(|error| error.to_string())?;
        }
        let report = &json(&said)?[0];
        if !report["code"].is_null() {
            return Err(format!("clientele sync failed: {}", report["code"]));
        }
        let took = report["milliseconds"].as_f64().ok_or("sync did not say how long it took")?;
        Ok(Synced { took, process, new: report["new"].as_u64().unwrap_or(0), peak })
    }

    /// Mails in all folders, as the store counts them.
    pub fn total(&self) -> Result<u64, String> {
        let folders = self.asked(&["folders"])?;
        let count = |folder: &Value| folder["total"].as_u64().unwrap_or(0);
        Ok(folders.as_array().map_or(0, |folders| folders.iter().map(count).sum()))
    }

    /// Bytes of mail, attachments, index and queue; without the log and the embedded CRM.
    pub fn size(&self) -> u64 {
        let ours = |name: &str| !["logs", "backups", "tmp", "lock"].contains(&name) && !name.starts_with("crm");
        let entries = std::fs::read_dir(self.path()).into_iter().flatten().flatten();
        entries.filter(|entry| ours(&entry.file_name().to_string_lossy())).map(|entry| bytes_below(&entry.path())).sum()
    }
}

fn bytes_below(path: &Path) -> u64 {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| bytes_below(&entry.path())).sum(),
        Err(_) => path.metadata().map_or(0, |file| file.len()),
    }
}

/// Waits for its end, looking at the most memory it has had, in MB.
fn peak(child: &mut Child) -> Result<f64, String> {
    let path = format!("/proc/{}/status", child.id());
    let mut most: f64 = 0.0;
    loop {
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        let now = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        most = most.max(now.unwrap_or(0.0) / 1024.0);
        if child.try_wait().map_err(|error| error.to_string())?.is_some() {
            return Ok(most);
        }
        // Short beside a sync that finds nothing new.
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn json(said: &str) -> Result<Value, String> {
    serde_json::from_str(said).map_err(|error| format!("clientele did not answer in JSON: {error}"))
}
