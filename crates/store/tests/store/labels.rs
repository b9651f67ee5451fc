//! Gmail: one mail with a row for each of its labels, its words and body kept with one of them.

use crate::*;
use clientele_model::Action;
use clientele_store::Labelled;

/// A mail of the inbox that has the body, and its row in Gmail's "all mail".
fn labelled(world: &World) -> (MessageId, MessageId) {
    let id = world.insert(FolderRole::Inbox, NewMessage { gmail_id: 77, ..mail(1, NOW, "tilbud") });
    let there = Labelled { uid: 40, gmail_id: 77, ..Labelled::default() };
    let (made, unknown) = world.store.labels_link(world.account, world.folder(FolderRole::Done), &[there]).unwrap();
    assert_eq!((made.len(), unknown.len()), (1, 0));
    (id, made[0])
}

#[test]
fn done_hides_neither_the_words_nor_the_body() {
    let world = World::new();
    let (id, there) = labelled(&world);
    assert_eq!(search::ids(&world, "tilbud "), [id]);
    let done = world.store.operate(&[id], &Action::Done, NOW).unwrap();
    assert!(world.subjects(FolderRole::Inbox).is_empty());
    assert_eq!(search::ids(&world, "tilbud "), [there], "found while the server has not answered");
    assert_eq!(search::ids(&world, "dette er"), [there]);
    assert!(world.store.raw(there).unwrap().is_some());
    world.store.undo(&done.undo.unwrap(), NOW + 1).unwrap();
    assert_eq!(world.subjects(FolderRole::Inbox), ["tilbud"]);
    assert_eq!(search::ids(&world, "tilbud ").len(), 1);
    assert_eq!(search::ids(&world, "in:inbox tilbud ").len(), 1);
    assert!(world.store.raw(id).unwrap().is_some());

    world.store.operate(&[id], &Action::Done, NOW).unwrap();
    let told = world.store.operation_next(world.account, NOW).unwrap().unwrap();
    world.store.operation_done(told.id, None).unwrap();
    assert_eq!(search::ids(&world, "tilbud "), [there]);
    assert!(world.store.raw(there).unwrap().is_some());
}

#[test]
fn a_folder_of_gmail_is_a_label() {
    let world = World::new();
    let is_label = |world: &World, role| world.store.folder(world.folder(role)).unwrap().label;
    assert!(!is_label(&world, FolderRole::Other));
    labelled(&world);
    assert!(is_label(&world, FolderRole::Other) && !is_label(&world, FolderRole::Trash));
}

#[test]
fn a_search_of_a_folder_without_words_shows_a_mail_once() {
    let world = World::new();
    let (_, there) = labelled(&world);
    assert_eq!(search::ids(&world, "in:done is:unread"), [there]);
    assert_eq!(search::ids(&world, "in:done tilbud ").len(), 1);
}

#[test]
fn a_body_that_cannot_be_unpacked_holds_up_nothing_that_the_server_tells() {
    let world = World::new();
    let (_, there) = labelled(&world);
    world.insert(FolderRole::Inbox, mail(2, NOW, "annet"));
    let other = rusqlite::Connection::open(world.profile.path().join("mail.db")).unwrap();
    other.execute("UPDATE body SET raw = x'00', text = x'00'", []).unwrap();
    assert_eq!(world.store.vanished(world.inbox(), &[1, 2]).unwrap(), 2);
    assert_eq!(world.subjects(FolderRole::Done), ["tilbud"]);
    let sought = world.store.search(&clientele_store::SearchQuery {
        query: "subject:tilbud ".into(),
        limit: 9,
        ..Default::default()
    });
    assert_eq!(sought.unwrap().rows.iter().map(|row| row.id).collect::<Vec<_>>(), [there]);
}
