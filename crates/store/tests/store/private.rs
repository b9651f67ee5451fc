//! Private mails, customers' mails that are not archived, and mails by record.

use crate::*;
use clientele_model::{RecordKind, RecordRef};
use clientele_store::{ArchiveRecord, CrmState, NewArchive, StoreError, Worked};

fn list(world: &World, filter: Filter) -> Vec<String> {
    let query = ListQuery { scope: Scope::Folder(world.inbox()), filter, after: None, limit: 50 };
    let page = world.store.list(&query).unwrap();
    assert_eq!(page.total as usize, page.rows.len(), "what is counted is what is listed");
    page.rows.into_iter().map(|row| row.message_id).collect()
}

fn message(uid: u32, refs: &[&str]) -> NewMessage {
    let refs: Vec<String> = refs.iter().map(|id| (*id).to_owned()).collect();
    NewMessage {
        in_reply_to: refs.clone(),
        references: refs,
        message_id: format!("{uid}@nord.example"),
        ..crate::mail(uid, NOW + i64::from(uid) * 60, "Mail")
    }
}

#[test]
fn a_private_conversation_stays_private_and_is_never_queued() {
    let world = World::new();
    let first = world.insert(FolderRole::Inbox, message(1, &[]));
    world.insert(FolderRole::Inbox, message(2, &["1@nord.example"]));
    world.insert(FolderRole::Inbox, message(3, &[]));
    world.store.private_set(&[first], true, true).unwrap();
    let private = |id: &str| world.store.is_private(id, &[]).unwrap();
    assert!(private("1@nord.example") && private("2@nord.example") && !private("3@nord.example"));
    // One that comes later, and one that is not here at all but says what it answers.
    let later = world.insert(FolderRole::Inbox, message(4, &["2@nord.example"]));
    assert!(world.store.row(later).unwrap().private && private("4@nord.example"));
    assert!(world.store.is_private("unseen@nord.example", &["4@nord.example".into()]).unwrap());
    let queue = |id: &str| {
        let on = [ArchiveRecord::new(RecordKind::Company, "1", "Nord")];
        world.store.archive_put(&NewArchive::of(world.account, id, &on, 0, "kari"), NOW)
    };
    assert!(matches!(queue("4@nord.example"), Err(StoreError::Private)));
    assert!(queue("3@nord.example").is_ok());
    // A mail that ties two conversations together makes both private.
    let tie = world.insert(FolderRole::Inbox, message(5, &["3@nord.example", "2@nord.example"]));
    assert!(world.store.row(tie).unwrap().private && private("3@nord.example"));
    // One of them alone is let go.
    world.store.private_set(&[later], false, false).unwrap();
    assert!(!private("4@nord.example") && private("2@nord.example"));
    assert!(!world.store.row(later).unwrap().private);
    world.store.private_set(&[first], true, false).unwrap();
    assert!(!private("1@nord.example") && !private("5@nord.example"));
}

#[test]
fn an_answer_that_quotes_a_private_mail_is_private() {
    let world = World::new();
    let first = world.insert(FolderRole::Inbox, message(1, &[]));
    world.store.private_set(&[first], false, true).unwrap();
    assert!(!world.store.private_with("other@nord.example", &["2@nord.example".into(), String::new()]).unwrap());
    assert!(world.store.private_with("2@nord.example", &[String::new(), "1@nord.example".into()]).unwrap());
    let sent = world.insert(FolderRole::Inbox, message(2, &["1@nord.example"]));
    assert!(world.store.row(sent).unwrap().private);
    let on = [ArchiveRecord::new(RecordKind::Company, "1", "Nord")];
    let new = NewArchive::of(world.account, "2@nord.example", &on, 0, "kari");
    assert!(matches!(world.store.archive_put(&new, NOW), Err(StoreError::Private)));
}

#[test]
fn what_was_sent_elsewhere_in_answer_to_a_private_mail_is_private_too() {
    let world = World::new();
    let first = world.insert(FolderRole::Inbox, message(1, &[]));
    let earlier = world.insert(FolderRole::Sent, message(2, &["1@nord.example"]));
    let other = world.insert(FolderRole::Inbox, message(3, &[]));
    world.store.private_set(&[first], false, true).unwrap();
    // By another program: nobody could mark it as it went. And what answers that quotes it all.
    let answer = world.insert(FolderRole::Sent, message(4, &["1@nord.example"]));
    let again = world.insert(FolderRole::Inbox, message(5, &["1@nord.example", "4@nord.example"]));
    for id in [earlier, answer, again] {
        let row = world.store.row(id).unwrap();
        assert!(row.private && world.store.is_private(&row.message_id, &[]).unwrap(), "{}", row.message_id);
        let on = [ArchiveRecord::new(RecordKind::Company, "1", "Nord")];
        let new = NewArchive::of(world.account, &row.message_id, &on, 0, "kari");
        assert!(matches!(world.store.archive_put(&new, NOW), Err(StoreError::Private)));
    }
    // One that is not here; and one that only stands in the same conversation.
    assert!(world.store.is_private("unseen@x", &["1@nord.example".into()]).unwrap());
    assert!(!world.store.is_private("unseen@x", &["1@nord.example".into(), "3@nord.example".into()]).unwrap());
    assert!(!world.store.row(other).unwrap().private);
    // A person knows better.
    world.store.private_set(&[answer], false, false).unwrap();
    assert!(!world.store.row(answer).unwrap().private && !world.store.is_private("4@nord.example", &[]).unwrap());
}

