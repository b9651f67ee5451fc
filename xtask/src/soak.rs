//! The long runs. Tests that repeat themselves read how often from CLIENTELE_ROUNDS; `test` leaves it unset, and they
//! take a slice with a fixed seed.

use crate::{Done, setup, shell, test};

pub fn run(rounds: u32) -> Done {
    setup::everything()?;
    shell::run(&mut shell::npm("ui", &["run", "--silent", "build"]))?;
    shell::run(&mut shell::command("cargo", &[&["build", "--bins", "--examples"][..], &test::EVERYTHING].concat()))?;
    let tests = [&["test", "--no-fail-fast"][..], &test::EVERYTHING, &["--", "--include-ignored"]].concat();
    let rounds = rounds.to_string();
    shell::run(shell::command("cargo", &tests).env("CLIENTELE_ROUNDS", &rounds))?;
    shell::run(test::in_the_window("test").env("CLIENTELE_ROUNDS", &rounds))
}
