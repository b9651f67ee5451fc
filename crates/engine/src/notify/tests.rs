use super::*;
use crate::testkit::{self, account, config, mail};
use crate::{Config, Settings};
use clientele_model::{Action, FolderRole};
use tempfile::TempDir;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(5);

async fn window() -> (TempDir, Engine, Account) {
    let folder = tempfile::tempdir().expect("folder");
    let engine = Engine::start(config(&folder)).await.expect("engine");
    let id = account(&engine, "kari@nord.example").await;
    tokio::spawn(follow(engine.clone()));
    let account = engine.store(move |store| store.account(id)).await.expect("account");
    (folder, engine, account)
}

async fn choose(engine: &Engine, notify: Notify) {
    let settings = Settings { notify, ..engine.settings().await.expect("settings") };
    engine.settings_set(settings).await.expect("saved");
}

async fn next(notices: &mut broadcast::Receiver<Notice>) -> Notice {
    timeout(SOON, notices.recv()).await.expect("a notice in time").expect("a notice")
}

#[tokio::test]
async fn a_mail_that_is_read_or_done_soon_after_is_taken_back() {
    let (_folder, engine, account) = window().await;
    let (mut notices, mut withdrawn) = (engine.notices(), engine.withdrawn());
    let mut ids = Vec::new();
    for uid in 1..=2 {
        let id = mail(&engine, account.id, uid, "anna@kunde.example", &format!("mail {uid}")).await;
        engine.arrived(&account, vec![id]);
        ids.push((id, next(&mut notices).await.id));
    }
    engine.operate(vec![ids[0].0], Action::Read).await.expect("read");
    assert_eq!(timeout(SOON, withdrawn.recv()).await.expect("in time").expect("id"), ids[0].1);
    assert!(withdrawn.try_recv().is_err(), "the other one stands");
    engine.operate(vec![ids[1].0], Action::Delete).await.expect_err("there is no Trash");
    engine.store(move |store| store.account_remove(account.id)).await.expect("gone");
    assert_eq!(timeout(SOON, withdrawn.recv()).await.expect("in time").expect("id"), ids[1].1);
}

#[tokio::test]
async fn what_was_chosen_decides() {
    let (_folder, engine, account) = window().await;
    let mut notices = engine.notices();
    // Quiet, muted: nothing. What comes after is told, so nothing was merely late.
    let now = engine.wall_clock();
    let minute = now.hour() as u16 * 60 + now.minute() as u16;
    let quiet = QuietHours { from: minute, until: (minute + 1) % MINUTES_OF_A_DAY, weekends: false };
    for notify in
        [Notify { quiet: Some(quiet), ..Notify::default() }, Notify { muted: vec![account.id], ..Notify::default() }]
    {
        choose(&engine, notify).await;
        let id = mail(&engine, account.id, 1, "anna@kunde.example", "not now").await;
        lock(&engine.0.desk.round).insert(account.id, vec![id]);
        engine.tell(&account).await;
        assert!(notices.try_recv().is_err());
    }
    choose(&engine, Notify { grouped: true, ..Notify::default() }).await;
    for uid in 2..=3 {
        let id = mail(&engine, account.id, uid, "anna@kunde.example", &format!("mail {uid}")).await;
        engine.arrived(&account, vec![id]);
    }
    engine.round_over(&account);
    let told = next(&mut notices).await;
    assert_eq!((told.count, told.subject.as_str()), (2, "mail 3"), "a round is told as one");

    choose(&engine, Notify { customers_only: true, ..Notify::default() }).await;
    let stranger = mail(&engine, account.id, 4, "who@knows.example", "unknown").await;
    let customer = mail(&engine, account.id, 5, "anna@kunde.example", "known").await;
    engine.arrived(&account, vec![stranger, customer]);
    tokio::time::sleep(LOOK).await;
    assert!(notices.try_recv().is_err(), "the CRM has not said yet");
    let pills = vec![(stranger, CrmState::NotInCrm, "[]".to_owned()), (customer, CrmState::Customer, "[]".to_owned())];
    engine.store(move |store| store.pills_set(&pills)).await.expect("pills");
    assert_eq!(next(&mut notices).await.message, customer);
    tokio::time::sleep(LOOK).await;
    assert!(notices.try_recv().is_err());
}

const MINUTES_OF_A_DAY: u16 = 24 * 60;

#[tokio::test]
async fn folders_are_told_of_by_their_switch_also_when_they_move_and_never_junk() {
    let (_folder, engine, account) = window().await;
    let seen = [
        ("INBOX", FolderRole::Inbox),
        ("Lists", FolderRole::Other),
        ("Lists/Rust", FolderRole::Other),
        ("Spam", FolderRole::Junk),
    ];
    let id = account.id;
    engine
        .store(move |store| store.folders_replace(id, &seen.map(|(path, role)| testkit::seen(path, role))))
        .await
        .expect("folders");
    let on = async |path: &str| {
        let folders = engine.folders().await.expect("folders");
        let folder = folders.iter().find(|folder| folder.path == path).expect("folder").clone();
        (engine.folders_told().await.expect("switches").on(&folder), folder.id)
    };
    assert!(on("INBOX").await.0 && !on("Lists/Rust").await.0);
    engine.folder_notify(on("INBOX").await.1, false).await.expect("off");
    engine.folder_notify(on("Lists/Rust").await.1, true).await.expect("on");
    assert!(!on("INBOX").await.0 && on("Lists/Rust").await.0);
    let junk = engine.folder_notify(on("Spam").await.1, true).await;
    assert_eq!(junk.expect_err("never").code(), "invalid_input");
    engine.folder_notify_moved(id, "Lists", "Lists2").await.expect("moved");
    assert!(!on("Lists/Rust").await.0, "what was chosen has gone with the folder");
    engine.folder_notify_moved(id, "Lists2/Rust", "Lists/Rust").await.expect("moved back");
    assert!(on("Lists/Rust").await.0);
    // Nothing of it stays behind with an account that is removed.
    engine.store(move |store| store.account_remove(id)).await.expect("gone");
    let left = engine.store(|store| store.settings()).await.expect("settings");
    assert!(left.iter().all(|(key, _)| !key.starts_with("notify.folder.")), "{left:?}");
}

#[tokio::test]
async fn a_choice_that_makes_no_sense_is_refused_and_a_stored_one_ignored() {
    let (folder, engine, account) = window().await;
    let settings = engine.settings().await.expect("settings");
    let quiet = Some(QuietHours { from: 1440, until: 0, weekends: false });
    let refused = engine.settings_set(Settings { notify: Notify { quiet, ..Notify::default() }, ..settings }).await;
    assert_eq!(refused.expect_err("refused").code(), "invalid_input");
    choose(&engine, Notify { muted: vec![account.id, AccountId(99)], ..Notify::default() }).await;
    engine.store(|store| store.setting_set("notify.quiet", "9999-x")).await.expect("set");
    engine.stop().await;
    drop(engine);
    let engine = Engine::start(Config { ..config(&folder) }).await.expect("engine");
    let notify = engine.settings().await.expect("settings").notify;
    assert_eq!(notify, Notify { muted: vec![account.id], ..Notify::default() });
}
