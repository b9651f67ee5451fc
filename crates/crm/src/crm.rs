//! What every CRM can do for us: answer from what is on this computer, and take in mails and people.

use crate::{
    Activity, Associate, Capabilities, Capability, Company, CompanyChange, CrmError, Document, FollowUp, Item,
    MailType, NewPerson, NewSale, Person, PersonChange, Project, Record, Result, Sale, SaleChange, Selection, Stage,
    Why,
};
use clientele_model::{RecordKind, RecordRef};
use std::{future::Future, pin::Pin};

pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Someone, as a list names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    pub id: String,
    pub name: String,
    /// Id and name.
    pub company: Option<(String, String)>,
}

/// A record in a list by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub record: Record,
    /// A person's company and title, a company's city, a sale's company and stage.
    pub hint: String,
}

impl Line {
    /// Where the next page goes on.
    pub fn key(&self) -> String {
        format!("{}\n{}", self.record.id, self.record.name)
    }
}

/// What is known on this computer. Every call is a look-up by an index and never touches a network; call it from
/// `spawn_blocking` all the same, since it reads a disk.
pub trait Directory: Send + Sync {
    /// Everyone who has exactly this address (case and `+tag` aside), by any of their addresses.
    fn people_by_email(&self, email: &str) -> Result<Vec<Person>>;
    /// The same with names only, for a list that asks for a page of them.
    fn who(&self, email: &str) -> Result<Vec<Who>> {
        let people = self.people_by_email(email)?.into_iter();
        Ok(people
            .map(|one| Who { id: one.id, name: one.name, company: one.company.map(|at| (at.id, at.name)) })
            .collect())
    }
    /// Id and name of a company's open sale, where it has exactly one.
    fn only_sale(&self, company: &str) -> Result<Option<(String, String)>> {
        let [sale] = &mut *self.open_sales(RecordKind::Company, company)? else { return Ok(None) };
        Ok(Some((std::mem::take(&mut sale.id), std::mem::take(&mut sale.name))))
    }
    fn companies_by_domain(&self, domain: &str) -> Result<Vec<Company>>;
    fn company(&self, id: &str) -> Result<Company>;
    fn person(&self, id: &str) -> Result<Person>;
    /// Open sales of a company or a person, the latest changed first.
    fn open_sales(&self, of: RecordKind, id: &str) -> Result<Vec<Sale>>;
    fn sale(&self, id: &str) -> Result<Sale>;
    fn open_projects(&self, company: &str) -> Result<Vec<Project>>;
    fn project(&self, id: &str) -> Result<Project>;
    fn activities(&self, of: RecordKind, id: &str, limit: u32) -> Result<Vec<Activity>>;
    /// What is to be done for a record, the open ones first and in the order of their time.
    fn follow_ups(&self, of: RecordKind, id: &str) -> Result<Vec<FollowUp>>;
    /// One's own open ones, the oldest first.
    fn follow_ups_open(&self, limit: u32) -> Result<Vec<FollowUp>>;
    /// One of them by its id.
    fn follow_up(&self, id: &str) -> Result<FollowUp>;
    /// By name.
    fn selections(&self) -> Result<Vec<Selection>>;
    /// Whether a person or a company is in a selection, as far as is known here ([`Crm::selection_read`]).
    fn selected(&self, _selection: &str, _record: &RecordRef) -> Result<bool> {
        Ok(false)
    }
    /// Who is in a selection, as far as is known here.
    fn selection_members(&self, _selection: &str) -> Result<Vec<RecordRef>> {
        Ok(Vec::new())
    }
    /// Records of a kind with a word beginning with each word of `query` (all where it is empty), by name. `after` is
    /// the last line's [`Line::key`] of the page before.
    fn browse(&self, kind: RecordKind, query: &str, after: &str, limit: u32) -> Result<Vec<Line>>;
    /// Whom a company has, by name.
    fn people_of(&self, company: &str, limit: u32) -> Result<Vec<Person>>;
    /// Whether the CRM would have to be asked who this is: nobody here has the address, and it was not asked for of
    /// late. Never for a directory that is the CRM itself.
    fn unasked(&self, _email: &str) -> Result<bool> {
        Ok(false)
    }
    /// Whether the CRM would have to be asked what lies beside a record, such as what colleagues archived there: it was
    /// not asked of late. Never for a directory that is the CRM itself.
    fn unlooked(&self, _record: &RecordRef) -> Result<bool> {
        Ok(false)
    }
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

/// Who may see what is archived, where the CRM knows more than everybody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visible {
    Me,
    Group,
    #[default]
    All,
}

