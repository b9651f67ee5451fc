//! A mailbox that is in step: nothing new, something new, and a mail that arrives.

use super::super::{Profile, median};
use super::peers::Mbsync;
use super::rows::Row;
use super::wire::Wire;
use crate::shell::{command, read};
use crate::world::World;
use std::process::Stdio;

const ROUNDS: usize = 11;
const CHANGES: usize = 7;
const ADDED: u64 = 50;
const PUSHED: usize = 15;
const CHANGE: &str = include_str!("change.py");
const PUSH: &str = include_str!("push.py");

pub fn nothing(world: &World, profile: &Profile, mbsync: &Mbsync) -> Result<Vec<Row>, String> {
    let (mut ours, mut processes, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let both = if round % 2 == 0 {
            let mine = profile.sync(&[])?;
            (mine, mbsync.sync()?)
        } else {
            let peer = mbsync.sync()?;
            (profile.sync(&[])?, peer)
        };
        if round > 0 {
            ours.push(both.0.took);
            processes.push(both.0.process);
            theirs.push(both.1);
        }
    }
    let (one, other) = (median(&ours), median(&theirs));
    let seen = format!("{one:.0} ms (process {:.0} ms); mbsync {other:.0} ms; {ROUNDS} rounds", median(&processes));
    let time = Row::new("nothing changed, all folders, × mbsync", one / other, 1.0, "×", seen);

    let (copy, wire) = on_the_wire(world, profile)?;
    copy.sync(&[])?;
    wire.forget();
    copy.sync(&[])?;
    let counted = wire.counted();
    copy.remove();
    Ok(vec![
        time,
        Row::new("… round trips after signing in", f64::from(counted.round_trips), 3.0, "", String::new()),
        Row::new("… bytes after signing in", counted.bytes as f64, 4096.0, "", String::new()),
    ])
}

/// 200 flags and 50 new mails each time.
pub fn changes(world: &World, profile: &Profile, mbsync: &Mbsync) -> Result<Row, String> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=CHANGES {
        let unseen = change(world, round)?;
        let both = if round % 2 == 0 {
            let mine = profile.sync(&[])?;
            (mine, mbsync.sync()?)
        } else {
            let peer = mbsync.sync()?;
            (profile.sync(&[])?, peer)
        };
        if both.0.new != ADDED {
            return Err(format!("{} of {ADDED} new mails came", both.0.new));
        }
        let folders = profile.asked(&["folders"])?;
        let inbox = folders.as_array().and_then(|folders| folders.iter().find(|folder| folder["role"] == "inbox"));
        let unread = inbox.and_then(|inbox| inbox["unread"].as_u64());
        if unread != Some(unseen) {
            return Err(format!("{unread:?} mails are unread here and {unseen} on the server"));
        }
        if round > 0 {
            ours.push(both.0.took);
            theirs.push(both.1);
        }
    }
    let (one, other) = (median(&ours), median(&theirs));
    let seen = format!("{one:.0} ms; mbsync {other:.0} ms; {CHANGES} rounds");
    Ok(Row::new("200 flags and 50 new mails, × mbsync", one / other, 1.0, "×", seen))
}

/// Gives how many mails of the inbox are unseen afterwards.
fn change(world: &World, round: usize) -> Result<u64, String> {
    let server = world.server("imap_plain");
    let port = server.rsplit(':').next().unwrap_or_default();
    let mut python = command("python3", &["-c", CHANGE, port, world.text("user"), &round.to_string()]);
    read(python.env("PASSWORD", world.text("password")))?.trim().parse().map_err(|_| "changing the mailbox".to_owned())
}

/// A copy whose account goes through a counting proxy, without TLS.
fn on_the_wire(world: &World, profile: &Profile) -> Result<(Profile, Wire), String> {
    let copy = profile.copy("wire")?;
    let wire = Wire::start(&world.server("imap_plain"))?;
    let server = format!("localhost:{}", wire.port);
    let edit = ["account", "edit", world.text("user"), "--imap", &server, "--imap-security", "none"];
    read(&mut copy.command(&edit))?;
    Ok((copy, wire))
}

/// From the server's announcing a mail on the engine's own connection to the mail's row in the store.
pub fn push(world: &World, profile: &Profile) -> Result<Row, String> {
    let (copy, wire) = on_the_wire(world, profile)?;
    let mut watching = copy
        .command(&["sync", "--watch"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("clientele could not be started: {error}"))?;
    let (lmtp, store) = (format!("{}/run/lmtp", world.text("dir")), copy.path().join("mail.db"));
    let rounds = PUSHED.to_string();
    let args = ["-c", PUSH, world.text("user"), &lmtp, &store.to_string_lossy(), &rounds];
    let said = read(&mut command("python3", &args));
    let _ended = watching.kill();
    let _waited = watching.wait();
    let said = said?;
    let (mut idle, mut times) = (Vec::new(), Vec::new());
    for line in said.lines() {
        let mut words = line.split(' ').map(|word| word.parse::<f64>().unwrap_or(f64::NAN));
        let (sent, row) = (words.next().unwrap_or(f64::NAN), words.next().unwrap_or(f64::NAN));
        let announced = wire.announced(sent).ok_or("the server announced no mail")?;
        idle.push((announced - sent) * 1000.0);
        times.push((row - announced) * 1000.0);
    }
    copy.remove();
    if times.len() != PUSHED {
        return Err(format!("{} of {PUSHED} mails came", times.len()));
    }
    let most = times.iter().copied().fold(f64::MIN, f64::max);
    let seen = format!("the slowest {most:.0} ms of {PUSHED} mails; Dovecot's IDLE itself {:.0} ms", median(&idle));
    Ok(Row::new("new mail → row, over IDLE itself", median(&times), 50.0, "ms", seen))
}
