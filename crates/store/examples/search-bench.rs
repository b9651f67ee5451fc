//! How long the store takes to search 200,000 mails and to page through 1,000,000, in process: with its file in the system's
//! cache, and (`cold_…`) each time after the system has let go of it. One JSON object a line on standard output; progress on
//! standard error. Arguments: how many mails to search, how many rows to page through, and a
//! folder to keep the store in: what is there from an earlier run is not made again.
//!
//! `cargo run --release -p clientele-store --example search-bench`
#![allow(clippy::unwrap_used)]

use clientele_model::{AccountId, Address, Endpoint, FolderId, FolderRole, MessageId, RowDate, Security};
use clientele_store::{
    Attachment, CrmState, Filter, Flags, FolderSeen, ListQuery, NewAccount, NewMessage, Scope, SearchQuery, Store,
};
use std::{
    fs::File,
    path::Path,
    time::{Duration, Instant},
};

/// When the last mail came, in seconds since 1970; one every ten minutes before it.
const LAST: i64 = 1_777_593_600;
const APART: i64 = 600;
const WORDS: usize = 60_000;
const WORDS_IN_MAIL: usize = 160;
const BATCH: usize = 500;
const ROUNDS: usize = 1000;
/// From the disk.
const COLD: usize = 60;
/// Longer than the upkeep waits after the last mail: five seconds in which none came, seen when they are over.
const QUIET: Duration = Duration::from_secs(12);

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut count = |usual| arguments.next().map_or(usual, |text| text.parse::<usize>().unwrap());
    let (mails, rows) = (count(200_000), count(1_000_000));
    let passing = tempfile::TempDir::new().unwrap();
    let profile = arguments.next().map_or_else(|| passing.path().to_owned(), std::path::PathBuf::from);
    let (store, _) = Store::open(&profile).unwrap();
    let account = store.accounts().unwrap().first().map_or_else(|| account(&store), |account| account.id);
    let seen = store.folders(account).unwrap();
    let folders: Vec<FolderId> = seen.iter().map(|folder| folder.id).collect();
    let kept = seen.iter().map(|folder| folder.total as usize).sum::<usize>();
    let words: Vec<String> = (0..WORDS).map(word).collect();

    let begun = Instant::now();
    let mut chance = Chance(5);
    for begin in (kept.min(mails)..mails).step_by(BATCH) {
        let batch: Vec<usize> = (begin..(begin + BATCH).min(mails)).collect();
        let fresh = (0..folders.len()).flat_map(|at| {
            let of_folder = batch.iter().filter(|n| place(**n, folders.len()) == at);
            let messages: Vec<NewMessage> = of_folder.map(|n| mail(*n, mails, &words, &mut chance)).collect();
            if messages.is_empty() {
                Vec::new()
            } else {
                store.messages_insert(account, folders[at], messages).unwrap()
            }
        });
        let pills: Vec<(MessageId, CrmState, String)> = fresh.map(|one| pill(one.id, &words)).collect();
        store.pills_set(&pills).unwrap();
        if begin % 50_000 == 0 {
            eprintln!("{begin} mails, {:.1} s", begun.elapsed().as_secs_f64());
        }
    }
    eprintln!("{mails} mails in {:.1} s, {:.1} s of work", begun.elapsed().as_secs_f64(), process() / 1e3);
    if kept < mails {
        settled(&store);
    }
    eprintln!("settled after {:.1} s, {:.1} s of work", begun.elapsed().as_secs_f64(), process() / 1e3);

    let mut chance = Chance(9);
    let mut some = || words[chance.rank(WORDS)].clone();
    let queries = |what: &str, some: &mut dyn FnMut() -> String, chance: &mut Chance| match what {
        "word" => format!("{} ", some()),
        // One that stands in mails, as what people remember does: see `mail`.
        "phrase" => {
            let at = chance.rank(WORDS - 8) / 8 * 8;
            format!("\"{} {}\" ", word(at), word(at + 1))
        }
        "prefix" => some().chars().take(3 + chance.below(2)).collect(),
        _ => {
            let filter = [
                "is:unread",
                "is:flagged",
                "has:attachment",
                "in:inbox",
                "in:sent is:unread",
                "from:ola17",
                "after:2025-06-01",
                "before:2024-01-01",
                "-is:flagged",
                "-in:inbox",
                "company:firma7",
                "sale:takstein is:unread",
            ];
            format!("{} {} ", some(), filter[chance.below(filter.len())])
        }
    };
    let mut which = Chance(11);
    let mut slow: Vec<(f64, String)> = Vec::new();
    for what in ["word", "phrase", "prefix", "combined"] {
        let mut round = |cold: bool| {
            let query = queries(what, &mut some, &mut which);
            let search = SearchQuery { query: query.clone(), limit: 50, ..SearchQuery::default() };
            if cold {
                forgotten(&profile);
            }
            let time = Taken::by(|| drop(store.search(&search).unwrap()));
            slow.push((time.cpu, query));
            time
        };
        cached(&profile);
        let times = (0..ROUNDS).map(|_| round(false)).collect();
        report(what, mails, times, (0..COLD).map(|_| round(true)).collect());
    }
    slow.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (time, query) in slow.iter().take(12) {
        eprintln!("{time:8.2} ms  {query}");
    }

    let begun = Instant::now();
    for begin in (kept.max(mails)..rows).step_by(BATCH) {
        let batch = (begin..(begin + BATCH).min(rows)).map(|n| bare(n, mails)).collect();
        store.messages_insert(account, folders[0], batch).unwrap();
    }
    eprintln!("{} rows in {:.1} s", rows.saturating_sub(mails), begun.elapsed().as_secs_f64());
    if kept.max(mails) < rows {
        settled(&store);
    }
    let mut page = |round: usize, cold: bool| {
        let ago = which.below(rows) as i64 * APART;
        let after = (!round.is_multiple_of(4)).then(|| RowDate::new(LAST - ago).place());
        let filter = [Filter::All, Filter::Unread, Filter::Flagged, Filter::Customers][round % 4];
        let scope = if round.is_multiple_of(2) { Scope::Inboxes } else { Scope::Folder(folders[0]) };
        let query = ListQuery { scope, filter, after, limit: 50 };
        if cold {
            forgotten(&profile);
        }
        Taken::by(|| drop(store.list(&query).unwrap()))
    };
    cached(&profile);
    let times = (0..ROUNDS * 4).map(|round| page(round, false)).collect();
    report("page", rows, times, (0..COLD * 4).map(|round| page(round, true)).collect());
}

