//! By which indexes a query is served.

use super::{
    query::{Clause, Field, Marks, Query, expression, term},
    stream::{Common, FEWEST, FEWEST_OF_WORDS, Stream, Walk},
    words_sql,
};
use crate::{Result, fold::fold};
use rusqlite::{Connection, types::Value};

const KEYWORD_SQL: &str = "SELECT message FROM mail.keyword WHERE keyword = ?4 AND message <= ?1 AND message >= ?2
    ORDER BY message DESC LIMIT ?3";

/// The streams of a query, not opened yet.
pub(super) struct Plan {
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
    /// The folders that are asked for; empty: all.
    pub(super) folders: Vec<i64>,
}

impl Plan {
    /// None where a folder is named that is not there.
    pub(super) fn of(db: &Connection, query: &Query) -> Result<Option<Plan>> {
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
        let folders = named.clone();
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
        Ok(Some(Plan { words, beginnings, unwanted, business: about, business_unwanted, keywords, marks, folders }))
    }

    /// The expression and its table, where it is the whole of the query.
    pub(super) fn only_words(&self) -> Option<(&'static str, &str)> {
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

    pub(super) fn common<'a>(&self, db: &'a Connection, query: &Query) -> Common<'a> {
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
