use super::{
    Operated, Queued, What, label,
    undo::{Before, Noted, UNDO},
};
use crate::{
    Flag, Result, Store, StoreError,
    connection::Write,
    folder::{self, Folder},
    message::{self, place},
};
use clientele_model::{AccountId, Action, FolderId, FolderRole, MessageId, Table};
use rusqlite::{OptionalExtension as _, params};

/// A mail as an operation finds it.
pub(super) struct Here {
    pub(super) id: MessageId,
    pub(super) account: AccountId,
    pub(super) folder: Folder,
    uid: Option<u32>,
    message_id: String,
    subject: String,
    /// Gmail's number of the mail, the same in all its labels.
    pub(super) gmail: Option<i64>,
}

impl Store {
    /// Applies an action to mails and queues it for the server, in one transaction. Mails that are already so are
    /// passed over; opposite changes that the server has not heard of yet cancel each other.
    pub fn operate(&self, messages: &[MessageId], action: &Action, now: i64) -> Result<Operated> {
        let (flag, on) = match action {
            Action::Read => (Flag::Seen, true),
            Action::Unread => (Flag::Seen, false),
            Action::Flag => (Flag::Flagged, true),
            Action::Unflag => (Flag::Flagged, false),
            Action::AddKeyword { keyword } => return self.operate_keyword(messages, keyword, true, now),
            Action::RemoveKeyword { keyword } => return self.operate_keyword(messages, keyword, false, now),
            Action::Copy { folder } => {
                return self.write(|db| batch(db, messages, now, |db, here| copy(db, here, *folder, now)));
            }
            moving => return self.write(|db| batch(db, messages, now, |db, here| relocate(db, here, moving, now))),
        };
        self.operate_flag(messages, flag, on, now)
    }

    /// Sets or clears one flag as [`Store::operate`] does; for `\Answered` and `$Forwarded` after sending.
    pub fn operate_flag(&self, messages: &[MessageId], flag: Flag, on: bool, now: i64) -> Result<Operated> {
        self.write(|db| {
            batch(db, messages, now, |db, here| {
                Ok(set_flag(db, here, flag, on, now)?.then_some(Before::Flag(flag, !on)))
            })
        })
    }

    fn operate_keyword(&self, messages: &[MessageId], keyword: &str, on: bool, now: i64) -> Result<Operated> {
        self.write(|db| {
            batch(db, messages, now, |db, here| {
                Ok(set_keyword(db, here, keyword, on, now)?.then(|| Before::Keyword(keyword.to_owned(), !on)))
            })
        })
    }
}

