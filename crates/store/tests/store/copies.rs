//! Copies, keywords, emptied folders, mails put into a folder.

use crate::*;
use clientele_model::Action;
use clientele_store::{Appended, FolderState, Operation, OperationKind};

fn next(world: &World, now: i64) -> Option<Operation> {
    world.store.operation_next(world.account, now).unwrap()
}

fn keywords(world: &World, id: MessageId) -> Vec<String> {
    world.store.row(id).unwrap().flags.keywords
}

#[test]
fn a_keyword_is_told_once_and_wins_over_the_server_until_then() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    let add = |keyword: &str| Action::AddKeyword { keyword: keyword.into() };
    world.store.operate(&[id], &add("Offer"), NOW).unwrap();
    assert_eq!(world.store.operate(&[id], &add("offer"), NOW).unwrap().count, 0, "the same, says RFC 9051");
    let remove = Action::RemoveKeyword { keyword: "OFFER".into() };
    world.store.operate(&[id], &remove, NOW).unwrap();
    assert_eq!(next(&world, NOW), None, "added and removed: nothing to say");

    let added = world.store.operate(&[id], &add("Offer"), NOW).unwrap();
    let server = Flags { keywords: vec!["Hot".into()], ..Flags::default() };
    world.store.flags_set(world.inbox(), &[(1, server.clone())]).unwrap();
    assert_eq!(keywords(&world, id), ["Hot", "Offer"]);
    let told = next(&world, NOW).unwrap();
    assert_eq!(told.kind, OperationKind::Keyword { keyword: "Offer".into(), on: true });
    world.store.operation_failed(told.id, "keyword_refused", "no").unwrap();
    let refused = world.store.operations_refused().unwrap();
    assert_eq!((refused[0].action.as_str(), refused[0].code.as_str()), ("keyword_add", "keyword_refused"));
    world.store.operation_discard(told.id).unwrap();
    assert_eq!(keywords(&world, id), ["Hot"], "given up");
    assert_eq!(search::ids(&world, "keyword:hot"), [id]);
    assert!(search::ids(&world, "keyword:ho").is_empty() && search::ids(&world, "a -keyword:Hot ").is_empty());
    assert_eq!(world.store.undo(&added.undo.unwrap(), NOW + 1).ok(), None, "nothing is left to undo");
}

#[test]
fn a_copy_is_here_at_once_and_adopted_when_it_comes() {
    let world = World::new();
    let raw = b"Subject: a\r\n\r\nan offer".to_vec();
    let whole = NewMessage { raw: Some(raw.clone().into()), search_text: "an offer".into(), ..mail(1, NOW, "a") };
    let id = world.insert(FolderRole::Inbox, whole.clone());
    let done = world.folder(FolderRole::Done);
    let copied = world.store.operate(&[id], &Action::Copy { folder: done }, NOW).unwrap();
    assert_eq!(
        (copied.count, world.subjects(FolderRole::Inbox), world.subjects(FolderRole::Done)),
        (1, vec!["a".into()], vec!["a".into()])
    );
    let copy = world.list(FolderRole::Done).rows[0].id;
    assert_eq!(world.store.raw(copy).unwrap(), Some(raw));
    assert_eq!(search::ids(&world, "offer").len(), 2);
    // What is done to the copy waits for its number; what takes the original away waits for the copy.
    world.store.operate(&[copy], &Action::Flag, NOW).unwrap();
    world.store.operate(&[id], &Action::Delete, NOW).unwrap();
    let told = next(&world, NOW).unwrap();
    assert!(
        matches!(&told.kind, OperationKind::Copy { to_server_name, .. } if to_server_name == "Archive"),
        "{told:?}"
    );
    assert_eq!((told.uid, told.message), (1, copy));
    assert_eq!(next(&world, NOW), None);
    // Killed in between: nothing of it is lost.
    let world = world.reopen();
    assert_eq!(world.subjects(FolderRole::Done), ["a"]);
    let told = next(&world, NOW).unwrap();
    assert_eq!(told.attempts, 1);
    world.store.operation_done(told.id, None).unwrap();
    assert!(matches!(next(&world, NOW).unwrap().kind, OperationKind::Move { .. }), "the original may go now");
    // No COPYUID: the sync recognises it.
    let came = world.store.messages_insert(world.account, done, vec![NewMessage { uid: 40, ..whole }]).unwrap();
    assert_eq!((came[0].id, came[0].fresh), (copy, false));
    let flag = next(&world, NOW).unwrap();
    assert_eq!((flag.uid, flag.server_name.as_str()), (40, "Archive"));
}

