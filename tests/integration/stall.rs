//! A line on which nothing comes any more, and nobody says so.

use crate::{
    kit::Person,
    mailbox::{Mailbox, until},
    proxy::{End, Plan, Proxy},
};
use clientele_engine::State;
use clientele_model::Security;
use clientele_tests::world::Stored;
use std::time::{Duration, Instant};

/// So soon a person is told.
const SOON: Duration = Duration::from_secs(31);

fn fill(person: &Person, count: i64) {
    let now = jiff::Timestamp::now().as_second();
    let mails: Vec<Stored> = (0..count)
        .map(|number| Stored {
            folder: "INBOX".into(),
            raw: format!(
                "From: Anna <anna@kunde.example>\r\nSubject: Mail {number}\r\nMessage-ID: <s{number}@stall.example>\r\n\r\n{}",
                "Good morning.\r\n".repeat(200)
            )
            .into_bytes(),
            received: now - number,
            seen: false,
            answered: false,
            flagged: false,
        })
        .collect();
    person.world.store(&person.email, &mails).unwrap();
}

async fn through_a_proxy(count: i64) -> (Mailbox, Proxy) {
    let person = Person::new();
    fill(&person, count);
    let proxy = Proxy::start(([127, 0, 0, 1], person.world.ports().imaps).into()).await;
    let mailbox = Mailbox::new(person, proxy.port, Security::Tls).await;
    (mailbox, proxy)
}

/// In the middle of an answer, or before the server's first word: it is told with a code or, once something has come, tried
/// again at once over another connection.
async fn while_syncing(after: u64) {
    let (mailbox, proxy) = through_a_proxy(120).await;
    let mut first = true;
    proxy.plan(move || if std::mem::take(&mut first) { Plan::end(after, End::Stall) } else { Plan::CALM });
    let begun = Instant::now();
    let synced = mailbox.sync().await;
    println!("{after} bytes, then nothing: {synced:?} after {:?}", begun.elapsed());
    assert!(begun.elapsed() < SOON, "after {after} bytes: {:?}", begun.elapsed());
    match synced {
        Ok(mails) => assert_eq!(mails, 120),
        Err(error) => assert_eq!(error.code(), "timeout", "{error}"),
    }
    proxy.calm();
    mailbox.settle().await;
    assert_eq!(mailbox.agreed().await.len(), 120);
    mailbox.stop().await;
}

/// While the engine listens: somebody who asks for mail is told, and has it as soon as the line is back.
async fn while_listening() {
    let (mut mailbox, proxy) = through_a_proxy(3).await;
    mailbox.sync().await.unwrap();
    // Each connection lasts until the sign-in and the first look are through, and some more.
    proxy.every(Plan::end(u64::MAX, End::Stall));
    mailbox.again(true).await;
    let rests = async |mailbox: &Mailbox| mailbox.engine.accounts().await.unwrap()[0].1.state == State::Idle;
    until("IDLE", Duration::from_secs(15), async || rests(&mailbox).await).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    proxy.silence();
    mailbox.person.receive("anna@kunde.example", "unheard");
    let begun = Instant::now();
    mailbox.engine.sync_now(None);
    until("the stall is told", SOON, async || {
        let status = mailbox.engine.accounts().await.unwrap()[0].1.clone();
        status.state == State::Offline && status.code.as_deref() == Some("timeout")
    })
    .await;
    assert!(begun.elapsed() < SOON);
    proxy.calm();
    mailbox.engine.sync_now(None);
    until("the mail", Duration::from_secs(10), async || mailbox.inbox().await.len() == 4).await;
    mailbox.again(false).await;
    mailbox.agreed().await;
    mailbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_line_is_noticed_within_half_a_minute() {
    tokio::join!(while_syncing(0), while_syncing(2_000), while_syncing(90_000), while_listening());
}
