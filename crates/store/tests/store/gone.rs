//! What a person did to a mail that another program moved or removed meanwhile, and to one of which it is not known. Each of
//! these left a mail that the server does not have, or a change that waited for ever.

use crate::*;
use clientele_model::Action;
use clientele_store::Numbered;

/// A mail of the inbox, moved to Done here; its operation's id.
fn moved(world: &World) -> (MessageId, clientele_model::OperationId) {
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Done, NOW).unwrap();
    (id, world.store.operation_next(world.account, NOW).unwrap().unwrap().id)
}

/// As the server tells of a mail by its new number.
fn numbered(uid: u32, mail: NewMessage) -> Numbered {
    Numbered { uid, size: mail.size, message_id: mail.message_id, ..Numbered::default() }
}

#[test]
fn a_refused_move_goes_with_the_mail() {
    let world = World::new();
    let (_, operation) = moved(&world);
    world.store.operation_failed(operation, "not_found", "").unwrap();
    world.store.vanished(world.inbox(), &[1]).unwrap();
    assert!(world.store.operations_refused().unwrap().is_empty());
    assert!(world.subjects(FolderRole::Done).is_empty(), "the server has it nowhere");
}

#[test]
fn what_is_refused_and_given_up_is_compared_with_the_server() {
    let world = World::new();
    let (_, operation) = moved(&world);
    world.store.operation_failed(operation, "forbidden", "").unwrap();
    let state = FolderState { uid_validity: 7, uid_next: 2, highest_modseq: 90, note: "in step".into() };
    world.store.folder_state_set(world.inbox(), &state).unwrap();
    world.store.operation_discard(operation).unwrap();
    let after = world.store.folder(world.inbox()).unwrap().state;
    assert_eq!((after.note.as_str(), after.uid_next), ("in step doubt=1", 2));
}

#[test]
fn a_clock_that_was_set_back_holds_nothing_up() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Flag, NOW).unwrap();
    let told = world.store.operation_next(world.account, NOW - 4 * 3600).unwrap();
    assert!(told.is_some(), "queued four hours ahead of now");
}

#[test]
fn a_folder_numbered_anew_without_a_moved_mail_lets_it_go() {
    let world = World::new();
    let (id, operation) = moved(&world);
    world.store.operation_later(operation, NOW).unwrap();
    world.store.operate(&[id], &Action::Flag, NOW).unwrap();
    let stays = world.insert(FolderRole::Inbox, mail(2, NOW, "b"));
    world.store.folder_renumber(world.inbox(), 8, &[numbered(5, mail(2, NOW, "b"))]).unwrap();
    assert_eq!(world.store.operations_queued(world.account).unwrap(), 0, "nothing waits for ever");
    assert!(world.subjects(FolderRole::Done).is_empty());
    assert_eq!(world.store.location(stays).unwrap().uid, Some(5));
}

#[test]
fn a_folder_numbered_anew_keeps_the_move_of_a_mail_that_is_there() {
    let world = World::new();
    let (id, operation) = moved(&world);
    world.store.operation_later(operation, NOW).unwrap();
    let found = mail(1, NOW, "a");
    world.store.folder_renumber(world.inbox(), 8, &[numbered(5, found.clone())]).unwrap();
    world.store.messages_insert(world.account, world.inbox(), vec![NewMessage { uid: 5, ..found }]).unwrap();
    let told = world.store.operation_next(world.account, NOW).unwrap().unwrap();
    assert_eq!((told.message, told.uid), (id, 5));
    assert_eq!(world.subjects(FolderRole::Done), ["a"]);
}

