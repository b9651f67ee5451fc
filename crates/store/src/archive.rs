//! What was archived in the CRM, or waits to be: one row a mail, keyed by its normalised Message-ID.

mod put;

pub use put::NewArchive;

use crate::{Result, Store, StoreError, connection::Write, crm_link::NOW};
use clientele_model::{AccountId, ArchiveId, RecordKind, Table};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};
use serde::{Deserialize, Serialize};

/// A record's kind, the CRM's id of it, and its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ArchiveRecord {
    pub kind: RecordKind,
    pub id: String,
    pub name: String,
}

impl ArchiveRecord {
    pub fn new(kind: RecordKind, id: &str, name: &str) -> Self {
        ArchiveRecord { kind, id: id.to_owned(), name: name.to_owned() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveState {
    Queued,
    Done,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    pub id: ArchiveId,
    pub account: AccountId,
    pub message_id: String,
    pub records: Vec<ArchiveRecord>,
    pub state: ArchiveState,
    /// Failed only: one of the wire's codes.
    pub code: Option<String>,
    /// Done only: the CRM's id of the activity.
    pub activity: Option<String>,
    pub by: String,
    /// When the person asked for it.
    pub date: i64,
    pub attempts: u32,
    /// The CRM had the mail before.
    pub already: bool,
    /// The [`crate::CrmLink`] that it is archived in, or waits for; 0: the embedded CRM.
    pub link: i64,
    /// A single attachment of the mail, rather than the mail.
    pub part: Option<u32>,
    /// As given with [`NewArchive::choice`].
    pub choice: String,
    /// A rule or the conversation's choice did it.
    pub automatic: bool,
    /// Later mails of the conversation are archived by themselves; None: nobody said.
    pub follow: Option<bool>,
    /// The CRM was asked before, and its answer may have been lost.
    pub begun: bool,
}

const COLUMNS: &str =
    "id, account, message_id, records, state, code, activity, by, date, attempts, already, link, part,
    choice, automatic, follow, begun";

/// How long a CRM may need for one request that nobody waits for any longer.
const UNDER_WAY_SECONDS: i64 = 15;

impl Store {
    pub fn archived(&self, message_id: &str) -> Result<Option<Archived>> {
        self.read(|db| Ok(rows(db, "message_id = ?", [message_id])?.pop()))
    }

    /// Of many mails at once; those that are not archived are left out.
    pub fn archived_many(&self, message_ids: &[String]) -> Result<Vec<Archived>> {
        self.read(|db| {
            let mut found = Vec::new();
            for id in message_ids {
                found.extend(rows(db, "message_id = ?", [id])?);
            }
            Ok(found)
        })
    }

    pub fn archive(&self, id: ArchiveId) -> Result<Archived> {
        self.read(|db| one(db, id))
    }

    /// The oldest queued row that is due.
    pub fn archive_next(&self, now: i64) -> Result<Option<Archived>> {
        // No try is put off for longer than an hour: what is further ahead was queued before the clock was set back.
        let due = "state = 'queued' AND (next_try <= ?1 OR next_try > ?1 + 3700) ORDER BY next_try, id LIMIT 1";
        self.read(|db| Ok(rows(db, &format!("link = {NOW} AND {due}"), [now])?.pop()))
    }

    /// When the next row is due; None where none is queued.
    pub fn archive_due(&self) -> Result<Option<i64>> {
        self.read(|db| {
            Ok(db
                .prepare_cached(&format!("SELECT min(next_try) FROM archive WHERE state = 'queued' AND link = {NOW}"))?
                .query_row([], |row| row.get(0))?)
        })
    }

    pub fn archive_done(&self, id: ArchiveId, activity: &str, already: bool) -> Result<()> {
        // Of the activity that was known before, whose it is was said the first time.
        let own = "already = CASE WHEN activity = ?2 THEN already ELSE ?3 END";
        self.set(id, &format!("state = 'done', code = NULL, {own}, activity = ?2"), &[&activity, &already])
    }

    /// Who had archived it before, which may be empty, and when; 0: not said.
    pub fn archive_first(&self, id: ArchiveId, by: &str, date: i64) -> Result<()> {
        self.set(id, "by = ?2, date = CASE ?3 WHEN 0 THEN date ELSE ?3 END", &[&by, &date])
    }

    /// The CRM is about to be asked, now. Where this program dies before it hears the answer, it asks again only when the CRM
    /// has had the time to finish: what is still under way there cannot be found there.
    pub fn archive_begun(&self, id: ArchiveId, now: i64) -> Result<()> {
        self.write(|db| {
            db.prepare_cached("UPDATE archive SET begun = 1, next_try = ?2 WHERE id = ?1")?
                .execute([id.0, now + UNDER_WAY_SECONDS])?;
            Ok(())
        })
    }

    /// All that waits or was refused, the newest first; also what waits for a CRM that was left.
    pub fn archives_waiting(&self) -> Result<Vec<Archived>> {
        self.read(|db| rows(db, "state IN ('queued', 'failed') ORDER BY id DESC", []))
    }

    pub fn archive_later(&self, id: ArchiveId, next_try: i64) -> Result<()> {
        self.set(id, "state = 'queued', attempts = attempts + 1, next_try = ?2", &[&next_try])
    }

    pub fn archive_failed(&self, id: ArchiveId, code: &str) -> Result<()> {
        self.set(id, "state = 'failed', code = ?2, attempts = attempts + 1", &[&code])
    }

    /// failed → queued. [`StoreError::OtherCrm`] where its CRM was left.
    pub fn archive_retry(&self, id: ArchiveId) -> Result<()> {
        if self.archive(id)?.link != self.crm_link_now()? {
            return Err(StoreError::OtherCrm);
        }
        self.set(
            id,
            "state = CASE state WHEN 'failed' THEN 'queued' ELSE state END, code = NULL, attempts = 0, next_try = 0",
            &[],
        )
    }

    /// All of an account that were given up, once more. Gives how many.
    pub fn archives_retry(&self, account: AccountId) -> Result<u32> {
        self.write(|db| {
            let mut retry = db.prepare_cached(
                "UPDATE archive SET state = 'queued', code = NULL, attempts = 0, next_try = 0
                 WHERE account = ? AND state = 'failed' RETURNING id, message_id",
            )?;
            let rows = retry.query_map([account.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let rows = rows.collect::<Result<Vec<(i64, String)>, _>>()?;
            drop(retry);
            for (id, mail) in &rows {
                db.changed(Table::Archive, *id);
                mark(db, Some(mail))?;
            }
            Ok(rows.len() as u32)
        })
    }

    /// What the CRM has of it is all: nothing more waits.
    pub fn archive_let_be(&self, id: ArchiveId) -> Result<()> {
        self.set(id, "state = 'done', code = NULL", &[])
    }

    /// Forgets the row. Taking the activity out of the CRM is the caller's part.
    pub fn archive_remove(&self, id: ArchiveId) -> Result<()> {
        self.write(|db| {
            let mail: Option<String> = db
                .query_row("DELETE FROM archive WHERE id = ? RETURNING message_id", [id.0], |row| row.get(0))
                .optional()?;
            db.changed(Table::Archive, id.0);
            mark(db, mail.as_deref())
        })
    }

    /// What was said before of these mails' conversation is said anew: whether later mails are archived by themselves.
    pub fn archives_follow(&self, message_ids: &[String], follow: bool) -> Result<()> {
        self.write(|db| {
            let sql =
                format!("UPDATE archive SET follow = ? WHERE message_id = ? AND follow IS NOT NULL AND link = {NOW}");
            let mut set = db.prepare_cached(&sql)?;
            for id in message_ids {
                set.execute(params![follow, id])?;
            }
            Ok(())
        })
    }

    /// Whether somebody said of any conversation that its later mails are archived by themselves.
    pub fn follows_any(&self) -> Result<bool> {
        self.read(|db| Ok(db.prepare_cached("SELECT 1 FROM archive WHERE follow = 1 LIMIT 1")?.exists([])?))
    }

    pub fn archives_queued(&self) -> Result<u32> {
        self.read(|db| {
            Ok(db
                .prepare_cached(&format!("SELECT count(*) FROM archive WHERE state = 'queued' AND link = {NOW}"))?
                .query_row([], |row| row.get(0))?)
        })
    }

    /// `?1` is the id, `values` begin at `?2`.
    fn set(&self, id: ArchiveId, set: &str, values: &[&dyn ToSql]) -> Result<()> {
        self.write(|db: &mut Write<'_>| {
            let mut parameters: Vec<&dyn ToSql> = vec![&id.0];
            parameters.extend(values);
            if db.execute(&format!("UPDATE archive SET {set} WHERE id = ?1"), &parameters[..])? == 0 {
                return Err(StoreError::NotFound);
            }
            db.changed(Table::Archive, id.0);
            let mail: String = db.query_row("SELECT message_id FROM archive WHERE id = ?", [id.0], |row| row.get(0))?;
            mark(db, Some(&mail))
        })
    }
}

/// Makes the copies of a mail findable by `is:archived`, or no longer.
fn mark(db: &Connection, message_id: Option<&str>) -> Result<()> {
    db.prepare_cached(&format!(
        "UPDATE mail.mark SET archived = EXISTS (SELECT 1 FROM archive WHERE message_id = ?1 AND {DONE})
         WHERE id IN (SELECT id FROM mail.message WHERE message_id = ?1)"
    ))?
    .execute([message_id])?;
    Ok(())
}

/// As [`mark`], for all mails: after a crash mail.db may lack what local.db has.
pub(crate) fn mark_all(db: &Connection) -> Result<()> {
    db.execute_batch(&format!(
        "UPDATE mail.mark SET archived = 0 WHERE archived = 1;
         UPDATE mail.mark SET archived = 1 WHERE id IN
             (SELECT m.id FROM archive a JOIN mail.message m ON m.message_id = a.message_id WHERE {DONE});"
    ))?;
    Ok(())
}

/// In the CRM; perhaps queued again for more records.
pub(crate) const DONE: &str = "(state = 'done' OR activity IS NOT NULL)";

fn one(db: &Connection, id: ArchiveId) -> Result<Archived> {
    rows(db, "id = ?", [id.0])?.pop().ok_or(StoreError::NotFound)
}

fn rows(db: &Connection, condition: &str, parameters: impl rusqlite::Params) -> Result<Vec<Archived>> {
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM archive WHERE {condition}"))?;
    select.query_and_then(parameters, archived_at)?.collect()
}

fn archived_at(row: &Row<'_>) -> Result<Archived> {
    let (mut message_id, part): (String, Option<u32>) = (row.get(2)?, row.get(12)?);
    if let (Some(_), Some((of, _))) = (part, message_id.rsplit_once(' ')) {
        message_id = of.to_owned();
    }
    Ok(Archived {
        id: ArchiveId(row.get(0)?),
        account: AccountId(row.get(1)?),
        message_id,
        records: serde_json::from_str(&row.get::<_, String>(3)?)?,
        state: match row.get::<_, String>(4)?.as_str() {
            "done" => ArchiveState::Done,
            "failed" => ArchiveState::Failed,
            _ => ArchiveState::Queued,
        },
        code: row.get(5)?,
        activity: row.get(6)?,
        by: row.get(7)?,
        date: row.get(8)?,
        attempts: row.get(9)?,
        already: row.get(10)?,
        link: row.get(11)?,
        part,
        choice: row.get(13)?,
        automatic: row.get(14)?,
        follow: row.get(15)?,
        begun: row.get(16)?,
    })
}
