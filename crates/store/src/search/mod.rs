//! Searching: `query` takes apart what was typed, `stream` finds what all its parts have in common, `index` is what the
//! full-text index holds, `snippet` a line of the text.

mod date;
mod index;
mod query;
mod snippet;
mod stream;
mod with;

pub(crate) use index::{Entry, Parts, business, cut, entry_of, forget, forget_words, write_all};

use crate::{
    Page, Result, Store, body,
    fold::fold,
    message::{page, rows_of},
};
use clientele_model::MessageId;
use jiff::Zoned;
pub use query::OPERATORS;
use query::{Clause, Field, Marks, Query, expression, in_columns, term};
use rusqlite::{Connection, params, types::Value};
use snippet::Marker;
use stream::{Common, FEWEST, FEWEST_OF_WORDS, Stream, Walk};

/// Hits beyond this are not counted, and no more ids than that are looked at for counting.
const MOST_COUNTED: usize = 1000;
const MOST_COUNTED_OF_MANY: usize = 200;
const COUNTING: usize = 4_000;
/// The newest hits that a search by relevance puts into order.
const MOST_RANKED: usize = 1000;

/// From and to (not included), in seconds since 1970, of a day, month or year as [`SearchQuery::query`] takes it behind
/// `before:` and its like.
pub fn days(text: &str, now: &Zoned) -> Option<(i64, i64)> {
    date::span(text, now)
}

#[derive(Debug, Clone, Default)]
pub struct SearchQuery {
    /// What a person types. Words that must all be there, `"a phrase"`, `begin*`; the last word may be unfinished.
    /// `from: to: cc: subject: filename: company: sale:` before a word or phrase; `is:unread|read|flagged|answered|archived|private`,
    /// `has:attachment`, `in:folder`, `keyword:`, `before: after: until: on:` a day; a minus before any of them takes away.
    /// `sort:relevance`. What is none of these is a word.
    pub query: String,
    pub after: Option<MessageId>,
    /// Taken to 1..=200.
    pub limit: u32,
    /// Those that name the words in subject and people before others; of the newest thousand hits.
    pub relevance: bool,
    /// For days such as today; None: the system's clock and time zone.
    pub now: Option<Zoned>,
}

impl Store {
    /// Newest first, over people, subject, body and attachment names. `total` is counted to 1,000 at most, and less far
    /// where words must stand together or hits are rare among many mails.
    pub fn search(&self, search: &SearchQuery) -> Result<Page> {
        let query = Query::parse(&search.query, &|| search.now.clone().unwrap_or_else(Zoned::now));
        if query.is_empty() || query.nothing {
            return Ok(Page::default());
        }
        let limit = search.limit.clamp(1, 200);
        self.read(|db| {
            let Some(plan) = Plan::of(db, &query)? else { return Ok(Page::default()) };
            let (ids, total) = if search.relevance || query.relevance {
                ranked(db, &query, &plan, search.after, limit as usize)?
            } else {
                newest(db, &query, &plan, search.after, limit as usize)?
            };
            let more = ids.len() > limit as usize;
            let mut page = page(rows_of(db, &ids)?, limit, total as u32);
            // What was hidden since must not end the paging.
            page.next = if more { ids.get(limit as usize - 1).copied() } else { None };
            if let Some(marker) = Marker::new(&query.clauses) {
                for row in &mut page.rows {
                    let text = body::text(db, row.id.0)?;
                    row.snippet = text.and_then(|text| marker.snippet(&text)).unwrap_or_default();
                }
            }
            Ok(page)
        })
    }
}

