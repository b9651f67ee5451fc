use crate::*;
use clientele_model::{Change, Table};
use clientele_store::{Body, CrmState, StoreError};

#[test]
fn inserting_twice_changes_nothing() {
    let world = World::new();
    let first = world.insert(FolderRole::Inbox, mail(1, NOW, "Tilbud"));
    let again = world.store.messages_insert(world.account, world.inbox(), vec![mail(1, NOW, "Tilbud")]).unwrap();
    assert_eq!((again[0].id, again[0].fresh), (first, false));
    let folder = world.store.folder(world.inbox()).unwrap();
    assert_eq!((folder.total, folder.unread), (1, 1));
    assert_eq!(world.store.raw(first).unwrap().unwrap(), b"Subject: Tilbud\r\n\r\nHei");
    assert_eq!(world.store.uids(world.inbox()).unwrap(), [1]);
}

#[test]
fn a_late_old_mail_takes_the_place_of_its_date() {
    let world = World::new();
    for (uid, age, subject) in [(10, 0, "ny"), (11, 200, "gammel"), (12, 100, "midt"), (13, 100, "midt to")] {
        world.insert(FolderRole::Inbox, mail(uid, NOW - age, subject));
    }
    assert_eq!(world.subjects(FolderRole::Inbox), ["ny", "midt to", "midt", "gammel"]);
    // Page by page, the same order.
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let query = ListQuery { scope: Scope::Inboxes, filter: Filter::All, after, limit: 1 };
        let page = world.store.list(&query).unwrap();
        assert_eq!(page.total, 4);
        seen.extend(page.rows.into_iter().map(|row| row.subject));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["ny", "midt to", "midt", "gammel"]);
}

#[test]
fn all_inboxes_together_run_in_date_order() {
    let world = World::new();
    let other = world.store.account_add(&new_account("post@berg.example")).unwrap();
    folders(&world.store, other);
    let inbox = world.store.folder_by_role(other, FolderRole::Inbox).unwrap().unwrap().id;
    world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.insert(FolderRole::Inbox, mail(2, NOW - 20, "c"));
    world.store.messages_insert(other, inbox, vec![mail(1, NOW - 10, "b"), mail(2, NOW - 30, "d")]).unwrap();
    let query = |after| ListQuery { scope: Scope::Inboxes, filter: Filter::All, after, limit: 3 };
    let first = world.store.list(&query(None)).unwrap();
    let second = world.store.list(&query(first.next)).unwrap();
    let subjects: Vec<_> = first.rows.into_iter().chain(second.rows).map(|row| row.subject).collect();
    assert_eq!(subjects, ["a", "b", "c", "d"]);
    assert_eq!(world.store.unread().unwrap(), 4);
    world.store.account_remove(other).unwrap();
    assert_eq!(world.store.unread().unwrap(), 2, "an account takes its mails with it");
}

#[test]
fn addresses_are_taken_once() {
    let world = World::new();
    assert!(matches!(world.store.account_add(&new_account("KARI@fjord.example ")), Err(StoreError::AccountExists)));
}

#[test]
fn a_conversation_spans_folders_and_arrives_in_any_order() {
    let world = World::new();
    let with = |uid, age, id: &str, refs: &[&str]| NewMessage {
        message_id: id.into(),
        references: refs.iter().map(|one| (*one).to_owned()).collect(),
        ..mail(uid, NOW - age, id)
    };
    let first = world.insert(FolderRole::Inbox, with(1, 300, "a@x", &[]));
    // The answer to the answer comes before the answer: two conversations become one.
    let third = world.insert(FolderRole::Inbox, with(2, 100, "c@x", &["b@x"]));
    assert_ne!(world.store.row(first).unwrap().thread, world.store.row(third).unwrap().thread);
    world.insert(FolderRole::Sent, with(1, 200, "b@x", &["a@x"]));
    world.insert(FolderRole::Trash, with(1, 50, "d@x", &["a@x"]));
    // A copy of the same mail in another folder is shown once.
    world.insert(FolderRole::Done, with(9, 100, "c@x", &["b@x"]));
    let shown = world.store.thread(third).unwrap();
    let ids: Vec<_> = shown.iter().map(|detail| detail.row.message_id.as_str()).collect();
    assert_eq!(ids, ["a@x", "b@x", "c@x"]);
    assert_eq!(shown[2].row.id, third, "of the asked mail the asked copy");
    assert!(world.store.thread_message_ids(first).unwrap().contains(&"d@x".to_owned()));
}

