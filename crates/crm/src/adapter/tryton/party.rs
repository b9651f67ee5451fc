//! Parties: found, created, changed, and told apart.
//!
//! Tryton has one kind of party. Who works somewhere (by a relation of the configured kind) is a person; where somebody
//! works is a company, and so is what has a web site or a tax number, or is in the configured category. Of the rest,
//! who has an address of mail is a person, and what has none a company: nobody could be written to. A company with
//! addresses of its own is met twice, as a company and as somebody there, so that mail from them finds it.

use super::{
    PARTIES, RELATIONS, Tryton,
    call::{List, Row, is_true},
    value,
};
use crate::{Company, CompanyChange, CrmError, Item, NewPerson, Person, PersonChange, Result, address, is_free_mail};
use clientele_model::{Address, RecordKind, RecordRef};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How many people or companies of one address or domain are offered.
const SAME: u32 = 40;

pub(super) const FIELDS: &[&str] = &[
    "id",
    "name",
    "rec_name",
    "active",
    "tax_identifier",
    "categories",
    "addresses.city",
    "contact_mechanisms.type",
    "contact_mechanisms.value",
    "contact_mechanisms.write_date",
    "contact_mechanisms.create_date",
    "write_date",
    "create_date",
];

/// What a kind of relation from a person to a company is called, where nobody has said which it is.
pub(super) fn is_work(name: &str) -> bool {
    let name = name.to_lowercase();
    let words = ["works", "employee", "ansatt", "anställd", "ansat ", "angestellt", "arbeitet", "werkt", "medewerker"];
    words.iter().any(|word| name.contains(word))
}

/// A party as it is read, with what relations say of it.
pub(super) struct Party {
    row: Row,
    /// Id and name.
    works_at: Option<(i64, String)>,
    is_company: bool,
}

impl Party {
    pub fn id(&self) -> String {
        value::id_text(&self.row, "id")
    }

    pub fn kind(&self) -> RecordKind {
        if self.is_company { RecordKind::Company } else { RecordKind::Person }
    }

    pub fn record(&self) -> RecordRef {
        RecordRef { kind: self.kind(), id: self.id() }
    }

    /// Whether it is in use.
    fn active(&self) -> bool {
        self.row.get("active").is_none_or(is_true)
    }

    fn name(&self) -> String {
        let name = value::text(&self.row, "name");
        if name.is_empty() { value::text(&self.row, "rec_name") } else { name }
    }

    /// In the order in which they stand there.
    fn contacts(&self, kinds: &[&str]) -> Vec<(i64, String)> {
        let mut all = value::below(&self.row, "contact_mechanisms");
        all.retain(|row| kinds.contains(&value::text(row, "type").as_str()) && !value::text(row, "value").is_empty());
        all.iter().filter_map(|row| Some((value::id(row, "id")?, value::text(row, "value")))).collect()
    }

    fn values(&self, kinds: &[&str]) -> Vec<String> {
        self.contacts(kinds).into_iter().map(|(_, value)| value).collect()
    }

    fn emails(&self) -> Vec<String> {
        self.values(&["email"]).into_iter().filter(|email| email.contains('@')).collect()
    }

    fn phones(&self) -> Vec<String> {
        let mut phones = self.values(&["mobile"]);
        phones.extend(self.values(&["phone"]));
        phones
    }

    /// When the party or one of its contacts was written last.
    fn version(&self) -> String {
        let contacts = value::below(&self.row, "contact_mechanisms");
        let newest = contacts.into_iter().map(value::written).max().unwrap_or_default();
        value::written(&self.row).max(newest).to_string()
    }

