//! The journal of mail.db (its WAL) is written back beside the work that fills it: to wait for the disk costs a first sync
//! more than all else that is written.

use crate::{Result, connection::connect, upkeep::Bell};
use rusqlite::{Connection, MAIN_DB};
use std::{ffi::c_int, path::Path, sync::Arc};

/// Pages after which the journal is written back, and after so many more again: what two or three batches of mails take. Pages
/// of an index are in each of them, and written back once.
pub(crate) const LONG: c_int = 4000;
/// The upkeep does not keep up: who writes writes back too, so that the journal begins anew.
const TOO_LONG: c_int = 16_000;
/// Of local.db, whose changes are few.
const LONG_OF_LOCAL: c_int = 1000;

/// From now on the upkeep is told when the journal is long.
pub(crate) fn watch(db: &mut Connection, bell: Arc<Bell>) -> Result<()> {
    // How long it was when the upkeep was last told: every commit adds to it until it begins anew.
    let mut told = 0;
    db.wal_hook(Some(move |wal: &mut rusqlite::hooks::Wal, pages: c_int| {
        if wal.name() == MAIN_DB {
            if pages >= LONG_OF_LOCAL {
                later(wal.checkpoint());
            }
        } else if pages >= TOO_LONG {
            later(wal.checkpoint());
        } else {
            if pages < told {
                told = 0;
            }
            if pages - told >= LONG {
                told = pages;
                bell.journal_is_long();
            }
        }
        Ok(())
    }))?;
    Ok(())
}

/// What cannot be written back now is with the next commit, or at the next opening; none of it is lost.
fn later(written: rusqlite::Result<()>) {
    if let Err(error) = written {
        tracing::debug!(%error, "the journal is written back later");
    }
}

/// Writes back what is in the journal now; those who write do not wait. On `held`, which is opened where it is None.
pub(crate) fn write_back(profile: &Path, held: &mut Option<Connection>) -> Result<()> {
    let db = match held {
        Some(db) => db,
        None => held.insert(connect(profile, false)?),
    };
    db.query_row("PRAGMA mail.wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    Ok(())
}
