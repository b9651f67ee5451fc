//! A mailbox with the engine on one side and another mail program on the other, and what must be so when both rest.

use crate::{
    kit::Person,
    other::{Other, There},
};
use clientele_engine::{
    AccountDraft, Clock, Config, Engine, EngineError, PolicyFiles, Secret, SecretsConfig, Until,
    store::{Filter, Folder, ListQuery, Row, Scope},
};
use clientele_model::{AccountId, Endpoint, Security};
use clientele_tests::world::PASSWORD;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

pub struct Mailbox {
    pub person: Person,
    pub engine: Engine,
    pub account: AccountId,
    /// Seconds that the engine's clock is ahead.
    ahead: Arc<AtomicI64>,
    config: Config,
}

/// The settings of a program without a window on the person's profile.
pub fn config(person: &Person) -> Config {
    Config {
        extra_ca: Some(std::fs::read(person.world.ca_pem()).unwrap()),
        secrets: SecretsConfig { keyring: false, passphrase: Some(Secret::new("a long passphrase")), memory: false },
        policy: Some(PolicyFiles { machine: person.folder.path().join("policy.toml"), beside: None }),
        tasks: false,
        logs: false,
        ..Config::new(person.profile())
    }
}

/// With a clock that a test can push forward.
pub fn clock(config: Config, ahead: &Arc<AtomicI64>) -> Config {
    let ahead = ahead.clone();
    let clock: Clock = Arc::new(move || jiff::Timestamp::now().as_second() + ahead.load(Ordering::Relaxed));
    Config { clock: Some(clock), ..config }
}

pub async fn connect(engine: &Engine, person: &Person, imap: u16, security: Security, days: u32) -> AccountId {
    let server = |port, security| Endpoint { host: "localhost".into(), port, security };
    let draft = AccountDraft {
        email: person.email.clone(),
        name: "Kari Test".into(),
        incoming: server(imap, security),
        incoming_user: person.email.clone(),
        incoming_password: Secret::new(PASSWORD),
        outgoing: server(person.world.ports().smtps, Security::Tls),
        outgoing_user: String::new(),
        outgoing_password: Secret::new(""),
        days,
        grant: None,
    };
    engine.account_add(draft).await.unwrap().id
}

impl Mailbox {
    /// All mail is wanted; no tasks run.
    pub async fn new(person: Person, imap: u16, security: Security) -> Mailbox {
        Mailbox::with(person, imap, security, |_| {}).await
    }

    /// With other settings.
    pub async fn with(person: Person, imap: u16, security: Security, change: impl FnOnce(&mut Config)) -> Mailbox {
        let ahead = Arc::default();
        let mut config = clock(config(&person), &ahead);
        change(&mut config);
        let engine = Engine::start(config.clone()).await.unwrap();
        let account = connect(&engine, &person, imap, security, 0).await;
        Mailbox { person, engine, account, ahead, config }
    }

    /// Over TLS, straight to Dovecot.
    pub async fn straight(person: Person) -> Mailbox {
        let port = person.world.ports().imaps;
        Mailbox::new(person, port, Security::Tls).await
    }

    /// The program ends and starts again.
    pub async fn again(&mut self, tasks: bool) {
        self.try_again(tasks).await.unwrap();
    }

    pub async fn try_again(&mut self, tasks: bool) -> Result<(), EngineError> {
        self.engine.stop().await;
        self.engine = Engine::start(Config { tasks, ..self.config.clone() }).await?;
        Ok(())
    }

    pub fn wait(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }

    pub async fn sync(&self) -> Result<usize, EngineError> {
        self.engine.sync_once(self.account, Until::Everything, Arc::new(|_, _, _| {})).await
    }

    /// Until nothing is left to be told and fetched.
    pub async fn settle(&self) {
        let mut last = String::new();
        for _ in 0..8 {
            // What was put off is due.
            self.wait(700);
            let synced = self.sync().await;
            let told = self.engine.replay().await;
            let refused = self.engine.operations_refused().await.unwrap();
            assert!(refused.is_empty(), "{refused:?}");
            let left = self.engine.operations_queued(self.account).await.unwrap();
            if synced.is_ok() && told.is_ok() && left == 0 && matches!(self.sync().await, Ok(0)) {
                return;
            }
            last = format!("sync {synced:?}, replay {told:?}, {left} left");
        }
        panic!("it does not come to rest: {last}; {:?} {:?}", self.waiting(), self.folders().await);
    }

