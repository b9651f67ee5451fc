use crate::*;
use clientele_model::Action;
use clientele_store::{Body, Health, OutboxState, StoreError};
use std::{
    fs,
    time::{Duration, Instant},
};

#[test]
fn a_damaged_mail_store_is_set_aside_and_local_work_stands() {
    let world = World::new();
    let id = world.insert(FolderRole::Inbox, mail(1, NOW, "flagget"));
    let moved = world.insert(FolderRole::Inbox, mail(2, NOW, "ferdig"));
    world.store.operate(&[id], &Action::Flag, NOW).unwrap();
    world.store.operate(&[moved], &Action::Done, NOW).unwrap();
    let draft = outbox::draft(&world, "Utkast");
    let queued = outbox::queue(&world, None);
    world.store.archive_queue(world.account, "m@x", &[outbox::record("1")], "kari", NOW).unwrap();
    let World { profile, store, account } = world;
    drop(store);
    let path = profile.path().join("mail.db");
    let size = fs::metadata(&path).unwrap().len() as usize;
    fs::write(&path, vec![0x5a; size]).unwrap();

    let (store, opened) = Store::open(profile.path()).unwrap();
    let aside = opened.mail_set_aside.unwrap();
    assert!(aside.ends_with("mail.db.damaged-1") && aside.exists());
    let world = World { profile, store, account };
    assert_eq!(world.store.drafts().unwrap(), [draft]);
    assert_eq!(world.store.outbox_item(queued).unwrap().state, OutboxState::Queued);
    assert!(world.store.archived("m@x").unwrap().is_some());
    assert_eq!(world.store.accounts().unwrap().len(), 1);
    // Fetched again: the mails come back as the person left them, and the server is still told.
    folders(&world.store, world.account);
    let batch = vec![mail(1, NOW, "flagget"), mail(2, NOW, "ferdig"), mail(3, NOW, "ny")];
    world.store.messages_insert(world.account, world.inbox(), batch).unwrap();
    assert_eq!(world.subjects(FolderRole::Inbox), ["ny", "flagget"]);
    assert!(world.list(FolderRole::Inbox).rows[1].flags.flagged);
    assert_eq!(world.subjects(FolderRole::Done), ["ferdig"]);
    let told = world.store.operation_next(world.account, NOW).unwrap().unwrap();
    assert_eq!(told.uid, 1);
}

#[test]
fn a_torn_page_is_damage_too() {
    let world = World::new();
    let batch = (1..=200).map(|uid| mail(uid, NOW, "lang tekst for å fylle sider")).collect();
    world.store.messages_insert(world.account, world.inbox(), batch).unwrap();
    let World { profile, store, .. } = world;
    drop(store);
    let path = profile.path().join("mail.db");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 8192].fill(0xff);
    fs::write(&path, bytes).unwrap();
    // A power cut, which leaves such pages, leaves this too.
    fs::write(profile.path().join("open"), []).unwrap();
    let (_, opened) = Store::open(profile.path()).unwrap();
    assert!(opened.mail_set_aside.is_some());
}

#[test]
fn damage_met_while_open_is_looked_into_next_time() {
    let world = World::new();
    let batch = (1..=400).map(|uid| mail(uid, NOW, "lang tekst for å fylle sider")).collect();
    world.store.messages_insert(world.account, world.inbox(), batch).unwrap();
    let World { profile, store, account } = world;
    drop(store);
    let (store, _) = Store::open(profile.path()).unwrap();
    let path = profile.path().join("mail.db");
    let mut bytes = fs::read(&path).unwrap();
    bytes[8192..].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let inbox = store.folder_by_role(account, FolderRole::Inbox);
    assert!(matches!(inbox, Err(StoreError::Database(_))), "{inbox:?}");
    assert!(profile.path().join("mail.db.suspect").exists());
    drop(store);
    let (_, opened) = Store::open(profile.path()).unwrap();
    assert!(opened.mail_set_aside.is_some());
    assert!(!profile.path().join("mail.db.suspect").exists());
}

