//! Whether the disk has room for what is built and tested. The figures are of a run in a clean clone: 10.6 GB, of which 3.6 GB
//! are what cargo keeps for building again what changed.

use crate::{Done, shell::root};
use std::{path::Path, sync::OnceLock};

const GB: u64 = 1 << 30;
/// With less free than this at the start, nothing is kept for the next build.
const PLENTY: u64 = 14 * GB;
/// With less free than this no test that fetches mail can pass: the engine leaves the last of a disk to others, and the tests
/// would wait for it one after the other.
const LEAST: u64 = 2 * GB;

/// Where it cannot be told, there is no reason to stop.
fn free(on: &Path) -> u64 {
    fs4::available_space(on).unwrap_or(u64::MAX)
}

/// Asked first when the first command is made.
pub fn is_scarce() -> bool {
    static SCARCE: OnceLock<bool> = OnceLock::new();
    *SCARCE.get_or_init(|| {
        let free = free(&root());
        let scarce = free < PLENTY;
        if scarce {
            println!("{:.1} GB are free on the disk: cargo keeps nothing for the next build", gigabytes(free));
        }
        scarce
    })
}

pub fn for_the_tests() -> Done {
    // Their mailboxes and profiles are temporary.
    let free = free(&root()).min(free(&std::env::temp_dir()));
    if free < LEAST {
        let (free, least) = (gigabytes(free), gigabytes(LEAST));
        return Err(format!(
            "the disk has {free:.1} GB left and the tests need {least:.0}: make room and run it again"
        ));
    }
    Ok(())
}

fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / GB as f64
}
