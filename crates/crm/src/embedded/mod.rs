//! The embedded CRM: for people without one, and the default. A database of its own (`crm.db`), so that a damaged mail
//! store never takes customers with it; `synchronous = FULL`, a backup a day.

mod delete;
mod import;
mod save;
#[cfg(test)]
mod tests;

pub use import::{CardsImported, Seed, SeedActivity, SeedPerson, SeedRef, SeedSale};

use crate::{
    Activities, Activity, Answer, ArchiveMail, ArchiveOutcome, ArchivedThere, Associate, Capabilities, Capability,
    Company, CompanyChange, Crm, CrmError, Directory, Document, FollowUp, Line, NewPerson, NewSale, Person,
    PersonChange, Progress, Project, Record, Result, Sale, SaleChange, Selection, Stage, Who, Why,
    tables::{
        SCHEMA, SCHEMA_002, SCHEMA_003, activity, browse, company, follow_up, name, person, sale, selection, stage,
    },
};
use clientele_model::{RecordKind, RecordRef};
use rusqlite::Connection;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How `crm.db` is backed up.
pub const BACKUPS: clientele_store::Rotation = clientele_store::Rotation { name: "crm", keep: 7 };

/// Cheap to clone. Calls take microseconds; writes wait for the disk.
#[derive(Clone)]
pub struct Embedded {
    connection: Arc<Mutex<Connection>>,
    path: PathBuf,
}

impl Embedded {
    /// Opens the database at `path`, creating it where it is missing. `Damaged`: [`clientele_store::restore`] brings a
    /// backup back.
    pub fn open(path: &Path) -> Result<Self> {
        if !clientele_store::sound(path)? {
            return Err(CrmError::Damaged);
        }
        let mut connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match version {
            0..=2 => {
                // Immediate: of two processes that open a new profile, one creates and the other finds.
                let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
                let version: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
                if version == 0 {
                    tx.execute_batch(SCHEMA)?;
                }
                if version < 2 {
                    tx.execute_batch(SCHEMA_002)?;
                }
                if version < 3 {
                    tx.execute_batch(SCHEMA_003)?;
                    tx.pragma_update(None, "user_version", 3)?;
                }
                tx.commit()?;
            }
            3 => {}
            found => return Err(CrmError::Version { found, known: 3 }),
        }
        Ok(Embedded { connection: Arc::new(Mutex::new(connection)), path: path.to_owned() })
    }

    /// Backs up into the folder `backups` beside the database if the last backup is older than a day at `now`.
    pub fn backup_if_due(&self, now: i64) -> Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        clientele_store::rotate(folder, BACKUPS, &self.lock(), now)?;
        Ok(())
    }

    /// How many companies, people, sales and projects there are.
    pub fn count(&self) -> Result<u32> {
        Ok(self.lock().query_row(
            "SELECT (SELECT count(*) FROM company) + (SELECT count(*) FROM person) + (SELECT count(*) FROM sale)
                  + (SELECT count(*) FROM project)",
            [],
            |row| row.get(0),
        )?)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic while holding the lock leaves no half-done work: a transaction that is dropped rolls back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run<T: Send + 'static>(&self, work: impl FnOnce(&Self) -> Result<T> + Send + 'static) -> Answer<'_, T> {
        let this = self.clone();
        Box::pin(async move {
            match tokio::task::spawn_blocking(move || work(&this)).await {
                Ok(answer) => answer,
                Err(_) => Err(CrmError::Worker),
            }
        })
    }
}

impl Directory for Embedded {
    fn people_by_email(&self, email: &str) -> Result<Vec<Person>> {
        person::by_email(&self.lock(), email)
    }
    fn who(&self, email: &str) -> Result<Vec<Who>> {
        person::who(&self.lock(), email)
    }
    fn only_sale(&self, company: &str) -> Result<Option<(String, String)>> {
        sale::only_open_of(&self.lock(), company)
    }
    fn companies_by_domain(&self, domain: &str) -> Result<Vec<Company>> {
        company::by_domain(&self.lock(), domain)
    }
    fn company(&self, id: &str) -> Result<Company> {
        company::get(&self.lock(), id)
    }
    fn person(&self, id: &str) -> Result<Person> {
        person::get(&self.lock(), id)
    }
    fn open_sales(&self, of: RecordKind, id: &str) -> Result<Vec<Sale>> {
        sale::open_of(&self.lock(), of, id)
    }
    fn sale(&self, id: &str) -> Result<Sale> {
        sale::get(&self.lock(), id)
    }
    fn open_projects(&self, company: &str) -> Result<Vec<Project>> {
        sale::open_projects(&self.lock(), company)
    }
    fn project(&self, id: &str) -> Result<Project> {
        sale::project(&self.lock(), id)
    }
    fn activities(&self, of: RecordKind, id: &str, limit: u32) -> Result<Vec<Activity>> {
        activity::of(&self.lock(), of, id, limit)
    }
    fn follow_ups(&self, of: RecordKind, id: &str) -> Result<Vec<FollowUp>> {
        follow_up::of(&self.lock(), of, id)
    }
    fn follow_ups_open(&self, limit: u32) -> Result<Vec<FollowUp>> {
        follow_up::open(&self.lock(), limit)
    }
    fn follow_up(&self, id: &str) -> Result<FollowUp> {
        follow_up::get(&self.lock(), id)
    }
    fn selections(&self) -> Result<Vec<Selection>> {
        selection::all(&self.lock())
    }
    fn selected(&self, selection: &str, record: &RecordRef) -> Result<bool> {
        selection::holds(&self.lock(), selection, record)
    }
    fn selection_members(&self, selection: &str) -> Result<Vec<RecordRef>> {
        selection::members(&self.lock(), selection)
    }
    fn browse(&self, kind: RecordKind, query: &str, after: &str, limit: u32) -> Result<Vec<Line>> {
        browse::page(&self.lock(), kind, query, after, limit)
    }
    fn people_of(&self, company: &str, limit: u32) -> Result<Vec<Person>> {
        let connection = self.lock();
        browse::people_of(&connection, company, limit)?.iter().map(|id| person::get(&connection, id)).collect()
    }
    fn search_companies(&self, query: &str, limit: u32) -> Result<Vec<Company>> {
        let connection = self.lock();
        let found = name::records(&connection, query, Some(RecordKind::Company), limit)?;
        found.iter().map(|record| company::get(&connection, &record.id)).collect()
    }
    fn search_people(&self, query: &str, limit: u32) -> Result<Vec<Person>> {
        let connection = self.lock();
        let found = name::records(&connection, query, Some(RecordKind::Person), limit)?;
        found.iter().map(|record| person::get(&connection, &record.id)).collect()
    }
    fn search(&self, query: &str, limit: u32) -> Result<Vec<Record>> {
        name::records(&self.lock(), query, None, limit)
    }
}