#[test]
fn local_data_is_restored_from_a_backup() {
    let world = World::new();
    let draft = outbox::draft(&world, "Utkast");
    let mail = outbox::queue(&world, None);
    let backup = world.store.backup_if_due(NOW).unwrap().unwrap();
    assert_eq!(world.store.backup_if_due(NOW + 3600).unwrap(), None, "once a day");
    for day in 1..=4 {
        world.store.backup_if_due(NOW + day * 86_400).unwrap().unwrap();
    }
    assert_eq!(fs::read_dir(backup.parent().unwrap()).unwrap().count(), 3, "three are kept");
    let World { profile, store, .. } = world;
    drop(store);
    fs::write(profile.path().join("local.db"), b"this is no database, but long enough to be read as one").unwrap();
    let Err(StoreError::LocalDamaged { backups }) = Store::open(profile.path()) else { panic!("damage unseen") };
    assert_eq!(backups.len(), 3);
    let torn = fs::read(&backups[0]).unwrap();
    fs::write(&backups[0], &torn[..5000]).unwrap();
    let restored = Store::restore(profile.path(), None).unwrap();
    assert_eq!((restored.number, restored.sound), (2, true), "the newest is torn");
    assert!(matches!(Store::restore(profile.path(), Some(9)), Err(StoreError::NotFound)));
    let (store, _) = Store::open(profile.path()).unwrap();
    assert_eq!(store.drafts().unwrap(), [draft]);
    let state = store.outbox_item(mail).unwrap().state;
    assert_eq!(state, OutboxState::Held, "it may have been sent since the backup");
    assert!(profile.path().join("local.db.damaged-1").exists());
}

#[test]
fn half_a_removal_is_completed() {
    let world = World::new();
    world.insert(FolderRole::Inbox, mail(1, NOW, "a"));
    let World { profile, store, account } = world;
    drop(store);
    let db = rusqlite::Connection::open(profile.path().join("local.db")).unwrap();
    db.execute("DELETE FROM account WHERE id = ?", [account.0]).unwrap();
    drop(db);
    let (store, _) = Store::open(profile.path()).unwrap();
    assert!(store.folders_all().unwrap().is_empty());
    assert!(store.by_message_id("a-1@nord.example").unwrap().is_empty());
    let late = FolderSeen {
        path: "INBOX".into(),
        name: "INBOX".into(),
        server_name: "INBOX".into(),
        role: FolderRole::Inbox,
        selectable: true,
        ..FolderSeen::default()
    };
    assert!(store.folders_replace(account, &[late]).is_err(), "a late answer brings nothing back");
}

