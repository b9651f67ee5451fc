//! Profiles of every version of both databases, and what a crash between their migrations leaves: every row is taken along,
//! and what names a mail still names that mail.

use crate::*;
use clientele_store::StoreError;
use std::path::{Path, PathBuf};

/// The numbered files of one database, oldest first.
fn sql(name: &str) -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/sql");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(name))
        .collect();
    files.sort();
    files.into_iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

const ID: i64 = NOW << 20;

/// What the first version could hold, in every table of `local.db`.
const LOCAL_ROWS: &str = r#"
    INSERT INTO account (id, email, name, incoming, incoming_user, outgoing, outgoing_user, days)
        VALUES (1, 'kari@fjord.example', 'Kari', '{"host":"mail.fjord.example","port":993,"security":"tls"}', 'kari',
            '{"host":"mail.fjord.example","port":465,"security":"tls"}', 'kari', 90);
    INSERT INTO setting VALUES ('ui.theme', 'dark');
    INSERT INTO operation (account, message, message_id, subject, kind, flag, is_on, path, uid_validity, uid, next_try, since)
        VALUES (1, :2, '2@nord.example', 'Two', 'flag', 'flagged', 1, 'INBOX', 7, 2, 5, 5);
    INSERT INTO operation (account, message, message_id, subject, kind, path, uid_validity, uid, to_path, state, code,
            detail, attempts, next_try, since)
        VALUES (1, :3, '3@nord.example', 'Three', 'move', 'INBOX', 7, 3, 'Archive', 'failed', 'server_refused', 'No.', 3, 5, 5);
    INSERT INTO operation (account, message, message_id, subject, kind, path, uid_validity, uid, next_try, since)
        VALUES (1, :1, '1@nord.example', 'One', 'expunge', 'INBOX', 7, 1, 5, 5);
    INSERT INTO draft (id, account, kind, message, in_reply_to, refs, recipients, subject, body, quote, saved)
        VALUES (4, 1, 'reply', :2, '2@nord.example', '["1@nord.example"]',
            '{"to":[{"name":"Ola","email":"ola@nord.example"}],"cc":[],"bcc":[]}', 'Sv: Two', 'Half a', '> Two', 9);
    INSERT INTO draft_attachment (draft, name, mime, size, content) VALUES (4, 'tilbud.pdf', 'application/pdf', 3, CAST('pdf' AS BLOB));
    INSERT INTO outbox (id, account, message_id, sender, recipients, shown_to, subject, archive, reply, reply_kind, state,
            detail, next_try, queued, raw, raw_sent)
        VALUES (5, 1, 'out@fjord.example', 'kari@fjord.example', '["ola@nord.example"]', '[]', 'Sendt', '[]', :3, 'reply',
            'held', 'who knows', 9, 9, CAST('raw' AS BLOB), CAST('raw sent' AS BLOB));
    INSERT INTO archive (account, message_id, records, state, activity, by, date, next_try)
        VALUES (1, '2@nord.example', '[]', 'done', '9', 'kari', 1, 1);
    INSERT INTO archive (account, message_id, records, state, by, date, next_try)
        VALUES (1, '3@nord.example', '[]', 'queued', 'kari', 1, 1);
"#;

const MAIL_ROWS: &str = r#"
    INSERT INTO mail.folder (id, account, path, name, server_name, role, selectable, uid_validity, uid_next)
        VALUES (4, 1, 'INBOX', 'INBOX', 'INBOX', 'inbox', 1, 7, 4), (6, 1, 'Archive', 'Archive', 'Archive', 'done', 1, 8, 1);
    INSERT INTO mail.correspondent (id, email, name, uses, last) VALUES (1, 'ola@nord.example', 'Ola', 3, 5);
    INSERT INTO mail.correspondent_word VALUES ('ola', 1);
    INSERT INTO mail.thread VALUES (1);
    INSERT INTO mail.thread_ref VALUES (1, '1@nord.example', 1);
"#;

