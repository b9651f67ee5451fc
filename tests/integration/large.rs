//! Attachments that are too large to be fetched with their mail.

use crate::kit::{Person, files, until};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clientele_tests::world::{PASSWORD, Stored};
use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    path::PathBuf,
    process::Child,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

/// Counts what the server says, takes its time where asked to, and cuts the connection once.
#[derive(Clone, Default)]
struct Road {
    port: u16,
    came: Arc<AtomicU64>,
    /// Milliseconds for each 64 KB.
    slow: Arc<AtomicU64>,
    /// Cut after so many bytes more; below zero: not any more.
    cut: Arc<AtomicI64>,
}

impl Road {
    fn to(server: u16) -> Road {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let road = Road { port, cut: Arc::new(AtomicI64::new(-1)), ..Road::default() };
        let ours = road.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                let (mut up, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut up, &mut to);
                    let _ = to.shutdown(Shutdown::Both);
                });
                let ours = ours.clone();
                std::thread::spawn(move || ours.down(server, client));
            }
        });
        road
    }

    fn down(&self, mut server: TcpStream, mut client: TcpStream) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = server.read(&mut buffer) {
            self.came.fetch_add(count as u64, Ordering::SeqCst);
            let left = self.cut.fetch_sub(count as i64, Ordering::SeqCst) - count as i64;
            if (-(count as i64)..=0).contains(&left) || client.write_all(&buffer[..count]).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(self.slow.load(Ordering::SeqCst)));
        }
        let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
    }

    /// Bytes since this was last asked.
    fn came(&self) -> u64 {
        self.came.swap(0, Ordering::SeqCst)
    }
}

const MEGABYTE: u64 = 1 << 20;

/// Bytes that no packing makes smaller.
pub fn film(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

pub fn letter(to: &str, film: &[u8]) -> Vec<u8> {
    let encoded = STANDARD.encode(film);
    let mut raw = format!(
        "From: ola@fjord.example\r\nTo: {to}\r\nSubject: The film\r\nMessage-ID: <film@fjord.example>\r\n\
         Date: Sun, 22 Nov 2026 08:00:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"cut here\"\r\n\r\n\
         --cut here\r\nContent-Type: multipart/alternative; boundary=alt\r\n\r\n\
         --alt\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee you at the fjellheisen.\r\n\
         --alt\r\nContent-Type: text/html\r\n\r\n<p>See you at the <b>fjellheisen</b>.</p>\r\n--alt--\r\n\r\n\
         --cut here\r\nContent-Type: video/mp4; name=\"film.mp4\"\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"film.mp4\"\r\n\r\n"
    );
    for line in encoded.as_bytes().chunks(76) {
        raw.push_str(std::str::from_utf8(line).unwrap());
        raw.push_str("\r\n");
    }
    raw.push_str(
        "--cut here\r\nContent-Type: text/csv; name=small.csv\r\nContent-Disposition: attachment; filename=small.csv\r\n\r\n\
         a;b\r\n--cut here--\r\n",
    );
    raw.into_bytes()
}

/// Somebody with such a mail, synced through the road.
fn with_film(megabytes: usize) -> (Person, Road, Vec<u8>, Vec<u8>, String) {
    let person = Person::new();
    let road = Road::to(person.world.ports().imap_plain);
    let film = film(megabytes << 20);
    let raw = letter(&person.email, &film);
    let received = jiff::Timestamp::now().as_second() - 3600;
    let stored =
        Stored { folder: "INBOX".into(), raw: raw.clone(), received, seen: false, answered: false, flagged: false };
    person.world.store(&person.email, &[stored]).unwrap();
    let smtps = format!("localhost:{}", person.world.ports().smtps);
    person.add(&format!("127.0.0.1:{}", road.port), "none", &smtps, "tls", PASSWORD).ok();
    road.came();
    person.run(&["sync"]).ok();
    let id = person.find("The film");
    (person, road, film, raw, id)
}

/// Files in the profile that hold parts of mails.
fn kept(person: &Person) -> Vec<PathBuf> {
    let folder = person.profile().join("parts");
    if folder.is_dir() { files(&folder) } else { Vec::new() }
}

/// The most memory that a process has had, in bytes.
fn peak(child: &mut Child) -> u64 {
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        most = most.max(line.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024);
        std::thread::sleep(Duration::from_millis(2));
    }
    most
}

