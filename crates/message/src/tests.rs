#![allow(clippy::unwrap_used)]

use crate::*;
use clientele_model::Address;
use std::{fs, path::PathBuf};

fn raw(name: &str) -> Vec<u8> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus").join(name)).unwrap()
}

fn malformed(name: &str) -> Parsed {
    parse(&raw(&format!("malformed/{name}.eml")))
}

#[test]
fn every_malformed_mail_yields_something_to_show() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/malformed");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        // Cut anywhere, a mail is still only bytes.
        for cut in [bytes.len(), bytes.len() / 2, bytes.len() / 3, 7.min(bytes.len())] {
            let mail = parse(&bytes[..cut]);
            parse_headers(&bytes[..cut]);
            let shows =
                mail.text.is_some() || mail.html.is_some() || !mail.attachments.is_empty() || mail.unreadable.is_some();
            let has_body = String::from_utf8_lossy(&bytes[..cut]).replace('\r', "\n").trim().contains("\n\n");
            assert!(shows || !has_body, "{} cut at {cut}", path.display());
            for address in mail.from.iter().chain(&mail.to) {
                assert!(!format!("{}{}", address.name, address.email).chars().any(char::is_control));
            }
            assert!(!mail.subject.chars().any(char::is_control));
            for meta in &mail.attachments {
                assert!(!meta.name.is_empty() && !meta.name.contains(['/', '\\', '\0', '\u{202e}']), "{}", meta.name);
                part(&bytes[..cut], meta.part).unwrap();
            }
        }
        count += 1;
    }
    assert!(count >= 20);
}

#[test]
fn malformed_mails_are_read_as_far_as_they_can_be() {
    assert!(malformed("no-headers").unreadable.is_some());
    assert!(malformed("no-headers").text.unwrap().contains("Second line."));
    assert!(malformed("too-many-parts").unreadable.is_some());
    assert!(malformed("garbage").unreadable.is_some());
    for (name, words) in [
        ("bad-boundary", "The text is here all the same."),
        ("missing-boundary", "Still readable text."),
        ("unclosed-boundary", "First part survives."),
        ("bad-charset", "Text in an unknown charset."),
        ("truncated-base64", "This text is cut off"),
        ("nested-multiparts", "At the bottom."),
        ("two-from", "Body."),
    ] {
        let mail = malformed(name);
        let text = mail.text.clone().unwrap_or_default();
        assert!(text.contains(words), "{name}: {text:?} {:?}", mail.unreadable);
    }
    assert_eq!(malformed("two-from").from, [Address::new("Real", "real@first.example")]);
    let injected = malformed("header-injection");
    assert_eq!(injected.subject, "Hi X-Injected: yes");
    assert_eq!(injected.from[0].email, "eve@b.example");
    let eight = malformed("eight-bit-headers");
    assert_eq!(
        (eight.subject.as_str(), eight.from[0].name.as_str(), eight.to[0].name.as_str()),
        ("Grüße aus Köln", "Jørgen", "Åse")
    );
    assert_eq!(eight.message_id, "eight@corpus.example");
    assert_eq!(malformed("wrong-charset").preview, "Café crème");
    assert_eq!(malformed("bad-dates").date, None);
    assert_eq!(malformed("huge-headers").references.len(), 200);
    assert_eq!(malformed("huge-headers").to.len(), 2000);
}

#[test]
fn evil_file_names_are_tamed_and_told() {
    let files: Vec<(String, bool)> =
        malformed("evil-file-names").attachments.into_iter().map(|meta| (meta.name, meta.dangerous)).collect();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["bashrc", "invoicefdp.exe", "evil.dll", "_CON.txt", "report.pdf.exe", names[5]]);
    assert_eq!(
        files.iter().map(|(_, dangerous)| *dangerous).collect::<Vec<_>>(),
        [false, true, true, false, true, false]
    );
    for name in ["a.EXE", "x.docm", "y.Lnk", "z.tar.sh", "setup.msi ", "a.js.", "disk.iso", "app.desktop", "a.hta"] {
        assert!(is_dangerous(name), "{name}");
    }
    for name in ["offer.pdf", "photo.jpg", "list.xlsx", "letter.docx", "exe", "notes.txt"] {
        assert!(!is_dangerous(name), "{name}");
    }
    assert_eq!(safe_file_name("..\\..\\"), "attachment");
    assert_eq!(safe_file_name(&format!("{}.pdf", "å".repeat(300))).len(), 150);
}