#[test]
fn a_copy_is_taken_back() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    let done = world.folder(FolderRole::Done);
    let copied = world.store.operate(&[id], &Action::Copy { folder: done }, NOW).unwrap();
    world.store.undo(&copied.undo.unwrap(), NOW + 5).unwrap();
    assert!(world.subjects(FolderRole::Done).is_empty());
    assert_eq!(next(&world, NOW + 100), None, "the server never hears of it");

    let copied = world.store.operate(&[id], &Action::Copy { folder: done }, NOW).unwrap();
    let told = next(&world, NOW).unwrap();
    world.store.operation_done(told.id, Some(9)).unwrap();
    world.store.undo(&copied.undo.unwrap(), NOW + 5).unwrap();
    assert!(world.subjects(FolderRole::Done).is_empty());
    let back = next(&world, NOW + 100).unwrap();
    assert_eq!((back.kind, back.uid, back.server_name.as_str()), (OperationKind::Expunge, 9, "Archive"));
    assert_eq!(world.subjects(FolderRole::Inbox), ["a"]);

    let copied = world.store.operate(&[id], &Action::Copy { folder: done }, NOW).unwrap();
    let told = next(&world, NOW).unwrap();
    world.store.operation_failed(told.id, "quota_exceeded", "full").unwrap();
    world.store.operation_discard(told.id).unwrap();
    assert!(copied.undo.is_some() && world.subjects(FolderRole::Done).is_empty(), "refused and given up: no ghost");
}

#[test]
fn a_copy_of_what_is_on_its_way_follows_it() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Junk, NOW).unwrap();
    world.store.operate(&[id], &Action::Copy { folder: world.folder(FolderRole::Done) }, NOW).unwrap();
    let moved = next(&world, NOW).unwrap();
    assert_eq!(next(&world, NOW), None);
    world.store.operation_done(moved.id, Some(5)).unwrap();
    let copy = next(&world, NOW).unwrap();
    assert_eq!((copy.uid, copy.server_name.as_str()), (5, "Junk"));
}

#[test]
fn an_emptied_folder_is_one_operation_and_what_comes_later_stays() {
    let world = World::new();
    let trash = world.folder(FolderRole::Trash);
    for uid in 1..=3 {
        world.insert(FolderRole::Trash, mail(uid, NOW, "old"));
    }
    let inbox = world.insert(FolderRole::Inbox, mail(7, NOW, "thrown away later"));
    let state = FolderState { uid_next: 6, ..world.store.folder(trash).unwrap().state };
    world.store.folder_state_set(trash, &state).unwrap();
    assert!(world.store.folder_empty(world.inbox(), NOW).is_err(), "only Junk and Trash");
    assert_eq!(world.store.folder_empty(trash, NOW).unwrap().count, 3);
    assert_eq!((world.subjects(FolderRole::Trash).len(), world.store.folder(trash).unwrap().total), (0, 0));
    assert_eq!(world.store.operations_queued(world.account).unwrap(), 1);
    // A sync meanwhile still sees them, and one that came since.
    assert_eq!(world.store.uids(trash).unwrap(), [1, 2, 3]);
    world.insert(FolderRole::Trash, mail(2, NOW, "old"));
    world.insert(FolderRole::Trash, mail(6, NOW, "new"));
    world.store.operate(&[inbox], &Action::Delete, NOW).unwrap();
    assert_eq!(world.subjects(FolderRole::Trash).len(), 2);

    let world = world.reopen();
    assert_eq!(world.store.uids(trash).unwrap(), [1, 2, 3, 6]);
    let told = next(&world, NOW + 11).unwrap();
    assert_eq!((&told.kind, told.server_name.as_str()), (&OperationKind::Empty { ranges: vec![(1, 5)] }, "Trash"));
    // The server tells of the first while the command runs.
    assert_eq!(world.store.vanished(trash, &[1]).unwrap(), 1);
    world.store.operation_failed(told.id, "server_refused", "no").unwrap();
    assert_eq!(world.store.operations_refused().unwrap()[0].action, "folder_empty");
    world.store.operation_retry(told.id).unwrap();
    let told = next(&world, NOW).unwrap();
    world.store.operation_done(told.id, None).unwrap();
    assert_eq!(world.store.uids(trash).unwrap(), [6]);
    let mut left = world.subjects(FolderRole::Trash);
    left.sort();
    assert_eq!(left, ["new", "thrown away later"]);
}

#[test]
fn a_refused_emptying_that_is_given_up_shows_the_mails_again() {
    let world = World::new();
    let trash = world.folder(FolderRole::Trash);
    world.insert(FolderRole::Trash, mail(1, NOW, "old"));
    world.store.folder_empty(trash, NOW).unwrap();
    let told = next(&world, NOW + 11).unwrap();
    world.store.operation_failed(told.id, "server_refused", "no").unwrap();
    world.store.operation_discard(told.id).unwrap();
    assert_eq!(world.subjects(FolderRole::Trash), ["old"]);
    assert_eq!(world.store.uids(trash).unwrap(), [1]);
    let note = world.store.folder(trash).unwrap().state.note;
    assert!(note.contains("doubt"), "the server may have removed some of them: the next sync compares");
}

