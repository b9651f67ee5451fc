//! Mails of a real store beside a real CRM: whose they are, their pills, and the way into the archive.
#![allow(clippy::unwrap_used)]

use clientele_crm::{
    Crm, CrmError, Embedded, PillKind, Reason, Record, archive,
    automatic::{self, Rules, Verdict},
    customer_of, refresh_pills,
    rule::{Rule, Skip},
};
use clientele_model::{AccountId, Address, Endpoint, FolderRole, MessageId, RecordKind, Security};
use clientele_store::{ArchiveState, CrmState, FolderSeen, NewAccount, NewMessage, Store};
use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tempfile::TempDir;

const NOW: i64 = 1_790_000_000;
const SEED: &str = r#"{
  "companies": [{"id": "c1", "name": "Fjordlys Energi AS", "domains": ["fjordlys.example"]}],
  "people": [{"id": "p1", "name": "Maja Lindqvist", "emails": ["maja@fjordlys.example"], "company": "c1"}],
  "sales": [
    {"id": "s1", "name": "Renewal 2027", "company": "c1", "open": true, "changed": 20},
    {"id": "s2", "name": "Spare parts", "company": "c1", "open": true, "changed": 10},
    {"id": "s3", "name": "Lost", "company": "c1", "open": false, "changed": 30}
  ]
}"#;
const RAW: &[u8] = b"From: Maja <maja@fjordlys.example>\r\nSubject: Tilbud\r\nMessage-ID: <a@x>\r\n\r\nHei Kari";

struct World {
    _folder: TempDir,
    store: Store,
    crm: Arc<dyn Crm>,
    account: AccountId,
}

impl World {
    fn new() -> World {
        let folder = TempDir::new().unwrap();
        let (store, _) = Store::open(folder.path()).unwrap();
        let crm = embedded(folder.path());
        let server = Endpoint { host: "mail.example".into(), port: 993, security: Security::Tls };
        let account = NewAccount {
            email: "kari@nord.example".into(),
            name: "Kari".into(),
            incoming: server.clone(),
            incoming_user: String::new(),
            outgoing: server,
            outgoing_user: String::new(),
            days: 0,
            oauth: None,
        };
        let account = store.account_add(&account).unwrap();
        let seen = [("INBOX", FolderRole::Inbox), ("Sent", FolderRole::Sent)].map(|(path, role)| FolderSeen {
            path: path.into(),
            name: path.into(),
            server_name: path.into(),
            role,
            selectable: true,
            ..FolderSeen::default()
        });
        store.folders_replace(account, &seen).unwrap();
        World { _folder: folder, store, crm: Arc::new(crm), account }
    }

    fn mail(&self, uid: u32, id: &str, answers: &str, from: &str, to: &[&str]) -> MessageId {
        self.with(uid, id, answers, from, to, RAW)
    }

    fn with(&self, uid: u32, id: &str, answers: &str, from: &str, to: &[&str], raw: &[u8]) -> MessageId {
        let own = from == "kari@nord.example";
        let role = if own { FolderRole::Sent } else { FolderRole::Inbox };
        let folder = self.store.folder_by_role(self.account, role).unwrap().unwrap().id;
        let mail = NewMessage {
            uid,
            date: NOW + i64::from(uid),
            message_id: id.into(),
            references: vec![answers.to_owned()],
            subject: "Tilbud".into(),
            from: Address::new("", from),
            to: to.iter().map(|to| Address::new("", *to)).collect(),
            raw: Some(raw.to_vec().into()),
            ..NewMessage::default()
        };
        self.store.messages_insert(self.account, folder, vec![mail]).unwrap()[0].id
    }

    async fn pills(&self, id: MessageId) -> (CrmState, Vec<(PillKind, String)>) {
        while !refresh_pills(&self.store, self.crm.clone(), 2).await.unwrap().is_empty() {}
        let row = self.store.row(id).unwrap();
        let pills: Vec<clientele_crm::Pill> = serde_json::from_str(&row.pills).unwrap();
        (row.crm, pills.into_iter().map(|pill| (pill.kind, pill.text)).collect())
    }

