//! Measurements whose ratios are worth keeping.

use crate::shell::{command, read, root, run, target};
use crate::world::World;
use crate::{Done, setup};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SMALL: usize = 200;
const LARGE: usize = 20_000;
/// So many count in each mailbox.
const ROUNDS: usize = 15;
const GOAL: f64 = 1.3;

/// A plain reader without a store: what the server and the connection alone need for the same mails.
const RAW: &str = include_str!("bench/raw.py");

/// From sign-in to the fifty newest mails being readable from the store, in a small and in a large mailbox.
pub fn first_screen() -> Done {
    if !setup::is_debian() {
        return Err("the mail servers that this measures against are Debian's and not to be had here".into());
    }
    setup::for_the_app()?;
    let packages = ["-p", "clientele-cli", "--bin", "clientele", "-p", "clientele-tests", "--bin", "clientele-world"];
    run(&mut command("cargo", &[&["build", "--release"][..], &packages].concat()))?;
    let (small, large) = (Mailbox::new("mdbox", SMALL)?, Mailbox::new("mdbox", LARGE)?);
    let (small_files, large_files) = (Mailbox::new("maildir", SMALL)?, Mailbox::new("maildir", LARGE)?);
    let mut mailboxes = [small, large, small_files, large_files];
    // Round 0 lets Dovecot write its index, as a mailbox in use has one. They take turns, and each goes first as often:
    // what else this machine does then slows all alike.
    for round in 0..=ROUNDS {
        for place in 0..mailboxes.len() {
            let count = mailboxes.len();
            let mailbox = &mut mailboxes[(place + round) % count];
            let (raw, took) = (mailbox.raw()?, mailbox.first_screen()?);
            println!(
                "round {round:>2} {:>7} {:>6} mails {took:>6.0} ms, plain reader {raw:>6.0} ms{}",
                mailbox.format,
                mailbox.count,
                if round == 0 { ", not counted" } else { "" }
            );
            if round > 0 {
                mailbox.times.push(took);
                mailbox.raws.push(raw);
            }
        }
    }
    let [small, large, small_files, large_files] = &mailboxes;
    let ratio = large.median() / small.median();
    let verdict = if ratio <= GOAL { "met" } else { "missed" };
    let table = format!(
        "| format | mails in the inbox | median | fastest | slowest | plain reader, median |\n|---|---|---|---|---|---|\n{}\n\
         Ratio of the medians with mdbox: {ratio:.2}; the goal, at most {GOAL}, is {verdict}. The plain reader's: {:.2}.\n\
         With Maildir: {:.2}; the plain reader's: {:.2}. There the server itself needs longer for a larger folder.\n",
        mailboxes.iter().map(Mailbox::row).collect::<String>(),
        large.raw_median() / small.raw_median(),
        large_files.median() / small_files.median(),
        large_files.raw_median() / small_files.raw_median(),
    );
    println!("\n{table}");
    std::fs::write(root().join(REPORT), report(&table)?).map_err(|error| format!("{REPORT}: {error}"))?;
    println!("{REPORT} written");
    if ratio <= GOAL { Ok(()) } else { Err("the goal is missed".into()) }
}

const REPORT: &str = "docs/benchmarks.md";

fn report(table: &str) -> Result<String, String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let day = read(&mut command("date", &["+%Y-%m-%d"]))?;
    Ok(format!(
        "# Benchmarks\n\nWritten by `cargo xtask bench first-screen`. Ratios travel between machines, times do not.\n\n\
         ## First screen\n\nFrom sign-in to the fifty newest mails being readable from the store: the time that `clientele sync\n\
         --first-screen` gives, on a new profile each time, against a Dovecot on loopback over TLS; then `clientele\n\
         --offline list` must give all fifty. Release build, {ROUNDS} rounds in each mailbox in turns, after one that is\n\
         thrown away. The plain reader, Python's imaplib, signs in, lists the folders, opens the inbox and reads headers and\n\
         bodies of the newest fifty, and keeps nothing. Measured on {} with {cores} cores.\n\n{table}",
        day.trim(),
    ))
}

