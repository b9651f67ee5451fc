use super::{Attachment, Body, Inserted, NewMessage, label, number::next_id, place};
use crate::{
    Flags, Result, Store, StoreError, address,
    archive::DONE,
    body::{self, Body as Kept},
    connection::Write,
    operation, private, rule,
    search::{self, Entry, Parts, cut},
    thread::{self, Ties, tied_subject},
};
use clientele_model::{AccountId, Address, FolderId, MessageId, Table};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Mails that one transaction takes at most, and bytes of their bodies: the journal grows with it.
const MOST_IN_ONE: usize = 500;
const LARGEST_ONE: usize = 32 << 20;

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

/// Mails ready to be written: parted, packed and folded, which takes no lock. See [`Store::messages_prepare`].
pub struct Prepared(Vec<One>);

struct One {
    message: NewMessage,
    columns: Columns,
    body: Kept,
    entry: Entry,
}

/// Values of a mail's row that take time to make.
struct Columns {
    in_reply_to: String,
    references: String,
    to: String,
    others: String,
    attachments: String,
    tied_subject: String,
}

impl Columns {
    fn of(message: &NewMessage) -> Result<Columns> {
        let others = Others { cc: message.cc.clone(), bcc: message.bcc.clone(), reply_to: message.reply_to.clone() };
        Ok(Columns {
            in_reply_to: serde_json::to_string(&message.in_reply_to)?,
            references: serde_json::to_string(&message.references)?,
            to: serde_json::to_string(&message.to)?,
            others: serde_json::to_string(&others)?,
            attachments: serde_json::to_string(&message.attachments)?,
            tied_subject: tied_subject(&message.subject),
        })
    }
}

impl One {
    fn of(mut message: NewMessage) -> Result<One> {
        if message.message_id.is_empty() {
            message.message_id = made_up(&message);
        }
        let raw = message.raw.take();
        let body = Kept::of(raw.as_deref(), cut(&message.search_text))?;
        let entry = Entry::of(&Parts {
            author: std::iter::once(&message.from).chain(&message.reply_to).collect(),
            recipients: &message.to,
            copies: message.cc.iter().chain(&message.bcc).collect(),
            subject: &message.subject,
            text: &message.search_text,
            attachments: &message.attachments,
        });
        message.search_text = String::new();
        let columns = Columns::of(&message)?;
        Ok(One { message, columns, body, entry })
    }
}

impl Prepared {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What `other` has goes behind, to be written in the same transactions.
    pub fn append(&mut self, mut other: Prepared) {
        self.0.append(&mut other.0);
    }
}

impl Store {
    /// Adds mails of one folder, in transactions of 500 or 32 MB. Idempotent on (folder, uid): a known mail is left as it
    /// is, but is given the body that it lacked. A mail that a pending move put here is recognised by its Message-ID.
    /// Gives one answer for each mail, in order.
    pub fn messages_insert(
        &self,
        account: AccountId,
        folder: FolderId,
        messages: Vec<NewMessage>,
    ) -> Result<Vec<Inserted>> {
        self.prepared_insert(account, folder, Store::messages_prepare(messages)?)
    }

    /// The part of [`Store::messages_insert`] that needs no database, for a thread of its own beside the one that writes.
    /// Each is taken when the one before is packed.
    pub fn messages_prepare(messages: impl IntoIterator<Item = NewMessage>) -> Result<Prepared> {
        Ok(Prepared(messages.into_iter().map(One::of).collect::<Result<_>>()?))
    }

    /// The part of [`Store::messages_insert`] that writes.
    pub fn prepared_insert(&self, account: AccountId, folder: FolderId, prepared: Prepared) -> Result<Vec<Inserted>> {
        let mut answers = Vec::with_capacity(prepared.len());
        let mut rest = prepared.0.into_iter().peekable();
        while rest.peek().is_some() {
            let (mut batch, mut size) = (Vec::new(), 0);
            while let Some(one) = rest.next_if(|_| batch.len() < MOST_IN_ONE && size < LARGEST_ONE) {
                size += one.body.size();
                batch.push(one);
            }
            let length = batch.len();
            let turned = self.write(|db| {
                let turned = self.merging().turn(db, length, size)?;
                answers.extend(insert_all(db, account, folder, batch)?);
                Ok(turned)
            })?;
            self.merging().inserted(turned);
            self.inserted(length);
        }
        Ok(answers)
    }

