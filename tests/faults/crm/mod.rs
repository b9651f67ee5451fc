//! Mails on their way into a CRM, and the program killed there: at a request of chance's choosing, again and again, while answers
//! get lost. Each mail must be there once in the end, whole, on each of its records, and counted by the CRM itself.

mod card;
mod colleagues;
mod real;
mod there;

use crate::{
    kill::child,
    kit::Person,
    round::{self, Told, config, connect},
};
use clientele_engine::{
    Clock, Config, Engine, ToArchive, Until,
    crm::Record,
    store::{ArchiveState, SearchQuery},
};
use clientele_model::{AccountId, MessageId};
use clientele_tests::world::{
    Stored,
    http_proxy::{Fate, Fault},
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};
use there::{Copy, There, Tried};

/// The most requests that a killed program comes to.
const REQUESTS: usize = 45;

/// A mail in the mailbox.
#[derive(Debug, Clone)]
pub struct Mail {
    pub message_id: String,
    pub raw: Vec<u8>,
}

/// Somebody with a mailbox, a profile, and a CRM.
pub struct Salesperson {
    pub person: Person,
    pub account: AccountId,
    /// Seconds that the engine's clock is ahead.
    ahead: Arc<AtomicI64>,
}

impl Salesperson {
    /// Connected to both, with the CRM read.
    pub async fn new(there: &impl There, colleague: bool) -> (Salesperson, Engine) {
        let person = Person::new();
        let policy = "[crm]\nhosts = [\"127.0.0.1\"]\n";
        std::fs::write(person.folder.path().join("policy.toml"), policy).unwrap();
        let ahead = Arc::<AtomicI64>::default();
        let mut kari = Salesperson { person, account: AccountId(0), ahead };
        let engine = kari.open().await;
        let ports = kari.person.world.ports().clone();
        kari.account = connect(&engine, &kari.person.email, ports.imaps, ports.smtps, 60).await;
        engine.crm_connect(&there.setup(colleague)).await.unwrap();
        engine.crm_refresh().await.unwrap();
        (kari, engine)
    }

    pub async fn open(&self) -> Engine {
        let ahead = self.ahead.clone();
        let clock: Clock = Arc::new(move || jiff::Timestamp::now().as_second() + ahead.load(Ordering::Relaxed));
        let config = config(self.person.folder.path(), &self.person.world.ca_pem());
        Engine::start(Config { clock: Some(clock), ..config }).await.unwrap()
    }

    /// Puts mails into the mailbox, one in three of them into Sent, and fetches them.
    pub async fn has(&self, engine: &Engine, mails: &[Mail]) {
        let now = jiff::Timestamp::now().as_second();
        let stored = mails.iter().enumerate().map(|(number, mail)| Stored {
            folder: if is_sent(number) { "Sent".into() } else { "INBOX".into() },
            raw: mail.raw.clone(),
            received: now - 60 + number as i64,
            seen: true,
            answered: false,
            flagged: false,
        });
        self.person.world.store(&self.person.email, &stored.collect::<Vec<_>>()).unwrap();
        engine.sync_once(self.account, Until::Everything, Arc::new(|_, _, _| {})).await.unwrap();
    }

    pub fn mail(&self, random: &mut StdRng, seed: u64, number: usize) -> Mail {
        let word = format!("a{seed}n{number}q");
        let message_id = format!("{word}.{}@test.example", std::process::id());
        let (own, other) = (format!("Kari <{}>", self.person.email), "Anna <anna@kunde.example>".to_owned());
        let (from, to) = if is_sent(number) { (own, other) } else { (other, own) };
        let date = jiff::Zoned::now().strftime("%a, %d %b %Y %H:%M:%S %z").to_string();
        let mut raw = format!(
            "From: {from}\r\nTo: {to}\r\nSubject: About {word}\r\nDate: {date}\r\nMessage-ID: <{message_id}>\r\n\
             MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHei {word}\r\n"
        );
        for part in 0..*[0, 1, 3].choose(random).unwrap() {
            let size = random.random_range(10..120_000);
            let head =
                format!("--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"{part}.txt\"");
            let lines: Vec<String> = (0..size / 70).map(|_| format!("{:070}", random.random::<u128>())).collect();
            raw.push_str(&format!("{head}\r\n\r\n{}\r\n", lines.join("\r\n")));
        }
        raw.push_str("--b--\r\n");
        Mail { message_id, raw: raw.into_bytes() }
    }
}

