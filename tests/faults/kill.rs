//! `kill -9` at a random moment of a first sync, of a later one, and while operations are told to the server.

use crate::{
    kit::{self, mail},
    round::{self, Round, Told},
};
use clientele_tests::world::Stored;
use rand::Rng as _;
use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Mails that are there before the first sync: it takes long enough to be killed in.
const MANY: usize = 400;

/// `clientele --json …` on the person's profile, with nobody to read what it says.
pub fn child(person: &kit::Person, arguments: &[&str], set: &[(&str, &str)]) -> Child {
    // The shell only opens the descriptor, and becomes the program: a signal to the child reaches it.
    Command::new("sh")
        .args(["-c", "passphrase=$1; shift; exec \"$@\" 9<\"$passphrase\"", "sh"])
        .arg(person.folder.path().join("passphrase"))
        .arg(kit::program())
        .args(["--json", "--no-keyring", "--passphrase-fd", "9", "--profile"])
        .arg(person.profile())
        .arg("--ca")
        .arg(person.world.ca_pem())
        .args(arguments)
        .env_remove("CLIENTELE_PROFILE")
        .env("CLIENTELE_POLICY", person.folder.path().join("policy.toml"))
        .envs(set.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

async fn play(seed: u64, told: Told) {
    let mut round = Round::new(seed, told).await;
    if seed % 4 == 1 {
        fill(&mut round);
    }
    for _ in 0..round.random.random_range(1..3) {
        for _ in 0..round.random.random_range(2..10) {
            round.other_acts(true);
            round.we_act().await;
        }
        round.stop().await;
        for _ in 0..round.random.random_range(1..3) {
            killed(&mut round);
        }
        round.start(false).await;
        round.settle().await;
    }
    round.stop().await;
}

fn killed(round: &mut Round) {
    let watch = round.random.random_bool(0.3);
    let mut child = child(&round.person, if watch { &["sync", "--watch"] } else { &["sync"] }, &[]);
    let wait = round.random.random_range(100..900);
    std::thread::sleep(Duration::from_millis(wait));
    let at_work = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    child.wait().unwrap();
    round.say(format!("killed after {wait} ms, at work: {at_work}"));
}

/// Many mails, put there before the first sync.
fn fill(round: &mut Round) {
    let now = jiff::Timestamp::now().as_second();
    let text = "Morgenmøtet er flyttet. ".repeat(400);
    let mut mails = Vec::new();
    for number in 0..MANY {
        let word = format!("m{number}q");
        let raw = String::from_utf8(mail("Anna <anna@kunde.example>", &round.person.email, &word, &text)).unwrap();
        let (before, after) = raw.split_once("Message-ID: <").unwrap();
        let raw = format!("{before}Message-ID: <{word}{}", &after[after.find('@').unwrap()..]);
        mails.push(Stored {
            folder: ["INBOX", "Sent", "Gammelt"][number % 3].into(),
            raw: raw.into_bytes(),
            received: now - (MANY - number) as i64 * 60,
            seen: number % 2 == 0,
            answered: false,
            flagged: number % 7 == 0,
        });
    }
    round.person.world.store(&round.person.email, &mails).unwrap();
    let there = round.other.all();
    round.ledger.settled(&there);
    round.say(format!("{MANY} mails more"));
}

#[test]
fn a_killed_sync_loses_nothing_and_does_nothing_twice() {
    round::rounds("killed", 4, play);
}
