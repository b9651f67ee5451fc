//! What goes on beside the work of a store that is open: looking for damage after an unclean end, and making a lost search
//! index again. One thread, which ends with the store.

use crate::{
    Result, Store, StoreError, archive,
    connection::{Inner, SUSPECT, SUSPECT_INDEX, is_damage},
};
use std::{
    path::Path,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// There while the profile is open: found at opening, the last end was not clean.
const OPEN: &str = "open";
/// Mails whose index is made again in one transaction, and the rest between two: a person comes first.
const AT_ONCE: u32 = 200;
const REST: Duration = Duration::from_millis(5);

/// What a look at `mail.db` found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Sound,
    /// The search index was damaged, and is being made again from what is stored: searches find less meanwhile.
    IndexRemade,
    /// The next opening sets the file aside and fetches it again.
    Damaged,
}

/// The thread, and how it is told to end.
#[derive(Default)]
pub(crate) struct Upkeep {
    stop: Arc<AtomicBool>,
    asked: Arc<(std::sync::Mutex<bool>, std::sync::Condvar)>,
    thread: Option<JoinHandle<()>>,
}

/// Notes that the profile is open. True where it was noted already.
pub(crate) fn begin(profile: &Path) -> Result<bool> {
    let path = profile.join(OPEN);
    let unclean = path.exists();
    if !unclean {
        std::fs::write(path, [])?;
    }
    Ok(unclean)
}

/// The next opening looks at everything: a database was put in another's place.
pub(crate) fn distrust(profile: &Path) -> Result<()> {
    Ok(std::fs::write(profile.join(OPEN), [])?)
}

pub(crate) fn end(profile: &Path) {
    let _ = std::fs::remove_file(profile.join(OPEN));
}

impl Upkeep {
    /// Starts the thread; `look`: with a check of mail.db.
    pub fn start(&mut self, inner: Weak<Inner>, look: bool) -> Result<()> {
        let (stop, asked) = (self.stop.clone(), self.asked.clone());
        let work = move || {
            let open = |work: &dyn Fn(Store) -> Result<bool>| -> bool {
                let Some(inner) = inner.upgrade().filter(|_| !stop.load(Ordering::Relaxed)) else { return false };
                work(Store::from_inner(inner)).unwrap_or_else(|error| {
                    tracing::warn!(%error, "upkeep of the store");
                    false
                })
            };
            if look {
                open(&|store| store.write(|db| archive::mark_all(db)).map(|()| true));
                open(&|store| store.look(false, &stop).map(|_| true));
            }
            loop {
                open(&|store| store.index_if_suspect());
                while open(&|store| store.reindex(AT_ONCE)) {
                    std::thread::sleep(REST);
                }
                let (mutex, condition) = &*asked;
                let mut due = mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                while !*due && !stop.load(Ordering::Relaxed) {
                    due = condition.wait(due).unwrap_or_else(std::sync::PoisonError::into_inner);
                }
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                *due = false;
            }
        };
        self.thread = Some(std::thread::Builder::new().name("store-upkeep".into()).spawn(work)?);
        Ok(())
    }

    /// There is something to be made again.
    pub fn ask(&self) {
        let (mutex, condition) = &*self.asked;
        *mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = true;
        condition.notify_all();
    }

    /// Ends the thread, and waits for it.
    pub fn stop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.ask();
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

impl Store {
    /// Reads through `mail.db`: every page, and with `thorough` every index against its table too (`PRAGMA
    /// integrity_check`, which takes seconds for a large store). A damaged search index is made again in the background.
    pub fn check(&self, thorough: bool) -> Result<Health> {
        self.look(thorough, &Arc::default())
    }

    fn look(&self, thorough: bool, stop: &Arc<AtomicBool>) -> Result<Health> {
        let found = self.read_apart(stop, |db| {
            let sql = if thorough { "PRAGMA mail.integrity_check(20)" } else { "PRAGMA mail.quick_check(20)" };
            let mut look = db.prepare(sql)?;
            Ok(look.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?)
        });
        let complaints = match found {
            Ok(complaints) => complaints,
            Err(StoreError::Database(error)) if is_damage(&error) => vec![String::new()],
            Err(error) => return Err(error),
        };
        let health = if complaints.iter().all(|one| one == "ok") {
            Health::Sound
        } else if complaints.iter().all(|one| one == "ok" || one.contains("FTS5 table")) {
            Health::IndexRemade
        } else {
            Health::Damaged
        };
        match health {
            Health::Sound => {}
            Health::IndexRemade => self.index_again()?,
            Health::Damaged => {
                tracing::error!(complaints = complaints.len(), "mail.db is damaged");
                std::fs::write(self.profile().join(SUSPECT), [])?;
            }
        }
        Ok(health)
    }

    fn index_if_suspect(&self) -> Result<bool> {
        let suspect = self.profile().join(SUSPECT_INDEX);
        if suspect.exists() {
            self.index_again()?;
            std::fs::remove_file(suspect)?;
        }
        Ok(true)
    }

    /// Throws the search index away and has it made again in the background.
    fn index_again(&self) -> Result<()> {
        tracing::error!("the search index is damaged and is made again");
        self.index_lost()?;
        self.ask_upkeep();
        Ok(())
    }

    /// Bytes free on the profile's disk.
    pub fn free_space(&self) -> Result<u64> {
        Ok(fs4::available_space(self.profile())?)
    }
}
