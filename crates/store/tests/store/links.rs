//! What waits for a CRM names it: the same ids mean somebody else in another.

use crate::*;
use clientele_store::{CrmLink, NewArchive, StoreError};

fn connect(world: &World, place: &str) -> i64 {
    let link = CrmLink { kind: "tryton".into(), place: place.into(), name: place.into(), ..CrmLink::default() };
    world.store.crm_link_set(&link).unwrap()
}

#[test]
fn what_was_chosen_in_one_crm_is_never_queued_for_another_and_waits_for_its_own() {
    let world = World::new();
    let first = connect(&world, "first");
    let of = |id: &str, link| NewArchive::of(world.account, id, &[outbox::record("1")], link, "kari");
    let queued = world.store.archive_put(&of("a@x", first), NOW).unwrap();
    let work = world.store.crm_work_queue("{}", "", first, NOW).unwrap();
    outbox::queue(&world, None);
    assert_eq!(world.store.crm_waiting().unwrap(), (2, 0));

    let second = connect(&world, "second");
    assert!(matches!(world.store.archive_put(&of("b@x", first), NOW), Err(StoreError::OtherCrm)));
    assert!(matches!(world.store.crm_work_queue("{}", "", first, NOW), Err(StoreError::OtherCrm)));
    assert!(matches!(world.store.crm_work_replace("{}", |_| true, first, NOW), Err(StoreError::OtherCrm)));
    // Sent meanwhile: no answer could be given to anybody.
    assert_eq!(world.store.outbox().unwrap()[0].link, first);
    assert_eq!(world.store.archive_put_or_wait(&of("c@x", first), NOW).unwrap().link, first);
    assert_eq!(world.store.archive_next(NOW).unwrap(), None);
    assert_eq!(world.store.crm_work_next(NOW).unwrap(), None);
    // All of it is seen, and is no reason to try.
    assert_eq!(world.store.crm_waiting().unwrap(), (0, 3));
    assert_eq!(world.store.archives_waiting().unwrap().len(), 2);
    assert_eq!(world.store.crm_works_left().unwrap().iter().map(|one| one.id).collect::<Vec<_>>(), [work]);
    assert!(matches!(world.store.archive_retry(queued.id), Err(StoreError::OtherCrm)));
    assert!(matches!(world.store.crm_work_retry(work), Err(StoreError::OtherCrm)));
    // What is said of the CRM of today counts, whatever is said of the other one afterwards.
    let anew = world.store.archive_put(&of("c@x", second), NOW).unwrap();
    assert_eq!(world.store.archive_put_or_wait(&of("c@x", first), NOW).unwrap(), anew);

    assert_eq!(connect(&world, "first"), first);
    assert_eq!(world.store.archive_next(NOW).unwrap().unwrap().id, queued.id);
    assert_eq!(world.store.crm_work_next(NOW).unwrap().unwrap().id, work);
    assert_eq!(world.store.crm_waiting().unwrap(), (2, 1), "and one that is left from the second");
}

#[test]
fn who_had_archived_a_mail_in_the_crm_before_is_not_who_archives_it_in_the_next() {
    let world = World::new();
    let of = |link| NewArchive::of(world.account, "a@x", &[outbox::record("1")], link, "kari");
    let row = world.store.archive_put(&of(connect(&world, "first")), NOW).unwrap();
    world.store.archive_done(row.id, "9", true).unwrap();
    world.store.archive_first(row.id, "ola", NOW - 60).unwrap();
    let there = world.store.archive(row.id).unwrap();
    assert_eq!((there.by.as_str(), there.date, there.already), ("ola", NOW - 60, true));
    world.store.archive_first(row.id, "", 0).unwrap();
    assert_eq!(world.store.archive(row.id).unwrap().date, NOW - 60, "a CRM that does not say when");
    let anew = world.store.archive_put(&of(connect(&world, "second")), NOW).unwrap();
    assert_eq!((anew.by.as_str(), anew.already, anew.activity), ("kari", false, None));
}
