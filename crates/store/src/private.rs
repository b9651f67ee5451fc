//! Mails that are never archived in the CRM: by Message-ID, so that it outlives mail.db, alone or with their conversation.

use crate::{Result, Store, connection::Write};
use clientele_model::{MessageId, Table};
use rusqlite::{Connection, OptionalExtension as _, params};

/// What is said of a mail: that it is not private, although its conversation or what it answers is; or, each by itself and
/// taken back by itself, that it is and that its conversation is.
const NOT: i64 = 0;
const ALONE: i64 = 1;
const CONVERSATION: i64 = 2;

/// Whether a conversation is private: any of the Message-IDs that belong to it is.
const THREAD: &str = "SELECT EXISTS (SELECT 1 FROM mail.thread_ref r CROSS JOIN private_mail p ON p.message_id = r.ref
     WHERE r.thread = ?1 AND p.state & 2)";
/// One mark beside the other.
const AND: &str = "ON CONFLICT (message_id) DO UPDATE SET state = state | excluded.state";
const THREADS_OF: &str =
    "SELECT r.thread FROM account a CROSS JOIN mail.thread_ref r ON r.account = a.id AND r.ref = ?1";
const STATE: &str = "SELECT state FROM private_mail WHERE message_id = ?";
/// Whether what a mail `m` answers is private by itself: an answer quotes it. Without In-Reply-To it is the last of References
/// (RFC 5322 section 3.6.4).
const QUOTES: &str =
    "EXISTS (SELECT 1 FROM json_each(CASE m.in_reply_to WHEN '[]' THEN json_array(json_extract(m.refs, '$[#-1]'))
         ELSE m.in_reply_to END) j CROSS JOIN private_mail p ON p.message_id = j.value WHERE p.state & 1)";

impl Store {
    /// Marks mails, or with `conversation` all that belongs to theirs and what will, as private or not.
    pub fn private_set(&self, mails: &[MessageId], conversation: bool, private: bool) -> Result<()> {
        self.write(|db| {
            for id in mails {
                let row: Option<(String, i64)> = db
                    .prepare_cached("SELECT message_id, thread FROM mail.message WHERE id = ?")?
                    .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                let Some((message_id, thread)) = row else { continue };
                if conversation {
                    let refs = "SELECT ref FROM mail.thread_ref WHERE thread = ?1
                         UNION SELECT message_id FROM mail.message WHERE thread = ?1";
                    if private {
                        // The condition keeps what follows from being read as part of a join.
                        let all = format!("SELECT ref, {CONVERSATION} FROM ({refs}) WHERE true");
                        let sql = format!("INSERT INTO private_mail (message_id, state) {all} {AND}");
                        db.prepare_cached(&sql)?.execute([thread])?;
                    } else {
                        let of = format!("message_id IN ({refs})");
                        db.execute(
                            &format!("DELETE FROM private_mail WHERE state = {CONVERSATION} AND {of}"),
                            [thread],
                        )?;
                        db.execute(&format!("UPDATE private_mail SET state = state & {ALONE} WHERE {of}"), [thread])?;
                    }
                } else if private {
                    let sql = format!("INSERT INTO private_mail (message_id, state) VALUES (?, {ALONE}) {AND}");
                    db.prepare_cached(&sql)?.execute([&message_id])?;
                } else {
                    db.prepare_cached("DELETE FROM private_mail WHERE message_id = ?")?.execute([&message_id])?;
                    if is_private(db, &message_id, &[])? {
                        db.prepare_cached("INSERT INTO private_mail (message_id, state) VALUES (?, ?)")?
                            .execute(params![message_id, NOT])?;
                    }
                }
                shown(db, thread)?;
                for thread in threads_of(db, &message_id)? {
                    shown(db, thread)?;
                }
            }
            Ok(())
        })
    }

