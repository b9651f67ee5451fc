//! Servers that play tricks with STARTTLS (USENIX Security 2021, "NO STARTTLS"). What counts is what they heard.

use crate::{
    kit::{Person, world},
    wire::Wire,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clientele_tests::world::PASSWORD;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::{
    io::{BufRead as _, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trick {
    /// STARTTLS is not among what it offers, and no command it knows.
    Strips,
    /// It offers STARTTLS and says no to it.
    Refuses,
    /// IMAP only: one is signed in already, it says, so that STARTTLS is no longer allowed.
    Preauth,
    /// After its yes to STARTTLS, and before TLS, it says that the next commands have all succeeded.
    Injects,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Imap,
    Smtp,
}

/// Every byte, before TLS and inside it.
#[derive(Default)]
struct Heard {
    clear: Mutex<Vec<u8>>,
    protected: Mutex<Vec<u8>>,
}

/// A server that signs nobody in. Gives its port and what it hears.
fn hostile(protocol: Protocol, trick: Trick) -> (u16, Arc<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::<Heard>::default();
    let ours = heard.clone();
    let tls = crate::wire::tls(world().dir());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (heard, tls) = (ours.clone(), tls.clone());
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            std::thread::spawn(move || converse(stream, protocol, trick, &heard, tls));
        }
    });
    (port, heard)
}

fn converse(stream: TcpStream, protocol: Protocol, trick: Trick, heard: &Heard, tls: Arc<ServerConfig>) {
    let greeting = match (protocol, trick) {
        (Protocol::Imap, Trick::Preauth) => "* PREAUTH [CAPABILITY IMAP4rev1] welcome back\r\n",
        (Protocol::Imap, _) => "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] [ALERT] dial 555-0199\r\n",
        (Protocol::Smtp, _) => "220 hostile.example ESMTP\r\n",
    };
    if (&stream).write_all(greeting.as_bytes()).is_err() || !talk(&stream, protocol, trick, &heard.clear, true) {
        return;
    }
    let Ok(connection) = ServerConnection::new(tls) else { return };
    talk(StreamOwned::new(connection, stream), protocol, trick, &heard.protected, false);
}

/// Answers until the end, or until TLS is to begin: then it gives true.
fn talk(stream: impl Read + Write, protocol: Protocol, trick: Trick, heard: &Mutex<Vec<u8>>, clear: bool) -> bool {
    // One byte at a time: what comes after STARTTLS is not this loop's to read.
    let mut lines = BufReader::with_capacity(1, stream);
    loop {
        let mut line = Vec::new();
        match lines.read_until(b'\n', &mut line) {
            Ok(1..) => heard.lock().unwrap().extend_from_slice(&line),
            _ => return false,
        }
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        let (tag, verb) = match protocol {
            Protocol::Imap => line.split_once(' ').unwrap_or((&line, "")),
            Protocol::Smtp => ("", line.as_str()),
        };
        let verb = verb.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let offered = clear && trick != Trick::Strips;
        let starts = verb == "STARTTLS" && clear && trick == Trick::Injects;
        let answer = match (protocol, verb.as_str()) {
            (Protocol::Imap, "CAPABILITY") => {
                let starttls = if offered { " STARTTLS" } else { "" };
                format!("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN{starttls}\r\n{tag} OK done\r\n")
            }
            (Protocol::Imap, "STARTTLS") if starts => format!("{tag} OK begin\r\n{}", successes(tag)),
            (Protocol::Imap, "STARTTLS") => format!("{tag} BAD not here\r\n"),
            (Protocol::Imap, "LOGOUT") => format!("* BYE\r\n{tag} OK bye\r\n"),
            (Protocol::Imap, _) => format!("{tag} NO [AUTHENTICATIONFAILED] no\r\n"),
            (Protocol::Smtp, "EHLO") if offered => {
                "250-hostile.example\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n".into()
            }
            (Protocol::Smtp, "EHLO") => "250-hostile.example\r\n250 AUTH PLAIN LOGIN\r\n".into(),
            (Protocol::Smtp, "STARTTLS") if starts => {
                "220 begin\r\n250-hostile.example\r\n250 AUTH PLAIN\r\n235 signed in\r\n250 fine\r\n250 fine\r\n".into()
            }
            (Protocol::Smtp, "STARTTLS") => "454 not here\r\n".into(),
            (Protocol::Smtp, "QUIT") => "221 bye\r\n".into(),
            (Protocol::Smtp, _) => "535 5.7.8 no\r\n".into(),
        };
        if lines.get_mut().write_all(answer.as_bytes()).and_then(|()| lines.get_mut().flush()).is_err() {
            return false;
        }
        if starts {
            return true;
        }
    }
}

