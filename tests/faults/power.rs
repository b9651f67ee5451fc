//! The power goes: what was not synced to the disk is lost, or half there. A process works under a shim that writes down what
//! it does to its files; from what was written down, the profile is made as a disk may have it at any moment, and opened.

mod disk;
mod driver;

use crate::{
    imap::Other,
    kit::{self, Person},
    round::{self, Told},
};
use clientele_engine::{Engine, EngineError, Until};
use clientele_model::AccountId;
use disk::{Disk, Said};
use driver::Order;
use rand::{SeedableRng as _, rngs::StdRng};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

/// Losses that are tried of the same work.
const LOSSES: u64 = 12;
const TEST: &str = "power::what_was_promised_outlives_a_loss_of_power";

/// A process's work, written down.
struct Work {
    person: Person,
    disk: Disk,
}

fn shim(folder: &Path) -> PathBuf {
    let (source, shim) = (folder.join("shim.c"), folder.join("shim.so"));
    std::fs::write(&source, include_str!("shim.c")).unwrap();
    let made = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&shim).arg(&source).status().unwrap();
    assert!(made.success(), "the shim does not build");
    shim
}

fn work(seed: u64) -> Work {
    let person = Person::new();
    let tools = tempfile::tempdir().unwrap();
    let log = tools.path().join("log");
    let order = Order::new(&person, seed);
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(driver::ORDER, serde_json::to_string(&order).unwrap())
        .env("LD_PRELOAD", shim(tools.path()))
        .env("FAULT_ROOT", person.folder.path())
        .env("FAULT_LOG", &log)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(done.success(), "the work under the shim failed");
    let disk = Disk::read(&std::fs::read(log).unwrap());
    arrived(&person, &disk.said());
    Work { person, disk }
}

/// What was promised before the last sync is with the server: from there on nobody else looks for it.
fn arrived(person: &Person, said: &[Said]) {
    let last = said.iter().rposition(|said| said.thing == driver::TOLD).unwrap_or_default();
    let mut wanted: BTreeMap<&str, &str> = BTreeMap::new();
    for Said { begun, thing, value, .. } in said[..last].iter().filter(|said| is_operation(&said.thing)) {
        if !begun {
            wanted.insert(thing, value);
        }
    }
    for (folder, mails) in Other::connect(person.world.ports().imap_plain, &person.email).all() {
        for mail in mails {
            let flag = |name: &str| mail.flags.contains(name).to_string();
            let is = [("seen", flag("\\Seen")), ("flagged", flag("\\Flagged")), ("place", folder.clone())];
            for (word, is) in is {
                let value = wanted.remove(format!("{word} {}", mail.message_id).as_str());
                assert!(value.is_none_or(|value| value == is), "{word} {}: {value:?}, is {is}", mail.message_id);
            }
        }
    }
    assert!(wanted.is_empty(), "nowhere on the server: {wanted:?}");
}

/// What the work promised before a moment: the last word on each thing, and whether another was under way.
fn promised(said: &[Said], moment: usize) -> BTreeMap<String, (Option<String>, bool)> {
    let mut promised: BTreeMap<String, (Option<String>, bool)> = BTreeMap::new();
    for Said { at, begun, thing, value } in said {
        if *at >= moment {
            break;
        }
        if thing == driver::TOLD {
            // The server has it then, and a mail.db that lost its last seconds shows it with the next sync.
            promised
                .iter_mut()
                .filter(|(thing, _)| is_operation(thing))
                .for_each(|(_, (_, under_way))| *under_way = true);
            continue;
        }
        let entry = promised.entry(thing.clone()).or_default();
        entry.1 = *begun;
        if !begun {
            entry.0 = Some(value.clone());
        }
    }
    promised
}

/// Queued for the server, and gone from the queue when it has acknowledged it.
fn is_operation(thing: &str) -> bool {
    ["seen ", "flagged ", "place "].iter().any(|word| thing.starts_with(word))
}

async fn lose(seed: u64, told: Told, work: &Work) {
    let mut random = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().unwrap();
    let moment = work.disk.moment(&mut random);
    let how = work.disk.lose(moment, &mut random, folder.path());
    let say = |words: String| told.lock().unwrap().push(words);
    say(format!("the power goes at {moment} of {}: {how}", work.disk.len()));
    let said = work.disk.said();
    for Said { begun, thing, value, .. } in said.iter().filter(|said| said.at < moment) {
        if !begun {
            say(format!("promised: {thing} {value}"));
        }
    }
    let promised = promised(&said, moment);
    let engine = match Engine::start(round::config(folder.path(), &work.person.world.ca_pem())).await {
        Ok(engine) => engine,
        Err(error) => panic!("the profile does not open: {error}"),
    };
    if let Some(aside) = engine.mail_set_aside() {
        say(format!("mail.db was set aside: {aside:?}"));
    }
    let wrong = missing(&engine, &promised).await;
    assert!(wrong.is_empty(), "{wrong}");
    if promised.get("account").is_some_and(|(value, _)| value.is_some()) {
        agree(&engine, work, &say).await;
    }
    engine.stop().await;
}