/// A profile whose `local.db` and `mail.db` are of these versions. Mail 0: there is none.
fn profile_of(profile: &Path, local: usize, mail: usize) {
    let db = rusqlite::Connection::open(profile.join("local.db")).unwrap();
    db.execute("ATTACH DATABASE ? AS mail", [profile.join("mail.db").to_str().unwrap()]).unwrap();
    let step = |schema: &str, number: usize, text: &str| {
        db.execute_batch(text).unwrap_or_else(|error| panic!("{schema} {number}: {error}"));
        db.execute_batch(&format!("PRAGMA {schema}.user_version = {number}")).unwrap();
    };
    for (number, text) in sql("mail_").iter().enumerate().take(mail) {
        step("mail", number + 1, text);
        if number == 0 {
            db.execute_batch(MAIL_ROWS).unwrap();
            for n in 1..=3i64 {
                db.execute(
                    r#"INSERT INTO mail.message (id, account, folder, uid, thread, date, size, message_id, in_reply_to, refs,
                        subject, from_name, from_email, to_json, others, preview, seen, flagged, answered, forwarded, draft,
                        deleted, attachments, attachment_count, has_html, has_text, partial)
                    VALUES (?1, 1, 4, ?2, ?2, ?3, 9, ?2 || '@nord.example', '[]', '[]', 'Mail ' || ?2, 'Ola',
                        'ola@nord.example', '[]', '{"cc":[],"bcc":[],"reply_to":[]}', '', ?2 = 1, ?2 = 2, 0, 0, 0, 0, '[]',
                        0, 0, 1, 0)"#,
                    [ID + n, n, NOW],
                )
                .unwrap();
                let packed = |text: String| zstd::encode_all(text.as_bytes(), 3).unwrap();
                db.execute(
                    "INSERT INTO mail.body (message, raw, text) VALUES (?, ?, ?)",
                    rusqlite::params![ID + n, packed(format!("raw {n}")), packed(format!("word{n}"))],
                )
                .unwrap();
            }
        }
    }
    for (number, text) in sql("local_").iter().enumerate().take(local) {
        step("main", number + 1, text);
        if number == 0 {
            let rows =
                (1..=3).fold(LOCAL_ROWS.to_owned(), |rows, n| rows.replace(&format!(":{n}"), &(ID + n).to_string()));
            db.execute_batch(&rows).unwrap();
        }
        if number == 1 {
            db.execute("INSERT INTO certificate VALUES ('mail.fjord.example', 993, zeroblob(32))", []).unwrap();
        }
        if number == 4 {
            db.execute_batch(
                "INSERT INTO crm_link (id, kind, place, config, name, user, user_name, email, connected)
                     VALUES (3, 'tryton', 'there', '{}', 'Tryton', '1', 'Kari', '', 1);
                 UPDATE archive SET link = 3;",
            )
            .unwrap();
        }
        if number == 5 {
            db.execute("INSERT INTO rule (name, since, conditions) VALUES ('Nord', 5, '{}')", []).unwrap();
        }
    }
    drop(db);
    if mail == 0 {
        std::fs::remove_file(profile.join("mail.db")).unwrap();
    }
}

