use crate::{Result, Store, StoreError};
use clientele_model::{AccountId, Address, DraftId, MessageId, Table};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DraftKind {
    #[default]
    New,
    Reply,
    ReplyAll,
    Forward,
}

/// A mail being written. Never shown again once it is in the outbox, unless it is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// 0 for one that is not saved yet.
    pub id: DraftId,
    pub account: AccountId,
    pub kind: DraftKind,
    /// The mail answered or forwarded. May be gone.
    pub message: Option<MessageId>,
    /// Its Message-ID, normalised: the row may be another mail's after mail.db was fetched again.
    pub answered: String,
    /// What In-Reply-To and References will say, kept here because the mail may be gone by then.
    pub in_reply_to: String,
    pub references: Vec<String>,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub bcc: Vec<Address>,
    pub subject: String,
    pub body: String,
    pub quote: String,
    pub saved: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftAttachment {
    pub id: i64,
    pub draft: DraftId,
    pub name: String,
    pub mime: String,
    pub size: u32,
    pub content_id: Option<String>,
}

const COLUMNS: &str =
    "id, account, kind, message, in_reply_to, refs, recipients, subject, body, quote, saved, answered";

#[derive(Serialize, Deserialize)]
struct Recipients<T> {
    to: T,
    cc: T,
    bcc: T,
}

impl DraftKind {
    fn as_str(self) -> &'static str {
        match self {
            DraftKind::New => "new",
            DraftKind::Reply => "reply",
            DraftKind::ReplyAll => "reply_all",
            DraftKind::Forward => "forward",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "reply" => DraftKind::Reply,
            "reply_all" => DraftKind::ReplyAll,
            "forward" => DraftKind::Forward,
            _ => DraftKind::New,
        }
    }
}

impl Store {
    /// Adds a draft; `id` is not read.
    pub fn draft_add(&self, draft: &Draft) -> Result<DraftId> {
        self.write(|db| {
            db.prepare_cached(
                "INSERT INTO draft (account, kind, message, in_reply_to, refs, recipients, subject, body, quote, saved,
                     answered)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                draft.account.0,
                draft.kind.as_str(),
                draft.message.map(|id| id.0),
                draft.in_reply_to,
                serde_json::to_string(&draft.references)?,
                recipients(draft)?,
                draft.subject,
                draft.body,
                draft.quote,
                draft.saved,
                draft.answered
            ])?;
            let id = db.last_insert_rowid();
            db.changed(Table::Draft, id);
            Ok(DraftId(id))
        })
    }

    /// Saves addresses, subject, body, quote, account and `saved`; the rest is as it was added. Durable when it
    /// returns. `WrongState` where the draft is in the outbox.
    pub fn draft_save(&self, draft: &Draft) -> Result<()> {
        self.write(|db| {
            let changed = db
                .prepare_cached(
                    "UPDATE draft SET account = ?, recipients = ?, subject = ?, body = ?, quote = ?, saved = ?
                     WHERE id = ? AND outbox IS NULL",
                )?
                .execute(params![
                    draft.account.0,
                    recipients(draft)?,
                    draft.subject,
                    draft.body,
                    draft.quote,
                    draft.saved,
                    draft.id.0
                ])?;
            if changed == 0 {
                let there: bool =
                    db.query_row("SELECT EXISTS (SELECT 1 FROM draft WHERE id = ?)", [draft.id.0], |row| row.get(0))?;
                return Err(if there { StoreError::WrongState } else { StoreError::NotFound });
            }
            db.changed(Table::Draft, draft.id.0);
            Ok(())
        })
    }

    pub fn draft(&self, id: DraftId) -> Result<Draft> {
        self.read(|db| {
            let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM draft WHERE id = ?"))?;
            select.query_and_then([id.0], draft_at)?.next().ok_or(StoreError::NotFound)?
        })
    }

    /// Latest saved first; those in the outbox left out.
    pub fn drafts(&self) -> Result<Vec<Draft>> {
        self.read(|db| {
            let mut select = db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM draft INDEXED BY draft_saved WHERE outbox IS NULL ORDER BY saved DESC, id DESC"
            ))?;
            select.query_and_then([], draft_at)?.collect()
        })
    }

    pub fn draft_remove(&self, id: DraftId) -> Result<()> {
        self.write(|db| {
            db.execute("DELETE FROM draft WHERE id = ? AND outbox IS NULL", [id.0])?;
            db.changed(Table::Draft, id.0);
            Ok(())
        })
    }

    /// Gives the attachment's id.
    pub fn draft_attach(
        &self,
        draft: DraftId,
        name: &str,
        mime: &str,
        content_id: Option<&str>,
        content: &[u8],
    ) -> Result<i64> {
        self.write(|db| {
            let there: Option<i64> = db
                .query_row("SELECT id FROM draft WHERE id = ? AND outbox IS NULL", [draft.0], |row| row.get(0))
                .optional()?;
            there.ok_or(StoreError::NotFound)?;
            db.execute(
                "INSERT INTO draft_attachment (draft, name, mime, content_id, size, content) VALUES (?, ?, ?, ?, ?, ?)",
                params![draft.0, name, mime, content_id, content.len() as i64, content],
            )?;
            let id = db.last_insert_rowid();
            db.changed(Table::Draft, draft.0);
            Ok(id)
        })
    }

    pub fn draft_detach(&self, draft: DraftId, attachment: i64) -> Result<()> {
        self.write(|db| {
            db.execute("DELETE FROM draft_attachment WHERE id = ? AND draft = ?", [attachment, draft.0])?;
            db.changed(Table::Draft, draft.0);
            Ok(())
        })
    }

    pub fn draft_attachments(&self, draft: DraftId) -> Result<Vec<DraftAttachment>> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT id, draft, name, mime, size, content_id FROM draft_attachment WHERE draft = ? ORDER BY id",
            )?;
            let rows = select.query_map([draft.0], |row| {
                Ok(DraftAttachment {
                    id: row.get(0)?,
                    draft: DraftId(row.get(1)?),
                    name: row.get(2)?,
                    mime: row.get(3)?,
                    size: row.get(4)?,
                    content_id: row.get(5)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    pub fn draft_attachment_content(&self, attachment: i64) -> Result<Vec<u8>> {
        self.read(|db| {
            Ok(db.query_row("SELECT content FROM draft_attachment WHERE id = ?", [attachment], |row| row.get(0))?)
        })
    }
}

fn recipients(draft: &Draft) -> Result<String> {
    Ok(serde_json::to_string(&Recipients { to: &draft.to, cc: &draft.cc, bcc: &draft.bcc })?)
}

fn draft_at(row: &Row<'_>) -> Result<Draft> {
    let recipients: Recipients<Vec<Address>> = serde_json::from_str(&row.get::<_, String>(6)?)?;
    Ok(Draft {
        id: DraftId(row.get(0)?),
        account: AccountId(row.get(1)?),
        kind: DraftKind::parse(&row.get::<_, String>(2)?),
        message: row.get::<_, Option<i64>>(3)?.map(MessageId),
        in_reply_to: row.get(4)?,
        references: serde_json::from_str(&row.get::<_, String>(5)?)?,
        to: recipients.to,
        cc: recipients.cc,
        bcc: recipients.bcc,
        subject: row.get(7)?,
        body: row.get(8)?,
        quote: row.get(9)?,
        saved: row.get(10)?,
        answered: row.get(11)?,
    })
}
