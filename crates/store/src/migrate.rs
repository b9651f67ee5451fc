//! Numbered migrations, each database its own, its number in `user_version`.

use crate::{Result, StoreError};
use rusqlite::Connection;

const LOCAL: &[&str] = &[
    include_str!("sql/local_001.sql"),
    include_str!("sql/local_002.sql"),
    include_str!("sql/local_003.sql"),
    include_str!("sql/local_004.sql"),
    include_str!("sql/local_005.sql"),
    include_str!("sql/local_006.sql"),
    include_str!("sql/local_007.sql"),
];
const MAIL: &[&str] = &[
    include_str!("sql/mail_001.sql"),
    include_str!("sql/mail_002.sql"),
    include_str!("sql/mail_003.sql"),
    include_str!("sql/mail_004.sql"),
    include_str!("sql/mail_005.sql"),
    include_str!("sql/mail_006.sql"),
];

/// Brings both databases to the newest version; each step is a transaction. False where they were of it.
pub(crate) fn migrate(db: &mut Connection) -> Result<bool> {
    room(db)?;
    // What names mails follows where these are numbered anew, also after a crash in between.
    let mail = steps(db, "mail", MAIL)?;
    let before = version(db, "main")?;
    if before > 0 && before < LOCAL.len() as i64 {
        // Nor must the power fail in between: local.db's commits wait for the disk, those of mail.db do not.
        db.query_row("PRAGMA mail.wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    let migrated = steps(db, "main", LOCAL)? || mail;
    if migrated {
        db.execute("DELETE FROM mail.renumbered", [])?;
    }
    Ok(migrated)
}

/// The version of mail.db from which on bodies lie as they came: the step to it writes all of them anew.
const REWRITTEN: i64 = 4;

/// A step that runs out of disk leaves everything as it was, but fills the disk for minutes first.
fn room(db: &Connection) -> Result<()> {
    let found = version(db, "mail")?;
    if found == 0 || found >= REWRITTEN {
        return Ok(());
    }
    let file: String =
        db.query_row("SELECT file FROM pragma_database_list WHERE name = 'mail'", [], |row| row.get(0))?;
    let file = std::path::Path::new(&file);
    // The new rows in the file, and the same once more in its journal.
    let needed = file.metadata()?.len().saturating_mul(2);
    let folder = file.parent().unwrap_or(file);
    if fs4::available_space(folder)? < needed { Err(StoreError::DiskFull) } else { Ok(()) }
}

/// For a second process: both must be as this program knows them.
pub(crate) fn check(db: &Connection) -> Result<()> {
    for (schema, known) in [("main", LOCAL.len()), ("mail", MAIL.len())] {
        let (found, known) = (version(db, schema)?, known as i64);
        if found != known {
            return Err(StoreError::Version { found, known });
        }
    }
    Ok(())
}

fn version(db: &Connection, schema: &str) -> Result<i64> {
    Ok(db.query_row(&format!("PRAGMA {schema}.user_version"), [], |row| row.get(0))?)
}

fn steps(db: &mut Connection, schema: &str, steps: &[&str]) -> Result<bool> {
    let (found, known) = (version(db, schema)?, steps.len() as i64);
    if found > known {
        return Err(StoreError::Version { found, known });
    }
    for (number, sql) in steps.iter().enumerate().skip(found as usize) {
        let transaction = db.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.execute_batch(&format!("PRAGMA {schema}.user_version = {}", number + 1))?;
        transaction.commit()?;
        tracing::info!(schema, version = number + 1, "migrated");
    }
    Ok(found < known)
}