/// One action on many mails, noted for an undo.
fn batch(
    db: &mut Write<'_>,
    messages: &[MessageId],
    now: i64,
    mut act: impl FnMut(&mut Write<'_>, &Here) -> Result<Option<Before>>,
) -> Result<Operated> {
    let (mut noted, mut count) = (Noted::new(db, now)?, 0);
    for id in messages {
        // Gone meanwhile, or being removed: passed over.
        let Some(here) = here(db, *id)? else { continue };
        let Some(before) = act(db, &here)? else { continue };
        noted.add(db, here.account, *id, before)?;
        count += 1;
    }
    Ok(noted.operated(count))
}

pub(super) fn here(db: &Write<'_>, id: MessageId) -> Result<Option<Here>> {
    let row = db
        .prepare_cached(
            "SELECT account, folder, uid, message_id, subject, gmail_id FROM mail.message
             WHERE id = ? AND folder IS NOT NULL",
        )?
        .query_row([id.0], |row| {
            Ok((
                AccountId(row.get(0)?),
                FolderId(row.get(1)?),
                row.get(2)?,
                row.get::<_, String>(3)?,
                row.get::<_, String>(4)?,
                row.get(5)?,
            ))
        })
        .optional()?;
    let Some((account, folder, uid, message_id, subject, gmail)) = row else { return Ok(None) };
    Ok(folder::by_id(db, folder)?.map(|folder| Here { id, account, folder, uid, message_id, subject, gmail }))
}

/// True where that changed something.
pub(super) fn set_flag(db: &mut Write<'_>, here: &Here, flag: Flag, on: bool, now: i64) -> Result<bool> {
    let column = flag.column();
    let changed = db
        .prepare_cached(&format!("UPDATE mail.message SET {column} = ?2 WHERE id = ?1 AND {column} <> ?2"))?
        .execute(params![here.id.0, on])?;
    if changed == 0 {
        return Ok(false);
    }
    let last = Queued::all(db, "message = ? AND kind = 'flag' AND flag = ?", params![here.id.0, column])?.pop();
    match last {
        // The server still has what the person wants again.
        Some(last) if last.untold() => {
            db.execute("DELETE FROM operation WHERE id = ?", [last.id])?;
        }
        _ => queue(db, here, &What::Flag(flag, on), now)?,
    }
    if let Some(gmail) = here.gmail {
        // The other labels of the same mail: the server does it there too.
        for id in message::labels_of(db, here.account, gmail, here.id)? {
            db.prepare_cached(&format!("UPDATE mail.message SET {column} = ? WHERE id = ?"))?
                .execute(params![on, id.0])?;
            db.changed(Table::Message, id.0);
        }
    }
    db.changed(Table::Message, here.id.0);
    db.changed(Table::Folder, here.folder.id.0);
    db.changed_all(Table::Operation);
    Ok(true)
}

/// True where that changed something.
pub(super) fn set_keyword(db: &mut Write<'_>, here: &Here, keyword: &str, on: bool, now: i64) -> Result<bool> {
    if !message::set_keyword(db, here.id, keyword, on)? {
        return Ok(false);
    }
    let last =
        Queued::all(db, "message = ? AND kind = 'keyword' AND flag = ? COLLATE NOCASE", params![here.id.0, keyword])?
            .pop();
    match last {
        Some(last) if last.untold() => {
            db.execute("DELETE FROM operation WHERE id = ?", [last.id])?;
        }
        _ => queue(db, here, &What::Keyword(keyword.to_owned(), on), now)?,
    }
    db.changed(Table::Message, here.id.0);
    db.changed_all(Table::Operation);
    Ok(true)
}

/// The copy is a row of its own from now on; its number on the server comes with the answer, or with the sync.
pub(super) fn copy(db: &mut Write<'_>, here: &Here, folder: FolderId, now: i64) -> Result<Option<Before>> {
    let target = target(db, here, folder)?;
    if target.id == here.folder.id {
        return Ok(None);
    }
    let Some(copy) = message::duplicate(db, here.id, target.id)? else { return Ok(None) };
    queue(db, here, &What::Copy(target.path.clone()), now)?;
    db.execute(
        "UPDATE operation SET message = ?, origin = ? WHERE id = ?",
        params![copy.0, here.id.0, db.last_insert_rowid()],
    )?;
    db.changed(Table::Message, copy.0);
    db.changed(Table::Folder, target.id.0);
    db.changed_all(Table::Operation);
    Ok(Some(Before::Copy(copy)))
}

fn target(db: &Write<'_>, here: &Here, folder: FolderId) -> Result<Folder> {
    let found = folder::by_id(db, folder)?.filter(|folder| folder.account == here.account && folder.selectable);
    found.ok_or(StoreError::NotFound)
}

fn relocate(db: &mut Write<'_>, here: &Here, action: &Action, now: i64) -> Result<Option<Before>> {
    let target = match action {
        Action::Move { folder } => target(db, here, *folder)?,
        Action::Delete if here.folder.role == FolderRole::Trash => {
            remove(db, here, now)?;
            return Ok(Some(Before::Folder(here.folder.path.clone())));
        }
        Action::Done if here.gmail.is_some() && here.folder.role == FolderRole::Done => {
            return label::done(db, here, now);
        }
        Action::Done => role(db, here, FolderRole::Done)?,
        Action::Junk => role(db, here, FolderRole::Junk)?,
        _ => role(db, here, FolderRole::Trash)?,
    };
    if here.gmail.is_some()
        && here.folder.role == FolderRole::Done
        && !matches!(target.role, FolderRole::Trash | FolderRole::Junk)
    {
        // Nothing leaves Gmail's "all mail" but for Trash and Spam: it is given a further label.
        return copy(db, here, target.id, now);
    }
    Ok(move_to(db, here, &target, now)?.then(|| Before::Folder(here.folder.path.clone())))
}

fn role(db: &Write<'_>, here: &Here, role: FolderRole) -> Result<Folder> {
    folder::by_role(db, here.account, role)?.ok_or(StoreError::FolderMissing(role))
}

pub(super) fn move_to(db: &mut Write<'_>, here: &Here, target: &Folder, now: i64) -> Result<bool> {
    if target.id == here.folder.id {
        return Ok(false);
    }
    let last = Queued::all(db, "message = ? AND kind = 'move'", [here.id.0])?.pop();
    let merged =
        last.filter(|last| last.untold() && here.uid.is_none() && last.what == What::Move(here.folder.path.clone()));
    let mut uid = None;
    match merged {
        Some(last) => {
            if last.path == target.path {
                // Back to where the server still has it.
                db.execute("DELETE FROM operation WHERE id = ?", [last.id])?;
                uid = last.uid;
            } else {
                db.execute(
                    "UPDATE operation SET to_path = ?, state = 'queued' WHERE id = ?",
                    params![target.path, last.id],
                )?;
            }
            // What was queued to be done in the folder in between is done in the other.
            db.execute(
                "UPDATE operation SET path = ?1, uid = ?2, uid_validity = ?3
                 WHERE (message = ?4 OR origin = ?4) AND id > ?5 AND path = ?6 AND uid IS NULL",
                params![target.path, uid, target.state.uid_validity, here.id.0, last.id, here.folder.path],
            )?;
        }
        None => {
            queue(db, here, &What::Move(target.path.clone()), now)?;
            if let Some(gmail) = here.gmail
                && message::labelled(db, here.account, gmail, target.id)?.is_some()
            {
                label::hide(db, here.id)?;
                db.changed_all(Table::Operation);
                return Ok(true);
            }
        }
    }
    place(db, here.id, Some(target.id), uid)?;
    db.changed_all(Table::Operation);
    Ok(true)
}

/// Out of Trash for good: hidden now, told to the server when nobody can undo it any more.
pub(super) fn remove(db: &mut Write<'_>, here: &Here, now: i64) -> Result<()> {
    queue(db, here, &What::Expunge, now + UNDO + 1)?;
    place(db, here.id, None, None)?;
    db.changed_all(Table::Operation);
    Ok(())
}

/// Removes one mail for good, without an undo. False where it is not here.
pub(super) fn remove_one(db: &mut Write<'_>, id: MessageId, now: i64) -> Result<bool> {
    let Some(here) = here(db, id)? else { return Ok(false) };
    remove(db, &here, now)?;
    Ok(true)
}

pub(super) fn queue(db: &Write<'_>, here: &Here, what: &What, next_try: i64) -> Result<()> {
    let (kind, flag, on, to_path) = what.columns();
    db.prepare_cached(
        "INSERT INTO operation (account, message, message_id, subject, kind, flag, is_on, path, uid_validity, uid,
             to_path, next_try, since)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        here.account.0,
        here.id.0,
        here.message_id,
        here.subject,
        kind,
        flag,
        on,
        here.folder.path,
        here.folder.state.uid_validity,
        here.uid,
        to_path,
        next_try,
        next_try,
    ])?;
    Ok(())
}
