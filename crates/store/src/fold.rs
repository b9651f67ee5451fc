//! Text made alike for comparing: case and accents gone, Nordic and German letters as people type them without their
//! keyboard. A letter such as å has two such spellings, a and aa: [`fold`] gives the first, [`spelled_out`] the second.

mod beginnings;

pub(crate) use beginnings::{LONGEST_BEGINNING, beginnings, column_mark};

use std::{borrow::Cow, collections::BTreeSet};
use unicode_normalization::char::decompose_compatible;

/// Lower case, without accents: ø→o, æ→ae, å→a, ä→a, ß→ss. Each Chinese, Japanese or Korean sign becomes a word of its
/// own, because their words are not parted by spaces.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + text.len() / 8);
    for letter in text.chars() {
        if is_sign(letter) {
            folded.extend([' ', letter, ' ']);
        } else {
            push(letter, &mut folded);
        }
    }
    folded
}

/// As [`fold`], with the second spelling: å→aa, ä→ae, ö and ø→oe, ü→ue. None where it is the same.
pub(crate) fn spelled_out(word: &str) -> Option<String> {
    if word.is_ascii() {
        return None;
    }
    let mut folded = String::with_capacity(word.len() + 4);
    let mut differs = false;
    for letter in word.chars() {
        let second = match letter {
            'å' | 'Å' => "aa",
            'ä' | 'Ä' => "ae",
            'ö' | 'Ö' | 'ø' | 'Ø' => "oe",
            'ü' | 'Ü' => "ue",
            _ => {
                push(letter, &mut folded);
                continue;
            }
        };
        folded.push_str(second);
        differs = true;
    }
    differs.then_some(folded)
}

/// What goes into the search index: the folded words, and behind them the second spellings. Behind, so that a phrase
/// still finds its words side by side. Signs are put in as pairs (see [`phrase`]).
pub(crate) fn indexed(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len() + text.len() / 8);
    let mut signs = Vec::new();
    paired(text, &mut signs, &mut folded);
    end_signs(&mut signs, &mut folded, true);
    for word in second_spellings(text) {
        folded.push(' ');
        folded.push_str(&word);
    }
    folded
}

/// Of all words of a text, each once.
fn second_spellings(text: &str) -> BTreeSet<String> {
    let mut words = Vec::new();
    let mut at = 0;
    // All letters that have two spellings begin with this byte.
    while let Some(next) = memchr::memchr(0xc3, &text.as_bytes()[at..]) {
        let here = at + next;
        let begin = text[at..here].rfind(|letter| !is_word(letter)).map_or(at, |space| {
            let space = at + space;
            space + text[space..].chars().next().map_or(1, char::len_utf8)
        });
        let end = text[here..].find(|letter| !is_word(letter)).map_or(text.len(), |length| here + length);
        words.push(&text[begin..end]);
        // A sign such as × is no letter: behind it.
        at = end.max(here + 2);
    }
    words.sort_unstable();
    words.dedup();
    words.into_iter().filter_map(spelled_out).collect()
}

/// Words as a phrase of the search index, and whether its last word may go on. Of a run of signs such as 東京都 the index
/// holds each sign with the one behind it, and the last alone: 東京 京都 都. So two signs are one word, more a phrase of
/// pairs, and a single one is the beginning of a pair.
pub(crate) fn phrase(words: &[&str], open: bool) -> (String, bool) {
    let mut folded = String::new();
    let mut signs = Vec::new();
    for word in words {
        end_signs(&mut signs, &mut folded, true);
        folded.push(' ');
        paired(word, &mut signs, &mut folded);
    }
    let single = signs.len() == 1;
    end_signs(&mut signs, &mut folded, single);
    // What decomposing a letter brought in.
    let plain: String = folded
        .chars()
        .map(|letter| if letter.is_ascii() && !letter.is_ascii_alphanumeric() { ' ' } else { letter })
        .filter(|letter| *letter != '\0')
        .collect();
    (plain.split_whitespace().collect::<Vec<_>>().join(" "), open || single)
}

