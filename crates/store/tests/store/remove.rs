use crate::*;
use clientele_model::Action;
use clientele_store::{ArchiveState, CrmState, NewArchive, TrustedCertificate};
use std::{fs, path::Path};

const CANARY: &str = "kanarifugl7431";

/// Which files below the folder hold the canary.
fn readable(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(readable(&path));
        } else if fs::read(&path).unwrap().windows(CANARY.len()).any(|part| part == CANARY.as_bytes()) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

fn canary(world: &World) {
    let address = format!("{CANARY}@nord.example");
    let mut mail = mail(1, NOW, CANARY);
    mail.message_id = "1@nord.example".into();
    mail.from = Address::new(CANARY, &address);
    mail.search_text = format!("{CANARY} i teksten");
    let id = world.insert(FolderRole::Inbox, mail);
    world.store.operate(&[id], &Action::Flag, NOW).unwrap();
    let pills = format!(r#"[{{"kind":"company","text":"{CANARY}"}}]"#);
    world.store.pills_set(&[(id, CrmState::Customer, pills)]).unwrap();
    let draft = outbox::draft(world, CANARY);
    world.store.draft_attach(draft.id, &format!("{CANARY}.txt"), "text/plain", None, CANARY.as_bytes()).unwrap();
    outbox::draft(world, CANARY);
    outbox::queue(world, Some(draft.id));
    world.store.archive_queue(world.account, "1@nord.example", &[outbox::record("1")], CANARY, NOW).unwrap();
    let row = world.store.archive_next(NOW).unwrap().unwrap();
    world.store.archive_done(row.id, "77", false).unwrap();
    world.store.archive_queue(world.account, "2@nord.example", &[outbox::record("1")], CANARY, NOW).unwrap();
    // Archived with a title of one's own, and queued once more for another record.
    let choice = format!(r#"{{"title":"{CANARY}"}}"#);
    let on = |record: &str| NewArchive {
        choice: choice.clone(),
        ..NewArchive::of(world.account, "3@nord.example", &[outbox::record(record)], 0, CANARY)
    };
    let row = world.store.archive_put(&on("1"), NOW).unwrap();
    world.store.archive_done(row.id, "78", false).unwrap();
    world.store.archive_put(&on("2"), NOW).unwrap();
    world.store.waiting_set(world.account, "1@nord.example", NOW, NOW + 1).unwrap();
    world.store.setting_set("ui.wizard", CANARY).unwrap();
}

#[test]
fn nothing_readable_of_a_removed_account_stays() {
    let world = World::new();
    let other = world.store.account_add(&new_account("per@fjord.example")).unwrap();
    folders(&world.store, other);
    let inbox = world.store.folder_by_role(other, FolderRole::Inbox).unwrap().unwrap().id;
    let mut kept = mail(1, NOW, "blir");
    kept.from = Address::new("Siri", "siri@nord.example");
    world.store.messages_insert(other, inbox, vec![kept]).unwrap();
    canary(&world);
    world.store.backup_if_due(NOW).unwrap().unwrap();
    fs::write(world.profile.path().join("mail.db.damaged-1"), CANARY).unwrap();
    assert!(readable(world.profile.path()).len() >= 4, "the canary stands in databases, backup and damaged file");

    let removal = world.store.account_removal(world.account).unwrap();
    assert_eq!((removal.mails, removal.drafts, removal.archives, removal.operations), (1, 1, 2, 1));
    assert_eq!(removal.unsent.len(), 1);
    world.store.account_remove(world.account).unwrap();
    assert_eq!(readable(world.profile.path()), Vec::<String>::new());
    assert!(world.store.archived("1@nord.example").unwrap().is_some(), "what was archived stays noted");
    assert!(world.store.archived("2@nord.example").unwrap().is_none());
    let there = world.store.archived("3@nord.example").unwrap().expect("it is in the CRM all the same");
    assert_eq!((there.state, there.activity.as_deref()), (ArchiveState::Done, Some("78")));
    assert!(world.store.waiting().unwrap().is_empty(), "nobody is reminded of a mail that is not here");
    assert!(world.store.correspondents("kanari", 5).unwrap().is_empty());
    assert_eq!(world.store.correspondents("siri", 5).unwrap().len(), 1, "those of the other account stay");
    assert_eq!(list(&world.store, inbox, Filter::All).rows.len(), 1);
}

#[test]
fn a_crash_in_the_middle_of_a_removal_is_made_up_for() {
    let world = World::new();
    canary(&world);
    // local.db's half is on the disk, and the program ends before anything is rewritten.
    let db = rusqlite::Connection::open(world.profile.path().join("local.db")).unwrap();
    db.execute_batch(
        "PRAGMA foreign_keys = ON; DELETE FROM account; DELETE FROM draft; DELETE FROM outbox; DELETE FROM operation;
         DELETE FROM archive; DELETE FROM setting; INSERT INTO setting (key, value) VALUES ('scrub', 'yes');",
    )
    .unwrap();
    drop(db);
    let world = world.reopen();
    assert_eq!(readable(world.profile.path()), Vec::<String>::new());
}

#[test]
fn a_profile_of_the_first_version_is_taken_along() {
    let profile = TempDir::new().unwrap();
    let db = rusqlite::Connection::open(profile.path().join("local.db")).unwrap();
    db.execute_batch(include_str!("../../src/sql/local_001.sql")).unwrap();
    db.execute_batch(
        r#"PRAGMA user_version = 1;
        INSERT INTO account VALUES (3, 'kari@fjord.example', 'Kari', '{"host":"mail.fjord.example","port":993,"security":"tls"}',
            'kari', '{"host":"mail.fjord.example","port":465,"security":"tls"}', 'kari', 90);
        INSERT INTO draft (id, account, kind, message, in_reply_to, refs, recipients, subject, body, quote, saved, outbox)
            VALUES (5, 3, 'reply', 8, 'a@nord.example', '[]', '{"to":[],"cc":[],"bcc":[]}', 'Sv', '', '', 1, 9),
                   (6, 3, 'forward', 8, '', '[]', '{"to":[],"cc":[],"bcc":[]}', 'Fw', '', '', 1, NULL);
        INSERT INTO outbox (id, account, draft, message_id, sender, recipients, shown_to, subject, archive, reply, reply_kind,
            state, next_try, queued, raw, raw_sent)
            VALUES (9, 3, 5, 'b@fjord.example', 'kari@fjord.example', '[]', '[]', 'Sv', '[]', 8, 'answered', 'queued', 1, 1, x'', x'');"#,
    )
    .unwrap();
    drop(db);
    let (store, _) = Store::open(profile.path()).unwrap();
    let account = store.account(AccountId(3)).unwrap();
    assert_eq!((account.email.as_str(), account.days, account.oauth), ("kari@fjord.example", 90, None));
    assert_eq!(store.outbox().unwrap()[0].answered, "a@nord.example");
    assert_eq!(store.drafts().unwrap()[0].answered, "");
    let one = TrustedCertificate { host: "mail.fjord.example".into(), port: 993, sha256: [7; 32] };
    store.certificate_add(&one).unwrap();
    assert_eq!(store.certificates().unwrap(), [one]);
}

#[test]
fn a_certificate_is_accepted_once_for_one_server() {
    let world = World::new();
    let one = TrustedCertificate { host: "Mail.Fjord.example".into(), port: 993, sha256: [7; 32] };
    world.store.certificate_add(&one).unwrap();
    world.store.certificate_add(&one).unwrap();
    assert_eq!(world.store.certificates().unwrap().len(), 1);
    world.store.certificate_remove(&TrustedCertificate { port: 143, ..one.clone() }).unwrap();
    assert_eq!(world.store.certificates().unwrap().len(), 1, "another port is another server");
    world.store.certificate_remove(&one).unwrap();
    assert!(world.store.certificates().unwrap().is_empty());
}
