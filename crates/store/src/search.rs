use crate::{
    Page, Result, Store,
    fold::{fold, pieces, spelled_out},
    message::{page, rows_of},
};
use clientele_model::MessageId;
use rusqlite::{Connection, OptionalExtension as _, params};

/// Hits beyond this are not counted.
const MOST_COUNTED: u32 = 1000;
/// Letters of a snippet before and behind its first hit.
const BEFORE: usize = 40;
const BEHIND: usize = 140;
/// Words beyond this are not read: nobody types so many.
const MOST_WORDS: usize = 24;

#[derive(Debug, Clone)]
pub struct SearchQuery {
    /// What a person types: words that must all be there, `"a phrase"`, `from:word`, `to:word`, `subject:word`. The
    /// last word may be unfinished.
    pub query: String,
    pub after: Option<MessageId>,
    /// Taken to 1..=200.
    pub limit: u32,
}

/// A word or phrase that must be there.
#[derive(Debug, PartialEq, Eq)]
struct Clause {
    column: Option<&'static str>,
    /// Folded; any of them.
    spellings: Vec<String>,
    /// The last word may go on.
    open: bool,
}

impl Store {
    /// Newest first, over people, subject, body and attachment names.
    pub fn search(&self, query: &SearchQuery) -> Result<Page> {
        let clauses = clauses(&query.query);
        if clauses.is_empty() {
            return Ok(Page::default());
        }
        let limit = query.limit.clamp(1, 200);
        let expression = expression(&clauses);
        self.read(|db| {
            let mut select = db.prepare_cached(SEARCH)?;
            let before = query.after.map_or(i64::MAX, |id| id.0);
            let ids = select
                .query_map(params![expression, before, limit + 1], |row| row.get(0).map(MessageId))?
                .collect::<Result<Vec<_>, _>>()?;
            // An only page has counted itself.
            let total = if query.after.is_none() && ids.len() <= limit as usize {
                ids.len() as u32
            } else {
                db.prepare_cached("SELECT count(*) FROM (SELECT 1 FROM mail.fts WHERE fts MATCH ? LIMIT ?)")?
                    .query_row(params![expression, MOST_COUNTED], |row| row.get(0))?
            };
            let mut page = page(rows_of(db, &ids)?, limit, total);
            // What was hidden since must not end the paging.
            if ids.len() > limit as usize {
                page.next = ids.get(limit as usize - 1).copied();
            }
            for row in &mut page.rows {
                row.snippet = text_of(db, row.id)?.and_then(|text| snippet(&text, &clauses)).unwrap_or_default();
            }
            Ok(page)
        })
    }
}

/// Row ids run in date order, so that the newest are had without sorting.
pub(crate) const SEARCH: &str =
    "SELECT rowid FROM mail.fts WHERE fts MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?";

fn text_of(db: &Connection, id: MessageId) -> Result<Option<String>> {
    let packed: Option<Vec<u8>> = db
        .prepare_cached("SELECT text FROM mail.body WHERE message = ?")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    Ok(match packed {
        Some(packed) => Some(String::from_utf8_lossy(&zstd::decode_all(&packed[..])?).into_owned()),
        None => None,
    })
}

/// What a person typed, as clauses. Nothing of it is FTS syntax afterwards: only folded words are left.
fn clauses(query: &str) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut rest = query;
    while let Some(begin) = rest.find(|letter: char| !letter.is_whitespace()) {
        rest = &rest[begin..];
        let mut column = None;
        for (prefix, name) in [("from:", "people"), ("to:", "people"), ("subject:", "subject")] {
            if rest.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix)) {
                (column, rest) = (Some(name), &rest[prefix.len()..]);
            }
        }
        let (text, closed);
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"');
            text = &quoted[..end.unwrap_or(quoted.len())];
            closed = end.is_some();
            rest = end.map_or("", |end| &quoted[end + 1..]);
        } else {
            let end = rest.find(|letter: char| letter.is_whitespace() || letter == '"').unwrap_or(rest.len());
            text = &rest[..end];
            rest = &rest[end..];
            closed = !rest.is_empty();
        }
        let words: Vec<&str> = pieces(text).map(|(_, word)| word).collect();
        if words.is_empty() {
            continue;
        }
        let first = words.iter().map(|word| fold(word)).collect::<Vec<_>>().join(" ");
        let second =
            words.iter().map(|word| spelled_out(word).unwrap_or_else(|| fold(word))).collect::<Vec<_>>().join(" ");
        let mut spellings = vec![first];
        // A second spelling stands behind the text in the index, so only single words are found by it.
        if second != spellings[0] && words.len() == 1 {
            spellings.push(second);
        }
        clauses.push(Clause { column, spellings, open: !closed });
    }
    // Only the last word is still being typed. One letter would walk half the index.
    let last = clauses.len().saturating_sub(1);
    for (place, clause) in clauses.iter_mut().enumerate() {
        clause.open &= place == last && clause.spellings[0].trim().chars().count() > 1;
    }
    clauses.truncate(MOST_WORDS);
    clauses
}