#[test]
fn a_move_without_an_answer_is_believed_until_the_target_was_looked_at() {
    let world = World::new();
    let done = world.folder(FolderRole::Done);
    for arrives in [true, false] {
        let (id, operation) = moved(&world);
        assert!(world.store.placeless(done).unwrap().is_empty(), "still to be told");
        world.store.operation_later(operation, NOW).unwrap();
        world.store.operate(&[id], &Action::Flag, NOW).unwrap();
        world.store.vanished(world.inbox(), &[1]).unwrap();
        let waiting = world.store.placeless(done).unwrap();
        assert_eq!((waiting.as_slice(), world.subjects(FolderRole::Done).len()), ([id].as_slice(), 1));
        if arrives {
            world
                .store
                .messages_insert(world.account, done, vec![NewMessage { uid: 40, ..mail(1, NOW, "a") }])
                .unwrap();
        }
        world.store.placeless_gone(done, &waiting).unwrap();
        assert_eq!(world.subjects(FolderRole::Done).len(), usize::from(arrives));
        assert_eq!(world.store.operations_queued(world.account).unwrap(), u32::from(arrives));
        world.store.vanished(done, &[40]).unwrap();
    }
}

/// mail.db lost its end: what was queued must not be taken for another mail's that is given the same row.
#[test]
fn what_is_queued_for_a_lost_mail_is_not_done_to_another() {
    let mut world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Done, NOW).unwrap();
    let (account, inbox) = (world.account, world.inbox());
    drop(world.store);
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(world.profile.path().join(format!("mail.db{ending}")));
    }
    world.store = Store::open(world.profile.path()).unwrap().0;
    folders(&world.store, account);
    let state = FolderState { uid_validity: 7, uid_next: 1, ..FolderState::default() };
    world.store.folder_state_set(inbox, &state).unwrap();
    let other = world.insert(FolderRole::Inbox, mail(2, NOW, "b"));
    assert_eq!(other, id, "the row's number is given anew");
    world.store.vanished(inbox, &[1]).unwrap();
    assert_eq!(world.subjects(FolderRole::Inbox), ["b"]);
    assert_eq!(world.store.operations_queued(account).unwrap(), 0);
}

/// mail.db was lost and local.db was not: the mails are fetched anew, also those that something is queued for, and nothing
/// is refused because the folders are not known yet.
#[test]
fn what_is_queued_for_a_lost_mail_waits_until_it_is_here_again() {
    let mut world = World::new();
    let ids =
        [1, 2, 3].map(|uid| world.insert(FolderRole::Inbox, mail(uid, NOW + i64::from(uid), &format!("mail {uid}"))));
    world.store.operate(&[ids[0]], &Action::Flag, NOW).unwrap();
    world.store.operate(&[ids[1]], &Action::Done, NOW).unwrap();
    let (account, inbox) = (world.account, world.inbox());
    drop(world.store);
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(world.profile.path().join(format!("mail.db{ending}")));
    }
    world.store = Store::open(world.profile.path()).unwrap().0;
    assert_eq!(world.store.operation_next(account, NOW).unwrap(), None, "no folder is known yet");
    assert!(world.store.operations_refused().unwrap().is_empty());
    folders(&world.store, account);
    let state = FolderState { uid_validity: 7, uid_next: 1, ..FolderState::default() };
    world.store.folder_state_set(inbox, &state).unwrap();
    assert_eq!((world.store.uids(inbox).unwrap(), world.store.uid_count(inbox).unwrap()), (vec![], 0), "none is here");
    for uid in [3, 1, 2] {
        world.insert(FolderRole::Inbox, mail(uid, NOW + i64::from(uid), &format!("mail {uid}")));
    }
    assert_eq!(world.store.uids(inbox).unwrap(), [1, 2, 3]);
    assert_eq!(world.subjects(FolderRole::Inbox), ["mail 3", "mail 1"]);
    assert_eq!(world.subjects(FolderRole::Done), ["mail 2"]);
    let told = world.store.operation_batch(account, NOW, 10).unwrap();
    assert_eq!(
        told.iter().map(|told| (told.uid, told.message_id.as_str())).collect::<Vec<_>>(),
        [(1, "mail-1-1@nord.example")]
    );
    assert!(world.store.row(told[0].message).unwrap().flags.flagged);
    world.store.operation_done(told[0].id, None).unwrap();
    assert_eq!(world.store.operation_next(account, NOW).unwrap().map(|told| told.uid), Some(2));
}