/// One id more than `limit` where there is a next page.
fn newest(
    db: &Connection,
    query: &Query,
    plan: &Plan,
    after: Option<MessageId>,
    limit: usize,
) -> Result<(Vec<MessageId>, usize)> {
    let high = after.map_or(query.high, |id| query.high.min(id.0 - 1));
    let counted = plan.only_words().map(|(table, words)| {
        // To find out where words stand together takes longer than where one does.
        let one =
            matches!(&query.clauses[..], [clause] if clause.spellings.iter().all(|(words, _)| !words.contains(' ')));
        (table, words, if one { MOST_COUNTED } else { MOST_COUNTED_OF_MANY })
    });
    let mut common = plan.common(db, query);
    let (mut ids, total) = match (after, counted) {
        // One walk gives the page and how many there are.
        (None, Some((.., most))) => {
            common.expect(most.max(limit + 1));
            let ids = common.take(high, most.max(limit + 1), usize::MAX)?;
            let total = ids.len().min(most);
            (ids, total)
        }
        (None, None) => {
            let ids = common.take(high, limit + 1, usize::MAX)?;
            let more = match ids.last() {
                Some(last) if ids.len() > limit => common.take(last - 1, MOST_COUNTED - ids.len(), COUNTING)?.len(),
                // An only page has counted itself.
                _ => 0,
            };
            let total = ids.len() + more;
            (ids, total)
        }
        (Some(_), Some((table, words, most))) => {
            common.expect(limit + 1);
            let ids = common.take(high, limit + 1, usize::MAX)?;
            let total = db
                .prepare_cached(&count_sql(table))?
                .query_row(params![words, query.high, query.low, most as i64], |row| row.get::<_, i64>(0))?;
            (ids, total as usize)
        }
        (Some(_), None) => {
            let ids = common.take(high, limit + 1, usize::MAX)?;
            let total = plan.common(db, query).take(query.high, MOST_COUNTED, COUNTING)?.len().max(ids.len());
            (ids, total)
        }
    };
    ids.truncate(limit + 1);
    Ok((ids.into_iter().map(MessageId).collect(), total))
}

