//! Mails of one's own that want an answer, by Message-ID.

use crate::{Result, Store, StoreError};
use clientele_model::{AccountId, MessageId, Table};
use rusqlite::params;
use std::collections::HashSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub id: i64,
    pub account: AccountId,
    pub message_id: String,
    /// The mail's date, and when to remind. Seconds since 1970.
    pub since: i64,
    pub until: i64,
    /// Somebody was reminded.
    pub told: bool,
}

impl Store {
    /// A mail that waits already waits anew, with another end.
    pub fn waiting_set(&self, account: AccountId, message_id: &str, since: i64, until: i64) -> Result<Waiting> {
        self.write(|db| {
            let id = db.query_row(
                "INSERT INTO waiting (account, message_id, since, until) VALUES (?, ?, ?, ?)
                 ON CONFLICT (message_id) DO UPDATE SET until = excluded.until, told = 0 RETURNING id",
                params![account.0, message_id, since, until],
                |row| row.get(0),
            )?;
            db.changed(Table::Crm, id);
            Ok(Waiting { id, account, message_id: message_id.to_owned(), since, until, told: false })
        })
    }

    /// By when they remind.
    pub fn waiting(&self) -> Result<Vec<Waiting>> {
        self.read(|db| {
            let mut select = db
                .prepare_cached("SELECT id, account, message_id, since, until, told FROM waiting ORDER BY until, id")?;
            let rows = select.query_map([], |row| {
                Ok(Waiting {
                    id: row.get(0)?,
                    account: AccountId(row.get(1)?),
                    message_id: row.get(2)?,
                    since: row.get(3)?,
                    until: row.get(4)?,
                    told: row.get(5)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    pub fn waiting_remove(&self, id: i64) -> Result<()> {
        self.write(|db| {
            if db.execute("DELETE FROM waiting WHERE id = ?", [id])? == 0 {
                return Err(StoreError::NotFound);
            }
            db.changed(Table::Crm, id);
            Ok(())
        })
    }

    pub fn waiting_told(&self, id: i64) -> Result<()> {
        self.write(|db| {
            db.execute("UPDATE waiting SET told = 1 WHERE id = ?", [id])?;
            db.changed(Table::Crm, id);
            Ok(())
        })
    }

    /// Lets go of the mails that somebody else has answered: with a mail of the conversation that is younger, or that names
    /// the mail it answers, whatever its date. What came back undelivered is no answer, nor what `is_of_a_machine` says of
    /// a mail's bytes. Gives how many.
    pub fn waiting_answered(&self, is_of_a_machine: impl Fn(&[u8]) -> bool) -> Result<u32> {
        let answers: Vec<(i64, MessageId)> = self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT DISTINCT w.id, came.id FROM waiting w JOIN mail.message sent ON sent.message_id = w.message_id
                     JOIN mail.message came ON came.thread = sent.thread
                 WHERE came.message_id <> w.message_id AND came.draft = 0
                     AND (came.date > w.since OR instr(came.in_reply_to, w.message_id) > 0)
                     AND trim(came.from_email) <> '' AND lower(came.from_email) NOT LIKE 'mailer-daemon@%'
                     AND lower(came.from_email) NOT LIKE 'postmaster@%'
                     AND lower(came.from_email) NOT IN (SELECT lower(email) FROM account)",
            )?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, MessageId(row.get(1)?))))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?;
        let mut gone = HashSet::new();
        for (id, answer) in answers {
            if gone.contains(&id) || self.readable(answer)?.is_some_and(|raw| is_of_a_machine(&raw)) {
                continue;
            }
            match self.waiting_remove(id) {
                Err(StoreError::NotFound) => {}
                other => other?,
            }
            gone.insert(id);
        }
        Ok(gone.len() as u32)
    }
}
