use super::{Attachment, Body, Inserted, NewMessage, place};
use crate::{Flags, Result, Store, StoreError, address, connection::Write, fold::indexed, operation, thread};
use clientele_model::{AccountId, Address, FolderId, MessageId, RowDate, Table};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Text beyond this is neither searched nor kept for snippets: a mail of megabytes of text is a log file.
const MOST_TEXT: usize = 512 * 1024;
const ZSTD_LEVEL: i32 = 3;

/// The addresses of a mail that a list does not show.
#[derive(Serialize, Deserialize)]
pub(super) struct Others {
    pub cc: Vec<Address>,
    pub bcc: Vec<Address>,
    pub reply_to: Vec<Address>,
}

/// The Cc of a mail, from its `others` column.
pub(crate) fn cc_of(others: &str) -> Result<Vec<Address>> {
    Ok(serde_json::from_str::<Others>(others)?.cc)
}

/// What can be worked out before the writer is taken.
struct Prepared {
    message: NewMessage,
    raw: Option<Vec<u8>>,
    text: Vec<u8>,
    entry: Entry,
}

/// A mail in the search index.
struct Entry {
    people: String,
    subject: String,
    body: String,
}

impl Store {
    /// Adds mails of one folder, in one transaction (about 500 is a good batch). Idempotent on (folder, uid): a known
    /// mail is left as it is, but is given the body that it lacked. A mail that a pending move put here is recognised
    /// by its Message-ID. Gives one answer for each mail, in order.
    pub fn messages_insert(
        &self,
        account: AccountId,
        folder: FolderId,
        messages: Vec<NewMessage>,
    ) -> Result<Vec<Inserted>> {
        let prepared = messages.into_iter().map(prepare).collect::<Result<Vec<_>>>()?;
        self.write(|db| {
            let own: String =
                db.query_row("SELECT lower(email) FROM account WHERE id = ?", [account.0], |row| row.get(0))?;
            let pending = operation::Pending::of(db, account, folder)?;
            let mut answers = Vec::with_capacity(prepared.len());
            let mut entries = Vec::with_capacity(prepared.len());
            for one in prepared {
                let (answer, entry) = insert(db, account, folder, &own, &pending, one)?;
                answers.push(answer);
                entries.extend(entry.map(|entry| (answer.id, entry)));
            }
            // All rows first, then the index: FTS5 would flush for every mail otherwise.
            for (id, entry) in &entries {
                index(db, *id, entry)?;
            }
            db.changed(Table::Folder, folder.0);
            Ok(answers)
        })
    }

    /// The body of a mail of which only headers were there.
    pub fn message_fill(&self, id: MessageId, body: Body) -> Result<()> {
        let text = zstd::encode_all(cut(&body.search_text).as_bytes(), ZSTD_LEVEL)?;
        let raw = zstd::encode_all(&body.raw[..], ZSTD_LEVEL)?;
        self.write(|db| fill(db, id, &body, &raw, &text))
    }
}

fn prepare(mut message: NewMessage) -> Result<Prepared> {
    if message.message_id.is_empty() {
        message.message_id = made_up(&message);
    }
    let raw = message.raw.take().map(|raw| zstd::encode_all(&raw[..], ZSTD_LEVEL)).transpose()?;
    let text = zstd::encode_all(cut(&message.search_text).as_bytes(), ZSTD_LEVEL)?;
    let people: Vec<&Address> = std::iter::once(&message.from)
        .chain(&message.to)
        .chain(&message.cc)
        .chain(&message.bcc)
        .chain(&message.reply_to)
        .collect();
    let entry = Entry {
        people: people_text(people),
        subject: indexed(&message.subject),
        body: body_text(&message.search_text, &message.attachments),
    };
    Ok(Prepared { message, raw, text, entry })
}

