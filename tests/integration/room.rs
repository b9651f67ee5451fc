//! A disk with little left: mail waits, what a person writes does not.

use crate::{
    kit::{Person, until},
    live::{idle, window_with},
};
use clientele_api::{Api, handle, view::*};
use clientele_engine::RoomConfig;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

#[tokio::test(flavor = "multi_thread")]
async fn mail_waits_for_room_on_the_disk_and_comes_by_itself() {
    let person = Person::connected();
    let reader = Person::new();
    let free = Arc::new(AtomicU64::new(1000));
    let read = free.clone();
    let room = RoomConfig {
        least: 100,
        every: Duration::from_millis(100),
        free: Some(Arc::new(move || Ok(read.load(Ordering::Relaxed)))),
    };
    let engine = window_with(&person, |config| config.room = room).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let mut notices = engine.notices();
    let state = async || handle::app_state(&api, Empty {}).await.unwrap();
    let wait = async |what: &str, so: &dyn Fn(&AppState) -> bool| {
        for _ in 0..200 {
            let now = state().await;
            if so(&now) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what} did not come about: {:?}", state().await);
    };
    assert!(!state().await.disk_full);

    free.store(10, Ordering::Relaxed);
    wait("the full disk", &|now| now.disk_full).await;
    person.receive("Anna Berg <anna@kunde.example>", "one");
    wait("the account", &|now| now.accounts[0].code.as_deref() == Some("disk_full")).await;
    let account = engine.accounts().await.unwrap()[0].0.id;
    engine.history_resume(account).await.unwrap();
    assert_eq!(handle::history_list(&api, Empty {}).await.unwrap()[0].state, HistoryState::NoRoom);
    // What a person does goes on.
    let email = reader.email.clone();
    let (person, reader) = tokio::task::spawn_blocking(move || {
        let ran = person.run_with(&["send", "--to", &email, "--subject", "with what is left"], "x");
        assert_eq!(ran.code, 7, "{ran:?}");
        until("delivery", || reader.count("mailbox INBOX all") == 1);
        (person, reader)
    })
    .await
    .unwrap();
    drop(reader);
    let list =
        ListRequest { folder: String::new(), filter: ListFilter::All, record: None, after: String::new(), limit: 50 };
    assert!(handle::message_list(&api, list.clone()).await.unwrap().rows.is_empty(), "nothing is fetched");
    person.receive("Anna Berg <anna@kunde.example>", "two");

    free.store(105, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(state().await.disk_full, "a little more is not enough");
    free.store(1000, Ordering::Relaxed);
    wait("room", &|now| !now.disk_full).await;
    let told = async {
        let first = notices.recv().await.unwrap();
        (first.subject, notices.recv().await.unwrap().subject)
    };
    let told = tokio::time::timeout(Duration::from_secs(10), told).await.expect("both are fetched and told");
    assert_eq!(told, ("one".to_owned(), "two".to_owned()));
    assert_eq!(handle::message_list(&api, list).await.unwrap().rows.len(), 2);
    wait("rest", &|now| matches!(now.accounts[0].state, AccountState::Idle)).await;
    for _ in 0..100 {
        if handle::history_list(&api, Empty {}).await.unwrap()[0].state == HistoryState::Whole {
            return engine.stop().await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the history did not go on");
}

#[test]
fn the_command_line_says_that_the_disk_is_full_and_fetches_when_it_is_not() {
    let person = Person::connected();
    person.receive("anna@kunde.example", "later");
    let ran = person.run(&["--least-free", "99999999999", "sync"]);
    assert_eq!((ran.code, ran.error().as_str()), (1, "disk_full"), "{ran:?}");
    assert!(person.list(&[]).is_empty());
    person.run(&["sync"]).ok();
    person.find("later");
}
