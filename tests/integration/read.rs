use crate::kit::{Person, mail};
use clientele_tests::world::Stored;

fn stored(raw: Vec<u8>, received: i64) -> Stored {
    Stored { folder: "INBOX".into(), raw, received, seen: true, answered: false, flagged: false }
}

fn dated(number: i64, received: i64) -> Stored {
    let date = jiff::Timestamp::from_second(received).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
    let date = date.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let raw = format!(
        "From: Anna <anna@kunde.example>\r\nTo: me@nordvik.example\r\nSubject: number {number}\r\nDate: {date}\r\n\
         Message-ID: <{number}@read.example>\r\n\r\nthe body of {number}\r\n"
    );
    stored(raw.into_bytes(), received)
}

#[test]
fn the_first_screen_comes_first_then_the_window() {
    let person = Person::new();
    let now = jiff::Timestamp::now().as_second();
    let mut mails: Vec<_> = (0..180).map(|number| dated(number, now - number * 3600)).collect();
    mails.push(dated(900, now - 90 * 24 * 3600));
    person.world.store(&person.email, &mails).unwrap();
    person.connect(&format!("localhost:{}", person.world.ports().smtps), "tls").ok();

    person.run(&["sync", "--first-screen"]).ok();
    let rows = person.list(&["--limit", "200"]);
    assert!((50..180).contains(&rows.len()), "{} rows", rows.len());
    for (place, row) in rows.iter().take(50).enumerate() {
        assert_eq!(row["subject"], format!("number {place}"), "the newest are there, newest first");
        assert_eq!(row["partial"], false);
    }

    person.run(&["sync"]).ok();
    let rows = person.list(&["--limit", "200"]);
    assert_eq!(rows.len(), 180, "what is older than 60 days stays on the server");
    let id = rows[170]["id"].as_str().unwrap();
    assert!(person.run(&["show", id]).ok().json()["text"].as_str().unwrap().contains("the body of 170"));
    let found = person.run(&["search", "body", "of", "171"]).ok().json();
    assert_eq!(found["rows"][0]["subject"], "number 171", "{found}");
    // A second sync finds nothing new and nothing twice.
    assert_eq!(person.run(&["sync"]).ok().json()[0]["new"], 0);
    assert_eq!(person.list(&["--limit", "200"]).len(), 180);
}

#[test]
fn a_mail_that_cannot_be_parsed_is_source_and_the_others_stand() {
    let person = Person::new();
    let now = jiff::Timestamp::now().as_second();
    let odd = b"\x00\x01\x02 no headers at all \xff\xfe\r\n\r\n\x80\x81".to_vec();
    let good = mail("anna@kunde.example", &person.email, "the good one", "fine");
    let mails = [
        stored(good.clone(), now - 20),
        stored(odd, now - 10),
        stored(mail("b@kunde.example", &person.email, "another", "ok"), now),
    ];
    person.world.store(&person.email, &mails).unwrap();
    person.connect(&format!("localhost:{}", person.world.ports().smtps), "tls").ok();
    person.run(&["sync"]).ok();
    let rows = person.list(&[]);
    assert_eq!(rows.len(), 3, "{rows:?}");
    let odd = rows.iter().find(|row| row["unreadable"] == true).expect("one is marked as unreadable");
    let id = odd["id"].as_str().unwrap();
    let page = person.run(&["show", id, "--as", "html"]).ok().json();
    assert!(page["html"].as_str().unwrap().contains("no headers at all"), "its source is shown");
    let good = person.find("the good one");
    assert!(person.run(&["show", &good]).ok().json()["text"].as_str().unwrap().contains("fine"));
}

#[test]
fn an_attachment_is_saved_beside_others_and_marked() {
    let person = Person::connected();
    let raw = "From: a@kunde.example\r\nTo: me@nordvik.example\r\nSubject: with a file\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee file\r\n--b\r\n\
        Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"../../offer.pdf\"\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--b--\r\n";
    person.world.deliver("a@kunde.example", &person.email, raw.as_bytes()).unwrap();
    person.run(&["sync"]).ok();
    let id = person.find("with a file");
    let thread = person.run(&["show", &id, "--as", "json"]).ok().json();
    let part = thread["messages"][0]["attachments"][0]["part"].to_string();
    let to = person.folder.path().join("saved");
    std::fs::create_dir(&to).unwrap();
    for name in ["offer.pdf", "offer (2).pdf"] {
        let saved = person.run(&["save", &id, &part, "--to", to.to_str().unwrap()]).ok().json();
        assert_eq!(saved["path"], to.join(name).to_str().unwrap());
        assert_eq!(std::fs::read(to.join(name)).unwrap(), b"%PDF-1.4\n");
    }
}
