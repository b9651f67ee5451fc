use super::{
    Detail, Filter, ListQuery, Location, Page, Parties, Row, Scope, label,
    row::{COLUMNS, DETAIL, columns_of, detail_at, parties_of, row_at, rows_of},
};
use crate::{Result, Store, StoreError, body, operation};
use clientele_model::{AccountId, FolderId, FolderRole, MessageId, RecordRef};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeMap;

/// A longer conversation shows its latest.
const MOST_IN_THREAD: u32 = 200;

impl Store {
    pub fn list(&self, query: &ListQuery) -> Result<Page> {
        let limit = query.limit.clamp(1, 200);
        self.read(|db| {
            let folders = match query.scope {
                Scope::Folder(folder) => vec![folder.0],
                Scope::Inboxes => inboxes(db)?,
            };
            let mut rows = Vec::new();
            let mut total = 0;
            for folder in &folders {
                total += count(db, *folder, query.filter)?;
                let mut select = db.prepare_cached(&list_sql(query.filter))?;
                let before = query.after.map_or(i64::MAX, |id| id.0);
                let found = select.query_and_then(params![folder, before, limit + 1], row_at)?;
                rows.extend(found.collect::<Result<Vec<_>>>()?);
            }
            // Each inbox gave its newest in order: the newest of all are among them.
            if folders.len() > 1 {
                rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
            }
            let mut page = page(rows, limit, total);
            // Where many mails crowd, ids are in order but for some minutes.
            page.rows.sort_by_key(|row| std::cmp::Reverse((row.date, row.id)));
            Ok(page)
        })
    }

    /// The mails of a record of the CRM, in all folders. `query.scope` is not looked at.
    pub fn list_of_record(&self, record: &RecordRef, query: &ListQuery) -> Result<Page> {
        let limit = query.limit.clamp(1, 200);
        self.read(|db| {
            let kind = record.kind as u8;
            let total = db.prepare_cached(RECORD_COUNT)?.query_row(params![kind, record.id], |row| row.get(0))?;
            let mut select = db.prepare_cached(&record_sql(query.filter))?;
            let before = query.after.map_or(i64::MAX, |id| id.0);
            let rows = select.query_and_then(params![kind, record.id, before, limit + 1], row_at)?;
            let mut page = page(rows.collect::<Result<Vec<_>>>()?, limit, total);
            page.rows.sort_by_key(|row| std::cmp::Reverse((row.date, row.id)));
            Ok(page)
        })
    }

    pub fn row(&self, id: MessageId) -> Result<Row> {
        self.read(|db| rows_of(db, &[id])?.pop().ok_or(StoreError::NotFound))
    }

    pub fn detail(&self, id: MessageId) -> Result<Detail> {
        self.read(|db| {
            let mut select = db.prepare_cached(&format!(
                "SELECT {COLUMNS}, {DETAIL} FROM mail.message WHERE id = ? AND folder IS NOT NULL"
            ))?;
            select.query_and_then([id.0], detail_at)?.next().ok_or(StoreError::NotFound)?
        })
    }

    /// The conversation that a mail belongs to, oldest first; copies of one mail in several folders once, and of the
    /// asked mail the asked copy. What lies in Trash, Junk or Drafts is left out, unless it is what was asked for.
    pub fn thread(&self, id: MessageId) -> Result<Vec<Detail>> {
        self.read(|db| {
            let mut select = db.prepare_cached(&thread_sql())?;
            let all = select.query_and_then(params![id.0, MOST_IN_THREAD], detail_at)?.collect::<Result<Vec<_>>>()?;
            if all.is_empty() {
                return Err(StoreError::NotFound);
            }
            let mut shown: BTreeMap<String, Detail> = BTreeMap::new();
            for detail in all {
                let better = shown.get(&detail.row.message_id).is_none_or(|other| other.row.id != id);
                if better || detail.row.id == id {
                    shown.insert(detail.row.message_id.clone(), detail);
                }
            }
            let mut thread: Vec<Detail> = shown.into_values().collect();
            // Mails of the same half minute may stand the other way round.
            thread.sort_unstable_by_key(|detail| (detail.row.date, detail.row.id));
            Ok(thread)
        })
    }