fn is_sent(number: usize) -> bool {
    number % 3 == 2
}

/// The row of a mail that was fetched.
pub async fn row_of(engine: &Engine, mail: &Mail) -> MessageId {
    let query = mail.message_id.split('.').next().unwrap().into();
    let found = engine.search(SearchQuery { query, limit: 5, ..SearchQuery::default() }).await.unwrap().page.rows;
    assert_eq!(found.len(), 1, "{} is not here once", mail.message_id);
    found[0].id
}

/// As a person does it with the dialog.
pub async fn queue(engine: &Engine, mail: &Mail, on: &[Record]) {
    let messages = vec![row_of(engine, mail).await];
    let queued = engine.archive(ToArchive { messages, records: on.to_vec(), ..ToArchive::default() }).await.unwrap();
    assert_eq!(queued.len(), 1);
}

/// What a CRM holds of a mail that is there as it should be.
pub fn once(mail: &Mail, on: &[Record]) -> Vec<Copy> {
    let copy = |one: &Record| Copy { on: format!("{} {}", one.kind.as_str(), one.id), eml: Some(mail.raw.clone()) };
    sorted(on.iter().map(copy).collect())
}

pub fn sorted(mut copies: Vec<Copy>) -> Vec<Copy> {
    copies.sort();
    copies
}

/// Without the bytes, for people.
pub fn shown(copies: &[Copy]) -> Vec<(&str, Option<usize>)> {
    copies.iter().map(|one| (one.on.as_str(), one.eml.as_ref().map(Vec::len))).collect()
}

