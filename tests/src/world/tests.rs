#![allow(clippy::unwrap_used)]

use super::*;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

fn answer_to(port: u16, recipient: &str) -> String {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut said = String::new();
    for line in ["", "HELO here\r\n", "MAIL FROM:<a@b.example>\r\n", &format!("RCPT TO:<{recipient}>\r\n")] {
        (&stream).write_all(line.as_bytes()).unwrap();
        said = lines.next().unwrap().unwrap();
    }
    said
}

#[test]
fn mail_is_delivered_refused_and_gone_with_the_world() {
    let world = World::start().unwrap();
    world.deliver("maja@fjordlys.example", INGRID, b"Subject: One\r\n\r\n.A dot\r\n").unwrap();
    let mail = Stored {
        folder: "Sent".into(),
        raw: b"Subject: Two\r\n\r\nbody\r\n".to_vec(),
        received: 1_700_000_000,
        seen: true,
        answered: false,
        flagged: true,
    };
    world.store(INGRID, &[mail]).unwrap();
    assert_eq!(world.count(INGRID, "mailbox INBOX unseen").unwrap(), 1);
    assert_eq!(world.count(INGRID, "mailbox Sent flagged seen subject Two").unwrap(), 1);
    let text = world.fetch(INGRID, "text", "mailbox INBOX subject One").unwrap();
    assert!(text.contains("\n.A dot"), "{text}");
    assert!(world.fetch(INGRID, "date.received", "mailbox Sent all").unwrap().contains("2023-11-14"));

    for (address, code) in faults::RECIPIENTS {
        let said = answer_to(world.ports().smtp_plain, address);
        assert!(said.starts_with(&code[..3]), "{address}: {said}");
    }
    assert!(answer_to(world.ports().smtp_plain, "someone@somewhere.example").starts_with("250"));

    let (dir, port) = (world.dir().to_owned(), world.ports().imaps);
    world.stop().unwrap();
    assert!(!dir.exists());
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
}

#[test]
fn images_are_counted() {
    let images = images::Images::start().unwrap();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, images.port)).unwrap();
    stream.write_all(b"GET /pixel?a=b HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut said = Vec::new();
    std::io::Read::read_to_end(&mut stream, &mut said).unwrap();
    assert!(said.windows(4).any(|window| window == b"\x89PNG"));
    assert_eq!(images.asked(), ["/pixel?a=b"]);
}
