//! Folders and operations on a real Dovecot: what doveadm says counts.

use crate::{
    cyrus::search,
    kit::{Person, mail},
};
use clientele_tests::world::{Cyrus, PASSWORD, Stored};
use serde_json::Value;

impl Person {
    fn folders(&self) -> Vec<Value> {
        self.run(&["folder", "list"]).ok().json().as_array().unwrap().clone()
    }

    #[track_caller]
    fn folder(&self, path: &str) -> Value {
        let folders = self.folders();
        folders.iter().find(|folder| folder["path"] == path).unwrap_or_else(|| panic!("no {path}: {folders:?}")).clone()
    }

    /// The names of the folders that doveadm lists.
    fn there(&self) -> Vec<String> {
        let out = self.world.doveadm(&["mailbox", "list", "-u", &self.email]).unwrap();
        out.lines().map(str::to_owned).collect()
    }

    fn subscribed(&self) -> Vec<String> {
        let out = self.world.doveadm(&["mailbox", "list", "-s", "-u", &self.email]).unwrap();
        out.lines().map(str::to_owned).collect()
    }

    fn put(&self, folder: &str, subject: &str) {
        let raw = mail("anna@kunde.example", &self.email, subject, "Good morning.");
        let file = self.folder.path().join("put.eml");
        std::fs::write(&file, raw).unwrap();
        self.world.doveadm(&["save", "-u", &self.email, "-m", folder, file.to_str().unwrap()]).unwrap();
    }
}

#[test]
fn folders_are_made_renamed_moved_and_deleted_without_fetching_anything_again() {
    let person = Person::connected();
    let made = person.run(&["folder", "create", "Kunder & Søppel"]).ok().json();
    assert_eq!((made["path"].as_str(), made["subscribed"].as_bool()), (Some("Kunder & Søppel"), Some(true)));
    person.run(&["folder", "create", "Åsen", "--parent", "Kunder & Søppel"]).ok();
    assert!(person.there().contains(&"Kunder & Søppel/Åsen".to_owned()), "{:?}", person.there());
    assert!(person.subscribed().contains(&"Kunder & Søppel/Åsen".to_owned()));
    let again = person.run(&["folder", "create", "Kunder & Søppel"]);
    assert_eq!(again.error(), "folder_exists");
    for name in ["a/b", "", "..", "x\u{1}y", "wild*card"] {
        assert_eq!(person.run(&["folder", "create", name]).error(), "folder_name", "{name}");
    }

    person.put("Kunder & Søppel/Åsen", "an offer");
    person.run(&["sync"]).ok();
    let before = person.list(&["--folder", "Kunder & Søppel/Åsen"]);
    assert_eq!(before.len(), 1);
    let child = person.folder("Kunder & Søppel/Åsen")["id"].clone();
    let renamed = person.run(&["folder", "rename", "Kunder & Søppel", "--name", "Kunden"]).ok().json();
    assert_eq!(renamed["path"], "Kunden");
    assert_eq!(person.folder("Kunden/Åsen")["id"], child, "what is in it goes along, and stays what it is");
    assert!(person.subscribed().contains(&"Kunden/Åsen".to_owned()));
    assert!(!person.subscribed().iter().any(|name| name.starts_with("Kunder")), "{:?}", person.subscribed());
    assert_eq!(person.list(&["--folder", "Kunden/Åsen"])[0]["id"], before[0]["id"]);
    assert_eq!(person.run(&["sync"]).ok().json()[0]["new"], 0, "nothing is fetched again");

    // Out to the top, and what was done to it offline follows it there.
    person.run(&["--offline", "mark", before[0]["id"].as_str().unwrap(), "--flag"]);
    person.run(&["folder", "rename", "Kunden/Åsen", "--top"]).ok();
    person.run(&["sync"]).ok();
    assert_eq!(person.count("mailbox Åsen flagged"), 1);

    person.run(&["folder", "rename", "Åsen", "--parent", "Kunden"]).ok();
    person.run(&["folder", "delete", "Kunden"]).ok();
    assert!(person.there().contains(&"Trash/Kunden/Åsen".to_owned()), "{:?}", person.there());
    assert_eq!(person.folder("Trash/Kunden/Åsen")["id"], child);
    person.run(&["folder", "create", "Kunden"]).ok();
    person.run(&["folder", "delete", "Kunden"]).ok();
    assert!(person.there().contains(&"Trash/Kunden 2".to_owned()), "{:?}", person.there());
    person.run(&["folder", "delete", "Trash/Kunden"]).ok();
    assert!(!person.there().iter().any(|name| name.starts_with("Trash/Kunden/")), "for good: {:?}", person.there());
    assert!(!person.folders().iter().any(|folder| folder["path"].as_str().unwrap().starts_with("Trash/Kunden/")));

    for special in ["INBOX", "Trash", "Sent"] {
        assert_eq!(person.run(&["folder", "delete", special]).error(), "folder_special", "{special}");
        assert_eq!(person.run(&["folder", "rename", special, "--name", "x"]).error(), "folder_special", "{special}");
    }
    assert_eq!(person.run(&["--offline", "folder", "create", "Later"]).error(), "offline");
}

