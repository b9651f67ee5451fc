//! The long runs. Tests that repeat themselves read how often from CLIENTELE_ROUNDS and where chance begins from
//! CLIENTELE_SEED; `test` leaves both unset, and they take a short slice with a fixed seed.

use crate::{Done, setup, shell, test};
use std::time::{SystemTime, UNIX_EPOCH};

/// Target, filter, and how many rounds there are for two of `--rounds`.
const RUNS: [(&str, &str, u32); 6] = [
    ("integration", "kill::", 2),
    ("integration", "storm::", 1),
    ("faults", "kill::", 2),
    ("faults", "model::", 5),
    ("faults", "power::", 5),
    // For each of four CRMs.
    ("faults", "crm::", 1),
];

/// `only`: those with this in their filter.
pub fn run(rounds: u32, only: &str) -> Done {
    setup::for_the_app()?;
    setup::for_the_tests()?;
    // The program that is killed. Not the window: it has no part in this.
    shell::run(&mut shell::command(
        "cargo",
        &[&["build", "--bin", "clientele", "--bin", "clientele-whole"][..], &test::EVERYTHING].concat(),
    ))?;
    let seed = std::env::var("CLIENTELE_SEED")
        .unwrap_or_else(|_| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs()).to_string());
    let again = if only.is_empty() { String::new() } else { format!(" --only {only}") };
    println!("{rounds} rounds; to repeat this run: CLIENTELE_SEED={seed} cargo xtask soak --rounds {rounds}{again}");
    let mut failed = Vec::new();
    let runs: Vec<_> = RUNS.into_iter().filter(|(_, filter, _)| filter.contains(only)).collect();
    if runs.is_empty() {
        return Err(format!("no long run is called {only}"));
    }
    for (target, filter, of_two) in runs {
        let rounds = (rounds * of_two).div_ceil(2);
        println!("\n── {target} {filter} {rounds} rounds ──");
        let mut tests = test::cargo_tests();
        tests.args(["--test", target, filter, "--", "--nocapture"]);
        test::skipping(&mut tests);
        tests.env("CLIENTELE_ROUNDS", rounds.to_string()).env("CLIENTELE_SEED", &seed);
        let (well, said) = shell::watch(&mut tests)?;
        // A filter that fits nothing passes too.
        if !well || said.contains("running 0 tests") {
            failed.push(format!("{target} {filter}"));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("the long runs failed: {}", failed.join(", "))) }
}
