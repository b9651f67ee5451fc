//! The mail servers, as a child process.

use crate::shell::as_root;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// Runs until dropped: the servers end when their standard input closes.
pub struct World {
    child: Child,
    described: Value,
}

impl World {
    /// `program` is a built `clientele-world`; `seed` is `demo`, `empty`, `bench-maildir:N` or `bench-mdbox:N`.
    pub fn start(program: &Path, seed: &str) -> Result<World, String> {
        let mut child = as_root(&program.to_string_lossy(), &["--seed", seed])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).map_err(|error| format!("the mail servers: {error}"))?;
        }
        let described = serde_json::from_str(&line).map_err(|_| "the mail servers did not start".to_owned())?;
        Ok(World { child, described })
    }

    /// A text of the description: `host`, `user`, `password`, `ca`, `crm_seed`.
    pub fn text(&self, name: &str) -> &str {
        self.described[name].as_str().unwrap_or_default()
    }

    /// `host:port` of a listener.
    pub fn server(&self, name: &str) -> String {
        format!("{}:{}", self.text("host"), self.described["ports"][name])
    }

    pub fn ca(&self) -> PathBuf {
        self.text("ca").into()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ended = self.child.wait();
    }
}
