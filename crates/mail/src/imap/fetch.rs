//! What a FETCH answer says, and sets of UIDs.

use super::{
    session::{Piece, Session},
    utf7,
    value::Value,
};
use crate::MailError;
use bytes::Bytes;
use clientele_store::Flags;
use std::collections::BTreeSet;

/// The most of a body that is asked for at once.
pub(super) const PIECE: u32 = 512 * 1024;

/// A body that is fetched whole and goes on beyond this is larger than the server said.
const MOST_BODY: usize = 64 * 1024 * 1024;

/// Keywords of one mail beyond this are not kept.
const MOST_KEYWORDS: usize = 64;

/// The most of a new mail that is asked for together with others.
const FIRST_PIECE: u32 = 1024 * 1024;

/// What is asked of every new mail. The size that a server claims is not relied on: a piece that comes shorter than
/// asked is the whole.
const EVERYTHING: &str = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.1048576>)";
/// The same where the server numbers mails and conversations itself (Gmail's X-GM-EXT-1).
const EVERYTHING_GMAIL: &str =
    "(UID FLAGS INTERNALDATE RFC822.SIZE X-GM-MSGID X-GM-THRID X-GM-LABELS BODY.PEEK[]<0.1048576>)";

/// One mail of a FETCH answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Fetched {
    pub(super) uid: u32,
    pub(super) flags: Option<Flags>,
    /// Seconds since 1970.
    pub(super) internal_date: Option<i64>,
    pub(super) size: u32,
    /// The server's number of the conversation; empty: it has none.
    pub(super) thread: String,
    /// Gmail's number of the mail; 0: it has none. And its labels.
    pub(super) gmail_id: i64,
    pub(super) labels: Vec<String>,
    pub(super) body: Option<Bytes>,
    /// Where the body's piece begins; None: it is whole.
    pub(super) origin: Option<u32>,
    /// It could not be read from the server at all.
    pub(super) unreadable: bool,
}

impl Fetched {
    /// An answer to our question, not flags that came unasked.
    pub(super) fn asked_for(&self) -> bool {
        self.body.is_some() || self.internal_date.is_some()
    }

    /// What it takes while it is under way, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.body.as_ref().map_or(0, |body| body.len()) + 512
    }

    /// Only a first piece of the body is here.
    pub(super) fn cut(&self) -> bool {
        self.origin.is_some() && self.body.as_ref().is_some_and(|body| body.len() >= FIRST_PIECE as usize)
    }
}

/// `n FETCH (…)` with a UID in it.
pub(super) fn fetched(data: &[Value]) -> Option<Fetched> {
    let [_, word, Value::List(items)] = data else { return None };
    if !word.is("FETCH") {
        return None;
    }
    let mut found = Fetched::default();
    for pair in items.chunks(2) {
        let [Value::Atom(name), value] = pair else { return None };
        match name.to_ascii_uppercase().as_slice() {
            b"UID" => found.uid = u32::try_from(value.number()?).ok()?,
            b"FLAGS" => found.flags = Some(flags(value.list()?)),
            b"INTERNALDATE" => found.internal_date = value.text().as_deref().and_then(date),
            b"RFC822.SIZE" => found.size = value.number().unwrap_or(0).min(u64::from(u32::MAX)) as u32,
            // Unsigned on the wire; what it is here does not matter as long as it is the same.
            b"X-GM-MSGID" => found.gmail_id = value.number().unwrap_or(0) as i64,
            b"X-GM-LABELS" => {
                let labels = value.list().unwrap_or_default().iter().filter_map(Value::text);
                // In UTF-8 or not, as the connection has it.
                let labels = labels.map(|label| utf7::encode(&utf7::decode(label.as_bytes())));
                found.labels = labels.take(MOST_KEYWORDS).collect();
            }
            b"X-GM-THRID" => found.thread = value.number().map(|number| number.to_string()).unwrap_or_default(),
            name if name.starts_with(b"BODY[") => {
                found.body = value.bytes().cloned();
                // RFC 9051 section 7.5.2: where a piece begins; without it, this is the whole.
                found.origin = name
                    .iter()
                    .rposition(|byte| *byte == b'<')
                    .and_then(|at| std::str::from_utf8(name.get(at + 1..name.len() - 1)?).ok()?.parse().ok());
            }
            _ => {}
        }
    }
    if found.uid == 0 { None } else { Some(found) }
}

fn flags(words: &[Value]) -> Flags {
    let has = |flag: &str| words.iter().any(|word| word.is(flag));
    Flags {
        seen: has("\\Seen"),
        flagged: has("\\Flagged"),
        answered: has("\\Answered"),
        forwarded: has("$Forwarded"),
        draft: has("\\Draft"),
        deleted: has("\\Deleted"),
        keywords: words
            .iter()
            .filter_map(Value::text)
            .filter(|word| clientele_model::is_keyword(word))
            .take(MOST_KEYWORDS)
            .collect(),
    }
}

/// `17-Jul-1996 02:44:25 -0700`
fn date(text: &str) -> Option<i64> {
    let zoned = jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?;
    Some(zoned.to_timestamp().ok()?.as_second())
}

/// UIDs as a set on the wire (`1:3,7`), in pieces short enough for servers that refuse long arguments.
pub(super) fn sets(uids: &[u32]) -> Vec<String> {
    let rising: BTreeSet<u32> = uids.iter().copied().collect();
    let mut sets: Vec<String> = Vec::new();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for uid in rising {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(uid) => *last = uid,
            _ => ranges.push((uid, uid)),
        }
    }
    for (first, last) in ranges {
        let range = if first == last { first.to_string() } else { format!("{first}:{last}") };
        match sets.last_mut() {
            Some(set) if set.len() + range.len() < 3_000 => {
                set.push(',');
                set.push_str(&range);
            }
            _ => sets.push(range),
        }
    }
    sets
}

