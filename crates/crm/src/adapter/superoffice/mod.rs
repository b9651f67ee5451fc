//! SuperOffice CRM, Online and on a customer's own servers, by its REST WebAPI.
//!
//! Followed: docs.superoffice.com (REST WebAPI, archive providers, native apps) and the vendor's npm client
//! `@superoffice/webapi` 12.4. What no document or client says, and no tenant was there to ask, is listed in
//! docs/decisions/0022.
//!
//! Two ways to search: OData lists (`GET v1/Person?$filter=…`) for ids and dates of our own making and for texts of plain
//! letters, and the archive agent, which takes values apart from the query, for everything else. So nothing of a mail can
//! become part of a query.

mod call;
mod changes;
mod document;
mod entity;
mod people;
mod query;
mod signin;
mod site;
#[cfg(test)]
mod tests;
mod work;

pub use signin::{Environment, provider, tenant};
pub use site::Site;

use crate::{
    Answer, ArchiveMail, ArchiveOutcome, ArchivedThere, Associate, Capabilities, Capability, Changes, Company,
    CompanyChange, Document, FollowUp, Item, MailType, NewPerson, NewSale, Person, PersonChange, Remote, Result, Sale,
    SaleChange, Stage, Why,
};
use call::Caller;
use clientele_model::{RecordKind, RecordRef, TokenSource};
use clientele_net::Net;
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU8},
};

/// How a tenant is reached.
pub struct Setup {
    pub site: Site,
    /// What signs in: an access token's source (Online), or a password (on-site, with `user`).
    pub sign_in: Arc<dyn TokenSource>,
    /// On-site only: who the password is for.
    pub user: String,
    /// Servers besides the vendor's own that may be signed in to, by the administrator's word: `crm.example.com`, or
    /// `*.example.com`.
    pub hosts: Vec<String>,
    /// In which language names of lists come, ISO 639-1.
    pub language: String,
}

/// A tenant of SuperOffice.
pub struct SuperOffice {
    caller: Caller,
    /// Lists of the administrator (templates, kinds of activity, stages, currencies), read once a start of the program.
    lists: Mutex<HashMap<&'static str, Arc<Vec<Value>>>>,
    me: Mutex<Option<Me>>,
    /// Whether the tenant lets us use the e-mail agent: 0 not known, 1 yes, 2 no.
    email_agent: AtomicU8,
}

/// Oneself.
#[derive(Debug, Clone)]
struct Me {
    associate: Associate,
    /// One's own card's id; empty where one has none.
    person: String,
    group: i64,
}

impl SuperOffice {
    pub fn new(net: &Net, setup: Setup) -> SuperOffice {
        SuperOffice {
            caller: Caller::new(net, setup),
            lists: Mutex::default(),
            me: Mutex::default(),
            email_agent: AtomicU8::new(0),
        }
    }

    fn lists(&self) -> MutexGuard<'_, HashMap<&'static str, Arc<Vec<Value>>>> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A list by the path it is read from.
    async fn list(&self, path: &'static str) -> Result<Arc<Vec<Value>>> {
        let known = self.lists().get(path).cloned();
        if let Some(list) = known {
            return Ok(list);
        }
        let said = self.caller.get(path).await?;
        let list = Arc::new(entity::items(said));
        self.lists().insert(path, list.clone());
        Ok(list)
    }

    async fn who(&self) -> Result<Me> {
        let known = self.me.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(me) = known {
            return Ok(me);
        }
        let said = self.caller.get("v1/User/currentPrincipal").await?;
        let me = Me {
            associate: Associate {
                id: entity::id(&said["AssociateId"]),
                name: entity::text(&said["FullName"]),
                email: entity::text(&said["EMailAddress"]),
            },
            person: entity::id(&said["PersonId"]),
            group: said["GroupId"].as_i64().unwrap_or_default(),
        };
        if me.associate.id.is_empty() {
            return Err(crate::CrmError::Unexpected("the CRM does not say who one is"));
        }
        *self.me.lock().unwrap_or_else(PoisonError::into_inner) = Some(me.clone());
        Ok(me)
    }

