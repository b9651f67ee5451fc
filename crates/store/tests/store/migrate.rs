//! Profiles of every version that was ever in use are taken along.

use crate::*;
use clientele_store::SearchQuery;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Both databases as the first version made them, with three mails.
fn first_version(profile: &Path) {
    let db = rusqlite::Connection::open(profile.join("local.db")).unwrap();
    db.execute_batch(include_str!("../../src/sql/local_001.sql")).unwrap();
    db.execute("ATTACH DATABASE ? AS mail", [profile.join("mail.db").to_str().unwrap()]).unwrap();
    db.execute_batch(include_str!("../../src/sql/mail_001.sql")).unwrap();
    db.execute_batch(
        r#"PRAGMA main.user_version = 1; PRAGMA mail.user_version = 1;
        INSERT INTO account VALUES (1, 'kari@fjord.example', 'Kari', '{"host":"mail.fjord.example","port":993,"security":"tls"}',
            'kari', '{"host":"mail.fjord.example","port":465,"security":"tls"}', 'kari', 90);
        INSERT INTO archive (account, message_id, records, state, activity, by, date, next_try)
            VALUES (1, '2@nord.example', '[]', 'done', '9', 'kari', 1, 1);
        INSERT INTO operation (account, message, message_id, subject, kind, flag, is_on, path, uid_validity, uid, next_try, since)
            VALUES (1, 2 << 20, '2@nord.example', 'Åpning 2', 'flag', 'answered', 1, 'INBOX', 0, 2, 1, 1);
        INSERT INTO draft (account, kind, message, in_reply_to, refs, recipients, subject, body, quote, saved)
            VALUES (1, 'reply', 3 << 20, '3@nord.example', '[]', '{}', '', '', '', 1);
        INSERT INTO mail.folder (id, account, path, name, server_name, role, selectable)
            VALUES (4, 1, 'INBOX', 'INBOX', 'INBOX', 'inbox', 1);"#,
    )
    .unwrap();
    for n in 1..=3i64 {
        db.execute(
            r#"INSERT INTO mail.message (id, account, folder, uid, thread, date, size, message_id, in_reply_to, refs, subject,
                from_name, from_email, to_json, others, preview, seen, flagged, answered, forwarded, draft, deleted, attachments,
                attachment_count, has_html, has_text, partial, crm_state, pills)
            VALUES (?1 << 20, 1, 4, ?1, ?1, ?1, 9, ?1 || '@nord.example', '[]', '[]', 'Åpning ' || ?1, 'Ola', 'ola@nord.example',
                '[]', '{"cc":[],"bcc":[],"reply_to":[]}', '', ?1 = 1, ?1 = 2, 0, 0, 0, 0, '[]', 0, 0, 1, 0, ?1 = 3,
                '[{"kind":"company","text":"Nord AS","record":"1"}]')"#,
            [n],
        )
        .unwrap();
        let packed = |text: String| zstd::encode_all(text.as_bytes(), 3).unwrap();
        db.execute(
            "INSERT INTO mail.body (message, raw, text) VALUES (? << 20, ?, ?)",
            rusqlite::params![n, packed(format!("raw {n}")), packed(format!("Brødrene nummer{n}"))],
        )
        .unwrap();
    }
}

#[test]
fn a_mail_store_of_the_first_version_is_taken_along() {
    let profile = TempDir::new().unwrap();
    first_version(profile.path());
    let (store, opened) = Store::open(profile.path()).unwrap();
    assert_eq!(opened.mail_set_aside, None);
    // Not only in its journal: local.db's names follow, and wait for the disk.
    let header = std::fs::read(profile.path().join("mail.db")).unwrap();
    assert_eq!(header[60..64], [0, 0, 0, 6], "the version in the file itself");
    let folder = store.folders_all().unwrap()[0].clone();
    assert_eq!((folder.total, folder.unread), (3, 2));
    let of = |filter| {
        let page = list(&store, folder.id, filter);
        assert_eq!(page.total as usize, page.rows.len());
        page.rows.into_iter().map(|row| row.id.0).collect::<Vec<_>>()
    };
    assert_eq!((of(Filter::Flagged), of(Filter::Customers), of(Filter::Unread)), (vec![2], vec![3], vec![3, 2]));
    assert_eq!(store.raw(MessageId(2)).unwrap().unwrap(), b"raw 2");
    // The index is made anew in the background.
    let find = |query: &str| {
        let page = store.search(&SearchQuery { query: query.into(), limit: 9, ..SearchQuery::default() }).unwrap();
        page.rows.into_iter().map(|row| row.id.0).collect::<Vec<_>>()
    };
    let begun = Instant::now();
    while find("nummer1 ").is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(find("brodrene company:nord subject:åpning"), [3, 2, 1]);
    assert_eq!(find("is:archived"), [2]);
    // What names mails names the same ones.
    let local = rusqlite::Connection::open(profile.path().join("local.db")).unwrap();
    let named: (i64, i64) = local
        .query_row("SELECT (SELECT message FROM operation), (SELECT message FROM draft)", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(named, (2, 3));
    // And all goes on: the old bodies go with their mails.
    assert_eq!(store.vanished(folder.id, &[2]).unwrap(), 1);
    store.messages_insert(AccountId(1), folder.id, vec![mail(9, NOW, "ny")]).unwrap();
    assert_eq!(of(Filter::All).len(), 3);
    assert!(find("nummer2 ").is_empty());
}
