//! Just enough LMTP (RFC 2033) to hand a mail to Dovecot.

use super::{Told, WorldError};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

pub(super) fn deliver(socket: &Path, from: &str, to: &str, raw: &[u8]) -> Result<(), WorldError> {
    let mut stream = UnixStream::connect(socket).told("connecting to LMTP")?;
    let mut answers = BufReader::new(stream.try_clone().told("connecting to LMTP")?);
    answer(&mut answers, '2')?;
    for (line, wanted) in [
        ("LHLO localhost".to_owned(), '2'),
        (format!("MAIL FROM:<{from}>"), '2'),
        (format!("RCPT TO:<{to}>"), '2'),
        ("DATA".to_owned(), '3'),
    ] {
        stream.write_all(format!("{line}\r\n").as_bytes()).told("speaking LMTP")?;
        answer(&mut answers, wanted)?;
    }
    stream.write_all(&dotted(raw)).told("speaking LMTP")?;
    answer(&mut answers, '2')?;
    stream.write_all(b"QUIT\r\n").told("speaking LMTP")
}

fn answer(answers: &mut impl BufRead, wanted: char) -> Result<(), WorldError> {
    loop {
        let mut line = String::new();
        answers.read_line(&mut line).told("reading LMTP's answer")?;
        if line.as_bytes().get(3) == Some(&b'-') {
            continue;
        }
        if line.starts_with(wanted) {
            return Ok(());
        }
        return Err(WorldError::Failed { what: "LMTP".into(), words: line.trim().into() });
    }
}

/// Lines end in CRLF, a leading dot is doubled, and a dot alone ends it (RFC 5321, 4.5.2).
fn dotted(raw: &[u8]) -> Vec<u8> {
    let mut sent = Vec::with_capacity(raw.len() + 64);
    let body = raw.strip_suffix(b"\n").unwrap_or(raw);
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b".") {
            sent.push(b'.');
        }
        sent.extend_from_slice(line);
        sent.extend_from_slice(b"\r\n");
    }
    sent.extend_from_slice(b".\r\n");
    sent
}
