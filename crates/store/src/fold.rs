//! Text made alike for comparing: case and accents gone, Nordic and German letters as people type them without their
//! keyboard. A letter such as å has two such spellings, a and aa: [`fold`] gives the first, [`spelled_out`] the second.

use std::{borrow::Cow, collections::BTreeSet};
use unicode_normalization::char::decompose_compatible;

/// Lower case, without accents: ø→o, æ→ae, å→a, ä→a, ß→ss. Each Chinese, Japanese or Korean sign becomes a word of its
/// own, because their words are not parted by spaces.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + text.len() / 8);
    for letter in text.chars() {
        push(letter, &mut folded);
    }
    folded
}

/// As [`fold`], with the second spelling: å→aa, ä→ae, ö and ø→oe, ü→ue. None where it is the same.
pub(crate) fn spelled_out(word: &str) -> Option<String> {
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

/// What goes into the index: the folded text, and behind it the second spellings of its words. Behind, so that a phrase
/// still finds its words side by side.
pub(crate) fn indexed(text: &str) -> String {
    let mut folded = fold(text);
    if !text.is_ascii() {
        for word in pieces(text).filter_map(|(_, word)| spelled_out(word)).collect::<BTreeSet<_>>() {
            folded.push(' ');
            folded.push_str(&word);
        }
    }
    folded
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
        let begin = at + text[at..].find(is_word)?;
        let end = text[begin..].find(|letter| !is_word(letter)).map_or(text.len(), |length| begin + length);
        at = end;
        Some((begin, &text[begin..end]))
    })
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || is_mark(letter)
}

fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}

fn push(letter: char, folded: &mut String) {
    if letter.is_ascii() {
        folded.push(letter.to_ascii_lowercase());
        return;
    }
    if matches!(letter as u32, 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0x20000..=0x2fa1f)
    {
        folded.push(' ');
        folded.push(letter);
        folded.push(' ');
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
                other => other.to_string().into(),
            };
            folded.push_str(&plain);
        }
    });
}
