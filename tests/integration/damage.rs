use crate::kit::Person;
use std::io::{Seek as _, SeekFrom, Write as _};

/// The mail store can be fetched again; what only this computer has cannot, and lies elsewhere.
#[test]
fn a_damaged_mail_store_is_set_aside_and_fetched_again() {
    let person = Person::connected();
    for number in 0..30 {
        person.receive("anna@kunde.example", &format!("mail {number}"));
    }
    person.run(&["sync"]).ok();
    let id = person.find("mail 3");
    let create = ["person", "create", "--name", "Anna", "--email", "anna@kunde.example"];
    let created = person.run(&create).ok().json()["id"].as_str().unwrap().to_owned();
    person.run(&["archive", &id, "--on", &format!("person:{created}")]).ok();
    person.run_with(&["--offline", "send", "--to", "later@fault.example", "--subject", "waiting"], "x");

    let path = person.profile().join("mail.db");
    for ending in ["mail.db-wal", "mail.db-shm"] {
        let _ = std::fs::remove_file(person.profile().join(ending));
    }
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    let length = file.metadata().unwrap().len();
    for at in (0..length).step_by(4096) {
        file.seek(SeekFrom::Start(at + 8)).unwrap();
        file.write_all(&[0xA5; 600]).unwrap();
    }
    drop(file);

    person.run(&["sync"]).ok();
    assert_eq!(person.list(&["--limit", "200"]).len(), 30, "fetched again");
    let aside = std::fs::read_dir(person.profile()).unwrap().flatten();
    let aside: Vec<_> = aside.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    assert!(aside.iter().any(|name| name.starts_with("mail.db") && name.contains("damaged")), "kept beside: {aside:?}");
    let outbox = person.run(&["outbox"]).ok().json();
    assert_eq!(outbox[0]["subject"], "waiting", "the outbox is there");
    let customer = person.run(&["person", "show", &person.find("mail 3")]).ok().json();
    assert_eq!(customer["archived"]["state"], "done", "the link to the CRM is there");
    assert_eq!(customer["activities"].as_array().unwrap().len(), 1, "and so is the CRM");
}
