use super::{Queued, What, whole};
use crate::{
    Flag, Location, Result,
    connection::Write,
    folder,
    message::{forget, forget_one, place},
};
use clientele_model::{AccountId, FolderId, MessageId, Table};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::{HashMap, HashSet};

/// What is queued for the mails of one folder, while a batch of mails is added to it.
#[derive(Default)]
pub(crate) struct Pending {
    by_uid: HashMap<u32, Held>,
    /// Those whose UID is not known, or stems from before a change of UIDVALIDITY.
    by_message_id: HashMap<String, Vec<Held>>,
}

/// A mail that an operation names.
#[derive(Clone)]
pub(crate) struct Held {
    message: i64,
    message_id: String,
    /// RFC822.SIZE of the mail's row, where there is one.
    size: Option<u32>,
}

impl Held {
    /// The mail's row, where it is (still) here.
    pub(crate) fn message(&self, db: &Connection) -> Result<Option<MessageId>> {
        Ok(db
            .prepare_cached("SELECT id FROM mail.message WHERE id = ? AND message_id = ?")?
            .query_row(params![self.message, self.message_id], |row| row.get(0).map(MessageId))
            .optional()?)
    }
}

impl Pending {
    pub(crate) fn of(db: &Connection, account: AccountId, folder: FolderId) -> Result<Pending> {
        let mut pending = Pending::default();
        let Some(folder) = folder::by_id(db, folder)? else { return Ok(pending) };
        let mut select = db.prepare_cached(
            "SELECT h.uid, h.uid_validity, h.message, h.message_id, m.size FROM
                 (SELECT uid, uid_validity, message, message_id FROM operation
                  WHERE account = ?1 AND path = ?2 AND kind NOT IN ('copy', 'empty', 'append')
                  UNION ALL
                  SELECT g.uid, o.uid_validity, g.message, g.message_id FROM operation o
                  JOIN operation_mail g ON g.operation = o.id WHERE o.account = ?1 AND o.path = ?2 AND o.kind = 'empty') h
             LEFT JOIN mail.message m ON m.id = h.message",
        )?;
        let mut rows = select.query(params![account.0, folder.path])?;
        while let Some(row) = rows.next()? {
            let held = Held { message: row.get(2)?, message_id: row.get(3)?, size: row.get(4)? };
            match row.get::<_, Option<u32>>(0)? {
                Some(uid) if row.get::<_, u32>(1)? == folder.state.uid_validity => {
                    pending.by_uid.insert(uid, held);
                }
                _ => {
                    let held_so = pending.by_message_id.entry(held.message_id.clone()).or_default();
                    if held_so.iter().all(|one| one.message != held.message) {
                        held_so.push(held);
                    }
                }
            }
        }
        Ok(pending)
    }

    /// The mail that [`Pending::held`] gave has this number: another of the same Message-ID is another mail.
    pub(crate) fn found(&mut self, uid: u32, message_id: &str, size: u32) {
        if !self.names(uid)
            && let Some(held) = self.by_message_id.get_mut(message_id)
            && let Some(at) = of_size(held, size)
        {
            self.by_uid.insert(uid, held.remove(at));
        }
    }

    /// Whether what is queued is about just this mail of the server.
    pub(crate) fn names(&self, uid: u32) -> bool {
        self.by_uid.contains_key(&uid)
    }

    pub(crate) fn held(&self, uid: u32, message_id: &str, size: u32) -> Option<&Held> {
        self.by_uid.get(&uid).or_else(|| {
            let held = self.by_message_id.get(message_id)?;
            held.get(of_size(held, size)?)
        })
    }
}

/// Of several mails of one Message-ID, the one of this size; else the last.
fn of_size(held: &[Held], size: u32) -> Option<usize> {
    held.iter().rposition(|held| held.size == Some(size)).or_else(|| held.len().checked_sub(1))
}

/// A mail's place on the server became known: operations that waited for it can go.
pub(crate) fn found(db: &Connection, account: AccountId, folder: FolderId, id: MessageId, uid: u32) -> Result<()> {
    let Some(folder) = folder::by_id(db, folder)? else { return Ok(()) };
    db.prepare_cached(
        "UPDATE operation SET uid = ?1, uid_validity = ?2 WHERE (message = ?3 OR origin = ?3) AND account = ?4
         AND path = ?5 AND (uid IS NULL OR uid_validity <> ?2)
         AND message_id = (SELECT message_id FROM mail.message WHERE id = ?3)",
    )?
    .execute(params![uid, folder.state.uid_validity, id.0, account.0, folder.path])?;
    whole::found(db, &folder, id, uid)
}

