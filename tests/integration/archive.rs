use crate::kit::Person;
use serde_json::json;

pub(crate) fn with_customer() -> Person {
    let person = Person::connected();
    let seed = json!({
        "companies": [{ "id": "fjord", "name": "Fjord AS", "city": "Bergen", "domains": ["fjord.example"] }],
        "people": [{ "id": "anna", "name": "Anna Berg", "emails": ["anna@fjord.example"], "company": "fjord" }],
        "sales": [{
            "id": "pumps", "name": "Pumps", "company": "fjord", "people": ["anna"], "stage": "Offer", "stage_index": 2,
            "stage_count": 5, "probability": 40, "amount": 1_200_000, "currency": "NOK", "open": true, "changed": 1_700_000_000
        }],
        "projects": [], "activities": []
    });
    let file = person.folder.path().join("crm.json");
    std::fs::write(&file, seed.to_string()).unwrap();
    person.run(&["crm", "import", file.to_str().unwrap()]).ok();
    person.receive("Anna Berg <anna@fjord.example>", "About the pumps");
    person.run(&["sync"]).ok();
    person
}

#[test]
fn a_mail_becomes_one_activity_on_company_person_and_sale() {
    let person = with_customer();
    let id = person.find("About the pumps");
    let customer = person.run(&["person", "show", &id]).ok().json();
    assert_eq!(customer["participants"][0]["people"][0]["name"], "Anna Berg");
    assert_eq!(customer["sales"][0]["amount"], 1_200_000);

    let first = person.run(&["archive", &id]).ok().json();
    assert_eq!((&first[0]["state"], &first[0]["already"]), (&json!("done"), &json!(false)), "{first}");
    let kinds: Vec<_> = first[0]["records"].as_array().unwrap().iter().map(|record| record["kind"].clone()).collect();
    for kind in ["company", "person", "sale"] {
        assert!(kinds.contains(&json!(kind)), "{kinds:?}");
    }
    let activities = || -> i64 {
        let crm = person.database("crm.db");
        crm.query_row("SELECT count(*) FROM activity WHERE title = 'About the pumps'", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(activities(), 1);
    let second = person.run(&["archive", &id]).ok().json();
    assert_eq!(second[0]["already"], true, "{second}");
    assert_eq!(activities(), 1, "a second time adds nothing");
    let pills = person.list(&[])[0]["pills"].clone();
    assert!(pills.as_array().unwrap().iter().any(|pill| pill["kind"] == "archived"), "{pills}");

    person.run(&["archive", &id, "--undo"]).ok();
    assert_eq!(activities(), 0);
}

#[test]
fn an_unknown_sender_is_offered_and_becomes_a_person() {
    let person = with_customer();
    person.receive("Bo Lund <bo@fjord.example>", "Hello from Bo");
    person.run(&["sync"]).ok();
    let id = person.find("Hello from Bo");
    let before = person.run(&["person", "show", &id]).ok().json();
    assert_eq!(before["participants"][0]["people"], json!([]));
    let company = before["participants"][0]["might_work_at"][0]["id"].as_str().expect("the domain tells").to_owned();
    person.run(&["person", "create", "--name", "Bo Lund", "--email", "bo@fjord.example", "--company", &company]).ok();
    let after = person.run(&["person", "show", &id]).ok().json();
    assert_eq!(after["participants"][0]["people"][0]["company"]["name"], "Fjord AS");
}

/// Sent and archived in one go: the activity is the mail that was sent.
#[test]
fn a_sent_mail_is_archived_where_it_was_asked() {
    let person = with_customer();
    let sale = person.run(&["person", "find", "Pumps"]).ok().json()[0]["id"].as_str().unwrap().to_owned();
    let record = format!("sale:{sale}");
    let arguments = ["send", "--to", "anna@fjord.example", "--subject", "The offer", "--archive", &record];
    person.run_with(&arguments, "Please find it attached.").ok();
    let crm = person.database("crm.db");
    let count: i64 =
        crm.query_row("SELECT count(*) FROM activity WHERE title = 'The offer'", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}
