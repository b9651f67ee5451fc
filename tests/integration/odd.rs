//! What a real server can hold that is no usual mail, and what it can do with the mails while they are read: none of it
//! stops the others.

use crate::{
    kit::{Person, mail},
    mailbox::Mailbox,
    proxy::{End, Plan, Proxy},
};
use clientele_model::{Action, Security};
use clientele_tests::world::Stored;
use std::{fmt::Write as _, time::Instant};

fn stored(received: i64, raw: Vec<u8>) -> Stored {
    Stored { folder: "INBOX".into(), raw, received, seen: false, answered: false, flagged: false }
}

fn head(subject: &str, id: &str) -> String {
    format!(
        "From: Anna <anna@kunde.example>\r\nTo: kari@nordvik.example\r\nSubject: {subject}\r\nMessage-ID: <{id}@odd.example>\r\n"
    )
}

/// Five hundred levels, each in the one before.
fn nested() -> String {
    let mut raw = head("nested", "nested") + "MIME-Version: 1.0\r\n";
    for level in 0..500 {
        let _ = write!(raw, "Content-Type: multipart/mixed; boundary=\"b{level}\"\r\n\r\n--b{level}\r\n");
    }
    raw + "Content-Type: text/plain\r\n\r\nAt the bottom.\r\n"
}