/// A yes to each of the next commands, whatever their tags count in.
fn successes(tag: &str) -> String {
    let digits = tag.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let (letters, number) = (&tag[..tag.len() - digits.len()], digits.parse::<u64>().unwrap_or(0));
    let width = digits.len();
    (1..9).fold(String::new(), |text, step| {
        text + &format!("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{letters}{:0width$} OK signed in\r\n", number + step)
    })
}

fn contains(heard: &[u8], words: &str) -> bool {
    heard.windows(words.len()).any(|window| window.eq_ignore_ascii_case(words.as_bytes()))
}

/// Neither the password nor anything that would carry it.
#[track_caller]
fn innocent(heard: &[u8], email: &str, what: &str) {
    let secrets = [PASSWORD.to_owned(), STANDARD.encode(PASSWORD), STANDARD.encode(format!("\0{email}\0{PASSWORD}"))];
    let said = String::from_utf8_lossy(heard);
    for secret in &secrets {
        assert!(!contains(heard, secret), "{what}: a secret was sent without TLS: {said}");
    }
    for verb in ["LOGIN ", "AUTHENTICATE", "AUTH ", email] {
        assert!(!contains(heard, verb), "{what}: {verb} was sent without TLS: {said}");
    }
}

#[test]
fn no_trick_before_tls_gets_a_secret_or_is_believed() {
    let person = Person::new();
    let ports = person.world.ports();
    let (imap, smtp) = (format!("localhost:{}", ports.imap), format!("localhost:{}", ports.submission));
    use {Protocol::*, Trick::*};
    let cases = [
        (Imap, Strips, "starttls_missing"),
        (Imap, Refuses, "starttls_missing"),
        (Imap, Preauth, "not_mail"),
        (Imap, Injects, "sign_in_refused"),
        (Smtp, Strips, "starttls_missing"),
        (Smtp, Refuses, "starttls_missing"),
        (Smtp, Injects, "sign_in_refused"),
    ];
    for (protocol, trick, code) in cases {
        let (port, heard) = hostile(protocol, trick);
        let here = format!("localhost:{port}");
        let (imap, smtp) = if protocol == Imap { (&here, &smtp) } else { (&imap, &here) };
        let ran = person.add(imap, "starttls", smtp, "starttls", PASSWORD);
        let what = format!("{protocol:?} {trick:?}");
        let clear = heard.clear.lock().unwrap().clone();
        assert!(!clear.is_empty() || trick == Preauth, "{what}: nobody came");
        innocent(&clear, &person.email, &what);
        assert_eq!(ran.error(), code, "{what}: {ran:?}");
        assert!(
            !ran.out.contains("555-0199") && !ran.err.contains("555-0199"),
            "{what}: a word from before TLS: {ran:?}"
        );
        let protected = heard.protected.lock().unwrap();
        assert_eq!(contains(&protected, "AUTH"), trick == Injects, "{what}: signed in inside TLS");
    }
    assert_eq!(person.run(&["account", "list"]).ok().json(), serde_json::json!([]));
}

/// The way an account was connected is not given up later, however the server looks then.
#[test]
fn an_account_with_starttls_stays_away_from_a_server_that_has_lost_it() {
    let person = Person::new();
    let ports = person.world.ports();
    let (imap, smtp) = (Wire::to(ports.imap, vec![]), Wire::to(ports.submission, vec![]));
    let at = |wire: &Wire| format!("localhost:{}", wire.port);
    person.add(&at(&imap), "starttls", &at(&smtp), "starttls", PASSWORD).ok();
    person.run(&["sync"]).ok();
    innocent(&imap.heard(), &person.email, "IMAP through STARTTLS");
    innocent(&smtp.heard(), &person.email, "SMTP through STARTTLS");

    imap.rewrite(vec![("STARTTLS", "XNOTHING")]);
    smtp.rewrite(vec![("STARTTLS", "XNOTHING")]);
    let ran = person.run(&["sync"]);
    assert_eq!(ran.error(), "starttls_missing", "{ran:?}");
    let sent = person.run_with(&["send", "--to", "someone@elsewhere.example", "--subject", "x"], "x");
    assert_ne!(sent.json()["state"], "sent", "{sent:?}");
    let (from_imap, from_smtp) = (imap.heard(), smtp.heard());
    assert!(!from_imap.is_empty() && !from_smtp.is_empty(), "both servers were asked");
    innocent(&from_imap, &person.email, "IMAP without STARTTLS");
    innocent(&from_smtp, &person.email, "SMTP without STARTTLS");

    // Right again when the server is.
    imap.rewrite(vec![]);
    smtp.rewrite(vec![]);
    let ran = person.run(&["sync"]).ok();
    assert_eq!(ran.json()[0]["code"], serde_json::Value::Null, "{ran:?}");
}
