//! One mailbox with two sides: the engine on a profile of its own, and another mail program. Both act at random, the engine is
//! offline, ended and started again as chance has it; at rest both must agree, and agree with what was done.

mod acts;
mod agree;

pub use agree::{differences, folders, rows};

use crate::{
    imap::{Other, There},
    kit::Person,
    ledger::{Known, Ledger},
    number,
};
use clientele_engine::{
    AccountDraft, Clock, Config, Engine, PolicyFiles, Secret, SecretsConfig, Until,
    store::{SearchQuery, UndoToken},
};
use clientele_model::{AccountId, Endpoint, MessageId, Security};
use clientele_tests::world::PASSWORD;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// Folders that the other side makes and unmakes: the name on the wire.
const NAMES: [&str; 5] = ["Prosjekt", "Prosjekt/Alfa", "Kunder &AOU-", "R&-D", "Gammelt"];

/// What happened, for whoever has to find out why.
pub type Told = Arc<Mutex<Vec<String>>>;

pub struct Round {
    pub person: Person,
    pub random: StdRng,
    pub other: Other,
    pub ledger: Ledger,
    pub engine: Option<Engine>,
    pub account: AccountId,
    told: Told,
    /// Seconds that the engine's clock is ahead.
    ahead: Arc<AtomicI64>,
    mails: u32,
    undo: Vec<(UndoToken, String, Known)>,
    seed: u64,
}

/// Of the profile below `folder`, without tasks.
pub fn config(folder: &Path, authority: &Path) -> Config {
    Config {
        extra_ca: Some(std::fs::read(authority).unwrap()),
        secrets: SecretsConfig { keyring: false, passphrase: Some(Secret::new("a long passphrase")), memory: false },
        policy: Some(PolicyFiles { machine: folder.join("policy.toml"), beside: None }),
        tasks: false,
        logs: false,
        ..Config::new(folder.join("profile"))
    }
}

/// Connects a mailbox over TLS.
pub async fn connect(engine: &Engine, email: &str, imap: u16, smtp: u16, days: u32) -> AccountId {
    let server = |port| Endpoint { host: "localhost".into(), port, security: Security::Tls };
    let draft = AccountDraft {
        email: email.into(),
        name: "Kari Test".into(),
        incoming: server(imap),
        incoming_user: email.into(),
        incoming_password: Secret::new(PASSWORD),
        outgoing: server(smtp),
        outgoing_user: String::new(),
        outgoing_password: Secret::new(""),
        days,
        grant: None,
    };
    engine.account_add(draft).await.unwrap().id
}

impl Round {
    pub async fn new(seed: u64, told: Told) -> Round {
        let mut random = StdRng::seed_from_u64(seed);
        let person = Person::new();
        let mut other = Other::connect(person.world.ports().imap_plain, &person.email);
        for name in ["Prosjekt", "Gammelt"] {
            other.must(&format!("CREATE \"{name}\""));
        }
        let days = *[0, 60].choose(&mut random).unwrap();
        let mut round = Round {
            person,
            random,
            other,
            ledger: Ledger::default(),
            engine: None,
            account: AccountId(0),
            told,
            ahead: Arc::default(),
            mails: 0,
            undo: Vec::new(),
            seed,
        };
        for _ in 0..round.random.random_range(0..8) {
            round.arrive("INBOX");
        }
        round.start(false).await;
        let ports = round.person.world.ports().clone();
        round.account = connect(round.engine(), &round.person.email, ports.imaps, ports.smtps, days).await;
        round.say(format!("connected, {days} days"));
        round
    }

    pub fn say(&self, words: String) {
        self.told.lock().unwrap().push(words);
    }

    pub fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    pub async fn start(&mut self, tasks: bool) {
        let ahead = self.ahead.clone();
        let clock: Clock = Arc::new(move || jiff::Timestamp::now().as_second() + ahead.load(Ordering::Relaxed));
        let config =
            Config { clock: Some(clock), tasks, ..config(self.person.folder.path(), &self.person.world.ca_pem()) };
        self.engine = Some(Engine::start(config).await.unwrap());
    }

