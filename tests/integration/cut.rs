//! Connections that die at the worst moment.

use crate::kit::{Person, until};
use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

/// Where the proxy lets the connection die.
pub const PASS: u8 = 0;
/// The mail reaches the server, its answer does not reach the client.
pub const CUT_ANSWER: u8 = 1;
/// The end of the mail never reaches the server.
pub const CUT_MAIL: u8 = 2;
/// Everything passes, slowly: for who is killed meanwhile.
pub const SLOW: u8 = 3;

/// A proxy in front of the SMTP port without TLS. Gives its port.
pub fn proxy(server: u16, mode: Arc<AtomicU8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
            let mode = mode.load(Ordering::SeqCst);
            std::thread::spawn(move || pass(client, server, mode));
        }
    });
    port
}

fn pass(client: TcpStream, server: TcpStream, mode: u8) {
    let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let answers = std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from_server.read(&mut buffer) {
            if mode == SLOW {
                std::thread::sleep(Duration::from_millis(40));
            }
            if to_client.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let (mut from_client, mut to_server) = (client, server);
    let (mut buffer, mut tail) = ([0; 4096], Vec::new());
    while let Ok(count @ 1..) = from_client.read(&mut buffer) {
        let piece = &buffer[..count];
        tail.extend_from_slice(piece);
        if tail.ends_with(b"\r\n.\r\n") && (mode == CUT_ANSWER || mode == CUT_MAIL) {
            if mode == CUT_ANSWER {
                let _ = from_client.shutdown(Shutdown::Both);
                let _ = to_server.write_all(piece);
                // Time for the server to take it; then it may hang up as it likes.
                std::thread::sleep(Duration::from_millis(500));
            }
            let _ = from_client.shutdown(Shutdown::Both);
            break;
        }
        if tail.len() > 64 {
            tail.drain(..tail.len() - 16);
        }
        if mode == SLOW {
            std::thread::sleep(Duration::from_millis(40));
        }
        if to_server.write_all(piece).is_err() {
            break;
        }
    }
    let _ = to_server.shutdown(Shutdown::Both);
    let _ = answers.join();
}

#[test]
fn an_answer_that_is_lost_leaves_the_mail_held_and_delivered_once() {
    let (person, reader) = (Person::new(), Person::new());
    let mode = Arc::new(AtomicU8::new(PASS));
    let port = proxy(person.world.ports().smtp_plain, mode.clone());
    person.connect(&format!("127.0.0.1:{port}"), "none").ok();
    person.run(&["sync"]).ok();

    mode.store(CUT_ANSWER, Ordering::SeqCst);
    let ran = person.run_with(&["send", "--to", &reader.email, "--subject", "once"], "once");
    assert_eq!((ran.code, ran.json()["state"].as_str()), (7, Some("held")), "{ran:?}");
    until("delivery", || reader.count("mailbox INBOX all") == 1);

    // Nothing but a person's word sends it again.
    mode.store(PASS, Ordering::SeqCst);
    person.run(&["outbox", "run"]).ok();
    let outbox = person.run(&["outbox"]).ok().json();
    assert_eq!(outbox[0]["state"], "held", "{outbox}");
    assert_eq!(person.count("mailbox Sent all"), 0);

    person.run(&["outbox", "resolve", outbox[0]["id"].as_str().unwrap(), "was-sent"]).ok();
    assert_eq!(person.run(&["outbox"]).ok().json(), serde_json::json!([]));
    assert_eq!((person.count("mailbox Sent all"), reader.count("mailbox INBOX all")), (1, 1));
}

#[test]
fn a_held_mail_that_never_arrived_is_sent_once_more_when_a_person_says_so() {
    let (person, reader) = (Person::new(), Person::new());
    let mode = Arc::new(AtomicU8::new(PASS));
    let port = proxy(person.world.ports().smtp_plain, mode.clone());
    person.connect(&format!("127.0.0.1:{port}"), "none").ok();
    person.run(&["sync"]).ok();
    mode.store(CUT_MAIL, Ordering::SeqCst);
    let ran = person.run_with(&["send", "--to", &reader.email, "--subject", "again"], "again");
    assert_eq!(ran.json()["state"], "held", "{ran:?}");
    let id = ran.json()["id"].as_str().unwrap().to_owned();
    mode.store(PASS, Ordering::SeqCst);
    person.run(&["outbox", "resolve", &id, "retry"]).ok();
    until("delivery", || reader.count("mailbox INBOX all") == 1);
    assert_eq!((person.count("mailbox Sent all"), person.run(&["outbox"]).ok().json()), (1, serde_json::json!([])));
}

/// A mail to oneself that was taken lies in the inbox: nobody need be asked.
#[test]
fn a_held_mail_that_is_found_on_the_server_asks_nobody() {
    let person = Person::new();
    let mode = Arc::new(AtomicU8::new(PASS));
    let port = proxy(person.world.ports().smtp_plain, mode.clone());
    person.connect(&format!("127.0.0.1:{port}"), "none").ok();
    person.run(&["sync"]).ok();
    mode.store(CUT_ANSWER, Ordering::SeqCst);
    person.run_with(&["send", "--to", &person.email, "--subject", "to myself"], "x");
    until("delivery", || person.count("mailbox INBOX all") == 1);
    mode.store(PASS, Ordering::SeqCst);
    person.run(&["outbox", "run"]).ok();
    assert_eq!(person.run(&["outbox"]).ok().json(), serde_json::json!([]));
    assert_eq!((person.count("mailbox Sent all"), person.count("mailbox INBOX all")), (1, 1));
}
