//! Whether a database file can be used.

use crate::{Result, heap, upkeep::Health};
use rusqlite::{Connection, OpenFlags};
use std::{path::Path, time::Duration};

/// Damage, or what a malformed schema is told as.
pub(crate) fn may_be_damage(error: &rusqlite::Error) -> bool {
    is_damage(error) || error.sqlite_error_code() == Some(rusqlite::ErrorCode::Unknown)
}

pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase))
}

/// Damage within a full-text index (SQLITE_CORRUPT_VTAB).
pub(crate) fn is_index(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(failure, _) if failure.extended_code == rusqlite::ffi::SQLITE_CORRUPT_VTAB)
}

/// Whether a database can be used. One that is not there yet can. `thorough` reads all of it.
pub(crate) fn sound(path: &Path, thorough: bool) -> Result<bool> {
    Ok(look(path, thorough)? == Health::Sound)
}

pub(crate) fn look(path: &Path, thorough: bool) -> Result<Health> {
    if !path.exists() {
        return Ok(Health::Sound);
    }
    heap::apart();
    // Open for writing: a WAL left by a crash is read and merged only then.
    let check = || -> rusqlite::Result<Health> {
        let db =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        db.busy_timeout(Duration::from_secs(15))?;
        let look = if thorough { "PRAGMA quick_check(20)" } else { "SELECT 'ok' FROM sqlite_schema LIMIT 1" };
        let mut look = db.prepare(look)?;
        let complaints = look.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        // A database without a table has no row of them.
        Ok(health(&complaints))
    };
    match check() {
        Ok(health) => Ok(health),
        Err(error) if is_index(&error) => Ok(Health::IndexRemade),
        Err(error) if may_be_damage(&error) => Ok(Health::Damaged),
        Err(error) => Err(error.into()),
    }
}

/// What the answers of `PRAGMA quick_check` or `integrity_check` mean.
pub(crate) fn health(complaints: &[String]) -> Health {
    let of_index = |one: &String| one == "ok" || one.contains("FTS5 table") || one.starts_with("fts5:");
    if complaints.iter().all(|one| one == "ok") {
        Health::Sound
    } else if complaints.iter().all(of_index) {
        Health::IndexRemade
    } else {
        Health::Damaged
    }
}
