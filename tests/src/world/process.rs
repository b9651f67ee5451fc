//! The servers as processes: waited for, ended as a group, and cleared away where their owner was killed.

use super::{Told, WorldError};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Asks a server's group to end. Dovecot waits five seconds for clients that are still connected: here nobody does.
pub(super) fn finish(child: &mut Child) -> Result<(), WorldError> {
    if child.try_wait().told("asking for a server's state")?.is_some() {
        return Ok(());
    }
    let group = format!("-{}", child.id());
    let _asked = Command::new("kill").args(["-TERM", "--", &group]).status();
    let until = Instant::now() + Duration::from_millis(700);
    while Instant::now() < until {
        if child.try_wait().told("waiting for a server to end")?.is_some() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _insisted = Command::new("kill").args(["-KILL", "--", &group]).status();
    child.wait().told("waiting for a server to end")?;
    Ok(())
}

/// Ends and removes the worlds below /tmp whose owner was killed before it could do so itself.
pub(super) fn sweep() {
    if !Path::new("/proc/self").exists() {
        return;
    }
    for dir in std::fs::read_dir("/tmp").into_iter().flatten().flatten().map(|entry| entry.path()) {
        let Ok(owner) = std::fs::read_to_string(dir.join("owner")) else { continue };
        let ours = dir.file_name().is_some_and(|name| name.to_string_lossy().starts_with("clientele-"));
        if ours && !Path::new("/proc").join(owner).exists() && end_left_over(&dir).is_ok() {
            let _removed = std::fs::remove_dir_all(&dir);
        }
    }
}

/// Ends the servers that run in a folder whose world is gone.
pub(super) fn end_left_over(dir: &Path) -> Result<(), WorldError> {
    let mut pid_files: Vec<String> =
        ["run/master.pid", "queue/pid/master.pid", "cyrus/master.pid"].map(String::from).to_vec();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("courier") {
            pid_files.extend(["imap.pid", "imaps.pid"].map(|file| format!("{name}/{file}")));
        }
    }
    pid_files.iter().try_for_each(|pid_file| end_one(dir, pid_file))
}

fn end_one(dir: &Path, pid_file: &str) -> Result<(), WorldError> {
    let Ok(text) = std::fs::read_to_string(dir.join(pid_file)) else { return Ok(()) };
    let pid = text.trim();
    // The number may by now be another program's: ours names the folder among its arguments.
    let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    if !String::from_utf8_lossy(&arguments).contains(&*dir.to_string_lossy()) {
        return Ok(());
    }
    said(Command::new("kill").args(["-KILL", "--", &format!("-{pid}")]), "kill")?;
    // Dovecot takes its own number in it for a running server, though nobody has yet collected the dead one.
    std::fs::remove_file(dir.join(pid_file)).told("removing a left-over pid file")
}

pub(super) fn wait_for(dir: &Path, port: u16, server: &mut Child) -> Result<(), WorldError> {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(());
        }
        let ended = server.try_wait().told("asking for a server's state")?.is_some();
        if ended || Instant::now() > until {
            let log = ["log/dovecot.log", "log/postfix.log", "log/postfix.err", "log/cyrus.err", "log/courier.err"]
                .iter()
                .map(|name| std::fs::read_to_string(dir.join(name)).unwrap_or_default())
                .collect::<String>();
            let tail: Vec<&str> = log.lines().rev().take(20).collect();
            return Err(WorldError::Failed {
                what: format!("waiting for port {port}"),
                words: tail.into_iter().rev().collect::<Vec<_>>().join("\n"),
            });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Runs a command to its end: standard output, or the failure in its own words.
pub(crate) fn said(command: &mut Command, program: &'static str) -> Result<String, WorldError> {
    let output = command.output().map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => WorldError::Missing(program),
        _ => WorldError::Io { what: program.into(), source },
    })?;
    if !output.status.success() {
        let words = format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
        return Err(WorldError::Failed { what: program.into(), words: words.trim().into() });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