    pub async fn stop(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.stop().await;
        }
    }

    pub fn jump(&mut self) {
        let hours = self.random.random_range(-8..=8);
        self.say(format!("the clock jumps {hours} hours"));
        self.ahead.fetch_add(hours * 3600, Ordering::Relaxed);
    }

    /// One sync; what it meets is told, and is no fault while others act.
    pub async fn sync(&self) -> bool {
        let done = self.engine().sync_once(self.account, Until::Everything, Arc::new(|_, _, _| {})).await;
        let refused = self.engine().operations_refused().await.unwrap().len();
        let queued = self.engine().operations_queued(self.account).await.unwrap();
        self.say(format!("sync: {done:?}; {queued} queued, {refused} refused"));
        done.is_ok()
    }

    /// The engine syncs, and the other side acts meanwhile.
    pub async fn sync_meanwhile(&mut self) {
        let (engine, account) = (self.engine().clone(), self.account);
        let syncing = tokio::spawn(async move {
            engine.sync_once(account, Until::Everything, Arc::new(|_, _, _| {})).await.map(|_| ())
        });
        for _ in 0..self.random.random_range(1..6) {
            self.other_acts(false);
        }
        let done = syncing.await.unwrap();
        self.say(format!("sync meanwhile: {done:?}"));
    }

    /// Both come to rest: everything is told and fetched, and nothing is left over. Then both must agree.
    pub async fn settle(&mut self) {
        self.say("settle".into());
        let mut quiet = 0;
        for _ in 0..8 {
            let synced = self.sync().await;
            let told = self.engine().replay().await;
            for refused in self.engine().operations_refused().await.unwrap() {
                self.say(format!("refused: {refused:?}"));
                let word = refused.subject.trim_start_matches("About ").to_owned();
                let known = self.ledger.0.get(&format!("{word}@test.example"));
                assert!(
                    known.is_some_and(|known| known.by_other),
                    "refused, though nobody else touched it: {refused:?}"
                );
                self.engine().operation_discard(refused.id).await.unwrap();
            }
            let left = self.engine().operations_queued(self.account).await.unwrap();
            quiet = if synced && told.is_ok() && left == 0 { quiet + 1 } else { 0 };
            if quiet == 2 {
                break;
            }
        }
        assert_eq!(quiet, 2, "they do not come to rest");
        self.agree().await;
        self.undo.clear();
    }

    async fn agree(&mut self) {
        self.look_anew();
        let there = self.other.all();
        let mut wrong = differences(self.engine(), &there).await;
        for line in self.ledger.wrong(&there) {
            let _ = writeln!(wrong, "{line}");
        }
        wrong += &self.searched(&there).await;
        assert!(wrong.is_empty(), "{wrong}");
        self.ledger.settled(&there);
    }

    /// Search finds what is there and not what is gone; a mail that is found can be read.
    async fn searched(&self, there: &[(String, Vec<There>)]) -> String {
        let mut count: BTreeMap<&str, usize> = self.ledger.0.keys().map(|id| (id.as_str(), 0)).collect();
        for mail in there.iter().flat_map(|(_, mails)| mails) {
            *count.entry(&mail.message_id).or_default() += 1;
        }
        let mut wrong = String::new();
        for (id, count) in count {
            let word = id.split('@').next().unwrap();
            let query = SearchQuery { query: word.into(), limit: 50, ..SearchQuery::default() };
            let found: Vec<MessageId> =
                self.engine().search(query).await.unwrap().page.rows.iter().map(|row| row.id).collect();
            if found.len() != count {
                let _ = writeln!(wrong, "{word}: found {} times, is there {count} times", found.len());
            }
            if let Some(id) = found.first() {
                let raw = self.engine().raw(*id).await.unwrap();
                if !String::from_utf8_lossy(&raw).contains(word) {
                    let _ = writeln!(wrong, "{word}: found, and is another mail");
                }
            }
        }
        wrong
    }
}

/// Plays the rounds from a seed on, one after the other; prints the seed of each that fails and what happened before.
pub fn rounds(what: &str, usual: u64, play: impl AsyncFn(u64, Told)) {
    // One world for all.
    let _world = crate::kit::world();
    let (first, count) = (number("CLIENTELE_SEED", 1), number("CLIENTELE_ROUNDS", usual));
    let mut failed = Vec::new();
    for seed in first..first + count {
        let told = Told::default();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let round = std::panic::AssertUnwindSafe(|| runtime.block_on(play(seed, told.clone())));
        if std::panic::catch_unwind(round).is_err() {
            println!("{what}, seed {seed}:");
            for (number, line) in told.lock().unwrap().iter().enumerate() {
                println!("{number:4} {line}");
            }
            println!("to repeat: CLIENTELE_SEED={seed} CLIENTELE_ROUNDS=1");
            failed.push(seed);
        }
        runtime.shutdown_timeout(Duration::from_secs(5));
    }
    println!("{what}: {} of {count} rounds as they should be", count - failed.len() as u64);
    assert!(failed.is_empty(), "{what}: seeds {failed:?} failed");
}
