use super::{Operated, Queued, UndoToken, What};
use crate::{
    Flag, Result, Store, StoreError,
    connection::Write,
    folder::{self, Folder},
    message::place,
};
use clientele_model::{AccountId, Action, FolderId, FolderRole, MessageId, Table};
use rusqlite::{OptionalExtension as _, params};

/// Seconds in which a person may undo, and for which a removal for good is not told to the server.
const UNDO: i64 = 10;
/// Seconds after which nobody can ask for an undo any more.
const UNDO_KEPT: i64 = 60;

/// A mail as an operation finds it.
struct Here {
    id: MessageId,
    account: AccountId,
    folder: Folder,
    uid: Option<u32>,
    message_id: String,
    subject: String,
}

/// What an undo takes back.
enum Before {
    Flag(Flag, bool),
    Folder(String),
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

    /// Takes back what was done within the last 10 seconds; what the server has heard of already is queued in reverse.
    /// Gives how many mails changed.
    pub fn undo(&self, token: &UndoToken, now: i64) -> Result<u32> {
        let token: i64 = token.0.parse().map_err(|_| StoreError::TooLateToUndo)?;
        self.write(|db| {
            let done = {
                let mut select = db.prepare_cached(
                    "SELECT message, flag, is_on, path, at FROM undo WHERE token = ? ORDER BY id DESC",
                )?;
                let rows = select.query_map([token], |row| {
                    Ok((
                        MessageId(row.get(0)?),
                        row.get::<_, Option<String>>(1)?,
                        row.get::<_, Option<bool>>(2)?,
                        row.get::<_, Option<String>>(3)?,
                        row.get::<_, i64>(4)?,
                    ))
                })?;
                rows.collect::<Result<Vec<_>, _>>()?
            };
            if done.first().is_none_or(|(.., at)| now - at > UNDO) {
                return Err(StoreError::TooLateToUndo);
            }
            let mut changed = 0;
            for (id, flag, on, path, _) in done {
                let back = match (flag.as_deref().and_then(Flag::parse), on, path) {
                    (Some(flag), Some(on), _) => match here(db, id)? {
                        Some(here) => set_flag(db, &here, flag, on, now)?,
                        None => false,
                    },
                    (_, _, Some(path)) => back_to(db, id, &path, now)?,
                    _ => false,
                };
                changed += u32::from(back);
            }
            db.execute("DELETE FROM undo WHERE token = ?", [token])?;
            if changed == 0 { Err(StoreError::TooLateToUndo) } else { Ok(changed) }
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
    db.execute("DELETE FROM undo WHERE at < ?", [now - UNDO_KEPT])?;
    let (mut token, mut count) = (None, 0);
    for id in messages {
        // Gone meanwhile, or being removed: passed over.
        let Some(here) = here(db, *id)? else { continue };
        let Some(before) = act(db, &here)? else { continue };
        count += 1;
        let (flag, on, path) = match before {
            Before::Flag(flag, on) => (Some(flag.column()), Some(on), None),
            Before::Folder(path) => (None, None, Some(path)),
        };
        db.prepare_cached(
            "INSERT INTO undo (token, message, flag, is_on, account, path, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![token.unwrap_or(0), id.0, flag, on, here.account.0, path, now])?;
        if token.is_none() {
            // The first row's number names the whole batch.
            let first = db.last_insert_rowid();
            db.execute("UPDATE undo SET token = ?1 WHERE id = ?1", [first])?;
            token = Some(first);
        }
    }
    Ok(Operated { undo: token.map(|token| UndoToken(token.to_string())), count })
}

fn here(db: &Write<'_>, id: MessageId) -> Result<Option<Here>> {
    let row = db
        .prepare_cached(
            "SELECT account, folder, uid, message_id, subject FROM mail.message WHERE id = ? AND folder IS NOT NULL",
        )?
        .query_row([id.0], |row| {
            Ok((
                AccountId(row.get(0)?),
                FolderId(row.get(1)?),
                row.get(2)?,
                row.get::<_, String>(3)?,
                row.get::<_, String>(4)?,
            ))
        })
        .optional()?;
    let Some((account, folder, uid, message_id, subject)) = row else { return Ok(None) };
    Ok(folder::by_id(db, folder)?.map(|folder| Here { id, account, folder, uid, message_id, subject }))
}

/// True where that changed something.
fn set_flag(db: &mut Write<'_>, here: &Here, flag: Flag, on: bool, now: i64) -> Result<bool> {
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
        _ => queue(db, here, "flag", Some((flag, on)), None, now)?,
    }
    db.changed(Table::Message, here.id.0);
    db.changed(Table::Folder, here.folder.id.0);
    db.changed_all(Table::Operation);
    Ok(true)
}

fn relocate(db: &mut Write<'_>, here: &Here, action: &Action, now: i64) -> Result<Option<Before>> {
    let target = match action {
        Action::Move { folder } => {
            folder::by_id(db, *folder)?.filter(|folder| folder.account == here.account).ok_or(StoreError::NotFound)?
        }
        Action::Delete if here.folder.role == FolderRole::Trash => {
            remove(db, here, now)?;
            return Ok(Some(Before::Folder(here.folder.path.clone())));
        }
        Action::Done => role(db, here, FolderRole::Done)?,
        Action::Junk => role(db, here, FolderRole::Junk)?,
        _ => role(db, here, FolderRole::Trash)?,
    };
    Ok(move_to(db, here, &target, now)?.then(|| Before::Folder(here.folder.path.clone())))
}

fn role(db: &Write<'_>, here: &Here, role: FolderRole) -> Result<Folder> {
    folder::by_role(db, here.account, role)?.ok_or(StoreError::FolderMissing(role))
}

fn move_to(db: &mut Write<'_>, here: &Here, target: &Folder, now: i64) -> Result<bool> {
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
                "UPDATE operation SET path = ?, uid = ?, uid_validity = ? WHERE message = ? AND id > ? AND path = ?
                 AND uid IS NULL",
                params![target.path, uid, target.state.uid_validity, here.id.0, last.id, here.folder.path],
            )?;
        }
        None => queue(db, here, "move", None, Some(&target.path), now)?,
    }
    place(db, here.id, Some(target.id), uid)?;
    db.changed_all(Table::Operation);
    Ok(true)
}

