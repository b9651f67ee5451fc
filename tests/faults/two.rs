//! Two processes on one profile, on a disk that takes its time; the owner is killed, and the next to come owns it.

use crate::{
    imap::Other,
    kill::child,
    kit::{self, Person, until},
};
use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

/// How much longer each sync of a file takes: a disk that turns.
const SLOW: &str = "20000";

fn slow(person: &Person) -> Vec<(String, String)> {
    let (source, shim): (PathBuf, PathBuf) =
        (person.folder.path().join("shim.c"), person.folder.path().join("shim.so"));
    std::fs::write(&source, include_str!("shim.c")).unwrap();
    let made = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&shim).arg(&source).status().unwrap();
    assert!(made.success(), "the shim does not build");
    vec![("LD_PRELOAD".into(), shim.display().to_string()), ("FAULT_SLOW".into(), SLOW.into())]
}

#[test]
fn a_guest_acts_while_the_owner_syncs_and_a_killed_owner_lets_go() {
    let person = Person::connected();
    let mut other = Other::connect(person.world.ports().imap_plain, &person.email);
    let receive = |other: &mut Other, number: u32| {
        let raw = kit::mail("anna@kunde.example", &person.email, &format!("number {number}x"), "Good morning.");
        assert!(other.append("INBOX", "", &raw));
    };
    (0..20).for_each(|number| receive(&mut other, number));
    person.run(&["sync"]).ok();
    let slow = slow(&person);
    let set: Vec<(&str, &str)> = slow.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let rows = person.list(&["--limit", "100"]);
    assert_eq!(rows.len(), 20);

    let mut owner = child(&person, &["sync", "--watch"], &set);
    // Whoever asks it by acting may own the profile before it does.
    let lock = person.profile().join("lock");
    until("an owner", || std::fs::read_to_string(&lock).is_ok_and(|text| text.trim() == owner.id().to_string()));
    assert_eq!(person.run(&["sync"]).error(), "profile_busy");
    // The guest files and flags, writes and searches; new mail comes meanwhile.
    for (number, row) in rows.iter().take(8).enumerate() {
        let id = row["id"].as_str().unwrap();
        let act: &[&str] = if number % 2 == 0 { &["mark", id, "--flag"] } else { &["done", id] };
        assert_eq!(person.run(act).ok().json()["state"], "queued");
        receive(&mut other, 100 + number as u32);
        person.run(&["search", "number"]).ok();
    }
    person.run_with(&["send", "--to", &person.email, "--subject", "to myself"], "once");
    let done = |flagged: usize, filed: usize| {
        person.count("mailbox INBOX flagged") == flagged && person.count("mailbox Archive all") == filed
    };
    until("what the guest did", || done(4, 4) && person.count("mailbox INBOX subject myself") == 1);

    // What is queued when the owner dies is done by the next.
    for row in &rows[8..12] {
        person.run(&["mark", row["id"].as_str().unwrap(), "--flag"]).ok();
    }
    owner.kill().unwrap();
    owner.wait().unwrap();
    let began = Instant::now();
    person.run(&["sync"]).ok();
    assert!(began.elapsed() < Duration::from_secs(20), "the lock went with the process");
    assert!(done(8, 4), "{}", person.count("mailbox INBOX flagged"));
    // 20, and 8 that came, less 4 filed, and the one to oneself.
    assert_eq!((person.count("mailbox INBOX all"), person.list(&["--limit", "100"]).len()), (25, 25));
    assert_eq!((person.count("mailbox Sent all"), person.count("mailbox INBOX subject myself")), (1, 1));
}
