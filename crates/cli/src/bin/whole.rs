//! `clientele-whole`: what `clientele` becomes for all that is more than looking.

use std::process::ExitCode;

fn main() -> ExitCode {
    clientele_cli::whole()
}
