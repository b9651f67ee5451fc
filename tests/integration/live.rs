//! The tasks: what a window has running behind it.

use crate::kit::{Person, until};
use clientele_api::{Api, Event, handle, view::*};
use clientele_engine::{Config, Engine, PolicyFiles, Secret, SecretsConfig};
use clientele_tests::world::Stored;
use std::time::Duration;
use tokio::time::timeout;

/// The engine of a window on the person's profile.
pub async fn window(person: &Person) -> Engine {
    window_with(person, |_| {}).await
}

/// The same, with something changed.
pub async fn window_with(person: &Person, change: impl FnOnce(&mut Config)) -> Engine {
    let passphrase = Some(Secret::new("a long passphrase"));
    let mut config = Config {
        extra_ca: Some(std::fs::read(person.world.ca_pem()).unwrap()),
        secrets: SecretsConfig { keyring: false, passphrase, memory: false },
        // A file that is not there prescribes nothing.
        policy: Some(PolicyFiles { machine: person.folder.path().join("policy.toml"), beside: None }),
        logs: false,
        ..Config::new(person.profile())
    };
    change(&mut config);
    Engine::start(config).await.unwrap()
}

pub async fn idle(api: &Api) {
    let wait = async {
        loop {
            let state = handle::app_state(api, Empty {}).await.unwrap();
            if state.accounts.iter().all(|account| matches!(account.state, AccountState::Idle)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(15), wait).await.expect("the account comes to rest");
    // IDLE itself takes a moment to be said.
    tokio::time::sleep(Duration::from_millis(300)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_mail_arrives_by_idle_is_listed_and_told() {
    let person = Person::connected();
    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let (mut notices, mut events) = (engine.notices(), api.events());
    person.receive("Anna Berg <anna@kunde.example>", "Are you there?");
    let notice = timeout(Duration::from_secs(10), notices.recv()).await.expect("a notice").unwrap();
    assert_eq!(
        (notice.author.name.as_str(), notice.subject.as_str(), notice.count),
        ("Anna Berg", "Are you there?", 1)
    );
    let change = async {
        loop {
            if let Ok(Event::Change { table, ids }) = events.recv().await
                && table == "message"
                && ids.contains(&notice.message.to_string())
            {
                return;
            }
        }
    };
    timeout(Duration::from_secs(5), change).await.expect("the change is told");
    let row = handle::message_row(&api, MessageRef { message: notice.message.to_string() }).await.unwrap();
    assert_eq!((row.subject.as_str(), row.read), ("Are you there?", false));
    // One's own mail, come back, is no news.
    person.receive(&person.email, "from myself");
    assert!(timeout(Duration::from_secs(2), notices.recv()).await.is_err());
    engine.stop().await;
}

/// While the window owns the profile, the command line reads and queues; the window carries it out.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_queues_and_the_owner_acts() {
    let person = Person::connected();
    let reader = Person::new();
    person.receive("anna@kunde.example", "flag me");
    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let (person, reader) = tokio::task::spawn_blocking(move || {
        let id = person.find("flag me");
        let ran = person.run(&["mark", &id, "--flag"]).ok();
        assert_eq!(ran.json()["state"], "queued", "{ran:?}");
        until("the flag", || person.count("mailbox INBOX flagged subject flag") == 1);
        let ran = person.run_with(&["send", "--to", &reader.email, "--subject", "by the owner"], "x");
        assert_eq!((ran.code, ran.json()["state"].as_str()), (7, Some("queued")), "{ran:?}");
        until("delivery", || reader.count("mailbox INBOX all") == 1);
        let ran = person.run(&["sync"]);
        assert_eq!((ran.code, ran.error().as_str()), (6, "profile_busy"), "{ran:?}");
        (person, reader)
    })
    .await
    .unwrap();
    engine.stop().await;
    // The owner is gone: the profile is free again.
    let rows = tokio::task::spawn_blocking(move || {
        person.run(&["sync"]).ok();
        (person.count("mailbox Sent all"), reader.count("mailbox INBOX all"))
    });
    assert_eq!(rows.await.unwrap(), (1, 1));
}

/// What was done is undone, here and on the server.
#[tokio::test(flavor = "multi_thread")]
async fn undo_brings_a_mail_back() {
    let person = Person::connected();
    person.receive("anna@kunde.example", "not so fast");
    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let list =
        ListRequest { folder: String::new(), filter: ListFilter::All, record: None, after: String::new(), limit: 50 };
    let id = handle::message_list(&api, list.clone()).await.unwrap().rows[0].id.clone();
    let request = OperateRequest { messages: vec![id], action: ActionRequest::Done };
    let done = handle::operate(&api, request).await.unwrap();
    assert!(handle::message_list(&api, list.clone()).await.unwrap().rows.is_empty(), "gone from the list at once");
    let person = tokio::task::spawn_blocking(move || {
        until("the move", || person.count("mailbox Archive all") == 1);
        person
    })
    .await
    .unwrap();
    handle::undo(&api, UndoRequest { undo: done.undo }).await.unwrap();
    assert_eq!(handle::message_list(&api, list).await.unwrap().rows.len(), 1);
    tokio::task::spawn_blocking(move || {
        until("the way back", || person.count("mailbox INBOX all") == 1 && person.count("mailbox Archive all") == 0)
    })
    .await
    .unwrap();
    engine.stop().await;
}

/// The connection that tells the server what a person did stays open for a while; it must learn of what came since.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_came_after_the_last_change_can_be_changed_too() {
    let person = Person::connected();
    person.receive("anna@kunde.example", "first");
    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let mut notices = engine.notices();
    let mut person = person;
    let acts = [
        ("first", ActionRequest::Read, "mailbox INBOX seen subject first"),
        ("second", ActionRequest::Flag, "mailbox INBOX flagged subject second"),
        ("third", ActionRequest::Done, "mailbox Archive subject third"),
    ];
    for (subject, action, found) in acts {
        if subject != "first" {
            person.receive("anna@kunde.example", subject);
            timeout(Duration::from_secs(10), notices.recv()).await.expect("it arrives").unwrap();
        }
        let list = ListRequest {
            folder: String::new(),
            filter: ListFilter::All,
            record: None,
            after: String::new(),
            limit: 50,
        };
        let rows = handle::message_list(&api, list).await.unwrap().rows;
        let id = rows.iter().find(|row| row.subject == subject).expect("in the list").id.clone();
        handle::operate(&api, OperateRequest { messages: vec![id], action }).await.unwrap();
        person = tokio::task::spawn_blocking(move || {
            until("the change on the server", || person.count(found) == 1);
            person
        })
        .await
        .unwrap();
    }
    assert!(handle::operation_list(&api, Empty {}).await.unwrap().is_empty(), "nothing was refused");
    engine.stop().await;
}

/// The server's own filters put mail into other folders.
#[tokio::test(flavor = "multi_thread")]
async fn new_mail_in_another_folder_is_told_where_its_switch_is_on_and_the_switch_goes_with_the_folder() {
    let person = Person::new();
    let put = |folder: &str, subject: &str, seen: bool| {
        let raw = crate::kit::mail("Anna Berg <anna@kunde.example>", &person.email, subject, "Hello.");
        let received = jiff::Timestamp::now().as_second();
        let mail = Stored { folder: folder.into(), raw, received, seen, answered: false, flagged: false };
        person.world.store(&person.email, &[mail]).unwrap();
    };
    put("Customers", "old", true);
    put("Lists", "old", true);
    person.connect(&format!("localhost:{}", person.world.ports().smtps), "tls").ok();
    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let folder = async |path: &str| {
        let folders = handle::folder_list(&api, Empty {}).await.unwrap();
        folders.into_iter().find(|folder| folder.path == path).unwrap_or_else(|| panic!("no folder {path}"))
    };
    let id = folder("Customers").await.id;
    assert!(!folder("Customers").await.notify && folder("INBOX").await.notify);
    assert!(handle::folder_notify(&api, FolderNotify { folder: id.clone(), notify: true }).await.unwrap().notify);
    let mut notices = engine.notices();
    put("Lists", "of a list", false);
    put("Customers", "of a customer", false);
    put("Customers", "read elsewhere already", true);
    engine.sync_now(None);
    let notice = timeout(Duration::from_secs(15), notices.recv()).await.expect("a notice").unwrap();
    assert_eq!((notice.subject.as_str(), notice.count), ("of a customer", 1));
    assert!(timeout(Duration::from_secs(2), notices.recv()).await.is_err(), "nothing else is told");
    let renamed = FolderRename { folder: id, name: "Clients".into(), parent: None };
    handle::folder_rename(&api, renamed).await.unwrap();
    assert!(folder("Clients").await.notify);
    engine.stop().await;
}