/// For a mail without Message-ID: the same wherever and whenever the same mail is seen.
fn made_up(message: &NewMessage) -> String {
    let mut hash = Sha256::new();
    for part in [&message.date.to_string(), &message.from.key(), &message.subject] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let hex: String = hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}@no-message-id.invalid")
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_TEXT)]
}

fn people_text(people: Vec<&Address>) -> String {
    let mut text = String::new();
    for one in people {
        text.push_str(&one.name);
        text.push(' ');
        text.push_str(&one.email);
        text.push(' ');
    }
    indexed(&text)
}

fn body_text(text: &str, attachments: &[Attachment]) -> String {
    let mut body = indexed(cut(text));
    for attachment in attachments {
        body.push(' ');
        body.push_str(&indexed(&attachment.name));
    }
    body
}

fn index(db: &Connection, id: MessageId, entry: &Entry) -> Result<()> {
    db.prepare_cached("INSERT INTO mail.fts (rowid, people, subject, body) VALUES (?, ?, ?, ?)")?.execute(params![
        id.0,
        entry.people,
        entry.subject,
        entry.body
    ])?;
    Ok(())
}

fn insert(
    db: &mut Write<'_>,
    account: AccountId,
    folder: FolderId,
    own: &str,
    pending: &operation::Pending,
    prepared: Prepared,
) -> Result<(Inserted, Option<Entry>)> {
    let Prepared { message, raw, text, entry } = prepared;
    let known: Option<(i64, bool)> = db
        .prepare_cached("SELECT id, partial FROM mail.message WHERE folder = ? AND uid = ?")?
        .query_row(params![folder.0, message.uid], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((id, partial)) = known {
        if partial && let Some(raw) = raw {
            fill(db, MessageId(id), &body_of(message), &raw, &text)?;
        }
        return Ok((Inserted { id: MessageId(id), fresh: false }, None));
    }
    let held = pending.held(message.uid, &message.message_id);
    if let Some(id) = held.and_then(|held| held.message(db).transpose()).transpose()? {
        // Moved away or removed by the person; the server has not heard of it yet.
        operation::found(db, account, folder, id, message.uid)?;
        return Ok((Inserted { id, fresh: false }, None));
    }
    if let Some(id) = adoptable(db, folder, &message.message_id)? {
        place(db, id, Some(folder), Some(message.uid))?;
        operation::found(db, account, folder, id, message.uid)?;
        super::sync::flags_of_server(db, id, message.flags)?;
        return Ok((Inserted { id, fresh: false }, None));
    }
    let id = add(db, account, folder, &message)?;
    db.prepare_cached("INSERT INTO mail.body (message, raw, text) VALUES (?, ?, ?)")?
        .execute(params![id.0, raw, text])?;
    address::note(db, own, &message)?;
    if held.is_some() {
        operation::apply_to_new(db, account, folder, id, &message.message_id, message.uid)?;
    }
    db.changed(Table::Message, id.0);
    Ok((Inserted { id, fresh: true }, Some(entry)))
}

/// A mail that a move brought here and whose number was not known.
fn adoptable(db: &Connection, folder: FolderId, message_id: &str) -> Result<Option<MessageId>> {
    Ok(db
        .prepare_cached("SELECT id FROM mail.message WHERE message_id = ? AND folder = ? AND uid IS NULL LIMIT 1")?
        .query_row(params![message_id, folder.0], |row| row.get(0).map(MessageId))
        .optional()?)
}

fn add(db: &Connection, account: AccountId, folder: FolderId, message: &NewMessage) -> Result<MessageId> {
    let id = next_id(db, message.date)?;
    let ids: Vec<&str> = std::iter::once(&message.message_id)
        .chain(&message.references)
        .chain(&message.in_reply_to)
        .map(String::as_str)
        .collect();
    let thread = thread::link(db, account.0, &ids)?;
    let Flags { seen, flagged, answered, forwarded, draft, deleted } = message.flags;
    let others = Others { cc: message.cc.clone(), bcc: message.bcc.clone(), reply_to: message.reply_to.clone() };
    db.prepare_cached(
        "INSERT INTO mail.message (id, account, folder, uid, thread, date, size, message_id, in_reply_to, refs,
             subject, from_name, from_email, to_json, others, preview, seen, flagged, answered, forwarded, draft,
             deleted, attachments, attachment_count, has_html, has_text, unreadable, partial)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id.0,
        account.0,
        folder.0,
        message.uid,
        thread,
        message.date,
        message.size,
        message.message_id,
        serde_json::to_string(&message.in_reply_to)?,
        serde_json::to_string(&message.references)?,
        message.subject,
        message.from.name,
        message.from.email,
        serde_json::to_string(&message.to)?,
        serde_json::to_string(&others)?,
        message.preview,
        seen,
        flagged,
        answered,
        forwarded,
        draft,
        deleted,
        serde_json::to_string(&message.attachments)?,
        shown(&message.attachments),
        message.has_html,
        message.has_text,
        message.unreadable,
        message.partial,
    ])?;
    Ok(id)
}