/// A hundred million bytes, most of them one attachment.
fn huge() -> Vec<u8> {
    let mut raw = head("huge", "huge")
        + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
           See the drawings.\r\n--b\r\nContent-Type: application/octet-stream; name=\"drawings.zip\"\r\n\
           Content-Transfer-Encoding: base64\r\n\r\n";
    let line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx\r\n";
    while raw.len() < 100_000_000 {
        raw.push_str(line);
    }
    (raw + "--b--\r\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_odd_mail_stops_no_other() {
    let person = Person::new();
    let now = jiff::Timestamp::now().as_second() - 5000;
    let many: String = (0..10_000).map(|n| format!(" Person {n} <p{n}@kunde.example>,\r\n")).collect();
    let mut mails: Vec<Stored> = (0..30)
        .map(|n| stored(now + n * 10, format!("{}\r\nGood morning.\r\n", head("plain", &format!("p{n}"))).into()))
        .collect();
    let odd = [
        Vec::new(),
        b"\r\n".to_vec(),
        b"no header at all, and no end of a line".to_vec(),
        [head("nul", "nul").as_bytes(), b"X-Odd: \0\0\r\n\r\nbefore\0after\r\n"].concat(),
        format!("{}Cc:{many}\r\nhello\r\n", head("many", "many").replace("To: kari@nordvik.example\r\n", ""))
            .into_bytes(),
        nested().into_bytes(),
        format!("{}\r\nx\r\n", head(&"long ".repeat(40_000), "long")).into_bytes(),
        [b"Subject: \xff\xfe raw bytes\r\nMessage-ID: <raw@odd.example>\r\n\r\n".as_slice(), &[0xff; 3000]].concat(),
        huge(),
    ];
    let count = odd.len();
    mails.extend(odd.into_iter().enumerate().map(|(at, raw)| stored(now + at as i64 * 30 + 5, raw)));
    person.world.store(&person.email, &mails).unwrap();
    drop(mails);
    let mailbox = Mailbox::straight(person).await;
    let begun = Instant::now();
    mailbox.sync().await.unwrap();
    println!("synced after {:?}", begun.elapsed());
    let rows = mailbox.inbox().await;
    assert_eq!(rows.len(), 30 + count);
    assert_eq!(rows.iter().filter(|row| row.subject == "plain").count(), 30);
    // What can be read of an odd one is there; and nothing of it is asked for again and again.
    for id in ["nul", "many", "nested", "raw", "huge"] {
        assert!(rows.iter().any(|row| row.message_id == format!("{id}@odd.example")), "{id}");
    }
    for row in &rows {
        let detail = mailbox.engine.detail(row.id).await.unwrap();
        if row.message_id == "many@odd.example" {
            assert!(detail.cc.len() >= 1000, "{} are shown", detail.cc.len());
        }
        if row.message_id != "huge@odd.example" {
            mailbox.engine.raw(row.id).await.unwrap();
        }
    }
    assert_eq!(mailbox.sync().await.unwrap(), 0);
    // They can be acted on like others.
    for subject in ["nul", "nested", "huge"] {
        let row = rows.iter().find(|row| row.subject == subject).unwrap();
        mailbox.engine.operate(vec![row.id], Action::Done).await.unwrap();
    }
    mailbox.settle().await;
    assert_eq!(mailbox.inbox().await.len(), 30 + count - 3);
    assert_eq!(mailbox.person.count("mailbox Archive all"), 3);
    mailbox.stop().await;
}

/// The other program removes mails whose bodies are on their way.
#[tokio::test(flavor = "multi_thread")]
async fn mails_that_go_while_they_are_fetched_stop_no_other() {
    let person = Person::new();
    let now = jiff::Timestamp::now().as_second() - 5000;
    let body = "Good morning.\r\n".repeat(300);
    let mails: Vec<Stored> =
        (0..200).map(|n| stored(now + n, format!("{}\r\n{body}", head("x", &format!("e{n}"))).into())).collect();
    person.world.store(&person.email, &mails).unwrap();
    let proxy = Proxy::start(([127, 0, 0, 1], person.world.ports().imaps).into()).await;
    let mailbox = Mailbox::new(person, proxy.port, Security::Tls).await;
    let mut first = true;
    proxy.plan(move || if std::mem::take(&mut first) { Plan::end(60_000, End::Hold) } else { Plan::CALM });
    let (synced, ()) = tokio::join!(mailbox.sync(), async {
        proxy.ended().await;
        let mut other = mailbox.other();
        let there = other.mails("INBOX");
        for mail in there.iter().step_by(3) {
            assert!(other.expunge(mail.uid));
        }
        proxy.calm();
    });
    println!("{synced:?}");
    synced.unwrap();
    mailbox.settle().await;
    assert_eq!(mailbox.agreed().await.len(), 200 - 67);
    mailbox.stop().await;
}

/// What Dovecot knows of its folders is lost: every mail has another number, and the folder another UIDVALIDITY. Nothing
/// that only this computer has is lost with it, and what a person did meanwhile is done.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_forgets_its_numbers_loses_nothing_that_is_here() {
    let person = Person::new();
    for n in 0..12 {
        person.receive("anna@kunde.example", &format!("mail {n}"));
    }
    let mailbox = Mailbox::straight(person).await;
    mailbox.sync().await.unwrap();
    let find = async |subject: &str| mailbox.inbox().await.iter().find(|row| row.subject == subject).unwrap().id;
    let (kept, moved, flagged) = (find("mail 3").await, find("mail 4").await, find("mail 5").await);
    let engine = &mailbox.engine;
    let created = engine
        .person_create(clientele_engine::crm::NewPerson {
            name: "Anna".into(),
            email: "anna@kunde.example".into(),
            ..Default::default()
        })
        .await
        .unwrap();
    let record = engine.records("Anna", 5).await.unwrap().into_iter().find(|one| one.id == created.id).unwrap();
    let wanted = clientele_engine::ToArchive { messages: vec![kept], records: vec![record], ..Default::default() };
    engine.archive(wanted).await.unwrap();
    engine.archive_run().await.unwrap();
    engine.operate(vec![moved], Action::Done).await.unwrap();
    engine.operate(vec![flagged], Action::Flag).await.unwrap();

    let maildir = mailbox.person.world.dir().join("mail").join(&mailbox.person.email).join("Maildir");
    for _ in 0..2 {
        // The new UIDVALIDITY is the second in which Dovecot makes it.
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        for name in
            ["dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache", "dovecot-uidvalidity"]
        {
            let _ = std::fs::remove_file(maildir.join(name));
        }
        for entry in std::fs::read_dir(&maildir).unwrap().flatten() {
            if entry.file_name().to_string_lossy().starts_with("dovecot-uidvalidity") {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        let raw = mail("anna@kunde.example", &mailbox.person.email, "after", "x");
        mailbox.person.world.deliver("anna@kunde.example", &mailbox.person.email, &raw).unwrap();
        mailbox.settle().await;
        mailbox.agreed().await;
    }
    let (row, archived) = mailbox.engine.row(find("mail 3").await).await.unwrap();
    assert_eq!(row.id, kept, "the same mail, and not a new one");
    assert!(archived.is_some(), "the link to the CRM is there");
    assert_eq!(mailbox.person.count("mailbox Archive subject mail"), 1);
    assert_eq!(mailbox.person.count("mailbox INBOX flagged subject mail"), 1);
    mailbox.stop().await;
}
