//! What the server reports of mails that are known.

use crate::{Flags, Numbered, Result, Store, body, connection::Write, operation, search};
use clientele_model::{AccountId, FolderId, MessageId, Table};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What a mail that was to be moved or copied to a folder is known by there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// RFC822.SIZE; 0: not known.
    pub size: u32,
    /// It bears no Message-ID: the one that it has here was made up.
    pub nameless: bool,
    /// UIDs in the folder of other mails with the same Message-ID.
    pub others: Vec<u32>,
    /// Its own, where a sync has found it there already.
    pub own: Vec<u32>,
    /// Of the folder, when it was last in step.
    pub uid_validity: u32,
    pub uid_next: u32,
}

impl Store {
    /// Flags as the server has them. Those with a queued change keep the person's choice. Unknown UIDs are passed over.
    pub fn flags_set(&self, folder: FolderId, flags: &[(u32, Flags)]) -> Result<()> {
        self.write(|db| {
            for (uid, flags) in flags {
                let row = match at(db, folder, *uid)? {
                    Some(id) => Some(id),
                    None => operation::holder(db, folder, *uid)?.map(|holder| holder.message),
                };
                if let Some(id) = row {
                    flags_of_server(db, id, flags)?;
                }
            }
            Ok(())
        })
    }

    /// UIDs that the server no longer has. Unknown ones are passed over. Gives how many rows went.
    pub fn vanished(&self, folder: FolderId, uids: &[u32]) -> Result<u32> {
        self.write(|db| {
            let mut gone = 0;
            for uid in uids {
                if let Some(id) = at(db, folder, *uid)? {
                    operation::moot(db, id)?;
                    gone += forget_one(db, id)?;
                } else if operation::emptied_gone(db, folder, *uid)? {
                    gone += 1;
                } else if let Some(holder) = operation::holder(db, folder, *uid)?
                    && !holder.running
                {
                    // Told to the server before, without an answer: this is our own doing. The mail keeps its new
                    // place, and the next sync there finds it.
                    if holder.unanswered {
                        operation::finish(db, holder.id, None)?;
                    } else {
                        operation::moot(db, holder.message)?;
                        db.changed_all(Table::Operation);
                        gone += forget_one(db, holder.message)?;
                    }
                }
            }
            Ok(gone)
        })
    }