/// A mail to be archived.
#[derive(Debug, Clone, Default)]
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
    /// Sent by oneself, rather than received.
    pub outbound: bool,
    pub visible: Visible,
    /// A [`MailType`]'s id; empty: the CRM's default.
    pub mail_type: String,
    /// Tried before, with an answer that may have been lost: what the CRM has of it may be one's own.
    pub repeated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveOutcome {
    /// The CRM's id of the activity.
    pub activity: String,
    /// The mail was there before; records that were new to it have been added.
    pub already: bool,
}

/// A mail that is in the CRM, whoever put it there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArchivedThere {
    pub activity: String,
    /// Seconds since 1970; 0: not said.
    pub date: i64,
    /// A name, or empty.
    pub by: String,
    pub records: Vec<RecordRef>,
}

/// A mail in the CRM.
pub trait Activities: Send + Sync {
    /// Idempotent by Message-ID.
    fn archive(&self, mail: ArchiveMail) -> Answer<'_, ArchiveOutcome>;
    /// Takes an activity out again; one that is gone already is no failure.
    fn unarchive(&self, activity: String) -> Answer<'_, ()>;
    /// Whether a mail is there, across colleagues.
    fn archived(&self, message_id: &str) -> Answer<'_, Option<ArchivedThere>>;
}

/// How far filling or refreshing has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Nothing is left for now.
    pub done: bool,
    /// Everything is read anew, rather than what changed.
    pub full: bool,
    /// Records that this step brought, and how many of them were new or other than before.
    pub read: u32,
    pub changed: u32,
    /// Records that went.
    pub gone: u32,
}

/// A CRM: a directory that can also be written to. What [`Crm::capabilities`] says is missing answers `Cannot`.
pub trait Crm: Directory + Activities {
    /// What stands behind "Archive in".
    fn name(&self) -> String;
    /// The adapter's name: "embedded".
    fn kind(&self) -> &'static str;
    fn capabilities(&self) -> Capabilities;
    /// Oneself, as the CRM knows one: says whether the sign-in works.
    fn me(&self) -> Answer<'_, Associate>;
    fn associates(&self) -> Answer<'_, Vec<Associate>>;
    /// The searches of [`Directory`], off the caller's thread.
    fn companies(&self, query: &str, limit: u32) -> Answer<'_, Vec<Company>>;
    fn people(&self, query: &str, limit: u32) -> Answer<'_, Vec<Person>>;
    fn records(&self, query: &str, limit: u32) -> Answer<'_, Vec<Record>>;
    /// Asks who an address is, where [`Directory::unasked`] says so, and remembers the answer. Whether something is known
    /// now that was not.
    fn look_up(&self, email: &str) -> Answer<'_, bool>;
    /// Reads a record and what belongs to it anew. `NotFound`: it is gone, and forgotten here.
    fn look_again(&self, record: RecordRef) -> Answer<'_, ()>;
    /// One step of filling or refreshing what is on this computer, a page of records: call it again until it says done.
    /// What a step brought is kept, also where the next one fails or never comes.
    fn refresh(&self) -> Answer<'_, Progress>;
    fn person_create(&self, person: NewPerson) -> Answer<'_, Person>;
    /// `Conflict` where the record is another by now.
    fn person_change(&self, id: &str, change: PersonChange) -> Answer<'_, Person>;
    fn sale_create(&self, sale: NewSale) -> Answer<'_, Sale>;
    fn follow_up_create(&self, follow_up: FollowUp) -> Answer<'_, FollowUp>;
    fn follow_up_done(&self, id: &str, done: bool) -> Answer<'_, FollowUp>;
    fn company_change(&self, _id: &str, _change: CompanyChange) -> Answer<'_, Company> {
        cannot(self.capabilities(), Capability::CompanyChange)
    }
    fn sale_change(&self, _id: &str, _change: SaleChange) -> Answer<'_, Sale> {
        cannot(self.capabilities(), Capability::SaleChange)
    }
    /// The stages that a sale can be in, in their order.
    fn stages(&self, _sale: &str) -> Answer<'_, Vec<Stage>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    /// What an archived mail can become, received or sent.
    fn mail_types(&self, _outbound: bool) -> Answer<'_, Vec<MailType>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    /// Idempotent by its key, as archiving is.
    fn document(&self, _document: Document) -> Answer<'_, ArchiveOutcome> {
        cannot(self.capabilities(), Capability::Documents)
    }
    /// Reads who is in a selection, for [`Directory::selected`], unless that was done a moment ago; how many those are.
    fn selection_read(&self, _id: &str) -> Answer<'_, u32> {
        cannot(self.capabilities(), Capability::Selections)
    }
    /// Sets the address on one's own card.
    fn own_address(&self, _email: &str) -> Answer<'_, ()> {
        cannot(self.capabilities(), Capability::OwnAddress)
    }
    /// Where a browser shows the record; None where there is no such page.
    fn page(&self, record: &RecordRef) -> Option<String>;
}