#[test]
fn a_folder_that_another_program_renamed_is_not_fetched_again() {
    let person = Person::connected();
    person.run(&["folder", "create", "Before"]).ok();
    person.put("Before", "stays");
    person.run(&["sync"]).ok();
    let (folder, row) = (person.folder("Before"), person.list(&["--folder", "Before"])[0].clone());
    person.world.doveadm(&["mailbox", "rename", "-u", &person.email, "Before", "After"]).unwrap();
    assert_eq!(person.run(&["sync"]).ok().json()[0]["new"], 0);
    assert_eq!(person.folder("After")["id"], folder["id"]);
    assert_eq!(person.list(&["--folder", "After"])[0]["id"], row["id"]);
}

#[test]
fn subscriptions_follow_both_sides() {
    let person = Person::connected();
    person.run(&["folder", "create", "Quiet"]).ok();
    person.run(&["folder", "subscribe", "Quiet", "--off"]).ok();
    assert!(!person.subscribed().contains(&"Quiet".to_owned()));
    assert_eq!(person.folder("Quiet")["subscribed"], false);
    person.world.doveadm(&["mailbox", "subscribe", "-u", &person.email, "Quiet"]).unwrap();
    person.run(&["sync"]).ok();
    assert_eq!(person.folder("Quiet")["subscribed"], true);
}

#[test]
fn trash_is_emptied_for_good_but_for_what_came_since() {
    let person = Person::connected();
    for subject in ["one", "two", "three"] {
        person.put("Trash", subject);
    }
    person.run(&["sync"]).ok();
    person.put("Trash", "came since");
    assert_eq!(person.run(&["folder", "empty", "INBOX"]).error(), "invalid_input");
    let ran = person.run(&["folder", "empty", "trash"]).ok().json();
    assert_eq!((ran["count"].as_u64(), ran["state"].as_str()), (Some(3), Some("done")));
    assert_eq!((person.count("mailbox Trash all"), person.count("mailbox Trash subject since")), (1, 1));
    assert!(person.list(&["--folder", "trash"]).is_empty());
    person.run(&["sync"]).ok();
    let left = person.list(&["--folder", "trash"]);
    assert_eq!((left.len(), left[0]["subject"].as_str()), (1, Some("came since")));

    // Asked for offline, it is told after a restart.
    assert_eq!(person.run(&["--offline", "folder", "empty", "trash"]).code, 7);
    assert_eq!(person.count("mailbox Trash all"), 1);
    // Another command, which waits for no undo.
    assert_eq!(person.run(&["folder", "empty", "junk"]).ok().json()["state"], "done");
    assert_eq!(person.count("mailbox Trash all"), 0);
}

