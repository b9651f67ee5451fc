//! Searching: `query` takes apart what was typed, `plan` says which indexes serve it, `stream` finds what all its parts have in common, `index` is what the
//! full-text index holds, `merge` when its parts are put together, `snippet` a line of the text.

mod date;
mod index;
mod merge;
mod plan;
mod query;
mod snippet;
mod stream;
mod with;

pub(crate) use index::{Entry, Parts, business, cut, entry_of, forget, forget_words, write_all};
pub(crate) use merge::{Merging, recover};

#[cfg(test)]
pub(crate) use plan::statements;
pub use query::OPERATORS;

use crate::{
    Page, Result, Store, body,
    message::{page, row_in, rows_of},
};
use clientele_model::MessageId;
use jiff::Zoned;
use plan::Plan;
use query::{Field, Query, in_columns};
use rusqlite::{Connection, params, types::Value};
use snippet::Marker;
use stream::{Common, FEWEST_OF_WORDS, Stream, Walk};

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
            let mut shown = Vec::with_capacity(ids.len());
            for id in &ids {
                // Gmail: the row that lies in the folder asked for, so that what is done to it is done there.
                shown.push(row_in(db, *id, &plan.folders)?.unwrap_or(*id));
            }
            let mut page = page(rows_of(db, &shown)?, limit, total as u32);
            // What was hidden since must not end the paging.
            page.next = if more { ids.get(limit as usize - 1).copied() } else { None };
            if let Some(marker) = Marker::new(&query.clauses) {
                for row in &mut page.rows {
                    let at = shown.iter().position(|id| *id == row.id).unwrap_or_default();
                    let text = body::text(db, ids[at].0)?;
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
