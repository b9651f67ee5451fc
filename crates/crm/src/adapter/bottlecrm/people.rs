//! People and companies: found, created, changed.

use super::{BottleCrm, entity, place::uuid};
use crate::{
    Capability, Company, CompanyChange, CrmError, Item, NewPerson, Person, PersonChange, Result, Why, address,
};
use serde_json::{Map, Value, json};

/// People whose address has another one within it.
const PAGE: usize = 200;
const MOST: usize = 10_000;
/// Its search gives no more of a kind than this.
const SEARCHED: usize = 6;

impl BottleCrm {
    /// Its filter finds every address with this one within it: compared here. An address is one person's there.
    pub(super) async fn by_email(&self, email: &str) -> Result<Vec<Person>> {
        let key = address::key(email);
        if !key.contains('@') {
            return Ok(Vec::new());
        }
        for offset in (0..MOST).step_by(PAGE) {
            let (limit, offset) = (PAGE.to_string(), offset.to_string());
            let query = [("email", key.as_str()), ("limit", &limit), ("offset", &offset)];
            let said = self.caller.get("contacts/", &query).await?;
            let rows = entity::list(&said, "results");
            let people = rows.iter().map(entity::person);
            let same: Vec<Person> =
                people.filter(|one| one.emails.iter().any(|own| address::key(own) == key)).collect();
            if !same.is_empty() || rows.len() < PAGE {
                return Ok(same);
            }
        }
        Err(CrmError::TooMany { limit: MOST as u32 })
    }

