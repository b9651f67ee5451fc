//! Every check there is, in the order in which a fault is cheapest to find. One failure does not stop the others.

mod counts;

use crate::shell::{built, command, npm, root, run as run_it, tool, watch};
use crate::{Done, lint, room, setup};
use counts::Counts;
use std::time::{Duration, Instant};

/// How a part ended.
enum Outcome {
    /// A check without numbers of its own.
    Passed,
    /// A runner's own counts.
    Ran(Counts),
    Failed(String),
    /// It cannot run on this system; why.
    NotHere(String),
}

struct Part {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

/// One set of features for every cargo command below: a second set would build Tauri, and half of the rest, again.
pub const EVERYTHING: [&str; 3] = ["--workspace", "--features", "clientele-desktop/custom-protocol"];

/// A CRM that is run for the tests, and in the names of its tests.
const BOTTLECRM: &str = "bottlecrm";

pub fn run() -> Done {
    let began = Instant::now();
    let mut parts = Parts(Vec::new());
    parts.check("setup", setup::for_the_app);
    parts.check("rustfmt", || run_cargo(&["fmt", "--all", "--check"], &[], &[]));
    for (name, script) in [("eslint", "lint"), ("prettier", "format:check"), ("svelte-check", "check")] {
        parts.check(name, || run_it(&mut npm("ui", &["run", "--silent", script])));
    }
    parts.part("vitest", vitest);
    // Before anything that builds the desktop package, which carries it.
    parts.check("ui build", || run_it(&mut npm("ui", &["run", "--silent", "build"])));
    parts.check("house rules", lint::run);
    parts.check("clippy", || run_cargo(&["clippy", "--all-targets"], &EVERYTHING, &["--", "-D", "warnings"]));
    let built = parts.check("build", || run_cargo(&["build", "--bins", "--examples"], &EVERYTHING, &[]));
    parts.check("test servers", setup::for_the_tests);
    parts.part("cargo test", cargo_test);
    if !setup::has(BOTTLECRM) {
        parts.part("BottleCRM", || Ok(Outcome::NotHere("it wants Python 3.12 or newer, and there is none".into())));
    }
    // A window of an earlier build would say nothing of this one.
    parts.part("real window", if built { real_window } else { || Err("not run, because the build failed".into()) });
    // Last of all: building the checker takes longer than checking, and says least about the code.
    parts.check("cargo-deny", cargo_deny);
    parts.tell(began.elapsed())
}

fn run_cargo(first: &[&str], middle: &[&str], last: &[&str]) -> Done {
    run_it(&mut command("cargo", &[first, middle, last].concat()))
}

fn vitest() -> Result<Outcome, String> {
    let report = root().join("target/vitest.json");
    let _gone = std::fs::remove_file(&report);
    let to = format!("--outputFile.json={}", report.display());
    let done = run_it(&mut npm("ui", &["run", "--silent", "test", "--", "--reporter=default", "--reporter=json", &to]));
    let counts = counts::vitest(&std::fs::read_to_string(&report).unwrap_or_default());
    counted(counts, done.is_ok())
}

fn cargo_test() -> Result<Outcome, String> {
    room::for_the_tests()?;
    let mut tests = cargo_tests();
    tests.arg("--");
    skipping(&mut tests);
    let (well, said) = watch(&mut tests)?;
    counted(counts::cargo(&said), well)
}

/// Behind the `--` of a runner: without what cannot run here.
pub fn skipping(tests: &mut std::process::Command) {
    if !setup::has(BOTTLECRM) {
        tests.args(["--skip", &format!("real_{BOTTLECRM}::")]);
    }
}

/// All Rust tests.
pub fn cargo_tests() -> std::process::Command {
    let mut test = command("cargo", &[&["test", "--no-fail-fast"][..], &EVERYTHING].concat());
    test.env("CLIENTELE_CLI", built("clientele"));
    let node = setup::own_node().join("node");
    if node.exists() {
        test.env("CLIENTELE_NODE", node);
    }
    if cfg!(target_os = "linux") && !crate::shell::is_root() {
        // The mail servers of the tests are started as root.
        for target in ["X86_64", "AARCH64"] {
            test.env(format!("CARGO_TARGET_{target}_UNKNOWN_LINUX_GNU_RUNNER"), "sudo -E");
        }
    }
    test
}

fn real_window() -> Result<Outcome, String> {
    if !setup::is_debian() {
        return Ok(Outcome::NotHere("the mail servers and the display of the tests are Debian's".into()));
    }
    room::for_the_tests()?;
    setup::for_the_window()?;
    let (well, said) = watch(&mut in_the_window("test"))?;
    counted(counts::node(&said), well)
}

/// A script of tests/e2e, told where everything is that it drives.
pub fn in_the_window(script: &str) -> std::process::Command {
    let mut npm = npm("tests/e2e", &["run", "--silent", script]);
    if !crate::shell::is_root() {
        // It starts the mail servers and asks them what they hold: both are root's to do. PATH goes by hand, because sudo sets its own.
        let path = npm.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path.map(ToOwned::to_owned));
        let path = path.or_else(|| std::env::var_os("PATH")).unwrap_or_default();
        let path = format!("PATH={}", path.to_string_lossy());
        npm = command("sudo", &["-E", "env", &path, "npm", "run", "--silent", script]);
        npm.current_dir(root().join("tests/e2e"));
    }
    let shots = root().join("target/screenshots");
    npm.env("CLIENTELE_DESKTOP", built("clientele-desktop"))
        .env("CLIENTELE_WORLD", built("clientele-world"))
        .env("CLIENTELE_CLI", built("clientele"))
        .env("CLIENTELE_HOST", built("examples/clientele-host"))
        .env("TAURI_DRIVER", tool("tauri-driver"))
        .env("SHOTS", shots);
    npm
}

