//! ELMA365 (in other countries Brix365), in the vendor's cloud and on a customer's own servers, by its public Web API.
//!
//! Followed: the vendor's guides to `Filter` and `DataType` and its list of methods (api.elma365.com). There is no client
//! of the vendor's; what no document says, and no tenant was there to ask, is listed in docs/decisions/0023.
//!
//! Everything there is an item of an app: companies, contacts, deals and leads are apps, as are those that a tenant makes
//! for itself. Which apps and fields hold what is the administrator's to say ([`Config`]); what is not said is looked for
//! among the usual codes in an item.

mod call;
mod changes;
mod config;
mod entity;
mod feed;
mod fields;
mod follow_up;
mod list;
mod mail;
mod people;
#[cfg(test)]
mod tests;
mod work;

pub use config::{App, Closed, Companies, Config, Contacts, FollowUps, Leads, MailApp, Mails, Sales, Target};

use crate::{
    Answer, ArchiveMail, ArchiveOutcome, ArchivedThere, Associate, Capabilities, Capability, Changes, Company,
    CompanyChange, CrmError, Document, FollowUp, Item, NewPerson, NewSale, Person, PersonChange, Remote, Result, Sale,
    SaleChange, Stage, Why,
};
use call::Caller;
use clientele_model::{RecordRef, TokenSource};
use clientele_net::Net;
use serde_json::json;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How a tenant is reached.
pub struct Setup {
    pub config: Config,
    /// The token that an administrator has issued. It goes to [`Config::server`] and nowhere else.
    pub sign_in: Arc<dyn TokenSource>,
}

/// A tenant of ELMA365.
pub struct Elma365 {
    caller: Caller,
    config: Config,
    fields: Mutex<fields::Found>,
    statuses: Mutex<HashMap<String, Arc<Vec<entity::Status>>>>,
    users: Mutex<Option<Arc<Vec<Associate>>>>,
}

impl Elma365 {
    pub fn new(net: &Net, setup: Setup) -> Elma365 {
        Elma365 {
            caller: Caller::new(net, &setup),
            config: setup.config,
            fields: Mutex::default(),
            statuses: Mutex::default(),
            users: Mutex::default(),
        }
    }

    /// All users, read once a start of the program.
    async fn users(&self) -> Result<Arc<Vec<Associate>>> {
        let known = self.users.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let mut users: Vec<Associate> = Vec::new();
        let mut from = 0;
        loop {
            let mut said = self.caller.post("user/list", &json!({ "from": from, "size": list::PAGE })).await?;
            let total = said["result"]["total"].as_u64().unwrap_or_default() as usize;
            let serde_json::Value::Array(page) = said["result"]["result"].take() else { break };
            from += page.len();
            let last = page.is_empty() || from >= total;
            for user in page.iter().filter(|user| !entity::gone(user)) {
                let full = entity::full_name(&user["fullname"]);
                let name = if full.is_empty() { entity::text(&user["__name"]) } else { full };
                let email = entity::values(&user["email"], "email").into_iter().next().unwrap_or_default();
                users.push(Associate { id: entity::id(user), name, email });
            }
            if last {
                break;
            }
        }
        let users = Arc::new(users);
        *self.users.lock().unwrap_or_else(PoisonError::into_inner) = Some(users.clone());
        Ok(users)
    }

    /// The user that the token was issued for, as the configuration says it; with nothing in it where it does not.
    async fn who(&self) -> Result<Associate> {
        let own = self.config.user.trim();
        let users = match self.users().await {
            Ok(users) => users,
            // Not everyone is shown who else there is.
            Err(CrmError::Forbidden { .. } | CrmError::NotFound | CrmError::Refused(_)) => Arc::default(),
            Err(error) => return Err(error),
        };
        let same = |user: &&Associate| {
            user.id == own || user.email.eq_ignore_ascii_case(own) || user.name.eq_ignore_ascii_case(own)
        };
        let found = if own.is_empty() { None } else { users.iter().find(same).cloned() };
        let by_id = uuid::Uuid::parse_str(own).map(|_| Associate { id: own.to_owned(), ..Associate::default() });
        Ok(found.or(by_id.ok()).unwrap_or_default())
    }
}

