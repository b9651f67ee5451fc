//! Tryton, from 8.0 on, by its REST interface and a user's application key.
//!
//! Followed: `trytond/protocols/rest.py` of trytond 8.2 and its modules party, party_relationship, sale_opportunity and
//! project, as they ran. What is where, and what an ordinary user's key cannot do, is in docs/decisions/0025.
//!
//! Persons and companies are both parties there: [`party`] tells them apart. A mail is an attachment (the mail itself)
//! and a note (its text) on each of its records: [`document`].

mod call;
mod changes;
mod document;
mod party;
mod sale;
#[cfg(test)]
mod tests;
mod value;
mod work;

use crate::{
    Answer, ArchiveMail, ArchiveOutcome, ArchivedThere, Associate, Capabilities, Capability, Changes, Company,
    CompanyChange, CrmError, Document, FollowUp, Item, NewPerson, NewSale, Person, PersonChange, Remote, Result, Sale,
    SaleChange, Stage, Why,
};
use call::{Caller, List};
use clientele_model::{RecordKind, RecordRef, TokenSource};
use clientele_net::Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
};

/// Which database is reached, and how its parties are read. Holds no secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// `https://tryton.example.com`, without the database.
    pub base: String,
    pub database: String,
    /// The id of the company that is worked for, where one works for several; 0: the user's own choice.
    pub company: i64,
    /// The id of the kind of relation that leads from a person to where they work ([`Tryton::relations`]); 0: the first
    /// that is called so.
    pub works_at: i64,
    /// The id of a category that companies are in; 0: none.
    pub company_category: i64,
    /// In which language names of lists come, ISO 639-1.
    pub language: String,
}

pub struct Setup {
    pub config: Config,
    /// The user's application key (`res.user.application`, application `rest`), as a password or as a token.
    pub sign_in: Arc<dyn TokenSource>,
}

/// A Tryton database.
pub struct Tryton {
    caller: Caller,
    me: Mutex<Option<Me>>,
    /// An ordinary user may not search all attachments, but those of records: known after the first refusal.
    narrow: AtomicBool,
    stages: Mutex<Option<Arc<Vec<Stage>>>>,
}

/// Oneself, and what the database offers.
#[derive(Debug, Clone)]
struct Me {
    associate: Associate,
    user: i64,
    company: i64,
    employee: Option<i64>,
    /// The kind of relation from a person to where they work.
    works_at: Option<i64>,
    /// Models that cannot be had, and why.
    missing: BTreeMap<&'static str, Why>,
    /// Models that one may read, and no more.
    read_only: BTreeSet<&'static str>,
}

const SALES: &str = "sale.opportunity";
const WORKS: &str = "project.work";
const PARTIES: &str = "party.party";
const RELATIONS: &str = "party.relation.all";

impl Me {
    fn has(&self, model: &str) -> bool {
        !self.missing.contains_key(model)
    }

    /// `Err` with the reason where the model cannot be had.
    fn need(&self, model: &str, what: Capability) -> Result<()> {
        match self.missing.get(model) {
            Some(why) => Err(CrmError::Cannot(what, *why)),
            None => Ok(()),
        }
    }
}

impl Tryton {
    pub fn new(net: &Net, setup: Setup) -> Tryton {
        Tryton {
            caller: Caller::new(net, setup),
            me: Mutex::default(),
            narrow: AtomicBool::new(false),
            stages: Mutex::default(),
        }
    }