#[test]
fn legitimate_mails_are_read_whole() {
    let mail = parse(&raw("legitimate/inline-image.eml"));
    assert_eq!(mail.from, [Address::new("Freja Holm", "freja@aarhus.example")]);
    assert_eq!(mail.message_id, "inline-image@corpus.example");
    assert_eq!(mail.date, Some(1_793_690_100));
    assert_eq!(mail.preview, "Se tegningen nedenfor. Kærlig hilsen Freja");
    let [image] = mail.attachments.as_slice() else { panic!("{:?}", mail.attachments) };
    assert!(image.inline && !image.dangerous);
    assert_eq!((image.name.as_str(), image.mime.as_str()), ("tegning øst.png", "image/png"));
    let part = part(&raw("legitimate/inline-image.eml"), image.part).unwrap();
    assert_eq!(part.bytes.len() as u64, image.size);
    assert!(part.bytes.starts_with(b"\x89PNG"));
    let quote = parse(&raw("legitimate/gmail-quote.eml"));
    assert_eq!(
        quote.preview,
        "Akkoord, we gaan door met optie B — graag de order bevestigen. On Mon, Nov 2, 2026 at 4:02 PM Ida Berg <ida@nordlicht.example> wrote:"
    );
    let news = parse(&raw("legitimate/newsletter-tables.eml"));
    assert!(
        news.text.is_none() && news.preview.starts_with("Preheader: høstens beste tilbud Høstens nyheter"),
        "{}",
        news.preview
    );
    assert!(!news.search_text.contains("border-radius"));
}

#[test]
fn html_becomes_text_as_it_is_seen() {
    let html = "<html><head><style>p{}</style><title>T</title></head><body><p>One&nbsp;&amp; <b>two</b></p><p>Three<br>four</p>\
        <ul><li>a</li><li>b</li></ul><table><tr><td>x</td><td>y</td></tr></table><script>no()</script><!-- no -->5 < 6</body></html>";
    assert_eq!(html_to_text(html), "One & two\n\nThree\nfour\n\n- a\n- b\n\nx y\n\n5 < 6");
    assert_eq!(
        text::html_to_mail_text(
            "<p>See <a href=\"https://x.example/p?a=1&amp;b=2\">here</a></p><blockquote><p>old</p><p>older</p></blockquote><p>new</p>"
        ),
        "See here <https://x.example/p?a=1&b=2>\n>\n> old\n>\n> older\n\nnew"
    );
    assert_eq!(
        text_to_html("a <b> https://x.example/a_(b), me@x.example.\nnext"),
        "a &lt;b&gt; <a href=\"https://x.example/a_(b)\" target=\"_blank\" rel=\"noopener noreferrer\">https://x.example/a_(b)</a>, \
         <a href=\"mailto:me@x.example\" target=\"_blank\" rel=\"noopener noreferrer\">me@x.example</a>.<br>next"
    );
}

#[test]
fn hostile_text_becomes_text() {
    let mail = parse(&raw("hostile/text-only.eml"));
    let html = text_to_html(&mail.text.unwrap());
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("\"onmouseover"), "{html}");
    assert!(html.contains("<a href=\"http://example.com/\""), "{html}");
}

#[test]
fn subjects_lose_every_prefix() {
    for subject in [
        "Offer",
        "Re: Offer",
        "SV: AW: Offer",
        "RE: Fwd: VS: Offer",
        "Antw: WG: Offer",
        "VB: Re[2]: Offer",
        "Re : offer".replace('o', "O").as_str(),
    ] {
        assert_eq!(subject::base(subject), "Offer", "{subject}");
    }
    assert_eq!(subject::reply("SV: Tilbud"), "Re: Tilbud");
    assert_eq!(subject::forward("WG: Fwd: Angebot"), "Fwd: Angebot");
    assert_eq!(subject::base("Budget: Re: Q3"), "Budget: Re: Q3");
    assert_eq!(subject::reply(""), "Re:");
}

