//! The parts that the search index is in while many mails come.

use crate::*;
use clientele_store::SearchQuery;

/// Mails of a transaction that is one of many.
const MANY: u32 = 100;

fn many(world: &World, run: u32) {
    let mails = (run * MANY + 1..=(run + 1) * MANY).map(|uid| NewMessage {
        search_text: format!("tilbud nr q{uid}x"),
        ..mail(uid, NOW + i64::from(uid), "Ordre")
    });
    world.store.messages_insert(world.account, world.inbox(), mails.collect()).unwrap();
}

fn found(world: &World, query: &str) -> usize {
    let query = SearchQuery { query: query.into(), limit: 200, ..SearchQuery::default() };
    world.store.search(&query).unwrap().rows.len()
}

fn ask(world: &World, sql: &str) -> i64 {
    let db = rusqlite::Connection::open(world.profile.path().join("mail.db")).unwrap();
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// The number of a part is the upper half of the ids of its pages.
fn parts(world: &World) -> [i64; 2] {
    ["fts", "beginning"]
        .map(|index| ask(world, &format!("SELECT count(DISTINCT id >> 37) FROM {index}_data WHERE id > 10")))
}

fn told(world: &World) -> i64 {
    ask(world, "SELECT v FROM fts_config WHERE k = 'automerge'")
}

#[test]
fn parts_are_put_together_by_who_waits_for_mails() {
    let world = World::new();
    for run in 0..18 {
        many(&world, run);
        assert_eq!(world.store.index_spare().unwrap(), run == 15, "with {} of them", run + 1);
        if run == 14 {
            assert_eq!(parts(&world), [15, 15], "nobody waits while mails are written");
        }
        while world.store.index_spare().unwrap() {}
    }
    assert_eq!(told(&world), 0);
    assert!(parts(&world).iter().all(|parts| (1..=3).contains(parts)), "{:?}", parts(&world));
    for (query, hits) in [("q1x", 1), ("q1600x", 1), ("\"nr q777x\"", 1), ("q1801x", 0), ("til", 200), ("q180", 2)] {
        assert_eq!(found(&world, query), hits, "{query}");
    }
    // A single mail: FTS5 sees to it again.
    world.insert(FolderRole::Inbox, mail(9000, NOW, "Siste"));
    assert_eq!(told(&world), 16);
    assert_eq!(found(&world, "siste"), 1);
}

/// Killed in the midst of a first sync, say.
#[test]
fn a_run_that_broke_off_leaves_nothing_apart_for_good() {
    let world = World::new();
    for run in 0..3 {
        many(&world, run);
    }
    assert_eq!(told(&world), 0);
    let world = world.reopen();
    assert_eq!(told(&world), 16);
    assert_eq!(found(&world, "q250x"), 1);
}