    /// Marks a mail about to be sent as private where one that it answers or forwards is: it quotes that one. Says whether.
    pub fn private_with(&self, message_id: &str, quoted: &[String]) -> Result<bool> {
        self.write(|db| {
            for id in quoted.iter().filter(|id| !id.is_empty()) {
                if is_private(db, id, &[])? {
                    db.prepare_cached("INSERT OR IGNORE INTO private_mail (message_id, state) VALUES (?, ?)")?
                        .execute(params![message_id, ALONE])?;
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Whether a mail must not be archived, also one that is not here yet: `refs` are the mails that it names, the one that
    /// it answers at the end.
    pub fn is_private(&self, message_id: &str, refs: &[String]) -> Result<bool> {
        self.read(|db| is_private(db, message_id, refs))
    }
}

pub(crate) fn is_private(db: &Connection, message_id: &str, refs: &[String]) -> Result<bool> {
    let state = |id: &str| db.prepare_cached(STATE)?.query_row([id], |row| row.get::<_, i64>(0)).optional();
    if let Some(state) = state(message_id)? {
        return Ok(state != NOT);
    }
    for id in std::iter::once(message_id).chain(refs.iter().map(String::as_str)) {
        if state(id)?.is_some_and(|state| state & CONVERSATION != 0) {
            return Ok(true);
        }
        for thread in threads_of(db, id)? {
            if db.prepare_cached(THREAD)?.query_row([thread], |row| row.get(0))? {
                return Ok(true);
            }
        }
    }
    if let Some(answered) = refs.last()
        && state(answered)?.is_some_and(|state| state & ALONE != 0)
    {
        return Ok(true);
    }
    let sql = format!("SELECT 1 FROM mail.message m WHERE m.message_id = ? AND m.message_id <> '' AND {QUOTES}");
    Ok(db.prepare_cached(&sql)?.exists([message_id])?)
}

fn threads_of(db: &Connection, message_id: &str) -> Result<Vec<i64>> {
    let mut select = db.prepare_cached(THREADS_OF)?;
    Ok(select.query_map([message_id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// A mail was added, and may have tied conversations together.
pub(crate) fn came(db: &mut Write<'_>, id: MessageId) -> Result<()> {
    if !db.prepare_cached("SELECT EXISTS (SELECT 1 FROM private_mail)")?.query_row([], |row| row.get::<_, bool>(0))? {
        return Ok(());
    }
    // Said of it, rather than worked out each time: what answers this one in turn quotes the first one too.
    let answer = format!(
        "INSERT OR IGNORE INTO private_mail (message_id, state)
         SELECT m.message_id, {ALONE} FROM mail.message m WHERE m.id = ? AND m.message_id <> '' AND {QUOTES}"
    );
    db.prepare_cached(&answer)?.execute([id.0])?;
    let thread =
        db.prepare_cached("SELECT thread FROM mail.message WHERE id = ?")?.query_row([id.0], |row| row.get(0))?;
    shown(db, thread)
}

/// The rows of a conversation say what is so.
fn shown(db: &mut Write<'_>, thread: i64) -> Result<()> {
    let whole: bool = db.prepare_cached(THREAD)?.query_row([thread], |row| row.get(0))?;
    let changed: Vec<i64> = {
        let mut update = db.prepare_cached(&format!(
            "UPDATE mail.message AS m SET private = 1 - private WHERE thread = ?1 AND private <>
                 coalesce((SELECT state > 0 FROM private_mail p WHERE p.message_id = m.message_id), ?2 OR {QUOTES})
             RETURNING id"
        ))?;
        update.query_map(params![thread, whole], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
    };
    for id in changed {
        db.changed(Table::Message, id);
    }
    Ok(())
}

/// As [`shown`], for all that is private: after a crash mail.db may lack what local.db has.
pub(crate) fn shown_all(db: &mut Write<'_>) -> Result<()> {
    let mut threads: Vec<i64> = db
        .prepare(
            "SELECT thread FROM private_mail p CROSS JOIN mail.message m ON m.message_id = p.message_id
             UNION SELECT m.thread FROM mail.mark k INDEXED BY mark_private CROSS JOIN mail.message m ON m.id = k.id
                 WHERE k.private = 1",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let ids: Vec<String> = db
        .prepare("SELECT message_id FROM private_mail WHERE state & 2")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in ids {
        threads.extend(threads_of(db, &id)?);
    }
    threads.sort_unstable();
    threads.dedup();
    for thread in threads {
        shown(db, thread)?;
    }
    Ok(())
}

/// For looking at their plans.
#[cfg(test)]
pub(crate) fn statements() -> [&'static str; 2] {
    [THREAD, STATE]
}
