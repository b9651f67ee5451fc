//! The long runs. Tests that repeat themselves read how often from CLIENTELE_KILL_ROUNDS and where chance begins from
//! CLIENTELE_SEED; `test` leaves both unset, and they take a short slice with a fixed seed.

use crate::{Done, setup, shell, test};
use std::time::{SystemTime, UNIX_EPOCH};

pub fn run(rounds: u32) -> Done {
    setup::for_the_app()?;
    // The program that is killed. Not the window: it has no part in this.
    shell::run(&mut shell::command("cargo", &[&["build", "--bin", "clientele"][..], &test::EVERYTHING].concat()))?;
    let seed = std::env::var("CLIENTELE_SEED")
        .unwrap_or_else(|_| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs()).to_string());
    println!("{rounds} rounds; to repeat this run: CLIENTELE_SEED={seed} cargo xtask soak --rounds {rounds}");
    let mut tests = test::cargo_tests();
    tests.args(["--test", "integration", "kill::", "--", "--nocapture"]);
    tests.env("CLIENTELE_KILL_ROUNDS", rounds.to_string()).env("CLIENTELE_SEED", &seed);
    let (well, said) = shell::watch(&mut tests)?;
    // A filter that fits nothing passes too.
    match (well, said.contains("running 0 tests")) {
        (true, false) => Ok(()),
        (true, true) => Err("ran nothing".into()),
        (false, _) => Err("the long runs failed".into()),
    }
}
