//! Answers that mean harm, that cannot be used, and none at all.

use super::*;

#[test]
fn hostile_answers_harm_nobody() {
    let mut asking = Asking::new();
    asking.mail_servers("mail.nordvik.example");
    let mut bomb = String::from("<?xml version=\"1.0\"?><!DOCTYPE clientConfig [<!ENTITY a \"aaaaaaaaaa\">");
    for (one, before) in "bcdefghij".chars().zip("abcdefghi".chars()) {
        bomb += &format!("<!ENTITY {one} \"{}\">", format!("&{before};").repeat(10));
    }
    bomb += "]><clientConfig><emailProvider id=\"&j;\"><displayName>&j;</displayName></emailProvider></clientConfig>";
    let local = settings("localhost");
    let broken = settings("imap.nordvik.example\u{1}");
    let mut latin = settings("imap.nordvik.example").into_bytes();
    latin.splice(60..60, [0xff, 0xfe, 0x00]);
    let pages = [
        ("entity bomb", Page::xml(bomb)),
        ("10 MB", Page::Endless(10_000_000)),
        ("deep", Page::xml("<a>".repeat(80_000))),
        ("not UTF-8, and a NUL in a tag", Page::Xml(latin)),
        ("no host of the Internet", Page::xml(local)),
        ("a control character", Page::xml(broken)),
        ("no XML", Page::xml("<!doctype html><p>Please sign in to this network<br>")),
        ("wrong ports", Page::xml(settings("imap.nordvik.example").replace("993", "99300").replace("465", "0"))),
        ("500", Page::Status(500)),
    ];
    for (what, page) in pages {
        asking.page(&format!("https://autoconfig.nordvik.example/{AUTOCONFIG}"), page.clone());
        asking.page("https://nordvik.example/autodiscover/autodiscover.xml", page);
        let said = asking.ask_while("ada@nordvik.example", what);
        println!("    {what}: {:?}", said.outcome("autoconfig"));
        assert_eq!(said.first(), won("guess", "mail.nordvik.example", true), "{what}");
        assert!(
            matches!(said.outcome("autoconfig").0, "failed" | "nothing"),
            "{what}: {:?}",
            said.outcome("autoconfig")
        );
        assert!(said.milliseconds() < SOON, "{what}: {} ms", said.milliseconds());
    }
}

#[test]
fn what_cannot_be_used_is_said_and_never_chosen() {
    let mut asking = Asking::new();
    let autoconfig = format!("https://autoconfig.nordvik.example/{AUTOCONFIG}");
    let pop3 = settings("pop.nordvik.example").replace("\"imap\"", "\"pop3\"").replace("993", "995");
    asking.page(&autoconfig, Page::xml(pop3.clone()));
    let said = asking.ask("ada@nordvik.example");
    assert_eq!(said.0["found"][0]["pop3_only"], true);
    let open = settings("imap.nordvik.example").replace("SSL", "plain").replace("993", "143");
    asking.page(&autoconfig, Page::xml(open));
    assert_eq!(
        asking.ask("ada@nordvik.example").first(),
        won("autoconfig", "imap.nordvik.example", false),
        "without TLS"
    );

    // What works comes before both.
    asking.mail_servers("mail.nordvik.example");
    let said = asking.ask("ada@nordvik.example");
    assert_eq!(said.first(), won("guess", "mail.nordvik.example", true));
    assert_eq!(said.outcome("autoconfig"), ("lost", "a server without TLS"));
    asking.page(&autoconfig, Page::xml(pop3));
    let said = asking.ask("ada@nordvik.example");
    assert_eq!((said.first().0.as_str(), said.outcome("autoconfig")), ("guess", ("lost", "offers POP3 only")));

    // What was only written down from memory must be there.
    let said = asking.ask("ada@telia.com");
    assert_eq!((said.first().0.as_str(), said.outcome("table").0), ("", "failed"));

    // A server whose certificate has another name is no answer.
    asking.names.srv("_imaps._tcp.false.example", 0, 993, "imap.false.example");
    asking.mail_servers("imap.false.example");
    let said = asking.ask("ada@false.example");
    assert_eq!((said.first().0.as_str(), said.outcome("srv").0, said.outcome("guess").0), ("", "failed", "nothing"));
}

#[test]
#[cfg(target_os = "linux")]
fn without_a_network_it_is_said_at_once() {
    use std::time::{Duration, Instant};
    let program = crate::kit::program();
    // A network of its own, with nothing in it.
    let ask = |address: &str| {
        let begun = Instant::now();
        let output = std::process::Command::new("unshare")
            .args(["--net"])
            .arg(&program)
            .args(["--json", "discover", address])
            .output()
            .unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), said, begun.elapsed())
    };
    let (code, said, elapsed) = ask("ada@firm.example");
    assert_eq!((code, &said["offline"]), (Some(5), &Value::Bool(true)), "{said}");
    assert!(elapsed < Duration::from_secs(2), "{elapsed:?}");
    let (code, said, _) = ask("ada@icloud.com");
    assert_eq!((code, said["incoming"]["host"].as_str()), (Some(0), Some("imap.mail.me.com")), "the table needs none");
}