#[test]
fn replies_go_to_the_right_people() {
    let address = |email: &str| Address::new("", email);
    let own = vec!["Me@Own.example".to_owned()];
    let mail = Parsed {
        from: vec![address("a@x.example")],
        to: vec![address("me@own.example"), address("b@x.example"), address("A@x.example")],
        cc: vec![address("c@x.example"), address("b@x.example")],
        message_id: "3@x".into(),
        references: vec!["1@x".into(), "2@x".into()],
        ..Parsed::default()
    };
    let one = reply::recipients(&mail, &own, false);
    assert_eq!((one.to, one.cc), (vec![address("a@x.example")], vec![]));
    let all = reply::recipients(&mail, &own, true);
    assert_eq!((all.to, all.cc), (vec![address("a@x.example"), address("b@x.example")], vec![address("c@x.example")]));
    let list = Parsed { reply_to: vec![address("list@x.example")], ..mail.clone() };
    assert_eq!(reply::recipients(&list, &own, false).to, [address("list@x.example")]);
    let sent = Parsed { from: vec![address("me@own.example")], to: vec![address("b@x.example")], ..mail.clone() };
    assert_eq!(reply::recipients(&sent, &own, false).to, [address("b@x.example")]);
    assert_eq!(reply::references(&mail), ["1@x", "2@x", "3@x"]);
    assert_eq!(thread::normalise_id(" <Ab.C@x>\r\n"), "Ab.C@x");
}

#[test]
fn a_mail_loses_its_attachments_and_nothing_else() {
    let inner = "From: b@x\r\nSubject: inner\r\n\r\nfile inside\r\n";
    let mail = format!(
        "From: a@x\r\nSubject: =?utf-8?q?Tilbud_=C3=B8?=\r\nMessage-ID: <m@x>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=m\r\n\r\npreamble\r\n--m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n\
         --r\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHei på deg\r\n\
         --a\r\nContent-Type: text/html\r\n\r\n<p>Hei <img src=\"cid:logo\"></p>\r\n--a--\r\n\
         --r\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--r--\r\n\
         --m\r\nContent-Type: application/pdf;\r\n name=\"Anbud 1.pdf\"\r\nContent-Disposition: attachment; filename=\"Anbud 1.pdf\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--m\r\nContent-Type: message/rfc822\r\n\r\n{inner}\
         --m--\r\nepilogue\r\n"
    );
    let before = parse(mail.as_bytes());
    let stripped = without_attachments(mail.as_bytes());
    let after = parse(&stripped);
    assert_eq!((after.subject, after.message_id), (before.subject, before.message_id));
    assert!(after.html.unwrap().starts_with(&before.html.unwrap()));
    let text = String::from_utf8(stripped.clone()).unwrap();
    assert!(!text.contains("JVBERi0") && !text.contains("file inside"), "an attachment is still there");
    assert!(text.contains("iVBORw0KGgo="), "the picture in the text went");
    assert_eq!(after.attachments.iter().filter(|one| !one.inline).count(), 0, "{:?}", after.attachments);
    let words = after.text.unwrap();
    assert!(words.contains("Hei på deg"));
    assert!(words.contains("✂ Anbud 1.pdf (application/pdf, 9 B)"), "{words}");
    assert!(words.contains("✂ inner.eml (message/rfc822"), "{words}");
    assert!(text.starts_with(&mail[..mail.find("--m").unwrap()]) && text.ends_with("--m--\r\nepilogue\r\n"));
    assert_eq!(without_attachments(&stripped), stripped, "there is nothing more to leave out");

    let alone = b"From: a@x\nSubject: scan\nContent-Type: application/pdf; name=\"s.pdf\"\nContent-Transfer-Encoding: base64\nX-Kept: yes\n\nJVBERi0xLjQK\n";
    let after = without_attachments(alone);
    let read = parse(&after);
    assert_eq!((read.subject.as_str(), read.attachments.len()), ("scan", 0), "{}", String::from_utf8_lossy(&after));
    assert!(read.text.unwrap().contains("✂ s.pdf") && String::from_utf8_lossy(&after).contains("X-Kept: yes"));
    for folder in ["malformed", ""] {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus").join(folder);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "eml") {
                let bytes = fs::read(&path).unwrap();
                let (before, after) = (parse(&bytes), parse(&without_attachments(&bytes)));
                let html = after.html.unwrap_or_default();
                assert!(html.starts_with(&before.html.unwrap_or_default()), "{}", path.display());
                assert_eq!(after.subject, before.subject, "{}", path.display());
            }
        }
    }
}