fn cargo_deny() -> Done {
    setup::cargo_deny()?;
    let deny = tool("cargo-deny");
    // Its list of advisories lives on a server that tests must not depend on.
    run_it(&mut command(
        &deny.to_string_lossy(),
        &["--log-level", "error", "--all-features", "check", "bans", "licenses", "sources"],
    ))
}

/// A suite that ran nothing has not passed.
fn counted(counts: Counts, well: bool) -> Result<Outcome, String> {
    match counts {
        Counts { passed: 0, failed: 0, .. } => Err("ran nothing".into()),
        Counts { failed: 0, .. } if !well => Err(format!("{} passed, and yet the runner failed", counts.passed)),
        counts => Ok(Outcome::Ran(counts)),
    }
}

struct Parts(Vec<Part>);

impl Parts {
    fn check(&mut self, name: &'static str, check: impl FnOnce() -> Done) -> bool {
        self.part(name, || check().map(|()| Outcome::Passed));
        matches!(self.0.last(), Some(Part { outcome: Outcome::Passed, .. }))
    }

    fn part(&mut self, name: &'static str, part: impl FnOnce() -> Result<Outcome, String>) {
        println!("\n── {name} ──");
        let began = Instant::now();
        let outcome = part().unwrap_or_else(Outcome::Failed);
        if let Outcome::Failed(words) = &outcome {
            println!("{name}: {words}");
        }
        self.0.push(Part { name, outcome, took: began.elapsed() });
    }

    fn tell(&self, took: Duration) -> Done {
        println!("\n{:<14} {:>7} {:>7} {:>8} {:>8}", "", "passed", "failed", "skipped", "seconds");
        let mut all = Counts::default();
        for Part { name, outcome, took } in &self.0 {
            let seconds = took.as_secs_f64();
            match outcome {
                Outcome::Passed => println!("{name:<14} {:>7} {:>7} {:>8} {seconds:>8.1}", "ok", "", ""),
                Outcome::Ran(Counts { passed, failed, skipped }) => {
                    all.passed += passed;
                    all.failed += failed;
                    println!("{name:<14} {passed:>7} {failed:>7} {skipped:>8} {seconds:>8.1}");
                }
                Outcome::Failed(words) => {
                    all.failed += 1;
                    println!(
                        "{name:<14} {:>7} {:>7} {:>8} {seconds:>8.1}  {}",
                        "",
                        "failed",
                        "",
                        words.lines().next().unwrap_or_default()
                    );
                }
                Outcome::NotHere(why) => {
                    println!("{name:<14} {:>7} {:>7} {:>8} {seconds:>8.1}  not run: {why}", "", "", "")
                }
            }
        }
        println!("{:<14} {:>7} {:>7} {:>8} {:>8.1}\n", "all", all.passed, all.failed, "", took.as_secs_f64());
        println!("{} passed, {} failed", all.passed, all.failed);
        if all.failed == 0 { Ok(()) } else { Err("not every check passed".into()) }
    }
}
