//! Measurements whose ratios are worth keeping.

mod crm;
mod first_screen;
mod profile;
mod report;
mod sync;

pub use crm::crm;
pub use first_screen::first_screen;
pub use sync::{Look, PARTS, sync};

use crate::shell::{command, run, target};
use crate::{Done, setup};
use profile::Profile;
use std::path::PathBuf;

/// The middle of at least one.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A binary of the release profile.
fn program(name: &str) -> PathBuf {
    target().join("release").join(name)
}

/// Release builds of what is measured, of the mail servers, and of the reader.
fn build() -> Done {
    if !setup::is_debian() {
        return Err("the mail servers that this measures against are Debian's and not to be had here".into());
    }
    setup::for_the_bench()?;
    let programs = [
        &["-p", "clientele-cli", "--bins"][..],
        &["-p", "clientele-tests", "--bin", "clientele-world", "--bin", "clientele-reader"],
    ];
    run(&mut command("cargo", &[&["build", "--release"], programs[0], programs[1]].concat()))
}