/// What was promised and is not there.
async fn missing(engine: &Engine, promised: &BTreeMap<String, (Option<String>, bool)>) -> String {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (account, _) in engine.accounts().await.unwrap() {
        found.insert("account".into(), account.email);
    }
    for draft in engine.drafts().await.unwrap() {
        found.insert(draft.draft.subject.clone(), format!("draft {}", driver::version(&draft.draft.body)));
    }
    for mail in engine.outbox().await.unwrap() {
        found.insert(mail.subject, "outbox".into());
    }
    for name in driver::MEMORIES {
        if let Some(value) = engine.memory(name).await.unwrap() {
            found.insert(format!("memory {name}"), value);
        }
    }
    for record in engine.records("Person", 100).await.unwrap() {
        found.insert(record.name.clone(), "person".into());
    }
    for folder in round::folders(engine).await {
        for row in round::rows(engine, &folder).await {
            let id = &row.message_id;
            found.insert(format!("seen {id}"), row.flags.seen.to_string());
            found.insert(format!("flagged {id}"), row.flags.flagged.to_string());
            found.insert(format!("place {id}"), folder.server_name.clone());
            let archived = engine.row(row.id).await.unwrap().1;
            found.insert(format!("archive {id}"), archived.map_or("no", |_| "yes").into());
            found.insert(format!("mail {id}"), "here".into());
        }
    }
    let mut wrong = String::new();
    for (thing, (value, under_way)) in promised {
        let Some(value) = value.as_ref().filter(|_| !under_way) else { continue };
        // A mail that is not here is fetched again; what was done to it is looked at then.
        if (is_operation(thing) || thing.starts_with("archive "))
            && let Some((_, id)) = thing.split_once(' ')
            && !found.contains_key(&format!("mail {id}"))
        {
            continue;
        }
        let there = found.get(thing).map_or("gone", String::as_str);
        if there != value {
            wrong += &format!("{thing}: promised {value}, found {there}\n");
        }
    }
    wrong
}

/// The store comes into step with the server, on which every mail is once.
async fn agree(engine: &Engine, work: &Work, say: &impl Fn(String)) {
    let account = AccountId(1);
    let mut quiet = 0;
    for _ in 0..6 {
        let synced = engine.sync_once(account, Until::Everything, Arc::new(|_, _, _| {})).await;
        let told = engine.replay().await;
        say(format!("sync: {synced:?}, operations: {told:?}"));
        for refused in engine.operations_refused().await.unwrap() {
            match engine.operation_discard(refused.id).await {
                Ok(()) | Err(EngineError::NotFound) => say(format!("refused: {} {}", refused.action, refused.subject)),
                Err(error) => panic!("discarding: {error}"),
            }
        }
        quiet = if synced.is_ok() && told.is_ok() { quiet + 1 } else { 0 };
        if quiet == 3 {
            break;
        }
    }
    let left = engine.operations_queued(account).await.unwrap();
    assert_eq!((quiet, left), (3, 0), "it does not come to rest");
    let there = Other::connect(work.person.world.ports().imap_plain, &work.person.email).all();
    let mut wrong = round::differences(engine, &there).await;
    let mut count: BTreeMap<&str, u32> = BTreeMap::new();
    for mail in there.iter().flat_map(|(_, mails)| mails) {
        *count.entry(&mail.message_id).or_default() += 1;
    }
    for (id, count) in count.into_iter().filter(|(_, count)| *count != 1) {
        wrong += &format!("{id} is there {count} times\n");
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_was_promised_outlives_a_loss_of_power() {
    if let Ok(order) = std::env::var(driver::ORDER) {
        return driver::drive(&serde_json::from_str(&order).unwrap());
    }
    let _world = kit::world();
    let works: Mutex<BTreeMap<u64, Arc<Work>>> = Mutex::default();
    round::rounds("a loss of power", LOSSES, async |seed, told| {
        let of = seed / (LOSSES * 2);
        let work = works.lock().unwrap().get(&of).cloned();
        let work = match work {
            Some(work) => work,
            None => {
                let made = Arc::new(tokio::task::spawn_blocking(move || work_of(of)).await.unwrap());
                let mut works = works.lock().unwrap();
                works.clear();
                works.insert(of, made.clone());
                made
            }
        };
        lose(seed, told, &work).await;
    });
}

fn work_of(seed: u64) -> Work {
    work(seed)
}