    /// Works the queue off; gives how often the mail's bytes were asked for.
    async fn work(&self, now: i64, raw: Option<&'static [u8]>) -> u32 {
        let asked = AtomicU32::new(0);
        loop {
            let bytes = |_| {
                asked.fetch_add(1, Ordering::Relaxed);
                async move { raw.map(Arc::from) }
            };
            if archive::run_once(&self.store, self.crm.clone(), now, bytes).await.unwrap().is_none() {
                return asked.into_inner();
            }
        }
    }
}

fn embedded(folder: &Path) -> Embedded {
    let crm = Embedded::open(&folder.join("crm.db")).unwrap();
    crm.import(&serde_json::from_str(SEED).unwrap()).unwrap();
    crm
}

#[tokio::test]
async fn a_conversation_inherits_what_it_was_archived_on() {
    let world = World::new();
    let first = world.mail(1, "a@x", "", "maja@fjordlys.example", &["kari@nord.example"]);
    let found = customer_of(&world.store, world.crm.clone(), first).await.unwrap();
    assert_eq!(found.participants.len(), 1, "oneself is left out");
    let sale = found.suggestions.iter().find(|one| one.record.kind == RecordKind::Sale).unwrap();
    assert_eq!((sale.record.id.as_str(), sale.reason), ("s1", Reason::LatestSale));
    assert_eq!(world.pills(first).await.1, [(PillKind::Company, "Fjordlys Energi AS".into())], "two sales: no guess");

    let spare = Record::new(RecordKind::Sale, "s2", "");
    let row = archive::queue(&world.store, world.crm.clone(), first, vec![spare], "kari", NOW).await.unwrap();
    assert_eq!((row.state, row.already), (ArchiveState::Queued, false));
    world.store.pills_reset_for(&["a@x".into()]).unwrap();
    assert_eq!(world.pills(first).await.1, [(PillKind::Queued, String::new()), (PillKind::Sale, "Spare parts".into())]);
    assert_eq!(world.work(NOW, Some(RAW)).await, 1);

    // The answer, also to someone unknown: the sale of the conversation, not the latest.
    let answer = world.mail(1, "b@x", "a@x", "kari@nord.example", &["ny@ukjent.example"]);
    let found = customer_of(&world.store, world.crm.clone(), answer).await.unwrap();
    assert!(found.suggestions.iter().any(|one| one.record.id == "s2" && one.reason == Reason::Thread && one.selected));
    world.store.pills_reset().unwrap();
    assert_eq!(world.pills(answer).await, (CrmState::Customer, vec![(PillKind::Sale, "Spare parts".into())]));
    assert_eq!(world.pills(first).await.1[0].0, PillKind::Archived);
}

#[tokio::test]
async fn archived_once_whoever_asks_and_taken_back() {
    let world = World::new();
    let id = world.mail(1, "a@x", "", "maja@fjordlys.example", &["kari@nord.example"]);
    let queue = || archive::queue(&world.store, world.crm.clone(), id, Vec::new(), "kari", NOW);
    let row = queue().await.unwrap();
    assert_eq!(row.records.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["c1", "p1"]);
    assert_eq!(queue().await.unwrap().id, row.id);
    world.work(NOW, Some(RAW)).await;
    assert!(queue().await.unwrap().already);
    assert_eq!(world.work(NOW, Some(RAW)).await, 0, "nothing is queued again");
    let activities = |crm: &Arc<dyn Crm>| crm.activities(RecordKind::Company, "c1", 10).unwrap();
    assert_eq!(activities(&world.crm)[0].title, "Tilbud");

    // Another computer of the same person: the CRM has the mail, and says so.
    world.store.archive_remove(row.id).unwrap();
    let row = queue().await.unwrap();
    world.work(NOW, Some(RAW)).await;
    assert!(world.store.archive(row.id).unwrap().already);
    assert_eq!(activities(&world.crm).len(), 1);
    archive::undo(&world.store, world.crm.clone(), row.id).await.unwrap();
    assert_eq!(activities(&world.crm).len(), 1, "what was there before stays");
}

