//! People and companies: found, created, changed.

use super::{
    SuperOffice,
    call::Body,
    entity,
    query::{List, Where},
};
use crate::{Company, CompanyChange, CrmError, Item, NewPerson, Person, PersonChange, Result, address};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

/// How many people or companies of one address or domain are offered.
const SAME: usize = 20;

const PEOPLE: List<'_> = List {
    path: "v1/Person",
    provider: "Person",
    columns: &["personId", "fullName", "contactId", "title", "email/emailAddress"],
    order: "personId",
};
const COMPANIES: List<'_> =
    List { path: "v1/Contact", provider: "Contact", columns: super::changes::COMPANY_COLUMNS, order: "contactId" };

impl SuperOffice {
    /// Compared here once more: what the CRM finds may be others' addresses, too.
    pub(super) async fn by_email(&self, email: &str) -> Result<Vec<Person>> {
        let key = address::key(email);
        let found = match self.by_email_agent(&key).await? {
            Some(found) => found,
            None => {
                let wanted = Where { column: "email/emailAddress", operator: "is", value: &key };
                let rows = self.find(&PEOPLE, wanted, SAME as u32 * 2).await?;
                let mut ids: Vec<String> = Vec::new();
                for row in &rows {
                    let id = entity::id(row.get("personId").unwrap_or(&row["PrimaryKey"]));
                    if !id.is_empty() && !ids.contains(&id) {
                        ids.push(id);
                    }
                }
                let mut found = Vec::new();
                for id in ids.iter().take(SAME) {
                    match self.caller.get(&format!("v1/Person/{id}")).await {
                        Ok(person) => found.push(person),
                        Err(CrmError::NotFound) => {}
                        Err(error) => return Err(error),
                    }
                }
                found
            }
        };
        // Whoever has left the company is offered only where nobody else has the address.
        let (gone, here): (Vec<_>, Vec<_>) = found.iter().partition(|one| entity::flag(&one["Retired"]));
        let people = if here.is_empty() { gone } else { here };
        let people = people.into_iter().map(entity::person);
        Ok(people.filter(|one| one.emails.iter().any(|own| address::key(own) == key)).collect())
    }