fn paired(text: &str, signs: &mut Vec<char>, folded: &mut String) {
    let mut rest = text;
    loop {
        // Most letters are ASCII: in one go.
        let plain = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        if plain > 0 {
            end_signs(signs, folded, true);
            let begin = folded.len();
            folded.push_str(&rest[..plain]);
            folded[begin..].make_ascii_lowercase();
            rest = &rest[plain..];
        }
        let Some(letter) = rest.chars().next() else { return };
        rest = &rest[letter.len_utf8()..];
        if is_sign(letter) {
            if signs.is_empty() {
                folded.push(' ');
            }
            if let Some(last) = signs.last() {
                folded.extend([*last, letter, ' ']);
            }
            signs.push(letter);
            continue;
        }
        end_signs(signs, folded, true);
        if is_word(letter) {
            push(letter, folded);
        } else {
            folded.push(' ');
        }
    }
}

/// Ends a run of signs. `last`: with its last one alone.
fn end_signs(signs: &mut Vec<char>, folded: &mut String, last: bool) {
    if let (Some(sign), true) = (signs.last(), last) {
        folded.extend([*sign, ' ']);
    }
    signs.clear();
}

/// The words of a text, folded, without repetition, in the order of the alphabet; second spellings among them.
pub fn words(text: &str) -> Vec<String> {
    let mut words = BTreeSet::new();
    for (_, piece) in pieces(text) {
        words.extend(fold(piece).split_whitespace().map(str::to_owned));
        words.extend(spelled_out(piece));
    }
    words.into_iter().collect()
}

/// The words of a text as they stand, with the byte where each begins.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let begin = pass(text, at, false);
        at = pass(text, begin, true);
        (at > begin).then(|| (begin, &text[begin..at]))
    })
}

/// As [`pieces`], of the words whose first byte is one of `heads` (which has no byte that only goes on a letter).
pub(crate) fn pieces_from<'a>(text: &'a str, heads: &'a [bool; 256]) -> impl Iterator<Item = (usize, &'a str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let begin = next_head(text.as_bytes(), at, heads)?;
            let inside = text[..begin].chars().next_back().is_some_and(is_word);
            let end = if inside { begin } else { pass(text, begin, true) };
            at = end.max(begin + 1);
            if end > begin {
                return Some((begin, &text[begin..end]));
            }
        }
    })
}

/// The first place from `at` on with one of `heads` that does not stand behind an ASCII letter or digit. No branch for each
/// byte: where words end cannot be foreseen, and a search looks through fifty mails.
fn next_head(bytes: &[u8], at: usize, heads: &[bool; 256]) -> Option<usize> {
    const BLOCK: usize = 32;
    let mut before = at.checked_sub(1).map_or(BETWEEN, |before| KINDS[usize::from(bytes[before])]);
    for (number, block) in bytes[at..].chunks(BLOCK).enumerate() {
        let mut found = 0u32;
        for (place, byte) in block.iter().enumerate() {
            found |= u32::from(heads[usize::from(*byte)] & (before != OF_WORD)) << place;
            before = KINDS[usize::from(*byte)];
        }
        if found != 0 {
            return Some(at + number * BLOCK + found.trailing_zeros() as usize);
        }
    }
    None
}

/// Behind the letters from `at` on that are of a word, or are not.
fn pass(text: &str, mut at: usize, words: bool) -> usize {
    let (bytes, same) = (text.as_bytes(), if words { OF_WORD } else { BETWEEN });
    loop {
        while bytes.get(at).is_some_and(|byte| KINDS[usize::from(*byte)] == same) {
            at += 1;
        }
        match text[at..].chars().next() {
            Some(letter) if !letter.is_ascii() && is_word(letter) == words => at += letter.len_utf8(),
            _ => return at,
        }
    }
}

/// What a byte is by itself: one of ASCII is of a word or between words, others tell only together.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        kinds[byte] = if (byte as u8).is_ascii_alphanumeric() { OF_WORD } else { BETWEEN };
        byte += 1;
    }
    kinds
};
const OF_WORD: u8 = 1;
const BETWEEN: u8 = 2;