#[tokio::test]
async fn a_mail_whose_bytes_are_not_here_waits() {
    let world = World::new();
    let id = world.mail(1, "a@x", "", "maja@fjordlys.example", &["kari@nord.example"]);
    let row = archive::queue(&world.store, world.crm.clone(), id, Vec::new(), "kari", NOW).await.unwrap();
    assert_eq!(world.work(NOW, None).await, 1);
    assert_eq!(world.store.archive(row.id).unwrap().state, ArchiveState::Queued);
    assert!(world.store.archive_due().unwrap().unwrap() > NOW);
    // However long: the mail is here, only its body is not.
    for hour in 1..=20 {
        world.work(NOW + hour * 3600, None).await;
    }
    assert_eq!(world.store.archive(row.id).unwrap().state, ArchiveState::Queued);
    world.work(NOW + 21 * 3600, Some(RAW)).await;
    assert_eq!(world.store.archive(row.id).unwrap().state, ArchiveState::Done);
    archive::undo(&world.store, world.crm.clone(), row.id).await.unwrap();
    assert!(world.crm.activities(RecordKind::Company, "c1", 10).unwrap().is_empty());
}

#[tokio::test]
async fn strangers_are_said_to_be_strangers() {
    let world = World::new();
    let id = world.mail(1, "a@x", "", "ola@ukjent.example", &["kari@nord.example"]);
    assert_eq!(world.pills(id).await, (CrmState::NotInCrm, vec![(PillKind::NotInCrm, String::new())]));
    let nothing = archive::queue(&world.store, world.crm.clone(), id, Vec::new(), "kari", NOW).await;
    assert!(matches!(nothing, Err(CrmError::NoRecord)), "{nothing:?}");
    let free = world.mail(2, "b@x", "", "maja.l@gmail.com", &["kari@nord.example"]);
    let found = customer_of(&world.store, world.crm.clone(), free).await.unwrap();
    assert!(found.participants[0].might_work_at.is_empty() && found.suggestions.is_empty());
    let colleague = world.mail(3, "c@x", "", "per@fjordlys.example", &["kari@nord.example"]);
    let found = customer_of(&world.store, world.crm.clone(), colleague).await.unwrap();
    assert_eq!(found.participants[0].might_work_at[0].id, "c1");
    assert_eq!(found.suggestions[0].reason, Reason::Domain);
}

#[test]
fn found_by_address_and_restored_after_damage() {
    let folder = TempDir::new().unwrap();
    let crm = embedded(folder.path());
    let search = |crm: &Embedded, query: &str| -> Vec<String> {
        clientele_crm::Directory::search(crm, query, 10).unwrap().into_iter().map(|one| one.id).collect()
    };
    assert_eq!(search(&crm, "maja@fjordlys.example"), ["p1"]);
    assert_eq!(search(&crm, "fjordl"), ["c1", "p1"]);
    crm.backup_if_due(NOW).unwrap();
    drop(crm);
    let path = folder.path().join("crm.db");
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len();
    bytes[4096..end].fill(0xff);
    fs::write(&path, bytes).unwrap();
    assert!(matches!(Embedded::open(&path), Err(CrmError::Damaged)));
    clientele_store::restore(folder.path(), &folder.path().join("backups/crm-1.db")).unwrap();
    assert_eq!(search(&Embedded::open(&path).unwrap(), "maja"), ["p1"]);
    assert!(folder.path().join("crm.db.damaged-1").exists());
}

