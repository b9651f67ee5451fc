//! What a server tells of the open folder, asked or not: kept until a sync takes it.

use super::{fetch::fetched, value::Value};
use clientele_store::Flags;

/// More than this is not kept: the folder is compared instead.
const MOST: usize = 50_000;

/// News of a folder.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    /// UIDs that went, as ranges with both ends: a server may name numbers that never were, in ranges of any length.
    pub(crate) vanished: Vec<(u32, u32)>,
    /// Flags that were set, of mails that are known or new.
    pub(crate) flags: Vec<(u32, Flags)>,
    /// A mail went that was named by its place in the row only (RFC 9051 section 7.5.1), or more went than is kept.
    pub(crate) gone_unclear: bool,
    /// Flags changed of a mail that was named by its place only, or of more than is kept.
    pub(crate) flags_unclear: bool,
}

impl Heard {
    pub(crate) fn is_empty(&self) -> bool {
        self.vanished.is_empty() && self.flags.is_empty() && !self.gone_unclear && !self.flags_unclear
    }

    /// Notes one response. `exists`: how many mails the folder has, kept right.
    pub(crate) fn note(&mut self, data: &[Value], exists: &mut u32) -> bool {
        match data {
            [number, word, ..] if word.is("EXISTS") => {
                let now = number.number().unwrap_or(0).min(u64::from(u32::MAX)) as u32;
                std::mem::replace(exists, now) != now
            }
            [_, word, ..] if word.is("EXPUNGE") => {
                *exists = exists.saturating_sub(1);
                self.gone_unclear = true;
                true
            }
            // RFC 7162 section 3.2.10: with EARLIER the mails went before the folder was opened, and were never counted.
            [word, rest @ ..] if word.is("VANISHED") => {
                let earlier = matches!(rest.first(), Some(Value::List(_)));
                let set = rest.get(usize::from(earlier)).and_then(Value::text);
                match set.as_deref().map(ranges) {
                    Some(Some(found)) if found.len() + self.vanished.len() <= MOST => {
                        if !earlier {
                            let count: u64 = found.iter().map(|(first, last)| u64::from(last - first) + 1).sum();
                            *exists = exists.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX));
                        }
                        self.vanished.extend(found);
                    }
                    _ => self.gone_unclear = true,
                }
                true
            }
            [_, word, Value::List(items)] if word.is("FETCH") => {
                let named = |wanted: &str| {
                    items.iter().any(|item| {
                        matches!(item, Value::Atom(name) if name.len() >= wanted.len()
                            && name[..wanted.len()].eq_ignore_ascii_case(wanted.as_bytes()))
                    })
                };
                // What carries a body answers our own question.
                if named("BODY") || named("X-GM-MSGID") || !named("FLAGS") {
                    return false;
                }
                match fetched(data) {
                    Some(mail) if self.flags.len() < MOST => {
                        self.flags.extend(mail.flags.map(|flags| (mail.uid, flags)));
                    }
                    _ => self.flags_unclear = true,
                }
                true
            }
            _ => false,
        }
    }
}

/// A set from the wire as ranges with their ends in order; None where it cannot be read.
pub(super) fn ranges(set: &str) -> Option<Vec<(u32, u32)>> {
    set.split(',')
        .map(|range| {
            let (first, last) = range.split_once(':').unwrap_or((range, range));
            let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
            Some((first.min(last), first.max(last)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::imap::value::{Response, parse};

    fn hear(heard: &mut Heard, exists: &mut u32, line: &str) -> bool {
        match parse(&bytes::Bytes::copy_from_slice(format!("{line}\r\n").as_bytes())) {
            Response::Data(data) => heard.note(&data, exists),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn vanished_is_understood_in_every_form() {
        let (mut heard, mut exists) = (Heard::default(), 10);
        assert!(hear(&mut heard, &mut exists, "* VANISHED (EARLIER) 1:3,9,41:40"));
        assert_eq!((heard.vanished.as_slice(), exists), (&[(1, 3), (9, 9), (40, 41)][..], 10));
        assert!(hear(&mut heard, &mut exists, "* vanished 5,7:8"));
        assert_eq!((heard.vanished.len(), exists), (5, 7));
        assert!(hear(&mut heard, &mut exists, "* VANISHED (EARLIER) 1:4294967295"), "held as two numbers");
        assert!(!heard.gone_unclear);
        assert!(hear(&mut heard, &mut exists, "* VANISHED 1:x"));
        assert!(heard.gone_unclear, "and what cannot be read is compared");
    }

    #[test]
    fn flags_without_a_number_are_asked_for_again() {
        let (mut heard, mut exists) = (Heard::default(), 10);
        assert!(hear(&mut heard, &mut exists, "* 4 FETCH (UID 8 FLAGS (\\Seen) MODSEQ (12))"));
        assert!(heard.flags[0].0 == 8 && heard.flags[0].1.seen && !heard.flags_unclear);
        assert!(!hear(&mut heard, &mut exists, "* 4 FETCH (UID 8 MODSEQ (13))"), "an echo of our own change");
        assert!(hear(&mut heard, &mut exists, "* 4 FETCH (FLAGS ())"));
        assert!(heard.flags_unclear);
    }
}