fn is_word(letter: char) -> bool {
    match letter {
        _ if letter.is_ascii() => letter.is_ascii_alphanumeric(),
        // Most of what is not ASCII here; the tables of all scripts take ten times as long.
        '\u{c0}'..='\u{24f}' => !matches!(letter, '×' | '÷'),
        _ => letter.is_alphanumeric() || is_mark(letter),
    }
}

fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}

/// Of a script whose words are not parted by spaces.
pub(crate) fn is_sign(letter: char) -> bool {
    matches!(letter as u32, 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0x20000..=0x2fa1f)
}

fn push(letter: char, folded: &mut String) {
    if letter.is_ascii() {
        folded.push(letter.to_ascii_lowercase());
        return;
    }
    if is_sign(letter) {
        folded.push(letter);
        return;
    }
    decompose_compatible(letter, |part| {
        if is_mark(part) {
            return;
        }
        for lower in part.to_lowercase() {
            let plain: Cow<'_, str> = match lower {
                'ø' => "o".into(),
                'æ' => "ae".into(),
                'œ' => "oe".into(),
                'ß' => "ss".into(),
                'đ' | 'ð' => "d".into(),
                'þ' => "th".into(),
                'ł' => "l".into(),
                'ı' => "i".into(),
                mark if is_mark(mark) => continue,
                other => {
                    folded.push(other);
                    continue;
                }
            };
            folded.push_str(&plain);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_where_letters_do() {
        assert!(('\u{80}'..'\u{300}').all(|letter| is_word(letter) == letter.is_alphanumeric()));
        let of = |text| pieces(text).map(|(at, word)| format!("{at}{word}")).collect::<Vec<_>>();
        assert_eq!(of(" «Ærø»×2, o\u{301}l–b4 "), ["3Ærø", "122", "15o\u{301}l", "22b4"]);
        assert!(of("").is_empty() && of(" – ").is_empty());
        let some = |text, head: &dyn Fn(u8) -> bool| {
            let heads = std::array::from_fn(|byte| !(0x80..0xc0).contains(&byte) && head(byte as u8));
            pieces_from(text, &heads).map(|(at, word)| format!("{at}{word}")).collect::<Vec<_>>()
        };
        let long = "før «Ærø»×2, o\u{301}l–b4 øål 東京x 京 ".repeat(9);
        for text in [" «Ærø»×2, o\u{301}l–b4 ", "ab", "øb", "", " – ", &long, &long[1..]] {
            assert_eq!(some(text, &|_| true), of(text), "{text}");
        }
        assert_eq!(some("bo før ab åb b xb", &|byte| byte == b'b' || byte >= 0x80), ["0bo", "11åb", "15b"]);
    }

    #[test]
    fn signs_are_pairs() {
        assert_eq!(indexed("東京都 a"), " 東京 京都 都  a");
        assert_eq!(indexed("x京y").split_whitespace().collect::<Vec<_>>(), ["x", "京", "y"]);
        assert_eq!(phrase(&["東京都"], false), ("東京 京都".into(), false));
        assert_eq!(phrase(&["東京"], false), ("東京".into(), false));
        assert_eq!(phrase(&["京"], false), ("京".into(), true));
        assert_eq!(phrase(&["東京", "hotel"], true), ("東京 京 hotel".into(), true));
    }

    #[test]
    fn second_spellings_stand_behind() {
        assert_eq!(indexed("Blåt, 3×4 Ærø×ås é"), "blat, 3 4 aero as e aas aeroe blaat");
        assert_eq!(indexed("для ås"), "для as aas");
    }

    #[test]
    fn words_begin() {
        let of = |text: &str| {
            let mut out = String::new();
            beginnings(&[&indexed(text)], None, &mut out);
            out.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(of("Tilbud til a b42 ti"), ["ti", "til", "tilb", "b4", "b42"]);
        assert_eq!(of("Привет 東京"), ["пр", "при", "прив", "東", "東京", "京"]);
        let mut marked = String::new();
        beginnings(&["ab", "abc ab"], Some('!'), &mut marked);
        assert_eq!(marked, "!ab !abc ");
        // A letter of several bytes behind others, in the fourth place and behind it.
        assert_eq!(of("abп abcп abcdп"), ["ab", "abп", "abc", "abcп", "ab", "abc", "abcd"]);
    }
}
