#![allow(clippy::unwrap_used)]
use crate::{
    Begin, Engine, RuleSaved, TaskId, ToArchive,
    testkit::{
        self, NOW,
        elsewhere::{Elsewhere, connect},
    },
};
use clientele_crm::{FollowUp, NewPerson, NewSale, PersonChange, Record, archive::Choice, rule::Rule};
use clientele_model::{MessageId, RecordKind};
use clientele_store::ArchiveState;

const TO_OLA: &str = "mailto:ola@nord.example?subject=Svar&body=Hei";

fn nord() -> Vec<Record> {
    vec![Record::new(RecordKind::Company, "1", "Nord")]
}

fn to_archive(message: MessageId) -> ToArchive {
    ToArchive { messages: vec![message], records: nord(), ..ToArchive::default() }
}

async fn all_run(engine: &Engine) {
    engine.archive_run().await.unwrap();
    engine.crm_work_run().await.unwrap();
}

/// The answer goes out once another CRM is connected.
#[tokio::test]
async fn what_waits_for_one_crm_reaches_no_other_and_goes_on_when_it_is_back() {
    let (_folder, engine) = testkit::engine().await;
    let account = testkit::account(&engine, "kari@fjord.example").await;
    let (first, second) = (Elsewhere::new("first"), Elsewhere::new("second"));
    let link = connect(&engine, &first).await;
    let came = testkit::mail(&engine, account, 1, "ola@nord.example", "Tilbud").await;
    let other = testkit::mail(&engine, account, 2, "ola@nord.example", "Kontrakt").await;
    engine.archive(to_archive(came)).await.unwrap();
    let call = FollowUp { title: "Ring Ola".into(), company: "1".into(), start: NOW, end: NOW, ..FollowUp::default() };
    engine.follow_up_create(call, None).await.unwrap();
    let sale = NewSale { name: "Kabel".into(), company: "1".into(), ..NewSale::default() };
    engine.sale_create(sale.clone(), None).await.unwrap();
    let written = engine.draft_new(Begin::New { mailto: Some(TO_OLA.into()) }).await.unwrap().draft;
    let answer = engine.send(written.id, nord()).await.unwrap();
    assert_eq!(answer.link, link);

    assert_ne!(connect(&engine, &second).await, link);
    engine
        .store(move |store| {
            store.outbox_claim(account, NOW)?;
            store.outbox_sent(answer.id)
        })
        .await
        .unwrap();
    let of = engine.store(move |store| store.account(account)).await.unwrap();
    let _no_server_takes_the_copy = engine.keep_sent(&of).await;
    all_run(&engine).await;
    assert_eq!(second.reached(), Vec::<String>::new());
    // Chosen before, in a dialog that was open all the while.
    let stale = engine.archive(ToArchive { link: Some(link), ..to_archive(other) }).await;
    assert_eq!(stale.map(drop).unwrap_err().code(), "crm_other");
    // All of it is seen, with the reason, and nobody can push it into this one.
    let queue = engine.archive_queue().await.unwrap();
    assert_eq!(queue.len(), 2);
    for (row, _) in &queue {
        assert_eq!((row.state, row.code.as_deref()), (ArchiveState::Failed, Some("crm_other")));
        assert_eq!(engine.archived_elsewhere(row.link).await.unwrap(), "first");
        assert_eq!(engine.archive_retry(row.id).await.unwrap_err().code(), "crm_other");
    }
    assert_eq!(engine.crm_status().await.unwrap().failed, 4);
    let works = engine.crm_works().await.unwrap();
    assert_eq!(works.len(), 2);
    assert!(works.iter().all(|one| one.code.as_deref() == Some("crm_other") && one.records.is_empty()), "{works:?}");
    assert_eq!(engine.crm_work_retry(works[0].row).await.unwrap_err().code(), "crm_other");
    // What is not wanted any more goes, and nothing is asked of anybody for it.
    engine.crm_work_discard(works.iter().find(|one| one.title == "Kabel").unwrap().row).await.unwrap();

    connect(&engine, &first).await;
    all_run(&engine).await;
    let mut reached = first.reached();
    reached.sort();
    assert_eq!(reached, ["follow-up Ring Ola on 1", "mail Svar on 1", "mail Tilbud on 1"]);
    assert_eq!(second.reached(), Vec::<String>::new());
    assert!(engine.archive_queue().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_rule_takes_nothing_by_the_ids_of_another_crm() {
    let (_folder, engine) = testkit::engine().await;
    let account = testkit::account(&engine, "kari@fjord.example").await;
    let (first, second) = (Elsewhere::new("first"), Elsewhere::new("second"));
    connect(&engine, &first).await;
    let rule = Rule { records: nord(), ..Rule::default() };
    let made = RuleSaved { id: 0, name: "Nord".into(), on: true, rule, elsewhere: String::new() };
    let made = engine.rule_save(made).await.unwrap();
    assert!(made.on && made.elsewhere.is_empty());

    connect(&engine, &second).await;
    let shown = engine.rules().await.unwrap().remove(0);
    assert_eq!((shown.on, shown.elsewhere.as_str()), (false, "first"));
    // One that names nobody is on in any of them, and looks at what comes.
    let anybody = Rule { domains: vec!["none.example".into()], ..Rule::default() };
    engine.rule_save(RuleSaved { id: 0, name: "All".into(), rule: anybody, ..made.clone() }).await.unwrap();
    testkit::mail(&engine, account, 1, "ola@nord.example", "Tilbud").await;
    engine.customers_run().await.unwrap();
    assert_eq!(second.reached(), Vec::<String>::new());
    for asked in [RuleSaved { on: true, ..shown.clone() }, RuleSaved { name: "Two".into(), ..made.clone() }] {
        assert_eq!(engine.rule_save(asked).await.unwrap_err().code(), "crm_other");
    }
    assert_eq!(engine.rule_preview(shown.clone(), 10).await.map(drop).unwrap_err().code(), "crm_other");
    let both = vec![Record::new(RecordKind::Company, "1", "Nord"), Record::new(RecordKind::Person, "2", "Ola")];
    let mixed = RuleSaved { rule: Rule { records: both, ..Rule::default() }, ..shown.clone() };
    assert_eq!(engine.rule_save(mixed).await.unwrap_err().code(), "crm_other");

    connect(&engine, &first).await;
    assert!(engine.rules().await.unwrap()[0].on);
    testkit::mail(&engine, account, 2, "ola@nord.example", "Kontrakt").await;
    engine.customers_run().await.unwrap();
    assert_eq!(first.reached(), ["mail Kontrakt on 1 2"]);
}

/// Its settings cannot be read; the embedded one has a company and a person by the same ids.
#[tokio::test]
async fn nothing_is_written_into_the_crm_that_stands_in_for_another() {
    let folder = tempfile::tempdir().unwrap();
    {
        let engine = Engine::start(testkit::config(&folder)).await.unwrap();
        let link = Elsewhere::new("first").link();
        let config = link.config.replace('{', r#"{"company":"none","#);
        let link = clientele_store::CrmLink { config, ..link };
        engine.store(move |store| store.crm_link_set(&link)).await.unwrap();
    }
    let engine = Engine::start(testkit::config(&folder)).await.unwrap();
    let seed = r#"{"companies": [{"id": "1", "name": "Nord AS", "domains": ["nord.example"]}],
        "people": [{"id": "2", "name": "Ola", "emails": ["ola@nord.example"], "company": "1"}]}"#;
    engine.crm_import(seed.as_bytes()).await.unwrap();
    let account = testkit::account(&engine, "kari@fjord.example").await;
    let rule = RuleSaved {
        id: 0,
        name: "Known".into(),
        on: true,
        rule: Rule { known_only: true, ..Rule::default() },
        elsewhere: String::new(),
    };
    engine.rule_save(rule).await.unwrap();
    let came = testkit::mail(&engine, account, 1, "ola@nord.example", "Tilbud").await;
    assert_eq!(engine.crm_status().await.unwrap().code.as_deref(), Some("invalid_input"));
    assert_eq!(engine.customer(came).await.unwrap().participants[0].people.len(), 1, "it is read from");

    let call = FollowUp { title: "Ring Ola".into(), company: "1".into(), start: NOW, end: NOW, ..FollowUp::default() };
    let sale = NewSale { name: "Kabel".into(), company: "1".into(), ..NewSale::default() };
    let person = NewPerson { name: "Maja".into(), email: "maja@nord.example".into(), ..NewPerson::default() };
    let refused = [
        engine.archive(to_archive(came)).await.map(drop),
        engine.document_archive(came, 1, nord(), Choice::default()).await.map(drop),
        engine.follow_up_create(call, Some(came)).await.map(drop),
        engine.follow_up_done(TaskId::There("1".into()), true).await,
        engine.sale_create(sale, None).await.map(drop),
        engine.person_create(person).await.map(drop),
        engine.person_change("2", PersonChange::default()).await.map(drop),
        engine.company_save(clientele_crm::Company { name: "Ny".into(), ..Default::default() }).await.map(drop),
    ];
    for (number, one) in refused.into_iter().enumerate() {
        assert_eq!(one.unwrap_err().code(), "crm_not_open", "{number}");
    }
    // A mail goes out. What it was to be archived on was the embedded one's.
    let written = engine.draft_new(Begin::New { mailto: Some(TO_OLA.into()) }).await.unwrap().draft;
    let sent = engine.send(written.id, nord()).await.unwrap();
    assert_eq!(sent.link, 0);
    engine
        .store(move |store| {
            store.outbox_claim(account, NOW)?;
            store.outbox_sent(sent.id)
        })
        .await
        .unwrap();
    let of = engine.store(move |store| store.account(account)).await.unwrap();
    let _no_server_takes_the_copy = engine.keep_sent(&of).await;
    engine.customers_run().await.unwrap();
    all_run(&engine).await;
    let queue = engine.archive_queue().await.unwrap();
    assert_eq!(queue.iter().map(|(row, _)| row.code.as_deref()).collect::<Vec<_>>(), [Some("crm_other")]);
    let embedded: &dyn clientele_crm::Directory = &*engine.0.crm;
    assert!(embedded.activities(RecordKind::Company, "1", 9).unwrap().is_empty());
    assert!(embedded.follow_ups_open(9).unwrap().is_empty());
    let unweighed = engine.store(|store| store.unweighed(None, 9)).await.unwrap();
    assert_eq!(unweighed, [came], "the rules look at it once somebody can say who wrote it");

    // Mended, it is the one that is asked, also about what is shown already.
    engine.0.crm_now.change(|known| {
        if let Some(link) = &mut known.link {
            link.config = Elsewhere::new("first").link().config;
        }
    });
    let unread = engine.crm_refresh_once().await;
    assert_eq!(unread.unwrap_err().code(), "crm_sign_in_again", "nobody has signed in");
    assert_eq!(engine.crm().kind(), "tryton");
    assert_eq!(engine.store(|store| store.pills_missing(9)).await.unwrap().len(), 1);
}

/// On Windows what is open is not removed.
#[tokio::test]
async fn a_crm_is_left_although_its_files_cannot_be_removed_and_nobody_holds_it_while_it_rests() {
    let folder = tempfile::tempdir().unwrap();
    {
        let engine = Engine::start(testkit::config(&folder)).await.unwrap();
        let link = Elsewhere::new("first").link();
        engine.store(move |store| store.crm_link_set(&link)).await.unwrap();
    }
    let engine = Engine::start(crate::Config { tasks: true, ..testkit::config(&folder) }).await.unwrap();
    let crm = engine.crm();
    assert_eq!(crm.kind(), "tryton");
    let alone = async {
        // The one here, and the one in use.
        while engine.0.crm_now.known().code.is_none() || std::sync::Arc::strong_count(&crm) > 2 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), alone).await.expect("the reader holds it while it rests");
    std::fs::create_dir(folder.path().join("mirror.db")).unwrap();
    engine.crm_disconnect().await.unwrap();
    assert_eq!(engine.crm().kind(), "embedded");
    engine.stop().await;
}

#[tokio::test]
async fn whoever_asks_for_another_try_gets_one_at_once() {
    let (_folder, engine) = testkit::engine().await;
    let account = testkit::account(&engine, "kari@fjord.example").await;
    connect(&engine, &Elsewhere::new("first")).await;
    let came = testkit::mail(&engine, account, 1, "ola@nord.example", "Tilbud").await;
    let row = engine.archive(to_archive(came)).await.unwrap().remove(0);
    let rests = || {
        engine.0.crm_now.put_off();
        assert!(engine.0.crm_now.quiet().is_some());
    };
    rests();
    engine.account_finish(account).await.unwrap();
    assert_eq!(engine.0.crm_now.quiet(), None);
    rests();
    engine.archive_retry(row.id).await.unwrap();
    assert_eq!(engine.0.crm_now.quiet(), None);
}

/// The command line's process still has the CRM that the window has left.
#[tokio::test]
async fn a_process_that_has_an_earlier_crm_takes_nothing_out_of_it_by_the_ids_of_another() {
    let (_folder, engine) = testkit::engine().await;
    let account = testkit::account(&engine, "kari@fjord.example").await;
    let (first, second) = (Elsewhere::new("first"), Elsewhere::new("second"));
    connect(&engine, &first).await;
    let other = second.link();
    engine.store(move |store| store.crm_link_set(&other)).await.unwrap();
    let came = testkit::mail(&engine, account, 1, "ola@nord.example", "Tilbud").await;
    let archived = move |store: &clientele_store::Store| {
        let row = store.archive_queue(account, &store.row(came)?.message_id, &nord(), "kari", NOW)?;
        store.archive_done(row.id, "7", false)?;
        Ok(row.id)
    };
    let row = engine.store(archived).await.unwrap();
    assert_eq!(engine.archive_undo(row).await.unwrap_err().code(), "crm_other");
    assert_eq!(engine.archive(to_archive(came)).await.unwrap_err().code(), "crm_other");
    assert_eq!(first.reached(), Vec::<String>::new());
}
