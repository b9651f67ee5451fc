//! From sign-in to the newest fifty being readable from the store.

use super::super::{Profile, median, program};
use super::rows::Row;
use crate::world::World;

const ROUNDS: usize = 11;

/// In the mixed mailbox, with an empty store and without any.
pub fn absolute(world: &World) -> Result<[Row; 2], String> {
    let (mut with, mut before, mut creating) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let profile = Profile::new("newest", world, 0)?;
        let one = profile.sync(&["--first-screen"])?;
        readable(&profile)?;
        let profile = Profile::new("newest", world, 0)?;
        for name in ["mail.db", "mail.db-wal", "mail.db-shm"] {
            let _gone = std::fs::remove_file(profile.path().join(name));
        }
        let other = profile.sync(&["--first-screen"])?;
        readable(&profile)?;
        profile.remove();
        if round > 0 {
            with.push(one.took);
            before.push(one.process - one.took);
            creating.push(other.process);
        }
    }
    // What a process does before it connects, less what it does where the store is there.
    let created = median(&creating) - median(&before);
    let (low, high) = with.iter().fold((f64::MAX, f64::MIN), |(low, high), &time| (time.min(low), time.max(high)));
    let seen = format!("{low:.0} to {high:.0} ms in {ROUNDS} rounds");
    let processes = format!("process {:.0} ms, of that {:.0} ms as with a store", median(&creating), median(&before));
    Ok([
        Row::new("newest 50 readable, with a store", median(&with), 150.0, "ms", seen),
        Row::new("newest 50 readable, creating a store", created, 300.0, "ms", processes),
    ])
}

/// In a mailbox ten times as large as `mails`, and in one of 200.
pub fn by_size(mails: usize) -> Result<Row, String> {
    let (small, large) = (200, 10 * mails);
    let start = |count: usize| {
        println!("Filling a mailbox with {count} mails, mdbox");
        World::start(&program("clientele-world"), &format!("bench-mdbox:{count}"))
    };
    let worlds = [start(small)?, start(large)?];
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        for turn in 0..2 {
            let which = (round + turn) % 2;
            let profile = Profile::new("newest", &worlds[which], 30)?;
            let synced = profile.sync(&["--first-screen"])?;
            readable(&profile)?;
            profile.remove();
            if round > 0 {
                times[which].push(synced.took);
            }
        }
    }
    let [one, other] = times.map(|times: Vec<f64>| median(&times));
    let seen = format!("{other:.0} ms against {one:.0} ms, {ROUNDS} rounds");
    Ok(Row::new(&format!("newest 50, {large} mails against {small}"), other / one, 1.2, "×", seen))
}

fn readable(profile: &Profile) -> Result<(), String> {
    let page = profile.asked(&["list", "--limit", "50"])?;
    match page["rows"].as_array().map_or(0, Vec::len) {
        50 => Ok(()),
        shown => Err(format!("only {shown} mails were readable from the store")),
    }
}
