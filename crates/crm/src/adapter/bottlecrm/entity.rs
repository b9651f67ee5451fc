//! Records as they come. Lists hold them under keys of their own; a field that is not there is empty.

use super::place::{Home, Place, uuid};
use crate::{Company, FollowUp, FollowUpKind, Person, Sale, is_free_mail};
use clientele_model::Address;
use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::Value;

pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// Empty for what is no id.
pub fn id(value: &Value) -> String {
    let text = text(value);
    if uuid(&text).is_ok() { text } else { String::new() }
}

/// An id that comes by itself or in an object that is linked.
fn link(value: &Value) -> String {
    if value.is_object() { id(&value["id"]) } else { id(value) }
}

/// Seconds since 1970; 0 for none.
pub fn time(value: &Value) -> i64 {
    text(value).parse::<Timestamp>().map(|at| at.as_second().max(0)).unwrap_or_default()
}

pub fn stamp(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// The day of a time, in UTC.
pub fn day(seconds: i64) -> String {
    stamp(seconds).chars().take(10).collect()
}

/// A list by its key.
pub fn list<'a>(said: &'a Value, key: &str) -> &'a [Value] {
    said[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A record's print, for a CRM that gives no version of all of its records.
fn print(parts: &[&str]) -> String {
    super::marker::hash(&parts.join("\u{1f}"), 8)
}

/// A person of one name has a dash for the other, which BottleCRM wants.
const NO_NAME: &str = "-";

/// First and last name as BottleCRM wants them, both there. The last word is the last name.
pub fn names(name: &str) -> (String, String) {
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.split_last() {
        Some((last, [])) => ((*last).to_owned(), NO_NAME.to_owned()),
        Some((last, first)) => (first.join(" "), (*last).to_owned()),
        None => Default::default(),
    }
}

pub fn person(said: &Value) -> Person {
    let names = [text(&said["first_name"]), text(&said["last_name"])];
    let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty() && name != NO_NAME).collect();
    let one = |name: &str| Some(text(&said[name])).filter(|text| !text.is_empty()).into_iter().collect();
    // The main one, or else the first of those whose list of people has this one.
    let linked = list(said, "linked_accounts").first().unwrap_or(&Value::Null);
    let account = if said["account_detail"].is_object() { &said["account_detail"] } else { linked };
    let company = Company { id: id(&account["id"]), name: text(&account["name"]), ..Company::default() };
    Person {
        id: id(&said["id"]),
        name: names.join(" "),
        title: text(&said["title"]),
        emails: one("email"),
        phones: one("phone"),
        company: Some(company).filter(|company| !company.id.is_empty()),
        version: text(&said["updated_at"]),
    }
}

/// The host of `https://www.fjordlys.no/om`, without `www.`.
fn host(address: &str) -> Option<String> {
    let whole = if address.contains("://") { address.to_owned() } else { format!("https://{address}") };
    let url = url::Url::parse(&whole).ok()?;
    let host = url.host_str()?.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    host.contains('.').then(|| host.to_owned())
}

pub fn company(said: &Value) -> Company {
    let (site, email) = (text(&said["website"]), text(&said["email"]));
    let mut domains: Vec<String> = Vec::new();
    for one in [host(&site).unwrap_or_default(), Address::new("", &email).domain()] {
        if !one.is_empty() && !is_free_mail(&one) && !domains.contains(&one) {
            domains.push(one);
        }
    }
    let (name, city, phone) = (text(&said["name"]), text(&said["city"]), text(&said["phone"]));
    let version = print(&[&name, &city, &phone]);
    Company { id: id(&said["id"]), name, city, domains, phone, since: 0, version }
}

/// A step of a pipeline, as far as we use it.
#[derive(Debug, Clone)]
pub struct Step {
    pub pipeline: String,
    pub pipeline_name: String,
    pub code: String,
    pub label: String,
    /// `open`, `won` or `lost`.
    pub kind: String,
}

/// What the administrator has set for sales.
#[derive(Debug, Clone)]
pub struct Ways {
    /// All steps of all pipelines, in their order.
    pub steps: Vec<Step>,
    /// The currency of a sale that names none.
    pub currency: String,
}

pub fn steps(said: &Value) -> Vec<Step> {
    let of = |pipeline: &Value| {
        let (own, name) = (id(&pipeline["id"]), text(&pipeline["name"]));
        let steps = list(pipeline, "stages").iter().map(move |stage| Step {
            pipeline: own.clone(),
            pipeline_name: name.clone(),
            code: text(&stage["code"]),
            label: text(&stage["label"]),
            kind: text(&stage["kind"]),
        });
        steps.collect::<Vec<_>>()
    };
    list(said, "pipelines").iter().flat_map(of).collect()
}

/// Amounts are decimals of the unit, as text.
fn hundredths(value: &Value) -> i64 {
    let amount: Option<f64> = text(value).parse().ok();
    (amount.unwrap_or_default() * 100.0).round() as i64
}

pub fn amount(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100)
}

