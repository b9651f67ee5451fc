//! Running other programs.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the root").to_owned()
}

/// Where built things are: `target`, or what CARGO_TARGET_DIR says.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A binary of the development profile.
pub fn built(name: &str) -> PathBuf {
    target().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// A tool that `setup` installed for this project only.
pub fn tool(name: &str) -> PathBuf {
    root().join("target/tools/bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// `program` with `args`, in the root of the project, with the project's own Node first in PATH where setup brought one.
pub fn command(program: &str, args: &[&str]) -> Command {
    // npm is a script, and Windows starts scripts only by their full name.
    let program = if cfg!(windows) && program == "npm" { "npm.cmd" } else { program };
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    if program == "cargo" && crate::room::is_scarce() {
        command.env("CARGO_INCREMENTAL", "0");
    }
    let node = crate::setup::own_node();
    if node.exists() {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(node).chain(std::env::split_paths(&path));
        if let Ok(joined) = std::env::join_paths(paths) {
            command.env("PATH", joined);
        }
    }
    command
}

/// `npm` in one of the project's JavaScript folders.
pub fn npm(folder: &str, args: &[&str]) -> Command {
    let mut npm = command("npm", args);
    npm.current_dir(root().join(folder));
    npm
}

/// Runs it to its end with its output on ours.
pub fn run(command: &mut Command) -> Result<(), String> {
    let name = named(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} failed ({status})")),
        Err(error) => Err(format!("{name} could not be started: {error}")),
    }
}

/// Runs it and gives what it printed; what it says on standard error is shown only when it fails.
pub fn read(command: &mut Command) -> Result<String, String> {
    let name = named(command);
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| format!("{name} could not be started: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{name} failed ({})\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
    }
}

/// Runs it, shows what it prints as it comes, and gives whether it succeeded and all that it printed on standard output.
pub fn watch(command: &mut Command) -> Result<(bool, String), String> {
    let name = named(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} could not be started: {error}"))?;
    let mut said = String::new();
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            println!("{line}");
            said.push_str(&line);
            said.push('\n');
        }
        let _flushed = std::io::stdout().flush();
    }
    let status = child.wait().map_err(|error| format!("{name}: {error}"))?;
    Ok((status.success(), said))
}

/// Whether a program can be started at all.
pub fn there(program: &str) -> bool {
    command(program, &["--version"]).stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).status().is_ok()
}

pub fn is_root() -> bool {
    cfg!(unix) && read(&mut command("id", &["-u"])).is_ok_and(|id| id.trim() == "0")
}

/// A command that must run as root: as it is for root, by sudo for others.
pub fn as_root(program: &str, args: &[&str]) -> Command {
    if is_root() {
        return command(program, args);
    }
    let mut all = vec![program];
    all.extend(args);
    command("sudo", &all)
}

fn named(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