async fn play(there: &impl There, tried: &Tried, seed: u64, told: Told) {
    let mut random = StdRng::seed_from_u64(seed);
    there.proxy().well();
    let on = there.customer(&format!("Kunde {seed} {}", std::process::id()));
    let (kari, engine) = Salesperson::new(there, false).await;
    let count = random.random_range(2..6);
    let mails: Vec<Mail> = (0..count).map(|number| kari.mail(&mut random, seed, number)).collect();
    kari.has(&engine, &mails).await;
    for mail in &mails {
        queue(&engine, mail, &on).await;
    }
    engine.stop().await;
    for _ in 0..random.random_range(1..4) {
        there.proxy().well();
        let lost = random.random_bool(0.6);
        if lost {
            let &(method, path) = there.writes().choose(&mut random).unwrap();
            tried.say(&told, format!("the answer to {method} {path} will be lost"));
            there.proxy().fault(Fault { method, path, fate: Fate::Lost });
        }
        killed(there, tried, &kari, &mut random, lost, &told);
    }
    there.proxy().well();

    // What was put off is due.
    kari.ahead.store(3000, Ordering::Relaxed);
    let engine = kari.open().await;
    let begun = Instant::now();
    loop {
        let worked = engine.archive_run().await.unwrap();
        let waiting = engine.archive_queue().await.unwrap();
        tried.say(&told, format!("{worked} worked off, {} wait", waiting.len()));
        if waiting.is_empty() {
            break;
        }
        let failed: Vec<_> = waiting.iter().filter(|(row, _)| row.state == ArchiveState::Failed).collect();
        assert!(failed.is_empty(), "refused: {failed:?}");
        assert!(begun.elapsed() < Duration::from_secs(40), "it does not come to rest: {waiting:?}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let mut wrong = Vec::new();
    for mail in &mails {
        let id = row_of(&engine, mail).await;
        let row = engine.customer(id).await.unwrap().archived;
        match &row {
            Some(row) if row.state == ArchiveState::Done && !row.already && row.records.len() == on.len() => {}
            other => wrong.push(format!("{}: {other:?}", mail.message_id)),
        }
        let held = sorted(there.held(&mail.message_id, &on));
        if held != once(mail, &on) {
            wrong.push(format!("{} of {} bytes: {:?}", mail.message_id, mail.raw.len(), shown(&held)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    // What killed tries have left behind would be there still.
    let mail = mails.choose(&mut random).unwrap();
    let row = engine.customer(row_of(&engine, mail).await).await.unwrap().archived.unwrap();
    engine.archive_undo(row.id).await.unwrap();
    let left = there.held(&mail.message_id, &on);
    assert!(left.is_empty(), "left of {}: {:?}", mail.message_id, shown(&left));
    engine.stop().await;
}

/// Works the queue off in a process of its own, and kills that at one of its requests; where an answer is to be `lost`, half of
/// the time some while after it was.
fn killed(there: &impl There, tried: &Tried, kari: &Salesperson, random: &mut StdRng, lost: bool, told: &Told) {
    let arguments: &[&str] = if random.random_bool(0.5) { &["sync", "--watch"] } else { &["crm", "refresh"] };
    let before = there.proxy().count();
    let after_it = random.random_bool(0.5) && lost;
    let (at, later) = if after_it {
        (usize::MAX, random.random_range(0..2500))
    } else {
        (random.random_range(1..=REQUESTS), random.random_range(0..12))
    };
    let asked = || there.proxy().count() - before;
    let met = || there.proxy().waiting() == 0;
    let mut child = child(&kari.person, arguments, &[]);
    let begun = Instant::now();
    while asked() < at && !(after_it && met()) && begun.elapsed() < Duration::from_secs(5) {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(later));
    let at_work = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    child.wait().unwrap();
    let was_lost = lost && met();
    tried.killed.fetch_add(usize::from(at_work && asked() > 0), Ordering::Relaxed);
    tried.lost.fetch_add(usize::from(was_lost), Ordering::Relaxed);
    let asked = asked();
    tried.say(
        told,
        format!("{arguments:?} killed after {asked} requests, {later} ms later, at work: {at_work}, lost: {was_lost}"),
    );
}

/// A slow server goes on with what it was asked after the program has died, and after it was started again.
async fn slow(there: &impl There) {
    let mut random = StdRng::seed_from_u64(1);
    let on = there.customer(&format!("Treg {}", std::process::id()));
    let (kari, engine) = Salesperson::new(there, false).await;
    let mail = kari.mail(&mut random, 900, 0);
    kari.has(&engine, std::slice::from_ref(&mail)).await;
    queue(&engine, &mail, &on).await;
    engine.stop().await;
    let (method, path) = there.writes()[0];
    there.proxy().fault(Fault { method, path, fate: Fate::Late(Duration::from_secs(4)) });
    let mut child = child(&kari.person, &["crm", "refresh"], &[]);
    crate::kit::until("the request", || there.proxy().waiting() == 0);
    child.kill().unwrap();
    child.wait().unwrap();

    let engine = kari.open().await;
    let begun = Instant::now();
    while !engine.archive_queue().await.unwrap().is_empty() {
        engine.archive_run().await.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not come to rest");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    tokio::time::sleep(Duration::from_secs(5).saturating_sub(begun.elapsed())).await;
    let held = sorted(there.held(&mail.message_id, &on));
    assert!(held == once(&mail, &on), "{:?}", shown(&held));
    let row = engine.customer(row_of(&engine, &mail).await).await.unwrap().archived.unwrap();
    assert_eq!((row.state, row.already), (ArchiveState::Done, false), "one's own");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_crm_still_does_when_the_program_is_started_again_is_not_done_twice() {
    let (tryton, superoffice) = (real::TrytonThere::start(), there::SuperOfficeThere::start());
    tokio::join!(slow(&tryton), slow(&superoffice));
}

fn rounds(what: &str, there: &impl There) {
    let tried = Tried::default();
    round::rounds(what, 3, async |seed, told| play(there, &tried, seed, told).await);
    tried.tell();
}

#[test]
fn a_killed_program_archives_each_mail_once_in_tryton() {
    rounds("archived in Tryton", &real::TrytonThere::start());
}

#[test]
fn a_killed_program_archives_each_mail_once_in_superoffice() {
    rounds("archived in SuperOffice", &there::SuperOfficeThere::start());
}

#[test]
fn a_killed_program_archives_each_mail_once_in_elma365() {
    rounds("archived in ELMA365", &there::Elma365There::start());
}

/// Left out by its name where there is no Python for it.
mod real_bottlecrm {
    use super::{colleagues, real::BottleCrmThere, rounds};

    #[test]
    fn a_killed_program_archives_each_mail_once_in_bottlecrm() {
        rounds("archived in BottleCRM", &BottleCrmThere::start());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_colleagues_at_once_have_one_mail_in_bottlecrm_once() {
        colleagues::at_once(&BottleCrmThere::start()).await;
    }
}
