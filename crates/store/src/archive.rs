//! What was archived in the CRM, or waits to be: one row a mail, keyed by its normalised Message-ID.

use crate::{Result, Store, StoreError, connection::Write, crm_link::NOW, private};
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

/// What is to be archived.
#[derive(Debug, Clone)]
pub struct NewArchive {
    pub account: AccountId,
    pub message_id: String,
    /// A single attachment of the mail, rather than the mail.
    pub part: Option<u32>,
    pub records: Vec<ArchiveRecord>,
    pub by: String,
    /// The caller's JSON; empty: what was chosen before stays.
    pub choice: String,
    pub automatic: bool,
    /// None: what was said before stays.
    pub follow: Option<bool>,
}

impl NewArchive {
    /// Of a mail, with nothing chosen.
    pub fn of(account: AccountId, message_id: &str, records: &[ArchiveRecord], by: &str) -> Self {
        NewArchive {
            account,
            message_id: message_id.to_owned(),
            part: None,
            records: records.to_vec(),
            by: by.to_owned(),
            choice: String::new(),
            automatic: false,
            follow: None,
        }
    }
}

impl Store {
    /// Queues a mail to be archived. A mail that is archived or queued already keeps its row, its records growing by
    /// new ones (and is queued again if there are new ones); a failed one is queued again. `already` of the answer
    /// says that it was archived on all of them before.
    pub fn archive_queue(
        &self,
        account: AccountId,
        message_id: &str,
        records: &[ArchiveRecord],
        by: &str,
        now: i64,
    ) -> Result<Archived> {
        self.archive_put(&NewArchive::of(account, message_id, records, by), now)
    }

    /// The same with choices, and of single attachments. [`StoreError::Private`] where the mail is.
    pub fn archive_put(&self, new: &NewArchive, now: i64) -> Result<Archived> {
        let key = match new.part {
            Some(part) => format!("{} {part}", new.message_id),
            None => new.message_id.clone(),
        };
        let (records, by, account) = (&new.records, &new.by, new.account);
        self.write(|db| {
            if private::is_private(db, &new.message_id, &[])? {
                return Err(StoreError::Private);
            }
            let Some(mut row) = rows(db, "message_id = ?", [&key])?.pop() else {
                db.execute(
                    &format!(
                        "INSERT INTO archive (account, message_id, part, records, state, by, date, next_try, link, choice,
                             automatic, follow) VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, {NOW}, ?, ?, ?)"
                    ),
                    params![
                        account.0,
                        key,
                        new.part,
                        serde_json::to_string(records)?,
                        by,
                        now,
                        now,
                        new.choice,
                        new.automatic,
                        new.follow
                    ],
                )?;
                let id = db.last_insert_rowid();
                db.changed(Table::Archive, id);
                return one(db, ArchiveId(id));
            };
            let here: i64 = db.query_row(&format!("SELECT {NOW}"), [], |row| row.get(0))?;
            if row.link != here {
                // In another CRM than today's: that copy stays there, and this row is about the new one.
                db.execute(
                    "UPDATE archive SET link = ?, activity = NULL, state = 'failed', begun = 0 WHERE id = ?",
                    [here, row.id.0],
                )?;
                (row.records, row.state) = (Vec::new(), ArchiveState::Failed);
            }
            if new.follow.is_some() && new.follow != row.follow {
                db.execute("UPDATE archive SET follow = ? WHERE id = ?", params![new.follow, row.id.0])?;
                row.follow = new.follow;
            }
            if !new.choice.is_empty() && row.state != ArchiveState::Done {
                db.execute("UPDATE archive SET choice = ? WHERE id = ?", params![new.choice, row.id.0])?;
                row.choice.clone_from(&new.choice);
            }
            let known = row.records.len();
            for record in records {
                if !row.records.iter().any(|have| (have.kind, &have.id) == (record.kind, &record.id)) {
                    row.records.push(record.clone());
                }
            }
            if row.records.len() == known && row.state != ArchiveState::Failed {
                row.already = row.state == ArchiveState::Done;
                return Ok(row);
            }
            db.execute(
                "UPDATE archive SET records = ?, state = 'queued', code = NULL, attempts = 0, next_try = ?,
                     already = already AND activity IS NOT NULL
                 WHERE id = ?",
                params![serde_json::to_string(&row.records)?, now, row.id.0],
            )?;
            db.changed(Table::Archive, row.id.0);
            mark(db, Some(&key))?;
            one(db, row.id)
        })
    }

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

    /// The CRM is about to be asked.
    pub fn archive_begun(&self, id: ArchiveId) -> Result<()> {
        self.write(|db| {
            db.prepare_cached("UPDATE archive SET begun = 1 WHERE id = ?")?.execute([id.0])?;
            Ok(())
        })
    }

    /// All that waits for the CRM of today or that it refused, the newest first.
    pub fn archives_waiting(&self) -> Result<Vec<Archived>> {
        let waiting = format!("state IN ('queued', 'failed') AND link = {NOW} ORDER BY id DESC");
        self.read(|db| rows(db, &waiting, []))
    }

    pub fn archive_later(&self, id: ArchiveId, next_try: i64) -> Result<()> {
        self.set(id, "state = 'queued', attempts = attempts + 1, next_try = ?2", &[&next_try])
    }

    pub fn archive_failed(&self, id: ArchiveId, code: &str) -> Result<()> {
        self.set(id, "state = 'failed', code = ?2, attempts = attempts + 1", &[&code])
    }

    /// failed → queued.
    pub fn archive_retry(&self, id: ArchiveId) -> Result<()> {
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