/// A mail that operations name was fetched again (mail.db or the folder was forgotten): it gets its operations back.
pub(crate) fn apply_to_new(
    db: &mut Write<'_>,
    account: AccountId,
    folder: FolderId,
    id: MessageId,
    message_id: &str,
    uid: u32,
) -> Result<()> {
    db.execute(
        "UPDATE operation SET message = ? WHERE account = ? AND message_id = ?
         AND kind NOT IN ('copy', 'empty', 'append')
         AND NOT EXISTS (SELECT 1 FROM mail.message m WHERE m.id = operation.message AND m.message_id = operation.message_id)",
        params![id.0, account.0, message_id],
    )?;
    found(db, account, folder, id, uid)?;
    for queued in Queued::all(db, "message = ?", [id.0])? {
        apply(db, &queued)?;
    }
    whole::hide_again(db, account, folder, id, message_id, uid)
}

/// What the operation says, done to the mail's row; again without effect.
fn apply(db: &mut Write<'_>, queued: &Queued) -> Result<()> {
    let id = MessageId(queued.message);
    if queued.what == What::Empty {
        return whole::hide_mails(db, queued);
    }
    let at: Option<Option<i64>> = db
        .prepare_cached("SELECT folder FROM mail.message WHERE id = ? AND message_id = ?")?
        .query_row(params![id.0, queued.message_id], |row| row.get(0))
        .optional()?;
    let Some(at) = at else { return Ok(()) };
    let source = folder::by_path(db, AccountId(queued.account), &queued.path)?.map(|folder| folder.id.0);
    match &queued.what {
        What::Flag(flag, on) => {
            db.prepare_cached(&format!("UPDATE mail.message SET {} = ? WHERE id = ?", flag.column()))?
                .execute(params![on, id.0])?;
        }
        What::Keyword(keyword, on) => {
            crate::message::set_keyword(db, id, keyword, *on)?;
        }
        What::Label(label, on) => super::label::note(db, AccountId(queued.account), id, label, *on)?,
        // A copy's row that is lost comes with the sync.
        What::Copy(_) | What::Empty | What::Append => {}
        What::Move(path) => {
            if let Some(target) = folder::by_path(db, AccountId(queued.account), path)?
                && at.is_some()
                && at == source
            {
                place(db, id, Some(target.id), None)?;
            }
        }
        What::Expunge => {
            if at.is_some() && at == source {
                place(db, id, None, None)?;
            }
        }
    }
    Ok(())
}

/// At opening: what was under way is queued again, and every queued operation applied again, because a crash may have
/// kept local.db's half of a transaction and lost mail.db's.
pub(crate) fn recover(db: &mut Write<'_>) -> Result<()> {
    db.execute("UPDATE operation SET state = 'queued' WHERE state = 'running'", [])?;
    detach(db)?;
    for queued in Queued::all(db, "?1", [1])? {
        apply(db, &queued)?;
    }
    // Removed on the server, or moved there to a number that never came: the server has what there is to have.
    forget(
        db,
        "SELECT id FROM mail.message INDEXED BY message_placeless WHERE uid IS NULL AND ?1 = 0
         AND NOT EXISTS (SELECT 1 FROM operation WHERE message = mail.message.id)
         AND NOT EXISTS (SELECT 1 FROM operation_mail WHERE message = mail.message.id)",
        0,
    )?;
    Ok(())
}

/// Operations of mails that are not here any more name none by its row, until it is fetched again: another mail may be given
/// the row's number.
pub(crate) fn detach(db: &Connection) -> Result<()> {
    let lost = |table: &str, column: &str| {
        format!(
            "NOT EXISTS (SELECT 1 FROM mail.message m WHERE m.id = {table}.{column} AND m.message_id = {table}.message_id)"
        )
    };
    db.execute(
        &format!("UPDATE operation SET message = -message WHERE message > 0 AND {}", lost("operation", "message")),
        [],
    )?;
    db.execute(
        &format!("UPDATE operation SET origin = NULL WHERE origin IS NOT NULL AND {}", lost("operation", "origin")),
        [],
    )?;
    let gone = lost("operation_mail", "message");
    db.execute(&format!("UPDATE OR REPLACE operation_mail SET message = -message WHERE message > 0 AND {gone}"), [])?;
    Ok(())
}

/// The same of one mail whose row goes. What is queued for it stays together, under a number that no other mail's has.
pub(crate) fn detach_one(db: &Connection, gone: MessageId) -> Result<()> {
    db.prepare_cached(
        "UPDATE operation SET message = -(SELECT min(id) FROM operation WHERE message = ?1) WHERE message = ?1",
    )?
    .execute([gone.0])?;
    db.prepare_cached("UPDATE operation SET origin = NULL WHERE origin = ?")?.execute([gone.0])?;
    db.prepare_cached("UPDATE OR REPLACE operation_mail SET message = -message WHERE message = ?")?
        .execute([gone.0])?;
    Ok(())
}

