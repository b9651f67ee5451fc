//! Gmail: a mail that is moved to where it is already, under another label.

use super::{
    Queued, What,
    act::{copy, here},
};
use crate::{
    Result,
    connection::Write,
    folder,
    message::{self, place},
    search,
};
use clientele_model::{AccountId, MessageId, Table};
use rusqlite::OptionalExtension as _;

/// The row that goes only waits for the server. What the mail is found by, and its body, must not be hidden with it.
pub(super) fn hide(db: &mut Write<'_>, id: MessageId) -> Result<()> {
    if message::bequeath(db, id)? {
        search::forget(db, id)?;
    }
    place(db, id, None, None)
}

/// Undoes a move on Gmail to where the mail was already, for which its row was hidden.
pub(super) fn unlabel(db: &mut Write<'_>, id: MessageId, path: &str, now: i64) -> Result<bool> {
    let Some(queued) = Queued::all(db, "message = ? AND kind = 'move'", [id.0])?.pop() else { return Ok(false) };
    let account = AccountId(queued.account);
    let Some(folder) = folder::by_path(db, account, path)? else { return Ok(false) };
    if queued.untold() {
        db.execute("DELETE FROM operation WHERE id = ?", [queued.id])?;
        place(db, id, Some(folder.id), queued.uid)?;
        db.changed_all(Table::Operation);
        return Ok(true);
    }
    // Told: the mail is given its label back, from where it is now.
    let What::Move(to) = &queued.what else { return Ok(false) };
    let gmail: Option<i64> =
        db.query_row("SELECT gmail_id FROM mail.message WHERE id = ?", [id.0], |row| row.get(0)).optional()?.flatten();
    let (Some(gmail), Some(target)) = (gmail, folder::by_path(db, account, to)?) else { return Ok(false) };
    let Some(there) = message::labelled(db, account, gmail, target.id)? else { return Ok(false) };
    match here(db, there)? {
        Some(there) => Ok(copy(db, &there, folder.id, now)?.is_some()),
        None => Ok(false),
    }
}
