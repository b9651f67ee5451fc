use crate::*;
use clientele_model::Action;
use clientele_store::{Flag, Operation, OperationKind, StoreError};

fn next(world: &World, now: i64) -> Option<Operation> {
    world.store.operation_next(world.account, now).unwrap()
}

#[test]
fn opposite_changes_cancel_until_the_server_has_heard() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Read, NOW).unwrap();
    assert!(world.store.row(id).unwrap().flags.seen);
    world.store.operate(&[id], &Action::Unread, NOW).unwrap();
    assert_eq!(next(&world, NOW), None);
    assert_eq!(world.store.operate(&[id], &Action::Unread, NOW).unwrap().count, 0, "already so");

    world.store.operate(&[id], &Action::Read, NOW).unwrap();
    let told = next(&world, NOW).unwrap();
    assert_eq!((told.uid, told.uid_validity, told.kind), (1, 7, OperationKind::Flag { flag: Flag::Seen, on: true }));
    // The server may have heard: the opposite must be told too, and behind it.
    world.store.operate(&[id], &Action::Unread, NOW).unwrap();
    assert_eq!(next(&world, NOW), None, "the first is under way");
    world.store.operation_done(told.id, None).unwrap();
    assert_eq!(next(&world, NOW).unwrap().kind, OperationKind::Flag { flag: Flag::Seen, on: false });
}

#[test]
fn a_pending_choice_wins_over_the_server() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Flag, NOW).unwrap();
    let server = Flags { seen: true, ..Flags::default() };
    world.store.flags_set(world.inbox(), &[(1, server.clone())]).unwrap();
    let flags = world.store.row(id).unwrap().flags;
    assert!(flags.flagged && flags.seen);
    let told = next(&world, NOW).unwrap();
    world.store.operation_done(told.id, None).unwrap();
    world.store.flags_set(world.inbox(), &[(1, server)]).unwrap();
    assert!(!world.store.row(id).unwrap().flags.flagged, "acknowledged: the server decides again");
}

#[test]
fn a_moved_mail_is_not_fetched_again_and_not_doubled() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Done, NOW).unwrap();
    assert!(world.subjects(FolderRole::Inbox).is_empty());
    assert_eq!(world.subjects(FolderRole::Done), ["a"]);
    // A sync of the inbox meanwhile still sees it there.
    assert_eq!(world.store.uids(world.inbox()).unwrap(), [1]);
    let again = world.store.messages_insert(world.account, world.inbox(), vec![mail(1, NOW, "a")]).unwrap();
    assert_eq!((again[0].id, again[0].fresh), (id, false));
    assert!(world.subjects(FolderRole::Inbox).is_empty());
    assert_eq!(world.store.location(id).unwrap().uid, Some(1));

    // Two things one after the other: the second waits for the number that the first gives.
    world.store.operate(&[id], &Action::Flag, NOW).unwrap();
    let moved = next(&world, NOW).unwrap();
    assert!(matches!(&moved.kind, OperationKind::Move { to_server_name, .. } if to_server_name == "Archive"));
    world.store.operation_done(moved.id, None).unwrap();
    assert_eq!(next(&world, NOW), None);
    // The server did not say the number: the sync of the target recognises the mail.
    let done = world.folder(FolderRole::Done);
    let copy = NewMessage { uid: 40, ..mail(1, NOW, "a") };
    let adopted = world.store.messages_insert(world.account, done, vec![copy]).unwrap();
    assert_eq!((adopted[0].id, adopted[0].fresh), (id, false));
    assert_eq!(world.subjects(FolderRole::Done), ["a"]);
    let flag = next(&world, NOW).unwrap();
    assert_eq!((flag.uid, flag.server_name.as_str()), (40, "Archive"));
    assert!(world.store.row(id).unwrap().flags.flagged, "and keeps what the person did to it");
}

