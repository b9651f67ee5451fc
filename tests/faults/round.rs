//! One mailbox with two sides: the engine on a profile of its own, and another mail program. Both act at random, the engine is
//! offline, ended and started again as chance has it; at rest both must agree, and agree with what was done.

use crate::{
    imap::{Other, There},
    kit::{Person, mail},
    ledger::{FLAGS, Known, Ledger},
    number,
};
use clientele_engine::{
    AccountDraft, Clock, Config, Engine, EngineError, PolicyFiles, Secret, SecretsConfig, Until,
    store::{Filter, Folder, ListQuery, Row, Scope, SearchQuery, UndoToken},
};
use clientele_model::{AccountId, Action, Endpoint, FolderRole, MessageId, Security};
use clientele_tests::world::PASSWORD;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use std::{
    collections::{BTreeMap, BTreeSet},
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

    /// A mail comes to a folder; its subject and body have a word that no other mail has.
    pub fn arrive(&mut self, folder: &str) {
        self.mails += 1;
        let word = format!("w{}q{}", self.mails, self.seed);
        let raw = mail("Anna Berg <anna@kunde.example>", &self.person.email, &format!("About {word}"), &word);
        let text = String::from_utf8(raw).unwrap();
        // The word is the Message-ID too.
        let (before, after) = text.split_once("Message-ID: <").unwrap();
        let raw = format!("{before}Message-ID: <{word}{}", &after[after.find('@').unwrap()..]);
        let id = format!("{word}@test.example");
        let flags: BTreeSet<String> =
            FLAGS.iter().filter(|_| self.random.random_bool(0.2)).map(|flag| (*flag).into()).collect();
        let said = flags.iter().cloned().collect::<Vec<_>>().join(" ");
        if self.other.append(folder, &said, raw.as_bytes()) {
            self.say(format!("other: {id} arrives in {folder} ({said})"));
            self.ledger.appended(&id, folder, flags);
        }
    }

    /// The other side does something. `alone`: the engine does nothing meanwhile.
    pub fn other_acts(&mut self, alone: bool) {
        let folders = self.other.folders();
        let folder = if self.random.random_bool(0.5) {
            "INBOX".to_owned()
        } else {
            folders.choose(&mut self.random).unwrap().clone()
        };
        let target = folders.choose(&mut self.random).unwrap().clone();
        let choice = self.random.random_range(0..if alone { 100 } else { 80 });
        if choice < 25 {
            return self.arrive(&folder);
        }
        let there = self.other.mails(&folder);
        match choice {
            25..80 => {
                let Some(mail) = there.choose(&mut self.random).cloned() else { return };
                self.other_changes(choice, &folder, &target, &mail);
            }
            80..86 => {
                let name = NAMES.choose(&mut self.random).unwrap();
                let made = self.other.run(&format!("CREATE \"{name}\"")).is_ok();
                self.say(format!("other: creates {name}: {made}"));
            }
            86..91 => {
                let Some(name) = NAMES.choose(&mut self.random).filter(|name| folders.iter().any(|one| one == *name))
                else {
                    return;
                };
                let to = NAMES.choose(&mut self.random).unwrap();
                self.rename(name, to, &folders);
            }
            91..95 => {
                let Some(name) = NAMES.choose(&mut self.random).filter(|name| folders.iter().any(|one| one == *name))
                else {
                    return;
                };
                let below = format!("{name}/");
                if folders.iter().any(|folder| folder.starts_with(&below)) {
                    // Dovecot lists what is left of such a one as a folder that can be opened, which it cannot.
                    return;
                }
                let there = self.other.mails(name);
                self.other.close();
                if self.other.run(&format!("DELETE \"{name}\"")).is_ok() {
                    self.say(format!("other: deletes {name} with {} mails", there.len()));
                    self.ledger.folder(name, &there, None);
                }
            }
            _ => self.number_anew(&folder),
        }
    }

    fn rename(&mut self, name: &str, to: &str, folders: &[String]) {
        let below = format!("{name}/");
        let inside: Vec<(String, Vec<There>)> = folders
            .iter()
            .filter(|folder| *folder == name || folder.starts_with(&below))
            .map(|folder| (folder.clone(), self.other.mails(folder)))
            .collect();
        self.other.close();
        if name != to && self.other.run(&format!("RENAME \"{name}\" \"{to}\"")).is_ok() {
            self.say(format!("other: renames {name} to {to}"));
            for (folder, there) in inside {
                let new = format!("{to}{}", &folder[name.len()..]);
                self.ledger.folder(&folder, &there, Some(&new));
            }
        }
    }

    fn number_anew(&mut self, folder: &str) {
        self.other.close();
        let validity = (1_900_000_000 + self.random.random_range(0..90_000_000)).to_string();
        // doveadm takes names as people read them.
        let name = folder.replace("&AOU-", "å").replace("&-", "&");
        let user = self.person.email.clone();
        let done = self.person.world.doveadm(&["mailbox", "update", "-u", &user, "--uid-validity", &validity, &name]);
        self.say(format!("other: {folder} is numbered anew ({validity}): {done:?}"));
        self.look_anew();
    }

    /// Dovecot hangs up on who has a folder open that is numbered anew.
    fn look_anew(&mut self) {
        self.other = Other::connect(self.person.world.ports().imap_plain, &self.person.email);
    }

    fn other_changes(&mut self, choice: u32, folder: &str, target: &str, mail: &There) {
        let (id, uid) = (mail.message_id.clone(), mail.uid);
        match choice {
            25..50 => {
                let flag = *FLAGS.choose(&mut self.random).unwrap();
                let on = self.random.random_bool(0.5);
                let sign = if on { '+' } else { '-' };
                let answer = self.other.run(&format!("UID STORE {uid} {sign}FLAGS ({flag})"));
                if answer.lines.iter().any(|line| line.contains(&format!("UID {uid} "))) {
                    self.say(format!("other: {sign}{flag} on {id} in {folder}"));
                    self.ledger.other(&id, |place| {
                        if on {
                            place.flags.insert(flag.into())
                        } else {
                            place.flags.remove(flag)
                        };
                    });
                }
            }
            50..64 => {
                let answer = self.other.run(&format!("UID MOVE {uid} \"{target}\""));
                if answer.lines.iter().any(|line| line.contains("COPYUID")) {
                    self.say(format!("other: moves {id} from {folder} to {target}"));
                    self.ledger.other(&id, |place| place.folder = target.into());
                    self.ledger.0.entry(id).or_default().moves.1 += 1;
                }
            }
            64..70 => {
                let answer = self.other.run(&format!("UID COPY {uid} \"{target}\""));
                if answer.end.contains("COPYUID") {
                    self.say(format!("other: copies {id} from {folder} to {target}"));
                    self.ledger.other(&id, |_| {});
                    if let Some(known) = self.ledger.0.get_mut(&id) {
                        known.copies += 1;
                        known.place = None;
                    }
                }
            }
            _ => {
                if self.other.expunge(uid) {
                    self.say(format!("other: removes {id} from {folder}"));
                    self.ledger.other(&id, |_| {});
                    if let Some(known) = self.ledger.0.get_mut(&id) {
                        known.copies -= 1;
                        known.place = None;
                    }
                } else {
                    // It went elsewhere meanwhile, perhaps marked.
                    self.ledger.other(&id, |_| {});
                }
            }
        }
    }

    /// A person does something here.
    pub async fn we_act(&mut self) {
        if self.random.random_bool(0.1)
            && let Some((token, id, before)) = self.undo.pop()
        {
            let undone = self.engine().undo(token).await;
            self.say(format!("we: undo on {id}: {undone:?}"));
            match undone {
                Ok(_) => {
                    let other = self.ledger.0.get(&id).is_some_and(|known| known.by_other);
                    let known = Known { by_us: true, ..before };
                    if other { self.ledger.us(&id, |_| {}) } else { drop(self.ledger.0.insert(id, known)) }
                }
                Err(EngineError::Store(clientele_engine::store::StoreError::TooLateToUndo)) => {}
                Err(error) => panic!("undo: {error}"),
            }
            return;
        }
        let folders = folders(self.engine()).await;
        if folders.is_empty() {
            return;
        }
        let from = if self.random.random_bool(0.5) { &folders[0] } else { folders.choose(&mut self.random).unwrap() };
        let rows = rows(self.engine(), from).await;
        let Some(row) = rows.choose(&mut self.random) else { return };
        let target = folders.choose(&mut self.random).unwrap();
        let action = match self.random.random_range(0..14) {
            0 => Action::Read,
            1 => Action::Unread,
            2 => Action::Flag,
            3 => Action::Unflag,
            4 => Action::Done,
            5 => Action::Junk,
            6 | 7 => Action::Delete,
            8 => Action::AddKeyword { keyword: "Kunde".into() },
            9 => Action::RemoveKeyword { keyword: "Kunde".into() },
            10 => Action::Copy { folder: target.id },
            _ => Action::Move { folder: target.id },
        };
        self.act(row, from, &folders, action).await;
    }

    async fn act(&mut self, row: &Row, from: &Folder, folders: &[Folder], action: Action) {
        let id = row.message_id.clone();
        let before = self.ledger.0.get(&id).cloned().unwrap_or_default();
        let operated = match self.engine().operate(vec![row.id], action.clone()).await {
            Ok(operated) => operated,
            // The tasks may have found the mail or its folder gone meanwhile.
            Err(error) => return self.say(format!("we: {action:?} on {id}: {error}")),
        };
        self.say(format!("we: {action:?} on {id} ({}) in {}: {}", row.id, from.server_name, operated.count));
        if operated.count == 0 {
            return;
        }
        let to_role = |role| folders.iter().find(|folder| folder.role == role).map(|folder| folder.server_name.clone());
        let set = |flag: &'static str, on: bool| {
            move |place: &mut crate::ledger::Place| {
                if on {
                    place.flags.insert(flag.into())
                } else {
                    place.flags.remove(flag)
                };
            }
        };
        let to = match &action {
            Action::Read => return self.done(id, before, operated.undo, set("\\Seen", true)),
            Action::Unread => return self.done(id, before, operated.undo, set("\\Seen", false)),
            Action::Flag => return self.done(id, before, operated.undo, set("\\Flagged", true)),
            Action::Unflag => return self.done(id, before, operated.undo, set("\\Flagged", false)),
            Action::Done => to_role(FolderRole::Done),
            Action::Junk => to_role(FolderRole::Junk),
            Action::Delete if from.role == FolderRole::Trash => {
                self.done(id.clone(), before, operated.undo, |_| {});
                if let Some(known) = self.ledger.0.get_mut(&id) {
                    known.removals += 1;
                    known.place = None;
                }
                return;
            }
            Action::Delete => to_role(FolderRole::Trash),
            Action::Move { folder } => {
                folders.iter().find(|one| one.id == *folder).map(|folder| folder.server_name.clone())
            }
            Action::AddKeyword { .. } => return self.done(id, before, operated.undo, set("Kunde", true)),
            Action::RemoveKeyword { .. } => return self.done(id, before, operated.undo, set("Kunde", false)),
            Action::Copy { .. } => {
                self.done(id.clone(), before, operated.undo, |_| {});
                if let Some(known) = self.ledger.0.get_mut(&id) {
                    known.doubles += 1;
                    known.place = None;
                }
                return;
            }
        };
        let to = to.unwrap();
        if !self.other.folders().contains(&to) {
            // The other side took it away: the mail stays where it is.
            self.ledger.other(&id, |_| {});
        }
        self.done(id.clone(), before, operated.undo, |place| place.folder = to);
        self.ledger.0.entry(id).or_default().moves.0 += 1;
    }

    fn done(
        &mut self,
        id: String,
        before: Known,
        undo: Option<UndoToken>,
        change: impl FnOnce(&mut crate::ledger::Place),
    ) {
        self.ledger.us(&id, change);
        self.undo.extend(undo.map(|token| (token, id, before)));
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

/// Those that hold mail.
pub async fn folders(engine: &Engine) -> Vec<Folder> {
    engine.folders().await.unwrap().into_iter().filter(|folder| folder.selectable).collect()
}

/// All rows of a folder.
pub async fn rows(engine: &Engine, folder: &Folder) -> Vec<Row> {
    let mut query = ListQuery { scope: Scope::Folder(folder.id), filter: Filter::All, after: None, limit: 200 };
    let mut rows = Vec::new();
    loop {
        let page = engine.list(query.clone()).await.unwrap().page;
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return rows,
        }
    }
}

