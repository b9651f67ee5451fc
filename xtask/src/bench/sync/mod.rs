//! The engine side by side with its peers, on one Dovecot.

mod inside;
mod memory;
mod newest;
mod peers;
mod rows;
mod searching;
mod steady;
mod wire;

use super::profile::Synced;
use super::{Profile, build, median, program, report};
use crate::Done;
use crate::world::World;
use peers::{Mbsync, Notmuch};
use rows::{Row, table};

const MAILS: usize = 20_000;
/// So many count in a first sync, after one that does not.
const ROUNDS: usize = 5;
/// Words that one mail has and no other, looked for in the store: bodies of all folders must be there and be found.
const SAMPLED: usize = 40;

/// A first sync, of mbsync's.
const PEER: f64 = 0.35;

/// The parts of the measurement, for `--only`.
pub const PARTS: [&str; 8] = ["first", "newest", "steady", "push", "memory", "size", "search", "inside"];

/// A quick look at less than the whole. The page of results is written by the whole only.
#[derive(Debug, Default, Clone)]
pub struct Look {
    /// One of [`PARTS`].
    pub only: Option<String>,
    /// In the mailbox; larger ones grow along.
    pub mails: Option<usize>,
}

impl Look {
    pub fn parse(words: &[&str]) -> Option<Look> {
        let mut look = Look::default();
        for pair in words.chunks(2) {
            match pair {
                ["--only", part] if PARTS.contains(part) => look.only = Some((*part).into()),
                ["--mails", count] => look.mails = Some(count.parse().ok().filter(|count| *count >= 200)?),
                _ => return None,
            }
        }
        Some(look)
    }

    fn whole(&self) -> bool {
        self.only.is_none() && self.mails.is_none()
    }

    fn wants(&self, part: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == part)
    }

    fn mails(&self) -> usize {
        self.mails.unwrap_or(MAILS)
    }
}

pub fn sync(look: &Look) -> Done {
    build()?;
    let mut results = Results::default();
    if ["first", "steady", "push", "size", "search", "newest", "memory"].iter().any(|part| look.wants(part)) {
        on_one_server(look, &mut results)?;
    }
    if look.wants("newest") {
        results.take(newest::by_size(look.mails()).map(|row| vec![row]));
    }
    if look.wants("memory") {
        results.take(memory::larger(5 * look.mails()).map(|row| vec![row]));
    }
    if look.wants("inside") {
        results.take(inside::rows(look.mails()));
    }
    let shown = results.shown();
    println!("\n{shown}");
    if look.whole() {
        report::write("Sync", &text(&shown)?)?;
    }
    results.verdict()
}

/// Rows, and what could not be measured: one part that fails does not cost the others.
#[derive(Default)]
struct Results {
    rows: Vec<Row>,
    failed: Vec<String>,
}

impl Results {
    fn take(&mut self, part: Result<Vec<Row>, String>) {
        match part {
            Ok(rows) => self.rows.extend(rows),
            Err(words) => {
                eprintln!("NOT MEASURED: {words}");
                self.failed.extend(words.lines().next().map(str::to_owned));
            }
        }
    }

    fn shown(&self) -> String {
        let failed: String = self.failed.iter().map(|words| format!("\nNot measured: {words}\n")).collect();
        table(&self.rows) + &failed
    }

    fn verdict(&self) -> Done {
        let missed = self.rows.iter().filter(|row| !row.met()).count();
        match (missed, self.failed.len()) {
            (0, 0) => Ok(()),
            (_, failed) => {
                Err(format!("of {} goals {missed} are missed; {failed} could not be measured", self.rows.len()))
            }
        }
    }
}

fn on_one_server(look: &Look, results: &mut Results) -> Done {
    let mails = look.mails();
    println!("Filling a mailbox with {mails} mails in eleven folders");
    let world = World::start(&program("clientele-world"), &format!("bench-mixed:{mails}"))?;
    let mbsync = Mbsync::new(&world)?;
    let measured = look.wants("first");
    let peer = measured || look.wants("steady") || look.wants("search");
    let first = first_syncs(&world, &mbsync, mails as u64, if measured { ROUNDS } else { 0 }, peer)?;
    if measured {
        results.take(Ok(first.rows().into()));
    }
    if look.wants("memory") {
        let most = first.ours.iter().map(|synced| synced.peak).fold(first.warm.peak, f64::max);
        let seen = format!("the most of {} syncs", first.ours.len() + 1);
        results.take(Ok(vec![Row::new("peak memory in the first sync", most, 100.0, "MB", seen)]));
    }
    if look.wants("size") {
        let (size, raw) = (first.profile.size() as f64, first.bytes as f64);
        let seen = format!("{:.0} MB of {:.0} MB", size / 1e6, raw / 1e6);
        results.take(Ok(vec![Row::new("store and index on disk, × the mails", size / raw, 0.68, "×", seen)]));
    }
    if look.wants("search") {
        println!("notmuch indexes its mail");
        results.take(Notmuch::new(&mbsync).and_then(|notmuch| searching::rows(&first.profile, &notmuch)));
    }
    if look.wants("newest") {
        results.take(newest::absolute(&world).map(Vec::from));
    }
    if look.wants("steady") {
        results.take(steady::nothing(&world, &first.profile, &mbsync));
        results.take(steady::changes(&world, &first.profile, &mbsync).map(|row| vec![row]));
    }
    if look.wants("push") {
        results.take(steady::push(&world, &first.profile).map(|row| vec![row]));
    }
    first.profile.remove();
    mbsync.remove();
    Ok(())
}

/// Full syncs in turns, and the last profile of ours.
struct First {
    profile: Profile,
    bytes: u64,
    warm: Synced,
    ours: Vec<Synced>,
    raws: Vec<f64>,
    theirs: Vec<f64>,
}

