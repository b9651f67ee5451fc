//! Folders under other names keep their mails and what is queued for them.

use crate::*;
use clientele_model::Action;
use clientele_store::{Folder, FolderName, FolderSeen, FolderState};

fn as_seen(folder: &Folder) -> FolderSeen {
    FolderSeen {
        path: folder.path.clone(),
        name: folder.name.clone(),
        server_name: folder.server_name.clone(),
        role: folder.role,
        selectable: folder.selectable,
        subscribed: Some(folder.subscribed),
        mailbox_id: folder.mailbox_id.clone(),
        uid_validity: folder.state.uid_validity,
        uid_next: folder.state.uid_next,
    }
}

fn listed(world: &World) -> Vec<FolderSeen> {
    world.store.folders(world.account).unwrap().iter().map(as_seen).collect()
}

/// With a folder of the person's own, in step, and one mail in it.
fn with_own(mailbox_id: &str) -> (World, FolderId, MessageId) {
    let world = World::new();
    let mut seen = listed(&world);
    let own = FolderSeen {
        path: "Kunder".into(),
        name: "Kunder".into(),
        server_name: "Kunder".into(),
        selectable: true,
        mailbox_id: mailbox_id.into(),
        ..FolderSeen::default()
    };
    seen.push(own);
    world.store.folders_replace(world.account, &seen).unwrap();
    let own = world.store.folders(world.account).unwrap().into_iter().find(|folder| folder.path == "Kunder").unwrap();
    let state = FolderState { uid_validity: 77, uid_next: 5, highest_modseq: 9, note: "covered=0".into() };
    world.store.folder_state_set(own.id, &state).unwrap();
    let id = world.store.messages_insert(world.account, own.id, vec![mail(4, NOW, "a")]).unwrap()[0].id;
    (world, own.id, id)
}

fn renamed_elsewhere(world: &World, change: impl Fn(&mut FolderSeen)) {
    let mut seen = listed(world);
    let one = seen.iter_mut().find(|folder| folder.path == "Kunder").unwrap();
    (one.path, one.name, one.server_name) = ("Nye".into(), "Nye".into(), "Nye".into());
    change(one);
    world.store.folders_replace(world.account, &seen).unwrap();
}

#[test]
fn a_folder_that_another_program_renamed_keeps_its_mails() {
    let (world, own, id) = with_own("F1");
    world.store.operate(&[id], &Action::Flag, NOW).unwrap();
    renamed_elsewhere(&world, |_| {});
    let folder = world.store.folder(own).unwrap();
    assert_eq!((folder.path.as_str(), folder.state.uid_validity, folder.total), ("Nye", 77, 1));
    let told = world.store.operation_next(world.account, NOW).unwrap().unwrap();
    assert_eq!((told.server_name.as_str(), told.uid), ("Nye", 4), "and what is queued for them");

    let (world, own, _) = with_own("");
    renamed_elsewhere(&world, |_| {});
    let folder = world.store.folder(own).unwrap();
    assert_eq!((folder.path.as_str(), folder.total), ("Nye", 1));
    assert_ne!(folder.state.uid_validity, 77, "its numbers are looked up before they are believed");
}

#[test]
fn another_folder_is_not_taken_for_it() {
    let not_the_same: [fn(&mut FolderSeen); 3] =
        [|one| one.uid_validity = 78, |one| one.uid_next = 4, |one| one.uid_validity = 7];
    for change in not_the_same {
        let (world, own, _) = with_own("");
        renamed_elsewhere(&world, change);
        assert!(world.store.folder(own).is_err());
    }
    let (world, own, _) = with_own("F1");
    renamed_elsewhere(&world, |one| one.mailbox_id = "F2".into());
    assert!(world.store.folder(own).is_err(), "another id, whatever its UIDVALIDITY");
}

/// Another program deletes a folder or renames it, and makes one below its old name: what is left there holds no mails.
#[test]
fn of_a_folder_that_is_only_the_way_to_others_no_mail_is_left() {
    for renamed in [false, true] {
        let (world, own, id) = with_own("F1");
        let mut seen = listed(&world);
        let one = seen.iter_mut().find(|folder| folder.path == "Kunder").unwrap();
        let away = FolderSeen { path: "Nye".into(), name: "Nye".into(), server_name: "Nye".into(), ..one.clone() };
        (one.selectable, one.mailbox_id) = (false, String::new());
        seen.extend(renamed.then_some(away));
        world.store.folders_replace(world.account, &seen).unwrap();
        let folders = world.store.folders(world.account).unwrap();
        let way = folders.iter().find(|folder| folder.path == "Kunder").unwrap();
        assert!(!way.selectable && way.total == 0 && way.id != own);
        assert_eq!(world.store.row(id).is_ok(), renamed);
        assert_eq!(world.store.folder(own).ok().map(|folder| folder.path), renamed.then(|| "Nye".into()));
    }
}

#[test]
fn a_rename_of_our_own_takes_the_queue_along() {
    let (world, own, id) = with_own("");
    let inbox = world.insert(FolderRole::Inbox, mail(1, NOW, "b"));
    let moved = world.store.operate(&[inbox], &Action::Move { folder: own }, NOW).unwrap();
    world.store.operate(&[id], &Action::Done, NOW).unwrap();
    let name = FolderName { path: "Arkiv/Kunder".into(), name: "Kunder".into(), server_name: "Arkiv.Kunder".into() };
    world.store.folders_renamed(&[(own, name)]).unwrap();
    let folder = world.store.folder(own).unwrap();
    assert_eq!((folder.path.as_str(), folder.state.uid_validity, folder.subscribed), ("Arkiv/Kunder", 77, true));
    let told = world.store.operation_batch(world.account, NOW, 1).unwrap();
    let clientele_store::OperationKind::Move { to_server_name, .. } = &told[0].kind else { panic!("{told:?}") };
    assert_eq!(to_server_name, "Arkiv.Kunder");
    world.store.operation_done(told[0].id, Some(9)).unwrap();
    world.store.undo(&moved.undo.unwrap(), NOW + 1).unwrap();
    assert_eq!(world.subjects(FolderRole::Inbox), ["b"], "and what can be undone");
}