    /// Who one is has changed.
    fn forget_me(&self) {
        *self.me.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A preference of one's own, as the CRM keeps it: `Mail` and `ArchiveSentMsg`. None where none is set.
    pub async fn preference(&self, section: &str, key: &str) -> Result<Option<String>> {
        let asked = serde_json::json!({ "PrefSection": section, "PrefKey": key, "PrefLevel": "Individual" });
        let said = self.caller.ask("POST", "v1/Agents/Preference/GetPreferenceByName", Some(&asked)).await?;
        Ok(said["RawValue"].as_str().map(str::to_owned))
    }
}

impl Remote for SuperOffice {
    fn name(&self) -> String {
        "SuperOffice".to_owned()
    }
    fn kind(&self) -> &'static str {
        "superoffice"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities::without(&[(Capability::DeletedSince, Why::NotOffered), (Capability::Editors, Why::NotOffered)])
    }
    fn me(&self) -> Answer<'_, Associate> {
        Box::pin(async { Ok(self.who().await?.associate) })
    }
    fn associates(&self) -> Answer<'_, Vec<Associate>> {
        Box::pin(async {
            let list = self.list("v1/MDOList/associate?flat=True").await?;
            let current = list.iter().filter(|one| !entity::flag(&one["Deleted"]));
            Ok(current
                .map(|one| {
                    let full = entity::text(&one["FullName"]);
                    let name = if full.is_empty() { entity::text(&one["Name"]) } else { full };
                    Associate { id: entity::id(&one["Id"]), name, email: String::new() }
                })
                .collect())
        })
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
    fn sale_create(&self, sale: NewSale) -> Answer<'_, Sale> {
        Box::pin(async move { self.create_sale(&sale).await })
    }
    fn follow_up_create(&self, follow_up: FollowUp) -> Answer<'_, FollowUp> {
        Box::pin(async move { self.create_follow_up(&follow_up).await })
    }
    fn follow_up_done(&self, id: &str, done: bool) -> Answer<'_, FollowUp> {
        let id = id.to_owned();
        Box::pin(async move { self.complete_follow_up(&id, done).await })
    }
    fn archive(&self, mail: ArchiveMail) -> Answer<'_, ArchiveOutcome> {
        Box::pin(async move { self.archive_mail(&mail).await })
    }
    fn archived(&self, message_id: &str) -> Answer<'_, Option<ArchivedThere>> {
        let message_id = message_id.to_owned();
        Box::pin(async move { self.find_archived(&message_id).await })
    }
    fn unarchive(&self, activity: String) -> Answer<'_, ()> {
        Box::pin(async move { self.delete_document(&activity).await })
    }
    fn company_change(&self, id: &str, change: CompanyChange) -> Answer<'_, Company> {
        let id = id.to_owned();
        Box::pin(async move { self.change_company(&id, &change).await })
    }
    fn sale_change(&self, id: &str, change: SaleChange) -> Answer<'_, Sale> {
        let id = id.to_owned();
        Box::pin(async move { self.change_sale(&id, &change).await })
    }
    fn stages(&self, _sale: &str) -> Answer<'_, Vec<Stage>> {
        Box::pin(self.stage_list())
    }
    fn mail_types(&self, outbound: bool) -> Answer<'_, Vec<MailType>> {
        Box::pin(self.templates_of_mails(outbound))
    }
    fn document(&self, document: Document) -> Answer<'_, ArchiveOutcome> {
        Box::pin(async move { self.keep_file(&document).await })
    }
    fn selection_members(&self, id: &str) -> Answer<'_, Vec<RecordRef>> {
        let id = id.to_owned();
        Box::pin(async move { self.members(&id).await })
    }
    fn own_address(&self, email: &str) -> Answer<'_, ()> {
        let email = email.to_owned();
        Box::pin(async move { self.set_own_address(&email).await })
    }
    /// The page of the web client; only once the tenant's server is known.
    fn page(&self, record: &RecordRef) -> Option<String> {
        let parameter = match record.kind {
            RecordKind::Company => "contact_id",
            RecordKind::Person => "person_id",
            RecordKind::Sale => "sale_id",
            RecordKind::Project => "project_id",
        };
        let number = entity::number(&record.id).ok()?;
        Some(format!("{}/default.aspx?{parameter}={number}", self.caller.site().web()?))
    }
}