/// What the upkeep does when no mail came for [`QUIET`]: the index is put together, into one piece after so many mails. Until
/// then it would work beside what is measured.
fn settled(store: &Store) {
    std::thread::sleep(QUIET);
    while store.index_settle().unwrap() {}
}

const FILES: [&str; 2] = ["mail.db", "mail.db-wal"];

/// Has the system keep the store in its cache, as where it was just used: a quiet hour or much other work push it out.
fn cached(profile: &Path) {
    for name in FILES {
        if let Ok(mut file) = File::open(profile.join(name)) {
            std::io::copy(&mut file, &mut std::io::sink()).unwrap();
        }
    }
}

/// Has the system let go of it, so that what is wanted comes from the disk.
fn forgotten(profile: &Path) {
    for name in FILES {
        let Ok(file) = File::open(profile.join(name)) else { continue };
        // Only what is written can be let go.
        file.sync_data().unwrap();
        #[cfg(target_os = "linux")]
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    }
}

/// Milliseconds by the clock, and of this thread's work: where others work on the same machine, only those mean something.
struct Taken {
    clock: f64,
    cpu: f64,
}

impl Taken {
    fn by(work: impl FnOnce()) -> Taken {
        let (begun, before) = (Instant::now(), cpu());
        work();
        Taken { clock: begun.elapsed().as_secs_f64() * 1000.0, cpu: cpu() - before }
    }
}

/// Of this thread; 0 where that cannot be asked.
#[cfg(unix)]
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// Of all threads.
#[cfg(unix)]
fn process() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

#[cfg(not(unix))]
fn cpu() -> f64 {
    0.0
}

#[cfg(not(unix))]
fn process() -> f64 {
    0.0
}

fn report(what: &str, mails: usize, times: Vec<Taken>, cold: Vec<Taken>) {
    let part = |times: &[Taken], of: fn(&Taken) -> f64, share: f64| {
        let mut all: Vec<f64> = times.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[((all.len() - 1) as f64 * share) as usize]
    };
    println!(
        r#"{{"what":"{what}","mails":{mails},"rounds":{},"median_ms":{:.3},"p99_ms":{:.3},"cpu_median_ms":{:.3},"cpu_p99_ms":{:.3},"cold_median_ms":{:.3},"cold_p99_ms":{:.3}}}"#,
        times.len(),
        part(&times, |time| time.clock, 0.5),
        part(&times, |time| time.clock, 0.99),
        part(&times, |time| time.cpu, 0.5),
        part(&times, |time| time.cpu, 0.99),
        part(&cold, |time| time.clock, 0.5),
        part(&cold, |time| time.clock, 0.99),
    );
}

/// A small generator of numbers, the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit
    }

    /// Low numbers more often, as words are used: the n-th about 1/n as often as the first.
    fn rank(&mut self, limit: usize) -> usize {
        let share = self.below(1 << 24) as f64 / f64::from(1 << 24);
        (((limit as f64).ln() * share).exp() as usize).min(limit) - 1
    }
}

