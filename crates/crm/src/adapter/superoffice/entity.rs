//! Entities as they come, read leniently: names in any case are the server's business, a number may come as text, a date
//! without a zone is UTC as it was asked for.

use super::query::Row;
use crate::{
    Activity, ActivityKind, Company, CrmError, FollowUp, FollowUpKind, Person, Project, Result, Sale, is_free_mail,
};
use clientele_model::{Address, RecordKind, RecordRef};
use jiff::{Timestamp, civil};
use serde_json::Value;

/// Text, with the languages of a raw multi-language string (`US:"Customer";NO:"Kunde";`) reduced to the first.
pub fn text(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.trim(),
        Value::Number(number) => return number.to_string(),
        _ => return String::new(),
    };
    let first =
        text.split_once(":\"").filter(|(code, _)| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()));
    match first.and_then(|(_, rest)| rest.split_once('"')) {
        // A mail's subject may look much like it: `RE:"Tilbud"; svar`.
        Some((word, rest)) if rest.starts_with(';') && text.ends_with("\";") => word.to_owned(),
        _ => text.to_owned(),
    }
}

/// An id as text; empty for 0 and nothing.
pub fn id(value: &Value) -> String {
    let text = text(value);
    if text.parse::<i64>().is_ok_and(|number| number > 0) { text } else { String::new() }
}

/// An id of ours as the CRM's number.
pub fn number(id: &str) -> Result<i64> {
    id.parse().ok().filter(|number| *number > 0).ok_or(CrmError::NotFound)
}

pub fn flag(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(text) => matches!(text.to_ascii_lowercase().as_str(), "true" | "1"),
        _ => false,
    }
}

/// What the archive agent shows, without its mark of the type: `[I:123]`, `[D:2026-01-31]`.
pub fn shown(value: &Value) -> Value {
    match value.as_str().and_then(|text| text.strip_prefix('[')?.strip_suffix(']')?.split_once(':')) {
        Some((kind, inner)) if kind.len() <= 2 => Value::String(inner.to_owned()),
        _ => value.clone(),
    }
}

/// Seconds since 1970; 0 for none (the year 1) and for what is no date.
pub fn time(text: &str) -> i64 {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return at.as_second().max(0);
    }
    let local =
        text.parse::<civil::DateTime>().or_else(|_| text.parse::<civil::Date>().map(|date| date.at(0, 0, 0, 0)));
    let at = local.ok().and_then(|at| at.to_zoned(jiff::tz::TimeZone::UTC).ok());
    at.map(|at| at.timestamp().as_second().max(0)).unwrap_or_default()
}

/// As the CRM takes it.
pub fn stamp(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// YYYY-MM-DD, or empty.
pub fn day(value: &Value) -> String {
    let at = time(&text(value));
    if at == 0 { String::new() } else { stamp(at).chars().take(10).collect() }
}

/// For `If-Unmodified-Since` (RFC 9110 section 5.6.7); None where the version says nothing.
pub fn http_date(version: &str) -> Option<String> {
    let at = time(version);
    if at == 0 {
        return None;
    }
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::from_second(at).ok()?).ok()
}

