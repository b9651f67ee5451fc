//! Whose mail is it. In the order in which the best do it: the conversation first, then each participant alone by
//! exact address, then companies by domain. Several matches are offered, never guessed, and every suggestion says why.

use crate::{Activity, Company, Directory, Person, Project, Record, Result, Sale, is_free_mail, is_role_address};
use clientele_model::{Address, RecordKind};
use std::collections::HashSet;

const ACTIVITIES: u32 = 20;

/// Why a record is suggested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Another mail of the conversation is archived there.
    Thread,
    Sender,
    Recipient,
    PersonsCompany,
    Domain,
    OnlyOpenSale,
    LatestSale,
    OpenProject,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub record: Record,
    pub reason: Reason,
    /// Sure enough to be ticked from the start.
    pub selected: bool,
}

/// What is known of a mail before the CRM is asked.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// From, Reply-To, To, Cc in this order; the account's own addresses left out by the caller.
    pub participants: Vec<Address>,
    /// How many of them, from the first, wrote the mail (From and Reply-To); 0 for one's own mails.
    pub senders: usize,
    /// Records that other mails of the conversation are archived on.
    pub thread: Vec<Record>,
}

/// One person in the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    pub address: Address,
    /// More than one: offer the choice. None: not in the CRM.
    pub people: Vec<Person>,
    /// With nobody found: companies that the domain belongs to.
    pub might_work_at: Vec<Company>,
}

#[derive(Debug, Clone, Default)]
pub struct Customer {
    pub participants: Vec<Participant>,
    pub sales: Vec<Sale>,
    pub projects: Vec<Project>,
    /// Newest first.
    pub activities: Vec<Activity>,
    pub suggestions: Vec<Suggestion>,
    /// Filled by [`crate::customer_of`].
    pub archived: Option<clientele_store::Archived>,
    /// The rest is filled there too. A colleague archived it.
    pub there: Option<crate::ByColleague>,
    /// Marked private.
    pub private: bool,
    /// Why rules left it alone.
    pub skipped: Option<crate::rule::Skip>,
    /// Other mails of the conversation are archived, and later ones do not follow by themselves.
    pub conversation: bool,
    /// The CRM was not asked of late.
    pub stale: bool,
}

/// The customer panel of a mail.
pub fn customer(directory: &dyn Directory, known: &Known) -> Result<Customer> {
    let participants = participants(directory, known)?;
    let mut found = Customer::default();
    let mut suggestions = Suggestions::default();

    // A record that has gone from the CRM since is not suggested.
    for record in &known.thread {
        if let Some(name) = current_name(directory, record)? {
            suggestions.add(record.kind, &record.id, &name, Reason::Thread, true);
        }
    }
    let mut people = Vec::new();
    for (place, participant) in participants.iter().enumerate() {
        let [person] = participant.people.as_slice() else { continue };
        let first = people.is_empty();
        let sender = place < known.senders;
        if let Some(company) = &person.company {
            suggestions.add(RecordKind::Company, &company.id, &company.name, Reason::PersonsCompany, first || sender);
        }
        let reason = if sender { Reason::Sender } else { Reason::Recipient };
        suggestions.add(RecordKind::Person, &person.id, &person.name, reason, first || sender);
        people.push(person.clone());
    }
    if people.is_empty()
        && let Some(participant) = participants.iter().find(|one| !one.might_work_at.is_empty())
    {
        let only = participant.might_work_at.len() == 1 && participant.people.is_empty();
        for company in &participant.might_work_at {
            suggestions.add(RecordKind::Company, &company.id, &company.name, Reason::Domain, only);
        }
    }

    let (sales, projects) = open_work(directory, &people, &suggestions.companies())?;
    if !suggestions.has(RecordKind::Sale) {
        match sales.as_slice() {
            [] => {}
            [only] => {
                // No surer than whose it is.
                let sure = suggestions.selected(RecordKind::Company, &only.company)
                    || suggestions.selected(RecordKind::Person, &only.person);
                suggestions.add(RecordKind::Sale, &only.id, &only.name, Reason::OnlyOpenSale, sure);
            }
            [latest, ..] => suggestions.add(RecordKind::Sale, &latest.id, &latest.name, Reason::LatestSale, false),
        }
    }
    if !suggestions.has(RecordKind::Project)
        && let Some(project) = projects.first()
    {
        suggestions.add(RecordKind::Project, &project.id, &project.name, Reason::OpenProject, false);
    }
    found.activities = activities(directory, &people, &suggestions.companies())?;
    found.participants = participants;
    found.sales = sales;
    found.projects = projects;
    found.suggestions = suggestions.list;
    Ok(found)
}