/// An operation that holds a place on the server where its mail is shown no longer.
pub(crate) struct Holder {
    pub id: i64,
    pub message: MessageId,
    pub running: bool,
    /// Told to the server without an answer: it may have done it.
    pub unanswered: bool,
}

pub(crate) fn holder(db: &Connection, folder: FolderId, uid: u32) -> Result<Option<Holder>> {
    let Some(folder) = folder::by_id(db, folder)? else { return Ok(None) };
    let queued = Queued::all(
        db,
        "account = ? AND path = ? AND uid = ? AND uid_validity = ? AND kind IN ('move', 'expunge')",
        params![folder.account.0, folder.path, uid, folder.state.uid_validity],
    )?
    .pop();
    Ok(queued.map(|queued| Holder {
        id: queued.id,
        message: MessageId(queued.message),
        running: queued.state == "running",
        unanswered: queued.attempts > 0 && queued.state != "failed",
    }))
}

/// A flag of a Gmail mail is set in all of its labels.
const SAME_MAIL: &str = "message IN (SELECT ?1 UNION ALL SELECT s.id FROM mail.message m
    JOIN mail.message s ON s.account = m.account AND s.gmail_id = m.gmail_id WHERE m.id = ?1 AND m.gmail_id IS NOT NULL)";

/// The flags that a person chose and the server has not acknowledged.
pub(crate) fn pending_flags(db: &Connection, id: MessageId) -> Result<Vec<(Flag, bool)>> {
    let flags = Queued::all(db, &format!("{SAME_MAIL} AND kind = 'flag'"), [id.0])?.into_iter();
    Ok(flags
        .filter_map(|queued| match queued.what {
            What::Flag(flag, on) => Some((flag, on)),
            _ => None,
        })
        .collect())
}

/// The same for keywords.
pub(crate) fn pending_keywords(db: &Connection, id: MessageId) -> Result<Vec<(String, bool)>> {
    let keywords = Queued::all(db, &format!("{SAME_MAIL} AND kind = 'keyword'"), [id.0])?.into_iter();
    Ok(keywords
        .filter_map(|queued| match queued.what {
            What::Keyword(keyword, on) => Some((keyword, on)),
            _ => None,
        })
        .collect())
}

/// Where the server has a mail that is being moved, copied or removed.
pub(crate) fn source(db: &Connection, id: MessageId) -> Result<Option<Location>> {
    Ok(db
        .prepare_cached(
            "SELECT f.account, f.id, f.server_name, o.uid_validity, o.uid
             FROM operation o JOIN mail.folder f ON f.account = o.account AND f.path = o.path
             WHERE o.message = ? AND o.kind IN ('move', 'copy', 'expunge') AND o.uid IS NOT NULL ORDER BY o.id LIMIT 1",
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
        .optional()?)
}

/// The numbers of a folder mean nothing any more.
pub(crate) fn lose_uids(db: &mut Write<'_>, folder: FolderId) -> Result<()> {
    db.execute(
        "UPDATE operation SET uid = NULL WHERE (account, path) = (SELECT account, path FROM mail.folder WHERE id = ?)
         AND kind <> 'empty'",
        [folder.0],
    )?;
    whole::lose_uids(db, folder)
}

/// Mails that were here before the folder was numbered anew, are shown elsewhere by now, and are neither found nor among
/// those (by Message-ID) that are fetched anew: the server does not have them there any more.
pub(crate) fn unfound(db: &Connection, folder: FolderId, coming: &HashSet<&str>) -> Result<Vec<MessageId>> {
    let Some(folder) = folder::by_id(db, folder)? else { return Ok(Vec::new()) };
    // What is still to be moved here was never here.
    let waiting = Queued::all(
        db,
        "account = ?1 AND path = ?2 AND uid IS NULL AND kind IN ('move', 'expunge') AND NOT EXISTS (SELECT 1
         FROM operation b WHERE b.message = operation.message AND b.to_path = ?2 AND b.id < operation.id)",
        params![folder.account.0, folder.path],
    )?;
    let gone = waiting.into_iter().filter(|queued| !coming.contains(queued.message_id.as_str()));
    Ok(gone.map(|queued| MessageId(queued.message)).collect())
}

/// The server does not have a mail any more: nothing is to be done to it, and copies of it that were to be made where it was
/// to be moved are none.
pub(crate) fn moot(db: &mut Write<'_>, gone: MessageId) -> Result<()> {
    db.prepare_cached("DELETE FROM operation WHERE message = ?")?.execute([gone.0])?;
    for copy in Queued::all(db, "origin = ? AND kind = 'copy' AND uid IS NULL", [gone.0])? {
        moot(db, MessageId(copy.message))?;
        forget_one(db, MessageId(copy.message))?;
    }
    db.changed_all(Table::Operation);
    Ok(())
}
