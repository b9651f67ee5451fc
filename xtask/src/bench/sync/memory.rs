//! The most memory of a first sync of a large mailbox.

use super::super::{Profile, program};
use super::rows::Row;
use super::{complete, settle};
use crate::world::World;

pub fn larger(mails: usize) -> Result<Row, String> {
    println!("Filling a mailbox with {mails} mails in eleven folders");
    let world = World::start(&program("clientele-world"), &format!("bench-mixed:{mails}"))?;
    let profile = Profile::new("large", &world, 0)?;
    settle()?;
    let synced = profile.sync(&[])?;
    complete(&profile, mails as u64)?;
    profile.remove();
    let seen = format!("one sync of {:.0} s", synced.process / 1000.0);
    Ok(Row::new(&format!("peak memory in the first sync of {mails} mails"), synced.peak, 100.0, "MB", seen))
}
