//! Operations that are about no single mail of a folder: emptying it, and putting a mail into it.

use super::{
    Operated, Queued, What,
    act::remove_one,
    queue::fail,
    undo::{Before, Noted, UNDO},
};
use crate::{
    Result, Store, StoreError,
    connection::Write,
    folder::{self, Folder},
    message::{forget_one, place},
};
use clientele_model::{AccountId, FolderId, FolderRole, MessageId, OperationId, Table};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeSet;

/// A mail to be put into a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Normalised; the same one is put into the folder once only.
    pub message_id: String,
    /// For the list of what the server refused.
    pub subject: String,
    pub seen: bool,
    pub draft: bool,
    pub raw: Vec<u8>,
}

impl Store {
    /// Removes all mails of Junk or Trash for good: hidden now, and one operation for the server, however many they are.
    /// It takes what the server had when the folder was last in step, also what is older than the mails that are here;
    /// what arrives later stays. The server hears of it when nobody can undo it any more. The count is how many were hidden.
    pub fn folder_empty(&self, folder: FolderId, now: i64) -> Result<Operated> {
        self.write(|db| {
            let folder = folder::by_id(db, folder)?.ok_or(StoreError::NotFound)?;
            if !matches!(folder.role, FolderRole::Junk | FolderRole::Trash) {
                return Err(StoreError::WrongState);
            }
            let placeless: Vec<MessageId> = db
                .prepare("SELECT id FROM mail.message WHERE folder = ? AND uid IS NULL")?
                .query_map([folder.id.0], |row| row.get(0).map(MessageId))?
                .collect::<Result<_, _>>()?;
            let numbered: bool = db.query_row(
                "SELECT EXISTS (SELECT 1 FROM mail.message WHERE folder = ? AND uid IS NOT NULL)",
                [folder.id.0],
                |row| row.get(0),
            )?;
            // A mail that was moved here may have a higher number, and below it are mails that nobody has seen here.
            let last = folder.state.uid_next.saturating_sub(1);
            let (mut count, mut noted) = (0, Noted::new(db, now)?);
            if last > 0 || numbered {
                db.execute(
                    "INSERT INTO operation (account, message, message_id, subject, kind, path, uid_validity, uid, next_try,
                         since)
                     VALUES (?, 0, '', ?2, 'empty', ?2, ?, ?, ?5, ?5)",
                    params![folder.account.0, folder.path, folder.state.uid_validity, last, now + UNDO + 1],
                )?;
                let id = db.last_insert_rowid();
                count = db.execute(
                    "INSERT INTO operation_mail (operation, message, message_id, uid)
                     SELECT ?, id, message_id, uid FROM mail.message WHERE folder = ? AND uid IS NOT NULL",
                    params![id, folder.id.0],
                )? as u32;
                hide_mails(db, &Queued::one(db, id)?)?;
                noted.add(db, folder.account, MessageId(-id), Before::Full)?;
            }
            for id in placeless {
                // On its way here: it goes when it has come.
                if remove_one(db, id, now)? {
                    noted.add(db, folder.account, id, Before::Folder(folder.path.clone()))?;
                    count += 1;
                }
            }
            db.changed_all(Table::Operation);
            Ok(noted.operated(count))
        })
    }

    /// Queues a mail to be put into a folder. One of the same Message-ID that is queued for it already is left as it is.
    pub fn append_queue(&self, folder: FolderId, mail: &Appended, now: i64) -> Result<()> {
        self.write(|db| {
            let folder = folder::by_id(db, folder)?.ok_or(StoreError::NotFound)?;
            let known = Queued::all(
                db,
                "account = ? AND path = ? AND kind = 'append' AND message_id = ?",
                params![folder.account.0, folder.path, mail.message_id],
            )?;
            if !known.is_empty() && !mail.message_id.is_empty() {
                return Ok(());
            }
            db.execute(
                "INSERT INTO operation (account, message, message_id, subject, kind, path, uid_validity, next_try, since)
                 VALUES (?, 0, ?, ?, 'append', ?, ?, ?6, ?6)",
                params![
                    folder.account.0,
                    mail.message_id,
                    mail.subject,
                    folder.path,
                    folder.state.uid_validity,
                    now
                ],
            )?;
            let id = db.last_insert_rowid();
            db.execute(
                "INSERT INTO operation_content (operation, seen, draft, raw) VALUES (?, ?, ?, ?)",
                params![id, mail.seen, mail.draft, mail.raw],
            )?;
            db.changed(Table::Operation, id);
            Ok(())
        })
    }

    /// What an [`OperationKind::Append`](super::OperationKind::Append) puts into its folder.
    pub fn operation_content(&self, id: OperationId) -> Result<Appended> {
        self.read(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT o.message_id, o.subject, c.seen, c.draft, c.raw FROM operation o
                     JOIN operation_content c ON c.operation = o.id WHERE o.id = ?",
                )?
                .query_row([id.0], |row| {
                    Ok(Appended {
                        message_id: row.get(0)?,
                        subject: row.get(1)?,
                        seen: row.get(2)?,
                        draft: row.get(3)?,
                        raw: row.get(4)?,
                    })
                })?)
        })
    }
}