    pub fn company(&self) -> Company {
        let mut domains: Vec<String> = Vec::new();
        let pages = self.values(&["website"]).into_iter().filter_map(|page| domain_of(&page));
        let of_mail = self.emails().into_iter().map(|email| Address::new("", &email).domain());
        for domain in pages.chain(of_mail) {
            if !domain.is_empty() && !is_free_mail(&domain) && !domains.contains(&domain) {
                domains.push(domain);
            }
        }
        let cities = value::below(&self.row, "addresses").into_iter().map(|address| value::text(address, "city"));
        Company {
            id: self.id(),
            name: self.name(),
            city: cities.into_iter().find(|city| !city.is_empty()).unwrap_or_default(),
            domains,
            phone: self.values(&["phone", "mobile"]).into_iter().next().unwrap_or_default(),
            since: 0,
            version: self.version(),
        }
    }

    /// Also of a company: somebody there.
    pub fn person(&self) -> Person {
        let at = match &self.works_at {
            Some((id, name)) => Some((id.to_string(), name.clone())),
            None if self.is_company => Some((self.id(), self.name())),
            None => None,
        };
        Person {
            id: self.id(),
            name: self.name(),
            title: String::new(),
            emails: self.emails(),
            phones: self.phones(),
            company: at.map(|(id, name)| Company { id, name, ..Company::default() }),
            version: self.version(),
        }
    }

    /// What it is here, and what it is not (any longer).
    pub fn items(&self) -> (Vec<Item>, Vec<RecordRef>) {
        let company = self.is_company.then(|| Item::Company(self.company()));
        let person = (!self.is_company || !self.emails().is_empty()).then(|| Item::Person(self.person()));
        let of = |kind| RecordRef { kind, id: self.id() };
        let not = [(RecordKind::Company, company.is_none()), (RecordKind::Person, person.is_none())];
        let mut gone: Vec<RecordRef> = not.into_iter().filter(|(_, not)| *not).map(|(kind, _)| of(kind)).collect();
        if !self.active() {
            gone = vec![of(RecordKind::Company), of(RecordKind::Person)];
            return (Vec::new(), gone);
        }
        (company.into_iter().chain(person).collect(), gone)
    }
}

/// The web domain of `https://www.fjordlys.no/om`.
fn domain_of(page: &str) -> Option<String> {
    let whole = if page.contains("://") { page.to_owned() } else { format!("https://{page}") };
    let url = url::Url::parse(&whole).ok()?;
    let host = url.host_str()?.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    host.contains('.').then(|| host.to_owned())
}

impl Tryton {
    /// Parties that fit a domain, in the order of their ids.
    pub(super) async fn parties(&self, domain: &Value, limit: u32) -> Result<Vec<Party>> {
        let rows = self.caller.rows(&List::by_id(PARTIES, FIELDS, limit), domain).await?;
        let ids: Vec<i64> = rows.iter().filter_map(|row| value::id(row, "id")).collect();
        let me = self.who().await?;
        let mut works: BTreeMap<i64, (i64, String)> = BTreeMap::new();
        let mut employers: BTreeSet<i64> = BTreeSet::new();
        if let (Some(kind), false) = (me.works_at, ids.is_empty()) {
            let related = json!([["type", "=", kind], ["OR", ["from_", "in", ids], ["to", "in", ids]]]);
            let list = List::by_id(RELATIONS, &["from_", "to", "to.rec_name"], 100_000);
            for row in self.caller.rows(&list, &related).await? {
                let (Some(from), Some(to)) = (value::id(&row, "from_"), value::id(&row, "to")) else { continue };
                let name = value::of(&row, "to").map(|to| value::text(to, "rec_name")).unwrap_or_default();
                works.entry(from).or_insert((to, name));
                employers.insert(to);
            }
        }
        let category = self.caller.config.company_category;
        let read = rows.into_iter().map(|row| {
            let id = value::id(&row, "id").unwrap_or_default();
            let works_at = works.remove(&id);
            let listed =
                category > 0 && value::numbers(row.get("categories").unwrap_or(&value::NOTHING)).contains(&category);
            let mut party = Party { row, works_at, is_company: false };
            let mut said = employers.contains(&id) || listed || value::id(&party.row, "tax_identifier").is_some();
            said |= !party.values(&["website"]).is_empty() || party.emails().is_empty();
            party.is_company = party.works_at.is_none() && said;
            party
        });
        Ok(read.collect())
    }