fn first_syncs(world: &World, mbsync: &Mbsync, mails: u64, rounds: usize, peer: bool) -> Result<First, String> {
    let mut first: Option<First> = None;
    let one = |first: &mut Option<First>, counts: bool| -> Done {
        let profile = Profile::new("first", world, 0)?;
        settle()?;
        let synced = profile.sync(&[])?;
        complete(&profile, mails)?;
        println!("clientele {:>6.0} ms, {:.0} MB", synced.process, synced.peak);
        match first {
            Some(first) => {
                first.profile = profile;
                if counts {
                    first.ours.push(synced);
                }
            }
            None => {
                *first = Some(First { profile, bytes: 0, warm: synced, ours: vec![], raws: vec![], theirs: vec![] });
            }
        }
        Ok(())
    };
    for round in 0..=rounds {
        println!("round {round}{}", if round == 0 { ", not counted" } else { "" });
        // Each goes first once: what else this machine does slows all alike.
        for turn in 0..3 {
            match (turn + round) % 3 {
                0 => one(&mut first, round > 0)?,
                1 => {
                    settle()?;
                    let (took, count, bytes) = peers::raw(world)?;
                    println!("reader    {took:>6.0} ms");
                    if count != mails {
                        return Err(format!("the reader found {count} mails of {mails}"));
                    }
                    if let Some(first) = &mut first {
                        first.bytes = bytes;
                        if round > 0 {
                            first.raws.push(took);
                        }
                    }
                }
                _ if peer => {
                    mbsync.empty()?;
                    settle()?;
                    let took = mbsync.sync()?;
                    println!("mbsync    {took:>6.0} ms");
                    let count = mbsync.count()?;
                    if count != mails {
                        return Err(format!("mbsync has {count} mails of {mails}"));
                    }
                    if let (Some(first), true) = (&mut first, round > 0) {
                        first.theirs.push(took);
                    }
                }
                _ => {}
            }
        }
    }
    first.ok_or_else(|| "nothing was synced".into())
}

/// What others wrote must not be written during the next one's time.
fn settle() -> Done {
    crate::shell::run(&mut crate::shell::command("sync", &[]))
}

/// Every mail is there, and its body can be found.
fn complete(profile: &Profile, mails: u64) -> Done {
    let total = profile.total()?;
    if total != mails {
        return Err(format!("the store has {total} mails of {mails}"));
    }
    for sample in 0..SAMPLED as u64 {
        // Spread over all, by a step that shares no divisor with the count.
        let word = format!("q{}x", (sample * 7919) % mails);
        let found = profile.asked(&["search", &word])?["rows"].as_array().map_or(0, Vec::len);
        if found != 1 {
            return Err(format!("searching for {word}, which one mail has, found {found}"));
        }
    }
    Ok(())
}

impl First {
    fn rows(&self) -> [Row; 2] {
        let times: Vec<f64> = self.ours.iter().map(|synced| synced.process).collect();
        let (ours, raw, theirs) = (median(&times), median(&self.raws), median(&self.theirs));
        let seen =
            |what: &str, other: f64| format!("{:.1} s; {what} {:.1} s; {ROUNDS} rounds", ours / 1000.0, other / 1000.0);
        let mut beside = seen("mbsync", theirs);
        if PEER * theirs < raw {
            // The goal comes from a machine on which mbsync took sixteen times the raw limit.
            beside += &format!(
                "; the goal is {:.1} s here, and the reader alone needs {:.1} s",
                PEER * theirs / 1000.0,
                raw / 1000.0
            );
        }
        [
            Row::new("first full sync, searchable, × mbsync", ours / theirs, PEER, "×", beside),
            Row::new("first full sync, searchable, × raw limit", ours / raw, 4.0, "×", seen("reader", raw)),
        ]
    }
}

fn text(table: &str) -> Result<String, String> {
    Ok(format!(
        "One Dovecot on loopback, TLS 1.3, {MAILS} mails in eleven folders as Maildir, 0.72 GB, half of that attachments of\n\
         random bytes; the same bytes in every run. Everything takes turns in one run of release builds, and the medians of the\n\
         rounds named count. Measured on {}.\n\n{table}\n{NOTES}",
        report::today()?,
    ))
}

const NOTES: &str = "\
What is measured:

- **First full sync**: the whole process `clientele sync` on a new profile with all mail wanted; afterwards every mail must
  be there and forty words that only one mail has must be found. mbsync: into a new Maildir, `FSync no`; it indexes nothing.
  The raw limit: `clientele-reader` reads every body and throws it away. One round before is not counted.
- **Newest 50**: `clientele sync --first-screen` by its own clock, from connecting on; `clientele --offline list` must then
  give fifty. *Creating a store*: mail.db is removed before, and what the process then takes longer for is added. The two
  sizes are Dovecot's mdbox, whose own work does not grow with the folder.
- **Nothing changed, changes**: the whole process of mbsync; clientele by its own clock, because it stays open with its
  profile unlocked, and unsealing the password is slow on purpose. Round trips and bytes are counted by a proxy on the
  port without TLS, from the answer to the sign-in to the sign-out.
- **New mail**: delivered by LMTP; the proxy notes when the server announces it on the engine's own connection, and the
  store is looked at every millisecond.
- **Peak memory**: VmHWM of the process.
- **Size**: as `clientele sync` leaves it. The window's upkeep merges the parts of the index some seconds later, which makes it
  smaller.
- **Search**: whole processes, newest 50, JSON; notmuch's are conversations. In process: `search-bench` of the store, with
  its file in the system's cache; beside it, what a search or page takes when the system holds nothing of the file.
";