#[test]
fn unread_counts_follow_every_change() {
    let world = World::new();
    let mut seen = mail(3, NOW, "lest");
    seen.flags.seen = true;
    world
        .store
        .messages_insert(world.account, world.inbox(), vec![mail(1, NOW, "a"), mail(2, NOW, "b"), seen])
        .unwrap();
    let counts = || {
        let folder = world.store.folder(world.inbox()).unwrap();
        (folder.unread, folder.total, list(&world.store, world.inbox(), Filter::Unread).rows.len())
    };
    assert_eq!(counts(), (2, 3, 2));
    let read = Flags { seen: true, ..Flags::default() };
    world.store.flags_set(world.inbox(), &[(1, read.clone()), (99, read)]).unwrap();
    assert_eq!(counts(), (1, 3, 1));
    assert_eq!(world.store.vanished(world.inbox(), &[2, 77]).unwrap(), 1);
    assert_eq!(counts(), (0, 2, 0));
    world.store.reset_folder(world.inbox()).unwrap();
    assert_eq!(counts(), (0, 0, 0));
    assert_eq!(world.store.folder(world.inbox()).unwrap().state, FolderState::default());
}

#[test]
fn bodies_may_come_later() {
    let world = World::new();
    let headers = NewMessage { partial: true, raw: None, search_text: String::new(), ..mail(5, NOW, "Kontrakt") };
    let id = world.insert(FolderRole::Inbox, headers);
    assert_eq!(world.store.bodies_missing(world.inbox(), 10).unwrap(), [(id, 5)]);
    assert_eq!(world.store.raw(id).unwrap(), None);
    let body = Body { raw: b"hele".to_vec(), search_text: "undertegnet avtale".into(), ..Body::default() };
    world.store.message_fill(id, body).unwrap();
    assert_eq!(world.store.raw(id).unwrap().unwrap(), b"hele");
    assert!(world.store.bodies_missing(world.inbox(), 10).unwrap().is_empty());
    assert_eq!(search::ids(&world, "undertegnet"), [id]);
    assert_eq!(search::ids(&world, "kontrakt"), [id], "what was found before is found still");
}

#[test]
fn pills_make_filters() {
    let world = World::new();
    let known = world.insert(FolderRole::Inbox, mail(1, NOW, "kjent"));
    let stranger = world.insert(FolderRole::Inbox, mail(2, NOW, "ukjent"));
    assert_eq!(world.store.pills_missing(10).unwrap().len(), 2);
    let set = [(known, CrmState::Customer, "[1]".to_owned()), (stranger, CrmState::NotInCrm, "[]".to_owned())];
    let mut feed = world.store.subscribe();
    world.store.pills_set(&set).unwrap();
    assert!(matches!(feed.try_recv().unwrap(), Change { table: Table::Message, .. }));
    world.store.pills_set(&set).unwrap();
    assert!(feed.try_recv().is_err(), "what stays the same is not announced");
    assert!(world.store.pills_missing(10).unwrap().is_empty());
    assert_eq!(list(&world.store, world.inbox(), Filter::Customers).rows[0].id, known);
    assert_eq!(list(&world.store, world.inbox(), Filter::NotInCrm).rows[0].id, stranger);
    world.store.pills_reset_for(&[world.store.row(known).unwrap().message_id]).unwrap();
    assert_eq!(world.store.pills_missing(10).unwrap().len(), 1);
    assert_eq!(world.store.row(known).unwrap().pills, "[1]", "the old ones stay until then");
}