/// A mail with a text, a picture, a nested mail that has an attachment, and lines of `ending`.
fn with_attachments(ending: &str) -> Vec<u8> {
    let line = |n: usize| ["QUJD", "REVG", "R0hJ", "SktM"][n % 4].repeat(19);
    let content = |lines: usize| (0..lines).map(line).chain(["QUI=".to_owned()]).collect::<Vec<_>>().join("\n");
    format!(
        "From: a@b.example\nSubject: two\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{}\n--x\n\
         content-transfer-encoding: BASE64 \nContent-Type: Image/PNG; name=p.png\n\n{}\n--x\n\
         Content-Type: message/rfc822\n\nFrom: c@d.example\nSubject: inner\nContent-Type: multipart/mixed; boundary=y\n\n\
         --y\nContent-Type: application/pdf; name=q.pdf\nContent-Transfer-Encoding: base64\n\n{}\n--y--\n--x\n\
         Content-Type: application/zip; name=r.zip\nContent-Transfer-Encoding: base64\n\n{}\n--x--\n",
        content(80),
        content(300),
        content(90),
        content(40)
    )
    .replace('\n', ending)
    .into_bytes()
}

#[test]
fn what_a_store_keeps_is_the_same_without_the_content_of_attachments() {
    for ending in ["\n", "\r\n"] {
        let raw = with_attachments(ending);
        let lean = lean::Lean::of(&raw);
        assert!(lean.raw.len() + 390 * 76 - 20 * 76 < raw.len(), "the picture and the inner attachment, not the text");
        let mail = parse(&raw);
        assert_eq!(parse_to_store(&raw), mail);
        assert_eq!(mail.attachments[0].size, 300 * 57 + 2);
        assert!(mail.search_text.contains("ABCABC"), "a text in base64 is read");
    }
    // Cut off anywhere, and everything there is.
    let raw = with_attachments("\r\n");
    for length in (0..raw.len()).step_by(97) {
        assert_eq!(parse_to_store(&raw[..length]), parse(&raw[..length]), "cut at {length}");
    }
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut count = 0;
    for folder in fs::read_dir(corpus).unwrap() {
        for mail in fs::read_dir(folder.unwrap().path()).into_iter().flatten() {
            let path = mail.unwrap().path();
            if path.extension().is_some_and(|kind| kind == "eml") {
                let raw = fs::read(&path).unwrap();
                assert_eq!(parse_to_store(&raw), parse(&raw), "{}", path.display());
                count += 1;
            }
        }
    }
    assert!(count > 50, "{count} mails");
}

#[test]
fn lines_of_base64_in_a_text_are_shown_whatever_stands_above_them() {
    let inner = String::from_utf8(with_attachments("\n")).unwrap();
    let raw = format!("From: a@b.example\nSubject: returned\nContent-Type: text/plain\n\n{inner}");
    let mail = parse(raw.as_bytes());
    assert_eq!(mail.text.unwrap().trim(), inner.trim());
    let kept = parse_to_store(raw.as_bytes());
    assert!(
        kept.attachments.is_empty() && kept.search_text.len() > 300 * 70,
        "there is no attachment: read as it came"
    );
}
