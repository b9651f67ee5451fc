//! Conversations: mails tied by Message-ID, In-Reply-To and References (RFC 5322 section 3.6.4), across the folders of
//! an account.

use crate::Result;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeSet;

/// A mail with thousands of references is hostile: its first and its last ones tie it well enough.
const MOST: usize = 64;

/// The conversation of a mail with these ids, its own first. Conversations that it ties together become one.
pub(crate) fn link(db: &Connection, account: i64, ids: &[&str]) -> Result<i64> {
    let mut unique: Vec<&str> = Vec::with_capacity(ids.len().min(MOST));
    let skip = ids.len().saturating_sub(MOST);
    for (place, id) in ids.iter().enumerate() {
        if !id.is_empty() && (place < 2 || place >= skip + 2) && !unique.contains(id) {
            unique.push(id);
        }
    }
    let mut known = BTreeSet::new();
    let mut query = db.prepare_cached("SELECT thread FROM mail.thread_ref WHERE account = ? AND ref = ?")?;
    for id in &unique {
        known.extend(query.query_row(params![account, id], |row| row.get::<_, i64>(0)).optional()?);
    }
    let mut known = known.into_iter();
    let thread = match known.next() {
        Some(thread) => thread,
        None => {
            db.prepare_cached("INSERT INTO mail.thread DEFAULT VALUES")?.execute([])?;
            db.last_insert_rowid()
        }
    };
    for other in known {
        for table in ["message", "thread_ref"] {
            db.prepare_cached(&format!("UPDATE mail.{table} SET thread = ?1 WHERE thread = ?2"))?
                .execute([thread, other])?;
        }
    }
    let mut insert =
        db.prepare_cached("INSERT OR IGNORE INTO mail.thread_ref (account, ref, thread) VALUES (?, ?, ?)")?;
    for id in unique {
        insert.execute(params![account, id, thread])?;
    }
    Ok(thread)
}