/// As [`newest`], by how many of the words stand in the subject and among the people.
fn ranked(
    db: &Connection,
    query: &Query,
    plan: &Plan,
    after: Option<MessageId>,
    limit: usize,
) -> Result<(Vec<MessageId>, usize)> {
    let ids = plan.common(db, query).take(query.high, MOST_RANKED, usize::MAX)?;
    let (Some(high), Some(low)) = (ids.first().copied(), ids.last().copied()) else { return Ok((Vec::new(), 0)) };
    let mut scores = vec![0u32; ids.len()];
    for clause in query.clauses.iter().filter(|clause| !clause.not && clause.field == Field::Any) {
        let columns: [(&[&'static str], u32); 3] =
            [(&["subject"], 4), (&["author", "recipients"], 3), (&["files", "copies"], 2)];
        for (columns, weight) in columns {
            let sql = words_sql(if clause.is_beginning() { "beginning" } else { "fts" });
            let value = Value::Text(in_columns(clause, columns));
            let mut walk = Common {
                wanted: vec![Stream::One(Walk::new(db, sql, vec![value], low, FEWEST_OF_WORDS))],
                unwanted: Vec::new(),
            };
            for found in walk.take(high, usize::MAX, MOST_RANKED * 20)? {
                // Both fall.
                if let Ok(at) = ids.binary_search_by(|id| found.cmp(id)) {
                    scores[at] += weight;
                }
            }
        }
    }
    let total = ids.len();
    let mut order: Vec<usize> = (0..total).collect();
    order.sort_by_key(|at| std::cmp::Reverse(scores[*at]));
    let sorted = order.into_iter().map(|at| MessageId(ids[at]));
    let rest: Vec<MessageId> = match after {
        Some(after) => sorted.skip_while(|id| *id != after).skip(1).take(limit + 1).collect(),
        None => sorted.take(limit + 1).collect(),
    };
    Ok((rest, total))
}

fn count_sql(table: &str) -> String {
    format!(
        "SELECT count(*) FROM
         (SELECT 1 FROM mail.{table} WHERE {table} MATCH ?1 AND rowid <= ?2 AND rowid >= ?3 LIMIT ?4)"
    )
}

/// Row ids run in date order, so that the newest are had without sorting.
pub(crate) fn words_sql(table: &str) -> String {
    format!(
        "SELECT rowid FROM mail.{table} WHERE {table} MATCH ?4 AND rowid <= ?1 AND rowid >= ?2
         ORDER BY rowid DESC LIMIT ?3"
    )
}

const KEYWORD_SQL: &str = "SELECT message FROM mail.keyword WHERE keyword = ?4 AND message <= ?1 AND message >= ?2
    ORDER BY message DESC LIMIT ?3";

/// By which indexes a query is served.
struct Plan {
    /// Expressions over `fts`, `beginning` and `business`: what must be, what must not.
    words: Option<String>,
    beginnings: Option<String>,
    unwanted: Option<String>,
    business: Option<String>,
    business_unwanted: Option<String>,
    /// Whether keywords are asked for.
    keywords: bool,
    /// Statements over marks, one a folder or one for all, with the folder.
    marks: Vec<(String, Option<i64>)>,
}

impl Plan {
    /// None where a folder is named that is not there.
    fn of(db: &Connection, query: &Query) -> Result<Option<Plan>> {
        let business = |clause: &&Clause| matches!(clause.field, Field::Business(_));
        let words = expression(query.clauses.iter().filter(|clause| !business(clause) && !clause.is_beginning()));
        let beginnings = expression(query.clauses.iter().filter(|clause| clause.is_beginning()));
        let about = expression(query.clauses.iter().filter(business));
        let not = |wanted: &Option<String>, of: &dyn Fn(&&Clause) -> bool| -> Option<String> {
            let terms: Vec<String> = query.clauses.iter().filter(|clause| clause.not && of(clause)).map(term).collect();
            (wanted.is_none() && !terms.is_empty()).then(|| terms.join(" OR "))
        };
        let unwanted = not(&words, &|clause| !business(clause));
        let business_unwanted = not(&about, &business);
        let named = folders_named(db, &query.folders)?;
        if !query.folders.is_empty() && named.is_empty() {
            return Ok(None);
        }
        let without = folders_named(db, &query.folders_not)?;
        let named: Vec<i64> = named.into_iter().filter(|folder| !without.contains(folder)).collect();
        if !query.folders.is_empty() && named.is_empty() {
            return Ok(None);
        }
        let keywords = !query.keywords.is_empty() || !query.keywords_not.is_empty();
        let marked = query.marks != Marks::default() || !without.is_empty();
        let marks = if !named.is_empty() {
            let sql = folder_sql(&query.marks);
            let labelled = label_sql(&query.marks);
            // Gmail: mails that lie in the folder beside the one of their row. What asks for no words finds their row there.
            let by_words = words.is_some() || beginnings.is_some() || about.is_some();
            let labels = if by_words { labels_of(db, &named)? } else { Vec::new() };
            named
                .into_iter()
                .map(|folder| (sql.clone(), Some(folder)))
                .chain(labels.into_iter().map(|folder| (labelled.clone(), Some(folder))))
                .collect()
        } else if marked || (words.is_none() && beginnings.is_none() && about.is_none() && query.keywords.is_empty()) {
            vec![(mark_sql(&query.marks, &without), None)]
        } else {
            Vec::new()
        };
        Ok(Some(Plan { words, beginnings, unwanted, business: about, business_unwanted, keywords, marks }))
    }

    /// The expression and its table, where it is the whole of the query.
    fn only_words(&self) -> Option<(&'static str, &str)> {
        let alone = self.marks.is_empty()
            && self.unwanted.is_none()
            && self.business.is_none()
            && self.business_unwanted.is_none()
            && !self.keywords;
        match (&self.words, &self.beginnings) {
            (Some(words), None) if alone => Some(("fts", words)),
            (None, Some(words)) if alone => Some(("beginning", words)),
            _ => None,
        }
    }

    fn common<'a>(&self, db: &'a Connection, query: &Query) -> Common<'a> {
        let fts = |table: &str, words: &String| {
            Stream::One(Walk::new(db, words_sql(table), vec![Value::Text(words.clone())], query.low, FEWEST_OF_WORDS))
        };
        let mut wanted = Vec::new();
        wanted.extend(self.business.as_ref().map(|words| fts("business", words)));
        if !self.marks.is_empty() {
            let walks = self.marks.iter().map(|(sql, folder)| {
                let values = folder.iter().map(|folder| Value::Integer(*folder)).collect();
                Walk::new(db, sql.clone(), values, query.low, FEWEST)
            });
            wanted.push(Stream::Any(walks.collect()));
        }
        wanted.extend(self.words.as_ref().map(|words| fts("fts", words)));
        wanted.extend(self.beginnings.as_ref().map(|words| fts("beginning", words)));
        let keyword = |keyword: &String| {
            Stream::One(Walk::new(db, KEYWORD_SQL.to_owned(), vec![Value::Text(keyword.clone())], query.low, FEWEST))
        };
        wanted.extend(query.keywords.iter().map(keyword));
        let unwanted = [("fts", &self.unwanted), ("business", &self.business_unwanted)];
        let unwanted = unwanted.into_iter().filter_map(|(table, words)| words.as_ref().map(|words| fts(table, words)));
        Common { wanted, unwanted: unwanted.chain(query.keywords_not.iter().map(keyword)).collect() }
    }
}

/// Ids of the folders whose role, name or path is one of these, folded.
fn folders_named(db: &Connection, names: &[String]) -> Result<Vec<i64>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = db.prepare_cached("SELECT id, role, name, path FROM mail.folder")?;
    let mut rows = select.query([])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        let (role, name, path): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let (name, path) = (fold(&name), fold(&path));
        let has = names.iter().any(|wanted| {
            let wanted = if wanted == "spam" { "junk" } else { wanted.as_str() };
            wanted == role || wanted == name.trim() || wanted == path.trim()
        });
        if has {
            ids.push(row.get(0)?);
        }
    }
    Ok(ids)
}

