#![allow(clippy::unwrap_used)]
use super::*;
use crate::testkit::{self, NOW};
use clientele_crm::FollowUpKind;
use clientele_model::{AccountId, Address, FolderRole};
use clientele_store::NewMessage;

async fn put(engine: &Engine, account: AccountId, uid: u32, from: &str, date: i64, answers: &str) -> MessageId {
    let mail = NewMessage {
        uid,
        date,
        size: 10,
        message_id: format!("{uid}@fjord.example"),
        in_reply_to: if answers.is_empty() { Vec::new() } else { vec![answers.to_owned()] },
        subject: "Tilbud".into(),
        from: Address::new("", from),
        to: vec![Address::new("Ola", "ola@nord.example")],
        ..NewMessage::default()
    };
    let work = move |store: &clientele_store::Store| {
        let inbox = store.folder_by_role(account, FolderRole::Inbox)?.unwrap().id;
        Ok(store.messages_insert(account, inbox, vec![mail])?[0].id)
    };
    engine.store(work).await.unwrap()
}

#[tokio::test]
async fn a_mail_that_nobody_answered_is_told_once_and_let_go_of_when_somebody_does() {
    let (_folder, engine) = testkit::engine().await;
    let account = testkit::account(&engine, "kari@fjord.example").await;
    let sent = put(&engine, account, 1, "kari@fjord.example", NOW - 6 * DAY, "").await;
    let set = engine.waiting_set(sent, 0).await.unwrap();
    assert_eq!((set.waiting.until, set.due, set.answered), (NOW - DAY, true, false), "five days from the mail's date");
    let mut notices = engine.notices();
    engine.waiting_run().await.unwrap();
    engine.waiting_run().await.unwrap();
    let told = notices.try_recv().unwrap();
    assert_eq!((told.reminder, told.author.email.as_str(), told.message), (true, "ola@nord.example", sent));
    assert!(notices.try_recv().is_err(), "told twice");
    // One's own second mail is no answer.
    put(&engine, account, 2, "Kari@Fjord.example", NOW - DAY, "1@fjord.example").await;
    engine.waiting_run().await.unwrap();
    let all = engine.follow_ups().await.unwrap();
    assert_eq!((all.waiting.len(), all.overdue), (1, 1));
    put(&engine, account, 3, "ola@nord.example", NOW - 60, "2@fjord.example").await;
    engine.waiting_run().await.unwrap();
    assert_eq!(engine.follow_ups().await.unwrap().waiting.len(), 0);
    assert!(engine.waiting_set(sent, 9).await.unwrap().answered, "an answer is here already");
    assert_eq!(engine.follow_ups().await.unwrap().waiting.len(), 0);
}

#[tokio::test]
async fn a_follow_up_of_the_embedded_crm_is_there_at_once_and_overdue_ones_come_first() {
    let (_folder, engine) = testkit::engine().await;
    let account = testkit::account(&engine, "kari@fjord.example").await;
    let mail = put(&engine, account, 1, "ola@nord.example", NOW - 60, "").await;
    let task = |title: &str, end| FollowUp { title: title.into(), start: end, end, ..FollowUp::default() };
    engine.follow_up_create(task("Later", NOW + DAY), None).await.unwrap();
    let made = engine.follow_up_create(task(" Ring Ola ", NOW - DAY), Some(mail)).await.unwrap();
    assert_eq!((made.queued, made.follow_up.title.as_str()), (None, "Ring Ola"));
    let all = engine.follow_ups().await.unwrap();
    assert_eq!(all.open.iter().map(|one| one.follow_up.title.as_str()).collect::<Vec<_>>(), ["Ring Ola", "Later"]);
    assert_eq!((all.overdue, all.open[0].message), (1, Some(mail)));
    engine.follow_up_done(TaskId::There(made.follow_up.id), true).await.unwrap();
    assert_eq!(engine.follow_ups().await.unwrap().open.len(), 1);
    assert_eq!(engine.crm_status().await.unwrap().queued, 0);
    let nameless = engine.follow_up_create(task(" ", NOW), None).await;
    assert_eq!(nameless.expect_err("no title").code(), "invalid_input");
}

/// One whose CRM never answers.
async fn engine_of_a_crm() -> (tempfile::TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    {
        let engine = Engine::start(testkit::config(&folder)).await.unwrap();
        let link = clientele_store::CrmLink {
            kind: "tryton".into(),
            place: "https://127.0.0.1:1/crm".into(),
            // Nothing answers there.
            config: r#"{"server":"https://127.0.0.1:1","database":"crm"}"#.into(),
            name: "Tryton".into(),
            ..clientele_store::CrmLink::default()
        };
        engine.store(move |store| store.crm_link_set(&link)).await.unwrap();
    }
    let engine = Engine::start(testkit::config(&folder)).await.unwrap();
    (folder, engine)
}

