//! Writes mails as other people's programs do: RFC 5322 headers, RFC 2047 words, MIME parts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Who {
    pub name: String,
    pub email: String,
}

impl Who {
    pub fn new(name: &str, email: &str) -> Who {
        Who { name: name.into(), email: email.into() }
    }

    pub fn first(&self) -> &str {
        self.name.split(' ').next().unwrap_or(&self.name)
    }

    fn header(&self) -> String {
        if self.name.is_empty() { self.email.clone() } else { format!("{} <{}>", word(&self.name), self.email) }
    }
}

/// A file in a mail. With a content id it is an inline picture of the HTML.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub name: String,
    pub mime: &'static str,
    pub bytes: Vec<u8>,
    pub content_id: Option<String>,
}

/// One mail to be written.
#[derive(Debug, Clone, Default)]
pub(super) struct Letter {
    pub from: Option<Who>,
    pub to: Vec<Who>,
    pub cc: Vec<Who>,
    pub subject: String,
    /// Seconds since 1970.
    pub date: i64,
    pub id: String,
    /// Message-IDs of the mails before it in the thread, oldest first.
    pub before: Vec<String>,
    pub text: String,
    pub html: Option<String>,
    pub files: Vec<File>,
    /// An iCalendar invitation (RFC 5545, METHOD:REQUEST).
    pub invitation: Option<String>,
    pub extra: Vec<(&'static str, String)>,
}

impl Letter {
    /// The bytes of the mail, lines ending in CRLF, all of it seven-bit.
    pub fn raw(&self) -> Vec<u8> {
        let mut text = String::new();
        let list = |who: &[Who]| who.iter().map(Who::header).collect::<Vec<_>>().join(",\r\n ");
        if let Some(from) = &self.from {
            let _ = write!(text, "From: {}\r\n", from.header());
        }
        if !self.to.is_empty() {
            let _ = write!(text, "To: {}\r\n", list(&self.to));
        }
        if !self.cc.is_empty() {
            let _ = write!(text, "Cc: {}\r\n", list(&self.cc));
        }
        let _ = write!(
            text,
            "Subject: {}\r\nDate: {}\r\nMessage-ID: <{}>\r\n",
            word(&self.subject),
            date(self.date),
            self.id
        );
        if let Some(last) = self.before.last() {
            let all: Vec<String> = self.before.iter().map(|id| format!("<{id}>")).collect();
            let _ = write!(text, "In-Reply-To: <{last}>\r\nReferences: {}\r\n", all.join("\r\n "));
        }
        for (name, value) in &self.extra {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("MIME-Version: 1.0\r\n");
        text.push_str(&self.body());
        text.into_bytes()
    }

    /// From the inside out: alternatives, then inline pictures, then attachments.
    fn body(&self) -> String {
        let mut body = part("text/plain; charset=utf-8", &self.text);
        let mut alternatives = vec![body.clone()];
        alternatives.extend(self.html.as_ref().map(|html| part("text/html; charset=utf-8", html)));
        alternatives.extend(
            self.invitation.as_ref().map(|calendar| part("text/calendar; charset=utf-8; method=REQUEST", calendar)),
        );
        if alternatives.len() > 1 {
            body = self.multipart("alternative", &alternatives);
        }
        for (kind, inline) in [("related", true), ("mixed", false)] {
            let files: Vec<&File> = self.files.iter().filter(|file| file.content_id.is_some() == inline).collect();
            if !files.is_empty() {
                let mut parts = vec![body];
                parts.extend(files.into_iter().map(attached));
                body = self.multipart(kind, &parts);
            }
        }
        body
    }

    fn multipart(&self, kind: &str, parts: &[String]) -> String {
        let boundary = format!("=_{kind}_{}", self.id.split('@').next().unwrap_or_default());
        let mut text = format!("Content-Type: multipart/{kind};\r\n boundary=\"{boundary}\"\r\n\r\n");
        for part in parts {
            let _ = write!(text, "--{boundary}\r\n{part}\r\n");
        }
        let _ = write!(text, "--{boundary}--\r\n");
        text
    }
}

fn part(mime: &str, content: &str) -> String {
    format!("Content-Type: {mime}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}", quoted_printable(content))
}

fn attached(file: &File) -> String {
    let name = word(&file.name);
    let (disposition, id) = match &file.content_id {
        Some(id) => ("inline", format!("Content-ID: <{id}>\r\n")),
        None => ("attachment", String::new()),
    };
    let mut text = format!(
        "Content-Type: {};\r\n name=\"{name}\"\r\nContent-Disposition: {disposition};\r\n filename=\"{name}\"\r\n{id}\
         Content-Transfer-Encoding: base64\r\n\r\n",
        file.mime
    );
    for line in STANDARD.encode(&file.bytes).as_bytes().chunks(76) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push_str("\r\n");
    }
    text
}

/// A header's text: as it is when it is ASCII, else encoded words of at most 75 characters.
fn word(text: &str) -> String {
    if text.is_ascii() {
        return text.into();
    }
    let mut words = Vec::new();
    let mut piece = String::new();
    for letter in text.chars() {
        if piece.len() + letter.len_utf8() > 42 {
            words.push(std::mem::take(&mut piece));
        }
        piece.push(letter);
    }
    words.push(piece);
    words.iter().map(|piece| format!("=?utf-8?B?{}?=", STANDARD.encode(piece))).collect::<Vec<_>>().join("\r\n ")
}

/// An hour east of Greenwich: where these people live, in winter.
pub(super) fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds + 3600).unwrap_or_default().strftime("%a, %d %b %Y %H:%M:%S +0100").to_string()
}

fn quoted_printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.trim_end_matches('\n').split('\n') {
        let mut width = 0;
        let bytes = line.trim_end_matches('\r').as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let last = at + 1 == bytes.len();
            let plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~') || (matches!(byte, b' ' | b'\t') && !last);
            let needed = if plain { 1 } else { 3 };
            if width + needed > 75 {
                out.push_str("=\r\n");
                width = 0;
            }
            if plain {
                out.push(char::from(*byte));
            } else {
                let _ = write!(out, "={byte:02X}");
            }
            width += needed;
        }
        out.push_str("\r\n");
    }
    out
}
