//! How many connections a mailbox takes, and one that takes fewer than there is work for.

use crate::{
    kit::{Person, until},
    large::{film, letter},
    live::{idle, window},
};
use clientele_api::{Api, Event, handle, view::*};
use clientele_tests::world::{PASSWORD, Stored, faults::TWO_CONNECTIONS};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Looks at the server until it is dropped: the most connections of a person at a time.
struct Most(Arc<AtomicUsize>, Arc<AtomicBool>);

impl Most {
    fn of(person: &Person) -> Most {
        let most = Most(Arc::default(), Arc::default());
        let (seen, over) = (most.0.clone(), most.1.clone());
        let (world, email) = (person.world.clone(), person.email.clone());
        std::thread::spawn(move || {
            while !over.load(Ordering::SeqCst) {
                let told = world.doveadm(&["who", "-1", &email]).unwrap_or_default();
                let now = told.lines().filter(|line| line.starts_with(&email)).count();
                seen.fetch_max(now, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        most
    }
}

impl Drop for Most {
    fn drop(&mut self) {
        self.1.store(true, Ordering::SeqCst);
    }
}

/// Lets connections to `server` in one after the other. Dovecot counts who signs in before it enters them on its list: of
/// three that sign in in the same moment it refuses none.
fn one_by_one(server: String) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    listener.set_nonblocking(true).unwrap();
    tokio::spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        while let Ok((mut client, _)) = listener.accept().await {
            let server = server.clone();
            tokio::spawn(async move {
                let Ok(mut server) = tokio::net::TcpStream::connect(server).await else { return };
                let _ended = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    });
    address
}

/// Everything at once: a large attachment, what a person does, and new mail. Gives the most connections there were.
async fn all_at_once(address: &str) -> usize {
    let person = Person::new();
    let film = film(12 << 20);
    let raw = letter(&person.email, &film);
    let received = jiff::Timestamp::now().as_second() - 3600;
    let stored = Stored { folder: "INBOX".into(), raw, received, seen: false, answered: false, flagged: false };
    person.world.store(&person.email, &[stored]).unwrap();
    let smtps = format!("localhost:{}", person.world.ports().smtps);
    let imap = one_by_one(format!("{address}:{}", person.world.ports().imap_plain));
    person.add(&imap, "none", &smtps, "tls", PASSWORD).ok();
    person.run(&["sync"]).ok();
    let id = person.find("The film");

    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let most = Most::of(&person);
    let mut events = api.events();
    let path = person.folder.path().join("film");
    let save = SaveRequest { message: id.clone(), part: 4, path: path.to_string_lossy().into_owned() };
    let flag = OperateRequest { messages: vec![id.clone()], action: ActionRequest::Read };
    let saved = tokio::spawn({
        let api = api.clone();
        async move { handle::attachment_save(&api, save).await }
    });
    handle::operate(&api, flag).await.unwrap();
    tokio::task::block_in_place(|| {
        person.receive("Anna <anna@kunde.example>", "While it is fetched");
        until("the flag on the server", || person.count("mailbox INBOX seen") == 1);
        until("the new mail", || person.list(&[]).iter().any(|row| row["subject"] == "While it is fetched"));
    });
    let saved = tokio::time::timeout(Duration::from_secs(60), saved).await.expect("it ends").unwrap();
    saved.expect("the attachment came");
    assert!(std::fs::read(&path).unwrap() == film, "other bytes than were sent");
    let mut told = (0, 0);
    while let Ok(event) = events.try_recv() {
        match event {
            Event::Account { code, .. } => assert_eq!(code, None, "no error is shown"),
            Event::Attachment { message, part, done, total } => {
                assert!(message == id && part == 4 && done >= told.0 && done <= total);
                told = (done, total);
            }
            _ => {}
        }
    }
    assert!(told.0 == told.1 && told.1 > 11 << 20, "the progress is told to its end: {told:?}");
    engine.stop().await;
    most.0.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_holds_no_more_connections_than_its_provider_allows() {
    let most = all_at_once("127.0.0.1").await;
    assert!((1..=4).contains(&most), "{most}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_fewer_is_worked_with_in_turns() {
    let most = all_at_once(TWO_CONNECTIONS).await;
    assert!((1..=2).contains(&most), "{most}");
}