#[test]
fn a_sync_that_overtakes_the_answer_makes_no_double() {
    let world = World::new();
    // No Message-ID to recognise it by, and another preview of the same mail: only the number tells.
    let plain = NewMessage { message_id: String::new(), ..mail(1, NOW, "a") };
    let id = world.insert(FolderRole::Inbox, plain.clone());
    world.store.operate(&[id], &Action::Done, NOW).unwrap();
    let moved = next(&world, NOW).unwrap();
    world.insert(FolderRole::Done, NewMessage { uid: 40, subject: "b".into(), ..plain });
    world.store.operation_done(moved.id, Some(40)).unwrap();
    assert_eq!(world.list(FolderRole::Done).rows.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
    assert_eq!(world.store.folder(world.folder(FolderRole::Done)).unwrap().total, 1);
}

/// Another program copies a mail to where it is to be moved, before the server has heard of the move.
#[test]
fn what_another_program_copied_is_not_taken_for_what_is_still_to_be_moved() {
    let world = World::new();
    let copy = || NewMessage { uid: 5, ..mail(1, NOW, "a") };
    let done = world.folder(FolderRole::Done);
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Done, NOW).unwrap();
    let copied = world.store.messages_insert(world.account, done, vec![copy()]).unwrap();
    assert!(copied[0].fresh && copied[0].id != id);
    let told = next(&world, NOW).unwrap();
    world.store.operation_done(told.id, Some(6)).unwrap();
    assert_eq!(world.store.uids(done).unwrap(), [5, 6]);
}

#[test]
fn undo_takes_back_and_queues_in_reverse_what_the_server_has_done() {
    let world = World::new();
    let ids: Vec<_> = (1..=3).map(|uid| world.insert(FolderRole::Inbox, mail(uid, NOW, "a"))).collect();
    let done = world.store.operate(&ids, &Action::Done, NOW).unwrap();
    assert_eq!(done.count, 3);
    assert!(matches!(world.store.undo(&done.undo.clone().unwrap(), NOW + 11), Err(StoreError::TooLateToUndo)));
    assert_eq!(world.store.undo(&done.undo.clone().unwrap(), NOW + 5).unwrap(), 3);
    assert_eq!(world.list(FolderRole::Inbox).rows.len(), 3);
    assert_eq!(next(&world, NOW), None, "the server has heard nothing");
    assert_eq!(world.store.location(ids[0]).unwrap().uid, Some(1));
    assert!(world.store.undo(&done.undo.unwrap(), NOW + 5).is_err(), "once");

    let done = world.store.operate(&ids[..1], &Action::Delete, NOW).unwrap();
    let moved = next(&world, NOW).unwrap();
    world.store.operation_done(moved.id, Some(90)).unwrap();
    world.store.undo(&done.undo.unwrap(), NOW + 9).unwrap();
    assert_eq!(world.list(FolderRole::Inbox).rows.len(), 3);
    let back = next(&world, NOW + 9).unwrap();
    assert_eq!((back.uid, back.server_name.as_str()), (90, "Trash"));
}

#[test]
fn a_batch_is_one_command() {
    let world = World::new();
    let ids: Vec<_> = (1..=4).map(|uid| world.insert(FolderRole::Inbox, mail(uid, NOW, "a"))).collect();
    world.store.operate(&ids[..3], &Action::Read, NOW).unwrap();
    world.store.operate(&ids[3..], &Action::Flag, NOW).unwrap();
    let batch = world.store.operation_batch(world.account, NOW, 10).unwrap();
    assert_eq!(batch.iter().map(|one| one.uid).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(batch[0].kind, OperationKind::Flag { flag: Flag::Seen, on: true });
    assert_eq!(world.store.operations_queued(world.account).unwrap(), 4);
}

#[test]
fn a_move_on_the_way_is_changed_not_queued_twice() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Done, NOW).unwrap();
    world.store.operate(&[id], &Action::Read, NOW).unwrap();
    world.store.operate(&[id], &Action::Junk, NOW).unwrap();
    let moved = next(&world, NOW).unwrap();
    assert!(matches!(&moved.kind, OperationKind::Move { to_server_name, .. } if to_server_name == "Junk"));
    world.store.operation_done(moved.id, Some(3)).unwrap();
    let read = next(&world, NOW).unwrap();
    assert_eq!((read.uid, read.server_name.as_str()), (3, "Junk"), "what was to be done in between follows");
    assert_eq!(next(&world, NOW), None);
}

#[test]
fn out_of_trash_is_for_good_after_the_time_to_undo() {
    let world = World::new();
    let id = world.insert(FolderRole::Trash, mail(1, NOW, "a"));
    let gone = world.store.operate(&[id], &Action::Delete, NOW).unwrap();
    assert!(world.subjects(FolderRole::Trash).is_empty());
    assert!(search::ids(&world, "a").is_empty());
    assert_eq!(next(&world, NOW + 10), None, "the server is not told while it can be undone");
    world.store.undo(&gone.undo.unwrap(), NOW + 10).unwrap();
    assert_eq!(world.subjects(FolderRole::Trash), ["a"]);

    world.store.operate(&[id], &Action::Delete, NOW).unwrap();
    let told = next(&world, NOW + 11).unwrap();
    assert_eq!((told.kind, told.uid), (OperationKind::Expunge, 1));
    world.store.operation_done(told.id, None).unwrap();
    assert!(world.store.by_message_id("a-1@nord.example").unwrap().is_empty());
}

