//! No query that a screen or a task asks again and again walks a whole table.
#![allow(clippy::unwrap_used)]

use crate::{Filter, Store, message, operation, pills, private, rule, search};
use rusqlite::Connection;

fn plan(db: &Connection, sql: &str) -> Vec<String> {
    let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let rows = explain.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<Vec<_>, _>>();
    rows.unwrap()
}

/// Indexes that hold nothing but what their one query asks for.
const WANTED: [&str; 3] = ["INDEX message_stale", "INDEX draft_saved", "INDEX message_unweighed"];

/// Neither a scan of a table nor a sort of what was found.
fn assert_indexed(db: &Connection, sql: &str) {
    for step in plan(db, sql) {
        // A virtual table's own index is told as a scan; so is a walk over an index of just the rows wanted.
        let walk = step.starts_with("SCAN")
            && step != "SCAN CONSTANT ROW"
            && !step.contains("VIRTUAL TABLE INDEX")
            && !WANTED.iter().any(|index| step.ends_with(index));
        assert!(!walk && !step.contains("TEMP B-TREE"), "{step}\n  in {sql}");
    }
}

#[test]
fn every_list_and_queue_is_served_by_an_index() {
    let profile = tempfile::TempDir::new().unwrap();
    let (store, _) = Store::open(profile.path()).unwrap();
    store
        .read(|db| {
            for filter in [Filter::All, Filter::Unread, Filter::Flagged, Filter::Customers, Filter::NotInCrm, Filter::NotArchived] {
                assert_indexed(db, &message::list_sql(filter));
                assert_indexed(db, &message::record_sql(filter));
                assert_indexed(db, &message::count_sql(filter));
            }
            assert_indexed(db, &message::thread_sql());
            assert_indexed(db, message::RECORD_COUNT);
            assert_indexed(db, pills::COUNTS);
            for sql in private::statements() {
                assert_indexed(db, sql);
            }
            for sql in rule::statements() {
                assert_indexed(db, sql);
            }
            for sql in search::statements() {
                // All mails but those of some folders: a walk over marks, newest first, that ends with the page.
                if !sql.contains("NOT INDEXED") {
                    assert_indexed(db, &sql);
                }
            }
            // M: by words (of the table's six columns); <> between row ids; 64 and 128: in row order, downwards.
            assert_eq!(plan(db, &search::words_sql("fts")), ["SCAN mail.fts VIRTUAL TABLE INDEX 192:M6<>"]);
            assert_indexed(db, &operation::due_sql());
            for sql in [
                "SELECT id FROM mail.message WHERE folder = ? AND uid = ?",
                "SELECT uid FROM mail.message WHERE folder = ? AND uid IS NOT NULL ORDER BY uid",
                "SELECT id FROM mail.mark WHERE id >= ? ORDER BY id LIMIT 64",
                "SELECT id FROM mail.mark WHERE id <= ? ORDER BY id DESC LIMIT 64",
                "SELECT 1 FROM mail.mark WHERE id = ?",
                "SELECT raw FROM mail.body WHERE message = ?",
                "SELECT id FROM mail.message WHERE message_id = ? AND folder = ? AND uid IS NULL LIMIT 1",
                "SELECT id FROM mail.message WHERE account = ?",
                "SELECT id FROM mail.message INDEXED BY message_stale WHERE pills_stale = 1 ORDER BY id DESC LIMIT ?",
                "SELECT id FROM operation WHERE account = ? AND path = ? AND uid = ? ORDER BY id",
                "SELECT id FROM operation WHERE message = ? ORDER BY id",
                "UPDATE operation SET message = -(SELECT min(id) FROM operation WHERE message = ?1) WHERE message = ?1",
                "UPDATE operation SET origin = NULL WHERE origin = ?",
                "UPDATE OR REPLACE operation_mail SET message = -message WHERE message = ?",
                "SELECT id FROM draft_attachment WHERE draft = ? ORDER BY id",
                "SELECT min(next_try) FROM outbox WHERE account = ? AND state = 'queued'",
                "SELECT id FROM archive WHERE message_id = ?",
                "SELECT id FROM archive WHERE state = 'queued' AND next_try <= ? ORDER BY next_try, id LIMIT 1",
                "SELECT id FROM mail.message INDEXED BY message_subject WHERE subject_key = ? AND id < ? AND id >= ? ORDER BY id DESC",
                "SELECT id FROM mail.message INDEXED BY message_orphan WHERE subject_key = ? AND orphan = 1 AND id > ? ORDER BY id",
                "SELECT id FROM mail.blob WHERE hash = ?",
                "SELECT correspondent FROM mail.correspondent_word WHERE word >= ? AND word < ?",
            ] {
                assert_indexed(db, sql);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_walk_is_seen() {
    let profile = tempfile::TempDir::new().unwrap();
    let (store, _) = Store::open(profile.path()).unwrap();
    store
        .read(|db| {
            assert!(plan(db, "SELECT id FROM mail.message WHERE subject = ?")[0].starts_with("SCAN"));
            Ok(())
        })
        .unwrap();
}