/// Of two mails with one Message-ID one was moved when the folder was numbered anew.
#[test]
fn a_copy_of_a_moved_mail_is_a_mail_of_its_own() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    let copy = |uid| NewMessage { uid, ..mail(1, NOW, "a") };
    world.insert(FolderRole::Inbox, copy(2));
    world.store.operate(&[id], &Action::Done, NOW).unwrap();
    let (one, two) = (numbered(5, copy(5)), numbered(6, copy(6)));
    world.store.folder_renumber(world.inbox(), 8, &[one, two]).unwrap();
    world.store.messages_insert(world.account, world.inbox(), vec![copy(5), copy(6)]).unwrap();
    assert_eq!((world.subjects(FolderRole::Inbox).len(), world.subjects(FolderRole::Done).len()), (1, 1));
    assert_eq!(world.store.operation_next(world.account, NOW).unwrap().map(|told| told.message), Some(id));
}

#[test]
fn an_undo_never_reaches_another_mail_that_was_given_the_row() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    let done = world.store.operate(&[id], &Action::Done, NOW).unwrap();
    world.store.vanished(world.inbox(), &[1]).unwrap();
    assert_eq!(world.insert(FolderRole::Inbox, mail(2, NOW, "b")), id, "the number is given anew");
    let undone = world.store.undo(&done.undo.unwrap(), NOW + 1);
    assert!(matches!(undone, Err(clientele_store::StoreError::TooLateToUndo)), "{undone:?}");
    assert_eq!(world.subjects(FolderRole::Inbox), ["b"]);
}

#[test]
fn a_copy_of_what_never_came_is_none() {
    let world = World::new();
    let (id, operation) = moved(&world);
    let junk = world.folder(FolderRole::Junk);
    world.store.operate(&[id], &Action::Copy { folder: junk }, NOW).unwrap();
    world.store.operation_failed(operation, "not_found", "").unwrap();
    world.store.vanished(world.inbox(), &[1]).unwrap();
    assert_eq!(world.store.operations_queued(world.account).unwrap(), 0);
    assert!(world.subjects(FolderRole::Junk).is_empty());
}

#[test]
fn a_copy_of_a_copy_that_was_given_up_is_none() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    let (junk, done) = (world.folder(FolderRole::Junk), world.folder(FolderRole::Done));
    world.store.operate(&[id], &Action::Copy { folder: junk }, NOW).unwrap();
    let copy = world.list(FolderRole::Junk).rows[0].id;
    world.store.operate(&[copy], &Action::Copy { folder: done }, NOW).unwrap();
    let operation = world.store.operation_next(world.account, NOW).unwrap().unwrap().id;
    world.store.operation_failed(operation, "not_found", "").unwrap();
    world.store.operation_discard(operation).unwrap();
    assert_eq!(world.store.operations_queued(world.account).unwrap(), 0);
    assert!(world.subjects(FolderRole::Done).is_empty());
}

/// A folder that is numbered anew gives its rows' numbers back.
#[test]
fn what_is_queued_never_reaches_another_mail_that_was_given_the_row() {
    let world = World::new();
    let inbox = world.inbox();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    world.store.operate(&[id], &Action::Flag, NOW).unwrap();
    world.store.reset_folder(inbox).unwrap();
    let state = FolderState { uid_validity: 8, uid_next: 1, ..FolderState::default() };
    world.store.folder_state_set(inbox, &state).unwrap();
    assert_eq!(world.insert(FolderRole::Inbox, mail(101, NOW, "b")), id, "the number is given anew");
    world.store.flags_set(inbox, &[(101, Flags { seen: true, ..Flags::default() })]).unwrap();
    assert!(!world.store.row(id).unwrap().flags.flagged, "nobody flagged it");
    world.store.folder_renumber(inbox, 9, &[numbered(5, mail(101, NOW, "b"))]).unwrap();
    assert_eq!(world.store.operation_next(world.account, NOW).unwrap(), None);

    let found = NewMessage { uid: 6, ..mail(1, NOW, "a") };
    let again = world.insert(FolderRole::Inbox, found);
    let told = world.store.operation_next(world.account, NOW).unwrap().unwrap();
    assert_eq!((told.message, told.uid), (again, 6), "its own mail gets it back");
    assert!(world.store.row(again).unwrap().flags.flagged);
}

