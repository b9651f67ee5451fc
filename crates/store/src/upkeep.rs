//! What goes on beside the work of a store that is open: looking for damage after an unclean end, and making a lost search
//! index again. One thread, which ends with the store.

use crate::{
    Result, Store, StoreError, archive,
    connection::{SUSPECT, SUSPECT_INDEX},
    health::{health, is_damage, is_index},
    journal, private,
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// There while the profile is open: found at opening, the last end was not clean.
const OPEN: &str = "open";
/// Mails whose index is made again in one transaction, and the rest between two: a person comes first.
const AT_ONCE: u32 = 200;
const REST: Duration = Duration::from_millis(5);

/// So many mails inserted leave the index in parts, which are put together when no more came for so long.
const MANY: u64 = 2000;
const PAUSE: Duration = Duration::from_secs(5);
/// So many more while they are put together are a sync that goes on: it comes first.
const AGAIN: u64 = 100;

enum Next {
    Remake,
    /// After so many inserts.
    Settle(u64),
    WriteBack,
    End,
}

/// What a look at `mail.db` found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Sound,
    /// The search index was damaged, and is being made again from what is stored: searches find less meanwhile.
    IndexRemade,
    /// The next opening sets the file aside and fetches it again.
    Damaged,
}

/// How the thread is told to go on, or to end.
#[derive(Default)]
pub(crate) struct Bell {
    stop: Arc<AtomicBool>,
    due: Mutex<bool>,
    rung: Condvar,
    /// Mails inserted since the index was settled.
    inserted: AtomicU64,
    long: AtomicBool,
}

impl Bell {
    /// There is something to be made again.
    pub fn ring(&self) {
        *self.due.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.rung.notify_all();
    }

    /// The journal is to be written back.
    pub fn journal_is_long(&self) {
        if !self.long.swap(true, Ordering::Relaxed) {
            // Under the lock, so that it is not missed between a look and the wait.
            let _due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
            self.rung.notify_all();
        }
    }

    /// So many mails were inserted.
    pub fn inserted(&self, mails: usize) {
        let before = self.inserted.fetch_add(mails as u64, Ordering::Relaxed);
        if before < MANY && before + mails as u64 >= MANY {
            self.ring();
        }
    }

    /// Whether inserts go on after all. Then `inserted`, which were taken for settled, are to be settled with them.
    fn goes_on(&self, inserted: u64) -> bool {
        let more = self.inserted.load(Ordering::Relaxed) >= AGAIN;
        if more {
            self.inserted.fetch_add(inserted, Ordering::Relaxed);
        }
        more
    }

    /// Until there is something to do; the index to be settled, after a pause of inserts, is that too.
    fn wait(&self) -> Next {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = self.inserted.load(Ordering::Relaxed);
        while !*due && !self.stop.load(Ordering::Relaxed) {
            if self.long.swap(false, Ordering::Relaxed) {
                return Next::WriteBack;
            }
            if before < MANY {
                due = self.rung.wait(due).unwrap_or_else(PoisonError::into_inner);
            } else {
                let (held, waited) = self.rung.wait_timeout(due, PAUSE).unwrap_or_else(PoisonError::into_inner);
                due = held;
                let now = self.inserted.load(Ordering::Relaxed);
                // Woken for the journal, by an insert that is not counted yet, is no pause.
                if waited.timed_out() && now == before && !*due && !self.stop.load(Ordering::Relaxed) {
                    return Next::Settle(self.inserted.swap(0, Ordering::Relaxed));
                }
            }
            before = self.inserted.load(Ordering::Relaxed);
        }
        *due = false;
        if self.stop.load(Ordering::Relaxed) { Next::End } else { Next::Remake }
    }
}

/// Held by every handle of a store but the thread's own: with the last of them the thread ends.
pub(crate) struct Guard {
    bell: Arc<Bell>,
    profile: PathBuf,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.bell.stop.store(true, Ordering::Relaxed);
        self.bell.ring();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // Only what has reached the disk has ended well.
        let journal = self.profile.join("mail.db-wal");
        if !journal.exists()
            || std::fs::File::options().write(true).open(journal).and_then(|file| file.sync_all()).is_ok()
        {
            let _ = std::fs::remove_file(self.profile.join(OPEN));
        }
    }
}