fn participants(directory: &dyn Directory, known: &Known) -> Result<Vec<Participant>> {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for address in &known.participants {
        if address.email.trim().is_empty() || !seen.insert(address.key()) {
            continue;
        }
        let people = directory.people_by_email(&address.email)?;
        let might_work_at = if people.is_empty() { by_domain(directory, address)? } else { Vec::new() };
        all.push(Participant { address: address.clone(), people, might_work_at });
    }
    Ok(all)
}

/// Companies of the address' domain, or of the domain above it (`mail.fjordlys.no` → `fjordlys.no`).
fn by_domain(directory: &dyn Directory, address: &Address) -> Result<Vec<Company>> {
    let domain = address.domain();
    if domain.is_empty() || is_free_mail(&domain) || is_role_address(&address.email) {
        return Ok(Vec::new());
    }
    let found = directory.companies_by_domain(&domain)?;
    match domain.split_once('.') {
        Some((_, above)) if found.is_empty() && above.contains('.') && !is_free_mail(above) => {
            directory.companies_by_domain(above)
        }
        _ => Ok(found),
    }
}

fn current_name(directory: &dyn Directory, record: &Record) -> Result<Option<String>> {
    match directory.record_name(record.kind, &record.id) {
        Ok(name) => Ok(Some(name)),
        Err(crate::CrmError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Open sales and projects of the people and their companies, each once.
fn open_work(directory: &dyn Directory, people: &[Person], companies: &[String]) -> Result<(Vec<Sale>, Vec<Project>)> {
    let (mut sales, mut projects) = (Vec::<Sale>::new(), Vec::<Project>::new());
    for person in people {
        sales.extend(directory.open_sales(RecordKind::Person, &person.id)?);
    }
    for company in companies {
        sales.extend(directory.open_sales(RecordKind::Company, company)?);
        projects.extend(directory.open_projects(company)?);
    }
    let mut seen = HashSet::new();
    sales.retain(|sale| seen.insert(sale.id.clone()));
    seen.clear();
    projects.retain(|project| seen.insert(project.id.clone()));
    Ok((sales, projects))
}

fn activities(directory: &dyn Directory, people: &[Person], companies: &[String]) -> Result<Vec<Activity>> {
    let mut all = Vec::new();
    for person in people.iter().take(3) {
        all.extend(directory.activities(RecordKind::Person, &person.id, ACTIVITIES)?);
    }
    for company in companies.iter().take(3) {
        all.extend(directory.activities(RecordKind::Company, company, ACTIVITIES)?);
    }
    all.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| a.id.cmp(&b.id)));
    all.dedup_by(|a, b| a.id == b.id);
    all.truncate(ACTIVITIES as usize);
    Ok(all)
}

#[derive(Default)]
struct Suggestions {
    list: Vec<Suggestion>,
}

impl Suggestions {
    fn add(&mut self, kind: RecordKind, id: &str, name: &str, reason: Reason, selected: bool) {
        if !self.list.iter().any(|one| one.record.kind == kind && one.record.id == id) {
            self.list.push(Suggestion { record: Record::new(kind, id, name), reason, selected });
        }
    }

    fn has(&self, kind: RecordKind) -> bool {
        self.list.iter().any(|one| one.record.kind == kind)
    }

    fn selected(&self, kind: RecordKind, id: &str) -> bool {
        self.list.iter().any(|one| one.selected && one.record.kind == kind && one.record.id == id)
    }

    fn companies(&self) -> Vec<String> {
        let companies = self.list.iter().filter(|one| one.record.kind == RecordKind::Company);
        companies.map(|one| one.record.id.clone()).collect()
    }
}