    /// What is known of a mail that was to be moved or copied to a folder, for looking whether it is there.
    pub fn sought(&self, folder: FolderId, message_id: &str, message: MessageId) -> Result<Sought> {
        self.read(|db| {
            let numbers = |sql: &str| -> Result<Vec<u32>> {
                let mut select = db.prepare_cached(sql)?;
                Ok(select
                    .query_map(params![message_id, folder.0, message.0], |row| row.get(0))?
                    .collect::<Result<_, _>>()?)
            };
            let size: Option<u32> = db
                .prepare_cached("SELECT size FROM mail.message WHERE id = ? AND message_id = ?")?
                .query_row(params![message.0, message_id], |row| row.get(0))
                .optional()?;
            let (uid_validity, uid_next) = db
                .prepare_cached("SELECT uid_validity, uid_next FROM mail.folder WHERE id = ?")?
                .query_row([folder.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(Sought {
                size: size.unwrap_or(0),
                nameless: message_id.is_empty() || message_id.ends_with(super::insert::MADE_UP),
                others: numbers(
                    "SELECT uid FROM mail.message
                     WHERE message_id = ?1 AND folder = ?2 AND uid IS NOT NULL AND id <> ?3",
                )?,
                own: numbers(
                    "SELECT uid FROM mail.message
                     WHERE message_id = ?1 AND folder = ?2 AND uid IS NOT NULL AND id = ?3
                     UNION ALL SELECT o.uid FROM operation o JOIN mail.folder f ON f.account = o.account AND f.path = o.path
                     WHERE o.message = ?3 AND o.message_id = ?1 AND f.id = ?2 AND o.uid IS NOT NULL",
                )?,
                uid_validity,
                uid_next,
            })
        })
    }

    /// Mails that are shown in a folder, without a number there, and that nothing queued will still bring there: a move was told
    /// to the server, and whether it was carried out is not known.
    pub fn placeless(&self, folder: FolderId) -> Result<Vec<MessageId>> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT id FROM mail.message INDEXED BY message_placeless WHERE uid IS NULL AND folder = ? AND NOT EXISTS
                 (SELECT 1 FROM operation WHERE message = mail.message.id AND to_path IS NOT NULL)",
            )?;
            Ok(query.query_map([folder.0], |row| row.get(0).map(MessageId))?.collect::<Result<_, _>>()?)
        })
    }

    /// A sync that began after [`Store::placeless`] gave `mails` is through with the folder: those that still have no number
    /// are not on the server. They go, and what was queued for them.
    pub fn placeless_gone(&self, folder: FolderId, mails: &[MessageId]) -> Result<()> {
        if mails.is_empty() {
            return Ok(());
        }
        self.write(|db| {
            for id in mails {
                let still = "SELECT EXISTS (SELECT 1 FROM mail.message WHERE id = ?1 AND folder = ?2 AND uid IS NULL)
                     AND NOT EXISTS (SELECT 1 FROM operation WHERE message = ?1 AND to_path IS NOT NULL)";
                if db.prepare_cached(still)?.query_row(params![id.0, folder.0], |row| row.get(0))? {
                    operation::moot(db, *id)?;
                    db.changed_all(Table::Operation);
                    forget_one(db, *id)?;
                }
            }
            Ok(())
        })
    }

    /// The UIDs known in a folder, rising, those that a queued move or removal holds among them. Not those whose mail was lost
    /// with mail.db, though something is queued for it: it is to be fetched again.
    pub fn uids(&self, folder: FolderId) -> Result<Vec<u32>> {
        self.read(|db| {
            let mut query =
                db.prepare_cached("SELECT uid FROM mail.message WHERE folder = ? AND uid IS NOT NULL ORDER BY uid")?;
            let mut uids = query.query_map([folder.0], |row| row.get(0))?.collect::<Result<BTreeSet<u32>, _>>()?;
            let mut held = db.prepare_cached(
                "SELECT o.uid FROM mail.folder f JOIN operation o ON o.account = f.account AND o.path = f.path
                 WHERE f.id = ?1 AND o.uid IS NOT NULL AND o.uid_validity = f.uid_validity AND o.kind NOT IN ('copy', 'empty')
                 AND o.message > 0
                 UNION ALL
                 SELECT g.uid FROM mail.folder f JOIN operation o ON o.account = f.account AND o.path = f.path
                 JOIN operation_mail g ON g.operation = o.id
                 WHERE f.id = ?1 AND o.kind = 'empty' AND g.uid IS NOT NULL AND o.uid_validity = f.uid_validity
                 AND g.message > 0",
            )?;
            for uid in held.query_map([folder.0], |row| row.get(0))? {
                uids.insert(uid?);
            }
            Ok(uids.into_iter().collect())
        })
    }

    /// How many UIDs [`Store::uids`] would give.
    pub fn uid_count(&self, folder: FolderId) -> Result<u32> {
        self.read(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM mail.message WHERE folder = ?1 AND uid IS NOT NULL)
                     + (SELECT count(*) FROM mail.folder f JOIN operation o ON o.account = f.account AND o.path = f.path
                        JOIN operation_mail g ON g.operation = o.id
                        WHERE f.id = ?1 AND o.kind = 'empty' AND g.uid IS NOT NULL AND o.uid_validity = f.uid_validity
                        AND g.message > 0)
                     + (SELECT count(DISTINCT o.uid) FROM mail.folder f
                        JOIN operation o ON o.account = f.account AND o.path = f.path
                        WHERE f.id = ?1 AND o.uid IS NOT NULL AND o.uid_validity = f.uid_validity
                        AND o.kind NOT IN ('copy', 'empty') AND o.message > 0
                        AND NOT EXISTS (SELECT 1 FROM mail.message m WHERE m.folder = ?1 AND m.uid = o.uid))",
                )?
                .query_row([folder.0], |row| row.get(0))?)
        })
    }

    /// UIDs of mails of which the server could give nothing that can be read. Added again, they are taken anew.
    pub fn unreadable(&self, folder: FolderId) -> Result<Vec<u32>> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT uid FROM mail.message INDEXED BY message_partial
                 WHERE folder = ? AND partial = 1 AND uid IS NOT NULL AND unreadable IS NOT NULL",
            )?;
            Ok(query.query_map([folder.0], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }
}

/// Gives the mails of a folder the numbers that `there` says, by Message-ID and size. Those without one go.
pub(crate) fn renumber(db: &mut Write<'_>, folder: FolderId, there: &[Numbered]) -> Result<u32> {
    let account: i64 = db.query_row("SELECT account FROM mail.folder WHERE id = ?", [folder.0], |row| row.get(0))?;
    let mut here: HashMap<(String, u32), Vec<i64>> = HashMap::new();
    {
        let mut select = db.prepare(
            "SELECT id, message_id, size FROM mail.message WHERE folder = ? AND uid IS NOT NULL ORDER BY uid DESC",
        )?;
        let mut rows = select.query([folder.0])?;
        while let Some(row) = rows.next()? {
            here.entry((row.get(1)?, row.get(2)?)).or_default().push(row.get(0)?);
        }
    }
    db.execute("UPDATE mail.message SET uid = NULL WHERE folder = ? AND uid IS NOT NULL", [folder.0])?;
    let mut kept = 0;
    let mut numbers = BTreeSet::new();
    let mut unmatched: HashSet<&str> = HashSet::new();
    let mut rising: Vec<&Numbered> = there.iter().collect();
    rising.sort_by_key(|mail| mail.uid);
    for mail in rising {
        // A server that names a number twice means one mail.
        if !numbers.insert(mail.uid) {
            continue;
        }
        let same = here.get_mut(&(mail.message_id.clone(), mail.size)).filter(|_| !mail.message_id.is_empty());
        let Some(id) = same.and_then(Vec::pop) else {
            unmatched.insert(&mail.message_id);
            continue;
        };
        db.prepare_cached("UPDATE mail.message SET uid = ? WHERE id = ?")?.execute([i64::from(mail.uid), id])?;
        operation::found(db, AccountId(account), folder, MessageId(id), mail.uid)?;
        flags_of_server(db, MessageId(id), &mail.flags)?;
        kept += 1;
    }
    for ((message_id, _), ids) in here {
        for id in ids {
            // What a person did waits for the mail that is fetched anew; where none is left, it is moot.
            if !unmatched.contains(message_id.as_str()) {
                operation::moot(db, MessageId(id))?;
                db.changed_all(Table::Operation);
            }
            forget_one(db, MessageId(id))?;
        }
    }
    for gone in operation::unfound(db, folder, &unmatched)? {
        operation::moot(db, gone)?;
        db.changed_all(Table::Operation);
        forget_one(db, gone)?;
    }
    operation::detach(db)?;
    Ok(kept)
}

