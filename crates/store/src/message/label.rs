//! Gmail: one mail lies in several folders, which are its labels. Each folder has a row of it, with a number and a place of
//! its own; the body and the search index are kept once, with one of the rows.

use super::{copy::SAME, number::next_id, place, sync::flags_of_server};
use crate::{Flags, Result, Store, StoreError, body, connection::Write, operation, search};
use clientele_model::{AccountId, FolderId, FolderRole, MessageId, Table};
use rusqlite::{Connection, OptionalExtension as _, params};

/// A mail of a folder, as the server lists it without its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labelled {
    pub uid: u32,
    /// X-GM-MSGID.
    pub gmail_id: i64,
    pub flags: Flags,
    /// X-GM-LABELS: names of folders on the server, and Gmail's own such as `\Inbox`. That of the folder itself is not among
    /// them.
    pub labels: Vec<String>,
}

impl Store {
    /// Whether any mail of the account bears Gmail's number.
    pub fn has_labels(&self, account: AccountId) -> Result<bool> {
        self.read(|db| {
            let any = db
                .prepare_cached("SELECT 1 FROM mail.message WHERE account = ? AND gmail_id IS NOT NULL LIMIT 1")?
                .query_row([account.0], |_| Ok(()))
                .optional()?;
            Ok(any.is_some())
        })
    }

    /// Puts mails into a folder that are here under another label already; gives the rows that are new, and the numbers of
    /// those that are not here at all and must be fetched.
    pub fn labels_link(
        &self,
        account: AccountId,
        folder: FolderId,
        seen: &[Labelled],
    ) -> Result<(Vec<MessageId>, Vec<u32>)> {
        self.write(|db| {
            let pending = operation::Pending::of(db, account, folder)?;
            let (mut linked, mut unknown) = (Vec::new(), Vec::new());
            for mail in seen {
                let known = db
                    .prepare_cached("SELECT 1 FROM mail.message WHERE folder = ? AND uid = ?")?
                    .query_row(params![folder.0, mail.uid], |_| Ok(()))
                    .optional()?;
                if known.is_some() {
                    continue;
                }
                match link(db, account, folder, mail, &pending)? {
                    Link::Made(id) => linked.push(id),
                    Link::Held => {}
                    Link::Unknown => unknown.push(mail.uid),
                }
            }
            db.changed(Table::Folder, folder.0);
            Ok((linked, unknown))
        })
    }
}

enum Link {
    Made(MessageId),
    /// A row that is here already got the number, or a queued operation holds it.
    Held,
    Unknown,
}

