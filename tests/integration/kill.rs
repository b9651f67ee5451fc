//! `kill -9` while a mail leaves. CLIENTELE_ROUNDS makes a long run of it, CLIENTELE_SEED another one.

use crate::{
    cut::{PASS, SLOW, proxy},
    kit::Person,
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use std::{
    io::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn a_killed_program_never_sends_twice_and_loses_nothing_that_was_queued() {
    let (person, reader) = (Person::new(), Person::new());
    let mode = Arc::new(AtomicU8::new(PASS));
    let port = proxy(person.world.ports().smtp_plain, mode.clone());
    person.connect(&format!("127.0.0.1:{port}"), "none").ok();
    person.run(&["sync"]).ok();
    let mut random = StdRng::seed_from_u64(number("CLIENTELE_SEED", 20));
    let (mut held, mut killed) = (0, 0);
    for round in 0..number("CLIENTELE_ROUNDS", 6) {
        let subject = format!("round{round}x");
        let queued = person.run_with(&["--offline", "send", "--to", &reader.email, "--subject", &subject], "text");
        assert_eq!(queued.json()["state"], "queued", "{queued:?}");
        mode.store(SLOW, Ordering::SeqCst);
        let mut child = person.spawn(&["outbox", "run"]);
        let _ = child.stdin.take().unwrap().write_all(b"");
        std::thread::sleep(Duration::from_millis(random.random_range(100..1500)));
        killed += u32::from(child.try_wait().unwrap().is_none());
        let _ = child.kill();
        child.wait().unwrap();

        mode.store(PASS, Ordering::SeqCst);
        person.run(&["outbox", "run"]).ok();
        std::thread::sleep(Duration::from_millis(300));
        let outbox = person.run(&["outbox"]).ok().json();
        let delivered = reader.count(&format!("mailbox INBOX subject {subject}"));
        match outbox.as_array().unwrap().first() {
            // Nobody can know: a person is asked.
            Some(mail) => {
                assert_eq!(mail["state"], "held", "round {round}: {outbox}");
                assert!(delivered <= 1, "round {round}: delivered {delivered} times");
                let choice = if delivered == 1 { "was-sent" } else { "retry" };
                person.run(&["outbox", "resolve", mail["id"].as_str().unwrap(), choice]).ok();
                held += 1;
            }
            None => assert_eq!(delivered, 1, "round {round}"),
        }
        crate::kit::until("delivery", || reader.count(&format!("mailbox INBOX subject {subject}")) == 1);
        assert_eq!(person.count(&format!("mailbox Sent subject {subject}")), 1, "round {round}: copies in Sent");
    }
    println!("{killed} killed while at work, {held} held");
    assert!(killed > 0, "no round was killed while at work: nothing was tried");
}

/// Killed at any moment, a draft that was saved is there afterwards.
#[test]
fn a_killed_program_keeps_the_drafts_it_saved() {
    let person = Person::connected();
    let engine = |person: &Person| {
        let config = clientele_engine::Config {
            tasks: false,
            logs: false,
            secrets: clientele_engine::SecretsConfig { keyring: false, passphrase: None, memory: true },
            ..clientele_engine::Config::new(person.profile())
        };
        clientele_engine::Engine::start(config)
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // A sealed file makes the place: opened without its passphrase it is locked, which drafts do not mind.
    let saved = runtime.block_on(async {
        let engine = engine(&person).await.unwrap();
        let written = engine.draft_new(clientele_engine::Begin::New { mailto: None }).await.unwrap();
        let mut draft = written.draft;
        draft.subject = "half a thought".into();
        engine.draft_save(draft).await.unwrap();
        // What a crash leaves: the files as they are now, write-ahead log and all.
        let copy = person.folder.path().join("copy");
        std::fs::create_dir_all(&copy).unwrap();
        for file in std::fs::read_dir(person.profile()).unwrap().flatten() {
            if file.path().is_file() {
                std::fs::copy(file.path(), copy.join(file.file_name())).unwrap();
            }
        }
        engine.stop().await;
        copy
    });
    let drafts = runtime.block_on(async {
        let config = clientele_engine::Config {
            tasks: false,
            logs: false,
            secrets: clientele_engine::SecretsConfig { keyring: false, passphrase: None, memory: true },
            ..clientele_engine::Config::new(saved)
        };
        let engine = clientele_engine::Engine::start(config).await.unwrap();
        let drafts = engine.drafts().await.unwrap();
        engine.stop().await;
        drafts
    });
    assert_eq!(drafts[0].draft.subject, "half a thought");
}
