//! What was removed leaves the disk too: it still stands in free pages, in the index's old segments, in the journals, in
//! backups and in damaged files that were set aside.

use crate::{Result, Store, backup, connection::Write};
use rusqlite::Connection;
use std::time::{Duration, Instant};

/// In local.db until all is done: a crash in between is made up for at the next opening.
const KEY: &str = "scrub";
/// How long readers may keep a journal from being cut off.
const PATIENCE: Duration = Duration::from_secs(20);

/// In the transaction that removes.
pub(crate) fn ask(db: &Write<'_>) -> Result<()> {
    db.execute("INSERT OR REPLACE INTO setting (key, value) VALUES (?, 'yes')", [KEY])?;
    Ok(())
}

impl Store {
    /// Rewrites both databases where a removal asked for it.
    pub(crate) fn scrub(&self) -> Result<()> {
        if self.setting(KEY)?.is_none() {
            return Ok(());
        }
        backup::forget(self.profile())?;
        self.with_writer(|db| {
            for index in indexes(db)? {
                db.execute_batch(&format!("INSERT INTO mail.{index} ({index}) VALUES ('optimize')"))?;
            }
            db.execute_batch("VACUUM main; VACUUM mail;")?;
            for schema in ["main", "mail"] {
                let end = Instant::now() + PATIENCE;
                // "Busy" is an answer here, not an error.
                while db.query_row(&format!("PRAGMA {schema}.wal_checkpoint(TRUNCATE)"), [], |row| row.get(0))? {
                    if Instant::now() > end {
                        tracing::warn!(schema, "the journal is still being read");
                        // The next opening tries again.
                        return Ok(false);
                    }
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
            Ok(true)
        })
        .and_then(|done| if done { self.setting_forget(KEY) } else { Ok(()) })
    }
}

/// The search indexes: what was removed stands in their old segments until these are merged.
fn indexes(db: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT name FROM mail.sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%fts5%'";
    let mut names = db.prepare(sql)?;
    let names = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(names)
}