#[tokio::test]
async fn taken_back_also_while_it_waits_for_one_record_more_or_its_answer_was_lost() {
    let world = World::new();
    let id = world.mail(1, "a@x", "", "maja@fjordlys.example", &["kari@nord.example"]);
    let on = |kind, id: &str| vec![Record::new(kind, id, "")];
    let queue = |records| archive::queue(&world.store, world.crm.clone(), id, records, "kari", NOW);
    let there = || world.crm.activities(RecordKind::Company, "c1", 10).unwrap().len();
    let row = queue(on(RecordKind::Company, "c1")).await.unwrap();
    world.work(NOW, Some(RAW)).await;
    assert_eq!(there(), 1);
    let again = queue(on(RecordKind::Sale, "s2")).await.unwrap();
    assert_eq!((again.id, again.state), (row.id, ArchiveState::Queued));
    archive::undo(&world.store, world.crm.clone(), row.id).await.unwrap();
    assert_eq!(there(), 0, "what is not ticked is not there");

    // The CRM had it, and nobody here heard of that.
    queue(on(RecordKind::Company, "c1")).await.unwrap();
    world.work(NOW, Some(RAW)).await;
    let row = world.store.archived("a@x").unwrap().unwrap();
    world.store.archive_remove(row.id).unwrap();
    let row = queue(on(RecordKind::Company, "c1")).await.unwrap();
    world.store.archive_begun(row.id, NOW).unwrap();
    archive::undo(&world.store, world.crm.clone(), row.id).await.unwrap();
    assert_eq!(there(), 0);

    // A colleague's stays, with a record more too.
    queue(on(RecordKind::Company, "c1")).await.unwrap();
    world.work(NOW, Some(RAW)).await;
    let row = world.store.archived("a@x").unwrap().unwrap();
    world.store.archive_remove(row.id).unwrap();
    let row = queue(on(RecordKind::Company, "c1")).await.unwrap();
    world.work(NOW, Some(RAW)).await;
    queue(on(RecordKind::Sale, "s2")).await.unwrap();
    archive::undo(&world.store, world.crm.clone(), row.id).await.unwrap();
    assert_eq!(there(), 1);
}

#[tokio::test]
async fn a_row_that_goes_during_the_upload_does_not_end_the_run() {
    let world = World::new();
    let id = world.mail(1, "a@x", "", "maja@fjordlys.example", &["kari@nord.example"]);
    let row = archive::queue(&world.store, world.crm.clone(), id, Vec::new(), "kari", NOW).await.unwrap();
    // While its mail is fetched: nothing is uploaded.
    let raw = |_| {
        world.store.archive_remove(row.id).unwrap();
        async { Some(Arc::from(RAW)) }
    };
    let ran = archive::run_once(&world.store, world.crm.clone(), NOW, raw).await;
    assert!(matches!(ran, Ok(None)), "{ran:?}");
    assert!(world.crm.activities(RecordKind::Company, "c1", 10).unwrap().is_empty());
    // Once the CRM is asked.
    archive::queue(&world.store, world.crm.clone(), id, Vec::new(), "kari", NOW).await.unwrap();
    let other = rusqlite::Connection::open(world._folder.path().join("local.db")).unwrap();
    let gone = "CREATE TRIGGER gone AFTER UPDATE OF begun ON archive WHEN new.begun
        BEGIN DELETE FROM archive WHERE id = new.id; END";
    other.execute_batch(gone).unwrap();
    let ran = archive::run_once(&world.store, world.crm.clone(), NOW, |_| async { Some(Arc::from(RAW)) }).await;
    assert!(matches!(ran, Ok(Some(_))), "{ran:?}");
    assert!(world.crm.activities(RecordKind::Company, "c1", 10).unwrap().is_empty(), "it was taken back");
}

fn following(excluded: &[&str]) -> Arc<Rules> {
    Arc::new(Rules {
        excluded: excluded.iter().map(|one| (*one).to_owned()).collect(),
        follow: true,
        ..Rules::default()
    })
}

