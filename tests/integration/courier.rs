//! A third IMAP server that other people wrote, and a poor one: no MOVE, no CONDSTORE, no UIDNEXT, no purposes of
//! folders, and every folder below INBOX.

use crate::{
    kit::{Person, mail},
    live::{idle, window},
};
use clientele_api::Api;
use clientele_tests::world::{Courier, PASSWORD};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    time::Duration,
};

/// What the server says to commands on one connection: the lines of the last one's answer.
fn asked(courier: &Courier, user: &str, commands: &[&str]) -> Vec<String> {
    let stream = TcpStream::connect(("127.0.0.1", courier.imap)).unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let login = format!("LOGIN {user} {PASSWORD}");
    let mut said = Vec::new();
    for (number, command) in std::iter::once(&login.as_str()).chain(commands).enumerate() {
        (&stream).write_all(format!("t{number} {command}\r\n").as_bytes()).unwrap();
        said.clear();
        loop {
            let line = lines.next().unwrap().unwrap();
            if let Some(status) = line.strip_prefix(&format!("t{number} ")) {
                assert!(status.starts_with("OK"), "{command}: {line}");
                break;
            }
            said.push(line);
        }
    }
    said
}

/// How many mails of a folder match.
fn count(courier: &Courier, user: &str, folder: &str, query: &str) -> usize {
    let said = asked(courier, user, &[&format!("SELECT {folder}"), &format!("UID SEARCH {query}")]);
    said.iter().find_map(|line| line.strip_prefix("* SEARCH")).map_or(0, |found| found.split_whitespace().count())
}