/// A server with so many mails in its inbox, and how long each round took in milliseconds.
struct Mailbox {
    format: &'static str,
    count: usize,
    world: World,
    folder: PathBuf,
    times: Vec<f64>,
    raws: Vec<f64>,
}

impl Mailbox {
    /// `format`: `mdbox` or `maildir`.
    fn new(format: &'static str, count: usize) -> Result<Mailbox, String> {
        println!("Filling a mailbox with {count} mails, {format}");
        let world = World::start(&program("clientele-world"), &format!("bench-{format}:{count}"))?;
        let folder = target().join("bench").join(format!("{format}-{count}"));
        Ok(Mailbox { format, count, world, folder, times: Vec::new(), raws: Vec::new() })
    }

    /// Milliseconds, on a new profile.
    fn first_screen(&self) -> Result<f64, String> {
        let (world, folder) = (&self.world, &self.folder);
        let _before = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        std::fs::write(folder.join("passphrase"), "bench").map_err(|error| format!("a passphrase: {error}"))?;
        let (user, imap, smtp) = (world.text("user"), world.server("imaps"), world.server("smtps"));
        let add = ["account", "add", "--email", user, "--imap", &imap, "--smtp", &smtp];
        told(&mut clientele(world, folder, &add), world.text("password"))?;
        let reports: Value = json(&mut clientele(world, folder, &["sync", "--first-screen"]))?;
        let took = reports[0]["milliseconds"].as_f64().ok_or("sync did not say how long it took")?;
        let page = json(&mut clientele(world, folder, &["--offline", "list", "--limit", "50"]))?;
        let shown = page["rows"].as_array().map_or(0, Vec::len);
        if shown < 50 {
            return Err(format!("only {shown} mails were readable from the store"));
        }
        Ok(took)
    }

    /// Milliseconds of the plain reader.
    fn raw(&self) -> Result<f64, String> {
        let server = self.world.server("imaps");
        let ca = self.world.ca();
        let mut python = command("python3", &["-c", RAW, &server, &ca.to_string_lossy(), self.world.text("user")]);
        python.env("PASSWORD", self.world.text("password"));
        read(&mut python)?.trim().parse().map_err(|_| "the plain reader did not say how long it took".to_owned())
    }

    fn median(&self) -> f64 {
        median(&self.times)
    }

    fn raw_median(&self) -> f64 {
        median(&self.raws)
    }

    fn row(&self) -> String {
        let (fastest, slowest) = self.times.iter().fold((f64::MAX, 0.0), |(low, high), &t| (t.min(low), t.max(high)));
        format!(
            "| {} | {} | {:.0} ms | {fastest:.0} ms | {slowest:.0} ms | {:.0} ms |\n",
            self.format,
            self.count,
            self.median(),
            self.raw_median()
        )
    }
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// A binary of the release profile.
fn program(name: &str) -> PathBuf {
    target().join("release").join(name)
}

/// The command line on a profile of the benchmark's own. Its secrets are sealed: a keyring is not what is measured.
fn clientele(world: &World, folder: &Path, args: &[&str]) -> Command {
    let program = program("clientele");
    let mut command = command("sh", &["-c", "exec \"$@\" 3<\"$PASSPHRASE\"", "sh", &program.to_string_lossy()]);
    command
        .args(["--json", "--no-keyring", "--passphrase-fd", "3", "--profile"])
        .arg(folder.join("profile"))
        .arg("--ca")
        .arg(world.ca())
        .args(args)
        .env("PASSPHRASE", folder.join("passphrase"));
    command
}

fn told(command: &mut Command, line: &str) -> Done {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("clientele could not be started: {error}"))?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "{line}").map_err(|error| format!("passing the password on: {error}"))?;
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("clientele account add ended with {status}")),
        Err(error) => Err(error.to_string()),
    }
}

fn json(command: &mut Command) -> Result<Value, String> {
    let said = read(command)?;
    serde_json::from_str(&said).map_err(|error| format!("clientele did not answer in JSON: {error}"))
}