/// Notes that the profile is open. True where it was noted already.
pub(crate) fn begin(profile: &Path) -> Result<bool> {
    let path = profile.join(OPEN);
    let unclean = path.exists();
    if !unclean {
        std::fs::File::create(path)?.sync_all()?;
        sync_folder(profile)?;
    }
    Ok(unclean)
}

/// A name is lasting once its folder is written; Windows has no such call and does not need it.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Whether somebody has the profile open, or the last end was not clean.
pub(crate) fn is_open(profile: &Path) -> bool {
    profile.join(OPEN).exists()
}

/// The next opening looks at everything: a database was put in another's place.
pub(crate) fn distrust(profile: &Path) -> Result<()> {
    Ok(std::fs::write(profile.join(OPEN), [])?)
}

/// Starts the thread. `look`: with a check of mail.db.
pub(crate) fn start(store: Store, bell: Arc<Bell>, look: bool) -> Result<Guard> {
    let (profile, told) = (store.profile().to_owned(), bell.clone());
    let work = move || {
        let done = |what: Result<bool>| {
            what.unwrap_or_else(|error| {
                tracing::warn!(%error, "upkeep of the store");
                false
            })
        };
        if look {
            done(store.write(|db| archive::mark_all(db)).map(|()| true));
            done(store.write(private::shown_all).map(|()| true));
            done(store.look(false, &told.stop).map(|_| true));
        }
        let mut beside = None;
        loop {
            done(store.index_if_suspect().map(|()| true));
            while !told.stop.load(Ordering::Relaxed) && done(store.reindex(AT_ONCE)) {
                std::thread::sleep(REST);
            }
            loop {
                match told.wait() {
                    Next::WriteBack => drop(done(journal::write_back(store.profile(), &mut beside).map(|()| true))),
                    Next::Remake => break,
                    Next::End => return,
                    Next::Settle(inserted) => {
                        done(store.index_settle_begin(inserted).map(|()| true));
                        while !told.stop.load(Ordering::Relaxed) && done(store.index_settle()) {
                            if told.goes_on(inserted) {
                                break;
                            }
                            std::thread::sleep(REST);
                        }
                    }
                }
            }
        }
    };
    let thread = std::thread::Builder::new().name("store-upkeep".into()).spawn(work)?;
    Ok(Guard { bell, profile, thread: Some(thread) })
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
        let health = match found {
            Ok(complaints) => health(&complaints),
            Err(StoreError::Database(error)) if is_index(&error) => Health::IndexRemade,
            Err(StoreError::Database(error)) if is_damage(&error) => Health::Damaged,
            Err(error) => return Err(error),
        };
        match health {
            Health::Sound => {}
            Health::IndexRemade => self.index_again()?,
            Health::Damaged => {
                tracing::error!("mail.db is damaged");
                std::fs::write(self.profile().join(SUSPECT), [])?;
            }
        }
        Ok(health)
    }

    fn index_if_suspect(&self) -> Result<()> {
        let suspect = self.profile().join(SUSPECT_INDEX);
        if suspect.exists() {
            self.index_again()?;
            std::fs::remove_file(suspect)?;
        }
        Ok(())
    }

    /// Throws the search index away and has it made again in the background.
    fn index_again(&self) -> Result<()> {
        tracing::error!("the search index is damaged and is made again");
        self.index_lost()?;
        self.ring();
        Ok(())
    }

    /// Bytes free on the profile's disk.
    pub fn free_space(&self) -> Result<u64> {
        Ok(fs4::available_space(self.profile())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_long_journal_is_no_pause_of_inserts() {
        let bell = Arc::new(Bell::default());
        bell.inserted(MANY as usize);
        assert!(matches!(bell.wait(), Next::Remake));
        let (told, begun) = (bell.clone(), Instant::now());
        // As in a commit: the journal is long before its inserts are counted.
        let commit = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            told.journal_is_long();
        });
        let next = bell.wait();
        commit.join().expect("the other thread");
        assert!(matches!(next, Next::WriteBack), "taken for a pause after {:?}", begun.elapsed());
    }

    #[test]
    fn a_sync_that_goes_on_is_settled_later() {
        let bell = Bell::default();
        bell.inserted(AGAIN as usize - 1);
        assert!(!bell.goes_on(MANY));
        bell.inserted(1);
        assert!(bell.goes_on(MANY));
        assert_eq!(bell.inserted.load(Ordering::Relaxed), MANY + AGAIN);
    }
}
