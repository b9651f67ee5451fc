//! A line that cuts, splits, delays, resets and half-closes wherever chance has it, between the engine and Dovecot.
//! CLIENTELE_ROUNDS makes a long run of it, CLIENTELE_SEED another one.

use crate::{
    kit::{Person, mail},
    mailbox::{Mailbox, Place, until},
    proxy::Proxy,
};
use clientele_engine::EngineError;
use clientele_model::{Action, FolderRole, Security};
use clientele_tests::world::Stored;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const FOLDERS: [&str; 3] = ["INBOX", "Archive", "Kunder"];

/// Mails with a Message-ID that is known beforehand; some large enough to come in pieces.
fn fill(person: &Person, random: &mut StdRng, count: usize) -> BTreeMap<String, Place> {
    let mut expected = BTreeMap::new();
    let now = jiff::Timestamp::now().as_second();
    let mails: Vec<Stored> = (0..count)
        .map(|number| {
            let folder = if number % 3 == 0 { *FOLDERS.choose(random).unwrap() } else { "INBOX" };
            let id = format!("m{number}@storm.example");
            let size = if random.random_bool(0.1) { random.random_range(50_000..400_000) } else { 300 };
            let line = "Good morning, and thank you for your offer.\r\n";
            let raw = format!(
                "From: Anna <anna@kunde.example>\r\nTo: {}\r\nSubject: Storm {number}\r\nMessage-ID: <{id}>\r\n\r\n{}",
                person.email,
                line.repeat(size / line.len())
            );
            expected.insert(id, Place { folder: folder.into(), flags: BTreeSet::new() });
            Stored {
                folder: folder.into(),
                raw: raw.into_bytes(),
                received: now - 86_400 + number as i64,
                seen: false,
                answered: false,
                flagged: false,
            }
        })
        .collect();
    person.world.store(&person.email, &mails).unwrap();
    expected
}

/// A person does something with a mail that nobody else touches.
async fn act(mailbox: &Mailbox, random: &mut StdRng, expected: &mut BTreeMap<String, Place>) {
    let folders = mailbox.folders().await;
    let Some(from) = folders.iter().find(|folder| folder.server_name == *FOLDERS.choose(random).unwrap()) else {
        return;
    };
    let rows = mailbox.rows(from).await;
    let Some(row) = rows.choose(random) else { return };
    let place = expected.get_mut(&row.message_id).unwrap();
    let named = |role| folders.iter().find(|folder| folder.role == role).unwrap();
    let (action, to) = match random.random_range(0..8) {
        0 | 1 => {
            place.flags.insert("\\Seen".into());
            (Action::Read, None)
        }
        2 => {
            place.flags.insert("\\Flagged".into());
            (Action::Flag, None)
        }
        3 => {
            place.flags.remove("\\Flagged");
            (Action::Unflag, None)
        }
        4 => (Action::Done, Some(named(FolderRole::Done))),
        5 => (Action::Delete, Some(named(FolderRole::Trash))),
        _ => {
            let Some(to) = folders.iter().find(|folder| folder.server_name == "Kunder") else { return };
            (Action::Move { folder: to.id }, Some(to))
        }
    };
    if let Some(to) = to {
        place.folder = to.server_name.clone();
    }
    mailbox.engine.operate(vec![row.id], action).await.unwrap();
}

/// What a person reads on the screen needs words for it.
fn told(error: &EngineError) {
    let known = [
        "connection_closed",
        "timeout",
        "offline",
        "tls_failed",
        "port_refused",
        "not_mail_server",
        "server_refused",
        "server_unavailable",
        "host_unknown",
        "handshake_failed",
    ];
    assert!(known.contains(&error.code()), "{}: {error:?}", error.code());
}

async fn round(seed: u64) -> (u32, u32) {
    let mut random = StdRng::seed_from_u64(seed);
    let person = Person::new();
    let encrypted = random.random_bool(0.5);
    let ports = person.world.ports();
    let (server, security) = if encrypted { (ports.imaps, Security::Tls) } else { (ports.imap_plain, Security::None) };
    let proxy = Proxy::start(([127, 0, 0, 1], server).into()).await;
    let mut expected = fill(&person, &mut random, 45);
    let mut mailbox = Mailbox::new(person, proxy.port, security).await;
    let (mut tries, mut broken) = (0, 0);
    proxy.storm(seed);
    for step in 0..7 {
        tries += 1;
        if let Err(error) = mailbox.sync().await {
            broken += 1;
            told(&error);
        }
        for _ in 0..random.random_range(0..6) {
            act(&mailbox, &mut random, &mut expected).await;
        }
        // The other program works, too, on mails of its own.
        let id = format!("late{step}@storm.example");
        let raw = mail("anna@kunde.example", &mailbox.person.email, "Late", "x");
        let raw = String::from_utf8(raw).unwrap();
        let (before, after) = raw.split_once("Message-ID: <").unwrap();
        let raw = format!("{before}Message-ID: <{id}{}", &after[after.find('>').unwrap()..]);
        assert!(mailbox.other().append("INBOX", "\\Answered", raw.as_bytes()));
        expected.insert(id, Place { folder: "INBOX".into(), flags: BTreeSet::from(["\\Answered".to_owned()]) });
        mailbox.wait(random.random_range(0..40));
        if random.random_bool(0.2) {
            mailbox.again(false).await;
        }
        if random.random_bool(0.3)
            && let Err(error) = mailbox.engine.replay().await
        {
            told(&error);
        }
    }
    proxy.calm();
    mailbox.settle().await;
    let places = mailbox.agreed().await;
    let once: BTreeMap<String, Vec<Place>> = expected.into_iter().map(|(id, place)| (id, vec![place])).collect();
    assert_eq!(places, once, "seed {seed}: each mail once, where it was put");

    // The same with the tasks of a window: what comes while the line is bad is there soon after it is good again.
    proxy.storm(seed + 1);
    mailbox.again(true).await;
    for number in 0..4 {
        mailbox.person.receive("anna@kunde.example", &format!("by IDLE {number}"));
        tokio::time::sleep(Duration::from_millis(random.random_range(50..400))).await;
    }
    proxy.calm();
    mailbox.engine.sync_now(None);
    until("mail by IDLE", Duration::from_secs(25), async || {
        mailbox.inbox().await.iter().filter(|row| row.subject.starts_with("by IDLE")).count() == 4
    })
    .await;
    mailbox.again(false).await;
    mailbox.settle().await;
    mailbox.agreed().await;
    mailbox.stop().await;
    (tries, broken)
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_loses_and_doubles_nothing() {
    let (first, rounds) = (number("CLIENTELE_SEED", 40), number("CLIENTELE_ROUNDS", 4));
    let (mut tries, mut broken) = (0, 0);
    for seed in first..first + rounds {
        println!("CLIENTELE_SEED={seed}");
        let (tried, broke) = round(seed).await;
        tries += tried;
        broken += broke;
    }
    println!("{rounds} rounds, {tries} syncs, {broken} of them broken");
    assert!(broken * 4 > tries, "the line was too good: {broken} of {tries} broken");
}