    /// By the e-mail agent, which is closed to most programs Online; None where it is. Asked once a start of the program.
    async fn by_email_agent(&self, key: &str) -> Result<Option<Vec<Value>>> {
        if self.email_agent.load(Ordering::Relaxed) == 2 {
            return Ok(None);
        }
        let asked = json!({ "EmailAddress": key });
        match self.caller.ask("POST", "v1/Agents/EMail/GetPersonEntitiesFromEmailAddress", Some(&asked)).await {
            Ok(said) => {
                self.email_agent.store(1, Ordering::Relaxed);
                Ok(Some(entity::items(said)))
            }
            Err(CrmError::Forbidden { .. } | CrmError::NotFound | CrmError::Refused(_)) => {
                self.email_agent.store(2, Ordering::Relaxed);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn by_domain(&self, domain: &str) -> Result<Vec<Company>> {
        let domain = domain.trim().to_lowercase();
        // The agent's twin of `v1/Contact/DuplicateDomains/{domain}`: the domain stays apart from the path.
        let asked = json!({ "Domain": domain });
        let said = self.caller.ask("POST", "v1/Agents/Contact/GetDomainDuplicates", Some(&asked)).await?;
        let mut found = Vec::new();
        for entry in entity::items(said).iter().take(SAME) {
            let id = entity::id(&entry["SoPrimaryKey"]);
            if id.is_empty() {
                continue;
            }
            match self.company(&id).await {
                Ok(company) if company.domains.contains(&domain) => found.push(company),
                Ok(_) | Err(CrmError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    pub(super) async fn company(&self, id: &str) -> Result<Company> {
        let id = entity::number(id)?;
        Ok(entity::company(&self.caller.get(&format!("v1/Contact/{id}")).await?))
    }

    pub(super) async fn person(&self, id: &str) -> Result<Person> {
        let id = entity::number(id)?;
        Ok(entity::person(&self.caller.get(&format!("v1/Person/{id}")).await?))
    }

    /// Companies by the beginning of their name, people by that of either name.
    pub(super) async fn by_name(&self, query: &str, limit: u32) -> Result<Vec<Item>> {
        let words: Vec<&str> = query.split_whitespace().collect();
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return Ok(Vec::new()) };
        let limit = limit.clamp(1, 100);
        let mut items = Vec::new();
        let whole = words.join(" ");
        for row in self.find(&COMPANIES, Where { column: "name", operator: "begins", value: &whole }, limit).await? {
            items.push(Item::CompanyRow(entity::company_row(&row)));
        }
        for (column, value) in [("firstName", first), ("lastName", last)] {
            for row in self.find(&PEOPLE, Where { column, operator: "begins", value }, limit).await? {
                items.push(Item::PersonRow(entity::person_row(&row)));
            }
        }
        Ok(items)
    }

    /// The vendor's way: a new entity comes filled with what the tenant wants filled.
    pub(super) async fn create_person(&self, new: &NewPerson) -> Result<Person> {
        let company = match (new.company.as_str(), new.new_company.trim()) {
            ("", "") => None,
            ("", name) => Some(self.create_company(name).await?),
            (id, _) => Some(entity::number(id)?),
        };
        let mut person = self.caller.get("v1/Person/default").await?;
        let (first, last) = names(&new.name);
        person["Firstname"] = first.into();
        person["Lastname"] = last.into();
        person["Title"] = new.title.trim().into();
        person["Emails"] = json!([{ "Value": new.email.trim() }]);
        if !new.phone.trim().is_empty() {
            person["OfficePhones"] = json!([{ "Value": new.phone.trim() }]);
        }
        if let Some(company) = company {
            person["Contact"] = json!({ "ContactId": company });
        }
        Ok(entity::person(&self.caller.ask("POST", "v1/Person", Some(&person)).await?))
    }

    async fn create_company(&self, name: &str) -> Result<i64> {
        let mut company = self.caller.get("v1/Contact/default").await?;
        company["Name"] = name.into();
        let made = self.caller.ask("POST", "v1/Contact", Some(&company)).await?;
        entity::number(&entity::id(&made["ContactId"]))
    }

    pub(super) async fn change_person(&self, id: &str, change: &PersonChange) -> Result<Person> {
        let number = entity::number(id)?;
        let path = format!("v1/Person/{number}");
        let before = self.caller.get(&path).await?;
        let mut merge = serde_json::Map::new();
        if let Some(name) = &change.name {
            let (first, last) = names(name);
            merge.insert("Firstname".into(), first.into());
            merge.insert("MiddleName".into(), "".into());
            merge.insert("Lastname".into(), last.into());
        }
        if let Some(title) = &change.title {
            merge.insert("Title".into(), title.trim().into());
        }
        // A list is written whole: an object in its place would be added behind.
        let list = |name: &str| before[name].as_array().cloned().unwrap_or_default();
        if let Some(email) = change.add_email.as_deref().map(str::trim) {
            if !email.contains('@') {
                return Err(CrmError::Invalid("email"));
            }
            let mut emails = list("Emails");
            let known = |one: &Value| one["Value"].as_str().is_some_and(|own| address::key(own) == address::key(email));
            if !emails.iter().any(known) {
                emails.push(json!({ "Value": email }));
                merge.insert("Emails".into(), emails.into());
            }
        }
        if let Some(phone) = change.phone.as_deref().map(str::trim) {
            // The first that is shown: the mobile one where there is one.
            let kind = if list("MobilePhones").is_empty() { "OfficePhones" } else { "MobilePhones" };
            let mut phones = list(kind);
            let first = (!phone.is_empty()).then(|| json!({ "Value": phone }));
            phones.splice(..phones.len().min(1), first);
            merge.insert(kind.into(), phones.into());
        }
        if merge.is_empty() {
            return Ok(entity::person(&before));
        }
        match self.merge(&path, merge, &before, &change.version).await {
            Ok(after) => Ok(entity::person(&after)),
            Err(CrmError::Conflict { .. }) => {
                let theirs = self.person(id).await.ok().map(|one| Box::new(Item::Person(one)));
                Err(CrmError::Conflict { theirs })
            }
            Err(error) => Err(error),
        }
    }

    /// `version` is as the caller has read it; empty: as it was `before`, a moment ago.
    pub(super) async fn merge(
        &self,
        path: &str,
        merge: serde_json::Map<String, Value>,
        before: &Value,
        version: &str,
    ) -> Result<Value> {
        let unless = if version.is_empty() { entity::text(&before["UpdatedDate"]) } else { version.to_owned() };
        self.caller.send("PATCH", path, Body::Merge(&merge.into()), Some(&unless)).await
    }

    pub(super) async fn change_company(&self, id: &str, change: &CompanyChange) -> Result<Company> {
        let number = entity::number(id)?;
        let path = format!("v1/Contact/{number}");
        let before = self.caller.get(&path).await?;
        let mut merge = serde_json::Map::new();
        if let Some(name) = change.name.as_deref().map(str::trim) {
            if name.is_empty() {
                return Err(CrmError::Invalid("name"));
            }
            // The department is shown behind the name, and is a field of its own.
            let department = entity::text(&before["Department"]);
            let name = name.strip_suffix(&format!(", {department}")).filter(|_| !department.is_empty()).unwrap_or(name);
            merge.insert("Name".into(), name.into());
        }
        if let Some(phone) = change.phone.as_deref().map(str::trim) {
            let mut phones = before["Phones"].as_array().cloned().unwrap_or_default();
            phones.splice(..phones.len().min(1), (!phone.is_empty()).then(|| json!({ "Value": phone })));
            merge.insert("Phones".into(), phones.into());
        }
        if let Some(city) = change.city.as_deref().map(str::trim) {
            merge.insert("Address".into(), entity::with_city(&before["Address"], city));
        }
        if merge.is_empty() {
            return Ok(entity::company(&before));
        }
        match self.merge(&path, merge, &before, &change.version).await {
            Ok(after) => Ok(entity::company(&after)),
            Err(CrmError::Conflict { .. }) => {
                let theirs = self.company(id).await.ok().map(|one| Box::new(Item::Company(one)));
                Err(CrmError::Conflict { theirs })
            }
            Err(error) => Err(error),
        }
    }

    /// One's own card gets the address before its others. What somebody else wrote into it in the same moment stays; where that
    /// happens twice, `Conflict`.
    pub(super) async fn set_own_address(&self, email: &str) -> Result<()> {
        let person = self.who().await?.person;
        let path = format!("v1/Person/{}", entity::number(&person)?);
        let came = match self.put_address_first(&path, email).await {
            Err(CrmError::Conflict { .. }) => self.put_address_first(&path, email).await,
            came => came,
        };
        // Whatever came of it: what the card says now is asked for anew.
        self.forget_me();
        came
    }

    async fn put_address_first(&self, path: &str, email: &str) -> Result<()> {
        let before = self.caller.get(path).await?;
        let mut emails = before["Emails"].as_array().cloned().unwrap_or_default();
        let known = |one: &Value| one["Value"].as_str().is_some_and(|own| address::key(own) == address::key(email));
        let own = emails.iter().position(known).map(|at| emails.remove(at));
        emails.insert(0, own.unwrap_or_else(|| json!({ "Value": email })));
        let merge = serde_json::Map::from_iter([("Emails".to_owned(), emails.into())]);
        self.merge(path, merge, &before, "").await.map(drop)
    }
}

/// The last word is the last name; of one word only, that.
fn names(name: &str) -> (String, String) {
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.split_last() {
        Some((last, first)) => (first.join(" "), (*last).to_owned()),
        None => Default::default(),
    }
}
