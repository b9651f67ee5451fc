//! What real servers have answered: the bodies that the vendor's client is tested with.
#![allow(clippy::unwrap_used)]

use super::entity;
use crate::FollowUpKind;
use serde_json::{Value, json};
use std::path::Path;

fn body(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/superoffice/node_modules/@superoffice/webapi");
    let path = folder.join("__tests__").join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).expect("`cargo xtask setup` brings the vendor's client");
    serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap()
}

#[test]
fn a_real_person_is_read() {
    let said = body("Person210-utctz");
    let person = entity::person(&said);
    assert_eq!((person.id.as_str(), person.name.as_str(), person.title.as_str()), ("210", "Steve Fishmann", "Owner"));
    assert_eq!(person.emails, ["Fish.company.steve@mailinator.com"]);
    assert_eq!(person.phones, ["00 44 78 1791 3882", "00 44 78 1791 3345", "00 44 847652645"], "the mobile one first");
    assert_eq!(person.company.unwrap().id, "124");
    assert_eq!(entity::http_date(&person.version).as_deref(), Some("Thu, 19 Dec 2019 10:55:14 GMT"));
}

#[test]
fn the_same_appointment_is_at_the_same_time_in_every_zone() {
    let (utc, own) = (entity::follow_up(&body("Appointment63-utctz")), entity::follow_up(&body("Appointment63-notz")));
    assert_eq!((utc.start, utc.end), (1_017_590_400, 1_017_594_000));
    assert_eq!((utc.start, utc.end), (own.start, own.end));
    assert_eq!((utc.kind, utc.done, utc.owner.as_str()), (FollowUpKind::Appointment, false, "3"));
    assert_eq!((utc.company.as_str(), utc.person.as_str(), utc.sale.as_str()), ("4", "22", ""));
    assert_eq!(entity::time("0001-01-01T00:00:00Z"), 0, "no date");
    assert_eq!(entity::http_date(&utc.version), None, "never changed: no condition");
}

#[test]
fn odd_values_are_read_for_what_they_mean() {
    let company = entity::company(&json!({
        "ContactId": "7",
        "Name": "US:\"Customer\";NO:\"Kunde\";",
        "Department": "Nord",
        "Address": body("ContactEntity")["Address"],
        "Urls": [{ "Value": "www.Fjordlys.no/om" }, { "Value": "no page" }],
        "Domains": ["fjordlys.com"],
        "Emails": [{ "Value": "post@gmail.com" }, { "Value": "post@FJORDLYS.no" }],
    }));
    assert_eq!((company.id.as_str(), company.name.as_str(), company.city.as_str()), ("7", "Customer, Nord", "OSLO"));
    assert_eq!(company.domains, ["fjordlys.com", "fjordlys.no"], "a free-mail domain is nobody's");
    let row = json!({ "saleId": 3, "heading": "=cmd|'/c calc'!A1", "amount": "1234.56", "completed": "1", "date": "2027-01-31T00:00:00Z" });
    let (sale, _) = entity::sale_row(row.as_object().unwrap(), &[]);
    assert_eq!((sale.amount, sale.open, sale.closes.as_str()), (123_456, false, "2027-01-31"));
    assert_eq!(sale.name, "=cmd|'/c calc'!A1", "text stays text");
    assert_eq!(entity::shown(&json!("[I:123]")), json!("123"));
    assert_eq!(entity::shown(&json!("[odd] text")), json!("[odd] text"));
}