#[test]
fn refused_changes_can_be_retried_or_discarded() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Done, NOW).unwrap();
    let told = next(&world, NOW).unwrap();
    world.store.operation_failed(told.id, "server_refused", "NO over quota").unwrap();
    let refused = world.store.operations_refused().unwrap();
    assert_eq!((refused[0].action.as_str(), refused[0].subject.as_str()), ("move", "a"));
    assert_eq!(world.subjects(FolderRole::Done), ["a"], "the choice stays on the screen");
    world.store.operation_retry(told.id).unwrap();
    assert_eq!(next(&world, NOW).unwrap().attempts, 1);
    world.store.operation_failed(told.id, "server_refused", "again").unwrap();
    world.store.operation_discard(told.id).unwrap();
    assert_eq!(world.subjects(FolderRole::Inbox), ["a"]);
    assert_eq!(world.store.location(id).unwrap().uid, Some(1));
    assert!(world.store.operations_refused().unwrap().is_empty());
}

#[test]
fn a_restart_queues_again_what_was_under_way() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Done, NOW).unwrap();
    let told = next(&world, NOW).unwrap();
    let world = world.reopen();
    assert_eq!(world.subjects(FolderRole::Done), ["a"]);
    let again = next(&world, NOW).unwrap();
    assert_eq!((again.id, again.attempts), (told.id, 1));
    // The server has done it the first time: its VANISHED is our own doing.
    world.store.operation_later(again.id, NOW + 60).unwrap();
    assert_eq!(world.store.operation_due(world.account).unwrap(), Some(NOW + 60));
    world.store.vanished(world.inbox(), &[1]).unwrap();
    assert_eq!(world.subjects(FolderRole::Done), ["a"]);
    assert_eq!(world.store.operations_queued(world.account).unwrap(), 0);
}

#[test]
fn new_numbers_of_a_folder_lose_no_operation() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    let moved = world.insert(FolderRole::Inbox, mail(2, NOW, "b"));
    world.store.operate(&[id], &Action::Flag, NOW).unwrap();
    world.store.operate(&[moved], &Action::Done, NOW).unwrap();
    world.store.reset_folder(world.inbox()).unwrap();
    assert_eq!(next(&world, NOW), None, "the old numbers mean nothing");
    let state = FolderState { uid_validity: 8, uid_next: 1, ..FolderState::default() };
    world.store.folder_state_set(world.inbox(), &state).unwrap();
    let renumber = |uid, old| NewMessage { uid, ..old };
    let batch = vec![renumber(101, mail(1, NOW, "a")), renumber(102, mail(2, NOW, "b"))];
    world.store.messages_insert(world.account, world.inbox(), batch).unwrap();
    assert!(world.list(FolderRole::Inbox).rows[0].flags.flagged);
    assert_eq!(world.subjects(FolderRole::Inbox), ["a"]);
    let (first, second) = (next(&world, NOW).unwrap(), next(&world, NOW).unwrap());
    assert_eq!((first.uid, first.uid_validity, second.uid), (101, 8, 102));
}

#[test]
fn a_missing_folder_changes_nothing() {
    let profile = TempDir::new().unwrap();
    let (store, _) = Store::open(profile.path()).unwrap();
    let account = store.account_add(&new_account("a@b.example")).unwrap();
    let inbox = FolderSeen {
        path: "INBOX".into(),
        name: "INBOX".into(),
        server_name: "INBOX".into(),
        role: FolderRole::Inbox,
        selectable: true,
        ..FolderSeen::default()
    };
    store.folders_replace(account, &[inbox]).unwrap();
    let folder = store.folder_by_role(account, FolderRole::Inbox).unwrap().unwrap().id;
    let id = store.messages_insert(account, folder, vec![mail(1, NOW, "a")]).unwrap()[0].id;
    assert!(matches!(store.operate(&[id], &Action::Done, NOW), Err(StoreError::FolderMissing(FolderRole::Done))));
    assert_eq!(store.row(id).unwrap().folder, folder);
}