    /// The body of a mail of which only headers were there.
    pub fn message_fill(&self, id: MessageId, body: Body) -> Result<()> {
        let kept = Kept::of(Some(&body.raw), cut(&body.search_text))?.left_out(body.left_out);
        self.write(|db| fill(db, id, &body, &kept, None))
    }
}

fn insert_all(db: &mut Write<'_>, account: AccountId, folder: FolderId, batch: Vec<One>) -> Result<Vec<Inserted>> {
    let own: String = db.query_row("SELECT lower(email) FROM account WHERE id = ?", [account.0], |row| row.get(0))?;
    let since = rule::weigh_since(db)?;
    let mut pending = operation::Pending::of(db, account, folder)?;
    let mut answers = Vec::with_capacity(batch.len());
    let mut entries = Vec::with_capacity(batch.len());
    for one in batch {
        let (answer, entry) = insert(db, account, folder, (&own, since), &mut pending, one)?;
        answers.push(answer);
        entries.extend(entry.map(|entry| (answer.id, entry)));
    }
    // All rows first, then the index: FTS5 would flush for every mail otherwise.
    search::write_all(db, entries)?;
    db.changed(Table::Folder, folder.0);
    Ok(answers)
}

/// How Message-IDs end that are made up here.
pub(super) const MADE_UP: &str = "@no-message-id.invalid";

/// For a mail without Message-ID: the same wherever and whenever the same mail is seen.
fn made_up(message: &NewMessage) -> String {
    let mut hash = Sha256::new();
    for part in [&message.date.to_string(), &message.from.key(), &message.subject] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let hex: String = hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}{MADE_UP}")
}

