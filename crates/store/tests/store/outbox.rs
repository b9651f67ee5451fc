use crate::*;
use clientele_model::{DraftId, OutboxId};
use clientele_store::{ArchiveRecord, ArchiveState, Draft, DraftKind, NewOutbox, OutboxState, StoreError};

pub(crate) fn draft(world: &World, subject: &str) -> Draft {
    let mut draft = Draft {
        id: DraftId(0),
        account: world.account,
        kind: DraftKind::New,
        message: None,
        answered: String::new(),
        in_reply_to: String::new(),
        references: vec![],
        to: vec![Address::new("Ola", "ola@nord.example")],
        cc: vec![],
        bcc: vec![Address::new("", "skjult@nord.example")],
        subject: subject.into(),
        body: "<p>Hei</p>".into(),
        quote: String::new(),
        saved: NOW,
    };
    draft.id = world.store.draft_add(&draft).unwrap();
    draft
}

pub(crate) fn queue(world: &World, draft: Option<DraftId>) -> OutboxId {
    let mail = NewOutbox {
        account: world.account,
        draft,
        message_id: "abc@fjord.example".into(),
        raw: b"uten bcc".to_vec(),
        raw_sent: b"med bcc".to_vec(),
        from: "kari@fjord.example".into(),
        recipients: vec!["ola@nord.example".into(), "skjult@nord.example".into()],
        to: vec![Address::new("Ola", "ola@nord.example")],
        subject: "Tilbud".into(),
        archive: vec![record("1")],
        link: world.store.crm_link_now().unwrap(),
        reply: None,
        answered: String::new(),
        next_try: NOW,
        queued: NOW,
    };
    world.store.outbox_queue(&mail).unwrap()
}

pub(crate) fn record(id: &str) -> ArchiveRecord {
    ArchiveRecord { kind: clientele_model::RecordKind::Sale, id: id.into(), name: format!("Salg {id}") }
}

#[test]
fn the_way_out() {
    let world = World::new();
    let draft = draft(&world, "Tilbud");
    world.store.draft_attach(draft.id, "a.pdf", "application/pdf", None, b"pdf").unwrap();
    let id = queue(&world, Some(draft.id));
    assert!(world.store.drafts().unwrap().is_empty(), "hidden while in the outbox");
    assert!(matches!(world.store.draft_save(&draft), Err(StoreError::WrongState)), "a late save changes nothing");
    let mail = world.store.outbox_claim(world.account, NOW).unwrap().unwrap();
    assert_eq!((mail.id, mail.state, mail.attempts), (id, OutboxState::Sending, 1));
    assert!(world.store.outbox_claim(world.account, NOW).unwrap().is_none(), "claimed once");
    assert!(matches!(world.store.outbox_discard(id), Err(StoreError::WrongState)), "not while it is being sent");
    world.store.outbox_data_begun(id).unwrap();
    world.store.outbox_sent(id).unwrap();
    assert!(matches!(world.store.outbox_sent(id), Err(StoreError::WrongState)));
    assert!(world.store.outbox().unwrap().is_empty());
    assert!(world.store.draft(draft.id).is_err());
    assert_eq!(world.store.outbox_unsaved(world.account).unwrap()[0].archive, [record("1")]);
    assert_eq!(world.store.outbox_raw_sent(id).unwrap(), b"med bcc");
    world.store.outbox_saved(id).unwrap();
    assert!(world.store.outbox_item(id).is_err());
}

#[test]
fn a_failure_waits_and_a_person_may_take_it_back() {
    let world = World::new();
    let draft = draft(&world, "Tilbud");
    let attachment = world.store.draft_attach(draft.id, "a.pdf", "application/pdf", None, b"pdf").unwrap();
    let id = queue(&world, Some(draft.id));
    world.store.outbox_claim(world.account, NOW).unwrap().unwrap();
    world.store.outbox_later(id, "offline", "", NOW + 30).unwrap();
    assert!(world.store.outbox_claim(world.account, NOW + 29).unwrap().is_none());
    assert_eq!(world.store.outbox_due(world.account).unwrap(), Some(NOW + 30));
    world.store.outbox_claim(world.account, NOW + 30).unwrap().unwrap();
    world.store.outbox_failed(id, "recipient_refused", "550").unwrap();
    assert_eq!(world.store.outbox_item(id).unwrap().code.as_deref(), Some("recipient_refused"));
    assert_eq!(world.store.outbox_edit(id).unwrap(), draft.id);
    assert_eq!(world.store.drafts().unwrap(), [draft]);
    assert_eq!(world.store.draft_attachment_content(attachment).unwrap(), b"pdf");
    assert!(world.store.outbox().unwrap().is_empty());
}

#[test]
fn after_a_crash_what_the_server_may_have_is_held() {
    let world = World::new();
    let before = queue(&world, None);
    let after = queue(&world, None);
    world.store.outbox_claim(world.account, NOW).unwrap().unwrap();
    world.store.outbox_claim(world.account, NOW).unwrap().unwrap();
    world.store.outbox_data_begun(after).unwrap();
    let world = world.reopen();
    let state = |id| world.store.outbox_item(id).unwrap().state;
    assert_eq!((state(before), state(after)), (OutboxState::Queued, OutboxState::Held));
    assert_eq!(world.store.outbox_claim(world.account, NOW).unwrap().unwrap().id, before);
    assert!(world.store.outbox_claim(world.account, NOW).unwrap().is_none(), "a held one is never sent by itself");
    world.store.outbox_retry(after, NOW).unwrap();
    assert_eq!(world.store.outbox_claim(world.account, NOW).unwrap().unwrap().id, after);
    assert_eq!(world.store.outbox_raw(after).unwrap(), b"uten bcc");
}

#[test]
fn a_mail_is_archived_once() {
    let world = World::new();
    let queued = world.store.archive_queue(world.account, "m@x", &[record("1")], "kari", NOW).unwrap();
    let again = world.store.archive_queue(world.account, "m@x", &[record("1")], "kari", NOW).unwrap();
    assert_eq!((again.id, again.already), (queued.id, false));
    assert_eq!(world.store.archive_next(NOW).unwrap().unwrap().id, queued.id);
    world.store.archive_done(queued.id, "act-1", false).unwrap();
    assert_eq!(world.store.archive_next(NOW).unwrap(), None);
    let again = world.store.archive_queue(world.account, "m@x", &[record("1")], "kari", NOW).unwrap();
    assert!(again.already && again.state == ArchiveState::Done);
    let grown = world.store.archive_queue(world.account, "m@x", &[record("1"), record("2")], "kari", NOW).unwrap();
    assert_eq!((grown.state, grown.records.len()), (ArchiveState::Queued, 2));
    world.store.archive_failed(queued.id, "crm_failed").unwrap();
    assert_eq!(world.store.archives_queued().unwrap(), 0);
    world.store.archive_retry(queued.id).unwrap();
    assert_eq!(world.store.archives_queued().unwrap(), 1);
    world.store.archive_remove(queued.id).unwrap();
    assert_eq!(world.store.archived("m@x").unwrap(), None);
}