    /// The Message-IDs in the conversation of a mail, its own among them, latest first.
    pub fn thread_message_ids(&self, id: MessageId) -> Result<Vec<String>> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT message_id FROM mail.message
                 WHERE thread = (SELECT thread FROM mail.message WHERE id = ?) ORDER BY id DESC LIMIT ?",
            )?;
            let mut ids = select
                .query_map(params![id.0, MOST_IN_THREAD], |row| row.get(0))?
                .collect::<Result<Vec<String>, _>>()?;
            ids.dedup();
            Ok(ids)
        })
    }

    /// Rows of a mail, by its normalised Message-ID.
    pub fn by_message_id(&self, message_id: &str) -> Result<Vec<MessageId>> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT id FROM mail.message WHERE message_id = ? AND folder IS NOT NULL ORDER BY id DESC",
            )?;
            Ok(select.query_map([message_id], |row| row.get(0).map(MessageId))?.collect::<Result<_, _>>()?)
        })
    }

    /// The whole mail, or None where only headers are here or large parts were left out, or what is here cannot be
    /// unpacked: to be fetched again.
    pub fn raw(&self, id: MessageId) -> Result<Option<Vec<u8>>> {
        self.unpacked(id, false)
    }

    /// As [`Store::raw`], but a mail of which large parts were left out is given without them.
    pub fn readable(&self, id: MessageId) -> Result<Option<Vec<u8>>> {
        self.unpacked(id, true)
    }

    fn unpacked(&self, id: MessageId, readable: bool) -> Result<Option<Vec<u8>>> {
        // Unpacked after the reader is given back.
        let kept = self.read(|db| match (body::kept(db, id.0)?, label::holder(db, id)?) {
            (None, Some(holder)) => body::kept(db, holder.0),
            (kept, _) => Ok(kept),
        })?;
        let kept = kept.ok_or(StoreError::NotFound)?;
        if kept.is_left_out() && !readable {
            return Ok(None);
        }
        match kept.raw() {
            Err(StoreError::Io(error)) => {
                tracing::warn!(message = id.0, %error, "a stored mail cannot be unpacked");
                Ok(None)
            }
            other => other,
        }
    }

    /// Mails of a folder whose bodies are not here, newest first, with their UIDs.
    pub fn bodies_missing(&self, folder: FolderId, limit: u32) -> Result<Vec<(MessageId, u32)>> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT id, uid FROM mail.message INDEXED BY message_partial
                 WHERE folder = ? AND partial = 1 AND uid IS NOT NULL ORDER BY id DESC LIMIT ?",
            )?;
            let rows = select.query_map(params![folder.0, limit], |row| Ok((MessageId(row.get(0)?), row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    pub fn location(&self, id: MessageId) -> Result<Location> {
        self.read(|db| {
            if let Some(held) = operation::source(db, id)? {
                return Ok(held);
            }
            db.prepare_cached(
                "SELECT f.account, f.id, f.server_name, f.uid_validity, m.uid
                 FROM mail.message m JOIN mail.folder f ON f.id = m.folder WHERE m.id = ?",
            )?
            .query_row([id.0], |row| {
                Ok(Location {
                    account: AccountId(row.get(0)?),
                    folder: FolderId(row.get(1)?),
                    server_name: row.get(2)?,
                    uid_validity: row.get(3)?,
                    uid: row.get(4)?,
                })
            })
            .optional()?
            .ok_or(StoreError::NotFound)
        })
    }

    /// Unknown ids are passed over.
    pub fn parties(&self, ids: &[MessageId]) -> Result<Vec<Parties>> {
        self.read(|db| {
            let mut parties = Vec::with_capacity(ids.len());
            for id in ids {
                parties.extend(parties_of(db, *id)?);
            }
            Ok(parties)
        })
    }
}

/// One folder's part of a list: folder, the id that all must lie below, how many.
pub(crate) fn list_sql(filter: Filter) -> String {
    if filter == Filter::NotArchived {
        return format!(
            "SELECT {} FROM mail.mark k INDEXED BY mark_unarchived CROSS JOIN mail.message m ON m.id = k.id
             WHERE k.folder = ? AND k.id < ? AND k.customer = 1 AND k.archived = 0 AND k.private = 0
             ORDER BY k.id DESC LIMIT ?",
            columns_of("m")
        );
    }
    let (index, condition) = index_of(filter);
    format!(
        "SELECT {COLUMNS} FROM mail.message INDEXED BY {index} WHERE folder = ? AND id < ? {condition}
         ORDER BY id DESC LIMIT ?"
    )
}

/// Mails of a record: its kind, its id, the id that all must lie below, how many.
pub(crate) fn record_sql(filter: Filter) -> String {
    let condition = match filter {
        Filter::All => "",
        Filter::Unread => "AND m.seen = 0",
        Filter::Flagged => "AND m.flagged = 1",
        Filter::Customers => "AND m.crm_state = 1",
        Filter::NotInCrm => "AND m.crm_state = 2",
        Filter::NotArchived => {
            "AND EXISTS (SELECT 1 FROM mail.mark k WHERE k.id = m.id AND k.customer = 1 AND k.archived = 0
                AND k.private = 0)"
        }
    };
    format!(
        "SELECT {} FROM mail.mail_record r CROSS JOIN mail.message m ON m.id = r.message
         WHERE r.kind = ? AND r.record = ? AND r.message < ? AND m.folder IS NOT NULL {condition}
         ORDER BY r.message DESC LIMIT ?",
        columns_of("m")
    )
}

pub(crate) const RECORD_COUNT: &str = "SELECT count(*) FROM mail.mail_record WHERE kind = ? AND record = ?";

pub(crate) fn thread_sql() -> String {
    // The roles in words, so that SQLite walks the conversation and looks each folder up.
    let hidden = [FolderRole::Trash, FolderRole::Junk, FolderRole::Drafts].map(|role| format!("'{}'", role.as_str()));
    format!(
        "SELECT {COLUMNS}, {DETAIL} FROM mail.message m
         WHERE thread = (SELECT thread FROM mail.message WHERE id = ?1) AND folder IS NOT NULL
           AND (id = ?1 OR (SELECT role FROM mail.folder f WHERE f.id = m.folder) NOT IN ({}))
         ORDER BY id DESC LIMIT ?2",
        hidden.join(", ")
    )
}

fn index_of(filter: Filter) -> (&'static str, &'static str) {
    match filter {
        Filter::All => ("message_folder", ""),
        Filter::Unread => ("message_unread", "AND seen = 0"),
        Filter::Flagged => ("message_flagged", "AND flagged = 1"),
        Filter::Customers => ("message_customer", "AND crm_state = 1"),
        Filter::NotInCrm | Filter::NotArchived => ("message_not_in_crm", "AND crm_state = 2"),
    }
}

pub(crate) fn count_sql(filter: Filter) -> String {
    let column = match filter {
        Filter::All => "total",
        Filter::Unread => "unread",
        Filter::Flagged => "flagged",
        Filter::Customers => "customers",
        Filter::NotInCrm => "strangers",
        Filter::NotArchived => "unarchived",
    };
    format!("SELECT {column} FROM mail.folder WHERE id = ?")
}

fn count(db: &Connection, folder: i64, filter: Filter) -> Result<u32> {
    Ok(db.prepare_cached(&count_sql(filter))?.query_row([folder], |row| row.get(0)).optional()?.unwrap_or(0))
}

pub(crate) fn inboxes(db: &Connection) -> Result<Vec<i64>> {
    let mut select = db.prepare_cached("SELECT id FROM mail.folder WHERE role = 'inbox' ORDER BY account")?;
    Ok(select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// `rows` may hold more than `limit`: then there is a next page.
pub(crate) fn page(mut rows: Vec<Row>, limit: u32, total: u32) -> Page {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = if more { rows.last().map(|row| row.id) } else { None };
    Page { rows, next, total }
}