#[test]
fn changes_are_announced_after_the_commit() {
    let world = World::new();
    let mut feed = world.store.subscribe();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    let mut seen = Vec::new();
    while let Ok(change) = feed.try_recv() {
        seen.push(change);
    }
    assert!(seen.contains(&Change { table: Table::Message, ids: vec![id.0] }), "{seen:?}");
    assert!(seen.iter().any(|change| change.table == Table::Folder));
}

#[test]
fn a_second_process_is_noticed() {
    let world = World::new();
    assert!(!world.store.poll_foreign().unwrap());
    world.store.setting_set("theme", "dark").unwrap();
    assert!(!world.store.poll_foreign().unwrap(), "our own writing is not foreign");
    let second = Store::open_shared(world.profile.path()).unwrap();
    second.setting_set("theme", "light").unwrap();
    assert!(world.store.poll_foreign().unwrap());
    assert!(!world.store.poll_foreign().unwrap());
    assert_eq!(world.store.setting("theme").unwrap().as_deref(), Some("light"));
}

#[test]
fn those_one_writes_to_are_suggested() {
    let world = World::new();
    world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    let mut sent = mail(1, NOW, "b");
    sent.from = Address::new("Kari", "Kari@fjord.example");
    sent.to = vec![Address::new("Åse Øverås", "ase@nord.example")];
    world.insert(FolderRole::Sent, sent);
    let emails = |query| -> Vec<String> {
        world.store.correspondents(query, 5).unwrap().into_iter().map(|one| one.address.email).collect()
    };
    assert_eq!(emails("nord"), ["ase@nord.example", "ola@nord.example"]);
    assert_eq!(emails("overas as"), ["ase@nord.example"]);
    assert!(emails("kari").is_empty(), "not oneself");
    // Again by the same name, without one and by a new one, which is found by both from then on.
    for (uid, name) in [(2, "Ola Nord"), (3, ""), (4, "Ola Nordmann-Vik")] {
        let mut again = mail(uid, NOW + i64::from(uid), "c");
        again.from = Address::new(name, "OLA@nord.example");
        world.insert(FolderRole::Inbox, again);
    }
    let ola = world.store.correspondents("ola", 5).unwrap().remove(0);
    assert_eq!((ola.uses, ola.last, ola.address.name.as_str()), (4, NOW + 4, "Ola Nordmann-Vik"));
    assert_eq!(emails("vik"), ["ola@nord.example"]);
    assert_eq!(emails("nordmann"), ["ola@nord.example"]);
}

#[test]
fn mails_of_one_moment_find_room_in_the_order_of_their_dates() {
    let world = World::new();
    // A hundred of one second take the places of a quarter of an hour; then come others of before and behind.
    let crowd = (1..=600).map(|uid| mail(uid, NOW, "crowd")).collect();
    world.store.messages_insert(world.account, world.inbox(), crowd).unwrap();
    world.insert(FolderRole::Inbox, mail(700, NOW - 3, "before"));
    world.insert(FolderRole::Inbox, mail(701, NOW - 3600 * 24, "long before"));
    world.insert(FolderRole::Inbox, mail(702, NOW + 3, "behind"));
    let mut subjects = Vec::new();
    let mut after = None;
    loop {
        let scope = Scope::Folder(world.inbox());
        let page = world.store.list(&ListQuery { scope, filter: Filter::All, after, limit: 200 }).unwrap();
        subjects.extend(page.rows.iter().map(|row| row.subject.clone()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(subjects.len(), 603);
    assert_eq!(
        (subjects[0].as_str(), subjects[601].as_str(), subjects[602].as_str()),
        ("behind", "before", "long before")
    );
    // A clock that was never set.
    for uid in 800..803 {
        world.insert(FolderRole::Inbox, mail(uid, 0, "never"));
    }
    assert_eq!(world.list(FolderRole::Inbox).total, 606);
}
