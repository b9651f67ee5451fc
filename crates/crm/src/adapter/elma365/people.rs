//! People and companies: found, created, changed.

use super::{Elma365, entity, list::Asked, list::set};
use crate::{Company, CompanyChange, CrmError, Item, NewPerson, Person, PersonChange, Result, address};
use clientele_model::Address;
use serde_json::{Map, Value, json};

/// How many people or companies of one address or domain are offered.
const SAME: usize = 20;

impl Elma365 {
    /// Compared here once more: the CRM looks for a part of a text.
    pub(super) async fn by_email(&self, email: &str) -> Result<Vec<Person>> {
        let key = address::key(email);
        let fields = self.fields().await?;
        let field = fields.contact.email.clone();
        let same = |item: &Value| {
            entity::values(entity::field(item, &field), "email").iter().any(|own| address::key(own) == key)
        };
        let found = self.find(&self.config.contacts.app, &field, &key, &same).await?;
        let mut people = Vec::new();
        for item in found.iter().take(SAME) {
            people.push(self.with_company(item).await?);
        }
        Ok(people)
    }

    /// A contact with its company's name, where that is there.
    async fn with_company(&self, item: &Value) -> Result<Person> {
        let fields = self.fields().await?;
        let person = entity::person(item, &fields.contact, None);
        let Some(company) = &person.company else { return Ok(person) };
        match self.company(&company.id).await {
            Ok(company) => Ok(Person { company: Some(company), ..person }),
            Err(CrmError::NotFound | CrmError::Forbidden { .. }) => Ok(person),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn by_domain(&self, domain: &str) -> Result<Vec<Company>> {
        let domain = domain.trim().to_lowercase();
        let fields = self.fields().await?;
        let same = |item: &Value| entity::company(item, &fields.company).domains.contains(&domain);
        let mut found: Vec<Company> = Vec::new();
        for (field, text) in [(&fields.company.website, domain.clone()), (&fields.company.email, format!("@{domain}"))]
        {
            if field.is_empty() {
                continue;
            }
            for item in self.find(&self.config.companies.app, field, &text, &same).await? {
                let company = entity::company(&item, &fields.company);
                if found.len() < SAME && !found.iter().any(|known| known.id == company.id) {
                    found.push(company);
                }
            }
        }
        Ok(found)
    }

    pub(super) async fn company(&self, id: &str) -> Result<Company> {
        let item = self.item(&self.config.companies.app, id).await?;
        Ok(entity::company(&item, &self.fields().await?.company))
    }

    pub(super) async fn person(&self, id: &str) -> Result<Person> {
        let item = self.item(&self.config.contacts.app, id).await?;
        self.with_company(&item).await
    }

    /// Companies and people by a part of their name.
    pub(super) async fn by_name(&self, query: &str, limit: u32) -> Result<Vec<Item>> {
        let words: Vec<&str> = query.split_whitespace().collect();
        // Whatever the order of first and last name is there: the longest word, and the mirror looks at all of them.
        let Some(longest) = words.iter().max_by_key(|word| word.chars().count()) else { return Ok(Vec::new()) };
        let fields = self.fields().await?;
        let asked = Asked { size: limit.clamp(1, 100) as usize, ..Asked::with("__name", (*longest).into()) };
        let mut items = Vec::new();
        for item in self.list(&self.config.companies.app, &asked).await?.items {
            items.push(Item::Company(entity::company(&item, &fields.company)));
        }
        for item in self.list(&self.config.contacts.app, &asked).await?.items {
            items.push(Item::Person(entity::person(&item, &fields.contact, None)));
        }
        Ok(items)
    }

    pub(super) async fn create_person(&self, new: &NewPerson) -> Result<Person> {
        let fields = self.fields().await?;
        let company = match (new.company.as_str(), new.new_company.trim()) {
            ("", "") => None,
            ("", name) => Some(self.company_named(name).await?),
            (id, _) => Some(self.company(id).await?),
        };
        let of = &fields.contact;
        let mut context = Map::new();
        context.insert("__name".into(), new.name.trim().into());
        set(&mut context, &of.full_name, entity::split_name(&new.name));
        set(&mut context, &of.email, json!([{ "type": "work", "email": new.email.trim() }]));
        if !new.phone.trim().is_empty() {
            set(&mut context, &of.phone, json!([{ "type": "work", "tel": new.phone.trim() }]));
        }
        if !new.title.trim().is_empty() {
            set(&mut context, &of.title, new.title.trim().into());
        }
        if let Some(company) = &company {
            set(&mut context, &of.company, json!([company.id]));
        }
        let made = self.create(&self.config.contacts.app, context).await?;
        Ok(entity::person(&made, of, company))
    }

    /// One of exactly this name is that one: also where a first try has made it and the answer was lost.
    async fn company_named(&self, name: &str) -> Result<Company> {
        let fields = self.fields().await?;
        let app = &self.config.companies.app;
        let same = |item: &Value| entity::text(&item["__name"]).to_lowercase() == name.to_lowercase();
        if let Some(there) = self.find(app, "__name", name, &same).await?.first() {
            return Ok(entity::company(there, &fields.company));
        }
        let made = self.create(app, Map::from_iter([("__name".to_owned(), name.into())])).await?;
        Ok(entity::company(&made, &fields.company))
    }

    pub(super) async fn change_person(&self, id: &str, change: &PersonChange) -> Result<Person> {
        let app = &self.config.contacts.app;
        let fields = self.fields().await?;
        let of = &fields.contact;
        let before = self.item(app, id).await?;
        // The CRM takes every change: who was first is looked at here, right before.
        if !change.version.is_empty() && change.version != entity::version(&before) {
            let theirs = Box::new(Item::Person(self.with_company(&before).await?));
            return Err(CrmError::Conflict { theirs: Some(theirs) });
        }
        let mut context = Map::new();
        if let Some(name) = change.name.as_deref().map(str::trim) {
            if name.is_empty() {
                return Err(CrmError::Invalid("name"));
            }
            context.insert("__name".into(), name.into());
            set(&mut context, &of.full_name, entity::split_name(name));
        }
        if let Some(title) = &change.title {
            set(&mut context, &of.title, title.trim().into());
        }
        if let Some(email) = change.add_email.as_deref().map(str::trim) {
            if !email.contains('@') {
                return Err(CrmError::Invalid("email"));
            }
            let mut emails = list(entity::field(&before, &of.email));
            let own = |one: &Value| one["email"].as_str().is_some_and(|own| address::key(own) == address::key(email));
            if !emails.iter().any(own) {
                emails.push(json!({ "type": "work", "email": email }));
                set(&mut context, &of.email, emails.into());
            }
        }
        if let Some(phone) = change.phone.as_deref() {
            set(&mut context, &of.phone, first_phone(entity::field(&before, &of.phone), phone));
        }
        if context.is_empty() {
            return self.with_company(&before).await;
        }
        let after = self.update(app, id, context).await?;
        self.with_company(&after).await
    }

    pub(super) async fn change_company(&self, id: &str, change: &CompanyChange) -> Result<Company> {
        let app = &self.config.companies.app;
        let fields = self.fields().await?;
        let of = &fields.company;
        let before = self.item(app, id).await?;
        if !change.version.is_empty() && change.version != entity::version(&before) {
            let theirs = Box::new(Item::Company(entity::company(&before, of)));
            return Err(CrmError::Conflict { theirs: Some(theirs) });
        }
        let mut context = Map::new();
        if let Some(name) = change.name.as_deref().map(str::trim) {
            if name.is_empty() {
                return Err(CrmError::Invalid("name"));
            }
            context.insert("__name".into(), name.into());
        }
        if let Some(phone) = change.phone.as_deref() {
            set(&mut context, &of.phone, first_phone(entity::field(&before, &of.phone), phone));
        }
        if let Some(city) = &change.city {
            set(&mut context, &of.city, city.trim().into());
        }
        if context.is_empty() {
            return Ok(entity::company(&before, of));
        }
        Ok(entity::company(&self.update(app, id, context).await?, of))
    }
}

/// A list of objects as it goes back: whether an address is one is the CRM's to say.
fn list(value: &Value) -> Vec<Value> {
    let mut all = value.as_array().cloned().unwrap_or_default();
    for one in &mut all {
        if let Value::Object(one) = one {
            one.remove("isValid");
        }
    }
    all
}

/// The phones with another first one; without it where `phone` is empty.
fn first_phone(before: &Value, phone: &str) -> Value {
    let mut phones = list(before);
    let kind = phones.first().map_or_else(|| json!("work"), |first| first["type"].clone());
    let first = (!phone.trim().is_empty()).then(|| json!({ "type": kind, "tel": phone.trim() }));
    phones.splice(..phones.len().min(1), first);
    phones.into()
}

/// Names and addresses, on one line.
pub(super) fn named(people: &[Address]) -> String {
    let one = |person: &Address| match person.name.trim() {
        "" => person.email.clone(),
        name => format!("{name} <{}>", person.email),
    };
    people.iter().map(one).collect::<Vec<_>>().join(", ")
}
