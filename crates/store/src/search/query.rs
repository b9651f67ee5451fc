//! What a person typed, taken apart. Nothing of it is FTS syntax afterwards: only folded words are left.

use super::date;
use crate::fold::{LONGEST_BEGINNING, column_mark, fold, is_sign, phrase, pieces, spelled_out};
use clientele_model::RowDate;
use jiff::Zoned;

/// Clauses beyond this are not read: nobody types so many.
const MOST_CLAUSES: usize = 24;

/// Where words are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Any,
    Column(&'static str),
    /// What the CRM calls the customer: a column of `business`.
    Business(&'static str),
}

/// A word or phrase.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Clause {
    pub field: Field,
    pub not: bool,
    /// As they were typed, without accents and case.
    pub words: Vec<String>,
    /// As the index has them, and whether the last word may go on; any of them.
    pub spellings: Vec<(String, bool)>,
}

/// What a mail must be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub seen: Option<bool>,
    pub flagged: Option<bool>,
    pub answered: Option<bool>,
    pub files: Option<bool>,
    pub archived: Option<bool>,
    pub private: Option<bool>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub clauses: Vec<Clause>,
    pub marks: Marks,
    /// Folded names of folders: in any of these, in none of those.
    pub folders: Vec<String>,
    pub folders_not: Vec<String>,
    /// Lower case: it bears all of these, none of those.
    pub keywords: Vec<String>,
    pub keywords_not: Vec<String>,
    /// The row ids it may have, both included.
    pub low: i64,
    pub high: i64,
    pub relevance: bool,
    /// It contradicts itself: no mail can be both.
    pub nothing: bool,
}

impl Query {
    /// Nothing was typed that chooses among mails.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
            && self.marks == Marks::default()
            && self.folders.is_empty()
            && self.folders_not.is_empty()
            && self.keywords.is_empty()
            && self.keywords_not.is_empty()
            && (self.low, self.high) == (0, i64::MAX)
    }

    /// `now` is asked where a date is named: the time zones of a computer are many files.
    pub fn parse(text: &str, now: &dyn Fn() -> Zoned) -> Query {
        let mut query = Query { high: i64::MAX, ..Query::default() };
        let mut rest = text;
        let mut open = None;
        for _ in 0..MOST_CLAUSES {
            rest = rest.trim_start();
            if rest.is_empty() {
                break;
            }
            let (not, name, value);
            (not, rest) = match rest.strip_prefix('-') {
                Some(behind) if !behind.starts_with(char::is_whitespace) => (true, behind),
                _ => (false, rest),
            };
            (name, rest) = operator(rest);
            (value, rest) = Value::read(rest);
            if !query.filter(name, &value, not, now) {
                let before = query.clauses.len();
                query.words(name, &value, not);
                // Only the last word is still being typed.
                open = (value.open && rest.is_empty() && query.clauses.len() > before).then_some(before);
            }
        }
        if let Some(last) = open.and_then(|at| query.clauses.get_mut(at)) {
            for (words, goes_on) in &mut last.spellings {
                // One letter would walk half the index.
                *goes_on |= words.chars().count() > 1;
            }
        }
        query.clauses.iter_mut().for_each(Clause::shorten);
        query.nothing |= query.low > query.high;
        query
    }

    /// True where it was a filter: understood, or empty because it is still being typed.
    fn filter(&mut self, name: &str, value: &Value<'_>, not: bool, now: &dyn Fn() -> Zoned) -> bool {
        let text = fold(value.text);
        let word = text.trim();
        match name {
            "" => return false,
            _ if word.is_empty() => {}
            "is" => return self.mark(word, not),
            "has" => match word {
                "attachment" | "attachments" | "file" | "files" => self.set(|marks| &mut marks.files, !not),
                _ => return false,
            },
            "keyword" if not => self.keywords_not.push(value.text.trim().to_ascii_lowercase()),
            "keyword" => self.keywords.push(value.text.trim().to_ascii_lowercase()),
            "in" | "folder" if not => self.folders_not.push(word.to_owned()),
            "in" | "folder" => self.folders.push(word.to_owned()),
            "before" | "after" | "since" | "until" | "on" | "date" => {
                let Some((begin, end)) = date::span(value.text, &now()) else { return false };
                let (first, behind) = (RowDate::new(begin).place().0, RowDate::new(end).place().0);
                // after: and since: take the day in, as people expect of "since Monday"; before: leaves it out.
                match (name, not) {
                    ("before", false) | ("after" | "since", true) => self.high = self.high.min(first - 1),
                    ("after" | "since", false) | ("before", true) => self.low = self.low.max(first),
                    ("until", false) => self.high = self.high.min(behind - 1),
                    ("until", true) => self.low = self.low.max(behind),
                    (_, false) => {
                        self.low = self.low.max(first);
                        self.high = self.high.min(behind - 1);
                    }
                    (_, true) => return false,
                }
            }
            "sort" | "order" => match word {
                "relevance" => self.relevance = true,
                "date" | "newest" => self.relevance = false,
                _ => return false,
            },
            _ => return false,
        }
        true
    }

    fn mark(&mut self, word: &str, not: bool) -> bool {
        match word {
            "read" | "seen" => self.set(|marks| &mut marks.seen, !not),
            "unread" | "unseen" | "new" => self.set(|marks| &mut marks.seen, not),
            "flagged" | "starred" => self.set(|marks| &mut marks.flagged, !not),
            "unflagged" => self.set(|marks| &mut marks.flagged, not),
            "answered" | "replied" => self.set(|marks| &mut marks.answered, !not),
            "unanswered" => self.set(|marks| &mut marks.answered, not),
            "archived" => self.set(|marks| &mut marks.archived, !not),
            "private" => self.set(|marks| &mut marks.private, !not),
            _ => return false,
        }
        true
    }

    fn set(&mut self, of: impl FnOnce(&mut Marks) -> &mut Option<bool>, wanted: bool) {
        let mark = of(&mut self.marks);
        self.nothing |= mark.is_some_and(|had| had != wanted);
        *mark = Some(wanted);
    }

    fn words(&mut self, name: &str, value: &Value<'_>, not: bool) {
        let field = match name {
            "from" => Field::Column("author"),
            "to" => Field::Column("recipients"),
            "cc" | "bcc" => Field::Column("copies"),
            "subject" => Field::Column("subject"),
            "filename" | "file" | "attachment" => Field::Column("files"),
            "company" | "customer" => Field::Business("company"),
            "sale" => Field::Business("sale"),
            _ => Field::Any,
        };
        let mut words: Vec<&str> = pieces(value.text).map(|(_, word)| word).collect();
        if words.is_empty() {
            return;
        }
        // An operator that is none, or whose value is none, is a word as any other.
        if field == Field::Any && !name.is_empty() {
            words.insert(0, name);
        }
        let mut spellings = vec![phrase(&words, value.star)];
        // A second spelling stands behind the text in the index, so only single words are found by it.
        if let [word] = words[..]
            && let Some(second) = spelled_out(word)
            && !word.contains(is_sign)
        {
            let second = phrase(&[&second], value.star);
            if second != spellings[0] {
                spellings.push(second);
            }
        }
        spellings.retain(|(words, _)| !words.is_empty());
        if !spellings.is_empty() {
            let words = words.iter().map(|word| fold(word).replace(' ', "")).collect();
            self.clauses.push(Clause { field, not, words, spellings });
        }
    }
}

