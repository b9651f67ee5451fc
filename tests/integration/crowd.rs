//! More folders than anybody looks at, and names that nobody would give.

use crate::{
    kit::Person,
    mailbox::{Mailbox, until},
};
use clientele_api::{Api, handle, view::Empty};
use clientele_engine::State;
use clientele_tests::world::Stored;
use std::{
    os::unix::{ffi::OsStrExt as _, fs::chown},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// CLIENTELE_FOLDERS: ten thousand in the long runs, which take Dovecot's disk some minutes.
fn folders() -> usize {
    std::env::var("CLIENTELE_FOLDERS").ok().and_then(|text| text.parse().ok()).unwrap_or(1500)
}

fn maildir(person: &Person) -> PathBuf {
    person.world.dir().join("mail").join(&person.email).join("Maildir")
}

/// Folders as they lie on Dovecot's disk: much faster than CREATE.
fn make(maildir: &Path, names: impl Iterator<Item = Vec<u8>>) {
    use std::os::unix::fs::MetadataExt as _;
    let owner = std::fs::metadata(maildir).unwrap();
    for name in names {
        let folder = maildir.join(std::ffi::OsStr::from_bytes(&[b".", name.as_slice()].concat()));
        std::fs::create_dir_all(folder.join("cur")).unwrap();
        for path in [folder.join("cur"), folder.join("new"), folder.join("tmp"), folder] {
            std::fs::create_dir_all(&path).unwrap();
            chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
    }
}

fn one(folder: &str, number: i64) -> Stored {
    let raw = format!("Subject: In {folder}\r\nMessage-ID: <c{number}@crowd.example>\r\n\r\nx\r\n").into_bytes();
    Stored { folder: folder.into(), raw, received: 1_790_000_000, seen: false, answered: false, flagged: false }
}

/// Bytes that this process holds in memory.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_folders_are_listed_synced_and_shown() {
    let count = folders();
    let person = Person::new();
    person.world.store(&person.email, &[one("INBOX", 0)]).unwrap();
    make(&maildir(&person), (0..count).map(|n| format!("F{:03}.Project {n}", n / 100).into_bytes()));
    // Folders that came behind Dovecot's back cost its first command a hundredth of a second each, in silence: that is no server
    // that anybody has.
    person.world.doveadm(&["mailbox", "list", "-u", &person.email]).unwrap();
    let (middle, last) = (count / 2, count - 1);
    let named = [middle, last].map(|n| format!("F{:03}/Project {n}", n / 100));
    person.world.store(&person.email, &[one(&named[0], 1), one(&named[1], 2)]).unwrap();
    let mailbox = Mailbox::straight(person).await;
    let (before, begun) = (memory(), Instant::now());
    assert_eq!(mailbox.sync().await.unwrap(), 3);
    let first = begun.elapsed();
    let begun = Instant::now();
    assert_eq!(mailbox.sync().await.unwrap(), 0);
    let again = begun.elapsed();
    let grown = memory().saturating_sub(before) >> 20;

    let api = Api::new(mailbox.engine.clone(), Api::viewer_of(&mailbox.engine, None));
    let begun = Instant::now();
    let shown = handle::folder_list(&api, Empty {}).await.unwrap();
    let listed = begun.elapsed();
    println!("{count} folders: first sync {first:?}, again {again:?}, list {listed:?}, {grown} MB more");
    assert!(shown.len() > count, "{} folders", shown.len());
    // What Dovecot's own disk takes grows with them.
    let many = u32::try_from(count / 1500).unwrap().max(1);
    assert!(first < Duration::from_secs(60) * many && again < Duration::from_secs(20) * many, "{first:?}, {again:?}");
    assert!(listed < Duration::from_millis(500), "{listed:?}");
    assert!(grown < 150, "{grown} MB");
    for name in &named {
        let folders = mailbox.folders().await;
        assert_eq!(mailbox.rows(Mailbox::folder(&folders, name)).await.len(), 1, "{name}");
    }
    mailbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_a_strange_name_stops_no_other() {
    let person = Person::new();
    person.world.store(&person.email, &[one("INBOX", 0), one("Kunder", 1)]).unwrap();
    let names: Vec<Vec<u8>> = vec![
        b"&Jjo".to_vec(),
        b"&Jjo!-".to_vec(),
        b"R&D".to_vec(),
        b"inbox".to_vec(),
        b"INBOX".to_vec(),
        b"Inbox.sub".to_vec(),
        b"NIL".to_vec(),
        b"with \"quotes\" and \\ back".to_vec(),
        b"(paren) {12} %*".to_vec(),
        b"tab\there".to_vec(),
        b"line\nfeed".to_vec(),
        b"bell\x07".to_vec(),
        b"\xff\xfe".to_vec(),
        "Ærlig talt".as_bytes().to_vec(),
        b"&AMY-rlig".to_vec(),
        b"&IC4-moc.exe".to_vec(),
        vec![b'l'; 240],
        b"~etc~passwd".to_vec(),
        b"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z".to_vec(),
        b" leading and trailing ".to_vec(),
        b"Sent".to_vec(),
    ];
    make(&maildir(&person), names.into_iter());
    let mut mailbox = Mailbox::straight(person).await;
    let seen = async |mailbox: &Mailbox| {
        let folders = mailbox.folders().await;
        (folders.len(), mailbox.rows(Mailbox::folder(&folders, "Kunder")).await.len(), mailbox.inbox().await.len())
    };
    // Dovecot lists some that it then does not know.
    assert_eq!(mailbox.sync().await.unwrap(), 2);
    assert_eq!(mailbox.sync().await.unwrap(), 0);
    let (count, kunder, inbox) = seen(&mailbox).await;
    assert!(count > 20, "{count}");
    assert_eq!((kunder, inbox), (1, 1));
    for folder in mailbox.folders().await {
        let hidden = |letter: char| letter.is_control() || letter == '\u{202e}';
        assert!(!folder.path.contains(hidden) && !folder.name.contains(hidden), "{folder:?}");
    }
    // Nor do they keep the inbox from being listened to.
    mailbox.again(true).await;
    until("IDLE", Duration::from_secs(20), async || mailbox.engine.accounts().await.unwrap()[0].1.state == State::Idle)
        .await;
    mailbox.person.receive("anna@kunde.example", "by IDLE");
    until("mail by IDLE", Duration::from_secs(15), async || mailbox.inbox().await.len() == 2).await;
    mailbox.stop().await;
}