    /// With what has been put out of use, too.
    pub(super) async fn parties_by_id(&self, ids: &[i64]) -> Result<Vec<Party>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.parties(&json!([["id", "in", ids], ["active", "in", [true, false]]]), ids.len() as u32).await
    }

    /// `NotFound` where it is gone or out of use.
    pub(super) async fn party(&self, id: i64) -> Result<Party> {
        self.parties(&json!([["id", "=", id]]), 1).await?.into_iter().next().ok_or(CrmError::NotFound)
    }

    /// Compared here once more: a pattern knows no case, and what it means by that is the database's business.
    pub(super) async fn by_email(&self, email: &str) -> Result<Vec<Person>> {
        let key = address::key(email);
        let same = json!([["type", "=", "email"], ["value", "ilike", value::plain(&key)]]);
        let ids = self.with_contact(&same).await?;
        let people = self.parties(&json!([["id", "in", ids]]), SAME).await?;
        let people = people.iter().map(Party::person);
        Ok(people.filter(|one| one.emails.iter().any(|own| address::key(own) == key)).collect())
    }

    /// The parties that have a contact.
    async fn with_contact(&self, contact: &Value) -> Result<BTreeSet<i64>> {
        let list = List::by_id("party.contact_mechanism", &["party"], SAME);
        Ok(self.caller.rows(&list, contact).await?.iter().filter_map(|row| value::id(row, "party")).collect())
    }

    pub(super) async fn by_domain(&self, domain: &str) -> Result<Vec<Company>> {
        let domain = domain.trim().to_lowercase();
        let plain = value::plain(&domain);
        let contacts = json!([
            "OR",
            [["type", "=", "website"], ["value", "ilike", format!("%{plain}%")]],
            [["type", "=", "email"], ["value", "ilike", format!("%@{plain}")]],
        ]);
        let ids = self.with_contact(&contacts).await?;
        let found = self.parties(&json!([["id", "in", ids]]), SAME).await?;
        let companies = found.iter().filter(|one| one.is_company).map(Party::company);
        Ok(companies.filter(|one| one.domains.contains(&domain)).collect())
    }

    pub(super) async fn by_name(&self, query: &str, limit: u32) -> Result<Vec<Item>> {
        let words = query.split_whitespace().map(|word| json!(["name", "ilike", format!("%{}%", value::plain(word))]));
        let words: Vec<Value> = words.take(8).collect();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.parties(&words.into(), limit.clamp(1, 100)).await?;
        Ok(found.iter().flat_map(|party| party.items().0).collect())
    }

    pub(super) async fn create_person(&self, new: &NewPerson) -> Result<Person> {
        let me = self.who().await?;
        let company = match (new.company.as_str(), new.new_company.trim()) {
            ("", "") => None,
            ("", name) => Some(self.same_company(name).await?),
            (id, _) => Some(value::number(id)?),
        };
        if company.is_some() && me.works_at.is_none() {
            return Err(CrmError::Refused("no kind of relation from a person to a company".into()));
        }
        let mut contacts = vec![json!({ "type": "email", "value": new.email.trim() })];
        if !new.phone.trim().is_empty() {
            contacts.push(json!({ "type": "phone", "value": new.phone.trim() }));
        }
        let person = json!({ "name": line(&new.name), "contact_mechanisms": [["create", contacts]] });
        let id = self.caller.create(PARTIES, &person).await?;
        if let (Some(company), Some(kind)) = (company, me.works_at) {
            let relation = json!({ "from_": id, "to": company, "type": kind });
            self.caller.create("party.relation", &relation).await?;
        }
        Ok(self.party(id).await?.person())
    }

    /// A company that is new by its name: the one that an earlier try has left, or another.
    async fn same_company(&self, name: &str) -> Result<i64> {
        let name = line(name);
        let there = self.parties(&json!([["name", "=", name]]), 10).await?;
        if let Some(one) = there.iter().find(|one| one.is_company) {
            return value::number(&one.id());
        }
        self.caller.create(PARTIES, &json!({ "name": name })).await
    }

    pub(super) async fn change_person(&self, id: &str, change: &PersonChange) -> Result<Person> {
        if change.title.as_ref().is_some_and(|title| !title.trim().is_empty()) {
            return Err(CrmError::Cannot(crate::Capability::JobTitle, crate::Why::NotInCrm));
        }
        let number = value::number(id)?;
        let before = self.party(number).await?;
        if !change.version.is_empty() && before.version() != change.version {
            return Err(CrmError::Conflict { theirs: Some(Box::new(Item::Person(before.person()))) });
        }
        let mut contacts = Vec::new();
        if let Some(email) = change.add_email.as_deref().map(str::trim) {
            if !email.contains('@') {
                return Err(CrmError::Invalid("email"));
            }
            if !before.emails().iter().any(|own| address::key(own) == address::key(email)) {
                contacts.push(json!(["create", [{ "type": "email", "value": email }]]));
            }
        }
        self.change(number, &before, change.name.as_deref(), change.phone.as_deref(), contacts, &[]).await?;
        Ok(self.party(number).await?.person())
    }

    pub(super) async fn change_company(&self, id: &str, change: &CompanyChange) -> Result<Company> {
        let number = value::number(id)?;
        let before = self.party(number).await?;
        if !change.version.is_empty() && before.version() != change.version {
            return Err(CrmError::Conflict { theirs: Some(Box::new(Item::Company(before.company()))) });
        }
        let mut addresses = Vec::new();
        if let Some(city) = change.city.as_deref().map(line) {
            let first = value::below(&before.row, "addresses").into_iter().find_map(|row| value::id(row, "id"));
            addresses.push(match first {
                Some(first) => json!(["write", [first], { "city": city }]),
                None => json!(["create", [{ "city": city }]]),
            });
        }
        self.change(number, &before, change.name.as_deref(), change.phone.as_deref(), Vec::new(), &addresses).await?;
        Ok(self.party(number).await?.company())
    }

    /// One write, all or nothing.
    async fn change(
        &self,
        id: i64,
        before: &Party,
        name: Option<&str>,
        phone: Option<&str>,
        mut contacts: Vec<Value>,
        addresses: &[Value],
    ) -> Result<()> {
        let mut values = serde_json::Map::new();
        if let Some(name) = name.map(line) {
            if name.is_empty() {
                return Err(CrmError::Invalid("name"));
            }
            values.insert("name".into(), name.into());
        }
        if let Some(phone) = phone.map(line) {
            // The first that is shown.
            let kinds = if before.is_company { ["phone", "mobile"] } else { ["mobile", "phone"] };
            let all = if before.is_company {
                before.contacts(&kinds)
            } else {
                kinds.iter().flat_map(|kind| before.contacts(&[kind])).collect()
            };
            match (all.first(), phone.is_empty()) {
                (Some((first, _)), true) => contacts.push(json!(["delete", [first]])),
                (Some((_, known)), false) if *known == phone => {}
                (Some((first, _)), false) => contacts.push(json!(["write", [first], { "value": phone }])),
                (None, true) => {}
                (None, false) => contacts.push(json!(["create", [{ "type": "phone", "value": phone }]])),
            }
        }
        if !contacts.is_empty() {
            values.insert("contact_mechanisms".into(), contacts.into());
        }
        if !addresses.is_empty() {
            values.insert("addresses".into(), addresses.into());
        }
        if values.is_empty() {
            return Ok(());
        }
        self.caller.write(PARTIES, id, &values.into()).await
    }

    /// The parties of a category.
    pub(super) async fn members(&self, category: &str) -> Result<Vec<RecordRef>> {
        let category = value::number(category)?;
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let some = self.parties(&json!([["id", ">", after], ["categories", "=", category]]), 500).await?;
            let Some(last) = some.last() else { return Ok(all) };
            after = value::number(&last.id())?;
            all.extend(some.iter().map(Party::record));
        }
    }
}

/// Text of one line.
pub(super) fn line(text: &str) -> String {
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(250).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
