use crate::*;
use clientele_store::{Attachment, CrmState, SearchQuery};

pub(crate) fn ids(world: &World, query: &str) -> Vec<MessageId> {
    find(world, query).rows.into_iter().map(|row| row.id).collect()
}

/// How many are found; None where the search fails.
pub(crate) fn total(world: &World, query: &str) -> Option<u32> {
    let search = SearchQuery { query: query.into(), limit: 1, ..SearchQuery::default() };
    world.store.search(&search).ok().map(|page| page.total)
}

fn find(world: &World, query: &str) -> Page {
    let now = Some("2026-09-21T12:00[Europe/Oslo]".parse().unwrap());
    world.store.search(&SearchQuery { query: query.into(), limit: 50, now, ..SearchQuery::default() }).unwrap()
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
        let page = world
            .store
            .search(&SearchQuery { query: "faktura".into(), after, limit: 2, ..SearchQuery::default() })
            .unwrap();
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
        "½ ",
        "-",
        "--x",
        "-\"",
        "from:\"*",
        "in:\"",
        "is:is:is",
        "before:99999999999999999999",
        "after:0001-01-01",
        "日 ",
        "-日本語",
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

/// What each query finds, by number of the mail.
fn finds(world: &World, table: &[(&str, &[u32])]) {
    for (query, wanted) in table {
        let found = find(world, query);
        let uids: Vec<u32> = found.rows.iter().map(|row| world.store.location(row.id).unwrap().uid.unwrap()).collect();
        assert_eq!(uids, *wanted, "{query}");
        assert_eq!(found.total as usize, wanted.len(), "{query}");
    }
}

#[test]
fn operators_choose_and_a_minus_takes_away() {
    let world = World::new();
    let day = |days: i64| NOW - days * 86_400;
    let flags = |seen, flagged| Flags { seen, flagged, ..Flags::default() };
    let file = Attachment { name: "Tilbud-2026.pdf".into(), ..Attachment::default() };
    let mut mails = vec![
        NewMessage { flags: flags(true, false), attachments: vec![file], ..mail(1, day(1), "Tilbud på takstein") },
        NewMessage { flags: flags(false, true), ..mail(2, day(2), "Faktura") },
        NewMessage { flags: flags(false, false), ..mail(3, day(40), "Faktura for takstein") },
        NewMessage { flags: flags(true, true), ..mail(4, day(400), "Møte") },
    ];
    mails[1].from = Address::new("Siri Berg", "siri@berg.example");
    mails[1].cc = vec![Address::new("Ola Nordmann", "ola@nord.example")];
    mails[2].to = vec![Address::new("Siri Berg", "siri@berg.example")];
    let ids: Vec<MessageId> =
        world.store.messages_insert(world.account, world.inbox(), mails).unwrap().iter().map(|one| one.id).collect();
    world.insert(FolderRole::Sent, mail(5, day(3), "Faktura"));
    world.insert(FolderRole::Other, mail(6, day(5), "Faktura"));
    let pill = |kind, text| format!(r#"[{{"kind":"{kind}","text":"{text}","record":"7"}}]"#);
    world
        .store
        .pills_set(&[
            (ids[0], CrmState::Customer, pill("company", "Brødrene Åsen AS")),
            (ids[1], CrmState::Customer, pill("sale", "Nytt tak")),
        ])
        .unwrap();
    let archived = world.store.row(ids[3]).unwrap().message_id;
    let row = world.store.archive_queue(world.account, &archived, &[outbox::record("1")], "kari", NOW).unwrap();
    world.store.archive_done(row.id, "9", false).unwrap();

    finds(
        &world,
        &[
            ("from:siri", &[2]),
            ("to:siri", &[3]),
            ("cc:ola", &[2]),
            ("siri", &[2, 3]),
            ("from:ola@nord.example takstein", &[1, 3]),
            ("subject:\"faktura for\"", &[3]),
            ("filename:tilbud", &[1]),
            ("filename:faktura", &[]),
            ("has:attachment", &[1]),
            ("-has:attachment is:read", &[4]),
            ("is:unread faktura", &[2, 5, 6, 3]),
            ("is:unread in:inbox faktura", &[2, 3]),
            ("is:flagged", &[2, 4]),
            ("is:flagged is:unread", &[2]),
            ("is:archived", &[4]),
            ("-is:archived is:flagged", &[2]),
            ("in:sent", &[5]),
            ("faktura in:\"projects/asen\"", &[6]),
            ("faktura in:åsen", &[6]),
            ("faktura in:sent in:åsen", &[5, 6]),
            ("faktura in:nowhere", &[]),
            ("faktura -in:inbox -in:sent", &[6]),
            ("faktura -takstein", &[2, 5, 6]),
            ("-faktura", &[1, 4]),
            ("-faktura -has:attachment", &[4]),
            ("takstein -\"faktura for\"", &[1]),
            ("after:2026-09-18", &[1, 2, 5]),
            ("before:18.09.2026", &[6, 3, 4]),
            ("on:20.9.2026", &[1]),
            ("faktura before:2026-09-01", &[3]),
            ("after:2025-01 before:2026", &[4]),
            ("after:30d is:unread", &[2, 5, 6]),
            ("company:brodrene", &[1]),
            ("company:\"Brødrene Åsen\" takstein", &[1]),
            ("company:tak", &[]),
            ("sale:tak", &[2]),
            ("-sale:tak -company:åsen faktura", &[5, 6, 3]),
            ("is:read is:unread", &[]),
            ("fakt* tak*", &[3]),
        ],
    );
    // What changes is found as it is now.
    world.store.operate(&ids[..1], &clientele_model::Action::Unread, NOW).unwrap();
    world.store.pills_set(&[(ids[0], CrmState::Customer, pill("company", "Nord AS"))]).unwrap();
    world.store.archive_remove(row.id).unwrap();
    finds(
        &world,
        &[("has:attachment is:unread", &[1]), ("company:brodrene", &[]), ("company:nord", &[1]), ("is:archived", &[])],
    );
}

#[test]
fn signs_are_found_alone_and_in_runs() {
    let world = World::new();
    let text = "明日、東京都の会議室で会いましょう。서울 회의";
    world.insert(FolderRole::Inbox, NewMessage { search_text: text.into(), ..mail(1, NOW, "会議の件") });
    world.insert(FolderRole::Inbox, NewMessage { search_text: "京東".into(), ..mail(2, NOW - 9, "b") });
    finds(
        &world,
        &[
            ("東京", &[1]),
            ("東京都 ", &[1]),
            ("京", &[1, 2]),
            ("都", &[1]),
            ("室 ", &[1]),
            ("会議 subject:件", &[1]),
            ("京都の会", &[1]),
            ("京都会", &[]),
            ("서울", &[1]),
            ("회의 東京", &[1]),
        ],
    );
    assert!(find(&world, "会議室").rows[0].snippet.contains("東京都の\u{2}会議室\u{3}で"));
}

#[test]
fn by_relevance_the_subject_comes_first() {
    let world = World::new();
    let text = |words: &str| words.to_owned();
    for (uid, subject, words) in
        [(1, "annet", "tilbud"), (2, "Tilbud", "hei"), (3, "annet", "tilbud"), (4, "Gammelt tilbud", "hei")]
    {
        let search_text = text(words);
        world.insert(FolderRole::Inbox, NewMessage { search_text, ..mail(uid, NOW - i64::from(uid), subject) });
    }
    finds(&world, &[("tilbud ", &[1, 2, 3, 4]), ("tilbud sort:relevance", &[2, 4, 1, 3])]);
    let page = |after| {
        let query = SearchQuery { query: "tilbud".into(), relevance: true, limit: 3, after, ..SearchQuery::default() };
        world.store.search(&query).unwrap()
    };
    let first = page(None);
    let second = page(first.next);
    assert_eq!((first.rows.len(), second.rows.len(), second.next), (3, 1, None));
}

#[test]
fn parts_of_a_query_meet_however_they_lie() {
    // Words, flags and folders in patterns of different lengths, against a plain count.
    let world = World::new();
    let of = |n: u32| {
        let words = format!(
            "{} {}",
            if n.is_multiple_of(3) { "tre" } else { "ikke" },
            if n.is_multiple_of(7) { "sju" } else { "nei" }
        );
        let flags = Flags { seen: !n.is_multiple_of(5), flagged: n.is_multiple_of(11), ..Flags::default() };
        NewMessage { search_text: words, flags, ..mail(n, NOW - i64::from(n), "x") }
    };
    world.store.messages_insert(world.account, world.inbox(), (1..=2000).map(of).collect()).unwrap();
    let plain = |has: &dyn Fn(u32) -> bool| (1..=2000).filter(|n| has(*n)).collect::<Vec<u32>>();
    type Has = dyn Fn(u32) -> bool;
    let table: &[(&str, &Has)] = &[
        ("tre is:unread ", &|n| n % 15 == 0),
        ("tre is:flagged ", &|n| n % 33 == 0),
        ("sju is:read ", &|n| n % 7 == 0 && n % 5 != 0),
        ("is:flagged is:unread -tre ", &|n| n % 55 == 0 && n % 3 != 0),
        ("tre -sju in:inbox ", &|n| n % 3 == 0 && n % 7 != 0),
        ("-tre -sju is:flagged ", &|n| n % 11 == 0 && n % 3 != 0 && n % 7 != 0),
    ];
    for (query, has) in table {
        let wanted = plain(has);
        let (mut after, mut found) = (None, Vec::new());
        loop {
            let page = world
                .store
                .search(&SearchQuery { query: (*query).into(), after, limit: 37, ..SearchQuery::default() })
                .unwrap();
            assert_eq!(page.total as usize, wanted.len().min(1000), "{query}");
            found.extend(page.rows.iter().map(|row| world.store.location(row.id).unwrap().uid.unwrap()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, wanted, "{query}");
    }
}
