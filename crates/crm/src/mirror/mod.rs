//! The mirror of a CRM elsewhere: its people, companies, sales and the rest in a database of its own, which answers every
//! [`Directory`] question fast and offline. Nothing is in it alone: it may be thrown away and is then filled anew.

mod put;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use state::State;

use crate::{
    Activity, Company, CrmError, Directory, FollowUp, Line, Person, Project, Record, Result, Sale, Selection, Who,
    address,
    tables::{SCHEMA, SCHEMA_002, SCHEMA_003, activity, browse, company, follow_up, name, person, sale, selection},
};
use clientele_model::{RecordKind, RecordRef};
use rusqlite::{Connection, OpenFlags};
use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Another version is thrown away: filling anew is cheaper than migrating.
const VERSION: i64 = 2;

/// Cheap to clone. A reader beside the writer: the list is answered while the mirror is being filled.
#[derive(Clone)]
pub struct Mirror {
    writer: Arc<Mutex<Connection>>,
    reader: Arc<Mutex<Connection>>,
}

impl Mirror {
    /// Opens the mirror at `path`. One that is missing, damaged or of another version is made anew, empty.
    pub fn open(path: &Path) -> Result<Mirror> {
        match connect(path) {
            Ok(mirror) => Ok(mirror),
            Err(error @ (CrmError::Damaged | CrmError::Version { .. })) => {
                tracing::warn!(code = error.code(), "the mirror is filled anew");
                for end in ["", "-wal", "-shm"] {
                    let mut file = path.as_os_str().to_owned();
                    file.push(end);
                    match std::fs::remove_file(&file) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                        _ => {}
                    }
                }
                connect(path)
            }
            Err(error) => Err(error),
        }
    }

    fn write(&self) -> MutexGuard<'_, Connection> {
        // A panic while holding the lock leaves no half-done work: a transaction that is dropped rolls back.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> MutexGuard<'_, Connection> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect(path: &Path) -> Result<Mirror> {
    let mut writer = Connection::open(path)?;
    writer.busy_timeout(Duration::from_secs(10))?;
    // Read at once: a damaged file shows itself here, and not in the middle of a panel.
    let version: i64 = writer.pragma_query_value(None, "user_version", |row| row.get(0))?;
    writer.pragma_update(None, "journal_mode", "WAL")?;
    // What a power cut takes is read again from the CRM.
    writer.pragma_update(None, "synchronous", "NORMAL")?;
    // People may come before their companies.
    writer.pragma_update(None, "foreign_keys", false)?;
    match version {
        0 => {
            let tx = writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let version: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if version == 0 {
                tx.execute_batch(SCHEMA)?;
                tx.execute_batch(SCHEMA_002)?;
                tx.execute_batch(SCHEMA_003)?;
                tx.execute_batch(include_str!("schema.sql"))?;
                tx.pragma_update(None, "user_version", VERSION)?;
            }
            tx.commit()?;
        }
        VERSION => {}
        found => return Err(CrmError::Version { found, known: VERSION }),
    }
    let reader = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    reader.busy_timeout(Duration::from_secs(10))?;
    reader.set_prepared_statement_cache_capacity(64);
    writer.set_prepared_statement_cache_capacity(64);
    Ok(Mirror { writer: Arc::new(Mutex::new(writer)), reader: Arc::new(Mutex::new(reader)) })
}

