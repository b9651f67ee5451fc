//! A second row of one mail, and rows that stand for one mail in several folders (Gmail's labels).

use super::{label, number::next_id};
use crate::{Flags, Result, body, connection::Write, search};
use clientele_model::{AccountId, FolderId, MessageId, Table};
use rusqlite::{Connection, OptionalExtension as _, params};

/// Columns that a copy has from its original.
pub(super) const SAME: &str =
    "account, thread, date, size, message_id, in_reply_to, refs, subject, from_name, from_email, to_json, others,
    preview, seen, flagged, answered, forwarded, draft, deleted, attachments, attachment_count, has_html, has_text,
    unreadable, partial, crm_state, pills, pills_stale, subject_key, orphan, keywords, gmail_id, gmail_thread, private";

/// A copy of a mail in a folder, its number on the server not known yet. None where there is nothing to be copied: the
/// mail is gone, or is Gmail's and in the folder already.
pub(crate) fn duplicate(db: &mut Write<'_>, of: MessageId, folder: FolderId) -> Result<Option<MessageId>> {
    let row: Option<(i64, i64, Option<i64>)> = db
        .prepare_cached("SELECT account, date, gmail_id FROM mail.message WHERE id = ?")?
        .query_row([of.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((account, date, gmail)) = row else { return Ok(None) };
    if let Some(gmail) = gmail
        && labelled(db, AccountId(account), gmail, folder)?.is_some()
    {
        return Ok(None);
    }
    let id = next_id(db, date)?;
    db.prepare_cached(&format!(
        "INSERT INTO mail.message (id, folder, uid, {SAME}) SELECT ?, ?, NULL, {SAME} FROM mail.message WHERE id = ?"
    ))?
    .execute(params![id.0, folder.0, of.0])?;
    db.prepare_cached("UPDATE mail.mark SET archived = (SELECT archived FROM mail.mark WHERE id = ?2) WHERE id = ?1")?
        .execute([id.0, of.0])?;
    if gmail.is_some() {
        // Another label of the same mail: nothing is kept twice.
        let holder = label::holder(db, id)?.unwrap_or(of);
        label::note(db, holder, folder)?;
        db.changed(Table::Message, id.0);
        return Ok(Some(id));
    }
    body::copy(db, of.0, id.0)?;
    if let Some(text) = body::text(db, id.0)?
        && let Some((entry, _)) = search::entry_of(db, id, &text)?
    {
        entry.write(db, id)?;
        entry.write_beginnings(db, id)?;
    }
    db.changed(Table::Message, id.0);
    Ok(Some(id))
}

/// Sets or clears a keyword. True where that changed something.
pub(crate) fn set_keyword(db: &Connection, id: MessageId, keyword: &str, on: bool) -> Result<bool> {
    let had: Option<String> = db
        .prepare_cached("SELECT keywords FROM mail.message WHERE id = ?")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    let Some(had) = had else { return Ok(false) };
    let mut flags = Flags { keywords: Flags::keywords_of(&had), ..Flags::default() };
    if !flags.set_keyword(keyword, on) {
        return Ok(false);
    }
    db.prepare_cached("UPDATE mail.message SET keywords = ? WHERE id = ?")?
        .execute(params![flags.keywords_column(), id.0])?;
    Ok(true)
}

/// The row of a Gmail mail in a folder.
pub(crate) fn labelled(db: &Connection, account: AccountId, gmail: i64, folder: FolderId) -> Result<Option<MessageId>> {
    Ok(db
        .prepare_cached("SELECT id FROM mail.message WHERE account = ? AND gmail_id = ? AND folder = ? LIMIT 1")?
        .query_row(params![account.0, gmail, folder.0], |row| row.get(0).map(MessageId))
        .optional()?)
}

/// The other rows of a Gmail mail.
pub(crate) fn labels_of(db: &Connection, account: AccountId, gmail: i64, but: MessageId) -> Result<Vec<MessageId>> {
    let mut select = db.prepare_cached("SELECT id FROM mail.message WHERE account = ? AND gmail_id = ? AND id <> ?")?;
    let rows = select.query_map(params![account.0, gmail, but.0], |row| row.get(0).map(MessageId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