fn connect(person: &Person, courier: &Courier) {
    let (imap, smtp) = (format!("localhost:{}", courier.imaps), format!("localhost:{}", person.world.ports().smtps));
    person.add(&imap, "tls", &smtp, "tls", PASSWORD).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn courier_is_read_acted_on_and_listened_to() {
    let person = Person::new();
    let courier = Courier::start(&person.world).unwrap();
    let person = tokio::task::spawn_blocking(move || {
        connect(&person, &courier);
        let smtp = format!("localhost:{}", person.world.ports().smtps);
        let starttls = format!("localhost:{}", courier.imap);
        let verify = |password: &str| {
            person.run_with(
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
                password,
            )
        };
        assert_eq!(verify(PASSWORD).ok().json()["incoming"]["ok"], true);
        assert_eq!(verify("wrong").json()["incoming"]["ok"], false);

        // What an action needs is made where this server wants it, and subscribed to.
        asked(
            &courier,
            &person.email,
            &["CREATE INBOX.Kunder", "CREATE INBOX.Kunder.Fjord", "CREATE \"INBOX.S&APg-k\""],
        );
        person.run(&["sync"]).ok();
        let folders = person.run(&["folders"]).ok().json();
        for role in ["inbox", "sent", "done", "junk", "trash"] {
            assert!(folders.as_array().unwrap().iter().any(|folder| folder["role"] == role), "no {role}: {folders}");
        }
        let listed = asked(&courier, &person.email, &["LSUB \"\" \"*\""]);
        for name in ["INBOX.Sent", "INBOX.Archive", "INBOX.Junk", "INBOX.Trash"] {
            assert!(listed.iter().any(|line| line.contains(&format!("\"{name}\""))), "{name}: {listed:?}");
        }
        for name in ["Kunder", "Fjord", "Søk"] {
            assert!(folders.as_array().unwrap().iter().any(|folder| folder["name"] == name), "no {name}: {folders}");
        }

        for subject in ["flag me", "file me", "bin me", "move me", "stays"] {
            let raw = mail("anna@kunde.example", &person.email, subject, "Good morning.");
            courier.deliver(&person.email, &raw).unwrap();
        }
        person.run(&["sync"]).ok();
        person.run(&["mark", &person.find("flag me"), "--flag", "--read"]).ok();
        person.run(&["done", &person.find("file me")]).ok();
        person.run(&["delete", &person.find("bin me")]).ok();
        person.run(&["move", &person.find("move me"), "--folder", "INBOX/Kunder/Fjord"]).ok();
        let count = |folder: &str, query: &str| count(&courier, &person.email, folder, query);
        assert_eq!(count("INBOX", "FLAGGED SEEN SUBJECT flag"), 1);
        assert_eq!((count("INBOX.Archive", "SUBJECT file"), count("INBOX.Trash", "SUBJECT bin")), (1, 1));
        assert_eq!((count("INBOX.Kunder.Fjord", "SUBJECT move"), count("INBOX", "ALL")), (1, 2));
        person.run_with(&["send", "--to", "someone@elsewhere.example", "--subject", "from Courier"], "x").ok();
        assert_eq!(count("INBOX.Sent", "SUBJECT Courier"), 1, "one copy in Sent");

        // Nothing is fetched twice; what another program did is seen though the server counts no changes.
        assert_eq!(person.run(&["sync"]).ok().json()[0]["new"], 0);
        assert_eq!(person.list(&[]).len(), 2);
        asked(&courier, &person.email, &["SELECT INBOX", "STORE 1 -FLAGS (\\Seen \\Flagged)"]);
        asked(&courier, &person.email, &["SELECT INBOX", "STORE 2 +FLAGS (\\Deleted)", "EXPUNGE"]);
        courier.deliver(&person.email, &mail("anna@kunde.example", &person.email, "newer", "x")).unwrap();
        assert_eq!(person.run(&["sync"]).ok().json()[0]["new"], 1);
        let rows = person.list(&[]);
        let subjects: Vec<_> = rows.iter().map(|row| row["subject"].as_str().unwrap()).collect();
        assert!(rows.len() == 2 && subjects.contains(&"newer") && subjects.contains(&"flag me"), "{rows:?}");
        let old = rows.iter().find(|row| row["subject"] == "flag me").unwrap();
        assert_eq!((&old["read"], &old["flagged"]), (&false.into(), &false.into()));
        let found = person.run(&["search", "newer"]).ok().json();
        assert_eq!(found["rows"].as_array().map(Vec::len), Some(1), "{found}");
        (person, courier)
    });
    let (person, courier) = person.await.unwrap();

    // Also after a restart of the program: by IDLE.
    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let mut notices = engine.notices();
    let raw = mail("Anna Berg <anna@kunde.example>", &person.email, "by IDLE", "Good morning.");
    courier.deliver(&person.email, &raw).unwrap();
    let notice = tokio::time::timeout(Duration::from_secs(10), notices.recv()).await.expect("a notice").unwrap();
    assert_eq!(notice.subject, "by IDLE");
    engine.stop().await;
}

/// Without UIDPLUS an EXPUNGE takes every mail marked deleted with it: also what another program only marked.
#[test]
fn a_server_without_uidplus_loses_nothing_that_somebody_else_marked() {
    let person = Person::new();
    let courier = Courier::offering(&person.world, "IMAP4rev1 NAMESPACE IDLE").unwrap();
    connect(&person, &courier);
    for subject in ["marked elsewhere", "file me", "bin me"] {
        courier.deliver(&person.email, &mail("anna@kunde.example", &person.email, subject, "x")).unwrap();
    }
    person.run(&["sync"]).ok();
    asked(&courier, &person.email, &["SELECT INBOX", "STORE 1 +FLAGS (\\Deleted)"]);
    let of = |folder: &str, query: &str| count(&courier, &person.email, folder, query);
    assert_eq!(of("INBOX", "DELETED SUBJECT elsewhere"), 1);
    person.run(&["done", &person.find("file me")]).ok();
    assert_eq!(of("INBOX", "SUBJECT elsewhere"), 1, "marked only, by somebody else");
    assert_eq!(of("INBOX.Archive", "ALL"), 1);
    // Also here, once and in the new place only.
    for _ in 0..2 {
        person.run(&["sync"]).ok();
        assert_eq!(person.list(&["--folder", "done"]).len(), 1);
        let rows = person.list(&[]);
        assert!(!rows.iter().any(|row| row["subject"] == "file me"), "{rows:?}");
    }
    person.run(&["delete", &person.find("bin me")]).ok();
    assert_eq!((of("INBOX", "ALL"), of("INBOX.Trash", "SUBJECT bin")), (1, 1), "no mail of ours is left behind");
    assert_eq!(of("INBOX", "DELETED SUBJECT elsewhere"), 1, "and it is as marked as before");
}
