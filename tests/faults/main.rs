//! Faults: two clients at once, a killed process, a lost power supply, two processes on one profile, a clock that jumps. Each
//! against a real Dovecot, and each from a seed that is printed where it fails. Mails on their way into a CRM likewise.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod clock;
mod crm;
mod imap;
mod kill;
// What is not used here is used in the other tests.
#[allow(dead_code)]
#[path = "../integration/kit.rs"]
mod kit;
mod ledger;
mod model;
#[cfg(target_os = "linux")]
mod power;
mod round;
#[cfg(target_os = "linux")]
mod two;

/// A number from the environment, where a long run sets it.
fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}