    fn known_me(&self) -> Option<Me> {
        self.me.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asked once a start of the program; sets the context of all that follows.
    async fn who(&self) -> Result<Me> {
        if let Some(me) = self.known_me() {
            return Ok(me);
        }
        let said = self.caller.method("res.user", "get_preferences", &json!({})).await?;
        // Nothing says one's number but one's own keys.
        let keys = List::by_id("res.user.application", &["user"], 1);
        let own = self.caller.rows(&keys, &json!([["id", "in", said["applications"]]])).await?;
        let user = own.first().and_then(|row| value::id(row, "user"));
        let user = user.ok_or(CrmError::Unexpected("the CRM does not say who one is"))?;
        let company = match self.caller.config.company {
            0 => said["company"].as_i64().unwrap_or_default(),
            chosen => chosen,
        };
        let employee = said["employee"].as_i64();
        let mut context = json!({ "company": company, "companies": [company], "company_filter": "one" });
        if let Some(employee) = employee {
            (context["employee"], context["employees"]) = (json!(employee), said["employees"].clone());
        }
        if company > 0 {
            self.caller.context(&context);
        }
        let mut missing = BTreeMap::new();
        for model in [SALES, WORKS, RELATIONS] {
            if let Some(why) = self.why_not(model).await? {
                missing.insert(model, why);
            }
        }
        let here: Vec<&str> = [PARTIES, SALES, WORKS].into_iter().filter(|one| !missing.contains_key(one)).collect();
        let rights = self.caller.method("ir.model.access", "get_access", &json!({ "models": here })).await?;
        let may = |model: &str, right: &str| call::is_true(&rights[model][right]);
        let read_only = [PARTIES, SALES, WORKS].into_iter().filter(|one| !may(one, "create") || !may(one, "write"));
        let read_only = read_only.collect();
        let works_at = if missing.contains_key(RELATIONS) { None } else { self.kind_of_work().await? };
        let text = |name: &str| said[name].as_str().unwrap_or_default().trim().to_owned();
        let me = Me {
            associate: Associate { id: user.to_string(), name: text("name"), email: text("email") },
            user,
            company,
            employee,
            works_at,
            missing,
            read_only,
        };
        *self.me.lock().unwrap_or_else(PoisonError::into_inner) = Some(me.clone());
        Ok(me)
    }

    /// A missing module shows itself as a failure inside the CRM, a missing right as one.
    async fn why_not(&self, model: &'static str) -> Result<Option<Why>> {
        match self.caller.method(model, "search", &json!({ "domain": [], "limit": 1 })).await {
            Ok(_) => Ok(None),
            Err(CrmError::Unexpected(_)) => Ok(Some(Why::NotInCrm)),
            Err(CrmError::Forbidden { .. }) => Ok(Some(Why::NotGranted)),
            Err(error) => Err(error),
        }
    }

    /// The kinds of relation that a person's way to their company can be told by: id and name, for
    /// [`Config::works_at`].
    pub async fn relations(&self) -> Result<Vec<(i64, String)>> {
        let rows = self.caller.rows(&List::by_id("party.relation.type", &["name"], 200), &json!([])).await?;
        Ok(rows.iter().filter_map(|row| Some((value::id(row, "id")?, value::text(row, "name")))).collect())
    }

    async fn kind_of_work(&self) -> Result<Option<i64>> {
        if self.caller.config.works_at > 0 {
            return Ok(Some(self.caller.config.works_at));
        }
        let kinds = self.relations().await?;
        Ok(kinds.iter().find(|(_, name)| party::is_work(name)).or(kinds.first()).map(|(id, _)| *id))
    }

    /// The databases' companies, for [`Config::company`]: id and name.
    pub async fn companies(&self) -> Result<Vec<(i64, String)>> {
        let rows = self.caller.rows(&List::by_id("company.company", &["rec_name"], 200), &json!([])).await?;
        Ok(rows.iter().filter_map(|row| Some((value::id(row, "id")?, value::text(row, "rec_name")))).collect())
    }

    async fn colleagues(&self) -> Result<Vec<Associate>> {
        let rows = self.caller.rows(&List::by_id("res.user", &["name", "email"], 1000), &json!([])).await?;
        let named = rows.iter().filter(|row| !value::text(row, "name").is_empty());
        Ok(named
            .map(|row| Associate {
                id: value::id_text(row, "id"),
                name: value::text(row, "name"),
                email: value::text(row, "email"),
            })
            .collect())
    }
}

/// A record's model there.
fn model_of(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Company | RecordKind::Person => PARTIES,
        RecordKind::Sale => SALES,
        RecordKind::Project => WORKS,
    }
}

impl Remote for Tryton {
    fn name(&self) -> String {
        "Tryton".to_owned()
    }
    fn kind(&self) -> &'static str {
        "tryton"
    }
    fn capabilities(&self) -> Capabilities {
        let mut missing = vec![
            (Capability::DeletedSince, Why::NotOffered),
            (Capability::Visibility, Why::NotInCrm),
            (Capability::MailTypes, Why::NotInCrm),
            (Capability::OwnAddress, Why::NotOffered),
            (Capability::Editors, Why::NotOffered),
            (Capability::JobTitle, Why::NotInCrm),
        ];
        if let Some(me) = self.known_me() {
            let of = [
                (SALES, Capability::SaleCreate),
                (SALES, Capability::SaleChange),
                (WORKS, Capability::FollowUps),
                (WORKS, Capability::Projects),
            ];
            missing.extend(of.iter().filter_map(|(model, what)| Some((*what, *me.missing.get(model)?))));
            let writes = [
                (PARTIES, Capability::PersonChange),
                (PARTIES, Capability::CompanyChange),
                (SALES, Capability::SaleCreate),
                (SALES, Capability::SaleChange),
                (WORKS, Capability::FollowUps),
            ];
            let kept = writes.iter().filter(|(model, _)| me.has(model) && me.read_only.contains(model));
            missing.extend(kept.map(|(_, what)| (*what, Why::NotGranted)));
        }
        Capabilities::without(&missing)
    }
    fn me(&self) -> Answer<'_, Associate> {
        Box::pin(async { Ok(self.who().await?.associate) })
    }
    fn associates(&self) -> Answer<'_, Vec<Associate>> {
        Box::pin(self.colleagues())
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
    fn stages(&self, _sale: &str) -> Answer<'_, Vec<Stage>> {
        Box::pin(async { Ok(self.all_stages().await?.to_vec()) })
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
        Box::pin(async move { self.remove(&activity).await })
    }
    fn document(&self, document: Document) -> Answer<'_, ArchiveOutcome> {
        Box::pin(async move { self.put_document(&document).await })
    }
    fn selection_members(&self, id: &str) -> Answer<'_, Vec<RecordRef>> {
        let id = id.to_owned();
        Box::pin(async move { self.members(&id).await })
    }
    /// The page of the web client.
    fn page(&self, record: &RecordRef) -> Option<String> {
        let config = &self.caller.config;
        let number = value::number(&record.id).ok()?;
        let base = config.base.trim().trim_end_matches('/');
        Some(format!("{base}/#{}/model/{}/{number}", config.database.trim(), model_of(record.kind)))
    }
}

/// A reference to a record: `party.party,3`.
fn reference(kind: RecordKind, id: &str) -> Result<String> {
    Ok(format!("{},{}", model_of(kind), value::number(id)?))
}

/// Model and id of a reference.
fn referred(reference: &Value) -> Option<(&str, i64)> {
    let (model, id) = reference.as_str()?.split_once(',')?;
    Some((model, id.parse().ok().filter(|id| *id > 0)?))
}
