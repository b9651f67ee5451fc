//! The same server with less to offer: every way of keeping step ends at the same mailbox.

use crate::{
    kit::Person,
    mailbox::{Mailbox, Place, until},
    proxy::Proxy,
};
use clientele_engine::State;
use clientele_model::{Action, Security};
use clientele_tests::world::{Stored, faults};
use futures::future::join_all;
use std::{collections::BTreeMap, net::IpAddr, time::Duration};

fn fill(person: &Person) {
    let now = jiff::Timestamp::now().as_second();
    let mail = |number: i64| {
        let folder = if number % 4 == 3 { "Kunder.Fjord" } else { "INBOX" };
        Stored {
            folder: folder.into(),
            raw: format!(
                "From: Anna <anna@kunde.example>\r\nSubject: Mail {number}\r\nMessage-ID: <p{number}@poor.example>\r\n\r\nx\r\n"
            )
            .into_bytes(),
            received: now - 1000 + number,
            seen: number % 3 == 0,
            answered: false,
            flagged: number % 5 == 0,
        }
    };
    person.world.store(&person.email, &(0..40).map(mail).collect::<Vec<_>>()).unwrap();
}

/// The other program: flags, removals, moves, new mails, a new folder and one that goes.
fn elsewhere(mailbox: &Mailbox, round: u32) {
    let mut other = mailbox.other();
    let inbox = other.mails("INBOX");
    let uid = |at: usize| inbox[at].uid;
    other.must(&format!("UID STORE {}:{} +FLAGS (\\Flagged \\Seen)", uid(0), uid(3)));
    other.must(&format!("UID STORE {} -FLAGS (\\Flagged \\Seen)", uid(4)));
    assert!(other.expunge(uid(6)) && other.expunge(uid(9)));
    other.must(&format!("UID MOVE {} \"Kunder/Fjord\"", uid(7)));
    let fjord = other.mails("Kunder/Fjord");
    other.must(&format!("UID STORE {} +FLAGS (\\Answered)", fjord[1].uid));
    assert!(other.expunge(fjord[2].uid));
    other.close();
    for number in 0..2 {
        let raw = format!("Subject: New\r\nMessage-ID: <new{round}.{number}@poor.example>\r\n\r\nx\r\n");
        assert!(other.append(["INBOX", "Kunder/Fjord"][number], "", raw.as_bytes()));
    }
    other.must(&format!("CREATE Round{round}"));
    if round > 0 {
        other.must(&format!("DELETE Round{}", round - 1));
    }
}

async fn act(mailbox: &Mailbox, subject: &str, action: Action) {
    let rows = mailbox.inbox().await;
    let row = rows.iter().find(|row| row.subject == subject).unwrap_or_else(|| panic!("no {subject}"));
    mailbox.engine.operate(vec![row.id], action).await.unwrap();
}

/// Where everything is in the end.
async fn play(address: IpAddr, listens: bool) -> BTreeMap<String, Vec<Place>> {
    let person = Person::new();
    fill(&person);
    let proxy = Proxy::start((address, person.world.ports().imaps).into()).await;
    let mut mailbox = Mailbox::new(person, proxy.port, Security::Tls).await;
    assert_eq!(mailbox.sync().await.unwrap(), 40, "{address}");
    mailbox.agreed().await;
    for round in 0..2 {
        elsewhere(&mailbox, round);
        // Flags that nobody counts are asked for once an hour.
        mailbox.wait(3700);
        mailbox.sync().await.unwrap();
        mailbox.agreed().await;
    }
    let folders = mailbox.folders().await;
    act(&mailbox, "Mail 24", Action::Done).await;
    act(&mailbox, "Mail 25", Action::Delete).await;
    act(&mailbox, "Mail 26", Action::Flag).await;
    act(&mailbox, "Mail 28", Action::Move { folder: Mailbox::folder(&folders, "Kunder/Fjord").id }).await;
    mailbox.settle().await;
    let places = mailbox.agreed().await;
    if listens {
        mailbox.again(true).await;
        until("IDLE", Duration::from_secs(15), async || {
            mailbox.engine.accounts().await.unwrap()[0].1.state == State::Idle
        })
        .await;
        mailbox.person.receive("anna@kunde.example", "by IDLE");
        until("mail by IDLE", Duration::from_secs(15), async || {
            mailbox.inbox().await.iter().any(|row| row.subject == "by IDLE")
        })
        .await;
    }
    mailbox.stop().await;
    places
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_server_offers_the_mailbox_is_the_same() {
    let all = play([127, 0, 0, 1].into(), true).await;
    assert_eq!(all.len(), 38, "40, less 6, and 4 more: {all:?}");
    // Two at a time: each wants the processor.
    for pair in faults::POORER.chunks(2) {
        let both = pair.iter().map(|(address, without)| async move {
            let ended = play(address.parse().unwrap(), !without.contains(&"IDLE")).await;
            (without, ended)
        });
        for (without, ended) in join_all(both).await {
            assert_eq!(ended, all, "without {without:?}");
            println!("the same without {without:?}");
        }
    }
}
