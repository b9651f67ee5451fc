//! From the small program to the whole one, which lies beside it.

use std::process::ExitCode;

#[cfg(unix)]
pub use unix::whole;

/// Elsewhere both are whole: there is no way to become another program, and a second process would have to pass on every
/// signal.
#[cfg(not(unix))]
pub fn whole() -> ExitCode {
    crate::whole()
}

#[cfg(unix)]
mod unix {
    use super::ExitCode;
    use crate::{failure::Failure, output::Output};
    use std::{io::Error, os::unix::process::CommandExt as _, process::Command};

    const WHOLE: &str = "clientele-whole";

    /// The same process, arguments, environment and open files. Returns only where there is no such program.
    pub fn whole() -> ExitCode {
        // Where a link to it lies, its companion does not.
        let error = match std::env::current_exe().and_then(|own| own.canonicalize()) {
            Ok(own) => Command::new(own.with_file_name(WHOLE)).args(std::env::args_os().skip(1)).exec(),
            Err(error) => error,
        };
        let json = std::env::args_os().any(|argument| argument == "--json");
        let error = Error::new(error.kind(), format!("{WHOLE}, which belongs beside this program: {error}"));
        Output::new(json).fail(&Failure::io(&error))
    }
}
