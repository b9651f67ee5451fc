//! Parts of mails that lie in files of their own, because they are too large for `mail.db`.

use crate::{Result, Store};
use clientele_model::MessageId;
use rusqlite::{Connection, OptionalExtension as _, params};

/// Stands for the whole mail.
const WHOLE: i64 = -1;

/// A part of a mail in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartFile {
    pub message: MessageId,
    /// None: the whole mail.
    pub part: Option<u32>,
    /// Bytes of what is being fetched that are there, and all of them, as they lie on the server.
    pub done: u64,
    pub total: u64,
    /// Below the profile.
    pub path: String,
}

impl Store {
    /// The file of a part, where one was begun.
    pub fn part_file(&self, message: MessageId, part: Option<u32>) -> Result<Option<PartFile>> {
        self.read(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT message, part, done, total, path FROM mail.part_fetch WHERE message = ? AND part = ?",
                )?
                .query_row(params![message.0, number(part)], read)
                .optional()?)
        })
    }

    /// Every such file that belongs to a mail.
    pub fn part_files(&self) -> Result<Vec<PartFile>> {
        self.read(|db| {
            let mut select = db.prepare("SELECT message, part, done, total, path FROM mail.part_fetch")?;
            Ok(select.query_map([], read)?.collect::<Result<_, _>>()?)
        })
    }

    /// Notes a file, or how far it is; it is forgotten with its mail.
    pub fn part_file_set(&self, file: &PartFile) -> Result<()> {
        self.write(|db| set(db, file))
    }

    /// The file is not there any more.
    pub fn part_file_forget(&self, message: MessageId, part: Option<u32>) -> Result<()> {
        self.write(|db| {
            db.prepare_cached("DELETE FROM mail.part_fetch WHERE message = ? AND part = ?")?
                .execute(params![message.0, number(part)])?;
            Ok(())
        })
    }
}

impl PartFile {
    pub fn is_complete(&self) -> bool {
        self.done >= self.total
    }
}

fn set(db: &Connection, file: &PartFile) -> Result<()> {
    // A mail that went in the meantime takes nothing with it any more.
    db.prepare_cached(
        "INSERT INTO mail.part_fetch (message, part, done, total, path)
         SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM mail.message WHERE id = ?1)
         ON CONFLICT (message, part) DO UPDATE SET done = ?3, total = ?4, path = ?5",
    )?
    .execute(params![file.message.0, number(file.part), file.done as i64, file.total as i64, file.path])?;
    Ok(())
}

fn number(part: Option<u32>) -> i64 {
    part.map_or(WHOLE, i64::from)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<PartFile> {
    let part: i64 = row.get(1)?;
    Ok(PartFile {
        message: MessageId(row.get(0)?),
        part: u32::try_from(part).ok(),
        done: row.get::<_, i64>(2)? as u64,
        total: row.get::<_, i64>(3)? as u64,
        path: row.get(4)?,
    })
}