/// A list as it comes: bare, or below `value` or `Items`.
pub fn items(said: Value) -> Vec<Value> {
    match said {
        Value::Array(all) => all,
        Value::Object(mut map) => match map.remove("value").or_else(|| map.remove("Items")) {
            Some(Value::Array(all)) => all,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The values of `[{Value,…}]`, in their order.
fn values(list: &Value) -> Vec<String> {
    let all = list.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().map(|one| text(&one["Value"])).filter(|text| !text.is_empty()).collect()
}

pub fn person(said: &Value) -> Person {
    let whole = text(&said["FullName"]);
    let parts = [text(&said["Firstname"]), text(&said["MiddleName"]), text(&said["Lastname"])];
    let parts = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let mut phones = Vec::new();
    for kind in ["MobilePhones", "OfficePhones", "PrivatePhones", "OtherPhones"] {
        phones.extend(values(&said[kind]));
    }
    let company =
        Company { id: id(&said["Contact"]["ContactId"]), name: text(&said["Contact"]["Name"]), ..Company::default() };
    Person {
        id: id(&said["PersonId"]),
        name: if whole.is_empty() { parts } else { whole },
        title: text(&said["Title"]),
        emails: values(&said["Emails"]),
        phones,
        company: Some(company).filter(|company| !company.id.is_empty()),
        version: text(&said["UpdatedDate"]),
    }
}

/// The web domain of `https://www.fjordlys.no/om`.
fn domain_of(address: &str) -> Option<String> {
    let whole = if address.contains("://") { address.to_owned() } else { format!("https://{address}") };
    let url = url::Url::parse(&whole).ok()?;
    let host = url.host_str()?.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    host.contains('.').then(|| host.to_owned())
}

/// Domains said, of web pages, and of addresses, each once; a free-mail provider's is nobody's.
fn domains(said: Vec<String>, pages: Vec<String>, emails: Vec<String>) -> Vec<String> {
    let of_mail = emails.iter().map(|email| Address::new("", email).domain());
    let mut all: Vec<String> = Vec::new();
    for one in said.iter().chain(&pages).filter_map(|one| domain_of(one)).chain(of_mail) {
        if !one.is_empty() && !is_free_mail(&one) && !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

fn with_department(name: String, department: String) -> String {
    if department.is_empty() { name } else { format!("{name}, {department}") }
}

/// The street's, or else the post's. An address comes as fields, or as the lines of its country.
fn city(address: &Value) -> String {
    let lines = address["LocalizedAddress"].as_array().into_iter().flatten().filter_map(Value::as_array).flatten();
    let line = |name: &str| lines.clone().find(|one| one["Name"].as_str() == Some(name)).map(|one| text(&one["Value"]));
    let places = ["Street", "Postal"]
        .into_iter()
        .flat_map(|kind| [text(&address[kind]["City"]), line(&format!("{kind}City")).unwrap_or_default()]);
    places.into_iter().find(|city| !city.is_empty()).unwrap_or_default()
}

/// An address with another city, in the place that [`city`] reads. Its lines, where it comes as such, win over its fields.
pub fn with_city(address: &Value, to: &str) -> Value {
    let mut address = if address.is_object() { address.clone() } else { serde_json::json!({}) };
    let has = |address: &Value, kind: &str| {
        let lines = address["LocalizedAddress"].as_array().into_iter().flatten().filter_map(Value::as_array).flatten();
        let name = format!("{kind}City");
        let line = lines.clone().any(|one| one["Name"] == name.as_str() && !text(&one["Value"]).is_empty());
        line || !text(&address[kind]["City"]).is_empty()
    };
    let kind = if !has(&address, "Street") && has(&address, "Postal") { "Postal" } else { "Street" };
    if !address[kind].is_object() {
        address[kind] = serde_json::json!({});
    }
    address[kind]["City"] = to.into();
    let name = format!("{kind}City");
    let lines = address["LocalizedAddress"].as_array_mut().into_iter().flatten();
    for one in lines.filter_map(Value::as_array_mut).flatten().filter(|one| one["Name"] == name.as_str()) {
        one["Value"] = to.into();
    }
    address
}

pub fn company(said: &Value) -> Company {
    let own: Vec<String> = said["Domains"].as_array().map(|all| all.iter().map(text).collect()).unwrap_or_default();
    Company {
        id: id(&said["ContactId"]),
        name: with_department(text(&said["Name"]), text(&said["Department"])),
        city: city(&said["Address"]),
        domains: domains(own, values(&said["Urls"]), values(&said["Emails"])),
        phone: values(&said["Phones"]).into_iter().next().unwrap_or_default(),
        since: 0,
        version: text(&said["UpdatedDate"]),
    }
}

pub fn company_row(row: &Row) -> Company {
    let of = |name: &str| text(row.get(name).unwrap_or(&Value::Null));
    let city = [of("streetAddress/city"), of("postAddress/city")].into_iter().find(|city| !city.is_empty());
    Company {
        id: id(row.get("contactId").unwrap_or(&row["PrimaryKey"])),
        name: with_department(of("name"), of("department")),
        city: city.unwrap_or_default(),
        domains: domains(Vec::new(), vec![of("url/URLAddress")], vec![of("email/emailAddress")]),
        phone: of("contactPhone/formattedNumber"),
        ..Company::default()
    }
}

pub fn person_row(row: &Row) -> Person {
    let of = |name: &str| row.get(name).unwrap_or(&Value::Null);
    let phones = ["personMobilePhone/formattedNumber", "personDirectPhone/formattedNumber"].map(|name| text(of(name)));
    let company = Company { id: id(of("contactId")), name: text(of("personContact/name")), ..Company::default() };
    Person {
        id: id(of("personId")),
        name: text(of("fullName")),
        title: text(of("title")),
        phones: phones.into_iter().filter(|phone| !phone.is_empty()).collect(),
        company: Some(company).filter(|company| !company.id.is_empty()),
        ..Person::default()
    }
}

/// Amounts are decimals of the unit on the wire.
fn hundredths(value: &Value) -> i64 {
    let amount = value.as_f64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
    (amount.unwrap_or_default() * 100.0).round() as i64
}

pub fn percent(value: &Value) -> u8 {
    let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
    number.unwrap_or_default().clamp(0.0, 100.0) as u8
}

/// The stage's place among `stages` (1 the first; 0 not among them), and how many there are.
fn place(stage: &str, stages: &[Value]) -> (u8, u8) {
    let open: Vec<String> = stages.iter().filter(|one| !flag(&one["Deleted"])).map(|one| text(&one["Name"])).collect();
    let index = open.iter().position(|name| !name.is_empty() && name == stage).map_or(0, |index| index + 1);
    (u8::try_from(index).unwrap_or(u8::MAX), u8::try_from(open.len()).unwrap_or(u8::MAX))
}

pub fn sale(said: &Value, stages: &[Value]) -> (Sale, i64) {
    let stage = text(&said["Rating"]["Value"]);
    let (stage_index, stage_count) = place(&stage, stages);
    let sale = Sale {
        id: id(&said["SaleId"]),
        name: text(&said["Heading"]),
        company: id(&said["Contact"]["ContactId"]),
        person: id(&said["Person"]["PersonId"]),
        pipeline: text(&said["SaleType"]["Value"]),
        stage,
        stage_index,
        stage_count,
        probability: percent(&said["Probability"]),
        amount: hundredths(&said["Amount"]),
        currency: text(&said["Currency"]["Value"]),
        closes: day(&said["Saledate"]),
        open: matches!(said["Status"].as_str(), Some("Open" | "Stalled")),
        version: text(&said["UpdatedDate"]),
    };
    (sale, time(&text(&said["UpdatedDate"])))
}

pub fn sale_row(row: &Row, stages: &[Value]) -> (Sale, i64) {
    let of = |name: &str| row.get(name).unwrap_or(&Value::Null);
    let stage = text(of("stage"));
    let (stage_index, stage_count) = place(&stage, stages);
    let sale = Sale {
        id: id(of("saleId")),
        name: text(of("heading")),
        company: id(of("contactId")),
        person: id(of("personId")),
        pipeline: text(of("saleType")),
        stage,
        stage_index,
        stage_count,
        probability: percent(of("probPercent")),
        amount: hundredths(of("amount")),
        currency: text(of("currency")),
        closes: day(of("date")),
        // Open ones are those that are not completed: the status comes in the reader's language.
        open: !flag(of("completed")),
        version: String::new(),
    };
    (sale, time(&text(of("updatedDate"))))
}

pub fn project_row(row: &Row, company: &str) -> (Project, i64) {
    let of = |name: &str| row.get(name).unwrap_or(&Value::Null);
    let project = Project {
        id: id(of("projectId")),
        name: text(of("name")),
        company: company.to_owned(),
        open: !flag(of("completed")),
    };
    (project, time(&text(of("updatedDate"))))
}

pub fn follow_up(said: &Value) -> FollowUp {
    let kind = match (said["Task"]["Type"].as_str(), said["Type"].as_str()) {
        (Some("Phone"), _) => FollowUpKind::Call,
        (_, Some("inChecklist" | "BookingForChecklist")) => FollowUpKind::Task,
        _ => FollowUpKind::Appointment,
    };
    FollowUp {
        id: id(&said["AppointmentId"]),
        kind,
        title: text(&said["Title"]),
        text: text(&said["Description"]),
        start: time(&text(&said["StartDate"])),
        end: time(&text(&said["EndDate"])),
        done: said["Completed"].as_str() == Some("Completed"),
        company: id(&said["Contact"]["ContactId"]),
        person: id(&said["Person"]["PersonId"]),
        sale: id(&said["Sale"]["SaleId"]),
        project: id(&said["Project"]["ProjectId"]),
        owner: id(&said["Associate"]["AssociateId"]),
        version: text(&said["UpdatedDate"]),
    }
}

/// A line of the list of follow-ups; None for what is no follow-up (a document has a row there, too).
pub fn follow_up_row(row: &Row, owner: &str) -> Option<FollowUp> {
    let of = |name: &str| row.get(name).unwrap_or(&Value::Null);
    // NetServer's numbers: 1 diary, 2 checklist, 6 and 7 the same by invitation.
    let kind = match text(of("rawType")).as_str() {
        "2" | "7" => FollowUpKind::Task,
        "1" | "6" if text(of("recordType")).eq_ignore_ascii_case("phone") => FollowUpKind::Call,
        "1" | "6" => FollowUpKind::Appointment,
        _ => return None,
    };
    Some(FollowUp {
        id: id(of("appointmentId")),
        kind,
        title: text(of("text")),
        text: String::new(),
        start: time(&text(of("date"))),
        end: time(&text(of("endDate"))),
        done: flag(of("completed")),
        company: id(of("contactId")),
        person: id(of("personId")),
        sale: id(of("saleId")),
        project: id(of("projectId")),
        owner: owner.to_owned(),
        version: String::new(),
    })
}

/// A document among the activities.
pub fn document_row(row: &Row, on: &RecordRef) -> (Activity, Vec<RecordRef>) {
    let of = |name: &str| row.get(name).unwrap_or(&Value::Null);
    let mut records = vec![on.clone()];
    for (kind, column) in [
        (RecordKind::Company, "contactId"),
        (RecordKind::Person, "personId"),
        (RecordKind::Sale, "saleId"),
        (RecordKind::Project, "projectId"),
    ] {
        let record = RecordRef { kind, id: id(of(column)) };
        if !record.id.is_empty() && !records.contains(&record) {
            records.push(record);
        }
    }
    let activity = Activity {
        id: id(of("documentId")),
        kind: ActivityKind::Mail,
        title: text(of("text")),
        date: time(&text(of("date"))),
        message_id: String::new(),
    };
    (activity, records)
}
