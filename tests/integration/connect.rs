use crate::kit::Person;
use clientele_tests::world::{PASSWORD, faults};
use std::{io::Write as _, net::TcpListener};

#[test]
fn each_protection_connects() {
    let person = Person::new();
    let ports = person.world.ports().clone();
    let sides = [
        ("tls", ports.imaps, ports.smtps),
        ("starttls", ports.imap, ports.submission),
        ("none", ports.imap_plain, ports.smtp_plain),
    ];
    for (security, imap, smtp) in sides {
        let (imap, smtp) = (format!("localhost:{imap}"), format!("localhost:{smtp}"));
        person.add(&imap, security, &smtp, security, PASSWORD).ok();
        let sync = person.run(&["sync"]).ok();
        assert_eq!(sync.json()[0]["code"], serde_json::Value::Null, "{sync:?}");
        person.run(&["account", "remove", &person.email]).ok();
    }
}

/// Each has its own code, and nothing is saved half.
#[test]
fn bad_input_is_told_apart_and_nothing_is_saved() {
    let person = Person::new();
    let ports = person.world.ports().clone();
    let smtp = format!("localhost:{}", ports.smtps);
    let at = |host: &str, port: u16| format!("{host}:{port}");
    let refusing = { TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port() };
    let cases = [
        ("sign_in_refused", at("localhost", ports.imaps), "tls", "not the password", 4),
        ("host_unknown", at("imap.nowhere.invalid", 993), "tls", PASSWORD, 5),
        ("port_refused", at("127.0.0.1", refusing), "tls", PASSWORD, 5),
        ("tls_to_plain_port", at("localhost", ports.imap_plain), "tls", PASSWORD, 5),
        ("plain_to_tls_port", at("localhost", ports.imaps), "none", PASSWORD, 5),
        ("certificate_expired", at(faults::EXPIRED, ports.imaps), "tls", PASSWORD, 5),
        ("certificate_unknown_issuer", at(faults::FOREIGN, ports.imaps), "tls", PASSWORD, 5),
        ("certificate_unknown_issuer", at(faults::SELF_SIGNED, ports.imaps), "tls", PASSWORD, 5),
        ("certificate_wrong_name", at(faults::OTHER_NAME, ports.imaps), "tls", PASSWORD, 5),
        ("pop3", at("127.0.0.1", greeting(b"+OK POP3 ready\r\n")), "none", PASSWORD, 5),
        ("not_mail", at("127.0.0.1", greeting(b"SSH-2.0-OpenSSH_9.2\r\n")), "none", PASSWORD, 5),
        ("connection_closed", at("127.0.0.1", greeting(b"")), "none", PASSWORD, 5),
    ];
    for (code, imap, security, password, exit) in cases {
        let ran = person.add(&imap, security, &smtp, "tls", password);
        assert_eq!((ran.error().as_str(), ran.code), (code, exit), "{ran:?}");
    }
    // The same on the sending side.
    let imap = format!("localhost:{}", ports.imaps);
    let ran = person.add(&imap, "tls", &at("localhost", ports.smtp_plain), "tls", PASSWORD);
    assert_eq!(ran.error(), "tls_to_plain_port", "{ran:?}");
    let ran = person.add(&imap, "tls", &at("localhost", ports.smtp_plain), "starttls", PASSWORD);
    assert_eq!(ran.error(), "starttls_missing", "{ran:?}");
    let ran = person.add(&imap, "tls", &at(faults::EXPIRED, ports.smtps), "tls", PASSWORD);
    assert_eq!(ran.error(), "certificate_expired", "{ran:?}");
    // A server that knows no sign-in is none that one could send by.
    let ran = person.add(&imap, "tls", &at("localhost", ports.smtps_no_auth), "tls", PASSWORD);
    assert_eq!(ran.error(), "sign_in_unsupported", "{ran:?}");
    assert_eq!(person.run(&["account", "list"]).ok().json(), serde_json::json!([]));
    let held: i64 =
        person.database("local.db").query_row("SELECT count(*) FROM account", [], |row| row.get(0)).unwrap();
    assert_eq!(held, 0);
}

/// What a person accepts with open eyes is one certificate of one server.
#[test]
fn an_exception_holds_for_one_certificate_of_one_server() {
    let person = Person::new();
    let ports = person.world.ports();
    let smtp = format!("localhost:{}", ports.smtps);
    let own = format!("{}:{}", faults::SELF_SIGNED, ports.imaps);
    let email = person.email.clone();
    let verify = ["account", "verify", "--email", &email, "--imap", &own, "--smtp", &smtp];
    let refused = person.run_with(&verify, PASSWORD).json();
    let shown = &refused["incoming"]["certificate"];
    assert_eq!(shown["may_trust"], true, "{refused}");
    let sha256 = shown["sha256"].as_str().unwrap().to_owned();

    // Another certificate than the server's own helps nothing.
    let other = sha256.replace(|letter: char| letter.is_ascii_hexdigit(), "0");
    person.run(&["certificate", "trust", &own, &other]).ok();
    assert_eq!(person.add(&own, "tls", &smtp, "tls", PASSWORD).error(), "certificate_unknown_issuer");
    person.run(&["certificate", "trust", &own, &sha256]).ok();
    person.add(&own, "tls", &smtp, "tls", PASSWORD).ok();
    person.run(&["sync"]).ok();
    // The same certificate on another port was not spoken of.
    let elsewhere = format!("{}:{}", faults::SELF_SIGNED, ports.smtps);
    let imap = format!("localhost:{}", ports.imaps);
    let verify = ["account", "verify", "--email", &email, "--imap", &imap, "--smtp", &elsewhere];
    assert_eq!(person.run_with(&verify, PASSWORD).json()["outgoing"]["code"], "certificate_unknown_issuer");

    person.run(&["certificate", "forget", &own]).ok();
    assert_eq!(person.run(&["sync"]).error(), "certificate_unknown_issuer");
}

#[test]
fn one_address_is_connected_once() {
    let person = Person::connected();
    let ran = person.connect(&format!("localhost:{}", person.world.ports().smtps), "tls");
    assert_eq!(ran.error(), "account_exists", "{ran:?}");
}

/// What is removed is gone from the disk, not only from the list.
#[test]
fn a_removed_account_leaves_nothing_behind() {
    let person = Person::connected();
    person.receive("anna@kunde.example", "Zugspitzenbahn");
    person.run(&["sync"]).ok();
    person.find("Zugspitzenbahn");
    person.run(&["account", "remove", &person.email]).ok();
    assert!(person.list(&[]).is_empty());
    for file in crate::kit::files(&person.profile()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(
            !bytes.windows(14).any(|window| window == b"Zugspitzenbahn"),
            "{} still knows the mail",
            file.display()
        );
    }
}

/// A server that says one thing and hangs up, again and again.
fn greeting(words: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.write_all(words);
            // Read what the client says, so that hanging up is no reset.
            let _ = stream.set_read_timeout(Some(std::time::Duration::from_millis(200)));
            let _ = std::io::Read::read(&mut stream, &mut [0; 512]);
        }
    });
    port
}
