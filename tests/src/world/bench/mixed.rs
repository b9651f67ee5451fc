//! Mails as a business has them: short answers, HTML mails, newsletters and documents, in six languages and several
//! folders. The same bytes in every run. 20,000 of them are about 715 MB, three fifths of that attachments.

use super::chance::Chance;
use super::words::Words;
use crate::world::Stored;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::collections::HashMap;

/// Folders and how many of a hundred mails lie there.
const FOLDERS: [(&str, usize); 11] = [
    ("INBOX", 38),
    ("Sent", 16),
    ("Archive", 14),
    ("Newsletters", 10),
    ("Kunder/Nord", 5),
    ("Kunder/S&APg-r", 5),
    ("Projekte", 4),
    ("Projekte/Umbau", 3),
    ("Offertes", 2),
    ("Junk", 1),
    ("Trash", 2),
];
/// When the last mail came: 2026-05-01.
const LAST: i64 = 1_777_593_600;
/// Between two mails, in seconds.
const APART: i64 = 1500;
/// How letters end, by language.
const CLOSINGS: [&str; 6] = [
    "With kind regards",
    "Med vennlig hilsen",
    "Med vänliga hälsningar",
    "Med venlig hilsen",
    "Mit freundlichen Grüßen",
    "Met vriendelijke groet",
];

pub struct Mails {
    words: Words,
    count: usize,
    next: usize,
    /// Subject and Message-IDs of a conversation so far.
    threads: HashMap<usize, (String, Vec<String>)>,
}

/// `count` mails, oldest first, spread over the folders.
pub fn mails(count: usize) -> Mails {
    Mails { words: Words::new(), count, next: 0, threads: HashMap::new() }
}

impl Iterator for Mails {
    type Item = Stored;
    fn next(&mut self) -> Option<Stored> {
        (self.next < self.count).then(|| {
            self.next += 1;
            self.mail(self.next - 1)
        })
    }
}

/// A word that only this mail has: by it one mail of all can be searched for. `cargo xtask bench` knows it too.
fn mark(number: usize) -> String {
    format!("q{number}x")
}

/// What a mail consists of.
enum Kind {
    Plain,
    Html,
    Newsletter,
    Documents,
}

impl Mails {
    fn mail(&mut self, number: usize) -> Stored {
        // Of its own, so that a mail does not depend on how many there are.
        let mut chance = Chance::new(0x5EED ^ ((number as u64) << 20));
        let chance = &mut chance;
        let received = LAST - APART * (self.count - number) as i64;
        let kind = match chance.below(1000) {
            0..350 => Kind::Plain,
            350..680 => Kind::Html,
            680..917 => Kind::Newsletter,
            _ => Kind::Documents,
        };
        let mut folder = folder(chance);
        if matches!(kind, Kind::Newsletter) && chance.below(3) > 0 {
            folder = "Newsletters";
        }
        let language = chance.below(self.words.languages());
        let company = chance.below(400);
        let sender = company * 8 + chance.below(8);
        let id = format!("<{:016x}.{number}@host{company}.example>", chance.next());
        let (subject, references) = self.thread(number, company, language, &kind, &id, chance);
        let (name, email) = (person(&self.words, sender), format!("person{sender}@customer{company}.example"));
        let ours = ("Ingrid Hauge".to_owned(), "ingrid@nordvik.example".to_owned());
        let (from, to) = if folder == "Sent" { (ours, (name, email)) } else { ((name, email), ours) };
        let date = jiff::Timestamp::from_second(received).unwrap_or_default().strftime("%a, %d %b %Y %H:%M:%S +0000");
        let mut raw = format!(
            "Return-Path: <{}>\r\nReceived: from mx{}.relay.example (mx.relay.example [192.0.2.{}])\r\n\tby mail.nordvik.example \
             with ESMTPS id {:016X}\r\n\tfor <{}>; {date}\r\nFrom: {} <{}>\r\nTo: {} <{}>\r\nSubject: {}\r\nDate: {date}\r\n\
             Message-ID: {id}\r\n{references}MIME-Version: 1.0\r\nX-Mailer: Writer {}.0\r\n",
            from.1,
            chance.below(9),
            chance.between(1, 255),
            chance.next(),
            to.1,
            word_header(&from.0),
            from.1,
            word_header(&to.0),
            to.1,
            word_header(&subject),
            chance.between(12, 17),
        );
        let mark = mark(number);
        let body = match kind {
            Kind::Plain => self.plain(language, &mark, chance),
            Kind::Html => self.html(language, &mark, chance),
            Kind::Newsletter => self.newsletter(language, &mark, company, chance),
            Kind::Documents => self.documents(language, &mark, number, chance),
        };
        raw.push_str(&body);
        Stored {
            folder: folder.into(),
            raw: raw.into_bytes(),
            received,
            seen: folder != "INBOX" || chance.below(5) > 0,
            answered: chance.below(8) == 0,
            flagged: chance.below(30) == 0,
        }
    }

