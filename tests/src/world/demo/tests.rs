#![allow(clippy::unwrap_used)]

use super::*;
use std::collections::BTreeSet;

const NOW: i64 = 1_795_330_000;

fn text(mail: &Stored) -> String {
    String::from_utf8_lossy(&mail.raw).into_owned()
}

#[test]
fn the_mailbox_holds_what_the_demo_promises() {
    let mails = mails(NOW, "http://127.0.0.1:1");
    assert!(mails.len() >= 300, "only {} mails", mails.len());
    assert!(mails.iter().all(|mail| mail.received <= NOW && mail.received > NOW - 62 * 86_400));
    assert!(mails.iter().filter(|mail| mail.folder == "Sent").count() >= 40);
    for sign in ["application/pdf", "image/png", "spreadsheetml.sheet", "text/calendar", "cid:", "/pixel?"] {
        // HTML is quoted-printable: what is looked for has no byte that it encodes.
        assert!(mails.iter().any(|mail| text(mail).contains(sign)), "no mail with {sign}");
    }
    let ids: Vec<String> = mails
        .iter()
        .filter_map(|mail| Some(text(mail).split("Message-ID: ").nth(1)?.split("\r\n").next()?.to_owned()))
        .collect();
    assert_eq!(ids.len(), mails.len() - 1, "all but the malformed one have a Message-ID");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "no Message-ID twice");
}

#[test]
fn the_same_hour_gives_the_same_mails() {
    let raws = |mails: Vec<Stored>| mails.into_iter().map(|mail| mail.raw).collect::<Vec<_>>();
    assert_eq!(raws(mails(NOW, "http://127.0.0.1:1")), raws(mails(NOW, "http://127.0.0.1:1")));
}

#[test]
fn the_seed_names_only_records_it_holds() {
    let seed = crm_seed(NOW);
    let ids = |list: &str| -> BTreeSet<String> {
        seed[list].as_array().unwrap().iter().map(|record| record["id"].as_str().unwrap().to_owned()).collect()
    };
    let (companies, people, sales, projects) = (ids("companies"), ids("people"), ids("sales"), ids("projects"));
    for (list, field, known) in [
        ("people", "company", &companies),
        ("sales", "company", &companies),
        ("sales", "person", &people),
        ("projects", "company", &companies),
    ] {
        for record in seed[list].as_array().unwrap() {
            assert!(known.contains(record[field].as_str().unwrap()), "{record}");
        }
    }
    for activity in seed["activities"].as_array().unwrap() {
        for record in activity["records"].as_array().unwrap() {
            let id = record["id"].as_str().unwrap();
            let known = match record["kind"].as_str().unwrap() {
                "company" => &companies,
                "person" => &people,
                "sale" => &sales,
                "project" => &projects,
                other => panic!("no such kind: {other}"),
            };
            assert!(known.contains(id), "{activity}");
        }
    }
}
