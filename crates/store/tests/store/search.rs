use crate::*;
use clientele_store::{Attachment, SearchQuery};

pub(crate) fn ids(world: &World, query: &str) -> Vec<MessageId> {
    find(world, query).rows.into_iter().map(|row| row.id).collect()
}

fn find(world: &World, query: &str) -> Page {
    world.store.search(&SearchQuery { query: query.into(), after: None, limit: 50 }).unwrap()
}

#[test]
fn letters_are_found_as_people_type_them() {
    let world = World::new();
    let text = "Møte hos Brødrene Åsen i Hauptstraße 5 og Lange Straße 2, København. Grüße, Müller og Sjælland";
    let id = world.insert(FolderRole::Inbox, NewMessage { search_text: text.into(), ..mail(1, NOW, "Møte") });
    for query in [
        "brodrene",
        "Brødrene",
        "broedrene",
        "strasse",
        "hauptstrasse",
        "asen",
        "aasen",
        "Åsen",
        "kobenhavn",
        "mote",
        "muller",
        "mueller",
        "sjaelland",
        "MÜLLER",
        "brø",
        "grusse",
    ] {
        assert_eq!(ids(&world, query), [id], "{query}");
    }
    assert!(ids(&world, "brodrenes").is_empty());
    // And the other way: the mail has the spelling without the letter.
    let plain = world.insert(FolderRole::Inbox, NewMessage { search_text: "Aarhus".into(), ..mail(2, NOW, "b") });
    assert_eq!(ids(&world, "Århus"), [plain]);
}

#[test]
fn newest_first_in_pages_over_people_subject_and_attachments() {
    let world = World::new();
    for uid in 1..=7 {
        world.insert(FolderRole::Inbox, mail(uid, NOW - i64::from(uid % 4) * 100, "Faktura"));
    }
    let (mut after, mut dates) = (None, Vec::new());
    loop {
        let page = world.store.search(&SearchQuery { query: "faktura".into(), after, limit: 2 }).unwrap();
        assert_eq!(page.total, 7);
        dates.extend(page.rows.iter().map(|row| row.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(dates.len(), 7);
    assert!(dates.windows(2).all(|pair| pair[0] > pair[1]));

    let attachment = Attachment { name: "Tegning-målsatt.pdf".into(), ..Attachment::default() };
    let id = world.insert(FolderRole::Inbox, NewMessage { attachments: vec![attachment], ..mail(20, NOW, "x") });
    assert_eq!(ids(&world, "malsatt"), [id]);
    assert_eq!(ids(&world, "from:nordmann subject:x"), [id]);
    assert!(ids(&world, "subject:nordmann").is_empty());
    assert_eq!(ids(&world, "ola@nord.example").len(), 8);
}

#[test]
fn what_is_typed_is_never_syntax() {
    let world = World::new();
    let id =
        world.insert(FolderRole::Inbox, NewMessage { search_text: "and or not near C++".into(), ..mail(1, NOW, "a") });
    for query in [
        "\"",
        "'",
        "*",
        "^",
        "a\"b",
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        "{people}",
        "fts : x",
        "near(",
        "a* b",
        "--",
        ";",
        "\"\"\"",
        "body:",
        "-x",
        "a + b",
        "\u{0}",
        "subject:\"",
        "from:",
        "\u{1f600}",
        "ﷺ",
    ] {
        find(&world, query);
    }
    assert_eq!(ids(&world, "NOT near"), [id], "FTS words are words");
    assert_eq!(ids(&world, "c++"), [id]);
}

#[test]
fn what_is_gone_is_not_found_and_snippets_show_the_hit() {
    let world = World::new();
    let text = "Vi sender <b>tilbudet</b> på Brødrene-prosjektet i morgen.";
    let id = world.insert(FolderRole::Inbox, NewMessage { search_text: text.into(), ..mail(1, NOW, "a") });
    let snippet = &find(&world, "brodr").rows[0].snippet;
    assert!(snippet.contains("på \u{2}Brødrene\u{3}-prosjektet"), "{snippet:?}");
    world.store.vanished(world.inbox(), &[1]).unwrap();
    assert!(ids(&world, "brodr").is_empty());
    assert!(world.store.row(id).is_err());
}
