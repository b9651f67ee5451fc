//! Values of items as they come, and as they go.

use super::fields::{CompanyFields, ContactFields, SaleFields};
use crate::{Company, Person, Sale, Stage, is_free_mail};
use clientele_model::Address;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Trimmed; empty for what is none. A full name or a link may stand where a text is expected.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Object(_) => full_name(value),
        _ => String::new(),
    }
}

/// `Lastname Firstname Middlename`, as the vendor writes it, the other way round.
pub fn full_name(value: &Value) -> String {
    let part = |name: &str| value[name].as_str().unwrap_or_default().trim().to_owned();
    let parts = [part("firstname"), part("middlename"), part("lastname")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The last word is the last name.
pub fn split_name(name: &str) -> Value {
    let words: Vec<&str> = name.split_whitespace().collect();
    let (first, middle, last) = match words.as_slice() {
        [] => (String::new(), String::new(), String::new()),
        [one] => (String::new(), String::new(), (*one).to_owned()),
        [first, middle @ .., last] => ((*first).to_owned(), middle.join(" "), (*last).to_owned()),
    };
    json!({ "lastname": last, "firstname": first, "middlename": middle })
}

/// The ids of a link, which is an array also where it holds one; an array of objects in some builds.
pub fn links(value: &Value) -> Vec<String> {
    let all = value.as_array().map(Vec::as_slice).unwrap_or(std::slice::from_ref(value));
    let id =
        |one: &Value| one.as_str().or_else(|| one["__id"].as_str()).or_else(|| one["id"].as_str()).map(str::to_owned);
    all.iter().filter_map(id).filter(|id| !id.is_empty()).collect()
}

pub fn link(value: &Value) -> String {
    links(value).into_iter().next().unwrap_or_default()
}

/// Of a list of addresses or of phones: `[{"type":"work","email":"…"}]`.
pub fn values(value: &Value, key: &str) -> Vec<String> {
    let all = value.as_array().map(Vec::as_slice).unwrap_or(std::slice::from_ref(value));
    let of = |one: &Value| one[key].as_str().or_else(|| one.as_str()).unwrap_or_default().trim().to_owned();
    all.iter().map(of).filter(|text| !text.is_empty()).collect()
}

/// The code of a category.
pub fn category(value: &Value) -> String {
    let all = value.as_array().map(Vec::as_slice).unwrap_or(std::slice::from_ref(value));
    all.first().map(|one| text(&one["code"])).unwrap_or_default()
}

/// Seconds since 1970; 0 for none.
pub fn time(value: &Value) -> i64 {
    value.as_str().and_then(|text| text.parse::<Timestamp>().ok()).map(|at| at.as_second().max(0)).unwrap_or_default()
}

/// As it was said, to compare with.
pub fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// RFC 3339, in UTC.
pub fn stamp(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

pub fn gone(item: &Value) -> bool {
    item["__deletedAt"].as_str().is_some_and(|at| !at.is_empty() && !at.starts_with("0001"))
}

pub fn id(item: &Value) -> String {
    text(&item["__id"])
}

/// What tells that nobody has changed the item since.
pub fn version(item: &Value) -> String {
    let version = text(&item["__version"]);
    if version.is_empty() { text(&item["__updatedAt"]) } else { version }
}

/// A field by its code; null for one that there is not.
pub fn field<'a>(item: &'a Value, code: &str) -> &'a Value {
    if code.is_empty() { &Value::Null } else { &item[code] }
}

pub fn company(item: &Value, fields: &CompanyFields) -> Company {
    let mut domains: Vec<String> = Vec::new();
    let page = text(field(item, &fields.website));
    let emails = values(field(item, &fields.email), "email");
    let of_emails = emails.iter().map(|email| Address::new("", email).domain());
    for domain in domain_of_page(&page).into_iter().chain(of_emails) {
        if domain.contains('.') && !is_free_mail(&domain) && !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Company {
        id: id(item),
        name: text(&item["__name"]),
        city: text(field(item, &fields.city)),
        domains,
        phone: values(field(item, &fields.phone), "tel").into_iter().next().unwrap_or_default(),
        since: 0,
        version: version(item),
    }
}

/// `https://www.fjordlys.no/om` → `fjordlys.no`.
pub fn domain_of_page(page: &str) -> Option<String> {
    let page = page.trim().to_lowercase();
    let rest = page.split_once("://").map_or(page.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next()?.trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    (host.contains('.') && !host.contains(char::is_whitespace)).then(|| host.to_owned())
}

/// `company` as it is known, which an item names by its id only.
pub fn person(item: &Value, fields: &ContactFields, company: Option<Company>) -> Person {
    let whole = full_name(field(item, &fields.full_name));
    let first = link(field(item, &fields.company));
    let company = company.or_else(|| (!first.is_empty()).then(|| Company { id: first, ..Company::default() }));
    Person {
        id: id(item),
        name: if whole.is_empty() { text(&item["__name"]) } else { whole },
        title: text(field(item, &fields.title)),
        emails: values(field(item, &fields.email), "email"),
        phones: values(field(item, &fields.phone), "tel"),
        company,
        version: version(item),
    }
}

/// `prefix` makes the id of a lead another than a deal's. With when it last changed.
pub fn sale(item: &Value, fields: &SaleFields, stages: &[Status], closed: &[String], prefix: &str) -> (Sale, i64) {
    let sum = field(item, &fields.sum);
    let number = item["__status"]["status"].as_i64();
    let place = stages.iter().position(|one| Some(one.number) == number);
    let status = place.and_then(|place| stages.get(place));
    let closes = text(field(item, &fields.closes));
    let sale = Sale {
        id: format!("{prefix}{}", id(item)),
        name: text(&item["__name"]),
        company: link(field(item, &fields.company)),
        person: link(field(item, &fields.contact)),
        pipeline: prefix.trim_end_matches(':').to_owned(),
        stage: status.map(|one| one.name.clone()).unwrap_or_default(),
        stage_index: place.map_or(0, |place| u8::try_from(place + 1).unwrap_or(u8::MAX)),
        stage_count: u8::try_from(stages.len()).unwrap_or(u8::MAX),
        probability: 0,
        amount: sum["cents"].as_i64().unwrap_or_default(),
        currency: text(&sum["currency"]),
        closes: if closes.len() >= 10 { closes.chars().take(10).collect() } else { String::new() },
        open: !gone(item) && !status.is_some_and(|one| is_closed(&one.code, closed)),
        version: version(item),
    };
    (sale, time(&item["__updatedAt"]))
}

fn is_closed(code: &str, closed: &[String]) -> bool {
    closed.iter().any(|one| one.eq_ignore_ascii_case(code.trim_matches('_')) || one.eq_ignore_ascii_case(code))
}

/// A status of an app: its number stands in items, its code is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub number: i64,
    pub code: String,
    pub name: String,
}

impl Status {
    pub fn stage(&self, closed: &[String]) -> Stage {
        let open = !is_closed(&self.code, closed);
        Stage { id: self.code.clone(), name: self.name.clone(), probability: 0, open }
    }
}

/// `{"statusItems":[{"id":1,"code":"new","name":"New"}]}`, in their order.
pub fn statuses(said: &Value) -> Vec<Status> {
    let holder = if said["statusItems"].is_array() { said } else { &said["result"] };
    let all = holder["statusItems"].as_array().map(Vec::as_slice).unwrap_or_default();
    let read = |one: &Value| {
        let code = text(&one["code"]);
        Some(Status { number: one["id"].as_i64()?, name: text(&one["name"]), code }).filter(|one| !one.code.is_empty())
    };
    all.iter().filter_map(read).collect()
}