#[tokio::test]
async fn one_try_says_enough_for_all_that_waits() {
    let (_folder, engine) = engine_of_a_crm().await;
    for id in ["1", "2", "3"] {
        engine.crm_work_add(Work::Done { id: id.into(), done: true }, None).await.unwrap();
    }
    for _ in 0..2 {
        engine.crm_work_run().await.unwrap();
    }
    let tries: u32 = engine.store(|store| store.crm_works()).await.unwrap().iter().map(|row| row.attempts).sum();
    assert_eq!(tries, 1);
    assert!(engine.0.crm_now.quiet().is_some());
}

#[tokio::test]
async fn what_was_said_last_of_a_follow_up_is_all_that_waits() {
    let (_folder, engine) = engine_of_a_crm().await;
    for (id, done) in [("7", true), ("8", true), ("7", false)] {
        engine.follow_up_done(TaskId::There(id.into()), done).await.unwrap();
    }
    let rows = engine.store(|store| store.crm_works()).await.unwrap();
    let waiting: Vec<Work> = rows.iter().map(|row| Work::read(row).unwrap()).collect();
    let said = |work: &Work| match work {
        Work::Done { id, done } => (id.clone(), *done),
        _ => panic!("other work"),
    };
    assert_eq!(waiting.iter().map(said).collect::<Vec<_>>(), [("8".into(), true), ("7".into(), false)]);
}

#[tokio::test]
async fn what_waits_for_the_crm_stands_beside_its_customer_and_in_the_queue() {
    let (_folder, engine) = engine_of_a_crm().await;
    let account = testkit::account(&engine, "kari@fjord.example").await;
    let mail = put(&engine, account, 1, "ola@nord.example", NOW - 60, "").await;
    let sale = NewSale { name: " Kabel ".into(), company: "7".into(), amount: 500, ..NewSale::default() };
    let waits = engine.sale_create(sale.clone(), Some(mail)).await.unwrap().expect("it waits");
    assert_eq!((waits.kind, waits.title.as_str(), waits.amount), (WaitKind::Sale, "Kabel", 500));
    assert_eq!((waits.message, waits.records[0].id.as_str()), (Some(mail), "7"));
    let task = FollowUp { title: "Ring Ola".into(), start: NOW, end: NOW, ..FollowUp::default() };
    engine.follow_up_create(task, Some(mail)).await.unwrap();
    engine.follow_up_done(TaskId::There("9".into()), true).await.unwrap();
    let customer = engine.customer(mail).await.unwrap();
    let beside = engine.customer_beside(mail, &customer).await.unwrap();
    assert_eq!(beside.sales_waiting, [waits]);
    let titles = |tasks: &[Task]| tasks.iter().map(|one| one.follow_up.title.clone()).collect::<Vec<_>>();
    assert_eq!(titles(&beside.follow_ups), ["Ring Ola"]);
    assert!(beside.follow_ups[0].queued.is_some());
    let kinds: Vec<WaitKind> = engine.crm_works().await.unwrap().iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [WaitKind::Sale, WaitKind::FollowUp(FollowUpKind::Task), WaitKind::Done]);
    let nobodys = engine.sale_create(NewSale { company: String::new(), ..sale }, None).await;
    assert_eq!(nobodys.expect_err("nobody's").code(), "invalid_input");
}

/// The CRM has it as done, and has not heard that it is not.
#[tokio::test]
async fn what_was_taken_back_and_refused_is_open_here_with_the_reason() {
    let (_folder, engine) = testkit::engine().await;
    let task = FollowUp { title: "Ring Ola".into(), start: NOW, end: NOW, ..FollowUp::default() };
    let id = engine.follow_up_create(task, None).await.unwrap().follow_up.id;
    engine.follow_up_done(TaskId::There(id.clone()), true).await.unwrap();
    let text = Work::Done { id: id.clone(), done: false }.write().unwrap();
    let link = engine.crm_link_id();
    let row = engine.store(move |store| store.crm_work_queue(&text, "", link, NOW)).await.unwrap();
    let open = engine.follow_ups().await.unwrap().open;
    assert_eq!((open.len(), open[0].follow_up.done, open[0].queued), (1, false, Some(row)));
    engine.store(move |store| store.crm_work_failed(row, "crm_forbidden")).await.unwrap();
    let open = engine.follow_ups().await.unwrap().open;
    assert_eq!((open[0].follow_up.done, open[0].code.as_deref()), (true, Some("crm_forbidden")));
    let waits = &engine.crm_works().await.unwrap()[0];
    assert_eq!((waits.kind, waits.title.as_str()), (WaitKind::NotDone, "Ring Ola"));
}