impl Remote for Elma365 {
    fn name(&self) -> String {
        "ELMA365".to_owned()
    }
    fn kind(&self) -> &'static str {
        "elma365"
    }
    fn capabilities(&self) -> Capabilities {
        let mut missing = vec![
            (Capability::Selections, Why::NotInCrm),
            (Capability::Visibility, Why::NotOffered),
            // Looked for at each refresh; whether every build tells is not known, so everything is read anew as well.
            (Capability::DeletedSince, Why::NotOffered),
            (Capability::MailTypes, Why::NotInCrm),
            (Capability::OwnAddress, Why::NotOffered),
            (Capability::Editors, Why::NotOffered),
        ];
        if self.config.targets.is_empty() {
            missing.push((Capability::Projects, Why::NotGranted));
        }
        if self.config.documents.as_ref().is_none_or(|to| to.file.is_empty()) {
            missing.push((Capability::Documents, Why::NotGranted));
        }
        // Not known before the first question was asked.
        let fields = self.fields.lock().unwrap_or_else(PoisonError::into_inner);
        if fields.as_ref().is_some_and(|(fields, _)| fields.contact.title.is_empty()) {
            missing.push((Capability::JobTitle, Why::NotGranted));
        }
        drop(fields);
        if self.config.follow_ups.is_none() {
            missing.push((Capability::FollowUps, Why::NotGranted));
        }
        match &self.config.mails {
            Mails::Feed => {
                missing.extend([(Capability::MailFile, Why::NotOffered), (Capability::FindArchived, Why::NotOffered)]);
            }
            Mails::App(to) if to.file.is_empty() => missing.push((Capability::MailFile, Why::NotGranted)),
            Mails::App(_) => {}
        }
        Capabilities::without(&missing)
    }
    /// A list of customers is asked for as well: users may be shown to whom nothing else is.
    fn me(&self) -> Answer<'_, Associate> {
        Box::pin(async {
            let asked = list::Asked { size: 1, ..list::Asked::default() };
            for app in [&self.config.companies.app, &self.config.contacts.app] {
                match self.list(app, &asked).await {
                    Err(CrmError::NotFound) => return Err(CrmError::Refused(format!("{}/{}", app.ns, app.code))),
                    listed => listed?,
                };
            }
            self.who().await
        })
    }
    fn associates(&self) -> Answer<'_, Vec<Associate>> {
        Box::pin(async { Ok(self.users().await?.to_vec()) })
    }
    fn changes(&self, cursor: &str) -> Answer<'_, Changes> {
        let cursor = cursor.to_owned();
        Box::pin(async move { self.changes_since(&cursor).await })
    }
    fn people_by_email(&self, email: &str) -> Answer<'_, Vec<Person>> {
        let email = email.to_owned();
        Box::pin(async move { self.by_email(&email).await })
    }
    fn companies_by_domain(&self, domain: &str) -> Answer<'_, Vec<Company>> {
        let domain = domain.to_owned();
        Box::pin(async move { self.by_domain(&domain).await })
    }
    fn search(&self, query: &str, limit: u32) -> Answer<'_, Vec<Item>> {
        let query = query.to_owned();
        Box::pin(async move { self.by_name(&query, limit).await })
    }
    fn around(&self, record: RecordRef) -> Answer<'_, Vec<Item>> {
        Box::pin(async move { self.all_around(&record).await })
    }
    fn person_create(&self, person: NewPerson) -> Answer<'_, Person> {
        Box::pin(async move { self.create_person(&person).await })
    }
    fn person_change(&self, id: &str, change: PersonChange) -> Answer<'_, Person> {
        let id = id.to_owned();
        Box::pin(async move { self.change_person(&id, &change).await })
    }
    fn company_change(&self, id: &str, change: CompanyChange) -> Answer<'_, Company> {
        let id = id.to_owned();
        Box::pin(async move { self.change_company(&id, &change).await })
    }
    fn sale_create(&self, sale: NewSale) -> Answer<'_, Sale> {
        Box::pin(async move { self.create_sale(&sale).await })
    }
    fn sale_change(&self, id: &str, change: SaleChange) -> Answer<'_, Sale> {
        let id = id.to_owned();
        Box::pin(async move { self.change_sale(&id, &change).await })
    }
    fn stages(&self, sale: &str) -> Answer<'_, Vec<Stage>> {
        let sale = sale.to_owned();
        Box::pin(async move { self.stages_of(&sale).await })
    }
    fn follow_up_create(&self, follow_up: FollowUp) -> Answer<'_, FollowUp> {
        Box::pin(async move { self.create_follow_up(&follow_up).await })
    }
    fn follow_up_done(&self, id: &str, done: bool) -> Answer<'_, FollowUp> {
        let id = id.to_owned();
        Box::pin(async move { self.complete_follow_up(&id, done).await })
    }
    fn archive(&self, mail: ArchiveMail) -> Answer<'_, ArchiveOutcome> {
        Box::pin(async move {
            if mail.records.is_empty() {
                return Err(CrmError::NoRecord);
            }
            match &self.config.mails {
                Mails::App(to) => self.archive_in_app(to, &(&mail).into()).await,
                Mails::Feed => self.archive_in_feeds(&mail).await,
            }
        })
    }
    fn archived(&self, message_id: &str) -> Answer<'_, Option<ArchivedThere>> {
        let message_id = message_id.to_owned();
        Box::pin(async move {
            match &self.config.mails {
                Mails::App(to) => self.find_archived(to, &message_id).await,
                Mails::Feed => Err(CrmError::Cannot(Capability::FindArchived, Why::NotOffered)),
            }
        })
    }
    fn unarchive(&self, activity: String) -> Answer<'_, ()> {
        Box::pin(async move {
            if let Some(to) = &self.config.documents
                && let Some(own) = activity.strip_prefix(&to.app.prefix())
            {
                return self.withdraw(to, own).await;
            }
            match &self.config.mails {
                Mails::App(to) => self.withdraw(to, &activity).await,
                Mails::Feed => Err(CrmError::Cannot(Capability::FindArchived, Why::NotOffered)),
            }
        })
    }
    fn document(&self, document: Document) -> Answer<'_, ArchiveOutcome> {
        Box::pin(async move {
            match &self.config.documents {
                Some(to) => {
                    let outcome = self.archive_in_app(to, &(&document).into()).await?;
                    // Undo is told the id alone.
                    Ok(ArchiveOutcome { activity: format!("{}{}", to.app.prefix(), outcome.activity), ..outcome })
                }
                None => Err(CrmError::Cannot(Capability::Documents, Why::NotGranted)),
            }
        })
    }
    fn page(&self, record: &RecordRef) -> Option<String> {
        let (app, id) = self.place(record).ok()?;
        let server = call::pages(&self.config.server);
        Some(format!("{server}/{ns}/{code}(p:item/{ns}/{code}/{id})", ns = app.ns, code = app.code))
    }
}