impl Activities for Embedded {
    fn archive(&self, mail: ArchiveMail) -> Answer<'_, ArchiveOutcome> {
        self.run(move |this| activity::archive(&mut this.lock(), &mail))
    }
    fn unarchive(&self, activity: String) -> Answer<'_, ()> {
        self.run(move |this| activity::remove(&this.lock(), &activity))
    }
    fn archived(&self, message_id: &str) -> Answer<'_, Option<ArchivedThere>> {
        let message_id = message_id.to_owned();
        self.run(move |this| activity::archived(&this.lock(), &message_id))
    }
}

impl Crm for Embedded {
    fn name(&self) -> String {
        "Clientele CRM".to_owned()
    }
    fn kind(&self) -> &'static str {
        "embedded"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities::without(&[
            (Capability::Visibility, Why::OneUser),
            (Capability::ConflictCheck, Why::OneUser),
            (Capability::MailTypes, Why::NotInCrm),
            (Capability::OwnAddress, Why::OneUser),
        ])
    }
    fn me(&self) -> Answer<'_, Associate> {
        Box::pin(async { Ok(Associate::default()) })
    }
    fn associates(&self) -> Answer<'_, Vec<Associate>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn look_up(&self, _email: &str) -> Answer<'_, bool> {
        Box::pin(async { Ok(false) })
    }
    fn look_again(&self, record: RecordRef) -> Answer<'_, ()> {
        self.run(move |this| this.record_name(record.kind, &record.id).map(drop))
    }
    fn refresh(&self) -> Answer<'_, Progress> {
        Box::pin(async { Ok(Progress { done: true, ..Progress::default() }) })
    }
    fn companies(&self, query: &str, limit: u32) -> Answer<'_, Vec<Company>> {
        let query = query.to_owned();
        self.run(move |this| this.search_companies(&query, limit))
    }
    fn people(&self, query: &str, limit: u32) -> Answer<'_, Vec<Person>> {
        let query = query.to_owned();
        self.run(move |this| this.search_people(&query, limit))
    }
    fn records(&self, query: &str, limit: u32) -> Answer<'_, Vec<Record>> {
        let query = query.to_owned();
        self.run(move |this| this.search(&query, limit))
    }
    fn person_create(&self, new: NewPerson) -> Answer<'_, Person> {
        self.run(move |this| person::create(&mut this.lock(), &new))
    }
    fn person_change(&self, id: &str, change: PersonChange) -> Answer<'_, Person> {
        let id = id.to_owned();
        self.run(move |this| person::change(&mut this.lock(), &id, &change))
    }
    fn sale_create(&self, new: NewSale) -> Answer<'_, Sale> {
        self.run(move |this| sale::create(&this.lock(), &new))
    }
    fn follow_up_create(&self, follow_up: FollowUp) -> Answer<'_, FollowUp> {
        self.run(move |this| follow_up::create(&this.lock(), follow_up))
    }
    fn follow_up_done(&self, id: &str, done: bool) -> Answer<'_, FollowUp> {
        let id = id.to_owned();
        self.run(move |this| follow_up::done(&this.lock(), &id, done))
    }
    fn company_change(&self, id: &str, change: CompanyChange) -> Answer<'_, Company> {
        let id = id.to_owned();
        self.run(move |this| company::change(&mut this.lock(), &id, &change))
    }
    fn sale_change(&self, id: &str, change: SaleChange) -> Answer<'_, Sale> {
        let id = id.to_owned();
        self.run(move |this| sale::change(&mut this.lock(), &id, &change))
    }
    fn stages(&self, _sale: &str) -> Answer<'_, Vec<Stage>> {
        self.run(move |this| stage::all(&this.lock()))
    }
    fn document(&self, document: Document) -> Answer<'_, ArchiveOutcome> {
        self.run(move |this| activity::keep(&mut this.lock(), &document))
    }
    fn selection_read(&self, id: &str) -> Answer<'_, u32> {
        let id = id.to_owned();
        self.run(move |this| Ok(selection::get(&this.lock(), &id)?.members.unwrap_or_default()))
    }
    fn page(&self, _record: &RecordRef) -> Option<String> {
        None
    }
}