fn link(
    db: &mut Write<'_>,
    account: AccountId,
    folder: FolderId,
    mail: &Labelled,
    pending: &operation::Pending,
) -> Result<Link> {
    let holder: Option<(i64, i64, String)> = db
        .prepare_cached(
            "SELECT m.id, m.date, m.message_id FROM mail.message m WHERE m.account = ? AND m.gmail_id = ?
             AND m.unreadable IS NULL AND EXISTS (SELECT 1 FROM mail.body WHERE message = m.id) LIMIT 1",
        )?
        .query_row(params![account.0, mail.gmail_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((holder, date, message_id)) = holder else { return Ok(Link::Unknown) };
    let waiting = db
        .prepare_cached(
            "SELECT id FROM mail.message WHERE account = ? AND gmail_id = ? AND folder = ? AND uid IS NULL LIMIT 1",
        )?
        .query_row(params![account.0, mail.gmail_id, folder.0], |row| row.get(0).map(MessageId))
        .optional()?;
    let held = match pending.held(mail.uid, &message_id, 0) {
        Some(held) if pending.names(mail.uid) => held.message(db)?,
        _ => None,
    };
    if let Some(id) = held {
        // Moved away or removed by the person; the server has not heard of it yet.
        operation::found(db, account, folder, id, mail.uid)?;
        return Ok(Link::Held);
    }
    if let Some(id) = waiting {
        place(db, id, Some(folder), Some(mail.uid))?;
        operation::found(db, account, folder, id, mail.uid)?;
        flags_of_server(db, id, &mail.flags)?;
        return Ok(Link::Held);
    }
    let id = next_id(db, date)?;
    db.prepare_cached(&format!(
        "INSERT INTO mail.message (id, folder, uid, {SAME}) SELECT ?, ?, ?, {SAME} FROM mail.message WHERE id = ?"
    ))?
    .execute(params![id.0, folder.0, mail.uid, holder])?;
    db.prepare_cached("UPDATE mail.mark SET archived = (SELECT archived FROM mail.mark WHERE id = ?2) WHERE id = ?1")?
        .execute([id.0, holder])?;
    flags_of_server(db, id, &mail.flags)?;
    note(db, MessageId(holder), folder)?;
    labels(db, account, MessageId(holder), &mail.labels)?;
    db.changed(Table::Message, id.0);
    Ok(Link::Made(id))
}

/// The row that has the body of a Gmail mail, where it is another one than this.
pub(crate) fn holder(db: &Connection, id: MessageId) -> Result<Option<MessageId>> {
    Ok(db
        .prepare_cached(
            "SELECT b.message FROM mail.message m
             JOIN mail.message s INDEXED BY message_gmail ON s.account = m.account AND s.gmail_id = m.gmail_id AND s.id <> m.id
             JOIN mail.body b ON b.message = s.id
             WHERE m.id = ? AND m.gmail_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM mail.body WHERE message = m.id) LIMIT 1",
        )?
        .query_row([id.0], |row| row.get(0).map(MessageId))
        .optional()?)
}

/// The row of a Gmail mail in one of these folders, where this one is in none of them.
pub(crate) fn row_in(db: &Connection, id: MessageId, folders: &[i64]) -> Result<Option<MessageId>> {
    if folders.is_empty() {
        return Ok(None);
    }
    let mut select = db.prepare_cached(
        "SELECT s.id, s.folder FROM mail.message m
         JOIN mail.message s INDEXED BY message_gmail ON s.account = m.account AND s.gmail_id = m.gmail_id
         WHERE m.id = ? AND m.gmail_id IS NOT NULL AND s.folder IS NOT NULL ORDER BY s.id <> m.id",
    )?;
    let rows = select.query_map([id.0], |row| Ok((MessageId(row.get(0)?), row.get::<_, i64>(1)?)))?;
    for row in rows {
        let (row, folder) = row?;
        if folders.contains(&folder) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The mail is in that folder too: searches in it find the row that has the words.
pub(super) fn note(db: &Connection, holder: MessageId, folder: FolderId) -> Result<()> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO mail.message_label (message, folder)
         SELECT id, ?2 FROM mail.message WHERE id = ?1 AND coalesce(folder, 0) <> ?2",
    )?
    .execute([holder.0, folder.0])?;
    Ok(())
}

/// As [`note`], of X-GM-LABELS.
pub(super) fn labels(db: &Connection, account: AccountId, holder: MessageId, labels: &[String]) -> Result<()> {
    for label in labels {
        let role = match label.as_str() {
            "\\Inbox" => Some(FolderRole::Inbox),
            "\\Sent" => Some(FolderRole::Sent),
            "\\Draft" | "\\Drafts" => Some(FolderRole::Drafts),
            _ => None,
        };
        let folder: Option<i64> = match role {
            Some(role) => db
                .prepare_cached("SELECT id FROM mail.folder WHERE role = ? AND account = ?")?
                .query_row(params![role.as_str(), account.0], |row| row.get(0))
                .optional()?,
            None => db
                .prepare_cached("SELECT id FROM mail.folder WHERE account = ? AND server_name = ?")?
                .query_row(params![account.0, label], |row| row.get(0))
                .optional()?,
        };
        if let Some(folder) = folder {
            note(db, holder, FolderId(folder))?;
        }
    }
    Ok(())
}

/// A row leaves its folder or goes to another: what [`note`] says follows.
pub(super) fn moved(db: &Connection, id: MessageId, from: Option<i64>, to: Option<FolderId>) -> Result<()> {
    let row: Option<(i64, i64)> = db
        .prepare_cached("SELECT account, gmail_id FROM mail.message WHERE id = ? AND gmail_id IS NOT NULL")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((account, gmail)) = row else { return Ok(()) };
    if let Some(from) = from {
        db.prepare_cached(
            "DELETE FROM mail.message_label WHERE folder = ? AND message IN
             (SELECT id FROM mail.message WHERE account = ? AND gmail_id = ?)",
        )?
        .execute([from, account, gmail])?;
    }
    if let Some(to) = to {
        let holder = holder(db, id)?.unwrap_or(id);
        note(db, holder, to)?;
    }
    Ok(())
}

/// Before a row goes or is hidden: its body, words and labels go to another row of the same mail. False where there is none.
pub(crate) fn bequeath(db: &mut Write<'_>, id: MessageId) -> Result<bool> {
    let row: Option<(i64, i64, Option<i64>)> = db
        .prepare_cached("SELECT account, gmail_id, folder FROM mail.message WHERE id = ? AND gmail_id IS NOT NULL")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((account, gmail, folder)) = row else { return Ok(false) };
    moved(db, id, folder, None)?;
    let heir: Option<i64> = db
        .prepare_cached(
            "SELECT id FROM mail.message WHERE account = ?1 AND gmail_id = ?2 AND id <> ?3
             AND EXISTS (SELECT 1 FROM mail.body WHERE message = ?3) ORDER BY folder IS NULL LIMIT 1",
        )?
        .query_row([account, gmail, id.0], |row| row.get(0))
        .optional()?;
    let Some(heir) = heir else { return Ok(false) };
    let text = match body::text(db, id.0) {
        // One body that cannot be unpacked must not hold up all that the server tells of the folder.
        Err(error @ StoreError::Io(_)) => {
            tracing::warn!(message = id.0, %error, "handed on without its text");
            String::new()
        }
        other => other?.unwrap_or_default(),
    };
    db.execute("UPDATE mail.body SET message = ? WHERE message = ?", [heir, id.0])?;
    db.execute("UPDATE OR IGNORE mail.message_label SET message = ? WHERE message = ?", [heir, id.0])?;
    db.execute(
        "DELETE FROM mail.message_label WHERE message = ?1 AND folder = (SELECT folder FROM mail.message WHERE id = ?1)",
        [heir],
    )?;
    search::forget_words(db, MessageId(heir))?;
    if let Some((entry, pills)) = search::entry_of(db, MessageId(heir), &text)? {
        entry.write(db, MessageId(heir))?;
        entry.write_beginnings(db, MessageId(heir))?;
        search::business(db, MessageId(heir), &pills)?;
    }
    Ok(true)
}

/// A body came: the other rows of the mail show what is known of it now.
pub(super) fn spread(db: &mut Write<'_>, id: MessageId) -> Result<()> {
    let columns = "preview, attachments, attachment_count, has_html, has_text, unreadable, partial";
    let mut update = db.prepare_cached(&format!(
        "UPDATE mail.message SET ({columns}) = (SELECT {columns} FROM mail.message WHERE id = ?1)
         WHERE id <> ?1 AND gmail_id IS NOT NULL
         AND (account, gmail_id) = (SELECT account, gmail_id FROM mail.message WHERE id = ?1)"
    ))?;
    update.execute([id.0])?;
    Ok(())
}