fn expression(clauses: &[Clause]) -> String {
    let terms: Vec<String> = clauses
        .iter()
        .map(|clause| {
            let star = if clause.open { " *" } else { "" };
            let any: Vec<String> = clause.spellings.iter().map(|words| format!("\"{words}\"{star}")).collect();
            let column = clause.column.map(|column| format!("{column} : ")).unwrap_or_default();
            format!("{column}({})", any.join(" OR "))
        })
        .collect();
    terms.join(" AND ")
}

/// Text around the first hit, hits between U+0002 and U+0003; None where the text has none.
fn snippet(text: &str, clauses: &[Clause]) -> Option<String> {
    let hits: Vec<(usize, usize)> = pieces(text)
        .filter(|(_, word)| hit(word, clauses))
        .map(|(begin, word)| (begin, begin + word.len()))
        .take(64)
        .collect();
    let (first, _) = *hits.first()?;
    let begin = text[..first].char_indices().rev().take(BEFORE).last().map_or(first, |(at, _)| at);
    // Not in the middle of a word, where that is near.
    let space = text[begin..first].char_indices().find(|(_, letter)| letter.is_whitespace());
    let begin = match space {
        Some((at, letter)) if begin > 0 => begin + at + letter.len_utf8(),
        _ => begin,
    };
    let end = text[first..].char_indices().nth(BEHIND).map_or(text.len(), |(at, _)| first + at);
    let mut marked = String::with_capacity(end - begin + 16);
    let mut at = begin;
    for (from, to) in hits.into_iter().filter(|(_, to)| *to <= end) {
        marked.push_str(&clean(&text[at..from]));
        marked.push('\u{2}');
        marked.push_str(&clean(&text[from..to]));
        marked.push('\u{3}');
        at = to;
    }
    marked.push_str(&clean(&text[at..end]));
    Some(marked.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A mail cannot mark hits of its own.
fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn hit(word: &str, clauses: &[Clause]) -> bool {
    let mut spellings = vec![fold(word)];
    spellings.extend(spelled_out(word));
    clauses.iter().filter(|clause| clause.column.is_none()).any(|clause| {
        clause.spellings.iter().any(|wanted| {
            let words: Vec<&str> = wanted.split_whitespace().collect();
            words.iter().enumerate().any(|(place, wanted)| {
                let open = clause.open && place + 1 == words.len();
                spellings.iter().any(|have| {
                    have.split_whitespace().any(|have| if open { have.starts_with(wanted) } else { have == *wanted })
                })
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_syntax_is_only_words() {
        let of = |query| expression(&clauses(query));
        assert_eq!(of("hei du"), "(\"hei\") AND (\"du\" *)");
        assert_eq!(of("NEAR(a OR b) *"), "(\"near a\") AND (\"or\") AND (\"b\")");
        assert_eq!(of("\"to ord\" subject:Brødrene"), "(\"to ord\") AND subject : (\"brodrene\" * OR \"broedrene\" *)");
        assert_eq!(of("ola@nord.no "), "(\"ola nord no\")");
        assert_eq!(of("\"' -- ^ : {} ()"), "");
    }

    #[test]
    fn snippets_mark_hits() {
        let text = format!("{} Møtet med Brødrene Åsen er flyttet\u{2}.", "ord ".repeat(50));
        let found = snippet(&text, &clauses("brodr")).expect("a hit");
        assert!(found.contains("med \u{2}Brødrene\u{3} Åsen"), "{found}");
        assert_eq!(found.matches('\u{2}').count(), 1, "the mail's own mark is gone");
        assert!(found.chars().count() < 250);
        // Spaces of several bytes, and a hit longer than a snippet.
        for text in [
            "å\u{a0}".repeat(60) + "brodr",
            "\u{3000}ø".repeat(60) + "\u{3000}brodr",
            "x ".repeat(60) + "brodr" + &"å".repeat(300),
        ] {
            assert!(snippet(&text, &clauses("brodr")).is_some());
        }
    }
}
