use crate::kit::Person;

#[test]
fn what_a_person_does_is_done_on_the_server() {
    let person = Person::connected();
    for subject in ["read me", "file me", "junk me", "bin me", "move me"] {
        person.receive("anna@kunde.example", subject);
    }
    person.run(&["sync"]).ok();
    let mark = person.run(&["mark", &person.find("read me"), "--read", "--flag"]).ok().json();
    assert_eq!(mark["state"], "done");
    assert_eq!(person.count("mailbox INBOX subject read seen flagged"), 1);
    person.run(&["done", &person.find("file me")]).ok();
    assert_eq!(person.count("mailbox Archive subject file"), 1);
    person.run(&["junk", &person.find("junk me")]).ok();
    assert_eq!(person.count("mailbox Junk subject junk"), 1);
    person.run(&["move", &person.find("move me"), "--folder", "Drafts"]).ok();
    assert_eq!(person.count("mailbox Drafts subject move"), 1);
    person.run(&["delete", &person.find("bin me")]).ok();
    assert_eq!(person.count("mailbox Trash subject bin"), 1);
    assert_eq!(person.count("mailbox INBOX all"), 1, "nothing stayed behind");
    // In Trash, deleting is for good.
    person.run(&["sync"]).ok();
    let trash = person.list(&["--folder", "trash"]);
    person.run(&["delete", trash[0]["id"].as_str().unwrap()]).ok();
    assert_eq!(person.count("mailbox Trash all"), 0);
    assert_eq!(person.list(&["--folder", "trash"]).len(), 0);
}

#[test]
fn what_is_done_offline_is_here_at_once_and_on_the_server_after_a_restart() {
    let person = Person::connected();
    person.receive("anna@kunde.example", "first");
    person.receive("anna@kunde.example", "second");
    person.run(&["sync"]).ok();
    let (first, second) = (person.find("first"), person.find("second"));
    let ran = person.run(&["--offline", "mark", &first, "--flag"]);
    assert_eq!((ran.code, ran.json()["state"].as_str()), (7, Some("queued")), "{ran:?}");
    person.run(&["--offline", "done", &second]);
    // Flagged and unflagged again before the server heard of it: nothing to say.
    person.run(&["--offline", "mark", &first, "--read"]);
    person.run(&["--offline", "mark", &first, "--unread"]);
    assert_eq!(person.list(&["--filter", "flagged"]).len(), 1);
    assert_eq!(person.list(&["--folder", "done"]).len(), 1);
    assert_eq!(person.count("mailbox INBOX all"), 2, "the server has heard nothing yet");

    person.run(&["sync"]).ok();
    assert_eq!(person.count("mailbox INBOX subject first flagged unseen"), 1);
    assert_eq!(person.count("mailbox Archive subject second"), 1);
    assert_eq!(person.count("mailbox INBOX all"), 1);
    assert_eq!(person.list(&["--folder", "done"]).len(), 1, "once here, too");
}

#[test]
fn what_was_changed_elsewhere_arrives() {
    let person = Person::connected();
    person.receive("anna@kunde.example", "stays");
    person.receive("anna@kunde.example", "goes");
    person.run(&["sync"]).ok();
    let user = person.email.as_str();
    person
        .world
        .doveadm(&["flags", "add", "-u", user, "\\Seen \\Flagged", "mailbox", "INBOX", "subject", "stays"])
        .unwrap();
    person.world.doveadm(&["expunge", "-u", user, "mailbox", "INBOX", "subject", "goes"]).unwrap();
    person.run(&["sync"]).ok();
    let rows = person.list(&[]);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0]["read"], &rows[0]["flagged"]), (&true.into(), &true.into()));
}