#[test]
fn a_large_attachment_stays_on_the_server_until_it_is_asked_for() {
    let (person, road, film, raw, id) = with_film(48);
    let came = road.came();
    assert!(came < 2 * MEGABYTE, "{came} bytes for a mail of which the text is wanted");

    // Readable, searchable and listed at once.
    assert!(person.run(&["show", &id, "--as", "text"]).ok().json()["text"].as_str().unwrap().contains("fjellheisen"));
    assert_eq!(person.run(&["search", "fjellheisen"]).ok().json()["rows"][0]["id"], id);
    assert_eq!(person.run(&["search", "film.mp4"]).ok().json()["rows"][0]["id"], id);
    let shown = person.run(&["show", &id, "--as", "json"]).ok().json().to_string();
    assert!(shown.contains("film.mp4") && shown.contains("small.csv"), "{shown}");
    let row = &person.list(&[])[0];
    assert_eq!((&row["partial"], &row["attachments"]), (&false.into(), &2.into()), "{row}");
    let (small, large) = (person.folder.path().join("small"), person.folder.path().join("large"));
    person.run(&["save", &id, "5", "--to", small.to_str().unwrap()]).ok();
    assert_eq!(std::fs::read(&small).unwrap(), b"a;b");
    assert!(road.came() < MEGABYTE, "none of it needed the film");

    // Asked for, it comes, and takes no more memory than any mail.
    let mut child = person.spawn(&["save", &id, "4", "--to", large.to_str().unwrap()]);
    let most = peak(&mut child);
    assert!(child.wait().unwrap().success());
    assert!(std::fs::read(&large).unwrap() == film, "other bytes than were sent");
    // Unlocking the password takes most of what any command takes.
    let usual = peak(&mut person.spawn(&["sync"]));
    assert!(most < usual + film.len() as u64 / 3, "{most} bytes of memory, {usual} without the film");
    let came = road.came();
    assert!((64 * MEGABYTE..68 * MEGABYTE).contains(&came), "{came}");
    assert_eq!(kept(&person).len(), 1, "only the decoded file is left");

    // Once.
    let again = person.folder.path().join("again");
    person.run(&["save", &id, "4", "--to", again.to_str().unwrap()]).ok();
    assert!(std::fs::read(&again).unwrap() == film && road.came() < MEGABYTE);

    // The whole mail, byte for byte.
    let source = person.run(&["show", &id, "--as", "source"]).ok().json();
    assert!(source["source"].as_str().unwrap().as_bytes() == raw, "another mail than was sent");

    person.run(&["account", "remove", &person.email]).ok();
    assert!(kept(&person).is_empty(), "gone with its account");
}

#[test]
fn a_large_attachment_goes_on_where_it_was_cut_off() {
    let (person, road, film, _, id) = with_film(24);
    let large = person.folder.path().join("large");
    let save = ["save", &id, "4", "--to", large.to_str().unwrap()];
    road.came();
    // The connection dies in the middle, then the program does.
    road.cut.store(5 * MEGABYTE as i64, Ordering::SeqCst);
    road.slow.store(5, Ordering::SeqCst);
    let mut child = person.spawn(&save);
    let there = || kept(&person).first().and_then(|file| file.metadata().ok()).map_or(0, |meta| meta.len());
    until("half of it", || there() > 12 * MEGABYTE);
    child.kill().unwrap();
    child.wait().unwrap();
    let before = there();
    assert!(!large.exists(), "half a file is none");

    road.slow.store(0, Ordering::SeqCst);
    let first = road.came();
    person.run(&save).ok();
    let second = road.came();
    assert!(std::fs::read(&large).unwrap() == film, "other bytes than were sent");
    let encoded = film.len() as u64 * 78 / 57;
    assert!(first + second < encoded + 6 * MEGABYTE, "{first} and {second} of {encoded}");
    assert!(second < encoded - before + 2 * MEGABYTE, "what was there came again: {second}");
}

/// An attachment that is forwarded is forwarded whole.
#[test]
fn a_large_attachment_is_forwarded_with_its_mail() {
    let (person, _, film, _, id) = with_film(8);
    let reader = Person::new();
    person.run_with(&["send", "--forward", &id, "--to", &reader.email], "Look.").ok();
    until("delivery", || reader.count("mailbox INBOX all") == 1);
    let text = person.world.fetch(&reader.email, "body", "mailbox INBOX all").unwrap();
    let letters: String = text.lines().collect();
    let wanted = STANDARD.encode(&film);
    assert!(letters.contains(&wanted[..wanted.len() - 4]), "without the film");
}