/// One page of what an adapter reads: everything, or what changed.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pub items: Vec<Item>,
    /// Records that the CRM says are gone.
    pub gone: Vec<RecordRef>,
    /// Where to go on; the adapter's own text, kept for it.
    pub cursor: String,
    /// There is another page right behind.
    pub more: bool,
}

/// A CRM elsewhere: what an adapter does. [`crate::Mirrored`] makes a [`Crm`] of it, with a mirror that answers for it.
/// docs/adapters.md says how to write one.
pub trait Remote: Send + Sync + 'static {
    fn name(&self) -> String;
    fn kind(&self) -> &'static str;
    fn capabilities(&self) -> Capabilities;
    fn me(&self) -> Answer<'_, Associate>;
    fn associates(&self) -> Answer<'_, Vec<Associate>>;
    /// Everything from an empty cursor; what changed since from the last cursor that was given with `more: false`.
    fn changes(&self, cursor: &str) -> Answer<'_, Changes>;
    /// Everyone with exactly this address by any of theirs, compared here, with all of their addresses.
    fn people_by_email(&self, email: &str) -> Answer<'_, Vec<Person>>;
    fn companies_by_domain(&self, domain: &str) -> Answer<'_, Vec<Company>>;
    /// People and companies whose name begins so.
    fn search(&self, query: &str, limit: u32) -> Answer<'_, Vec<Item>>;
    /// The record itself first, and what belongs to it: sales, projects, follow-ups, activities.
    fn around(&self, record: RecordRef) -> Answer<'_, Vec<Item>>;
    fn person_create(&self, person: NewPerson) -> Answer<'_, Person>;
    fn person_change(&self, id: &str, change: PersonChange) -> Answer<'_, Person>;
    fn sale_create(&self, sale: NewSale) -> Answer<'_, Sale>;
    fn follow_up_create(&self, follow_up: FollowUp) -> Answer<'_, FollowUp>;
    fn follow_up_done(&self, id: &str, done: bool) -> Answer<'_, FollowUp>;
    fn archive(&self, mail: ArchiveMail) -> Answer<'_, ArchiveOutcome>;
    fn archived(&self, message_id: &str) -> Answer<'_, Option<ArchivedThere>>;
    fn unarchive(&self, activity: String) -> Answer<'_, ()>;
    fn company_change(&self, _id: &str, _change: CompanyChange) -> Answer<'_, Company> {
        cannot(self.capabilities(), Capability::CompanyChange)
    }
    fn sale_change(&self, _id: &str, _change: SaleChange) -> Answer<'_, Sale> {
        cannot(self.capabilities(), Capability::SaleChange)
    }
    /// The stages that a sale can be in, in their order.
    fn stages(&self, _sale: &str) -> Answer<'_, Vec<Stage>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    /// What an archived mail can become, received or sent.
    fn mail_types(&self, _outbound: bool) -> Answer<'_, Vec<MailType>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    /// Idempotent by its key, as archiving is.
    fn document(&self, _document: Document) -> Answer<'_, ArchiveOutcome> {
        cannot(self.capabilities(), Capability::Documents)
    }
    /// People and companies of a selection.
    fn selection_members(&self, _id: &str) -> Answer<'_, Vec<RecordRef>> {
        cannot(self.capabilities(), Capability::Selections)
    }
    /// Sets the address on one's own card.
    fn own_address(&self, _email: &str) -> Answer<'_, ()> {
        cannot(self.capabilities(), Capability::OwnAddress)
    }
    fn page(&self, record: &RecordRef) -> Option<String>;
}

/// The answer of what a CRM, or its adapter so far, cannot do.
fn cannot<'a, T: Send + 'a>(can: Capabilities, what: Capability) -> Answer<'a, T> {
    let why = can.why_not(what).unwrap_or(Why::NotYet);
    Box::pin(async move { Err(CrmError::Cannot(what, why)) })
}