/// The next free row id of a second.
fn next_id(db: &Connection, date: i64) -> Result<MessageId> {
    let mut second = RowDate::new(date);
    loop {
        let last: Option<i64> = db
            .prepare_cached("SELECT max(id) FROM mail.message WHERE id BETWEEN ? AND ?")?
            .query_row([second.first().0, second.last().0], |row| row.get(0))?;
        match last {
            None => return Ok(second.first()),
            Some(last) if last < second.last().0 => return Ok(MessageId(last + 1)),
            // A million mails of one second: the next one has room.
            Some(_) => second = RowDate::new(second.seconds() + 1),
        }
    }
}

fn shown(attachments: &[Attachment]) -> i64 {
    attachments.iter().filter(|attachment| !attachment.inline).count() as i64
}

fn body_of(message: NewMessage) -> Body {
    Body {
        raw: Vec::new(),
        preview: message.preview,
        search_text: message.search_text,
        attachments: message.attachments,
        has_html: message.has_html,
        has_text: message.has_text,
        unreadable: message.unreadable,
    }
}

/// `raw` and `text` are compressed; `body.raw` is not read.
fn fill(db: &mut Write<'_>, id: MessageId, body: &Body, raw: &[u8], text: &[u8]) -> Result<()> {
    let (subject, name, email, to, others): (String, String, String, String, String) = db
        .prepare_cached("SELECT subject, from_name, from_email, to_json, others FROM mail.message WHERE id = ?")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        .optional()?
        .ok_or(StoreError::NotFound)?;
    let (from, to) = (Address { name, email }, serde_json::from_str::<Vec<Address>>(&to)?);
    let others: Others = serde_json::from_str(&others)?;
    db.prepare_cached(
        "UPDATE mail.message SET preview = ?, attachments = ?, attachment_count = ?, has_html = ?, has_text = ?,
         unreadable = ?, partial = 0 WHERE id = ?",
    )?
    .execute(params![
        body.preview,
        serde_json::to_string(&body.attachments)?,
        shown(&body.attachments),
        body.has_html,
        body.has_text,
        body.unreadable,
        id.0
    ])?;
    db.prepare_cached("INSERT OR REPLACE INTO mail.body (message, raw, text) VALUES (?, ?, ?)")?
        .execute(params![id.0, raw, text])?;
    db.prepare_cached("DELETE FROM mail.fts WHERE rowid = ?")?.execute([id.0])?;
    let people = std::iter::once(&from).chain(&to).chain(&others.cc).chain(&others.bcc).chain(&others.reply_to);
    let entry = Entry {
        people: people_text(people.collect()),
        subject: indexed(&subject),
        body: body_text(&body.search_text, &body.attachments),
    };
    index(db, id, &entry)?;
    db.changed(Table::Message, id.0);
    Ok(())
}