    /// What is queued, and where it waits for.
    fn waiting(&self) -> Vec<String> {
        let db = self.person.database("local.db");
        let mut query = db
            .prepare(
                "SELECT json_array(id, message, message_id, kind, path, uid_validity, uid, to_path, state, detail, attempts, next_try)
                 FROM operation",
            )
            .unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    pub async fn folders(&self) -> Vec<Folder> {
        self.engine.folders().await.unwrap().into_iter().filter(|folder| folder.selectable).collect()
    }

    #[track_caller]
    pub fn folder<'a>(folders: &'a [Folder], server_name: &str) -> &'a Folder {
        folders.iter().find(|folder| folder.server_name == server_name).unwrap_or_else(|| panic!("no {server_name}"))
    }

    /// All rows of a folder.
    pub async fn rows(&self, folder: &Folder) -> Vec<Row> {
        let mut query = ListQuery { scope: Scope::Folder(folder.id), filter: Filter::All, after: None, limit: 200 };
        let mut rows = Vec::new();
        loop {
            let page = self.engine.list(query.clone()).await.unwrap().page;
            rows.extend(page.rows);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return rows,
            }
        }
    }

    /// The inbox's rows.
    pub async fn inbox(&self) -> Vec<Row> {
        let folders = self.folders().await;
        self.rows(Mailbox::folder(&folders, "INBOX")).await
    }

    pub fn other(&self) -> Other {
        Other::connect(self.person.world.ports().imap_plain, &self.person.email)
    }

    /// What is here is what is there: folders, mails, their flags, and the counts. Gives where each mail is.
    #[track_caller]
    pub fn agrees(&self, here: &[(Folder, Vec<Row>)]) -> BTreeMap<String, Vec<Place>> {
        let there = self.other().all();
        let names = |names: Vec<&String>| names.into_iter().cloned().collect::<BTreeSet<String>>();
        assert_eq!(
            names(here.iter().map(|(folder, _)| &folder.server_name).collect()),
            names(there.iter().map(|(name, _)| name).collect())
        );
        let mut places: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        for (name, mails) in &there {
            let (folder, rows) = here.iter().find(|(folder, _)| folder.server_name == *name).unwrap();
            let mut ours: Vec<(String, BTreeSet<String>)> =
                rows.iter().map(|row| (row.message_id.clone(), flags(row))).collect();
            let mut theirs: Vec<_> = mails.iter().map(|mail| (mail.message_id.clone(), shown(mail))).collect();
            ours.sort();
            theirs.sort();
            assert_eq!(ours, theirs, "{name}: here and there");
            let unread = mails.iter().filter(|mail| !mail.flags.contains("\\Seen")).count();
            assert_eq!((folder.total as usize, folder.unread as usize), (mails.len(), unread), "{name} is counted");
            for (id, flags) in theirs {
                places.entry(id).or_default().push(Place { folder: name.clone(), flags });
            }
        }
        places
    }

    pub async fn agreed(&self) -> BTreeMap<String, Vec<Place>> {
        let mut here = Vec::new();
        for folder in self.folders().await {
            let rows = self.rows(&folder).await;
            here.push((folder, rows));
        }
        self.agrees(&here)
    }

    pub async fn stop(self) {
        self.engine.stop().await;
    }
}

/// Where a mail is on the server, and how it is marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub folder: String,
    pub flags: BTreeSet<String>,
}

const SHOWN: [&str; 6] = ["\\Seen", "\\Flagged", "\\Answered", "$Forwarded", "\\Draft", "\\Deleted"];

fn flags(row: &Row) -> BTreeSet<String> {
    let flags = &row.flags;
    let set = [flags.seen, flags.flagged, flags.answered, flags.forwarded, flags.draft, flags.deleted];
    SHOWN.into_iter().zip(set).filter(|(_, set)| *set).map(|(name, _)| name.to_owned()).collect()
}

fn shown(mail: &There) -> BTreeSet<String> {
    mail.flags.iter().filter(|flag| SHOWN.contains(&flag.as_str())).cloned().collect()
}

/// Looks again until it is so, at most `within`; gives how long it took.
pub async fn until(what: &str, within: Duration, mut so: impl AsyncFnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < within, "{what} did not come about");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    begun.elapsed()
}
