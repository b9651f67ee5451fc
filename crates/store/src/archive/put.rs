//! The way into the queue.

use super::{ArchiveRecord, ArchiveState, Archived, mark, one, rows};
use crate::{Result, Store, StoreError, crm_link::link_now, private};
use clientele_model::{AccountId, ArchiveId, Table};
use rusqlite::params;

/// What is to be archived.
#[derive(Debug, Clone)]
pub struct NewArchive {
    pub account: AccountId,
    pub message_id: String,
    /// A single attachment of the mail, rather than the mail.
    pub part: Option<u32>,
    pub records: Vec<ArchiveRecord>,
    /// The [`crate::CrmLink`] that gave the records; 0: the embedded CRM. Another's may have the same ids.
    pub link: i64,
    pub by: String,
    /// The caller's JSON; empty: what was chosen before stays.
    pub choice: String,
    pub automatic: bool,
    /// None: what was said before stays.
    pub follow: Option<bool>,
}

impl NewArchive {
    /// Of a mail, with nothing chosen.
    pub fn of(account: AccountId, message_id: &str, records: &[ArchiveRecord], link: i64, by: &str) -> Self {
        NewArchive {
            account,
            message_id: message_id.to_owned(),
            part: None,
            records: records.to_vec(),
            link,
            by: by.to_owned(),
            choice: String::new(),
            automatic: false,
            follow: None,
        }
    }
}

impl Store {
    /// Queues a mail to be archived in the CRM of today. A mail that is archived or queued already keeps its row, its
    /// records growing by new ones (and is queued again if there are new ones); a failed one is queued again. `already` of
    /// the answer says that it was archived on all of them before.
    pub fn archive_queue(
        &self,
        account: AccountId,
        message_id: &str,
        records: &[ArchiveRecord],
        by: &str,
        now: i64,
    ) -> Result<Archived> {
        self.archive_put(&NewArchive::of(account, message_id, records, self.crm_link_now()?, by), now)
    }

    /// The same with choices, and of single attachments. [`StoreError::Private`] where the mail is, and
    /// [`StoreError::OtherCrm`] where the records are not those of the CRM of today.
    pub fn archive_put(&self, new: &NewArchive, now: i64) -> Result<Archived> {
        self.put(new, false, now)
    }

    /// Of a mail that is sent by now: where the CRM of its records was left meanwhile, it waits for that one. What was said
    /// since of another CRM stays.
    pub fn archive_put_or_wait(&self, new: &NewArchive, now: i64) -> Result<Archived> {
        self.put(new, true, now)
    }

    fn put(&self, new: &NewArchive, waits: bool, now: i64) -> Result<Archived> {
        let key = match new.part {
            Some(part) => format!("{} {part}", new.message_id),
            None => new.message_id.clone(),
        };
        let (records, by, account) = (&new.records, &new.by, new.account);
        self.write(|db| {
            let here = link_now(db)?;
            if new.link != here && !waits {
                return Err(StoreError::OtherCrm);
            }
            if private::is_private(db, &new.message_id, &[])? {
                return Err(StoreError::Private);
            }
            let Some(mut row) = rows(db, "message_id = ?", [&key])?.pop() else {
                db.execute(
                    "INSERT INTO archive (account, message_id, part, records, state, by, date, next_try, link, choice,
                         automatic, follow) VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?)",
                    params![
                        account.0,
                        key,
                        new.part,
                        serde_json::to_string(records)?,
                        by,
                        now,
                        now,
                        new.link,
                        new.choice,
                        new.automatic,
                        new.follow
                    ],
                )?;
                let id = db.last_insert_rowid();
                db.changed(Table::Archive, id);
                return one(db, ArchiveId(id));
            };
            if row.link != new.link {
                if new.link != here {
                    return Ok(row);
                }
                // In another CRM than today's: that copy stays there, and this row is about the new one.
                db.execute(
                    "UPDATE archive SET link = ?, activity = NULL, state = 'failed', begun = 0, choice = '', follow = NULL,
                         automatic = ?, by = ? WHERE id = ?",
                    params![new.link, new.automatic, by, row.id.0],
                )?;
                (row.records, row.state, row.follow) = (Vec::new(), ArchiveState::Failed, None);
                row.choice.clear();
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
}
