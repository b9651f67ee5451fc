//! Gmail: a mail that is moved to where it is already, under another label; and what is done to it in "all mail".

use super::{
    Queued, What,
    act::{Here, copy, here, move_to, queue},
    undo::Before,
};
use crate::{
    Result,
    connection::Write,
    folder,
    message::{self, place},
    search,
};
use clientele_model::{AccountId, FolderRole, MessageId, Table};
use rusqlite::{OptionalExtension as _, params};

/// X-GM-LABELS' name for the inbox.
const INBOX: &str = "\\Inbox";

/// Done with a mail in "all mail", where it stays: it is taken out of the inbox.
pub(super) fn done(db: &mut Write<'_>, all: &Here, now: i64) -> Result<Option<Before>> {
    let Some(inbox) = folder::by_role(db, all.account, FolderRole::Inbox)? else { return Ok(None) };
    let row = match all.gmail {
        Some(gmail) => message::labelled(db, all.account, gmail, inbox.id)?,
        None => None,
    };
    if let Some(row) = row {
        let Some(row) = here(db, row)? else { return Ok(None) };
        return Ok(move_to(db, &row, &all.folder, now)?.then_some(Before::FolderOf(row.id, inbox.path)));
    }
    // Older than what is here of the inbox: its label is all that is known of it there.
    Ok(set(db, all, INBOX, false, now)?.then(|| Before::Label(INBOX.to_owned(), true)))
}

/// Gives a label of Gmail's own to a mail in "all mail", or takes it. True where that changed something.
pub(super) fn set(db: &mut Write<'_>, all: &Here, label: &str, on: bool, now: i64) -> Result<bool> {
    if bears(db, all.account, all.id, label)? == on {
        return Ok(false);
    }
    note(db, all.account, all.id, label, on)?;
    match Queued::all(db, "message = ? AND kind = 'keyword' AND flag = ?", params![all.id.0, label])?.pop() {
        Some(last) if last.untold() => {
            db.execute("DELETE FROM operation WHERE id = ?", [last.id])?;
        }
        _ => queue(db, all, &What::Label(label.to_owned(), on), now)?,
    }
    db.changed_all(Table::Operation);
    Ok(true)
}

fn bears(db: &Write<'_>, account: AccountId, id: MessageId, label: &str) -> Result<bool> {
    if label != INBOX {
        return Ok(false);
    }
    let holder = message::holder(db, id)?.unwrap_or(id);
    let mut select = db.prepare_cached(
        "SELECT 1 FROM mail.message_label l JOIN mail.folder f ON f.id = l.folder
         WHERE l.message = ? AND f.account = ? AND f.role = 'inbox'",
    )?;
    Ok(select.exists([holder.0, account.0])?)
}

/// The mail bears a label of Gmail's own, or does not: searches in the folder find it, or do not.
pub(super) fn note(db: &mut Write<'_>, account: AccountId, id: MessageId, label: &str, on: bool) -> Result<()> {
    let holder = message::holder(db, id)?.unwrap_or(id);
    let Some(inbox) = folder::by_role(db, account, FolderRole::Inbox)?.filter(|_| label == INBOX) else {
        return Ok(());
    };
    let sql = if on {
        "INSERT OR IGNORE INTO mail.message_label (message, folder) VALUES (?, ?)"
    } else {
        "DELETE FROM mail.message_label WHERE message = ? AND folder = ?"
    };
    db.prepare_cached(sql)?.execute([holder.0, inbox.id.0])?;
    db.changed(Table::Message, id.0);
    Ok(())
}

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
