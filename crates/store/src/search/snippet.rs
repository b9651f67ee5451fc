//! A line of a mail around what was searched for.

use super::query::{Clause, Field};
use crate::fold::{fold, is_sign, pieces_from, spelled_out};

/// Letters of a snippet before and behind its first hit.
const BEFORE: usize = 40;
const BEHIND: usize = 140;
const MOST_HITS: usize = 64;

/// What snippets of one search mark.
pub(super) struct Marker<'a> {
    /// Single words, and whether each may go on.
    words: Vec<(&'a str, bool)>,
    /// Words of a script whose words are not parted by spaces.
    signs: Vec<&'a str>,
    /// The bytes that a hit may begin with: most words of most mails are no hit, and this says so at once.
    heads: [bool; 256],
}

impl<'a> Marker<'a> {
    /// None where nothing is looked for in the text.
    pub fn new(clauses: &'a [Clause]) -> Option<Marker<'a>> {
        let clauses: Vec<&Clause> =
            clauses.iter().filter(|clause| !clause.not && matches!(clause.field, Field::Any)).collect();
        if clauses.is_empty() {
            return None;
        }
        let mut words = Vec::new();
        for (phrase, goes_on) in clauses.iter().flat_map(|clause| &clause.spellings) {
            let last = phrase.rsplit(' ').next();
            words.extend(phrase.split(' ').map(|word| (word, *goes_on && Some(word) == last)));
        }
        let signs = clauses.iter().flat_map(|clause| &clause.words).map(String::as_str);
        let signs: Vec<&str> = signs.filter(|word| word.contains(is_sign)).collect();
        // A letter of ASCII is its own first letter in every spelling; a sign may stand anywhere in a word.
        let mut heads = std::array::from_fn(|byte| byte >= 0xc0 || (byte < 0x80 && !signs.is_empty()));
        for head in words.iter().filter_map(|(word, _)| word.as_bytes().first()).filter(|head| head.is_ascii()) {
            heads[usize::from(*head)] = true;
            heads[usize::from(head.to_ascii_uppercase())] = true;
        }
        Some(Marker { words, signs, heads })
    }

    /// Text around the first hit, hits between U+0002 and U+0003; None where the text has none.
    pub fn snippet(&self, text: &str) -> Option<String> {
        let mut hits: Vec<(usize, usize)> = Vec::new();
        let mut end = usize::MAX;
        for (begin, word) in pieces_from(text, &self.heads) {
            if begin >= end || hits.len() == MOST_HITS {
                break;
            }
            if let Some((from, to)) = self.hit(word) {
                if hits.is_empty() {
                    end =
                        text[begin + from..].char_indices().nth(BEHIND).map_or(text.len(), |(at, _)| begin + from + at);
                }
                hits.push((begin + from, begin + to));
            }
        }
        let (first, _) = *hits.first()?;
        let begin = text[..first].char_indices().rev().take(BEFORE).last().map_or(first, |(at, _)| at);
        // Not in the middle of a word, where that is near.
        let space = text[begin..first].char_indices().find(|(_, letter)| letter.is_whitespace());
        let begin = match space {
            Some((at, letter)) if begin > 0 => begin + at + letter.len_utf8(),
            _ => begin,
        };
        let mut marked = Line { text: String::with_capacity(end - begin + 16), gap: false };
        let mut at = begin;
        for (from, to) in hits.into_iter().filter(|(_, to)| *to <= end) {
            marked.write(&text[at..from]);
            marked.letter('\u{2}');
            marked.write(&text[from..to]);
            marked.letter('\u{3}');
            at = to;
        }
        marked.write(&text[at..end]);
        Some(marked.text)
    }

    /// Which part of a word of the text was searched for: all of it, or in a run of signs the signs.
    fn hit(&self, word: &str) -> Option<(usize, usize)> {
        if word.is_ascii() {
            // Without a copy.
            let same = self.words.iter().any(|(wanted, open)| {
                word.get(..wanted.len()).is_some_and(|head| head.eq_ignore_ascii_case(wanted))
                    && (*open || word.len() == wanted.len())
            });
            return same.then_some((0, word.len()));
        }
        if word.contains(is_sign) {
            return self.signs.iter().filter_map(|wanted| word.find(wanted).map(|at| (at, at + wanted.len()))).min();
        }
        let first = fold(word);
        let second = spelled_out(word);
        let same = [Some(&first), second.as_ref()].into_iter().flatten().any(|have| {
            have.split_whitespace().any(|have| {
                self.words.iter().any(|(wanted, open)| if *open { have.starts_with(wanted) } else { have == *wanted })
            })
        });
        same.then_some((0, word.len()))
    }
}

/// Text of a mail with single spaces, and without marks of its own.
struct Line {
    text: String,
    gap: bool,
}

impl Line {
    fn write(&mut self, text: &str) {
        for letter in text.chars() {
            if letter.is_control() || letter.is_whitespace() {
                self.gap = true;
            } else {
                self.letter(letter);
            }
        }
    }

    fn letter(&mut self, letter: char) {
        if self.gap && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.gap = false;
        self.text.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::query::Query;

    fn snippet(text: &str, query: &str) -> Option<String> {
        let query = Query::parse(query, &jiff::Zoned::now);
        Marker::new(&query.clauses)?.snippet(text)
    }

    #[test]
    fn snippets_mark_hits() {
        let text = format!("{} Møtet med Brødrene Åsen er flyttet\u{2}.", "ord ".repeat(50));
        let found = snippet(&text, "brodr").expect("a hit");
        assert!(found.contains("med \u{2}Brødrene\u{3} Åsen"), "{found}");
        assert_eq!(found.matches('\u{2}').count(), 1, "the mail's own mark is gone");
        assert!(found.chars().count() < 250);
        assert_eq!(snippet(&text, "-brodrene from:asen"), None);
        // Spaces of several bytes, and a hit longer than a snippet.
        for text in [
            "å\u{a0}".repeat(60) + "brodr",
            "\u{3000}ø".repeat(60) + "\u{3000}brodr",
            "x ".repeat(60) + "brodr" + &"å".repeat(300),
        ] {
            assert!(snippet(&text, "brodr").is_some());
        }
        assert_eq!(snippet("明日東京都へ行く", "京都").expect("a hit"), "明日東\u{2}京都\u{3}へ行く");
        // Beside signs, words of other letters are still found.
        let found = snippet("Ærø: møte i 東京, hotel ÅS", "京 as aero hotel moete").expect("hits");
        assert_eq!(found, "\u{2}Ærø\u{3}: \u{2}møte\u{3} i 東\u{2}京\u{3}, \u{2}hotel\u{3} \u{2}ÅS\u{3}");
    }
}
