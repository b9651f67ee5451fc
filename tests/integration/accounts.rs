//! Several mailboxes in one profile, side by side and together.

use crate::{
    kit::Person,
    live::{idle, window},
};
use clientele_api::{Api, handle, view::*};
use clientele_tests::world::PASSWORD;
use serde_json::Value;

/// Adds another person's mailbox to this person's profile.
fn beside(person: &Person, other: &Person) {
    let ports = person.world.ports();
    let (imap, smtp) = (format!("localhost:{}", ports.imaps), format!("localhost:{}", ports.smtps));
    let arguments = ["account", "add", "--email", &other.email, "--name", "Per Test", "--imap", &imap, "--smtp", &smtp];
    person.run_with(&arguments, PASSWORD).ok();
}

fn subjects(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["subject"].as_str().unwrap()).collect()
}

fn fetched(person: &Person) {
    let sync = person.run(&["sync"]).ok();
    assert!(sync.json().as_array().unwrap().iter().all(|one| one["code"] == Value::Null), "{sync:?}");
}

#[test]
fn two_mailboxes_share_one_inbox_and_nothing_else() {
    let (person, other) = (Person::connected(), Person::new());
    beside(&person, &other);
    person.receive("Ola <ola@nord.example>", "first, to one");
    fetched(&person);
    other.receive("Ola <ola@nord.example>", "second, to the other");
    fetched(&person);
    person.receive("Ola <ola@nord.example>", "third, to one");
    fetched(&person);

    let rows = person.list(&[]);
    let mut together = subjects(&rows);
    together.sort_unstable();
    assert_eq!(together, ["first, to one", "second, to the other", "third, to one"]);
    let accounts = person.run(&["account", "list"]).ok().json();
    let id = |email: &str| {
        let found = accounts.as_array().unwrap().iter().find(|one| one["email"] == *email);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let second = rows.iter().find(|row| row["subject"] == "second, to the other").unwrap();
    assert_eq!(second["account"], id(&other.email));

    // An answer leaves from the mailbox that was written to, and lies in its Sent alone.
    let message = second["id"].as_str().unwrap();
    let answer = ["send", "--reply", message, "--body", "Yes.", "--subject", "Re: from the second"];
    assert_eq!(person.run(&answer).ok().json()["state"], "sent");
    assert_eq!((other.count("mailbox Sent all"), person.count("mailbox Sent all")), (1, 0));

    // What is done to a mail of the one is done on its server only.
    person.run(&["done", message]).ok();
    assert_eq!((other.count("mailbox Archive all"), person.count("mailbox Archive all")), (1, 0));

    // One goes, the other stays as it is.
    person.run(&["account", "remove", &other.email]).ok();
    let mut left = person.list(&[]);
    left.sort_by_key(|row| row["subject"].to_string());
    assert_eq!(subjects(&left), ["first, to one", "third, to one"]);
    fetched(&person);
    assert_eq!(other.count("mailbox Archive all"), 1, "the mailbox itself is untouched");
}

#[test]
fn other_settings_keep_the_mail_and_wrong_ones_change_nothing() {
    let person = Person::connected();
    person.receive("Ola <ola@nord.example>", "stays");
    fetched(&person);
    let before = person.list(&[]);
    let ports = person.world.ports().clone();

    let wrong = format!("localhost:{}", ports.smtps);
    let ran = person.run(&["account", "edit", &person.email, "--imap", &wrong]);
    assert_eq!(ran.error(), "not_mail", "{ran:?}");
    let ran = person.run_with(&["account", "edit", &person.email, "--password"], "not the password");
    assert_eq!((ran.error().as_str(), ran.code), ("sign_in_refused", 4), "{ran:?}");
    assert_eq!(person.run(&["account", "verify", &person.email]).code, 0, "as before");

    let (imap, smtp) = (format!("localhost:{}", ports.imap), format!("localhost:{}", ports.submission));
    let edit = ["account", "edit", &person.email, "--name", "Kari Ny", "--imap", &imap, "--imap-security", "starttls"];
    let changed = person.run(&[&edit[..], &["--smtp", &smtp, "--smtp-security", "starttls"]].concat()).ok().json();
    assert_eq!((&changed["incoming"]["port"], &changed["name"]), (&ports.imap.into(), &"Kari Ny".into()));
    fetched(&person);
    let after = person.list(&[]);
    assert_eq!(subjects(&after), ["stays"]);
    assert_eq!(after[0]["id"], before[0]["id"], "the same mail, not fetched anew");
    assert_eq!(person.run(&["send", "--to", &person.email, "--subject", "out", "--body", "x"]).code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_servers_of_a_saved_mailbox_are_tried_with_the_password_that_is_kept() {
    let person = Person::connected();
    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let ports = person.world.ports();
    let at = |port, security| EndpointView { host: "localhost".into(), port, security };
    let draft = AccountDraft {
        email: person.email.clone(),
        name: "Kari Test".into(),
        incoming: at(ports.imap, SecurityView::Starttls),
        incoming_user: person.email.clone(),
        incoming_password: String::new(),
        outgoing: at(ports.submission, SecurityView::Starttls),
        outgoing_user: String::new(),
        outgoing_password: String::new(),
        days: 30,
        grant: None,
    };
    let report = handle::account_verify(&api, draft.clone()).await.unwrap();
    assert_eq!((&report.incoming.code, &report.outgoing.code), (&None, &None), "{report:?}");

    let wrong = AccountDraft { incoming_password: "not the password".into(), ..draft.clone() };
    let report = handle::account_verify(&api, wrong).await.unwrap();
    assert_eq!(report.incoming.code.as_deref(), Some("sign_in_refused"), "what is typed counts");

    let stranger = AccountDraft { email: "someone@nordvik.example".into(), ..draft };
    let report = handle::account_verify(&api, stranger).await.unwrap();
    assert!(!report.incoming.ok, "the password is kept for its own mailbox alone");
}

#[test]
fn without_a_copy_in_sent_a_mail_is_archived_all_the_same() {
    let person = Person::connected();
    let local = person.database("local.db");
    local.execute("INSERT OR REPLACE INTO setting (key, value) VALUES ('sent_copy', 'no')", []).unwrap();
    drop(local);
    let seed = person.folder.path().join("seed.json");
    std::fs::write(
        &seed,
        r#"{"companies":[{"id":"c1","name":"Nord AS"}],"people":[],"sales":[],"projects":[],"activities":[]}"#,
    )
    .unwrap();
    person.run(&["crm", "import", seed.to_str().unwrap()]).ok();
    let send =
        ["send", "--to", "ola@nordvik.example", "--subject", "no copy", "--body", "x", "--archive", "company:c1"];
    assert_eq!(person.run(&send).ok().json()["state"], "sent");
    assert_eq!(person.count("mailbox Sent all"), 0);
    person.run(&["outbox", "run"]).ok();
    let count = |file: &str, sql: &str| -> i64 { person.database(file).query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(count("local.db", "SELECT count(*) FROM archive WHERE state = 'done'"), 1);
    assert_eq!(count("local.db", "SELECT count(*) FROM outbox"), 0, "the row is forgotten when nothing needs it");
}

/// The same address, and the mailbox of another user name: what lies in one must not be taken for what lies in the other.
#[test]
fn another_user_name_brings_another_mailbox() {
    let (person, other) = (Person::connected(), Person::new());
    for (one, subject) in [(&person, "of the first"), (&other, "of the second")] {
        one.receive("Ola <ola@nord.example>", subject);
    }
    fetched(&person);
    assert_eq!(subjects(&person.list(&[])), ["of the first"]);
    // Numbered alike by chance, as on servers that count from one.
    let database = person.database("mail.db");
    let guid = other.world.doveadm(&["mailbox", "status", "-u", &other.email, "uidvalidity", "INBOX"]).unwrap();
    let number: i64 = guid.trim().rsplit_once('=').unwrap().1.parse().unwrap();
    database.execute("UPDATE folder SET uid_validity = ? WHERE path = 'INBOX'", [number]).unwrap();
    drop(database);
    let user = ["account", "edit", &person.email, "--imap-user", &other.email, "--smtp-user", &other.email];
    person.run(&user).ok();
    fetched(&person);
    assert_eq!(subjects(&person.list(&[])), ["of the second"]);
}