#[test]
fn an_emptying_is_told_when_nobody_can_undo_it_any_more() {
    let world = World::new();
    let trash = world.folder(FolderRole::Trash);
    world.insert(FolderRole::Trash, mail(1, NOW, "old"));
    let coming = world.insert(FolderRole::Inbox, mail(1, NOW, "coming"));
    world.store.operate(&[coming], &Action::Delete, NOW).unwrap();
    let moved = next(&world, NOW).unwrap();
    let emptied = world.store.folder_empty(trash, NOW).unwrap();
    assert_eq!((emptied.count, world.subjects(FolderRole::Trash).len()), (2, 0));
    // A sync meanwhile changes nothing of that.
    world.insert(FolderRole::Trash, mail(1, NOW, "old"));
    world.store.operation_done(moved.id, Some(2)).unwrap();
    assert_eq!(next(&world, NOW + 10), None, "it can still be undone");
    let world = world.reopen();
    world.store.undo(&emptied.undo.unwrap(), NOW + 10).unwrap();
    let mut back = world.subjects(FolderRole::Trash);
    back.sort();
    assert_eq!(back, ["coming", "old"]);
    assert_eq!((next(&world, NOW + 20), world.store.uids(trash).unwrap()), (None, vec![1, 2]));

    let emptied = world.store.folder_empty(trash, NOW + 20).unwrap();
    assert!(next(&world, NOW + 31).is_some(), "told");
    assert!(world.store.undo(&emptied.undo.unwrap(), NOW + 30).is_err(), "the server is being told");
}

#[test]
fn an_emptying_waits_for_a_mail_that_is_taken_out_and_spares_one_that_stays() {
    let world = World::new();
    let trash = world.folder(FolderRole::Trash);
    let mails: Vec<_> = (1..=6).map(|uid| world.insert(FolderRole::Trash, mail(uid, NOW, "old"))).collect();
    let state = FolderState { uid_next: 7, ..world.store.folder(trash).unwrap().state };
    world.store.folder_state_set(trash, &state).unwrap();
    world.store.operate(&mails[4..5], &Action::Move { folder: world.inbox() }, NOW).unwrap();
    assert_eq!(world.store.folder_empty(trash, NOW).unwrap().count, 5);
    let told = next(&world, NOW).unwrap();
    assert!(matches!(told.kind, OperationKind::Move { .. }), "{told:?}");
    assert_eq!(next(&world, NOW + 11), None, "on its way out");
    world.store.operation_later(told.id, NOW + 60).unwrap();
    assert_eq!(next(&world, NOW + 11), None, "still to be taken out");
    let told = next(&world, NOW + 60).unwrap();
    world.store.operation_failed(told.id, "server_refused", "no").unwrap();
    let told = next(&world, NOW + 60).unwrap();
    assert_eq!(told.kind, OperationKind::Empty { ranges: vec![(1, 4), (6, 6)] });
    world.store.operation_done(told.id, None).unwrap();
    assert_eq!((world.subjects(FolderRole::Inbox).len(), world.subjects(FolderRole::Trash).len()), (1, 0));
}

#[test]
fn an_emptying_leaves_what_was_never_seen_here() {
    let world = World::new();
    let trash = world.folder(FolderRole::Trash);
    world.insert(FolderRole::Trash, mail(3, NOW, "old"));
    let state = FolderState { uid_next: 4, ..world.store.folder(trash).unwrap().state };
    world.store.folder_state_set(trash, &state).unwrap();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Delete, NOW).unwrap();
    // Another program has put mails 4 to 8 there meanwhile.
    let moved = next(&world, NOW).unwrap();
    world.store.operation_done(moved.id, Some(9)).unwrap();
    assert_eq!(world.store.folder_empty(trash, NOW).unwrap().count, 2);
    assert_eq!(next(&world, NOW + 11).unwrap().kind, OperationKind::Empty { ranges: vec![(1, 3), (9, 9)] });
}

#[test]
fn a_mail_is_put_into_a_folder_once_and_survives_a_refusal() {
    let world = World::new();
    let sent = world.folder(FolderRole::Sent);
    let mail = Appended {
        message_id: "1@fjord.example".into(),
        subject: "a".into(),
        seen: true,
        draft: false,
        raw: b"Subject: a\r\n\r\nx".to_vec(),
    };
    world.store.append_queue(sent, &mail, NOW).unwrap();
    world.store.append_queue(sent, &mail, NOW).unwrap();
    let told = next(&world, NOW).unwrap();
    assert_eq!((&told.kind, told.message_id.as_str()), (&OperationKind::Append, "1@fjord.example"));
    assert_eq!(next(&world, NOW), None);
    let world = world.reopen();
    assert_eq!(world.store.operation_content(told.id).unwrap(), mail);
    let told = next(&world, NOW).unwrap();
    world.store.operation_failed(told.id, "quota_exceeded", "full").unwrap();
    assert_eq!(world.store.operations_refused().unwrap()[0].action, "append");
    world.store.operation_retry(told.id).unwrap();
    let told = next(&world, NOW).unwrap();
    world.store.operation_done(told.id, None).unwrap();
    assert!(world.store.operation_content(told.id).is_err(), "its content goes with it");
}
