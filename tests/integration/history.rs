//! All older mail, in the background.

use crate::{
    kit::{Person, until},
    live::{idle, window},
};
use clientele_api::{
    Api, Event, handle,
    view::{Empty, ListFilter, ListRequest},
};
use clientele_engine::HistoryState;
use clientele_tests::world::Stored;
use std::time::{Duration, Instant};

/// Mails of the last two hundred days.
fn old(person: &Person, count: i64) {
    let now = jiff::Timestamp::now().as_second();
    let mails: Vec<Stored> = (0..count)
        .map(|number| {
            let received = now - (number + 1) * 200 * 86_400 / count;
            let date = jiff::Timestamp::from_second(received).unwrap().strftime("%a, %d %b %Y %H:%M:%S +0000");
            Stored {
                folder: "INBOX".into(),
                raw: format!(
                    "From: Anna <anna@kunde.example>\r\nTo: {}\r\nSubject: Old {number}\r\nDate: {date}\r\n\
                     Message-ID: <old-{number}@kunde.example>\r\n\r\nHello {number}\r\n",
                    person.email
                )
                .into_bytes(),
                received,
                seen: true,
                answered: false,
                flagged: false,
            }
        })
        .collect();
    person.world.store(&person.email, &mails).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn history_comes_when_it_is_asked_for_and_waits_when_it_is_paused() {
    let person = Person::new();
    old(&person, 400);
    let smtps = format!("localhost:{}", person.world.ports().smtps);
    person.connect(&smtps, "tls").ok();
    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let account = engine.accounts().await.unwrap()[0].0.id;
    let profile = person.profile();
    let count = move || {
        let db = rusqlite::Connection::open(profile.join("mail.db")).unwrap();
        db.query_row("SELECT count(*) FROM message", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let window_only = count();
    assert!((50..200).contains(&window_only), "the window only: {window_only}");
    assert_eq!(engine.history(account).await.unwrap().state, HistoryState::Off, "nobody asked for more");

    // Begun and paused at once: what is missing waits, also over a restart.
    engine.history_resume(account).await.unwrap();
    engine.history_pause(account).await.unwrap();
    engine.stop().await;
    assert!(count() < 400);
    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    assert!(count() < 400);
    assert_eq!(engine.history(account).await.unwrap().state, HistoryState::Paused);
    let elsewhere = tokio::task::spawn_blocking(move || (person.run(&["history"]).ok().json(), person));
    let (told, _person) = elsewhere.await.unwrap();
    assert_eq!(told[0]["state"], "paused", "{told}");

    let mut events = api.events();
    let mut notices = engine.notices();
    engine.history_resume(account).await.unwrap();
    until("all of it is here", || count() == 400);
    let through = async {
        loop {
            match events.recv().await.unwrap() {
                Event::Change { table, .. } if table == "account" => {}
                _ => continue,
            }
            let rows = handle::history_list(&api, Empty {}).await.unwrap();
            match rows[0].state {
                clientele_api::view::HistoryState::Whole => return rows[0].done,
                clientele_api::view::HistoryState::Running => {}
                state => panic!("{state:?}"),
            }
        }
    };
    let done = tokio::time::timeout(Duration::from_secs(10), through).await.expect("it says that it is through");
    assert!((200..400).contains(&done), "what was missing after the pause: {done}");
    assert!(notices.try_recv().is_err(), "old mail is no news");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_opened_goes_before_the_history() {
    let person = Person::new();
    old(&person, 3000);
    let smtps = format!("localhost:{}", person.world.ports().smtps);
    person.connect(&smtps, "tls").ok();
    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let account = engine.accounts().await.unwrap()[0].0.id;
    let list =
        ListRequest { folder: String::new(), filter: ListFilter::All, record: None, after: String::new(), limit: 1 };
    let id = handle::message_list(&api, list).await.unwrap().rows[0].id.clone();
    engine.stop().await;
    // Its headers are here, its body is not.
    person.database("mail.db").execute("UPDATE body SET raw = NULL, blobs = NULL WHERE message = ?", [&id]).unwrap();
    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    engine.history_resume(account).await.unwrap();
    let begun = Instant::now();
    let mut before = engine.history(account).await.unwrap();
    while before.done == 0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "{before:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
        before = engine.history(account).await.unwrap();
    }
    let raw = engine.raw(id.parse().unwrap()).await.unwrap();
    assert!(raw.starts_with(b"From: Anna"), "the mail itself");
    let after = engine.history(account).await.unwrap();
    assert_eq!(after.state, HistoryState::Running, "it did not wait for the end of the history: {after:?}");
    assert!(after.done - before.done <= 300, "nor for much of it: {before:?} {after:?}");
    engine.history_pause(account).await.unwrap();
    engine.stop().await;
}