fn conditions(marks: &Marks) -> String {
    let all = [
        ("seen", marks.seen),
        ("flagged", marks.flagged),
        ("answered", marks.answered),
        ("files", marks.files),
        ("archived", marks.archived),
        ("private", marks.private),
    ];
    all.into_iter()
        .filter_map(|(column, wanted)| wanted.map(|wanted| format!(" AND k.{column} = {}", u8::from(wanted))))
        .collect()
}

/// Over all folders but `without`.
fn mark_sql(marks: &Marks, without: &[i64]) -> String {
    // The rarest first.
    let by = if marks.flagged == Some(true) {
        "INDEXED BY mark_flagged"
    } else if marks.archived == Some(true) {
        "INDEXED BY mark_archived"
    } else if marks.private == Some(true) {
        "INDEXED BY mark_private"
    } else if marks.seen == Some(false) {
        "INDEXED BY mark_unread"
    } else if marks.files == Some(true) {
        "INDEXED BY mark_files"
    } else {
        "NOT INDEXED"
    };
    let without: Vec<String> = without.iter().map(i64::to_string).collect();
    let without =
        if without.is_empty() { String::new() } else { format!(" AND k.folder NOT IN ({})", without.join(", ")) };
    format!(
        "SELECT k.id FROM mail.mark k {by} WHERE k.id <= ?1 AND k.id >= ?2{}{without} ORDER BY k.id DESC LIMIT ?3",
        conditions(marks)
    )
}

/// Over one folder, `?4`.
fn folder_sql(marks: &Marks) -> String {
    let (by, condition) = if marks.flagged == Some(true) {
        ("message_flagged", " AND m.flagged = 1")
    } else if marks.seen == Some(false) {
        ("message_unread", " AND m.seen = 0")
    } else {
        ("message_folder", "")
    };
    let rest = Marks {
        seen: marks.seen.filter(|seen| *seen || by != "message_unread"),
        flagged: marks.flagged.filter(|flagged| !flagged),
        ..*marks
    };
    let join = if rest == Marks::default() {
        String::new()
    } else {
        format!(" CROSS JOIN mail.mark k ON k.id = m.id{}", conditions(&rest))
    };
    format!(
        "SELECT m.id FROM mail.message m INDEXED BY {by}{join}
         WHERE m.folder = ?4 AND m.id <= ?1 AND m.id >= ?2{condition} ORDER BY m.id DESC LIMIT ?3"
    )
}

/// As [`folder_sql`], of mails whose rows are in another folder.
fn label_sql(marks: &Marks) -> String {
    let join = if *marks == Marks::default() {
        String::new()
    } else {
        format!(" CROSS JOIN mail.mark k ON k.id = l.message{}", conditions(marks))
    };
    format!(
        "SELECT l.message FROM mail.message_label l INDEXED BY message_label_folder{join}
         WHERE l.folder = ?4 AND l.message <= ?1 AND l.message >= ?2 ORDER BY l.message DESC LIMIT ?3"
    )
}

/// Which of the folders are labels.
fn labels_of(db: &Connection, folders: &[i64]) -> Result<Vec<i64>> {
    let mut select = db.prepare_cached("SELECT 1 FROM mail.message_label WHERE folder = ? LIMIT 1")?;
    let mut labels = Vec::new();
    for folder in folders {
        if select.exists([folder])? {
            labels.push(*folder);
        }
    }
    Ok(labels)
}

/// Statements that a search can be served by, for looking at their plans.
#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    let mut all = vec![KEYWORD_SQL.to_owned(), words_sql("fts"), words_sql("beginning"), words_sql("business")];
    for bits in 0..64u32 {
        let mark = |bit: u32, wanted: bool| (bits & (1 << bit) != 0).then_some(wanted);
        let marks = Marks {
            seen: mark(0, false),
            flagged: mark(1, true),
            answered: mark(2, false),
            files: mark(3, true),
            archived: mark(4, true),
            private: mark(5, true),
        };
        all.extend([mark_sql(&marks, &[]), mark_sql(&marks, &[1, 2]), folder_sql(&marks), label_sql(&marks)]);
    }
    all
}