#[tokio::test]
async fn a_conversation_does_not_take_what_no_rule_may_take() {
    let world = World::new();
    let first = world.mail(1, "a@x", "", "maja@fjordlys.example", &["kari@nord.example"]);
    archive::queue(&world.store, world.crm.clone(), first, Vec::new(), "kari", NOW).await.unwrap();
    world.work(NOW, Some(RAW)).await;
    let weigh = async |id, rules| automatic::weigh(&world.store, world.crm.clone(), rules, id).await.unwrap().1;
    let answer = world.mail(2, "b@x", "a@x", "maja@fjordlys.example", &["kari@nord.example"]);
    assert!(matches!(weigh(answer, following(&[])).await, Verdict::Follow(_)));
    assert_eq!(weigh(answer, following(&["fjordlys.example"])).await, Verdict::Skip(Skip::Excluded));
    let inside = world.mail(3, "c@x", "a@x", "per@nord.example", &["kari@nord.example"]);
    assert_eq!(weigh(inside, following(&[])).await, Verdict::Skip(Skip::Internal));
    let away = b"Auto-Submitted: auto-replied\r\nMessage-ID: <d@x>\r\n\r\nAway";
    let away = world.with(4, "d@x", "a@x", "maja@fjordlys.example", &["kari@nord.example"], away);
    assert_eq!(weigh(away, following(&[])).await, Verdict::Skip(Skip::Automatic));
}

fn rule(records: &[Record]) -> Arc<Rules> {
    let rule = Rule { records: records.to_vec(), ..Rule::default() };
    Arc::new(Rules { rules: vec![(rule, 0)], ..Rules::default() })
}

#[tokio::test]
async fn a_rule_files_a_mail_where_the_rule_says() {
    let world = World::new();
    let more = r#"{"companies": [{"id": "c2", "name": "Bergland", "domains": ["bergland.example"]}],
        "people": [{"id": "p2", "name": "Ola", "emails": ["ola@bergland.example"], "company": "c2"}]}"#;
    embedded(world._folder.path()).import(&serde_json::from_str(more).unwrap()).unwrap();
    // Sent to both; the rule is about the second of them.
    let to = ["ola@bergland.example", "maja@fjordlys.example"];
    let sent = world.mail(1, "a@x", "", "kari@nord.example", &to);
    let wanted = [Record::new(RecordKind::Company, "c1", "Fjordlys Energi AS")];
    let taken = automatic::weigh(&world.store, world.crm.clone(), rule(&wanted), sent).await.unwrap().1;
    let Verdict::Take(on) = taken else { panic!("{taken:?}") };
    assert!(on.iter().any(|one| one.id == "c1"), "{on:?}");
}

#[tokio::test]
async fn the_only_open_sale_of_several_companies_is_no_sure_guess() {
    let world = World::new();
    let more = r#"{"companies": [{"id": "c2", "name": "Berg", "domains": ["two.example"]},
            {"id": "c3", "name": "Berg Nord", "domains": ["two.example"]}],
        "sales": [{"id": "s9", "name": "Only", "company": "c2", "open": true, "changed": 20}]}"#;
    embedded(world._folder.path()).import(&serde_json::from_str(more).unwrap()).unwrap();
    let id = world.mail(1, "a@x", "", "per@two.example", &["kari@nord.example"]);
    let found = customer_of(&world.store, world.crm.clone(), id).await.unwrap();
    assert!(found.suggestions.iter().any(|one| one.record.id == "s9"));
    assert!(found.suggestions.iter().all(|one| !one.selected), "{:?}", found.suggestions);
    let all = Arc::new(Rules { rules: vec![(Rule::default(), 0)], ..Rules::default() });
    let verdict = automatic::weigh(&world.store, world.crm.clone(), all, id).await.unwrap().1;
    assert_eq!(verdict, Verdict::Skip(Skip::Several));
}