/// The server lists every folder but this one.
fn without(world: &World, path: &str) {
    let seen: Vec<FolderSeen> = world
        .store
        .folders(world.account)
        .unwrap()
        .into_iter()
        .filter(|folder| folder.path != path)
        .map(|folder| FolderSeen {
            path: folder.path,
            name: folder.name,
            server_name: folder.server_name,
            role: folder.role,
            selectable: true,
            ..FolderSeen::default()
        })
        .collect();
    world.store.folders_replace(world.account, &seen).unwrap();
}

/// What the server was not told of a folder that went is told to the person.
#[test]
fn what_was_queued_for_a_folder_that_went_is_not_lost_in_silence() {
    let world = World::new();
    let gone = world.folder(FolderRole::Other);
    let [into, through, copied] = [1, 2, 3].map(|uid| world.insert(FolderRole::Inbox, mail(uid, NOW, "into")));
    let [out, marked] = [1, 2].map(|uid| world.insert(FolderRole::Other, mail(uid, NOW, "out")));
    let move_to = |id, folder| world.store.operate(&[id], &Action::Move { folder }, NOW).unwrap();
    // The first try of one is under way when it is moved on.
    move_to(through, gone);
    assert_eq!(world.store.operation_batch(world.account, NOW, 9).unwrap().len(), 1);
    move_to(through, world.folder(FolderRole::Junk));
    move_to(into, gone);
    world.store.operate(&[copied], &Action::Copy { folder: gone }, NOW).unwrap();
    move_to(out, world.folder(FolderRole::Done));
    world.store.operate(&[marked], &Action::Flag, NOW).unwrap();
    let concerned = world.store.operations_concerning(world.account, &[gone]).unwrap();
    assert_eq!((concerned.queued, concerned.refused, concerned.unplaced.len()), (6, 0, 1), "{concerned:?}");

    without(&world, "Projects/Åsen");
    let mut refused: Vec<_> =
        world.store.operations_refused().unwrap().into_iter().map(|one| (one.action, one.subject, one.code)).collect();
    refused.sort();
    let told = |action: &str, subject: &str| (action.to_owned(), subject.to_owned(), "not_found".to_owned());
    assert_eq!(refused, [told("copy", "into"), told("move", "into"), told("move", "out")]);
    assert_eq!(world.store.row(into).unwrap().folder, world.inbox(), "where the server has it");
    assert_eq!(world.store.row(out).unwrap().folder, world.folder(FolderRole::Done), "shown where it was to be");
    // What was moved on goes there from where it is.
    let on = world.store.operation_batch(world.account, NOW, 9).unwrap();
    assert_eq!((on.len(), on[0].uid, on[0].server_name.as_str()), (1, 2, "INBOX"));
    // Given up, they are as the server has them.
    for one in world.store.operations_refused().unwrap() {
        world.store.operation_discard(one.id).unwrap();
    }
    let done = world.folder(FolderRole::Done);
    let ghosts = world.store.placeless(done).unwrap();
    world.store.placeless_gone(done, &ghosts).unwrap();
    assert!(world.subjects(FolderRole::Done).is_empty());
    let world = world.reopen();
    assert_eq!(world.subjects(FolderRole::Inbox).len(), 2);
}

/// The connection that tells the server is another one than that which hears of a mail that went.
#[test]
fn a_mail_that_went_while_the_server_was_told_does_not_hold_up_the_others() {
    let world = World::new();
    let ids = [1, 2].map(|uid| world.insert(FolderRole::Inbox, mail(uid, NOW, "a")));
    world.store.operate(&ids, &Action::Flag, NOW).unwrap();
    let told = world.store.operation_batch(world.account, NOW, 9).unwrap();
    world.store.vanished(world.inbox(), &[1]).unwrap();
    for one in told {
        world.store.operation_done(one.id, None).unwrap();
    }
    assert_eq!(world.store.operations_queued(world.account).unwrap(), 0);
}
