//! What an archived mail carries, so that it is found again: BottleCRM keeps no Message-ID and has one record a timeline
//! entry, so the last line of an entry's text names the mail and the records that it is on besides.
//!
//! ```text
//! Message-ID: <4f1c@fjordlys.no> (also on contact 7d0a…, opportunity 91bc…)
//! Message-ID: <4f1c@fjordlys.no> (first on account 02ee…)
//! ```
//!
//! The first entry of a mail lists the others; each of the others names the first. So the mail has one id, whichever of its
//! entries is looked at, and undoing finds all of them.

use super::place::Place;
use sha2::{Digest as _, Sha256};

const BEGIN: &str = "Message-ID: <";
/// A longer Message-ID than this is written as its hash.
const LONGEST: usize = 400;
/// What stands where a text was cut.
const CUT: &str = "\n[…]";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    First { also: Vec<Place> },
    After { first: Place },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// The Message-ID, or its hash.
    pub mail: String,
    pub role: Role,
}

/// How a mail is named in a marker.
pub fn name(message_id: &str) -> String {
    let plain = message_id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>');
    if plain && message_id.len() <= LONGEST {
        message_id.to_owned()
    } else {
        format!("sha256:{}", hash(message_id, 32))
    }
}

/// The first bytes of the hash, in hexadecimal.
pub fn hash(text: &str, bytes: usize) -> String {
    Sha256::digest(text.as_bytes()).iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

impl Marker {
    pub fn line(&self) -> String {
        let records = match &self.role {
            Role::First { also } if also.is_empty() => String::new(),
            Role::First { also } => {
                let all: Vec<String> =
                    also.iter().map(|place| format!("{} {}", place.home.as_str(), place.id)).collect();
                format!(" (also on {})", all.join(", "))
            }
            Role::After { first } => format!(" (first on {} {})", first.home.as_str(), first.id),
        };
        format!("{BEGIN}{}>{records}", self.mail)
    }

    /// Of the last line only: what stands above it is a stranger's text.
    pub fn read(body: &str) -> Option<Marker> {
        let (mail, rest) = body.trim_end().lines().next_back()?.strip_prefix(BEGIN)?.split_once('>')?;
        let inner = rest.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let role = match inner {
            None => Role::First { also: Vec::new() },
            Some(inner) => match inner.strip_prefix("first on ") {
                Some(place) => Role::After { first: Place::read(place)? },
                None => {
                    Role::First { also: inner.strip_prefix("also on ")?.split(", ").filter_map(Place::read).collect() }
                }
            },
        };
        Some(Marker { mail: mail.to_owned(), role })
    }

    /// `text` with the marker below it, in no more than `most` characters.
    pub fn below(&self, text: &str, most: usize) -> String {
        let line = self.line();
        let room = most.saturating_sub(line.chars().count() + 2);
        let text = cut(text, room);
        if text.is_empty() { line } else { format!("{text}\n\n{line}") }
    }
}

/// A body without its marker.
pub fn above(body: &str) -> &str {
    match body.trim_end().rsplit_once('\n') {
        Some((text, last)) if last.starts_with(BEGIN) => text.trim_end(),
        None if body.starts_with(BEGIN) => "",
        _ => body,
    }
}

/// In `most` characters, with a mark where something was left out.
pub fn cut(text: &str, most: usize) -> String {
    let plain = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t');
    let text: String = text.chars().filter(plain).collect();
    let text = text.trim();
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(CUT.chars().count())).collect();
    format!("{}{CUT}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::super::place::Home;
    use super::*;

    fn place(home: Home, digit: &str) -> Place {
        Place { home, id: format!("{}-aaaa-4bbb-8ccc-{}", digit.repeat(8), digit.repeat(12)) }
    }

    #[test]
    fn a_marker_is_read_as_it_was_written_and_never_from_a_strangers_text() {
        let also = vec![place(Home::Contact, "1"), place(Home::Opportunity, "2")];
        for role in
            [Role::First { also: Vec::new() }, Role::First { also }, Role::After { first: place(Home::Account, "3") }]
        {
            let marker = Marker { mail: "a+b@c.no".into(), role };
            let body = marker.below("Hei\n\nMessage-ID: <other@evil.example>", 10_000);
            assert_eq!(Marker::read(&body).as_ref(), Some(&marker));
            assert_eq!(above(&body), "Hei\n\nMessage-ID: <other@evil.example>");
            assert_eq!(Marker::read(&marker.below("", 100)).as_ref(), Some(&marker));
        }
        assert_eq!(Marker::read("Message-ID: <other@evil.example>\n\nBye"), None);
        assert!(name(&"x".repeat(401)).starts_with("sha256:") && name("a> (first on x@y").starts_with("sha256:"));
    }

    #[test]
    fn a_long_text_is_cut_where_one_sees_it_and_keeps_its_marker() {
        let marker = Marker { mail: "a@b".into(), role: Role::First { also: Vec::new() } };
        let body = marker.below(&"æ".repeat(20_000), 10_000);
        assert!(body.chars().count() <= 10_000 && body.contains("æ\n[…]\n\nMessage-ID: <a@b>"));
        assert_eq!(cut(&"x".repeat(201), 200).chars().count(), 200);
        assert_eq!(cut("a\u{0}b", 10), "ab");
    }
}