/// The names of the operators, in lower case: a text before a colon that is none of them is a word like others.
pub const OPERATORS: &[&str] = &[
    "from",
    "to",
    "cc",
    "bcc",
    "subject",
    "has",
    "is",
    "in",
    "folder",
    "keyword",
    "before",
    "after",
    "since",
    "until",
    "on",
    "date",
    "company",
    "customer",
    "sale",
    "filename",
    "file",
    "attachment",
    "sort",
    "order",
];

/// The operator that a text begins with, in lower case, and what is behind it.
fn operator(text: &str) -> (&'static str, &str) {
    let Some((head, behind)) = text.split_once(':') else { return ("", text) };
    match OPERATORS.iter().find(|name| name.eq_ignore_ascii_case(head)) {
        Some(name) => (name, behind),
        None => ("", text),
    }
}

struct Value<'a> {
    text: &'a str,
    /// Its end was not typed yet.
    open: bool,
    /// A star behind it: it may go on.
    star: bool,
}

impl<'a> Value<'a> {
    /// What stands before the next space, or in quotation marks; and the rest.
    fn read(text: &'a str) -> (Value<'a>, &'a str) {
        if let Some(quoted) = text.strip_prefix('"') {
            let end = quoted.find('"');
            let (text, rest) = end.map_or((quoted, ""), |end| (&quoted[..end], &quoted[end + 1..]));
            let star = rest.starts_with('*');
            return (Value { text, open: end.is_none(), star }, rest.strip_prefix('*').unwrap_or(rest));
        }
        let end = text.find(|letter: char| letter.is_whitespace() || letter == '"').unwrap_or(text.len());
        let (text, rest) = text.split_at(end);
        let star = text.len() > 1 && text.ends_with('*');
        (Value { text, open: rest.is_empty(), star }, rest)
    }
}

impl Clause {
    /// An unfinished blåt may be blaat too, which is longer than beginnings are: blaa finds a few more, and at once.
    fn shorten(&mut self) {
        let short = |words: &str| !words.contains(' ') && words.chars().count() <= LONGEST_BEGINNING;
        if let [(first, true), (second, true)] = &mut self.spellings[..]
            && !self.not
            && short(first)
            && !short(second)
            && let Some((end, _)) = second.char_indices().nth(LONGEST_BEGINNING)
        {
            second.truncate(end);
        }
    }