    /// Subject and the headers that tie a mail to its conversation. Half of all that people write are answers.
    fn thread(
        &mut self,
        number: usize,
        company: usize,
        language: usize,
        kind: &Kind,
        id: &str,
        chance: &mut Chance,
    ) -> (String, String) {
        let answers = !matches!(kind, Kind::Newsletter) && chance.below(2) == 0;
        if answers && let Some((subject, ids)) = self.threads.get_mut(&company) {
            let list = ids.iter().rev().take(12).rev().cloned().collect::<Vec<_>>().join("\r\n ");
            let last = ids.last().cloned().unwrap_or_default();
            ids.push(id.to_owned());
            return (format!("Re: {subject}"), format!("In-Reply-To: {last}\r\nReferences: {list}\r\n"));
        }
        let mut subject = self.words.sentence(language, chance);
        subject.truncate((0..=60.min(subject.len())).rev().find(|at| subject.is_char_boundary(*at)).unwrap_or(0));
        let subject = format!("{} {number}", subject.trim_end_matches(['.', ' ', ',']));
        if !matches!(kind, Kind::Newsletter) {
            self.threads.insert(company, (subject.clone(), vec![id.to_owned()]));
        }
        (subject, String::new())
    }

    fn plain(&self, language: usize, mark: &str, chance: &mut Chance) -> String {
        let bytes = skewed(chance, 400, 6000);
        let text = self.letter(language, bytes, mark, chance);
        part("text/plain", &text, chance)
    }

    /// A letter with a greeting and, often, what it answers to.
    fn letter(&self, language: usize, bytes: usize, mark: &str, chance: &mut Chance) -> String {
        let mut text = format!("{}\r\n\r\n", self.words.sentence(language, chance));
        for _ in 0..bytes / 600 + 1 {
            text.push_str(&wrapped(&self.words.text(language, 500, chance), ""));
            text.push_str("\r\n");
        }
        let (closing, signed) = (CLOSINGS[language], self.words.sentence(language, chance));
        text.push_str(&format!(
            "no. {mark}\r\n\r\n{closing}\r\n-- \r\n{signed}\r\n+47 {}\r\n",
            chance.below(99_999_999)
        ));
        if chance.below(2) == 0 {
            text.push_str("\r\n");
            text.push_str(&wrapped(&self.words.text(language, bytes, chance), "> "));
        }
        text
    }

    fn html(&self, language: usize, mark: &str, chance: &mut Chance) -> String {
        let bytes = skewed(chance, 1200, 9800);
        let text = self.letter(language, bytes, mark, chance);
        let mut html = String::from(HEAD);
        for line in text.split("\r\n\r\n") {
            html.push_str("<p class=\"MsoNormal\" style=\"margin:0cm;margin-bottom:.0001pt\"><span lang=\"EN-GB\" style=\"font-size:11.0pt;\
                           font-family:&quot;Calibri&quot;,sans-serif;color:#1F497D\">");
            html.push_str(&line.replace('>', "&gt;").replace("\r\n", "<br>\r\n"));
            html.push_str("<o:p></o:p></span></p>\r\n");
        }
        html.push_str("</div></body></html>\r\n");
        let boundary = format!("alt{:016x}", chance.next());
        format!(
            "Content-Type: multipart/alternative; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n{}\r\n--{boundary}\r\n{}\r\n--{boundary}--\r\n",
            part("text/plain", &text, chance),
            part("text/html", &html, chance)
        )
    }

    /// Half of them have no text of their own beside the HTML.
    fn newsletter(&self, language: usize, mark: &str, company: usize, chance: &mut Chance) -> String {
        let mut html = String::from(HEAD);
        let mut text = String::new();
        for article in 0..skewed(chance, 8, 50) {
            let (title, story) = (self.words.sentence(language, chance), {
                let bytes = chance.between(200, 700);
                self.words.text(language, bytes, chance)
            });
            let link = format!(
                "https://click.host{company}.example/u/{:016x}{:016x}?e={:08x}",
                chance.next(),
                chance.next(),
                article
            );
            html.push_str(&format!(
                "<table role=\"presentation\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" style=\"border-collapse:collapse;\
                 background-color:#{:06x}\"><tr><td style=\"padding:24px;font-family:Arial,Helvetica,sans-serif\"><a href=\"{link}\">\
                 <img src=\"https://img.host{company}.example/{:016x}.png\" width=\"552\" alt=\"\" style=\"display:block;border:0\"></a>\r\n\
                 <h2 style=\"margin:0 0 12px;font-size:20px;line-height:26px;color:#222222\">{title}</h2>\r\n\
                 <p style=\"margin:0;font-size:15px;line-height:22px;color:#444444\">{story}</p></td></tr></table>\r\n",
                chance.below(0xFF_FFFF),
                chance.next(),
            ));
            text.push_str(&format!("{title}\r\n{}{link}\r\n\r\n", wrapped(&story, "")));
        }
        html.push_str(&format!("<p>no. {mark}</p></div></body></html>\r\n"));
        text.push_str(&format!("no. {mark}\r\n"));
        let list = format!(
            "List-Unsubscribe: <https://click.host{company}.example/off/{:016x}>\r\nPrecedence: bulk\r\n",
            chance.next()
        );
        if chance.below(2) == 0 {
            return list + &part("text/html", &html, chance);
        }
        let boundary = format!("news{:016x}", chance.next());
        format!(
            "{list}Content-Type: multipart/alternative; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n{}\r\n--{boundary}\r\n{}\r\n--{boundary}--\r\n",
            part("text/plain", &text, chance),
            part("text/html", &html, chance)
        )
    }