/// With when it last moved, as far as that is said.
pub fn sale(said: &Value, ways: &Ways) -> (Sale, i64) {
    let (pipeline, code) = (link(&said["pipeline"]), text(&said["stage"]));
    // What is lost is no step on the way.
    let way: Vec<&Step> = ways.steps.iter().filter(|step| step.pipeline == pipeline && step.kind != "lost").collect();
    let at = way.iter().position(|step| step.code == code).map_or(0, |place| place + 1);
    let small = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    let (name, value, closes) = (text(&said["name"]), text(&said["amount"]), text(&said["closed_on"]));
    let version = print(&[&name, &code, &value, &closes]);
    let (label, currency) = (text(&said["stage_label"]), text(&said["currency"]));
    let sale = Sale {
        id: id(&said["id"]),
        name,
        company: link(&said["account"]),
        person: list(said, "contacts").first().map(|one| id(&one["id"])).unwrap_or_default(),
        pipeline: way.first().map(|step| step.pipeline_name.clone()).unwrap_or_default(),
        stage: if label.is_empty() { code } else { label },
        stage_index: small(at),
        stage_count: small(way.len()),
        probability: said["probability"].as_u64().map_or(0, |percent| small(percent.min(100) as usize)),
        amount: hundredths(&said["amount"]),
        currency: if currency.is_empty() { ways.currency.clone() } else { currency },
        closes,
        open: said["stage_kind"].as_str().is_none_or(|kind| kind == "open"),
        version,
    };
    let changed = time(&said["stage_changed_at"]).max(time(&said["created_at"]));
    (sale, changed)
}

/// The last line of a task's text, where its kind and times are kept: a task of BottleCRM has a day and no more.
const WHEN: [(FollowUpKind, &str); 3] =
    [(FollowUpKind::Task, "Task: "), (FollowUpKind::Call, "Call: "), (FollowUpKind::Appointment, "Appointment: ")];

/// `Call: 2027-01-31T08:00:00Z/2027-01-31T08:30:00Z`
pub fn when(follow_up: &FollowUp) -> String {
    let word = WHEN.iter().find(|(kind, _)| *kind == follow_up.kind).map_or("", |(_, word)| word);
    format!("{word}{}/{}", stamp(follow_up.start), stamp(follow_up.end))
}

/// Kind, start and end, and the text above the line.
fn read_when(description: &str) -> Option<(FollowUpKind, i64, i64, &str)> {
    let description = description.trim_end();
    let (above, last) = description.rsplit_once('\n').unwrap_or(("", description));
    let (kind, times) = WHEN.iter().find_map(|(kind, word)| Some((*kind, last.strip_prefix(word)?)))?;
    let (start, end) = times.split_once('/')?;
    let seconds = |text: &str| text.parse::<Timestamp>().ok().map(|at| at.as_second());
    Some((kind, seconds(start)?, seconds(end)?, above.trim_end()))
}

/// Noon of a day: the same day in most of the world.
fn noon(day: &str) -> i64 {
    let at = day.parse::<civil::Date>().ok().and_then(|date| date.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).ok());
    at.map(|at| at.timestamp().as_second()).unwrap_or_default()
}

pub fn follow_up(said: &Value) -> FollowUp {
    let (due, description) = (text(&said["due_date"]), text(&said["description"]));
    let (kind, mut start, mut end, words) =
        read_when(&description).unwrap_or((FollowUpKind::Task, noon(&due), noon(&due), &description));
    // Moved to another day there: that holds, at the same time of day.
    if !due.is_empty() && day(end) != due {
        let moved = noon(&due) - noon(&day(end));
        (start, end) = (start + moved, end + moved);
    }
    FollowUp {
        id: id(&said["id"]),
        kind,
        title: text(&said["title"]),
        text: words.to_owned(),
        start,
        end,
        done: said["status"].as_str() == Some("Completed"),
        company: link(&said["account"]),
        person: list(said, "contacts").first().map(|one| id(&one["id"])).unwrap_or_default(),
        sale: link(&said["opportunity"]),
        project: link(&said["project"]),
        owner: list(said, "assigned_to").first().map(|one| id(&one["id"])).unwrap_or_default(),
        version: print(&[&due, &description, &text(&said["status"])]),
    }
}

/// An entry of a timeline.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: String,
    pub place: Place,
    pub kind: String,
    pub subject: String,
    pub body: String,
    pub occurred: i64,
    /// As text, to the microsecond: which of two was first.
    pub created: Timestamp,
    /// A profile's id, and their name.
    pub by: String,
}

/// None for what lies on something that we do not know, such as a ticket.
pub fn entry(said: &Value) -> Option<Entry> {
    let home = Home::of(said["home"].as_str()?)?;
    Some(Entry {
        id: id(&said["id"]),
        place: Place { home, id: id(&said[home.as_str()]) },
        kind: text(&said["kind"]),
        subject: text(&said["subject"]),
        body: text(&said["body"]),
        occurred: time(&said["occurred_at"]),
        created: text(&said["created_at"]).parse().unwrap_or(Timestamp::MAX),
        by: id(&said["logged_by"]),
    })
}