impl Directory for Mirror {
    fn people_by_email(&self, email: &str) -> Result<Vec<Person>> {
        person::by_email(&self.read(), email)
    }
    fn who(&self, email: &str) -> Result<Vec<Who>> {
        person::who(&self.read(), email)
    }
    fn only_sale(&self, company: &str) -> Result<Option<(String, String)>> {
        sale::only_open_of(&self.read(), company)
    }
    fn companies_by_domain(&self, domain: &str) -> Result<Vec<Company>> {
        company::by_domain(&self.read(), domain)
    }
    fn company(&self, id: &str) -> Result<Company> {
        company::get(&self.read(), id)
    }
    fn person(&self, id: &str) -> Result<Person> {
        person::get(&self.read(), id)
    }
    fn open_sales(&self, of: RecordKind, id: &str) -> Result<Vec<Sale>> {
        sale::open_of(&self.read(), of, id)
    }
    fn sale(&self, id: &str) -> Result<Sale> {
        sale::get(&self.read(), id)
    }
    fn open_projects(&self, company: &str) -> Result<Vec<Project>> {
        let connection = self.read();
        let ids: Vec<String> = connection
            .prepare_cached(
                "SELECT p.id FROM project_of c JOIN project p ON p.id = c.project
                 WHERE c.company = ?1 AND p.open = 1 ORDER BY p.changed DESC LIMIT 50",
            )?
            .query_map([company], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        ids.iter().map(|id| sale::project(&connection, id)).collect()
    }
    fn project(&self, id: &str) -> Result<Project> {
        sale::project(&self.read(), id)
    }
    fn activities(&self, of: RecordKind, id: &str, limit: u32) -> Result<Vec<Activity>> {
        activity::of(&self.read(), of, id, limit)
    }
    fn follow_ups(&self, of: RecordKind, id: &str) -> Result<Vec<FollowUp>> {
        follow_up::of(&self.read(), of, id)
    }
    fn follow_ups_open(&self, limit: u32) -> Result<Vec<FollowUp>> {
        let connection = self.read();
        let me = state::get(&connection, "me")?.unwrap_or_default();
        let mut all = follow_up::open(&connection, 1000)?;
        all.retain(|one| one.owner.is_empty() || one.owner == me);
        all.truncate(limit as usize);
        Ok(all)
    }
    fn follow_up(&self, id: &str) -> Result<FollowUp> {
        follow_up::get(&self.read(), id)
    }
    fn selections(&self) -> Result<Vec<Selection>> {
        selection::all(&self.read())
    }
    fn selected(&self, selection: &str, record: &RecordRef) -> Result<bool> {
        selection::holds(&self.read(), selection, record)
    }
    fn selection_members(&self, selection: &str) -> Result<Vec<RecordRef>> {
        selection::members(&self.read(), selection)
    }
    fn browse(&self, kind: RecordKind, query: &str, after: &str, limit: u32) -> Result<Vec<Line>> {
        browse::page(&self.read(), kind, query, after, limit)
    }
    fn people_of(&self, company: &str, limit: u32) -> Result<Vec<Person>> {
        let connection = self.read();
        browse::people_of(&connection, company, limit)?.iter().map(|id| person::get(&connection, id)).collect()
    }
    fn unasked(&self, email: &str) -> Result<bool> {
        let key = address::key(email);
        if !key.contains('@') {
            return Ok(false);
        }
        let connection = self.read();
        let known = !person::by_email(&connection, &key)?.is_empty();
        Ok(!known && !state::asked(&connection, &key, crate::tables::now())?)
    }
    fn unlooked(&self, record: &RecordRef) -> Result<bool> {
        Ok(!state::asked(&self.read(), &state::beside(record), crate::tables::now())?)
    }
    fn search_companies(&self, query: &str, limit: u32) -> Result<Vec<Company>> {
        let connection = self.read();
        let found = name::records(&connection, query, Some(RecordKind::Company), limit)?;
        found.iter().map(|record| company::get(&connection, &record.id)).collect()
    }
    fn search_people(&self, query: &str, limit: u32) -> Result<Vec<Person>> {
        let connection = self.read();
        let found = name::records(&connection, query, Some(RecordKind::Person), limit)?;
        found.iter().map(|record| person::get(&connection, &record.id)).collect()
    }
    fn search(&self, query: &str, limit: u32) -> Result<Vec<Record>> {
        name::records(&self.read(), query, None, limit)
    }
}
