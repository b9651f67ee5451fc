use crate::kit::{Person, until};

#[test]
fn a_mail_is_delivered_once_and_kept_in_sent_once() {
    let (sender, reader, hidden) = (Person::connected(), Person::new(), Person::new());
    let file = sender.folder.path().join("offer.pdf");
    std::fs::write(&file, b"%PDF-1.4\n").unwrap();
    let arguments = [
        "send",
        "--to",
        &reader.email,
        "--bcc",
        &hidden.email,
        "--subject",
        "Blåbær og ost",
        "--attach",
        file.to_str().unwrap(),
    ];
    let ran = sender.run_with(&arguments, "Hei,\n\nher er tilbudet.").ok();
    assert_eq!(ran.json()["state"], "sent");
    until("delivery", || reader.count("mailbox INBOX all") == 1 && hidden.count("mailbox INBOX all") == 1);
    assert_eq!(sender.count("mailbox Sent all"), 1);
    let received = reader.world.fetch(&reader.email, "text", "mailbox INBOX all").unwrap();
    assert!(!received.contains(&hidden.email), "Bcc is not in what others get");
    assert!(received.to_lowercase().contains("message-id: <") && received.contains("@nordvik.example>"));
    assert!(received.contains("offer.pdf") && received.is_ascii(), "7 bits only");
    let kept = sender.world.fetch(&sender.email, "text", "mailbox Sent all").unwrap();
    assert!(kept.contains(&hidden.email), "one's own copy knows whom it went to");
    // Running again sends nothing again.
    sender.run(&["outbox", "run"]).ok();
    sender.run(&["sync"]).ok();
    assert_eq!((reader.count("mailbox INBOX all"), sender.count("mailbox Sent all")), (1, 1));
    assert_eq!(sender.list(&["--folder", "sent"]).len(), 1);
}

#[test]
fn an_answer_quotes_hangs_on_the_thread_and_marks_what_it_answers() {
    let (asker, person) = (Person::new(), Person::connected());
    person.receive(&asker.email, "Question about the offer");
    person.run(&["sync"]).ok();
    let id = person.find("Question about the offer");
    person.run_with(&["send", "--reply", &id], "Here is the answer.").ok();
    until("delivery", || asker.count("mailbox INBOX subject Question") == 1);
    let fields = "hdr.in-reply-to hdr.references text";
    let answer = asker.world.fetch(&asker.email, fields, "mailbox INBOX all").unwrap();
    assert!(answer.contains("hdr.in-reply-to: <") && answer.contains("hdr.references: <"), "{answer}");
    assert!(answer.contains("Here is the answer.") && answer.contains("Good morning."), "{answer}");
    assert_eq!(person.count("mailbox INBOX answered subject Question"), 1);
    let thread = person.run(&["show", &id, "--as", "json"]).ok().json();
    assert_eq!(thread["messages"].as_array().unwrap().len(), 2, "the conversation holds both");
}

#[test]
fn refusals_say_what_a_person_can_do() {
    let person = Person::connected();
    let ran = person.run_with(&["send", "--to", "nobody@fault.example", "--subject", "x"], "x");
    assert_eq!((ran.code, ran.json()["code"].as_str()), (1, Some("recipient_refused")), "{ran:?}");
    // Later is later: it stays queued, and nobody need do anything.
    let ran = person.run_with(&["send", "--to", "later@fault.example", "--subject", "y"], "y");
    assert_eq!((ran.code, ran.json()["state"].as_str()), (7, Some("queued")), "{ran:?}");
    let ran = person.run_with(&["send", "--subject", "z"], "z");
    assert_eq!((ran.code, ran.error().as_str()), (2, "no_recipient"), "{ran:?}");
    let outbox = person.run(&["outbox"]).ok().json();
    assert_eq!(outbox.as_array().unwrap().len(), 2, "{outbox}");
    let refused = outbox[0]["id"].as_str().unwrap();
    person.run(&["outbox", "resolve", refused, "discard"]).ok();
    assert_eq!(person.run(&["outbox"]).ok().json().as_array().unwrap().len(), 1);
    assert_eq!(person.count("mailbox Sent all"), 0);
}