/// Undoes an emptying that the server has not heard of. False where it has, or where the folder is gone.
pub(super) fn fill_again(db: &mut Write<'_>, operation: i64) -> Result<bool> {
    let Some(queued) = Queued::all(db, "id = ? AND kind = 'empty'", [operation])?.pop() else { return Ok(false) };
    if !queued.untold() || queued.state == "failed" {
        return Ok(false);
    }
    show_mails(db, &queued)?;
    db.execute("DELETE FROM operation WHERE id = ?", [queued.id])?;
    db.changed_all(Table::Message);
    db.changed_all(Table::Operation);
    Ok(true)
}

/// The UIDs that an emptying takes: all that the folder had when it was in step, and of later ones those that were here. Not
/// what a person has taken out of it, where the server refused that or has not done it.
pub(super) fn to_remove(db: &Connection, queued: &Queued) -> Result<Vec<(u32, u32)>> {
    let numbers = |sql: &str| -> Result<BTreeSet<u32>> {
        Ok(db.prepare_cached(sql)?.query_map([queued.id], |row| row.get(0))?.collect::<Result<_, _>>()?)
    };
    let rescued = numbers(
        "SELECT o.uid FROM operation e JOIN operation o
             ON o.account = e.account AND o.path = e.path AND o.uid_validity = e.uid_validity
         WHERE e.id = ? AND o.kind IN ('move', 'copy') AND o.uid IS NOT NULL",
    )?;
    let later = numbers(
        "SELECT g.uid FROM operation e JOIN operation_mail g ON g.operation = e.id WHERE e.id = ? AND g.uid > e.uid",
    )?;
    let mut ranges = Vec::new();
    let (mut first, last) = (1, queued.uid.unwrap_or_default());
    for uid in rescued.iter().copied().take_while(|uid| *uid <= last) {
        if first < uid {
            ranges.push((first, uid - 1));
        }
        first = uid.saturating_add(1);
    }
    if first <= last {
        ranges.push((first, last));
    }
    ranges.extend(later.difference(&rescued).map(|uid| (*uid, *uid)));
    Ok(ranges)
}

/// Takes the mails of an emptied folder out of sight; again without effect.
pub(super) fn hide_mails(db: &mut Write<'_>, queued: &Queued) -> Result<()> {
    let Some(folder) = folder::by_path(db, AccountId(queued.account), &queued.path)? else { return Ok(()) };
    db.execute(
        "UPDATE mail.message SET folder = NULL, uid = NULL WHERE folder = ?1
         AND id IN (SELECT g.message FROM operation_mail g WHERE g.operation = ?2 AND g.message_id = mail.message.message_id)",
        params![folder.id.0, queued.id],
    )?;
    db.changed_all(Table::Message);
    db.changed(Table::Folder, folder.id.0);
    Ok(())
}

