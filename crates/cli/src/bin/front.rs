//! `clientele`. Small, because a search is over in less time than it takes to load the engine.

use std::process::ExitCode;

fn main() -> ExitCode {
    clientele_cli::front()
}
