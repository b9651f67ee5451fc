//! Measurements whose ratios are worth keeping.

use crate::shell::{command, read, root, run, target};
use crate::world::World;
use crate::{Done, setup};
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const SMALL: usize = 200;
const LARGE: usize = 20_000;
const ROUNDS: usize = 9;
const GOAL: f64 = 1.3;

/// From sign-in to the fifty newest mails being readable from the store, in a small and in a large mailbox.
pub fn first_screen() -> Done {
    setup::for_the_app()?;
    run(&mut command("cargo", &["build", "-p", "clientele-tests", "--bin", "clientele-world"]))?;
    run(&mut command("cargo", &["build", "--release", "-p", "clientele-cli"]))?;
    let (small, large) = (mailbox(SMALL)?, mailbox(LARGE)?);
    let ratio = large.median / small.median;
    let verdict = if ratio <= GOAL { "met" } else { "missed" };
    let table = format!(
        "| mails in the inbox | median | fastest | slowest |\n|---|---|---|---|\n{}{}\nRatio of the medians: {ratio:.2}; the goal, at most {GOAL}, is {verdict}.\n",
        small.row(SMALL),
        large.row(LARGE),
    );
    println!("{table}");
    let text = format!(
        "# Benchmarks\n\nWritten by `cargo xtask bench first-screen`. Ratios travel between machines, times do not.\n\n## First screen\n\nFrom sign-in to the fifty newest mails being readable from the store: `clientele sync --first-screen` on a new\nprofile against Dovecot on loopback over TLS, release build, {ROUNDS} rounds each after one that is thrown away.\n\n{table}"
    );
    std::fs::write(root().join("docs/benchmarks.md"), text).map_err(|error| format!("docs/benchmarks.md: {error}"))
}

/// In milliseconds.
struct Times {
    median: f64,
    fastest: f64,
    slowest: f64,
}

impl Times {
    fn of(mut times: Vec<f64>) -> Times {
        times.sort_by(f64::total_cmp);
        Times { median: times[times.len() / 2], fastest: times[0], slowest: times[times.len() - 1] }
    }

    fn row(&self, count: usize) -> String {
        format!("| {count} | {:.0} ms | {:.0} ms | {:.0} ms |\n", self.median, self.fastest, self.slowest)
    }
}

fn mailbox(count: usize) -> Result<Times, String> {
    println!("{count} mails");
    let world = World::start(&format!("bench:{count}"))?;
    let folder = root().join("target/bench");
    let mut times = Vec::new();
    // Round 0 lets Dovecot write its index, as a mailbox in use has one.
    for round in 0..=ROUNDS {
        let _before = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        std::fs::write(folder.join("passphrase"), "bench").map_err(|error| format!("a passphrase: {error}"))?;
        let (user, imap, smtp) = (world.text("user"), world.server("imaps"), world.server("smtps"));
        let mut add =
            clientele(&world, &folder, &["account", "add", "--email", user, "--imap", &imap, "--smtp", &smtp]);
        told(&mut add, world.text("password"))?;
        let reports: Value = json(&mut clientele(&world, &folder, &["sync", "--first-screen"]))?;
        let took = reports[0]["milliseconds"].as_f64().ok_or("sync did not say how long it took")?;
        let page = json(&mut clientele(&world, &folder, &["--offline", "list", "--limit", "50"]))?;
        let shown = page["rows"].as_array().map_or(0, Vec::len);
        if shown < 50 {
            return Err(format!("only {shown} mails were readable from the store"));
        }
        if round > 0 {
            println!("  {took:.0} ms");
            times.push(took);
        }
    }
    Ok(Times::of(times))
}

/// The command line on a profile of the benchmark's own. Its secrets are sealed: a keyring is not what is measured.
fn clientele(world: &World, folder: &Path, args: &[&str]) -> Command {
    let program = target().join("release/clientele");
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
