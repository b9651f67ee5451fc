//! When the parts of the search indexes are put together. Each transaction of inserts leaves one, and a search looks into all
//! of them. FTS5 does it within the transactions; where many mails come one after the other, who writes them does it
//! while it waits for the next instead.

use crate::{Result, Store};
use rusqlite::{Connection, OptionalExtension as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

const INDEXES: [&str; 3] = ["fts", "beginning", "business"];
/// Those that grow with each mail.
const GROWING: [&str; 2] = ["fts", "beginning"];
/// Pages of an index that are merged in one transaction.
const MERGED: i64 = 200;
/// So many parts are put together at a time while mails come in: each word is written once more for it. Beyond 16, FTS5
/// takes no number.
const PARTS: u32 = 16;
/// Parts from which on FTS5 sees to them within the transactions, where there was no time for it between them.
const MOST: u32 = 64;
/// Where it has not kept up by then, FTS5 does all at once. Far beyond what it leaves from [`MOST`] on.
const TOO_MANY: u32 = 400;
/// How many parts the upkeep puts together when it is quiet.
const QUIET_PARTS: u32 = 4;
/// A transaction of so many mails, or bytes of them, is one of many.
const FULL: usize = 100;
const FULL_BYTES: usize = 3 << 20;

/// What is known of the parts of an open store.
#[derive(Default)]
pub(crate) struct Merging(Mutex<State>);

#[derive(Default)]
struct State {
    /// FTS5 was told to leave the parts apart.
    late: bool,
    /// And has been since the upkeep was at it: [`PARTS`] at a time.
    wide: bool,
    /// Parts that came since then and were not put together.
    apart: u32,
}

impl Merging {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before a transaction of inserts is filled: tells FTS5 who puts the parts together. What it was told, for
    /// [`Merging::inserted`]; None: nothing.
    pub fn turn(&self, db: &Connection, mails: usize, bytes: usize) -> Result<Option<bool>> {
        let turn = self.state().turn(mails >= FULL || bytes >= FULL_BYTES);
        match turn {
            Some(true) => leave_apart(db)?,
            Some(false) => put_together(db)?,
            None => {}
        }
        Ok(turn)
    }

    /// It was committed.
    pub fn inserted(&self, turned: Option<bool>) {
        let mut state = self.state();
        if let Some(late) = turned {
            state.late = late;
            state.wide |= late;
        }
        state.apart += u32::from(state.wide);
    }
}

impl State {
    /// Whether FTS5 is to leave the parts apart from now on, where that is something else than before.
    fn turn(&self, full: bool) -> Option<bool> {
        let late = full && self.apart < MOST;
        (late != self.late).then_some(late)
    }
}

impl Store {
    /// For who waits for the next mails of many: puts parts of the search indexes together for some ten milliseconds, where
    /// there are enough of them. False where nothing is to be done.
    pub fn index_spare(&self) -> Result<bool> {
        let due = |state: MutexGuard<'_, State>| state.wide && state.apart >= PARTS;
        if !due(self.merging().state()) {
            return Ok(false);
        }
        if !self.write(|db| merge(db, &GROWING))? {
            self.merging().state().apart = 0;
        }
        Ok(true)
    }

    /// Puts the parts of the search indexes together, in pieces of some ten milliseconds; false where nothing is left to
    /// do. The upkeep does it when inserts pause.
    pub fn index_settle(&self) -> Result<bool> {
        let more = self.write(|db| merge(db, &INDEXES))?;
        if !more {
            self.merging().state().apart = 0;
        }
        Ok(more)
    }

    /// From here on, [`Store::index_settle`] puts all parts into one, if the mails `inserted` since are a good part of all:
    /// it writes the whole index anew.
    pub(crate) fn index_settle_begin(&self, inserted: u64) -> Result<()> {
        self.write(|db| {
            put_together(db)?;
            tell(db, &GROWING, "usermerge", i64::from(QUIET_PARTS))?;
            let all: u64 =
                db.query_row("SELECT coalesce(sum(total), 0) FROM mail.folder", [], |row| row.get::<_, i64>(0))? as u64;
            if inserted.saturating_mul(4) < all {
                return Ok(());
            }
            tell(db, &INDEXES, "merge", -MERGED)
        })?;
        let mut state = self.merging().state();
        (state.late, state.wide) = (false, false);
        Ok(())
    }
}

/// At opening: a run of inserts that ended in its midst has left FTS5 with what it was told. Damage of the index keeps no
/// profile from opening; a search finds it, and it is made again.
pub(crate) fn recover(db: &Connection) {
    let told = || -> Result<Option<i64>> {
        Ok(db.query_row("SELECT v FROM mail.fts_config WHERE k = 'automerge'", [], |row| row.get(0)).optional()?)
    };
    let told = told().and_then(|told| if told == Some(0) { put_together(db) } else { Ok(()) });
    if let Err(error) = told {
        tracing::warn!(%error, "the parts of the search index stay apart");
    }
}

fn leave_apart(db: &Connection) -> Result<()> {
    tell(db, &GROWING, "crisismerge", i64::from(TOO_MANY))?;
    tell(db, &GROWING, "usermerge", i64::from(PARTS))?;
    tell(db, &GROWING, "automerge", 0)
}

fn put_together(db: &Connection) -> Result<()> {
    tell(db, &GROWING, "automerge", i64::from(PARTS))
}

/// One piece of it; false where there was nothing.
fn merge(db: &Connection, indexes: &[&str]) -> Result<bool> {
    let mut more = false;
    for index in indexes {
        let before = total_changes(db)?;
        tell(db, &[index], "merge", MERGED)?;
        // Where nothing was merged, one row is counted all the same: the command's own.
        more |= total_changes(db)? - before >= 2;
    }
    Ok(more)
}

/// A command of FTS5: its name is put into a column of the table's own name.
fn tell(db: &Connection, indexes: &[&str], command: &str, value: i64) -> Result<()> {
    for index in indexes {
        db.prepare_cached(&format!("INSERT INTO mail.{index} ({index}, rank) VALUES (?, ?)"))?
            .execute(rusqlite::params![command, value])?;
    }
    Ok(())
}

fn total_changes(db: &Connection) -> Result<i64> {
    Ok(db.prepare_cached("SELECT total_changes()")?.query_row([], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_left_apart_while_many_mails_come_and_there_are_not_too_many() {
        let merging = Merging::default();
        let next = |full: bool| {
            let turn = merging.state().turn(full);
            merging.inserted(turn);
            turn
        };
        assert_eq!(next(false), None);
        assert_eq!(merging.state().apart, 0, "FTS5 sees to single mails");
        assert_eq!(next(true), Some(true));
        for _ in 1..MOST {
            assert_eq!(next(true), None);
        }
        assert_eq!(next(true), Some(false), "nobody had time for them");
        assert_eq!(next(true), None);
        merging.state().apart = 0;
        assert_eq!(next(true), Some(true));
        assert_eq!(next(false), Some(false), "the last few");
    }
}
