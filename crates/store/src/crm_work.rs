//! What waits to be done in the CRM besides archiving, each row in the caller's own JSON. Rows of a CRM that is connected no
//! more wait until it is again.

use crate::{
    Result, Store, StoreError,
    connection::Write,
    crm_link::{NOW, link_now},
};
use clientele_model::Table;
use rusqlite::{Connection, OptionalExtension as _, ToSql, params};
use std::collections::HashMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmWork {
    pub id: i64,
    /// The caller's JSON.
    pub work: String,
    /// The mail it was made from, or empty.
    pub message_id: String,
    /// The CRM refused it: one of the wire's codes.
    pub code: Option<String>,
    pub created: i64,
    pub attempts: u32,
    /// The CRM was asked before, and its answer may have been lost.
    pub begun: bool,
    /// The [`crate::CrmLink`] that it is for; 0: the embedded CRM.
    pub link: i64,
}

const COLUMNS: &str = "id, work, message_id, code, created, attempts, begun, link";

impl Store {
    /// Queues work for the CRM whose ids are in it, a [`crate::CrmLink`] or 0. [`StoreError::OtherCrm`] where that is not the
    /// one of today.
    pub fn crm_work_queue(&self, work: &str, message_id: &str, link: i64, now: i64) -> Result<i64> {
        self.write(|db| queue(db, work, message_id, link, now))
    }

    /// Queues `work` in place of all that `replaced` says is its like and waits or failed.
    pub fn crm_work_replace(
        &self,
        work: &str,
        replaced: impl Fn(&CrmWork) -> bool,
        link: i64,
        now: i64,
    ) -> Result<i64> {
        self.write(|db| {
            for row in works(db, &format!("link = {NOW}"), &[])?.iter().filter(|row| replaced(row)) {
                db.execute("DELETE FROM crm_work WHERE id = ?", [row.id])?;
                db.changed(Table::Crm, row.id);
            }
            queue(db, work, "", link, now)
        })
    }

    /// All that waits or failed for the CRM of today, the oldest first.
    pub fn crm_works(&self) -> Result<Vec<CrmWork>> {
        self.works(&format!("link = {NOW} ORDER BY id"), &[])
    }

    /// All that is left from CRMs that are not in use, the oldest first.
    pub fn crm_works_left(&self) -> Result<Vec<CrmWork>> {
        self.works(&format!("link <> {NOW} ORDER BY id"), &[])
    }

    pub fn crm_work(&self, id: i64) -> Result<CrmWork> {
        self.works(&format!("id = ?1 AND link = {NOW}"), &[&id])?.pop().ok_or(StoreError::NotFound)
    }

    /// The oldest that is due. What waits behind one that is put off may be done before it.
    pub fn crm_work_next(&self, now: i64) -> Result<Option<CrmWork>> {
        // As with archiving, what is further ahead was queued before the clock was set back.
        let due = "state = 'queued' AND (next_try <= ?1 OR next_try > ?1 + 3700) ORDER BY next_try, id LIMIT 1";
        Ok(self.works(&format!("link = {NOW} AND {due}"), &[&now])?.pop())
    }

