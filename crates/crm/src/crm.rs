//! What every CRM can do for us: answer from what is on this computer, and take in mails and people.

use crate::{Activity, Company, NewPerson, Person, Project, Record, Result, Sale};
use clientele_model::RecordKind;
use std::{future::Future, pin::Pin};

pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// What is known on this computer. Every call is a look-up by an index and never touches a network; call it from
/// `spawn_blocking` all the same, since it reads a disk.
pub trait Directory: Send + Sync {
    /// Everyone who has exactly this address (case and `+tag` aside), by any of their addresses.
    fn people_by_email(&self, email: &str) -> Result<Vec<Person>>;
    fn companies_by_domain(&self, domain: &str) -> Result<Vec<Company>>;
    fn company(&self, id: &str) -> Result<Company>;
    fn person(&self, id: &str) -> Result<Person>;
    /// Open sales of a company or a person, the latest changed first.
    fn open_sales(&self, of: RecordKind, id: &str) -> Result<Vec<Sale>>;
    fn sale(&self, id: &str) -> Result<Sale>;
    fn open_projects(&self, company: &str) -> Result<Vec<Project>>;
    fn project(&self, id: &str) -> Result<Project>;
    fn activities(&self, of: RecordKind, id: &str, limit: u32) -> Result<Vec<Activity>>;
    /// What the CRM calls a record today.
    fn record_name(&self, kind: RecordKind, id: &str) -> Result<String> {
        match kind {
            RecordKind::Company => self.company(id).map(|one| one.name),
            RecordKind::Person => self.person(id).map(|one| one.name),
            RecordKind::Sale => self.sale(id).map(|one| one.name),
            RecordKind::Project => self.project(id).map(|one| one.name),
        }
    }
    /// Companies with a word beginning with each word of `query`.
    fn search_companies(&self, query: &str, limit: u32) -> Result<Vec<Company>>;
    fn search_people(&self, query: &str, limit: u32) -> Result<Vec<Person>>;
    /// The same over people, companies, sales and projects.
    fn search(&self, query: &str, limit: u32) -> Result<Vec<Record>>;
}

/// A mail to be archived.
#[derive(Debug, Clone)]
pub struct ArchiveMail {
    /// Normalised Message-ID: what makes archiving idempotent.
    pub message_id: String,
    pub title: String,
    /// Seconds since 1970.
    pub date: i64,
    /// Readable text.
    pub text: String,
    /// The mail as it was received or sent.
    pub eml: Vec<u8>,
    pub records: Vec<Record>,
    /// Who archives: the account's address.
    pub by: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveOutcome {
    /// The CRM's id of the activity.
    pub activity: String,
    /// The mail was there before; records that were new to it have been added.
    pub already: bool,
}

/// A mail in the CRM.
pub trait Activities: Send + Sync {
    /// Idempotent by Message-ID.
    fn archive(&self, mail: ArchiveMail) -> Answer<'_, ArchiveOutcome>;
    /// Takes an activity out again; one that is gone already is no failure.
    fn unarchive(&self, activity: String) -> Answer<'_, ()>;
}

/// A CRM: a directory that can also be written to.
pub trait Crm: Directory + Activities {
    /// What stands behind "Archive in".
    fn name(&self) -> String;
    /// The adapter's name: "embedded".
    fn kind(&self) -> &'static str;
    /// The searches of [`Directory`], off the caller's thread.
    fn companies(&self, query: &str, limit: u32) -> Answer<'_, Vec<Company>>;
    fn people(&self, query: &str, limit: u32) -> Answer<'_, Vec<Person>>;
    fn records(&self, query: &str, limit: u32) -> Answer<'_, Vec<Record>>;
    fn person_create(&self, person: NewPerson) -> Answer<'_, Person>;
}
