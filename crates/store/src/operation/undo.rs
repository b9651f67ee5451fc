//! Taking back what was done.

use super::{
    Operated, Queued, UndoToken,
    act::{Here, here, move_to, remove, set_flag, set_keyword},
    label, whole,
};
use crate::{
    Flag, Result, Store, StoreError,
    connection::Write,
    folder,
    message::{self, place},
};
use clientele_model::{AccountId, MessageId, Table};
use rusqlite::params;

/// Seconds in which a person may undo, and for which a removal for good is not told to the server.
pub(super) const UNDO: i64 = 10;
/// Seconds after which nobody can ask for an undo any more.
const UNDO_KEPT: i64 = 60;

/// What an undo takes back.
pub(super) enum Before {
    Flag(Flag, bool),
    Keyword(String, bool),
    /// The folder's path.
    Folder(String),
    /// The same, of another row than that which was acted on.
    FolderOf(MessageId, String),
    /// A label of Gmail's own, which the mail had or had not.
    Label(String, bool),
    /// The copy.
    Copy(MessageId),
    /// A folder that was emptied; the undo names the operation, below zero, in place of a mail.
    Full,
}

impl Store {
    /// Takes back what was done within the last 10 seconds; what the server has heard of already is queued in reverse.
    /// Gives how many mails changed.
    pub fn undo(&self, token: &UndoToken, now: i64) -> Result<u32> {
        let token: i64 = token.0.parse().map_err(|_| StoreError::TooLateToUndo)?;
        self.write(|db| {
            let done = {
                let mut select = db.prepare_cached(
                    "SELECT message, kind, flag, is_on, path, at FROM undo WHERE token = ? ORDER BY id DESC",
                )?;
                let rows = select.query_map([token], |row| {
                    let id = MessageId(row.get(0)?);
                    let text = |column: usize| row.get::<_, Option<String>>(column).map(Option::unwrap_or_default);
                    let on = row.get::<_, Option<bool>>(3)?.unwrap_or_default();
                    let before = match row.get_ref(1)?.as_str()? {
                        "flag" => Flag::parse(&text(2)?).map(|flag| Before::Flag(flag, on)),
                        "keyword" => Some(Before::Keyword(text(2)?, on)),
                        "move" => Some(Before::Folder(text(4)?)),
                        "label" => Some(Before::Label(text(2)?, on)),
                        "copy" => Some(Before::Copy(id)),
                        "empty" => Some(Before::Full),
                        _ => None,
                    };
                    Ok((id, before, row.get::<_, i64>(5)?))
                })?;
                rows.collect::<Result<Vec<_>, _>>()?
            };
            if done.first().is_none_or(|(.., at)| now - at > UNDO) {
                return Err(StoreError::TooLateToUndo);
            }
            let mut changed = 0;
            for (id, before, _) in done {
                let at = here(db, id)?;
                let back = match (before, at) {
                    (Some(Before::Flag(flag, on)), Some(here)) => set_flag(db, &here, flag, on, now)?,
                    (Some(Before::Keyword(keyword, on)), Some(here)) => set_keyword(db, &here, &keyword, on, now)?,
                    (Some(Before::Folder(path)), _) => back_to(db, id, &path, now)?,
                    (Some(Before::Label(label, on)), Some(here)) => label::set(db, &here, &label, on, now)?,
                    (Some(Before::Full), _) => whole::fill_again(db, -id.0)?,
                    (Some(Before::Copy(_)), Some(here)) => take_back_copy(db, &here, now)?,
                    _ => false,
                };
                changed += u32::from(back);
            }
            db.execute("DELETE FROM undo WHERE token = ?", [token])?;
            if changed == 0 { Err(StoreError::TooLateToUndo) } else { Ok(changed) }
        })
    }
}

/// What an undo takes back together.
pub(super) struct Noted {
    token: Option<i64>,
    now: i64,
}

impl Noted {
    pub(super) fn new(db: &Write<'_>, now: i64) -> Result<Noted> {
        db.execute("DELETE FROM undo WHERE at < ?", [now - UNDO_KEPT])?;
        Ok(Noted { token: None, now })
    }

    pub(super) fn add(&mut self, db: &Write<'_>, account: AccountId, id: MessageId, before: Before) -> Result<()> {
        let mut row = id;
        let (kind, flag, on, path) = match before {
            Before::Flag(flag, on) => ("flag", Some(flag.column().to_owned()), Some(on), None),
            Before::Keyword(keyword, on) => ("keyword", Some(keyword), Some(on), None),
            Before::Folder(path) => ("move", None, None, Some(path)),
            Before::FolderOf(other, path) => {
                row = other;
                ("move", None, None, Some(path))
            }
            Before::Label(label, on) => ("label", Some(label), Some(on), None),
            Before::Copy(copy) => {
                row = copy;
                ("copy", None, None, None)
            }
            Before::Full => ("empty", None, None, None),
        };
        db.prepare_cached(
            "INSERT INTO undo (token, message, kind, flag, is_on, account, path, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![self.token.unwrap_or(0), row.0, kind, flag, on, account.0, path, self.now])?;
        if self.token.is_none() {
            // The first row's number names the whole batch.
            let first = db.last_insert_rowid();
            db.execute("UPDATE undo SET token = ?1 WHERE id = ?1", [first])?;
            self.token = Some(first);
        }
        Ok(())
    }

    pub(super) fn operated(self, count: u32) -> Operated {
        Operated { undo: self.token.map(|token| UndoToken(token.to_string())), count }
    }
}

/// Undoes a copy: out of the queue where the server has not heard of it, else the copy is removed there too.
fn take_back_copy(db: &mut Write<'_>, copy: &Here, now: i64) -> Result<bool> {
    let queued = Queued::all(db, "message = ? AND kind = 'copy'", [copy.id.0])?.pop();
    match queued {
        Some(queued) if queued.untold() => {
            db.execute("DELETE FROM operation WHERE message = ?", [copy.id.0])?;
            message::forget_one(db, copy.id)?;
            db.changed_all(Table::Operation);
        }
        _ => remove(db, copy, now)?,
    }
    Ok(true)
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
    let Some(here) = here(db, id)? else { return label::unlabel(db, id, path, now) };
    match folder::by_path(db, here.account, path)? {
        Some(folder) => move_to(db, &here, &folder, now),
        None => Ok(false),
    }
}