#[test]
fn a_newer_profile_is_refused() {
    let world = World::new();
    let World { profile, store, .. } = world;
    drop(store);
    let db = rusqlite::Connection::open(profile.path().join("local.db")).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    assert!(matches!(Store::open(profile.path()), Err(StoreError::Version { found: 99, .. })));
    assert!(matches!(Store::open_shared(profile.path()), Err(StoreError::Version { found: 99, .. })));
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Writes over what the search index consists of.
fn break_index(world: &World) {
    let db = rusqlite::Connection::open(world.profile.path().join("mail.db")).unwrap();
    db.execute("UPDATE fts_data SET block = randomblob(length(block)) WHERE id > 10", []).unwrap();
}

#[test]
fn a_damaged_search_index_is_made_again_from_what_is_stored() {
    let world = World::new();
    let batch = (1..=300).map(|uid| mail(uid, NOW - i64::from(uid), "Tilbud fra Åsen")).collect();
    world.store.messages_insert(world.account, world.inbox(), batch).unwrap();
    assert_eq!(world.store.check(false).unwrap(), Health::Sound);
    let whole = |world: &World| {
        until("searches find all again", || search::total(world, "aasen ") == Some(300));
    };
    // Found by looking.
    break_index(&world);
    assert_eq!(world.store.check(true).unwrap(), Health::IndexRemade);
    whole(&world);
    // Found by searching.
    break_index(&world);
    assert_eq!(search::total(&world, "aasen "), None);
    whole(&world);
    // Found at opening.
    break_index(&world);
    let world = world.reopen();
    whole(&world);
    assert_eq!(world.store.check(true).unwrap(), Health::Sound);
    assert_eq!(world.list(FolderRole::Inbox).total, 300, "no mail went");
    assert!(!world.profile.path().join("mail.db.suspect").exists());
}

#[test]
fn after_an_unclean_end_the_store_is_looked_at() {
    let world = World::new();
    let batch = (1..=3000).map(|uid| mail(uid, NOW - i64::from(uid), "lang tekst for å fylle sider")).collect();
    world.store.messages_insert(world.account, world.inbox(), batch).unwrap();
    assert!(world.profile.path().join("open").exists());
    let World { profile, store, account } = world;
    drop(store);
    assert!(!profile.path().join("open").exists(), "a clean end leaves no mark");
    // Made large by mails, so that opening does not read all of it.
    let (store, _) = Store::open(profile.path()).unwrap();
    let inbox = store.folder_by_role(account, FolderRole::Inbox).unwrap().unwrap().id;
    let mut number = 1u64;
    let mut noise = || {
        number = number.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (number >> 56) as u8
    };
    let large = (0..12u32)
        .map(|n| NewMessage { raw: Some((0..1_000_000).map(|_| noise()).collect()), ..mail(9000 + n, NOW, "stor") });
    store.messages_insert(account, inbox, large.collect()).unwrap();
    drop(store);
    assert!(fs::metadata(profile.path().join("mail.db")).unwrap().len() > 9 << 20);
    // In the middle of what was small before: rows and the index.
    let path = profile.path().join("mail.db");
    let mut bytes = fs::read(&path).unwrap();
    bytes[1 << 20..2 << 20].fill(0xff);
    fs::write(&path, bytes).unwrap();
    fs::write(profile.path().join("open"), []).unwrap();
    let (store, opened) = Store::open(profile.path()).unwrap();
    assert_eq!(opened.mail_set_aside, None, "opening does not wait for it");
    until("the damage is seen", || profile.path().join("mail.db.suspect").exists());
    drop(store);
    let (_, opened) = Store::open(profile.path()).unwrap();
    assert!(opened.mail_set_aside.is_some());
}

#[test]
fn a_mail_that_cannot_be_unpacked_is_fetched_again() {
    let world = World::new();
    let raw = b"Subject: x\r\n\r\n".repeat(500);
    let id = world.insert(FolderRole::Inbox, NewMessage { raw: Some(raw.clone().into()), ..mail(1, NOW, "a") });
    let db = rusqlite::Connection::open(world.profile.path().join("mail.db")).unwrap();
    db.execute("UPDATE body SET raw = substr(raw, 1, 20)", []).unwrap();
    assert_eq!(world.store.raw(id).unwrap(), None);
    world.store.message_fill(id, Body { raw: raw.clone(), ..Body::default() }).unwrap();
    assert_eq!(world.store.raw(id).unwrap(), Some(raw));
}

#[test]
fn an_attachment_is_kept_while_a_mail_has_it() {
    let world = World::new();
    // Not UTF-8, so that it is kept apart.
    let lines = "wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v8PHy8/T19vf4\r\n".repeat(60);
    let raw = |uid: u32| format!("Subject: {uid}\r\n\r\n{lines}").into_bytes();
    let ids = [1, 2]
        .map(|uid| world.insert(FolderRole::Inbox, NewMessage { raw: Some(raw(uid).into()), ..mail(uid, NOW, "a") }));
    let db = rusqlite::Connection::open(world.profile.path().join("mail.db")).unwrap();
    let blobs = || {
        db.query_row("SELECT count(*), coalesce(sum(refs), 0) FROM blob", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        })
        .unwrap()
    };
    assert_eq!(blobs(), (1, 2));
    world.store.vanished(world.inbox(), &[1]).unwrap();
    assert_eq!(blobs(), (1, 1));
    assert_eq!(world.store.raw(ids[1]).unwrap().unwrap(), raw(2));
    world.store.reset_folder(world.inbox()).unwrap();
    assert_eq!(blobs(), (0, 0));
}