fn at(db: &Connection, folder: FolderId, uid: u32) -> Result<Option<MessageId>> {
    Ok(db
        .prepare_cached("SELECT id FROM mail.message WHERE folder = ? AND uid = ?")?
        .query_row(params![folder.0, uid], |row| row.get(0).map(MessageId))
        .optional()?)
}

/// The server's flags, but for those that the person changed and the server has not acknowledged.
pub(super) fn flags_of_server(db: &mut Write<'_>, id: MessageId, server: &Flags) -> Result<()> {
    let mut flags = server.clone();
    for (flag, on) in operation::pending_flags(db, id)? {
        flags.set(flag, on);
    }
    for (keyword, on) in operation::pending_keywords(db, id)? {
        flags.set_keyword(&keyword, on);
    }
    let keywords = flags.keywords_column();
    let Flags { seen, flagged, answered, forwarded, draft, deleted, .. } = flags;
    let folder: Option<Option<i64>> = db
        .prepare_cached(
            "UPDATE mail.message SET seen = ?2, flagged = ?3, answered = ?4, forwarded = ?5, draft = ?6, deleted = ?7,
             keywords = ?8
             WHERE id = ?1 AND (seen, flagged, answered, forwarded, draft, deleted, keywords)
                 <> (?2, ?3, ?4, ?5, ?6, ?7, ?8)
             RETURNING folder",
        )?
        .query_row(params![id.0, seen, flagged, answered, forwarded, draft, deleted, keywords], |row| row.get(0))
        .optional()?;
    if let Some(folder) = folder {
        db.changed(Table::Message, id.0);
        if let Some(folder) = folder {
            db.changed(Table::Folder, folder);
        }
    }
    Ok(())
}

/// Puts a row at a place. A row that is there already is a copy that a sync brought in meanwhile: it goes.
pub(crate) fn place(db: &mut Write<'_>, id: MessageId, folder: Option<FolderId>, uid: Option<u32>) -> Result<()> {
    if let (Some(folder), Some(uid)) = (folder, uid)
        && let Some(copy) = at(db, folder, uid)?
        && copy != id
    {
        forget_one(db, copy)?;
    }
    let before: Option<Option<i64>> = db
        .prepare_cached("SELECT folder FROM mail.message WHERE id = ?")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    db.prepare_cached("UPDATE mail.message SET folder = ?, uid = ? WHERE id = ?")?.execute(params![
        folder.map(|folder| folder.0),
        uid,
        id.0
    ])?;
    super::label::moved(db, id, before.flatten(), folder)?;
    db.changed(Table::Message, id.0);
    for folder in before.flatten().into_iter().chain(folder.map(|folder| folder.0)) {
        db.changed(Table::Folder, folder);
    }
    Ok(())
}

/// Removes the rows that `select` (one parameter) names, with what belongs to them.
pub(crate) fn forget(db: &mut Write<'_>, select: &str, parameter: i64) -> Result<u32> {
    let ids: Vec<i64> = db.prepare(select)?.query_map([parameter], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut gone = 0;
    for id in ids {
        gone += forget_one(db, MessageId(id))?;
    }
    Ok(gone)
}

pub(crate) fn forget_one(db: &mut Write<'_>, id: MessageId) -> Result<u32> {
    let inherited = super::label::bequeath(db, id)?;
    let folder: Option<Option<i64>> = db
        .prepare_cached("DELETE FROM mail.message WHERE id = ? RETURNING folder")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    let Some(folder) = folder else { return Ok(0) };
    // Another mail may be given the row's number: what was done to this one is not undone on that one, and not done to it.
    db.prepare_cached("DELETE FROM undo WHERE message = ?")?.execute([id.0])?;
    operation::detach_one(db, id)?;
    search::forget(db, id)?;
    if !inherited {
        body::remove(db, id.0)?;
    }
    db.changed(Table::Message, id.0);
    if let Some(folder) = folder {
        db.changed(Table::Folder, folder);
    }
    Ok(1)
}
