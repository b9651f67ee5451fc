//! Printing. With `--json` exactly one document leaves standard output; progress goes to standard error, and only
//! where that is a terminal.

use crate::failure::Failure;
use serde::Serialize;
use std::{
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

#[derive(Clone, Copy)]
pub struct Output {
    json: bool,
    progress: bool,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Output { json, progress: io::stderr().is_terminal() }
    }

    /// One of many documents, a line each, as they come.
    pub fn line<T: Serialize>(&self, value: &T) {
        if let Ok(text) = serde_json::to_string(value) {
            println!("{text}");
        }
    }

    /// The result: the document, or what `human` writes.
    pub fn result<T: Serialize>(
        &self,
        value: &T,
        human: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        // Whole: standard output would be given line by line, each a call of the system.
        let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let written = if self.json {
            serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from).and_then(|()| writeln!(out))
        } else {
            human(&mut out)
        };
        match written.and_then(|()| out.flush()) {
            // `clientele list | head` closes the pipe early: nothing is wrong.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(|error| Failure::io(&error)),
        }
    }

    /// A line that the next one overwrites.
    pub fn progress(&self, text: &str) {
        if self.progress {
            let _ = write!(io::stderr().lock(), "\r\x1b[K{text}");
        }
    }

    pub fn progress_done(&self) {
        if self.progress {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }

    /// A line for a person, beside the result; nothing under `--json`.
    pub fn note(&self, text: &str) {
        if !self.json {
            eprintln!("{text}");
        }
    }

    pub fn fail(&self, failure: &Failure) -> ExitCode {
        self.progress_done();
        if self.json {
            let document = serde_json::json!({
                "error": { "code": failure.code, "detail": failure.detail, "retryable": failure.retryable }
            });
            println!("{document:#}");
        } else {
            eprintln!("clientele: {} ({})", failure.detail, failure.code);
        }
        ExitCode::from(failure.exit)
    }
}

/// Text in a column: cut or filled to `width` characters.
pub fn column(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count > width {
        text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
    } else {
        let mut out = String::from(text);
        out.extend(std::iter::repeat_n(' ', width - count));
        out
    }
}
