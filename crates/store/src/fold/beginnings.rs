//! How the words of a text begin, for the index that serves words which are still being typed.

use super::{BETWEEN, KINDS, is_sign};
use std::collections::BTreeSet;

/// How many letters a beginning has at most.
pub(crate) const LONGEST_BEGINNING: usize = 4;

/// Before the beginnings of one column's words, a sign that no word has: the index of beginnings knows no columns.
pub(crate) fn column_mark(column: &str) -> Option<char> {
    match column {
        "author" => Some('\u{e001}'),
        "recipients" => Some('\u{e002}'),
        "copies" => Some('\u{e003}'),
        "subject" => Some('\u{e004}'),
        "files" => Some('\u{e005}'),
        _ => None,
    }
}

/// The beginnings of the words of [`indexed`] texts, each once: of two to four letters, of signs of one too. A search for
/// an unfinished word of so many letters would walk half the index otherwise. With `mark` before each.
pub(crate) fn beginnings(texts: &[&str], mark: Option<char>, out: &mut String) {
    let mut others = BTreeSet::new();
    let mut touched = Vec::new();
    let mut known = KNOWN.take();
    known.resize(37usize.pow(4).div_ceil(64), 0);
    for word in texts.iter().flat_map(|text| plain_words(text)) {
        let head = word.as_bytes().get(..LONGEST_BEGINNING).unwrap_or(word.as_bytes());
        if head.is_ascii() {
            let mut numbers = [0; LONGEST_BEGINNING];
            let mut number = 0;
            for (place, letter) in numbers.iter_mut().zip(head) {
                number = number * 37 + usize::from(DIGITS[usize::from(*letter)]);
                *place = number;
            }
            // Of a beginning that is known, the shorter ones are: mostly one look says all.
            let is_known = |place: usize| known[numbers[place] / 64] & 1 << (numbers[place] % 64) != 0;
            let fresh = (1..head.len()).rev().take_while(|place| !is_known(*place)).count();
            for place in head.len() - fresh..head.len() {
                let at = numbers[place] / 64;
                known[at] |= 1 << (numbers[place] % 64);
                touched.push(at);
                out.extend(mark);
                out.push_str(&word[..=place]);
                out.push(' ');
            }
            continue;
        }
        for (place, (at, letter)) in word.char_indices().enumerate().take(LONGEST_BEGINNING) {
            let begin = &word[..at + letter.len_utf8()];
            if (place > 0 || is_sign(letter)) && !others.contains(begin) {
                others.insert(begin);
                out.extend(mark);
                out.push_str(begin);
                out.push(' ');
            }
        }
    }
    for word in touched {
        known[word] = 0;
    }
    KNOWN.set(known);
}

/// What stands between ASCII signs that are neither letter nor digit.
fn plain_words(text: &str) -> impl Iterator<Item = &str> {
    let parts = |byte: &u8| KINDS[usize::from(*byte)] == BETWEEN;
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        let begin = at + bytes[at..].iter().position(|byte| !parts(byte))?;
        at = bytes[begin..].iter().position(parts).map_or(bytes.len(), |length| begin + length);
        Some(&text[begin..at])
    })
}

/// Letters and digits of ASCII as digits to the base of 37, none of them 0.
const DIGITS: [u8; 256] = {
    let mut digits = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let letter = byte as u8;
        digits[byte] = match letter {
            b'0'..=b'9' => letter - b'0' + 27,
            _ if letter.is_ascii_alphabetic() => letter.to_ascii_lowercase() - b'a' + 1,
            _ => 0,
        };
        byte += 1;
    }
    digits
};

thread_local! {
    /// Beginnings in ASCII that a text was seen to have, by number: a set of bits takes a tenth of the time. Empty between.
    static KNOWN: std::cell::RefCell<Vec<u64>> = const { std::cell::RefCell::new(Vec::new()) };
}
