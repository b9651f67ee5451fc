//! All older mail, in the background.

use crate::{
    kit::{Person, until},
    live::{idle, window},
};
use clientele_api::Api;
use clientele_tests::world::Stored;

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
    let count = || {
        let db = person.database("mail.db");
        db.query_row("SELECT count(*) FROM message", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let window_only = count();
    assert!((50..200).contains(&window_only), "the window only: {window_only}");
    assert_eq!(engine.history(account), None, "nobody asked for more");

    // Begun and paused at once: what is missing waits, also over a restart.
    engine.history_resume(account).await.unwrap();
    engine.history_pause(account).await.unwrap();
    engine.stop().await;
    assert!(count() < 400);
    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    assert!(count() < 400);

    let mut notices = engine.notices();
    engine.history_resume(account).await.unwrap();
    until("all of it is here", || count() == 400);
    until("it says that it is through", || engine.history(account).is_none());
    assert!(notices.try_recv().is_err(), "old mail is no news");
    engine.stop().await;
}