#[test]
fn a_mark_on_a_conversation_and_its_undoing_leave_single_marks_as_they_were() {
    let world = World::new();
    let first = world.insert(FolderRole::Inbox, message(1, &[]));
    let second = world.insert(FolderRole::Inbox, message(2, &["1@nord.example"]));
    let private = |id: &str| world.store.is_private(id, &[]).unwrap();
    world.store.private_set(&[second], false, true).unwrap();
    world.store.private_set(&[first], true, true).unwrap();
    assert!(private("1@nord.example") && private("2@nord.example"));
    world.store.private_set(&[first], true, false).unwrap();
    assert!(!private("1@nord.example") && private("2@nord.example"), "the single mark was taken with the other");
    assert!(world.store.row(second).unwrap().private && !world.store.row(first).unwrap().private);
    // The other way round: marked alone as well, the conversation stays so for what comes.
    let alone = world.insert(FolderRole::Inbox, message(8, &[]));
    world.store.private_set(&[alone], true, true).unwrap();
    world.store.private_set(&[alone], false, true).unwrap();
    let answers = vec!["unseen@x".to_owned()];
    world.insert(FolderRole::Inbox, NewMessage { in_reply_to: answers, ..message(9, &["8@nord.example", "unseen@x"]) });
    assert!(private("9@nord.example"), "the mark on the conversation was taken with the other");
}

#[test]
fn customers_mails_that_are_not_archived_are_listed_and_counted() {
    let world = World::new();
    let ids: Vec<_> = (1..=4).map(|uid| world.insert(FolderRole::Inbox, message(uid, &[]))).collect();
    let record = RecordRef { kind: RecordKind::Company, id: "7".into() };
    let worked = |id: &MessageId| Worked {
        id: *id,
        state: CrmState::Customer,
        pills: "[]".into(),
        records: vec![record.clone()],
    };
    world.store.worked(&ids[..3].iter().map(worked).collect::<Vec<_>>()).unwrap();
    assert_eq!(list(&world, Filter::NotArchived).len(), 3);
    let on = [ArchiveRecord::new(RecordKind::Company, "7", "Nord")];
    let row = world.store.archive_queue(world.account, "1@nord.example", &on, "kari", NOW).unwrap();
    world.store.archive_done(row.id, "9", false).unwrap();
    world.store.private_set(&ids[1..2], false, true).unwrap();
    assert_eq!(list(&world, Filter::NotArchived), ["3@nord.example"]);
    assert_eq!(world.store.business_counts().unwrap(), (3, 1, 0));
    world.store.archive_remove(row.id).unwrap();
    assert_eq!(list(&world, Filter::NotArchived).len(), 2);

    let query = ListQuery { scope: Scope::Inboxes, filter: Filter::All, after: None, limit: 2 };
    let page = world.store.list_of_record(&record, &query).unwrap();
    assert_eq!((page.rows.len(), page.total, page.next.is_some()), (2, 3, true));
    let rest = world.store.list_of_record(&record, &ListQuery { after: page.next, ..query }).unwrap();
    assert_eq!((rest.rows.len(), rest.next), (1, None));
    assert_eq!(world.store.records_of_late(RecordKind::Company, 100, 8).unwrap(), ["7"]);
    world.store.vanished(world.inbox(), &[3]).unwrap();
    assert_eq!(list(&world, Filter::NotArchived), ["2@nord.example", "1@nord.example"][1..]);
}

#[test]
fn only_what_comes_after_the_rules_were_switched_on_is_looked_at() {
    let world = World::new();
    world.insert(FolderRole::Inbox, message(1, &[]));
    world.store.weigh(true, NOW - 3600).unwrap();
    let old = NewMessage { date: NOW - 86_400, ..message(2, &[]) };
    world.insert(FolderRole::Inbox, old);
    let new = world.insert(FolderRole::Inbox, message(3, &[]));
    world.store.pills_set(&[(new, CrmState::Unknown, "[]".into())]).unwrap();
    assert_eq!(world.store.unweighed(None, 10).unwrap(), [new]);
    world.store.weighed(new, "3@nord.example", Some("internal")).unwrap();
    assert!(world.store.unweighed(None, 10).unwrap().is_empty());
    assert_eq!(world.store.weighed_reason("3@nord.example").unwrap().as_deref(), Some("internal"));
}
