//! Mails on their way out. Each step is compare-and-set: a step that finds the row in another state fails with
//! `WrongState`, so that no mail is sent by two, or twice.

use crate::{ArchiveRecord, Result, Store, StoreError, connection::Write};
use clientele_model::{AccountId, Address, DraftId, MessageId, OutboxId, Table};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxState {
    Queued,
    Sending,
    /// The connection died between DATA and the answer: the server may have it. A person decides.
    Held,
    Failed,
    Sent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyKind {
    Answered,
    Forwarded,
}

/// A composed mail to be sent.
#[derive(Debug, Clone)]
pub struct NewOutbox {
    pub account: AccountId,
    /// The draft it comes from: hidden from now on, gone when the mail is sent.
    pub draft: Option<DraftId>,
    /// Normalised; fixed now, so that a second try is the same mail.
    pub message_id: String,
    /// As it goes over the wire: without Bcc.
    pub raw: Vec<u8>,
    /// As it is kept in Sent: with Bcc.
    pub raw_sent: Vec<u8>,
    pub from: String,
    /// All recipients, Bcc among them.
    pub recipients: Vec<String>,
    /// For showing.
    pub to: Vec<Address>,
    pub subject: String,
    /// Records that the mail is archived on once it is sent.
    pub archive: Vec<ArchiveRecord>,
    /// The [`crate::CrmLink`] whose records these are; 0: the embedded CRM.
    pub link: i64,
    /// The mail that was answered or forwarded, to be flagged so.
    pub reply: Option<(MessageId, ReplyKind)>,
    /// Its Message-ID, normalised; empty: not known.
    pub answered: String,
    /// Not before this time.
    pub next_try: i64,
    pub queued: i64,
}

#[derive(Debug, Clone)]
pub struct OutboxItem {
    pub id: OutboxId,
    pub account: AccountId,
    pub draft: Option<DraftId>,
    pub message_id: String,
    pub from: String,
    pub recipients: Vec<String>,
    pub to: Vec<Address>,
    pub subject: String,
    pub state: OutboxState,
    pub code: Option<String>,
    pub detail: String,
    pub attempts: u32,
    pub next_try: i64,
    pub queued: i64,
    pub archive: Vec<ArchiveRecord>,
    /// As [`NewOutbox::link`].
    pub link: i64,
    pub reply: Option<(MessageId, ReplyKind)>,
    /// Its Message-ID, normalised; empty: not known.
    pub answered: String,
}

const COLUMNS: &str =
    "id, account, draft, message_id, sender, recipients, shown_to, subject, state, code, detail, attempts,
    next_try, queued, archive, reply, reply_kind, answered, link";

impl OutboxState {
    fn as_str(self) -> &'static str {
        match self {
            OutboxState::Queued => "queued",
            OutboxState::Sending => "sending",
            OutboxState::Held => "held",
            OutboxState::Failed => "failed",
            OutboxState::Sent => "sent",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "queued" => OutboxState::Queued,
            "sending" => OutboxState::Sending,
            "failed" => OutboxState::Failed,
            "sent" => OutboxState::Sent,
            // What cannot be read is for a person to decide.
            _ => OutboxState::Held,
        }
    }
}