/// The same for a mail that was fetched again.
pub(super) fn hide_again(
    db: &mut Write<'_>,
    account: AccountId,
    folder: FolderId,
    id: MessageId,
    message_id: &str,
    uid: u32,
) -> Result<()> {
    let Some(folder) = folder::by_id(db, folder)? else { return Ok(()) };
    let hidden = db.execute(
        "UPDATE OR REPLACE operation_mail SET message = ?1, uid = ?2 WHERE message_id = ?3
         AND operation IN (SELECT id FROM operation WHERE account = ?4 AND path = ?5 AND kind = 'empty')
         AND NOT EXISTS (SELECT 1 FROM mail.message m
             WHERE m.id = operation_mail.message AND m.message_id = operation_mail.message_id)",
        params![id.0, uid, message_id, account.0, folder.path],
    )?;
    if hidden > 0 {
        place(db, id, None, None)?;
    }
    Ok(())
}

/// Shows them again, as the server still has them.
pub(super) fn show_mails(db: &mut Write<'_>, queued: &Queued) -> Result<()> {
    let folder = folder::by_path(db, AccountId(queued.account), &queued.path)?;
    for (id, uid) in mails(db, queued.id)? {
        match (&folder, uid) {
            (Some(folder), Some(uid)) if id.0 > 0 => place(db, id, Some(folder.id), Some(uid))?,
            // The sync brings it, where it is still there.
            _ => drop(forget_one(db, id)?),
        }
    }
    if let Some(folder) = folder {
        // The server may have removed some of them, and told of flags of others, before it refused.
        folder::doubt(db, Some(folder.id))?;
    }
    Ok(())
}

/// They are gone from the server.
pub(super) fn forget_mails(db: &mut Write<'_>, operation: i64) -> Result<()> {
    for (id, _) in mails(db, operation)? {
        let hidden = db
            .prepare_cached("SELECT 1 FROM mail.message WHERE id = ? AND folder IS NULL")?
            .query_row([id.0], |_| Ok(()))
            .optional()?;
        if hidden.is_some() {
            forget_one(db, id)?;
        }
    }
    Ok(())
}

fn mails(db: &Connection, operation: i64) -> Result<Vec<(MessageId, Option<u32>)>> {
    let mut select = db.prepare_cached("SELECT message, uid FROM operation_mail WHERE operation = ?")?;
    let rows = select.query_map([operation], |row| Ok((MessageId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The server says that one of them is gone. True where it was one.
pub(crate) fn emptied_gone(db: &mut Write<'_>, folder: FolderId, uid: u32) -> Result<bool> {
    let gone: Option<i64> = db
        .prepare_cached(
            "DELETE FROM operation_mail WHERE uid = ?1 AND operation IN (SELECT o.id FROM operation o
                 JOIN mail.folder f ON f.account = o.account AND f.path = o.path AND f.uid_validity = o.uid_validity
                 WHERE f.id = ?2 AND o.kind = 'empty')
             RETURNING message",
        )?
        .query_row(params![uid, folder.0], |row| row.get(0))
        .optional()?;
    if let Some(id) = gone {
        forget_one(db, MessageId(id))?;
    }
    Ok(gone.is_some())
}

/// A mail that is hidden got a number.
pub(super) fn found(db: &Connection, folder: &Folder, id: MessageId, uid: u32) -> Result<()> {
    db.prepare_cached(
        "UPDATE operation_mail SET uid = ?1 WHERE message = ?2 AND uid IS NULL
         AND operation IN (SELECT id FROM operation WHERE account = ?3 AND path = ?4 AND kind = 'empty')",
    )?
    .execute(params![uid, id.0, folder.account.0, folder.path])?;
    Ok(())
}

/// The numbers of a folder mean nothing any more: what was to be emptied is not told to the server with them.
pub(super) fn lose_uids(db: &mut Write<'_>, folder: FolderId) -> Result<()> {
    let Some(folder) = folder::by_id(db, folder)? else { return Ok(()) };
    let emptied =
        Queued::all(db, "account = ? AND path = ? AND kind = 'empty'", params![folder.account.0, folder.path])?;
    for queued in emptied {
        debug_assert_eq!(queued.what, What::Empty);
        // Its mails come back with the sync; the person sees that it was not done.
        forget_mails(db, queued.id)?;
        db.execute("DELETE FROM operation_mail WHERE operation = ?", [queued.id])?;
        fail(db, queued.id, "not_found", "the server numbers this folder anew: empty it again")?;
    }
    Ok(())
}
