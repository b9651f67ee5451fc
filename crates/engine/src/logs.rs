//! `logs/` in the profile: a file a day, seven kept. Ids and sizes only: whoever writes a log line keeps addresses,
//! subjects, bodies and secrets out of it.

use std::{path::Path, sync::OnceLock};
use tracing_appender::{
    non_blocking::WorkerGuard,
    rolling::{Builder, Rotation},
};
use tracing_subscriber::EnvFilter;

static GUARD: OnceLock<WorkerGuard> = OnceLock::new();

/// Starts writing; the first call of a process wins. A log that cannot be written never stops the program.
pub(crate) fn start(profile: &Path) {
    if GUARD.get().is_some() {
        return;
    }
    // Made first: the appender complains on standard error where it finds no folder to prune.
    let folder = profile.join("logs");
    let _ = std::fs::create_dir_all(&folder);
    let Ok(appender) = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("clientele")
        .filename_suffix("log")
        .max_log_files(7)
        .build(folder)
    else {
        return;
    };
    let (writer, guard) = tracing_appender::non_blocking(appender);
    // Only our own crates may say more than errors: a library's debug output may hold what was said to a server.
    let level = match std::env::var("CLIENTELE_LOG").as_deref() {
        Ok("debug") => "debug",
        Ok("warn") => "warn",
        _ => "info",
    };
    let filter = OURS.iter().fold(EnvFilter::new("error"), |filter, name| match format!("{name}={level}").parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    });
    let started = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false).try_init();
    if started.is_ok() {
        let _ = GUARD.set(guard);
    }
}

const OURS: &[&str] = &[
    "clientele_store",
    "clientele_message",
    "clientele_net",
    "clientele_auth",
    "clientele_account",
    "clientele_mail",
    "clientele_crm",
    "clientele_engine",
    "clientele_viewer",
    "clientele_api",
    "clientele_desktop",
];
