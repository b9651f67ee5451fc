//! A second IMAP server that other people wrote: what was made for Dovecot only shows here.

use crate::{
    kit::{Person, mail},
    live::{idle, window},
};
use clientele_api::Api;
use clientele_tests::world::{Cyrus, PASSWORD};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    time::Duration,
};

/// The server's own view: the uids of the mails in a folder that match.
pub fn search(cyrus: &Cyrus, user: &str, folder: &str, query: &str) -> usize {
    let stream = TcpStream::connect(("127.0.0.1", cyrus.imap)).unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut found = 0;
    for (tag, command) in
        [("a", format!("LOGIN {user} x")), ("b", format!("EXAMINE {folder}")), ("c", format!("UID SEARCH {query}"))]
    {
        (&stream).write_all(format!("{tag} {command}\r\n").as_bytes()).unwrap();
        loop {
            let line = lines.next().unwrap().unwrap();
            if let Some(numbers) = line.strip_prefix("* SEARCH") {
                found = numbers.split_whitespace().count();
            }
            if let Some(status) = line.strip_prefix(&format!("{tag} ")) {
                assert!(status.starts_with("OK"), "{command}: {line}");
                break;
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn cyrus_is_read_acted_on_and_listened_to() {
    let person = Person::new();
    let cyrus = Cyrus::start(&person.world).unwrap();
    let person = tokio::task::spawn_blocking(move || {
        let (imap, smtp) = (format!("localhost:{}", cyrus.imaps), format!("localhost:{}", person.world.ports().smtps));
        person.add(&imap, "tls", &smtp, "tls", PASSWORD).ok();
        let starttls = format!("localhost:{}", cyrus.imap);
        let verified = person.run_with(
            &[
                "account",
                "verify",
                "--email",
                &person.email,
                "--imap",
                &starttls,
                "--imap-security",
                "starttls",
                "--smtp",
                &smtp,
            ],
            PASSWORD,
        );
        assert_eq!(verified.ok().json()["incoming"]["ok"], true);
        person.run(&["sync"]).ok();
        let folders = person.run(&["folders"]).ok().json();
        for role in ["inbox", "sent", "drafts", "done", "junk", "trash"] {
            assert!(folders.as_array().unwrap().iter().any(|folder| folder["role"] == role), "no {role}: {folders}");
        }
        for subject in ["flag me", "file me", "bin me", "stays"] {
            let raw = mail("anna@kunde.example", &person.email, subject, "Good morning.");
            cyrus.deliver("anna@kunde.example", &person.email, &raw).unwrap();
        }
        person.run(&["sync"]).ok();
        person.run(&["mark", &person.find("flag me"), "--flag", "--read"]).ok();
        person.run(&["done", &person.find("file me")]).ok();
        person.run(&["delete", &person.find("bin me")]).ok();
        let count = |folder: &str, query: &str| search(&cyrus, &person.email, folder, query);
        assert_eq!(count("INBOX", "FLAGGED SEEN SUBJECT flag"), 1);
        assert_eq!((count("Archive", "SUBJECT file"), count("Trash", "SUBJECT bin"), count("INBOX", "ALL")), (1, 1, 2));
        person.run_with(&["send", "--to", "someone@elsewhere.example", "--subject", "from Cyrus"], "x").ok();
        assert_eq!(count("Sent", "SUBJECT Cyrus"), 1, "one copy in Sent");
        // Nothing is fetched twice.
        assert_eq!(person.run(&["sync"]).ok().json()[0]["new"], 0);
        assert_eq!(person.list(&[]).len(), 2);
        (person, cyrus)
    });
    let (person, cyrus) = person.await.unwrap();

    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let mut notices = engine.notices();
    let raw = mail("Anna Berg <anna@kunde.example>", &person.email, "by IDLE", "Good morning.");
    cyrus.deliver("anna@kunde.example", &person.email, &raw).unwrap();
    let notice = tokio::time::timeout(Duration::from_secs(10), notices.recv()).await.expect("a notice").unwrap();
    assert_eq!(notice.subject, "by IDLE");
    engine.stop().await;
}