/// How the store differs from what the server has: folders, mails, flags, and what is counted. Empty: in nothing.
pub async fn differences(engine: &Engine, there: &[(String, Vec<There>)]) -> String {
    let mut wrong = String::new();
    let folders = folders(engine).await;
    let names: BTreeSet<&String> = folders.iter().map(|folder| &folder.server_name).collect();
    let theirs: BTreeSet<&String> = there.iter().map(|(name, _)| name).collect();
    if names != theirs {
        let _ = writeln!(wrong, "folders here {names:?}, there {theirs:?}");
    }
    for (name, mails) in there {
        let Some(folder) = folders.iter().find(|folder| folder.server_name == *name) else { continue };
        let rows = rows(engine, folder).await;
        let mut here: Vec<Shown> = rows.iter().map(|row| (row.message_id.clone(), flags(row))).collect();
        let mut theirs: Vec<Shown> =
            mails.iter().map(|mail| (mail.message_id.clone(), mail.flags.iter().cloned().collect())).collect();
        here.sort();
        theirs.sort();
        if here != theirs {
            let only = |one: &[Shown], other: &[Shown]| -> Vec<Shown> {
                one.iter().filter(|mail| !other.contains(mail)).cloned().collect()
            };
            let (here_only, there_only) = (only(&here, &theirs), only(&theirs, &here));
            let (here, theirs) = (here.len(), theirs.len());
            let _ = writeln!(
                wrong,
                "{name}: {here} here, {theirs} there; only here {here_only:?}, only there {there_only:?}"
            );
        }
        let unread = mails.iter().filter(|mail| !mail.flags.contains("\\Seen")).count();
        if (folder.unread as usize, folder.total as usize) != (unread, mails.len()) {
            let (said, of) = (folder.unread, folder.total);
            let _ = writeln!(wrong, "{name}: counted {said} of {of}, are {unread} of {}", mails.len());
        }
    }
    wrong
}

/// Message-ID and flags.
type Shown = (String, Vec<String>);

fn flags(row: &Row) -> Vec<String> {
    let flags = &row.flags;
    let mut all: Vec<String> = [
        (flags.seen, "\\Seen"),
        (flags.flagged, "\\Flagged"),
        (flags.answered, "\\Answered"),
        (flags.forwarded, "$Forwarded"),
        (flags.draft, "\\Draft"),
        (flags.deleted, "\\Deleted"),
    ]
    .into_iter()
    .filter_map(|(on, flag)| on.then(|| flag.to_owned()))
    .chain(flags.keywords.iter().cloned())
    .collect();
    all.sort();
    all
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