fn word(rank: usize) -> String {
    const BEGIN: [&str; 24] = [
        "b", "br", "d", "f", "fl", "g", "h", "j", "k", "kl", "l", "m", "n", "p", "pr", "r", "s", "sk", "st", "t", "tr",
        "v", "str", "gr",
    ];
    const MIDDLE: [&str; 8] = ["a", "e", "i", "o", "u", "ø", "å", "ei"];
    const END: [&str; 10] = ["", "n", "r", "t", "l", "s", "nd", "rk", "st", "m"];
    let (mut rest, mut text) = (rank * 7919 + 3, String::new());
    loop {
        text.push_str(BEGIN[rest % BEGIN.len()]);
        rest /= BEGIN.len();
        text.push_str(MIDDLE[rest % MIDDLE.len()]);
        rest /= MIDDLE.len();
        text.push_str(END[rest % END.len()]);
        rest /= END.len();
        if rest == 0 {
            return text;
        }
    }
}

/// In which folder: half of them in the first.
fn place(n: usize, folders: usize) -> usize {
    if n.is_multiple_of(2) { 0 } else { n / 2 % folders }
}

fn bare(n: usize, first: usize) -> NewMessage {
    NewMessage {
        uid: n as u32 + 1,
        date: LAST - n as i64 * APART,
        size: 4000,
        message_id: format!("{n}@kunde{}.example", n % 400),
        subject: format!("Sak {n}"),
        from: Address::new(format!("Ola{} Nordmann", n % 97), format!("ola{}@kunde{}.example", n % 97, n % 400)),
        to: vec![Address::new("Kari", "kari@fjord.example")],
        preview: "Hei, her kommer det du spurte etter i går.".into(),
        flags: Flags {
            // Read long ago, most of what is old.
            seen: n > first || !n.is_multiple_of(5),
            flagged: n.is_multiple_of(50),
            ..Flags::default()
        },
        has_text: true,
        ..NewMessage::default()
    }
}

fn mail(n: usize, all: usize, words: &[String], chance: &mut Chance) -> NewMessage {
    let mut text = String::with_capacity(WORDS_IN_MAIL * 8);
    for _ in 0..WORDS_IN_MAIL / 2 + chance.below(WORDS_IN_MAIL) {
        let at = chance.rank(WORDS - 1);
        text.push_str(&words[at]);
        text.push(' ');
        if at.is_multiple_of(8) {
            text.push_str(&words[at + 1]);
            text.push(' ');
        }
    }
    let name = format!("{}.pdf", words[chance.rank(WORDS)]);
    let file = Attachment { name, mime: "application/pdf".into(), ..Attachment::default() };
    NewMessage {
        subject: (0..4).map(|_| words[chance.rank(WORDS)].as_str()).collect::<Vec<_>>().join(" "),
        attachments: if n.is_multiple_of(12) { vec![file] } else { Vec::new() },
        raw: Some(text.clone().into_bytes().into()),
        search_text: text,
        ..bare(n, all)
    }
}

fn pill(id: MessageId, words: &[String]) -> (MessageId, CrmState, String) {
    let n = (LAST - RowDate::of(id).seconds()) / APART;
    let kind = if n % 3 == 0 { "sale" } else { "company" };
    let text = if n % 3 == 0 { format!("takstein {}", words[n as usize % 50]) } else { format!("Firma{} AS", n % 40) };
    (id, CrmState::Customer, format!(r#"[{{"kind":"{kind}","text":"{text}","record":"{n}"}}]"#))
}

fn account(store: &Store) -> AccountId {
    let server = |port| Endpoint { host: "mail.fjord.example".into(), port, security: Security::Tls };
    let account = store
        .account_add(&NewAccount {
            email: "kari@fjord.example".into(),
            name: "Kari".into(),
            incoming: server(993),
            incoming_user: "kari".into(),
            outgoing: server(465),
            outgoing_user: "kari".into(),
            days: 0,
            oauth: None,
        })
        .unwrap();
    let roles = [
        ("INBOX", FolderRole::Inbox),
        ("Sent", FolderRole::Sent),
        ("Archive", FolderRole::Done),
        ("Prosjekter", FolderRole::Other),
        ("Junk", FolderRole::Junk),
    ];
    let seen: Vec<FolderSeen> = roles
        .into_iter()
        .map(|(path, role)| FolderSeen {
            path: path.into(),
            name: path.into(),
            server_name: path.into(),
            role,
            selectable: true,
            ..FolderSeen::default()
        })
        .collect();
    store.folders_replace(account, &seen).unwrap();
    account
}
