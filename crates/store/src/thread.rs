//! Conversations: mails tied by Message-ID, In-Reply-To and References (RFC 5322 section 3.6.4), by the server's own number
//! of a conversation, and, carefully, by subject; across the folders of an account.

use crate::{NewMessage, Result, fold::fold};
use clientele_model::{AccountId, Address, MessageId, RowDate, subject};
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// A mail with thousands of references is hostile: its first and its last ones tie it well enough.
const MOST: usize = 64;
/// Seconds within which an answer that names no other mail may belong to one of its subject.
const SUBJECT_SPAN: i64 = 30 * 86_400;
/// Mails of one subject that are looked at: more is a newsletter or a machine.
const MOST_OF_SUBJECT: u32 = 20;
/// Addresses of one mail that are compared.
const MOST_PEOPLE: usize = 100;

/// What ties a mail to others.
pub(crate) struct Ties<'a> {
    account: i64,
    id: MessageId,
    own: &'a str,
    message: &'a NewMessage,
    /// The subject without prefixes and the account, hashed; None where there is no subject.
    pub subject: Option<i64>,
    /// An answer by its subject, that names no other mail.
    pub orphan: bool,
}

/// A subject as mails are tied by it: without prefixes, folded, with single spaces.
pub(crate) fn tied_subject(subject: &str) -> String {
    fold(subject::base(subject)).split_whitespace().collect::<Vec<_>>().join(" ")
}

impl<'a> Ties<'a> {
    /// `own`: the account's address in lower case; `tied`: the mail's [`tied_subject`].
    pub fn of(account: AccountId, own: &'a str, id: MessageId, message: &'a NewMessage, tied: &str) -> Self {
        let subject = (!tied.is_empty()).then(|| {
            let mut hash = Sha256::new();
            hash.update(account.0.to_le_bytes());
            hash.update(tied);
            i64::from_le_bytes(hash.finalize()[..8].try_into().unwrap_or_default())
        });
        let alone = message.references.is_empty() && message.in_reply_to.is_empty() && message.server_thread.is_empty();
        let orphan = alone && subject.is_some() && subject::is_reply(&message.subject);
        Ties { account: account.0, id, own, message, subject, orphan }
    }

    /// Ids that name the conversation, the mail's own first.
    fn ids(&self) -> Vec<String> {
        let message = self.message;
        let all: Vec<&String> =
            std::iter::once(&message.message_id).chain(&message.references).chain(&message.in_reply_to).collect();
        let mut unique: Vec<String> = Vec::with_capacity(all.len().min(MOST));
        let skip = all.len().saturating_sub(MOST);
        for (place, id) in all.into_iter().enumerate() {
            if !id.is_empty() && (place < 2 || place >= skip + 2) && !unique.contains(id) {
                unique.push(id.clone());
            }
        }
        if !message.server_thread.is_empty() {
            // A Message-ID has no space: none can pass for it.
            unique.push(format!("thread {}", message.server_thread));
        }
        unique
    }
}

/// The conversation of a mail. Conversations that it ties together become one.
pub(crate) fn link(db: &Connection, ties: &Ties<'_>) -> Result<i64> {
    let (mut known, mut unknown) = (BTreeSet::new(), Vec::new());
    let mut query = db.prepare_cached("SELECT thread FROM mail.thread_ref WHERE account = ? AND ref = ?")?;
    for id in ties.ids() {
        match query.query_row(params![ties.account, id], |row| row.get::<_, i64>(0)).optional()? {
            Some(thread) => known.extend([thread]),
            None => unknown.push(id),
        }
    }
    known.extend(by_subject(db, ties)?);
    let mut known = known.into_iter();
    let thread = match known.next() {
        Some(thread) => thread,
        None => {
            db.prepare_cached("INSERT INTO mail.thread DEFAULT VALUES")?.execute([])?;
            db.last_insert_rowid()
        }
    };
    for other in known {
        for table in ["message", "thread_ref"] {
            db.prepare_cached(&format!("UPDATE mail.{table} SET thread = ?1 WHERE thread = ?2"))?
                .execute([thread, other])?;
        }
    }
    let mut insert =
        db.prepare_cached("INSERT OR IGNORE INTO mail.thread_ref (account, ref, thread) VALUES (?, ?, ?)")?;
    for id in unknown {
        insert.execute(params![ties.account, id, thread])?;
    }
    Ok(thread)
}

/// Conversations that the subject ties a mail to: that of the mail it answers, and those of answers to it that came
/// before it (a mailbox is fetched newest first). An answer belongs to the last mail before it of that subject.
fn by_subject(db: &Connection, ties: &Ties<'_>) -> Result<Vec<i64>> {
    let Some(subject) = ties.subject else { return Ok(Vec::new()) };
    let date = RowDate::of(ties.id).seconds();
    let people = people(&ties.message.from, ties.message.to.iter().chain(&ties.message.cc), ties.own);
    let mut found = Vec::new();
    if ties.orphan
        && let Some((_, thread)) = answered(db, subject, ties.id, date, &people, ties.own)?
    {
        found.push(thread);
    }
    let last = RowDate::new(date + SUBJECT_SPAN).place();
    let mut select = db.prepare_cached(
        "SELECT id, thread FROM mail.message INDEXED BY message_orphan
         WHERE subject_key = ? AND orphan = 1 AND id > ? AND id <= ? ORDER BY id LIMIT ?",
    )?;
    let answers = select
        .query_map(params![subject, ties.id.0, last.0, MOST_OF_SUBJECT], |row| {
            Ok((MessageId(row.get(0)?), row.get(1)?))
        })?
        .collect::<Result<Vec<(MessageId, i64)>, _>>()?;
    for (id, thread) in answers {
        let theirs = people_of(db, id, ties.own)?;
        if theirs.is_disjoint(&people) {
            continue;
        }
        let nearest = answered(db, subject, id, RowDate::of(id).seconds(), &theirs, ties.own)?;
        if nearest.is_none_or(|(nearest, _)| nearest < ties.id) {
            found.push(thread);
        }
    }
    Ok(found)
}

/// The mail that an answer without references belongs to, and its conversation.
fn answered(
    db: &Connection,
    subject: i64,
    id: MessageId,
    date: i64,
    people: &BTreeSet<String>,
    own: &str,
) -> Result<Option<(MessageId, i64)>> {
    let first = RowDate::new(date - SUBJECT_SPAN).place();
    let mut select = db.prepare_cached(
        "SELECT id, thread FROM mail.message INDEXED BY message_subject
         WHERE subject_key = ? AND id < ? AND id >= ? ORDER BY id DESC LIMIT ?",
    )?;
    let before = select
        .query_map(params![subject, id.0, first.0, MOST_OF_SUBJECT], |row| Ok((MessageId(row.get(0)?), row.get(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    for (id, thread) in before {
        if !people_of(db, id, own)?.is_disjoint(people) {
            return Ok(Some((id, thread)));
        }
    }
    Ok(None)
}

fn people_of(db: &Connection, id: MessageId, own: &str) -> Result<BTreeSet<String>> {
    Ok(crate::message::parts_of(db, id)?
        .map(|mail| people(&mail.from, mail.to.iter().chain(&mail.cc), own))
        .unwrap_or_default())
}

/// Everyone in a mail but the account itself.
fn people<'a>(from: &Address, others: impl Iterator<Item = &'a Address>, own: &str) -> BTreeSet<String> {
    let all = std::iter::once(from.key()).chain(others.take(MOST_PEOPLE).map(Address::key));
    all.filter(|key| key.contains('@') && key != own).collect()
}