    /// A letter and one or two files of random bytes: nothing makes them smaller. One file in twelve came before.
    fn documents(&self, language: usize, mark: &str, number: usize, chance: &mut Chance) -> String {
        let letter = self.letter(language, 800, mark, chance);
        let boundary = format!("mix{:016x}", chance.next());
        let mut body = format!(
            "Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n{}",
            part("text/plain", &letter, chance)
        );
        for _ in 0..1 + usize::from(chance.below(5) == 0) {
            let (seed, size) = if chance.below(12) == 0 {
                let known = chance.below(50) as u64;
                (known, 20_000 + 7000 * known as usize)
            } else {
                let size = match chance.below(100) {
                    0..60 => chance.between(8_000, 70_000),
                    60..92 => chance.between(70_000, 250_000),
                    92..99 => chance.between(250_000, 700_000),
                    _ => chance.between(1_500_000, 5_000_000),
                };
                (((number as u64) << 8) | chance.below(256) as u64, size)
            };
            let (kind, ending) = *chance.of(&[
                ("application/pdf", "pdf"),
                ("image/jpeg", "jpg"),
                ("image/png", "png"),
                ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
                ("application/zip", "zip"),
            ]);
            let name = format!("{}-{number}.{ending}", self.words.word(0, chance));
            body.push_str(&format!(
                "\r\n--{boundary}\r\nContent-Type: {kind}; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{}",
                base64_lines(&Chance::new(seed ^ 0xF11E).bytes(size))
            ));
        }
        body.push_str(&format!("\r\n--{boundary}--\r\n"));
        body
    }
}

const HEAD: &str = "<!DOCTYPE html><html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"><style>\r\n\
    @font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}\r\np.MsoNormal, li.MsoNormal {margin:0cm; font-size:11.0pt;}\r\n\
    a:link {color:#0563C1; text-decoration:underline;}\r\n@media only screen and (max-width:600px) {.w {width:100% !important;}}\r\n\
    </style></head><body lang=\"EN-GB\"><div class=\"WordSection1\">\r\n";

fn folder(chance: &mut Chance) -> &'static str {
    let mut place = chance.below(100);
    for (name, share) in FOLDERS {
        if place < share {
            return name;
        }
        place -= share;
    }
    "INBOX"
}

fn person(words: &Words, number: usize) -> String {
    let mut chance = Chance::new(number as u64 ^ 0x9A9A);
    let mut name = || {
        let language = chance.below(words.languages());
        let word = words.word(language, &mut chance);
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    format!("{} {}", name(), name())
}

/// Between the two, small ones far more often.
fn skewed(chance: &mut Chance, from: usize, to: usize) -> usize {
    let part = chance.part();
    from + ((to - from) as f64 * part * part) as usize
}

/// One text in the transfer encoding that chance picks, with its headers.
fn part(kind: &str, text: &str, chance: &mut Chance) -> String {
    let (encoding, encoded) = match chance.below(10) {
        0..2 => ("base64", base64_lines(text.as_bytes())),
        2..6 => ("8bit", text.to_owned()),
        _ => ("quoted-printable", quoted_printable(text)),
    };
    format!("Content-Type: {kind}; charset=\"utf-8\"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{encoded}")
}

fn wrapped(text: &str, before: &str) -> String {
    let mut lines = String::with_capacity(text.len() + text.len() / 20);
    let mut length = 0;
    lines.push_str(before);
    for word in text.split(' ') {
        if length + word.len() > 74 {
            lines.push_str("\r\n");
            lines.push_str(before);
            length = 0;
        }
        lines.push_str(word);
        lines.push(' ');
        length += word.len() + 1;
    }
    lines.push_str("\r\n");
    lines
}

fn base64_lines(bytes: &[u8]) -> String {
    let mut lines = String::with_capacity(bytes.len() * 7 / 5);
    for line in bytes.chunks(57) {
        STANDARD.encode_string(line, &mut lines);
        lines.push_str("\r\n");
    }
    lines
}

fn quoted_printable(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 5 / 4);
    let mut length = 0;
    for line in text.split("\r\n") {
        for &byte in line.as_bytes() {
            if length > 72 {
                encoded.push_str("=\r\n");
                length = 0;
            }
            if byte == b'=' || !(32..127).contains(&byte) {
                encoded.push_str(&format!("={byte:02X}"));
                length += 3;
            } else {
                encoded.push(byte as char);
                length += 1;
            }
        }
        encoded.push_str("\r\n");
        length = 0;
    }
    encoded
}

/// An encoded word (RFC 2047) where the text is not plain.
fn word_header(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { format!("=?utf-8?B?{}?=", STANDARD.encode(text)) }
}