#[test]
fn copies_and_keywords_reach_the_server_and_come_from_it() {
    let person = Person::connected();
    person.receive("anna@kunde.example", "offer");
    person.run(&["sync"]).ok();
    let id = person.find("offer");
    person.run(&["copy", &id, "--folder", "done"]).ok();
    assert_eq!((person.count("mailbox INBOX subject offer"), person.count("mailbox Archive subject offer")), (1, 1));
    assert_eq!(person.run(&["sync"]).ok().json()[0]["new"], 0, "the copy is known");
    assert_eq!(person.list(&["--folder", "done"]).len(), 1);

    person.run(&["keyword", &id, "--add", "Offer", "--add", "Hot"]).ok();
    assert_eq!(person.count("mailbox INBOX keyword Offer keyword Hot"), 1);
    person.run(&["keyword", &id, "--remove", "hot"]).ok();
    assert_eq!(person.count("mailbox INBOX keyword Hot"), 0);
    person.world.doveadm(&["flags", "add", "-u", &person.email, "Elsewhere", "mailbox", "INBOX", "all"]).unwrap();
    person.run(&["sync"]).ok();
    let mut keywords: Vec<_> = person.list(&[])[0]["keywords"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap().to_owned())
        .collect();
    keywords.sort();
    assert_eq!(keywords, ["Elsewhere", "Offer"]);
    assert_eq!(person.run(&["keyword", &id, "--add", "two words"]).error(), "invalid_input");
}

#[test]
fn what_is_not_here_is_found_on_the_server() {
    let person = Person::new();
    let old = jiff::Timestamp::now().as_second() - 200 * 86_400;
    let mails: Vec<Stored> = (0..60)
        .map(|n| {
            let (subject, body) = match n {
                0 => ("Tilbud til Brødrene Åsen", "den gamle nålen"),
                1 => ("An old quoted offer", "needle"),
                _ => ("Filler", "hay"),
            };
            let date = jiff::Timestamp::from_second(old + n).unwrap().strftime("%a, %d %b %Y %H:%M:%S +0000");
            let raw = format!(
                "From: Anna <anna@kunde.example>\r\nTo: {}\r\nSubject: {subject}\r\nDate: {date}\r\n\
                 Message-ID: <old-{n}-{old}@test.example>\r\nMIME-Version: 1.0\r\n\
                 Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n",
                person.email
            );
            let (seen, answered, flagged) = (true, false, n == 1);
            Stored { folder: "INBOX".into(), raw: raw.into_bytes(), received: old + n, seen, answered, flagged }
        })
        .collect();
    person.world.store(&person.email, &mails).unwrap();
    let smtps = format!("localhost:{}", person.world.ports().smtps);
    person.connect(&smtps, "tls").ok();
    person.run(&["sync"]).ok();
    let find =
        |words: &[&str]| person.run(&[&["search"], words].concat()).ok().json()["rows"].as_array().unwrap().len();
    assert_eq!((find(&["nålen"]), find(&["needle"])), (0, 0), "older than the window, and not of the newest fifty");

    let found = person.run(&["search", "--servers", "nålen from:anna -is:flagged"]).ok().json();
    assert_eq!((&found["servers"]["fetched"], &found["servers"]["more"]), (&1.into(), &false.into()), "{found}");
    assert_eq!(found["rows"][0]["subject"], "Tilbud til Brødrene Åsen");
    assert_eq!(find(&["--servers", "needle before:yesterday in:inbox subject:\"quoted offer\""]), 1);
    let again = person.run(&["search", "--servers", "needle"]).ok().json();
    assert_eq!(again["servers"]["fetched"], 0, "nothing is fetched twice: {again}");
    // Nothing of what is typed is a command.
    find(&["--servers", "x\"\r\nA1 DELETE \"Drafts\"\r\n"]);
    assert!(person.there().contains(&"Drafts".to_owned()));
    // The sync that follows takes nothing of it away.
    person.run(&["sync"]).ok();
    assert_eq!((find(&["nålen"]), find(&["needle"])), (1, 1));
    assert_eq!(person.run(&["--offline", "search", "--servers", "x"]).error(), "offline");
}

