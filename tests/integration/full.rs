//! A disk that is really full: what cannot be kept is refused with a code, what was kept is there, and all goes on by itself
//! when there is room.

use crate::{
    kit::Person,
    mailbox::{Mailbox, until},
};
use clientele_engine::{Begin, EngineError, RoomConfig, State, crm::NewPerson};
use clientele_model::{Action, Address, Security};
use clientele_tests::world::Stored;
use rand::{RngCore as _, SeedableRng as _, rngs::StdRng};
use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// A disk of some megabytes in the profile's place.
struct Disk(PathBuf);

impl Disk {
    /// None where this user may not mount.
    fn new(place: PathBuf, megabytes: u32) -> Option<Disk> {
        std::fs::create_dir_all(&place).unwrap();
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&place).output().ok()?;
        mounted.status.success().then_some(Disk(place))
    }

    fn grow(&self, megabytes: u32) {
        let size = format!("remount,size={megabytes}m");
        assert!(Command::new("mount").args(["-o", &size]).arg(&self.0).status().unwrap().success());
    }

    /// Takes what is left, to the last byte.
    fn fill(&self) {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(self.0.join("ballast")).unwrap();
        for size in [65_536, 1024, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Mails whose bytes cannot be made fewer.
fn incompressible(person: &Person, count: usize) {
    let mut random = StdRng::seed_from_u64(9);
    let now = jiff::Timestamp::now().as_second();
    let mails: Vec<Stored> = (0..count)
        .map(|number| {
            let mut raw = format!(
                "From: Anna <anna@kunde.example>\r\nSubject: Large {number}\r\nMessage-ID: <f{number}@full.example>\r\n\
                 MIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=x.bin\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n"
            );
            for _ in 0..2500 {
                let mut bytes = [0; 57];
                random.fill_bytes(&mut bytes);
                let _ = write!(raw, "{}\r\n", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes));
            }
            Stored {
                folder: "INBOX".into(),
                raw: raw.into_bytes(),
                received: now - 1000 + number as i64,
                seen: false,
                answered: false,
                flagged: false,
            }
        })
        .collect();
    person.world.store(&person.email, &mails).unwrap();
}

/// Done, or refused for want of room and for nothing else.
#[track_caller]
fn done<T>(what: &str, result: Result<T, EngineError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            assert_eq!(error.code(), "disk_full", "{what}: {error:?}");
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_with_a_code_loses_nothing_and_goes_on_by_itself() {
    const MAILS: usize = 70;
    let (person, reader) = (Person::new(), Person::new());
    let Some(disk) = Disk::new(person.profile(), 10) else {
        eprintln!("this user may not mount a small disk: not tried");
        return;
    };
    incompressible(&person, MAILS);
    let port = person.world.ports().imaps;
    let room = RoomConfig { least: 0, every: Duration::from_millis(200), free: None };
    let mut mailbox = Mailbox::with(person, port, Security::Tls, |config| config.room = room.clone()).await;

    // The first sync, into a disk that is too small for it.
    let error = mailbox.sync().await.unwrap_err();
    assert_eq!(error.code(), "disk_full", "{error:?}");
    let here = mailbox.inbox().await;
    println!("{} of {MAILS} mails fit", here.len());
    assert!(here.len() > 5 && here.len() < MAILS);
    // One megabyte more, and that taken by others.
    disk.grow(11);
    disk.fill();
    assert_eq!(mailbox.sync().await.unwrap_err().code(), "disk_full");

    // What a person does meanwhile is kept or refused. There is room for some of it.
    let ballast = std::fs::OpenOptions::new().write(true).open(disk.0.join("ballast")).unwrap();
    ballast.set_len(ballast.metadata().unwrap().len() - 400_000).unwrap();
    let engine = &mailbox.engine;
    let mut flagged = Vec::new();
    for row in here.iter().take(8) {
        if done("flag", engine.operate(vec![row.id], Action::Flag).await).is_some() {
            flagged.push(row.message_id.clone());
        }
    }
    let mut drafts = 0;
    let mut queued = 0;
    for number in 0..6 {
        let Some(written) = done("draft", engine.draft_new(Begin::New { mailto: None }).await) else { continue };
        drafts += 1;
        let mut draft = written.draft;
        let id = draft.id;
        draft.to = vec![Address { name: String::new(), email: reader.email.clone() }];
        draft.subject = format!("out {number}");
        draft.body = "x".repeat(20_000);
        if done("save", engine.draft_save(draft).await).is_some()
            && done("send", engine.send(id, Vec::new()).await).is_some()
        {
            queued += 1;
            drafts -= 1;
        }
    }
    let anna = NewPerson { name: "Anna".into(), email: "anna@kunde.example".into(), ..NewPerson::default() };
    done("person", engine.person_create(anna).await);
    assert!(!flagged.is_empty() && queued < 6, "{} flags, {queued} mails: neither room nor none", flagged.len());
    println!("while full: {} flags, {drafts} drafts, {queued} mails kept", flagged.len());

    // The program may end and start on a full disk; it says why it does nothing.
    let started = mailbox.try_again(true).await;
    if done("start", started).is_some() {
        until("the account says why", Duration::from_secs(15), async || {
            mailbox.engine.accounts().await.unwrap()[0].1.code.as_deref() == Some("disk_full")
        })
        .await;
        assert_eq!(mailbox.engine.accounts().await.unwrap()[0].1.state, State::Failed);
        std::fs::remove_file(disk.0.join("ballast")).unwrap();
        disk.grow(200);
    } else {
        std::fs::remove_file(disk.0.join("ballast")).unwrap();
        disk.grow(200);
        mailbox.try_again(true).await.unwrap();
    }
    // Nobody asks: there is room, and it goes on.
    until("the rest of the mail", Duration::from_secs(30), async || mailbox.inbox().await.len() == MAILS).await;
    until("what was queued", Duration::from_secs(20), async || mailbox.engine.outbox().await.unwrap().is_empty()).await;
    mailbox.again(false).await;
    mailbox.settle().await;
    let places = mailbox.agreed().await;
    assert_eq!(places.values().flatten().filter(|place| place.folder == "INBOX").count(), MAILS);
    assert!(places.values().all(|places| places.len() == 1), "nothing is doubled");
    for id in &flagged {
        assert!(places[id][0].flags.contains("\\Flagged"), "{id}");
    }
    assert_eq!(reader.count("mailbox INBOX all"), queued, "each mail once");
    assert_eq!(mailbox.engine.drafts().await.unwrap().len(), drafts);
    sound(&mailbox.person.profile());
    mailbox.stop().await;
    drop(disk);
}

/// Every page and index.
fn sound(profile: &Path) {
    for name in ["mail.db", "local.db", "crm.db"] {
        let db = rusqlite::Connection::open(profile.join(name)).unwrap();
        let said: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(said, "ok", "{name}");
    }
}