/// Out of Trash for good: hidden now, told to the server when nobody can undo it any more.
fn remove(db: &mut Write<'_>, here: &Here, now: i64) -> Result<()> {
    queue(db, here, "expunge", None, None, now + UNDO + 1)?;
    place(db, here.id, None, None)?;
    db.changed_all(Table::Operation);
    Ok(())
}

/// Undoes a move or a removal. False where that cannot be.
fn back_to(db: &mut Write<'_>, id: MessageId, path: &str, now: i64) -> Result<bool> {
    if let Some(removal) = Queued::all(db, "message = ? AND kind = 'expunge'", [id.0])?.pop() {
        let folder = folder::by_path(db, AccountId(removal.account), path)?;
        let (true, Some(folder)) = (removal.untold(), folder) else { return Ok(false) };
        db.execute("DELETE FROM operation WHERE id = ?", [removal.id])?;
        place(db, id, Some(folder.id), removal.uid)?;
        db.changed_all(Table::Operation);
        return Ok(true);
    }
    let Some(here) = here(db, id)? else { return Ok(false) };
    match folder::by_path(db, here.account, path)? {
        Some(folder) => move_to(db, &here, &folder, now),
        None => Ok(false),
    }
}

fn queue(
    db: &Write<'_>,
    here: &Here,
    kind: &str,
    flag: Option<(Flag, bool)>,
    to_path: Option<&str>,
    next_try: i64,
) -> Result<()> {
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
        flag.map(|(flag, _)| flag.column()),
        flag.map(|(_, on)| on),
        here.folder.path,
        here.folder.state.uid_validity,
        here.uid,
        to_path,
        next_try,
        next_try,
    ])?;
    Ok(())
}