impl Store {
    /// Queues a mail and hides its draft, in one transaction. `WrongState` where the draft is in the outbox already.
    pub fn outbox_queue(&self, mail: &NewOutbox) -> Result<OutboxId> {
        self.write(|db| {
            db.execute(
                "INSERT INTO outbox (account, draft, message_id, sender, recipients, shown_to, subject, archive, reply,
                     reply_kind, answered, link, state, next_try, queued, raw, raw_sent)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?)",
                params![
                    mail.account.0,
                    mail.draft.map(|id| id.0),
                    mail.message_id,
                    mail.from,
                    serde_json::to_string(&mail.recipients)?,
                    serde_json::to_string(&mail.to)?,
                    mail.subject,
                    serde_json::to_string(&mail.archive)?,
                    mail.reply.map(|(id, _)| id.0),
                    mail.reply.map(|(_, kind)| match kind {
                        ReplyKind::Answered => "answered",
                        ReplyKind::Forwarded => "forwarded",
                    }),
                    mail.answered,
                    mail.link,
                    mail.next_try,
                    mail.queued,
                    mail.raw,
                    mail.raw_sent
                ],
            )?;
            let id = db.last_insert_rowid();
            if let Some(draft) = mail.draft {
                let hidden =
                    db.execute("UPDATE draft SET outbox = ? WHERE id = ? AND outbox IS NULL", params![id, draft.0])?;
                if hidden == 0 {
                    return Err(StoreError::WrongState);
                }
                db.changed(Table::Draft, draft.0);
            }
            db.changed(Table::Outbox, id);
            Ok(OutboxId(id))
        })
    }

    /// What a person sees: all but the sent, oldest first.
    pub fn outbox(&self) -> Result<Vec<OutboxItem>> {
        self.read(|db| items(db, "state <> 'sent' ORDER BY id", []))
    }

    pub fn outbox_item(&self, id: OutboxId) -> Result<OutboxItem> {
        self.read(|db| items(db, "id = ?", [id.0])?.pop().ok_or(StoreError::NotFound))
    }

    /// As it goes over the wire.
    pub fn outbox_raw(&self, id: OutboxId) -> Result<Vec<u8>> {
        self.read(|db| Ok(db.query_row("SELECT raw FROM outbox WHERE id = ?", [id.0], |row| row.get(0))?))
    }

    /// As it is kept in Sent; `None` where no sent mail of this Message-ID has a row any more.
    pub fn outbox_raw_by_message_id(&self, message_id: &str) -> Result<Option<Vec<u8>>> {
        self.read(|db| {
            let sql = "SELECT raw_sent FROM outbox WHERE message_id = ? AND state = 'sent'";
            Ok(db.query_row(sql, [message_id], |row| row.get(0)).optional()?)
        })
    }

    /// As it is kept in Sent.
    pub fn outbox_raw_sent(&self, id: OutboxId) -> Result<Vec<u8>> {
        self.read(|db| Ok(db.query_row("SELECT raw_sent FROM outbox WHERE id = ?", [id.0], |row| row.get(0))?))
    }

    /// The account's oldest queued mail that is due, marked as sending; durable before it returns, so before the
    /// network is touched.
    pub fn outbox_claim(&self, account: AccountId, now: i64) -> Result<Option<OutboxItem>> {
        self.write(|db| {
            // No try is put off for longer than an hour: what is further ahead was queued before the clock was set back.
            let condition =
                "account = ?1 AND state = 'queued' AND (next_try <= ?2 OR next_try > ?2 + 3700) ORDER BY id LIMIT 1";
            let Some(mut item) = items(db, condition, params![account.0, now])?.pop() else { return Ok(None) };
            step(
                db,
                item.id,
                &[OutboxState::Queued],
                "state = 'sending', attempts = attempts + 1, data_begun = 0, code = NULL, detail = ''",
                &[],
            )?;
            item.state = OutboxState::Sending;
            item.attempts += 1;
            Ok(Some(item))
        })
    }

    /// When the next mail of the account is due; None where none is queued.
    pub fn outbox_due(&self, account: AccountId) -> Result<Option<i64>> {
        self.read(|db| {
            Ok(db
                .prepare_cached("SELECT min(next_try) FROM outbox WHERE account = ? AND state = 'queued'")?
                .query_row([account.0], |row| row.get(0))?)
        })
    }

    /// DATA is about to be sent: from here on, a crash makes the mail `Held`. Durable before it returns.
    pub fn outbox_data_begun(&self, id: OutboxId) -> Result<()> {
        self.write(|db| step(db, id, &[OutboxState::Sending], "data_begun = 1", &[]))
    }

    /// sending → sent; the draft goes. A mail held and then known to have arrived takes this way too.
    pub fn outbox_sent(&self, id: OutboxId) -> Result<()> {
        self.write(|db| {
            let from = &[OutboxState::Sending, OutboxState::Held];
            step(db, id, from, "state = 'sent', code = NULL, detail = ''", &[])?;
            drop_draft(db, id)
        })
    }

    /// sending → queued: a passing failure before the server took the mail.
    pub fn outbox_later(&self, id: OutboxId, code: &str, detail: &str, next_try: i64) -> Result<()> {
        self.write(|db| {
            let set = "state = 'queued', data_begun = 0, code = ?2, detail = ?3, next_try = ?4";
            step(db, id, &[OutboxState::Sending], set, &[&code, &detail, &next_try])
        })
    }

    /// sending → failed: a person must look.
    pub fn outbox_failed(&self, id: OutboxId, code: &str, detail: &str) -> Result<()> {
        self.write(|db| {
            let set = "state = 'failed', data_begun = 0, code = ?2, detail = ?3";
            step(db, id, &[OutboxState::Sending], set, &[&code, &detail])
        })
    }

    /// sending → held: nobody knows whether the server took it.
    pub fn outbox_held(&self, id: OutboxId) -> Result<()> {
        self.write(|db| step(db, id, &[OutboxState::Sending], "state = 'held'", &[]))
    }

    /// failed or held → queued, due now. Of a queued one: due now.
    pub fn outbox_retry(&self, id: OutboxId, now: i64) -> Result<()> {
        self.write(|db| {
            let set = "state = 'queued', data_begun = 0, code = NULL, detail = '', next_try = ?2";
            step(db, id, RESTING, set, &[&now])
        })
    }

    /// queued, failed or held → back to its draft. `NotFound` where it had none.
    pub fn outbox_edit(&self, id: OutboxId) -> Result<DraftId> {
        self.write(|db| {
            step(db, id, RESTING, "state = state", &[])?;
            let draft: Option<i64> = db
                .query_row("UPDATE draft SET outbox = NULL WHERE outbox = ? RETURNING id", [id.0], |row| row.get(0))
                .optional()?;
            let draft = draft.ok_or(StoreError::NotFound)?;
            db.execute("DELETE FROM outbox WHERE id = ?", [id.0])?;
            db.changed(Table::Draft, draft);
            Ok(DraftId(draft))
        })
    }

    /// queued, failed or held → gone, with its draft.
    pub fn outbox_discard(&self, id: OutboxId) -> Result<()> {
        self.write(|db| {
            step(db, id, RESTING, "state = state", &[])?;
            drop_draft(db, id)?;
            db.execute("DELETE FROM outbox WHERE id = ?", [id.0])?;
            Ok(())
        })
    }

    /// Sent mails of the account whose copy is not in the Sent folder yet, oldest first.
    pub fn outbox_unsaved(&self, account: AccountId) -> Result<Vec<OutboxItem>> {
        self.read(|db| items(db, "account = ? AND state = 'sent' ORDER BY id", [account.0]))
    }

    /// The copy is in Sent: the row is of no more use and goes.
    pub fn outbox_saved(&self, id: OutboxId) -> Result<()> {
        self.write(|db| {
            step(db, id, &[OutboxState::Sent], "state = state", &[])?;
            db.execute("DELETE FROM outbox WHERE id = ?", [id.0])?;
            Ok(())
        })
    }
}

