//! The long runs. Tests that repeat themselves read how often from CLIENTELE_KILL_ROUNDS and where chance begins from
//! CLIENTELE_SEED; `test` leaves both unset, and they take a short slice with a fixed seed.

use crate::{Done, setup, shell, test};
use std::time::{SystemTime, UNIX_EPOCH};

pub fn run(rounds: u32) -> Done {
    setup::for_the_app()?;
    shell::run(&mut shell::npm("ui", &["run", "--silent", "build"]))?;
    shell::run(&mut shell::command("cargo", &[&["build", "--bins", "--examples"][..], &test::EVERYTHING].concat()))?;
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    println!("{rounds} rounds; to repeat this run: CLIENTELE_SEED={seed}");
    let mut tests = test::cargo_tests();
    tests.env("CLIENTELE_KILL_ROUNDS", rounds.to_string()).env("CLIENTELE_SEED", seed.to_string());
    shell::run(&mut tests)
}
