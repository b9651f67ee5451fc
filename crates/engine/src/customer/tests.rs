#![allow(clippy::unwrap_used)]
use super::*;
use crate::{
    ToArchive,
    testkit::{
        self, NOW,
        elsewhere::{self, Elsewhere},
    },
};
use clientele_crm::FollowUp;
use clientele_model::{Address, Endpoint, FolderRole, Security};
use clientele_store::{NewAccount, NewMessage};
use std::time::Duration;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);
const NORD: &str = r#"{"companies": [{"id": "1", "name": "Nord AS", "domains": ["nord.example"]}],
    "people": [{"id": "1", "name": "Ola Nord", "emails": ["ola@nord.example"], "company": "1"}]}"#;

fn nord() -> Vec<Record> {
    vec![Record::new(RecordKind::Company, "1", "Nord AS")]
}

/// A mail that is on the server only, which takes connections and never says a word.
#[tokio::test]
async fn a_follow_up_is_made_while_a_mail_is_fetched_or_on_its_way_into_the_crm() {
    let (_folder, engine) = testkit::engine().await;
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent =
        Endpoint { host: "127.0.0.1".into(), port: server.local_addr().unwrap().port(), security: Security::Tls };
    let new = NewAccount { incoming: silent, ..testkit::new_account("kari@fjord.example") };
    let mail = NewMessage {
        uid: 1,
        date: NOW,
        size: 10,
        message_id: "1@nord.example".into(),
        from: Address::new("", "ola@nord.example"),
        ..NewMessage::default()
    };
    let put = move |store: &clientele_store::Store| {
        let account = store.account_add(&new)?;
        store.folders_replace(account, &[testkit::seen("INBOX", FolderRole::Inbox)])?;
        let inbox = store.folder_by_role(account, FolderRole::Inbox)?.unwrap().id;
        Ok((account, store.messages_insert(account, inbox, vec![mail])?[0].id))
    };
    let (account, message) = engine.store(put).await.unwrap();
    engine.account_add_password(account, "horse").await;
    engine.crm_import(NORD.as_bytes()).await.unwrap();
    engine.archive(ToArchive { messages: vec![message], records: nord(), ..ToArchive::default() }).await.unwrap();
    let running = engine.clone();
    let run = tokio::spawn(async move { running.archive_run().await });
    let _asked = timeout(SOON, server.accept()).await.expect("the body is asked for").unwrap();
    let uploading = engine.0.archiving.try_lock().expect("nobody waits for a body");
    let task = FollowUp { title: "Ring Ola".into(), start: NOW, end: NOW, ..FollowUp::default() };
    let made = timeout(SOON, engine.follow_up_create(task, None)).await.expect("answered at once").unwrap();
    assert_eq!(made.queued, None);
    drop(uploading);
    run.abort();
}

#[tokio::test]
async fn a_slow_upload_keeps_nobody_from_seeing_whose_a_mail_is() {
    let folder = tempfile::tempdir().unwrap();
    let config = crate::Config { tasks: true, ..testkit::config(&folder) };
    let engine = Engine::start(config).await.unwrap();
    engine.crm_import(NORD.as_bytes()).await.unwrap();
    let account = testkit::account(&engine, "kari@fjord.example").await;
    let uploading = engine.0.archiving.lock().await;
    let first = testkit::mail(&engine, account, 1, "ola@nord.example", "Tilbud").await;
    engine.archive(ToArchive { messages: vec![first], records: nord(), ..ToArchive::default() }).await.unwrap();
    let next = testkit::mail(&engine, account, 2, "ola@nord.example", "Svar").await;
    let known = async {
        while !engine.row(next).await.unwrap().0.pills.contains("Nord AS") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, known).await.expect("the mail is a customer's");
    drop(uploading);
    engine.stop().await;
}

/// The reason stands with the mail; the others are on their way.
#[tokio::test]
async fn what_cannot_be_archived_with_others_says_why() {
    let (_folder, engine) = testkit::engine().await;
    engine.crm_import(NORD.as_bytes()).await.unwrap();
    let account = testkit::account(&engine, "kari@fjord.example").await;
    let known = testkit::mail(&engine, account, 1, "ola@nord.example", "Tilbud").await;
    let unknown = testkit::mail(&engine, account, 2, "who@else.example", "Hei").await;
    let private = testkit::mail(&engine, account, 3, "ola@nord.example", "Privat").await;
    engine.private_set(vec![private], false, true).await.unwrap();
    let wanted = ToArchive { messages: vec![unknown, known, private], ..ToArchive::default() };
    let came = engine.archive_many(wanted).await.unwrap();
    assert_eq!(came.queued.iter().map(|row| row.message_id.as_str()).collect::<Vec<_>>(), ["1@nord.example"]);
    let left: Vec<_> = came.refused.iter().map(|(message, error)| (*message, error.code())).collect();
    assert_eq!(left, [(unknown, "no_record"), (private, "private")]);
}

