#![allow(clippy::unwrap_used)]

use super::*;
use crate::{parse, part};

fn outgoing() -> Outgoing {
    Outgoing {
        from: Address::new("Ida Bjørnstad, Nordlicht \"GmbH\"", "ida@nordlicht.example"),
        to: vec![Address::new("Jonas Brandt", "jonas@hafen.example"), Address::new("", "info@bücher.example")],
        cc: vec![Address::new("=?utf-8?Q?trick?=", "c@x.example")],
        bcc: vec![Address::new("Hidden", "hidden@secret.example"), Address::new("", "JONAS@hafen.example")],
        subject: "Angebot für die Pumpe – zweite Fassung mit allen Änderungen, die wir am Dienstag besprochen haben 🚀"
            .into(),
        html:
            "<p>Hallo Jonas,</p><p>.hidden dot</p><p>From here on: <b>größer</b> = besser</p><script>fetch(1)</script>"
                .into(),
        attachments: vec![OutgoingAttachment {
            name: "../Årsrapport \"2026\" – endelig versjon med et langt navn som må deles.pdf".into(),
            mime: "application/pdf\r\nX-Evil: 1".into(),
            bytes: (0..=255).cycle().take(5000).collect(),
        }],
        in_reply_to: vec!["parent@x.example".into()],
        references: vec!["root@x.example".into(), "bad id\r\nX: 1".into(), "parent@x.example".into()],
        date: 1_793_690_100,
        zone_minutes: 60,
        ..Outgoing::default()
    }
}

#[test]
fn what_is_written_reads_back() {
    let mail = outgoing();
    let made = compose(&mail).unwrap();
    let back = parse(&made.raw);
    assert_eq!(back.subject, mail.subject);
    assert_eq!(back.from, std::slice::from_ref(&mail.from));
    assert_eq!(back.to, [mail.to[0].clone(), Address::new("", "info@xn--bcher-kva.example")]);
    assert_eq!(back.cc[0].email, "c@x.example");
    assert_eq!(back.date, Some(mail.date));
    assert_eq!(back.message_id, made.message_id);
    assert!(made.message_id.ends_with("@nordlicht.example"));
    assert_eq!(back.in_reply_to, ["parent@x.example"]);
    assert_eq!(back.references, ["root@x.example", "parent@x.example"]);
    assert!(back.html.as_deref().unwrap().contains("<b>größer</b> = besser"));
    assert!(!back.html.as_deref().unwrap().contains("script"));
    assert_eq!(
        back.text.as_deref().unwrap().trim_end(),
        "Hallo Jonas,\n\n.hidden dot\n\nFrom here on: größer = besser"
    );
    let [file] = back.attachments.as_slice() else { panic!("{:?}", back.attachments) };
    assert_eq!(file.name, "Årsrapport _2026_ – endelig versjon med et langt navn som må deles.pdf");
    assert_eq!(file.mime, "application/octet-stream");
    assert_eq!(part(&made.raw, file.part).unwrap().bytes, mail.attachments[0].bytes);
}

#[test]
fn lines_are_seven_bit_and_short() {
    let raw = String::from_utf8(compose(&outgoing()).unwrap().raw).unwrap();
    assert!(raw.is_ascii());
    assert!(!raw.replace("\r\n", "").contains(['\r', '\n']), "bare line ends");
    for line in raw.split("\r\n") {
        assert!(line.len() <= 78 || line.contains("name*=") && line.len() < 998, "{line}");
        assert!(!line.starts_with('.') && !line.starts_with("From "), "{line}");
    }
    assert!(raw.contains("Date: Tue, 3 Nov 2026 08:15:00 +0100\r\n"), "{raw}");
    assert!(!raw.to_lowercase().contains("user-agent") && !raw.to_lowercase().contains("x-mailer"));
}

#[test]
fn blind_copies_are_in_the_envelope_and_the_sent_copy_alone() {
    let made = compose(&outgoing()).unwrap();
    assert_eq!(made.from, "ida@nordlicht.example");
    assert_eq!(
        made.recipients,
        ["jonas@hafen.example", "info@xn--bcher-kva.example", "c@x.example", "hidden@secret.example"]
    );
    let (sent, kept) = (String::from_utf8(made.raw).unwrap(), String::from_utf8(made.raw_with_bcc).unwrap());
    assert!(!sent.contains("hidden@secret.example") && !sent.contains("Bcc"));
    assert!(kept.contains("Bcc: Hidden <hidden@secret.example>"));
    assert_eq!(parse(kept.as_bytes()).message_id, parse(sent.as_bytes()).message_id);
}

#[test]
fn no_value_can_begin_a_header() {
    let evil = "x\r\nBcc: victim@x.example\r\n\r\nbody\0";
    let mut mail = outgoing();
    mail.subject = evil.into();
    mail.from.name = evil.into();
    mail.to[0].name = evil.into();
    mail.message_id = Some(evil.into());
    mail.in_reply_to = vec![evil.into()];
    mail.attachments[0].name = evil.into();
    let raw = String::from_utf8(compose(&mail).unwrap().raw).unwrap();
    assert!(!raw.lines().any(|line| line.starts_with("Bcc")), "{raw}");
    assert_eq!(parse(raw.as_bytes()).bcc, []);
    for email in [
        "x@y.example\r\nBcc: v@x.example",
        "a b@x.example",
        "no-at",
        "@x.example",
        "a@",
        "a..b@x.example",
        "<a@x.example>",
    ] {
        mail.to[0].email = email.into();
        assert!(matches!(compose(&mail), Err(MessageError::BadAddress(_))), "{email}");
    }
    mail.to.clear();
    (mail.cc, mail.bcc) = (vec![], vec![]);
    assert_eq!(compose(&mail).unwrap_err(), MessageError::NoRecipient);
}