    /// Wanted, and so short and unfinished that the index of beginnings serves it.
    pub fn is_beginning(&self) -> bool {
        !self.not
            && !matches!(self.field, Field::Business(_))
            && self
                .spellings
                .iter()
                .all(|(words, goes_on)| *goes_on && !words.contains(' ') && words.chars().count() <= LONGEST_BEGINNING)
    }
}

/// The FTS expression of clauses of one table; None where there are none. `not` clauses only take away.
pub(super) fn expression<'a>(clauses: impl Iterator<Item = &'a Clause> + Clone) -> Option<String> {
    let join = |not: bool, with: &str| -> String {
        clauses.clone().filter(|clause| clause.not == not).map(term).collect::<Vec<_>>().join(with)
    };
    let (wanted, unwanted) = (join(false, " AND "), join(true, " OR "));
    match (wanted.is_empty(), unwanted.is_empty()) {
        (true, _) => None,
        (false, true) => Some(wanted),
        (false, false) => Some(format!("({wanted}) NOT ({unwanted})")),
    }
}

/// What one clause says, whether it is wanted or not. A beginning is a word of its own index.
pub(super) fn term(clause: &Clause) -> String {
    match clause.field {
        Field::Any => spelled(clause, None),
        Field::Column(name) => in_columns(clause, &[name]),
        Field::Business(name) => format!("{name} : {}", spelled(clause, None)),
    }
}

/// The same, of words anywhere, for some columns only.
pub(super) fn in_columns(clause: &Clause, columns: &[&'static str]) -> String {
    if !clause.is_beginning() {
        return match columns {
            [column] => format!("{column} : {}", spelled(clause, None)),
            _ => format!("{{{}}} : {}", columns.join(" "), spelled(clause, None)),
        };
    }
    let each: Vec<String> = columns.iter().map(|column| spelled(clause, column_mark(column))).collect();
    each.join(" OR ")
}

fn spelled(clause: &Clause, mark: Option<char>) -> String {
    let mark = mark.map(String::from).unwrap_or_default();
    let star = |goes_on: bool| if goes_on && !clause.is_beginning() { " *" } else { "" };
    let any = clause.spellings.iter().map(|(words, goes_on)| format!("\"{mark}{words}\"{}", star(*goes_on)));
    format!("({})", any.collect::<Vec<_>>().join(" OR "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Query {
        Query::parse(text, &|| "2026-03-18T12:00[Europe/Oslo]".parse().expect("a time"))
    }

    #[test]
    fn typed_syntax_is_only_words() {
        let of = |text| expression(parse(text).clauses.iter()).unwrap_or_default();
        assert_eq!(of("hei duene"), "(\"hei\") AND (\"duene\" *)");
        assert_eq!(of("NEAR(a OR b) *"), "(\"near a\") AND (\"or\") AND (\"b\")");
        assert_eq!(of("\"to ord\" subject:Brødrene"), "(\"to ord\") AND subject : (\"brodrene\" * OR \"broedrene\" *)");
        assert_eq!(of("ola@nord.no "), "(\"ola nord no\")");
        assert_eq!(of("\"' -- ^ : {} ()"), "");
        assert_eq!(of("a -b \"c d\" -to:e "), "((\"a\") AND (\"c d\")) NOT ((\"b\") OR recipients : (\"e\"))");
        assert_eq!(of("faktu* due "), "(\"faktu\" *) AND (\"due\")");
        assert_eq!(of("-only"), "");
        assert_eq!(of("blåt"), "(\"blat\" OR \"blaa\")");
        assert_eq!(of("http://a.b is:happy "), "(\"http a b\") AND (\"is happy\")");
        assert_eq!(of("東京都 京 "), "(\"東京 京都\") AND (\"京\")");
    }

    #[test]
    fn filters_are_read_and_what_contradicts_itself_is_nothing() {
        let query = parse("is:unread -is:flagged has:attachment in:\"Prosjekter/Åsen\" -in:trash faktura");
        let marks = Marks { seen: Some(false), flagged: Some(false), files: Some(true), ..Marks::default() };
        assert_eq!(query.marks, marks);
        assert_eq!((query.folders, query.folders_not), (vec!["prosjekter/asen".into()], vec!["trash".into()]));
        assert_eq!(query.clauses.len(), 1);
        assert!(parse("is:unread is:read").nothing);
        assert!(parse("after:2026-02-01 before:2026-01-01").nothing);
        assert!(parse("is: in: from: before:").is_empty(), "still being typed");
        assert!(parse("hei sort:relevance").relevance);
        let day = |text: &str| parse(text).low * RowDate::UNIT;
        assert_eq!(day("after:2026-01-31"), 1_769_814_000);
        assert_eq!(day("after:2026-01-31"), day("on:31.1.2026"));
        assert_eq!((parse("before:31.01.2026").high + 1) * RowDate::UNIT, 1_769_814_000);
    }
}