/// Nobody is at work on it.
const RESTING: &[OutboxState] = &[OutboxState::Queued, OutboxState::Failed, OutboxState::Held];

/// Compare and set: `?1` is the id, `values` begin at `?2`.
fn step(db: &mut Write<'_>, id: OutboxId, from: &[OutboxState], set: &str, values: &[&dyn ToSql]) -> Result<()> {
    let states: Vec<String> = from.iter().map(|state| format!("'{}'", state.as_str())).collect();
    let sql = format!("UPDATE outbox SET {set} WHERE id = ?1 AND state IN ({})", states.join(", "));
    let mut parameters: Vec<&dyn ToSql> = vec![&id.0];
    parameters.extend(values);
    if db.execute(&sql, &parameters[..])? == 0 {
        return Err(StoreError::WrongState);
    }
    db.changed(Table::Outbox, id.0);
    Ok(())
}

fn drop_draft(db: &mut Write<'_>, id: OutboxId) -> Result<()> {
    let draft: Option<i64> =
        db.query_row("DELETE FROM draft WHERE outbox = ? RETURNING id", [id.0], |row| row.get(0)).optional()?;
    if let Some(draft) = draft {
        db.changed(Table::Draft, draft);
    }
    Ok(())
}

/// At opening: what was being sent when the program ended. Before DATA the server cannot have it; after, it may.
pub(crate) fn recover(db: &Connection) -> Result<()> {
    db.execute("UPDATE outbox SET state = 'held' WHERE state = 'sending' AND data_begun = 1", [])?;
    db.execute("UPDATE outbox SET state = 'queued', next_try = 0 WHERE state = 'sending'", [])?;
    Ok(())
}

fn items(db: &Connection, condition: &str, parameters: impl rusqlite::Params) -> Result<Vec<OutboxItem>> {
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox WHERE {condition}"))?;
    select.query_and_then(parameters, item_at)?.collect()
}

fn item_at(row: &Row<'_>) -> Result<OutboxItem> {
    let state = OutboxState::parse(&row.get::<_, String>(8)?);
    let kind = row.get::<_, Option<String>>(16)?;
    Ok(OutboxItem {
        id: OutboxId(row.get(0)?),
        account: AccountId(row.get(1)?),
        draft: row.get::<_, Option<i64>>(2)?.map(DraftId),
        message_id: row.get(3)?,
        from: row.get(4)?,
        recipients: serde_json::from_str(&row.get::<_, String>(5)?)?,
        to: serde_json::from_str(&row.get::<_, String>(6)?)?,
        subject: row.get(7)?,
        state,
        code: row.get(9)?,
        detail: row.get(10)?,
        attempts: row.get(11)?,
        next_try: row.get(12)?,
        queued: row.get(13)?,
        archive: serde_json::from_str(&row.get::<_, String>(14)?)?,
        reply: row.get::<_, Option<i64>>(15)?.map(|id| {
            let kind = if kind.as_deref() == Some("forwarded") { ReplyKind::Forwarded } else { ReplyKind::Answered };
            (MessageId(id), kind)
        }),
        answered: row.get(17)?,
        link: row.get(18)?,
    })
}