fn insert(
    db: &mut Write<'_>,
    account: AccountId,
    folder: FolderId,
    (own, since): (&str, Option<i64>),
    pending: &mut operation::Pending,
    one: One,
) -> Result<(Inserted, Option<Entry>)> {
    let One { message, columns, body, entry } = one;
    let known: Option<(i64, bool, bool)> = db
        .prepare_cached("SELECT id, partial, unreadable IS NOT NULL FROM mail.message WHERE folder = ? AND uid = ?")?
        .query_row(params![folder.0, message.uid], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    if let Some((id, true, true)) = known
        && body.is_whole()
    {
        // Of an unreadable mail not even the headers were here: it is taken anew.
        super::forget_one(db, MessageId(id))?;
    } else if let Some((id, partial, _)) = known {
        if partial && body.is_whole() {
            fill(db, MessageId(id), &body_of(message), &body, Some(&entry))?;
        }
        return Ok((Inserted { id: MessageId(id), fresh: false }, None));
    }
    if !pending.names(message.uid)
        && let Some(id) = adoptable(db, folder, &message.message_id, message.size)?
    {
        place(db, id, Some(folder), Some(message.uid))?;
        operation::found(db, account, folder, id, message.uid)?;
        super::sync::flags_of_server(db, id, &message.flags)?;
        return Ok((Inserted { id, fresh: false }, None));
    }
    let held = pending.held(message.uid, &message.message_id, message.size);
    let is_held = held.is_some();
    let here = held.and_then(|held| held.message(db).transpose()).transpose()?;
    pending.found(message.uid, &message.message_id, message.size);
    if let Some(id) = here {
        // Moved away or removed by the person; the server has not heard of it yet.
        operation::found(db, account, folder, id, message.uid)?;
        return Ok((Inserted { id, fresh: false }, None));
    }
    let id = add(db, account, folder, own, (&message, &columns))?;
    private::came(db, id)?;
    if since.is_some_and(|since| message.date >= since) {
        rule::unweighed(db, id)?;
    }
    let holder = if message.gmail_id != 0 { label::holder(db, id)? } else { None };
    if holder.is_none() {
        body::put_first(db, id.0, &body)?;
    }
    db.prepare_cached(&format!(
        "UPDATE mail.mark SET archived = 1 WHERE id = ?1
         AND EXISTS (SELECT 1 FROM archive WHERE message_id = ?2 AND {DONE})"
    ))?
    .execute(params![id.0, message.message_id])?;
    address::note(db, own, &message)?;
    if is_held {
        operation::apply_to_new(db, account, folder, id, &message.message_id, message.uid)?;
    }
    db.changed(Table::Message, id.0);
    if message.gmail_id != 0 {
        label::labels(db, account, holder.unwrap_or(id), &message.labels)?;
    }
    if let Some(holder) = holder {
        label::note(db, holder, folder)?;
        if body.is_whole() && is_partial(db, holder)? {
            fill(db, holder, &body_of(message), &body, Some(&entry))?;
        } else {
            label::spread(db, holder)?;
        }
        return Ok((Inserted { id, fresh: true }, None));
    }
    Ok((Inserted { id, fresh: true }, Some(entry)))
}

/// A mail that a move brought here and whose number was not known. Not one that is still to be moved from here, nor one that is
/// to be brought here and of which the server has not heard: that this came is another's doing. Of several mails of one
/// Message-ID, the one of this size.
fn adoptable(db: &Connection, folder: FolderId, message_id: &str, size: u32) -> Result<Option<MessageId>> {
    Ok(db
        .prepare_cached(
            "SELECT m.id FROM mail.message m JOIN mail.folder f ON f.id = m.folder
             WHERE m.message_id = ? AND m.folder = ? AND m.uid IS NULL AND NOT EXISTS (SELECT 1 FROM operation o
                 WHERE o.message = m.id AND (o.path = f.path AND o.kind IN ('move', 'expunge')
                     OR o.to_path = f.path AND o.state = 'queued' AND o.attempts = 0))
             ORDER BY m.size <> ?3, m.id LIMIT 1",
        )?
        .query_row(params![message_id, folder.0, size], |row| row.get(0).map(MessageId))
        .optional()?)
}

fn add(
    db: &Connection,
    account: AccountId,
    folder: FolderId,
    own: &str,
    (message, columns): (&NewMessage, &Columns),
) -> Result<MessageId> {
    let id = next_id(db, message.date)?;
    let ties = Ties::of(account, own, id, message, &columns.tied_subject);
    let thread = thread::link(db, &ties)?;
    let Flags { seen, flagged, answered, forwarded, draft, deleted, .. } = message.flags;
    db.prepare_cached(
        "INSERT INTO mail.message (id, account, folder, uid, thread, date, size, message_id, in_reply_to, refs,
             subject, from_name, from_email, to_json, others, preview, seen, flagged, answered, forwarded, draft,
             deleted, attachments, attachment_count, has_html, has_text, unreadable, partial,
             subject_key, orphan, keywords, gmail_id, gmail_thread)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
             ?)",
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
        columns.in_reply_to,
        columns.references,
        message.subject,
        message.from.name,
        message.from.email,
        columns.to,
        columns.others,
        message.preview,
        seen,
        flagged,
        answered,
        forwarded,
        draft,
        deleted,
        columns.attachments,
        shown(&message.attachments),
        message.has_html,
        message.has_text,
        message.unreadable,
        message.partial,
        ties.subject,
        ties.orphan,
        message.flags.keywords_column(),
        (message.gmail_id != 0).then_some(message.gmail_id),
        message.server_thread.parse::<u64>().ok().map(|number| number as i64),
    ])?;
    Ok(id)
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
        left_out: false,
    }
}

/// `kept` is what the store keeps of `body`, whose own bytes are not read; `entry` its words, None: to be made.
fn fill(db: &mut Write<'_>, id: MessageId, body: &Body, kept: &Kept, entry: Option<&Entry>) -> Result<()> {
    let id = label::holder(db, id)?.unwrap_or(id);
    let changed = db
        .prepare_cached(
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
    if changed == 0 {
        return Err(StoreError::NotFound);
    }
    body::put(db, id.0, kept)?;
    search::forget_words(db, id)?;
    let made = match entry {
        Some(_) => None,
        None => search::entry_of(db, id, &body.search_text)?.map(|(entry, _)| entry),
    };
    if let Some(entry) = entry.or(made.as_ref()) {
        entry.write(db, id)?;
        entry.write_beginnings(db, id)?;
    }
    label::spread(db, id)?;
    db.changed(Table::Message, id.0);
    Ok(())
}

fn is_partial(db: &Connection, id: MessageId) -> Result<bool> {
    Ok(db.prepare_cached("SELECT partial FROM mail.message WHERE id = ?")?.query_row([id.0], |row| row.get(0))?)
}
