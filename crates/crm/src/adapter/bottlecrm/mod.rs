//! BottleCRM (django-crm), on a customer's own servers, by its REST API and a personal access token.
//!
//! Followed: version 1.35 as it answers and as its source says; the tests run it. What it lacks is in `capabilities`, what we
//! make up for is in docs/decisions/0024: it keeps no Message-ID, has one record a timeline entry, one address a person, a day
//! and no time for a task, and does not say what changed.

mod archive;
mod call;
mod changes;
mod entity;
mod file;
mod marker;
mod people;
mod place;
mod work;
mod zip;

use crate::{
    Answer, ArchiveMail, ArchiveOutcome, ArchivedThere, Associate, Capabilities, Capability, Changes, Company,
    CompanyChange, CrmError, Document, FollowUp, Item, NewPerson, NewSale, Person, PersonChange, Remote, Result, Sale,
    SaleChange, Stage, Why,
};
use call::Caller;
use clientele_model::{RecordRef, TokenSource};
use clientele_net::Net;
use entity::Ways;
use place::Place;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Where it is; nothing secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// The server of its API: `https://crm.example.com`, with or without `/api`.
    pub address: String,
    /// Where its pages are, `https://app.example.com`, which is another program; empty where there are none.
    pub web: String,
}

/// How it is reached.
pub struct Setup {
    pub config: Config,
    /// A personal access token, `bcrm_pat_…`, as a password or as an access token. It needs to read and write accounts,
    /// contacts, opportunities, tasks and interactions, and to read profile, search, users and org; without scopes it may all.
    pub sign_in: Arc<dyn TokenSource>,
}

/// An organisation in BottleCRM.
pub struct BottleCrm {
    caller: Caller,
    web: String,
    /// The administrator's.
    ways: Mutex<Option<Arc<Ways>>>,
    /// Sales' companies by the sales' ids.
    companies_of_sales: Mutex<HashMap<String, String>>,
    me: Mutex<Option<Me>>,
}

/// Oneself: BottleCRM knows a member of an organisation, and the user that they are.
#[derive(Debug, Clone)]
struct Me {
    associate: Associate,
    user: String,
}

impl BottleCrm {
    pub fn new(net: &Net, setup: Setup) -> BottleCrm {
        BottleCrm {
            web: setup.config.web.trim().trim_end_matches('/').to_owned(),
            caller: Caller::new(net, setup),
            ways: Mutex::default(),
            companies_of_sales: Mutex::default(),
            me: Mutex::default(),
        }
    }

    fn companies_of_sales(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.companies_of_sales.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asked anew, for a token may become another's.
    async fn ask_who(&self) -> Result<Me> {
        let said = self.caller.get("profile/", &[]).await?;
        let me =
            Me { associate: associate(&said["user_obj"]), user: entity::id(&said["user_obj"]["user_details"]["id"]) };
        if me.associate.id.is_empty() {
            return Err(CrmError::Unexpected("the CRM does not say who one is"));
        }
        *self.me.lock().unwrap_or_else(PoisonError::into_inner) = Some(me.clone());
        Ok(me)
    }

    async fn who(&self) -> Result<Me> {
        let known = self.me.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some(me) => Ok(me),
            None => self.ask_who().await,
        }
    }
}

fn associate(profile: &serde_json::Value) -> Associate {
    let (name, email) =
        (entity::text(&profile["user_details"]["name"]), entity::text(&profile["user_details"]["email"]));
    Associate { id: entity::id(&profile["id"]), name: if name.is_empty() { email.clone() } else { name }, email }
}

impl Remote for BottleCrm {
    fn name(&self) -> String {
        "BottleCRM".to_owned()
    }
    fn kind(&self) -> &'static str {
        "bottlecrm"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities::without(&[
            (Capability::SecondaryEmail, Why::NotInCrm),
            // They are there, and no mail can lie on one.
            (Capability::Projects, Why::NotOffered),
            (Capability::Selections, Why::NotInCrm),
            (Capability::Visibility, Why::NotInCrm),
            (Capability::ChangedSince, Why::NotOffered),
            (Capability::DeletedSince, Why::NotOffered),
            // On a record that was chosen, or right beside it, it is found.
            (Capability::FindArchived, Why::NotOffered),
            (Capability::MailTypes, Why::NotInCrm),
            (Capability::OwnAddress, Why::NotOffered),
            (Capability::Editors, Why::NotOffered),
        ])
    }
    fn me(&self) -> Answer<'_, Associate> {
        Box::pin(async { Ok(self.ask_who().await?.associate) })
    }
    fn associates(&self) -> Answer<'_, Vec<Associate>> {
        Box::pin(async {
            let said = self.caller.get("users/get-teams-and-users/", &[]).await?;
            Ok(entity::list(&said, "profiles").iter().map(associate).collect())
        })
    }
    fn changes(&self, cursor: &str) -> Answer<'_, Changes> {
        let cursor = cursor.to_owned();
        Box::pin(async move { self.everything(&cursor).await })
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
    fn archived(&self, _message_id: &str) -> Answer<'_, Option<ArchivedThere>> {
        // No list of entries without a record, and no search of their text. Not "it is not there": that is not known.
        Box::pin(async { Err(CrmError::Cannot(Capability::FindArchived, Why::NotOffered)) })
    }
    fn unarchive(&self, activity: String) -> Answer<'_, ()> {
        Box::pin(async move { self.take_back(&activity).await })
    }
    fn company_change(&self, id: &str, change: CompanyChange) -> Answer<'_, Company> {
        let id = id.to_owned();
        Box::pin(async move { self.change_company(&id, &change).await })
    }
    fn sale_change(&self, id: &str, change: SaleChange) -> Answer<'_, Sale> {
        let id = id.to_owned();
        Box::pin(async move { self.change_sale(&id, &change).await })
    }
    fn stages(&self, sale: &str) -> Answer<'_, Vec<Stage>> {
        let sale = sale.to_owned();
        Box::pin(async move { self.stages_of(&sale).await })
    }
    fn document(&self, document: Document) -> Answer<'_, ArchiveOutcome> {
        Box::pin(async move { self.keep_document(&document).await })
    }
    fn page(&self, record: &RecordRef) -> Option<String> {
        let place = Place::new(record.kind, &record.id).ok().filter(|_| !self.web.is_empty())?;
        Some(format!("{}/{}", self.web, place.path().trim_end_matches('/')))
    }
}
