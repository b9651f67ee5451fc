//! Backups in the place of what is damaged.

use crate::kit::Person;
use std::io::{Seek as _, SeekFrom, Write as _};

#[test]
fn a_damaged_local_database_is_restored_on_the_command_line() {
    let person = Person::connected();
    person.receive("anna@kunde.example", "still there");
    person.run(&["sync"]).ok();
    let path = person.profile().join("local.db");
    std::fs::create_dir_all(person.profile().join("backups")).unwrap();
    let backup = person.profile().join("backups/local-1.db");
    person.database("local.db").execute("VACUUM INTO ?", [backup.to_str().unwrap()]).unwrap();
    assert_eq!(person.run(&["restore"]).error(), "invalid_input", "nothing is damaged");

    let _ = std::fs::remove_file(person.profile().join("local.db-wal"));
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    for at in (0..file.metadata().unwrap().len()).step_by(4096) {
        file.seek(SeekFrom::Start(at + 8)).unwrap();
        file.write_all(&[0xA5; 600]).unwrap();
    }
    drop(file);
    let ran = person.run(&["list"]);
    assert_eq!((ran.code, ran.error().as_str()), (1, "store_damaged"), "{ran:?}");
    let listed = person.run(&["restore", "--list"]).ok().json();
    assert_eq!((&listed["database"], &listed["damaged"]), (&"local".into(), &true.into()), "{listed}");
    assert_eq!((&listed["backups"][0]["number"], &listed["backups"][0]["sound"]), (&1.into(), &true.into()));
    assert_eq!(person.run(&["restore", "--backup", "5"]).error(), "not_found");
    assert_eq!(person.run(&["restore"]).ok().json()["restored"], 1);
    assert!(person.profile().join("local.db.damaged-1").exists(), "what is damaged is kept");
    person.run(&["sync"]).ok();
    person.find("still there");
}
