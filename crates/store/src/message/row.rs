//! Rows of the table as what is asked for.

use super::{Attachment, Detail, Parties, Row, insert::Others};
use crate::{CrmState, Flags, Result};
use clientele_model::{AccountId, Address, FolderId, MessageId};
use rusqlite::Connection;
use serde::de::DeserializeOwned;

pub(super) const COLUMNS: &str = "id, account, folder, from_name, from_email, to_json, subject, preview, date, seen, flagged,
    answered, forwarded, draft, deleted, attachment_count, unreadable IS NOT NULL, partial, crm_state, pills, message_id,
    thread, keywords, private";
pub(super) const DETAIL: &str = "others, in_reply_to, refs, attachments, has_html, has_text, size, unreadable";

/// [`COLUMNS`] of the table that is called so.
pub(super) fn columns_of(table: &str) -> String {
    COLUMNS.split(',').map(|column| format!("{table}.{}", column.trim())).collect::<Vec<_>>().join(", ")
}

/// Rows by id, in the order asked; what is gone is left out.
pub(crate) fn rows_of(db: &Connection, ids: &[MessageId]) -> Result<Vec<Row>> {
    let mut select =
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM mail.message WHERE id = ? AND folder IS NOT NULL"))?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(row) = select.query_and_then([id.0], row_at)?.next() {
            rows.push(row?);
        }
    }
    Ok(rows)
}

pub(crate) fn parties_of(db: &Connection, id: MessageId) -> Result<Option<Parties>> {
    let mut select = db.prepare_cached(
        "SELECT id, account, thread, message_id, date, from_name, from_email, to_json, others
         FROM mail.message WHERE id = ? AND folder IS NOT NULL",
    )?;
    select
        .query_and_then([id.0], |row| {
            let others: Others = json(row, 8)?;
            Ok(Parties {
                id: MessageId(row.get(0)?),
                account: AccountId(row.get(1)?),
                thread: row.get(2)?,
                message_id: row.get(3)?,
                date: row.get(4)?,
                from: Address { name: row.get(5)?, email: row.get(6)? },
                to: json(row, 7)?,
                reply_to: others.reply_to,
                cc: others.cc,
            })
        })?
        .next()
        .transpose()
}

/// What the search index is made of, but for the text.
pub(crate) struct Indexed {
    pub from: Address,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub bcc: Vec<Address>,
    pub reply_to: Vec<Address>,
    pub subject: String,
    pub attachments: Vec<Attachment>,
    pub pills: String,
}

pub(crate) fn parts_of(db: &Connection, id: MessageId) -> Result<Option<Indexed>> {
    let mut select = db.prepare_cached(
        "SELECT from_name, from_email, to_json, others, subject, attachments, pills FROM mail.message WHERE id = ?",
    )?;
    select
        .query_and_then([id.0], |row| {
            let Others { cc, bcc, reply_to } = json(row, 3)?;
            Ok(Indexed {
                from: Address { name: row.get(0)?, email: row.get(1)? },
                to: json(row, 2)?,
                cc,
                bcc,
                reply_to,
                subject: row.get(4)?,
                attachments: json(row, 5)?,
                pills: row.get(6)?,
            })
        })?
        .next()
        .transpose()
}

pub(super) fn row_at(row: &rusqlite::Row<'_>) -> Result<Row> {
    Ok(Row {
        id: MessageId(row.get(0)?),
        account: AccountId(row.get(1)?),
        folder: FolderId(row.get(2)?),
        from: Address { name: row.get(3)?, email: row.get(4)? },
        to: json(row, 5)?,
        subject: row.get(6)?,
        preview: row.get(7)?,
        date: row.get(8)?,
        flags: Flags {
            seen: row.get(9)?,
            flagged: row.get(10)?,
            answered: row.get(11)?,
            forwarded: row.get(12)?,
            draft: row.get(13)?,
            deleted: row.get(14)?,
            keywords: Flags::keywords_of(row.get_ref(22)?.as_str().map_err(rusqlite::Error::from)?),
        },
        attachments: row.get(15)?,
        unreadable: row.get(16)?,
        partial: row.get(17)?,
        crm: CrmState::of(row.get(18)?),
        pills: row.get(19)?,
        snippet: String::new(),
        message_id: row.get(20)?,
        thread: row.get(21)?,
        private: row.get(23)?,
    })
}

pub(super) fn detail_at(row: &rusqlite::Row<'_>) -> Result<Detail> {
    let others: Others = json(row, 24)?;
    Ok(Detail {
        row: row_at(row)?,
        cc: others.cc,
        bcc: others.bcc,
        reply_to: others.reply_to,
        in_reply_to: json(row, 25)?,
        references: json(row, 26)?,
        attachments: json(row, 27)?,
        has_html: row.get(28)?,
        has_text: row.get(29)?,
        size: row.get(30)?,
        unreadable: row.get(31)?,
    })
}

fn json<T: DeserializeOwned>(row: &rusqlite::Row<'_>, column: usize) -> Result<T> {
    let text = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(serde_json::from_str(text)?)
}