#[test]
fn cyrus_has_its_folders_copies_and_keywords_too() {
    let person = Person::new();
    let cyrus = Cyrus::start(&person.world).unwrap();
    let (imap, smtp) = (format!("localhost:{}", cyrus.imaps), format!("localhost:{}", person.world.ports().smtps));
    person.add(&imap, "tls", &smtp, "tls", PASSWORD).ok();
    person.run(&["sync"]).ok();
    person.run(&["folder", "create", "Kunder"]).ok();
    person.run(&["folder", "create", "Åsen", "--parent", "Kunder"]).ok();
    assert_eq!(person.run(&["folder", "create", "Kunder"]).error(), "folder_exists");
    let raw = mail("anna@kunde.example", &person.email, "offer", "Brødrene");
    cyrus.deliver("anna@kunde.example", &person.email, &raw).unwrap();
    person.run(&["sync"]).ok();
    let id = person.find("offer");
    person.run(&["copy", &id, "--folder", "Kunder/Åsen"]).ok();
    person.run(&["keyword", &id, "--add", "Offer"]).ok();
    let count = |folder: &str, query: &str| search(&cyrus, &person.email, folder, query);
    assert_eq!((count("INBOX", "KEYWORD Offer"), count("Kunder/&AMU-sen", "SUBJECT offer")), (1, 1));
    assert_eq!(person.run(&["sync"]).ok().json()[0]["new"], 0);
    let child = person.folder("Kunder/Åsen")["id"].clone();
    person.run(&["folder", "rename", "Kunder", "--name", "Kunden"]).ok();
    assert_eq!(person.folder("Kunden/Åsen")["id"], child);
    assert_eq!(person.list(&["--folder", "Kunden/Åsen"]).len(), 1);
    assert_eq!(person.run(&["sync"]).ok().json()[0]["new"], 0, "nothing is fetched again");
    person.run(&["search", "--servers", "Brødrene"]).ok();
    person.run(&["folder", "delete", "Kunden"]).ok();
    assert!(!person.folders().iter().any(|folder| folder["path"].as_str().unwrap().starts_with("Kunden")));
    assert_eq!(person.folder("Trash/Kunden/Åsen")["id"], child, "in Trash, and not fetched again");
    person.run(&["delete", &id]).ok();
    person.run(&["folder", "empty", "trash"]).ok();
    assert_eq!((count("Trash", "ALL"), count("INBOX", "ALL")), (0, 0));
}

/// A person moves a mail out of a folder, and the server has not heard of it when the folder goes for good.
#[test]
fn what_was_moved_out_of_a_folder_is_there_when_the_folder_is_gone() {
    let person = Person::connected();
    person.run(&["folder", "create", "Kunder"]).ok();
    person.run(&["folder", "create", "Åsen", "--parent", "Kunder"]).ok();
    person.put("Kunder/Åsen", "rescued");
    person.put("Kunder/Åsen", "goes");
    person.run(&["sync"]).ok();
    let rows = person.list(&["--folder", "Kunder/Åsen"]);
    let id = rows.iter().find(|row| row["subject"] == "rescued").unwrap()["id"].as_str().unwrap().to_owned();
    person.run(&["--offline", "mark", &id, "--flag"]);
    person.run(&["folder", "delete", "Kunder"]).ok();
    assert_eq!(person.count("mailbox Trash/Kunder/Åsen all"), 2, "only into Trash as yet");
    person.run(&["--offline", "move", &id, "--folder", "INBOX"]);
    person.run(&["--offline", "mark", &id, "--read"]);
    person.run(&["folder", "delete", "Trash/Kunder"]).ok();
    assert_eq!(person.count("mailbox INBOX subject rescued flagged seen"), 1);
    assert_eq!(person.count("mailbox * subject goes"), 0);
    assert_eq!(person.find("rescued"), id, "it is the same mail here");
    let refused = person.run(&["sync"]).ok();
    assert_eq!(refused.json()[0]["new"], 0);
}