    /// When the next row is due; None where none is queued.
    pub fn crm_work_due(&self) -> Result<Option<i64>> {
        self.read(|db| {
            let sql = format!("SELECT min(next_try) FROM crm_work WHERE state = 'queued' AND link = {NOW}");
            Ok(db.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
        })
    }

    /// The CRM is about to be asked.
    pub fn crm_work_begun(&self, id: i64) -> Result<()> {
        self.set_work(id, "begun = 1", &[])
    }

    /// `again`: the CRM certainly did nothing, so that nothing needs to be looked for.
    pub fn crm_work_later(&self, id: i64, next_try: i64, again: bool) -> Result<()> {
        self.set_work(id, "attempts = attempts + 1, next_try = ?2, begun = begun AND NOT ?3", &[&next_try, &again])
    }

    pub fn crm_work_failed(&self, id: i64, code: &str) -> Result<()> {
        self.set_work(id, "state = 'failed', code = ?2, attempts = attempts + 1", &[&code])
    }

    /// [`StoreError::OtherCrm`] where its CRM was left.
    pub fn crm_work_retry(&self, id: i64) -> Result<()> {
        if self.works(&format!("id = ?1 AND link <> {NOW}"), &[&id])?.pop().is_some() {
            return Err(StoreError::OtherCrm);
        }
        self.set_work(id, "state = 'queued', code = NULL, attempts = 0, next_try = 0", &[])
    }

    /// Other words for what waits.
    pub fn crm_work_set(&self, id: i64, work: &str) -> Result<()> {
        self.set_work(id, "work = ?2", &[&work])
    }

    /// It is done, or not wanted any more. `made`: the follow-up that came of it.
    pub fn crm_work_remove(&self, id: i64, made: Option<&str>) -> Result<()> {
        self.write(|db| {
            if let Some(made) = made {
                db.execute(
                    "INSERT OR REPLACE INTO follow_up_mail (link, follow_up, message_id)
                     SELECT link, ?2, message_id FROM crm_work WHERE id = ?1 AND message_id <> ''",
                    params![id, made],
                )?;
            }
            if db.execute("DELETE FROM crm_work WHERE id = ?", [id])? == 0 {
                return Err(StoreError::NotFound);
            }
            db.changed(Table::Crm, id);
            Ok(())
        })
    }

    /// From which mails follow-ups of the CRM of today were made: Message-IDs by the follow-ups' ids.
    pub fn follow_up_mails(&self, ids: &[String]) -> Result<HashMap<String, String>> {
        self.read(|db| {
            let sql = format!("SELECT message_id FROM follow_up_mail WHERE link = {NOW} AND follow_up = ?");
            let mut select = db.prepare_cached(&sql)?;
            let mut found = HashMap::new();
            for id in ids {
                if let Some(mail) = select.query_row([id], |row| row.get(0)).optional()? {
                    found.insert(id.clone(), mail);
                }
            }
            Ok(found)
        })
    }

    fn works(&self, condition: &str, parameters: &[&dyn ToSql]) -> Result<Vec<CrmWork>> {
        self.read(|db| works(db, condition, parameters))
    }

    /// `?1` is the id, `values` begin at `?2`.
    fn set_work(&self, id: i64, set: &str, values: &[&dyn ToSql]) -> Result<()> {
        self.write(|db| {
            let mut parameters: Vec<&dyn ToSql> = vec![&id];
            parameters.extend(values);
            if db.execute(&format!("UPDATE crm_work SET {set} WHERE id = ?1"), &parameters[..])? == 0 {
                return Err(StoreError::NotFound);
            }
            db.changed(Table::Crm, id);
            Ok(())
        })
    }
}

fn queue(db: &mut Write<'_>, work: &str, message_id: &str, link: i64, now: i64) -> Result<i64> {
    if link != link_now(db)? {
        return Err(StoreError::OtherCrm);
    }
    db.execute(
        "INSERT INTO crm_work (link, work, message_id, created, next_try) VALUES (?1, ?2, ?3, ?4, ?4)",
        params![link, work, message_id, now],
    )?;
    let id = db.last_insert_rowid();
    db.changed(Table::Crm, id);
    Ok(id)
}

fn works(db: &Connection, condition: &str, parameters: &[&dyn ToSql]) -> Result<Vec<CrmWork>> {
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM crm_work WHERE {condition}"))?;
    let rows = select.query_map(parameters, |row| {
        Ok(CrmWork {
            id: row.get(0)?,
            work: row.get(1)?,
            message_id: row.get(2)?,
            code: row.get(3)?,
            created: row.get(4)?,
            attempts: row.get(5)?,
            begun: row.get(6)?,
            link: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
