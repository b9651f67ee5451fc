#![allow(clippy::unwrap_used)]

use super::{Config, Mails, Target, entity, fields::fields_of};
use serde_json::json;

#[test]
fn a_configuration_that_says_little_has_the_vendors_codes_and_one_that_says_much_is_kept() {
    let little: Config = serde_json::from_value(json!({ "server": "https://firma.elma365.eu" })).unwrap();
    assert_eq!(little, Config { server: "https://firma.elma365.eu".into(), ..Config::default() });
    let apps = [&little.companies.app, &little.contacts.app, &little.deals.app, &little.leads.0.app];
    let paths: Vec<_> = apps.iter().map(|app| app.path("app").unwrap()).collect();
    assert_eq!(
        paths,
        ["app/_clients/_companies", "app/_clients/_contacts", "app/_clients/_deals", "app/_clients/_leads"]
    );
    assert_eq!(little.mails, Mails::Feed);
    let much: Config = serde_json::from_value(json!({
        "server": "https://firma.elma365.eu", "user": "kari@nord.example",
        "deals": { "app": { "ns": "salg", "code": "saker" }, "sum": "belop" },
        "targets": [{ "ns": "dogovory", "code": "contracts", "name": "Contract", "mails": "contract" }],
        "mails": { "into": "app", "app": { "ns": "pochta", "code": "mails" }, "message_id": "mid" },
    }))
    .unwrap();
    assert_eq!((much.deals.sum.as_str(), much.targets[0].app().prefix().as_str()), ("belop", "dogovory.contracts:"));
    let Mails::App(to) = &much.mails else { panic!() };
    assert_eq!((to.message_id.as_str(), to.body.as_str()), ("mid", "body"));
    let again: Config = serde_json::from_str(&serde_json::to_string(&much).unwrap()).unwrap();
    assert_eq!(again, much);
    let odd = Target { ns: "a/../b".into(), code: "c?d".into(), ..Target::default() };
    assert_eq!(odd.app().path("app"), None, "nothing else becomes part of an address");
}

#[test]
fn fields_are_found_in_an_item_and_the_administrators_word_comes_first() {
    let mut config = Config::default();
    let contact = json!({ "__name": "x", "email": [], "_phone": [], "companies": [] });
    let found = fields_of(&config, None, Some(&contact)).contact;
    assert_eq!((found.email.as_str(), found.phone.as_str(), found.company.as_str()), ("email", "_phone", "companies"));
    assert_eq!((found.title.as_str(), found.full_name.as_str()), ("", ""), "there are none");
    assert_eq!(fields_of(&config, None, None).contact.email, "_email", "nothing to look at");
    config.contacts.email = "epost".into();
    assert_eq!(fields_of(&config, None, Some(&contact)).contact.email, "epost");
}

#[test]
fn odd_values_are_read_for_what_they_mean() {
    let config = Config::default();
    let fields = fields_of(&config, None, None);
    let person = entity::person(
        &json!({
            "__id": "p1", "__name": "Иванов Иван", "__version": 7,
            "_fullname": { "lastname": "Иванов", "firstname": "Иван", "middlename": "Иванович" },
            "_email": [{ "type": "work", "email": "ivan@essen.ru", "isValid": true }, { "type": "home", "email": "" }],
            "_phone": [{ "type": "mobile", "tel": "+7 123" }], "_companies": ["c1", "c2"], "_position": null,
        }),
        &fields.contact,
        None,
    );
    assert_eq!(
        (person.name.as_str(), person.title.as_str(), person.version.as_str()),
        ("Иван Иванович Иванов", "", "7")
    );
    assert_eq!((person.emails, person.phones), (vec!["ivan@essen.ru".to_owned()], vec!["+7 123".to_owned()]));
    assert_eq!(person.company.unwrap().id, "c1");
    let company = entity::company(
        &json!({
            "__id": "c1", "__name": "=cmd|'/c calc'!A1", "_website": "https://www.Fjordlys.no/om",
            "_email": [{ "email": "post@gmail.com" }, { "email": "post@fjordlys.com" }],
        }),
        &fields.company,
    );
    assert_eq!(company.domains, ["fjordlys.no", "fjordlys.com"], "a free-mail domain is nobody's");
    assert_eq!(company.name, "=cmd|'/c calc'!A1", "text stays text");
    assert_eq!(entity::links(&json!("one")), ["one"]);
    assert_eq!(entity::links(&json!([{ "__id": "two" }, null, ""])), ["two"]);
    assert_eq!(
        entity::split_name("Per Ola Berg"),
        json!({ "firstname": "Per", "middlename": "Ola", "lastname": "Berg" })
    );
    assert!(entity::gone(&json!({ "__deletedAt": "2026-01-01T00:00:00Z" })));
    assert!(
        !entity::gone(&json!({ "__deletedAt": null }))
            && !entity::gone(&json!({ "__deletedAt": "0001-01-01T00:00:00Z" }))
    );
}