/// The numbers of a set from the wire; nothing where it is larger than `limit`, which no answer to us can be.
pub(super) fn numbers(set: &str, limit: usize) -> Vec<u32> {
    let mut found = Vec::new();
    for range in set.split(',') {
        let (first, last) = range.split_once(':').unwrap_or((range, range));
        let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) else { continue };
        // COPYUID pairs the numbers in the order written, which may fall (RFC 4315 section 3).
        let count = first.abs_diff(last) as usize + 1;
        if found.len() + count > limit {
            return Vec::new();
        }
        if first <= last { found.extend(first..=last) } else { found.extend((last..=first).rev()) }
    }
    found
}

impl Session {
    /// What is asked of every new mail.
    pub(super) fn everything(&self) -> &'static str {
        if self.has("X-GM-EXT-1") { EVERYTHING_GMAIL } else { EVERYTHING }
    }

    /// UIDs that match, rising. As ranges where the server can (RFC 4731): a folder of 100,000 mails in a line.
    pub(super) async fn search(&mut self, criteria: &str) -> Result<Vec<u32>, MailError> {
        self.search_pieces(&[Piece::Line(criteria)]).await
    }

    /// The same, with criteria that hold literals.
    pub(super) async fn search_pieces(&mut self, criteria: &[Piece<'_>]) -> Result<Vec<u32>, MailError> {
        let short = self.has("ESEARCH");
        let command = if short { "UID SEARCH RETURN (ALL) " } else { "UID SEARCH " };
        let pieces: Vec<Piece<'_>> = std::iter::once(Piece::Line(command)).chain(criteria.iter().copied()).collect();
        // More than the folder holds cannot be meant.
        let most = self.selected().map_or(0, |selected| selected.exists) as usize + 10_000;
        let mut found = BTreeSet::new();
        let mut odd = false;
        let mut answered = false;
        self.run_pieces(&pieces, |data| match data.split_first() {
            _ if odd => {}
            Some((word, rest)) if word.is("SEARCH") => {
                answered = true;
                found.extend(rest.iter().filter_map(Value::number).filter_map(|uid| u32::try_from(uid).ok()));
                odd |= found.len() > most;
            }
            Some((word, rest)) if word.is("ESEARCH") => {
                answered = true;
                let all = rest.windows(2).find(|pair| pair[0].is("ALL")).and_then(|pair| pair[1].text());
                if let Some(set) = all {
                    let numbers = numbers(&set, most);
                    odd |= numbers.is_empty();
                    found.extend(numbers);
                }
            }
            Some(_) => {}
            None => odd = true,
        })
        .await?;
        // An answer that could not be read must not look like "none": mails would vanish from the store.
        if odd || (short && !answered) {
            return Err(MailError::Protocol("a SEARCH answer"));
        }
        Ok(found.into_iter().collect())
    }

    /// One further piece of a body, from `offset`; true: it is the last.
    pub(super) async fn piece(&mut self, uid: u32, offset: u32) -> Result<(Bytes, bool), MailError> {
        let mut found = None;
        let command = format!("UID FETCH {uid} (UID BODY.PEEK[]<{offset}.{PIECE}>)");
        self.run(&command, |data| {
            if let Some(mail) = fetched(data).filter(|mail| mail.uid == uid && mail.body.is_some()) {
                found = Some(mail);
            }
        })
        .await?;
        let mail = found.ok_or(MailError::Gone)?;
        let body = mail.body.unwrap_or_default();
        match mail.origin {
            Some(origin) if origin == offset && body.len() <= PIECE as usize => {
                let last = body.len() < PIECE as usize;
                Ok((body, last))
            }
            // A server that knows no pieces gives the whole.
            None if body.len() >= offset as usize => Ok((body.slice(offset as usize..), true)),
            _ => Err(MailError::Protocol("another piece of a mail than asked for")),
        }
    }

    /// A whole body, in pieces.
    pub(super) async fn whole(&mut self, uid: u32, mut have: Vec<u8>) -> Result<Vec<u8>, MailError> {
        loop {
            if have.len() >= MOST_BODY {
                return Err(MailError::TooLarge { limit: MOST_BODY as u64 });
            }
            let (piece, last) = self.piece(uid, have.len() as u32).await?;
            have.extend_from_slice(&piece);
            if last {
                return Ok(have);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{date, numbers, sets};

    #[test]
    fn sets_go_both_ways_and_stay_short() {
        assert_eq!(sets(&[7, 1, 3, 2, 9]), ["1:3,7,9"]);
        assert_eq!(numbers("1:3,7,12:10", 100), [1, 2, 3, 7, 12, 11, 10]);
        assert!(numbers("1:4294967295", 1000).is_empty());
        let odd: Vec<u32> = (0..20_000).map(|n| n * 2 + 1).collect();
        let split = sets(&odd);
        assert!(split.iter().all(|set| set.len() < 3_100));
        assert_eq!(split.iter().map(|set| numbers(set, 100_000).len()).sum::<usize>(), odd.len());
    }

    #[test]
    fn internal_dates() {
        assert_eq!(date("17-Jul-1996 02:44:25 -0700"), Some(837_596_665));
        assert_eq!(date(" 7-Nov-2026 12:00:00 +0100"), Some(1_794_049_200));
        assert_eq!(date("never"), None);
    }
}