fn look(profile: &Path, local: usize, mail: usize) {
    let of = format!("local.db {local}, mail.db {mail}");
    let (store, opened) = Store::open(profile).unwrap_or_else(|error| panic!("{of}: {error}"));
    assert_eq!(opened.mail_set_aside, None, "{of}");
    let account = store.accounts().unwrap();
    assert_eq!((account.len(), account[0].email.as_str(), account[0].days), (1, "kari@fjord.example", 90), "{of}");
    assert_eq!(store.setting("ui.theme").unwrap().as_deref(), Some("dark"), "{of}");
    assert_eq!(store.certificates().unwrap().len(), usize::from(local >= 2), "{of}");
    let named = |id: MessageId| store.row(id).map(|row| row.message_id).ok();
    let two = (mail > 0).then(|| "2@nord.example".to_owned());

    let draft = store.drafts().unwrap().remove(0);
    assert_eq!((draft.subject.as_str(), draft.body.as_str(), draft.to.len()), ("Sv: Two", "Half a", 1), "{of}");
    assert_eq!(draft.answered, "2@nord.example", "{of}");
    assert_eq!(named(draft.message.unwrap()), two, "{of}: the mail that is answered");
    let attached = store.draft_attachments(draft.id).unwrap();
    assert_eq!(store.draft_attachment_content(attached[0].id).unwrap(), b"pdf", "{of}");

    let out = store.outbox().unwrap().remove(0);
    assert_eq!((out.subject.as_str(), out.detail.as_str()), ("Sendt", "who knows"), "{of}");
    // What was to be archived, and by which rules, was of the CRM that was in use.
    assert_eq!(out.link, if local >= 5 { 3 } else { 0 }, "{of}");
    let rules = store.rules().unwrap();
    assert_eq!(rules.iter().map(|rule| rule.link).collect::<Vec<_>>(), vec![3; usize::from(local >= 6)], "{of}");
    assert_eq!(store.outbox_raw_sent(out.id).unwrap(), b"raw sent", "{of}");
    assert_eq!(named(out.reply.unwrap().0), (mail > 0).then(|| "3@nord.example".to_owned()), "{of}");

    assert_eq!(store.archives_queued().unwrap(), 1, "{of}");
    assert!(store.archived("2@nord.example").unwrap().is_some(), "{of}");
    let refused = store.operations_refused().unwrap();
    assert_eq!((refused.len(), refused[0].subject.as_str()), (1, "Three"), "{of}");
    assert_eq!(store.operations_queued(AccountId(1)).unwrap(), 2, "{of}");

    if mail > 0 {
        // As a person left them: the first is removed, the third filed, and the server has yet to hear of it.
        for (role, n, unread) in [(FolderRole::Inbox, 2, 1), (FolderRole::Done, 3, 1)] {
            let folder = store.folder_by_role(AccountId(1), role).unwrap().unwrap();
            assert_eq!((folder.total, folder.unread), (1, unread), "{of}: {role:?}");
            let row = list(&store, folder.id, Filter::All).rows.remove(0);
            assert_eq!(row.message_id, format!("{n}@nord.example"), "{of}");
            assert_eq!(store.raw(row.id).unwrap().unwrap(), format!("raw {n}").as_bytes(), "{of}");
        }
        assert_eq!(store.correspondents("ola", 5).unwrap().len(), 1, "{of}");
        let due: Vec<_> = std::iter::from_fn(|| store.operation_next(AccountId(1), NOW).unwrap()).collect();
        assert_eq!(due.len(), 2, "{of}");
        for operation in due {
            let raw = format!("raw {}", &operation.message_id[..1]);
            assert_eq!(store.raw(operation.message).unwrap().unwrap(), raw.as_bytes(), "{of}: {operation:?}");
        }
    }
}

#[test]
fn every_version_is_taken_along_whole() {
    let (locals, mails) = (sql("local_").len(), sql("mail_").len());
    let mut tried = 0;
    for local in 1..=locals {
        for mail in 0..=mails {
            // The fourth of local.db comes after the fourth of mail.db, always.
            if local >= 4 && (1..4).contains(&mail) {
                continue;
            }
            if local >= 4 && mail == 0 {
                continue;
            }
            let profile = TempDir::new().unwrap();
            profile_of(profile.path(), local, mail);
            look(profile.path(), local, mail);
            tried += 1;
            // And once more, as any start.
            if (local, mail) == (1, 1) {
                assert!(Store::open(profile.path()).is_ok());
            }
        }
    }
    println!("{tried} profiles of {locals} and {mails} versions");
}

/// An older program leaves a newer profile alone.
#[test]
fn a_profile_of_a_later_version_is_refused_and_kept() {
    for schema in ["local.db", "mail.db"] {
        let profile = TempDir::new().unwrap();
        drop(Store::open(profile.path()).unwrap());
        let db = rusqlite::Connection::open(profile.path().join(schema)).unwrap();
        db.execute_batch("PRAGMA user_version = 999; CREATE TABLE later (x); INSERT INTO later VALUES (1);").unwrap();
        drop(db);
        let refused = Store::open(profile.path()).map(|_| ());
        assert!(matches!(refused, Err(StoreError::Version { found: 999, .. })), "{schema}: {refused:?}");
        let db = rusqlite::Connection::open(profile.path().join(schema)).unwrap();
        assert_eq!(db.query_row("SELECT count(*) FROM later", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    }
}