    /// There is no list by domain: its search looks into companies' addresses and web pages, and says no more than names.
    pub(super) async fn by_domain(&self, domain: &str) -> Result<Vec<Company>> {
        let domain = domain.trim().to_lowercase();
        let mut ids: Vec<String> = Vec::new();
        // Where others with the domain within theirs took all the places, by what stands before it.
        for before in ["", "//", "www.", "@"] {
            let found = self.searched(&format!("{before}{domain}")).await?;
            let accounts: Vec<String> =
                found.iter().filter(|hit| hit["type"] == "account").map(|hit| entity::id(&hit["id"])).collect();
            let all = accounts.len() < SEARCHED;
            ids.extend(accounts);
            if all && before.is_empty() {
                break;
            }
        }
        ids.sort();
        ids.dedup();
        let mut companies = Vec::new();
        for id in ids {
            match self.company(&id).await {
                Ok(company) if company.domains.contains(&domain) => companies.push(company),
                Ok(_) | Err(CrmError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(companies)
    }

    pub(super) async fn by_name(&self, query: &str, limit: u32) -> Result<Vec<Item>> {
        let found = self.searched(query.trim()).await?;
        let item = |hit: &Value| {
            let (id, name) = (entity::id(&hit["id"]), entity::text(&hit["title"]));
            match hit["type"].as_str() {
                Some("account") => Some(Item::CompanyRow(Company { id, name, ..Company::default() })),
                Some("contact") => Some(Item::PersonRow(Person { id, name, ..Person::default() })),
                _ => None,
            }
        };
        Ok(found.iter().filter_map(item).take(limit as usize).collect())
    }

    async fn searched(&self, query: &str) -> Result<Vec<Value>> {
        Ok(entity::list(&self.caller.get("search/", &[("q", query)]).await?, "results").to_vec())
    }

    pub(super) async fn company(&self, id: &str) -> Result<Company> {
        let said = self.caller.get(&format!("accounts/{}/", uuid(id)?), &[]).await?;
        Ok(entity::company(&said["account_obj"]))
    }

    pub(super) async fn person(&self, id: &str) -> Result<Person> {
        let said = self.caller.get(&format!("contacts/{}/", uuid(id)?), &[]).await?;
        Ok(entity::person(&said["contact_obj"]))
    }

    pub(super) async fn create_person(&self, new: &NewPerson) -> Result<Person> {
        let company = match (new.company.as_str(), new.new_company.trim()) {
            ("", "") => None,
            ("", name) => Some(self.create_company(name).await?),
            (id, _) => Some(uuid(id)?.to_owned()),
        };
        let (first, last) = entity::names(&new.name);
        let mut asked = json!({
            "first_name": first,
            "last_name": last,
            "email": new.email.trim(),
            "title": new.title.trim(),
            "phone": new.phone.trim(),
        });
        if let Some(company) = company {
            asked["account"] = company.into();
        }
        let made = self.caller.ask("POST", "contacts/", Some(&asked)).await?;
        self.person(&entity::id(&made["id"])).await
    }

    /// Its id. Two companies of one name cannot be there: the one that is.
    async fn create_company(&self, name: &str) -> Result<String> {
        let asked = json!({ "name": name });
        match self.caller.ask("POST", "accounts/", Some(&asked)).await {
            Ok(made) => Ok(entity::id(&made["id"])),
            Err(CrmError::Refused(words)) => {
                let limit = PAGE.to_string();
                let said = self.caller.get("accounts/", &[("name", name), ("limit", &limit)]).await?;
                let all = super::changes::accounts(&said);
                let same = all.iter().find(|one| entity::text(&one["name"]).to_lowercase() == name.to_lowercase());
                same.map(|one| entity::id(&one["id"])).ok_or(CrmError::Refused(words))
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn change_person(&self, id: &str, change: &PersonChange) -> Result<Person> {
        if change.name.as_deref().is_some_and(|name| name.trim().is_empty()) {
            return Err(CrmError::Invalid("name"));
        }
        let before = self.person(id).await?;
        unchanged(&before.version, &change.version, || Item::Person(before.clone()))?;
        let mut patch = Map::new();
        if let Some(name) = &change.name {
            let (first, last) = entity::names(name);
            patch.insert("first_name".into(), first.into());
            patch.insert("last_name".into(), last.into());
        }
        if let Some(title) = &change.title {
            patch.insert("title".into(), title.trim().into());
        }
        if let Some(phone) = &change.phone {
            patch.insert("phone".into(), phone.trim().into());
        }
        if let Some(email) = change.add_email.as_deref().map(str::trim) {
            if !email.contains('@') {
                return Err(CrmError::Invalid("email"));
            }
            let known = before.emails.iter().any(|own| address::key(own) == address::key(email));
            if !known && !before.emails.is_empty() {
                return Err(CrmError::Cannot(Capability::SecondaryEmail, Why::NotInCrm));
            }
            if !known {
                patch.insert("email".into(), email.into());
            }
        }
        if patch.is_empty() {
            return Ok(before);
        }
        self.caller.ask("PATCH", &format!("contacts/{}/", uuid(id)?), Some(&patch.into())).await?;
        self.person(id).await
    }

    pub(super) async fn change_company(&self, id: &str, change: &CompanyChange) -> Result<Company> {
        if change.name.as_deref().is_some_and(|name| name.trim().is_empty()) {
            return Err(CrmError::Invalid("name"));
        }
        let before = self.company(id).await?;
        unchanged(&before.version, &change.version, || Item::Company(before.clone()))?;
        let fields = [("name", &change.name), ("phone", &change.phone), ("city", &change.city)];
        let patch: Map<String, Value> = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.as_deref()?.trim().into())))
            .collect();
        if patch.is_empty() {
            return Ok(before);
        }
        self.caller.ask("PATCH", &format!("accounts/{}/", uuid(id)?), Some(&patch.into())).await?;
        self.company(id).await
    }
}

/// BottleCRM takes no condition with a change: what is there is read and compared right before it.
pub(super) fn unchanged(now: &str, read: &str, theirs: impl FnOnce() -> Item) -> Result<()> {
    if read.is_empty() || now == read {
        return Ok(());
    }
    Err(CrmError::Conflict { theirs: Some(Box::new(theirs())) })
}