#[tokio::test]
async fn what_was_said_last_of_a_conversation_is_what_the_dialog_says_and_what_is_done() {
    let (_folder, engine) = testkit::engine().await;
    engine.crm_import(NORD.as_bytes()).await.unwrap();
    let account = testkit::account(&engine, "kari@fjord.example").await;
    let mut mails = Vec::new();
    for uid in 1..=3 {
        let mail = NewMessage {
            uid,
            date: NOW + i64::from(uid),
            size: 10,
            message_id: format!("{uid}@nord.example"),
            in_reply_to: if uid > 1 { vec!["1@nord.example".into()] } else { Vec::new() },
            subject: "Tilbud".into(),
            from: Address::new("", "ola@nord.example"),
            ..NewMessage::default()
        };
        let put = move |store: &clientele_store::Store| {
            let inbox = store.folder_by_role(account, FolderRole::Inbox)?.unwrap().id;
            Ok(store.messages_insert(account, inbox, vec![mail])?[0].id)
        };
        mails.push(engine.store(put).await.unwrap());
    }
    let said = async |at: usize, follow: Option<bool>| {
        let wanted = ToArchive { messages: vec![mails[at]], records: nord(), follow, ..ToArchive::default() };
        engine.archive(wanted).await.unwrap();
        engine.archive_options(mails[2]).await.unwrap().follow
    };
    assert!(said(0, Some(true)).await, "of another mail of the conversation");
    assert!(said(1, Some(true)).await);
    assert!(!said(0, Some(false)).await, "the last word, though of the older mail");
}

#[tokio::test]
async fn nobody_waits_for_a_crm_that_does_not_answer() {
    let (_folder, engine) = testkit::engine().await;
    let account = testkit::account(&engine, "kari@fjord.example").await;
    let mail = testkit::mail(&engine, account, 1, "ola@nord.example", "Tilbud").await;
    let there = Elsewhere::new("North");
    elsewhere::connect(&engine, &there).await;
    let names = |found: Vec<Record>| found.into_iter().map(|one| one.name).collect::<Vec<_>>();
    assert_eq!(names(engine.records("company", 8).await.unwrap()), ["Company of North"]);
    assert_eq!(
        names(engine.records_asked("company", 8).await.unwrap()),
        ["Company of North", "company of today"],
        "what a colleague has just made is found too"
    );
    assert_eq!(engine.archive_options(mail).await.unwrap().mail_types, []);
    let types = engine.mail_types(mail).await.unwrap();
    assert_eq!(engine.selection_members("3".into()).await.unwrap().len(), 1);
    there.silent.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(engine.archive_options(mail).await.unwrap().mail_types, types);
    assert_eq!(names(engine.selection_members("3".into()).await.unwrap()), ["Company of North"]);
    let asked = timeout(SOON, engine.records_asked("company", 8)).await.expect("in time").unwrap();
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn a_new_person_is_told_and_an_export_counts_companies() {
    let (folder, engine) = testkit::engine().await;
    engine.crm_import(NORD.as_bytes()).await.unwrap();
    let mut told = engine.asides();
    let new = NewPerson {
        name: "Kari Nord".into(),
        email: "kari@nord.example".into(),
        company: "1".into(),
        ..NewPerson::default()
    };
    engine.person_create(new).await.unwrap();
    assert_eq!(told.try_recv().unwrap().table, clientele_model::Table::Crm);
    assert_eq!(engine.cards_export(folder.path().join("all.csv")).await.unwrap(), (2, 1));
}

/// It is read every few minutes: the window must not fetch all it shows each time.
#[tokio::test]
async fn a_crm_in_which_nothing_changed_is_no_reason_to_look_again() {
    let (_folder, engine) = testkit::engine().await;
    elsewhere::connect(&engine, &Elsewhere::new("North")).await;
    engine.0.crm_now.change(|known| known.met = true);
    let mut told = engine.asides();
    engine.crm_refresh_once().await.unwrap();
    let tables: Vec<_> = std::iter::from_fn(|| told.try_recv().ok()).map(|change| change.table).collect();
    assert_eq!(tables, [clientele_model::Table::CrmState]);
}
