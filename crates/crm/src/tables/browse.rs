//! Records of a kind by name, a page at a time.

use super::name;
use crate::{Line, Record, Result};
use clientele_model::RecordKind;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// Id, name, and what tells it from others of that name.
fn columns(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Company => "SELECT t.id, t.name, t.city, '' FROM company t",
        RecordKind::Person => {
            "SELECT t.id, t.name, coalesce(c.name, ''), t.title FROM person t LEFT JOIN company c ON c.id = t.company"
        }
        RecordKind::Sale => {
            "SELECT t.id, t.name, coalesce(c.name, ''), t.stage FROM sale t LEFT JOIN company c ON c.id = t.company"
        }
        RecordKind::Project => {
            "SELECT t.id, t.name, coalesce(c.name, ''), '' FROM project t LEFT JOIN company c ON c.id = t.company"
        }
    }
}

fn line(kind: RecordKind, row: &Row<'_>) -> rusqlite::Result<Line> {
    let hints: [String; 2] = [row.get(2)?, row.get(3)?];
    let hint = hints.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(" · ");
    Ok(Line { record: Record { kind, id: row.get(0)?, name: row.get(1)? }, hint })
}

/// See [`crate::Directory::browse`].
pub fn page(connection: &Connection, kind: RecordKind, query: &str, after: &str, limit: u32) -> Result<Vec<Line>> {
    let limit = limit.clamp(1, 200);
    let (id, name) = after.split_once('\n').unwrap_or_default();
    if query.trim().is_empty() {
        let sql = format!(
            "{} WHERE t.name COLLATE NOCASE >= ?1 AND (t.name COLLATE NOCASE > ?1 OR t.id > ?2)
             ORDER BY t.name COLLATE NOCASE, t.id LIMIT ?3",
            columns(kind)
        );
        let mut found = connection.prepare_cached(&sql)?;
        return Ok(found
            .query_map(params![name, id, limit], |row| line(kind, row))?
            .collect::<rusqlite::Result<_>>()?);
    }
    let key = |name: &str, id: &str| (name.to_ascii_lowercase(), id.to_owned());
    let mut found = name::matching(connection, query, Some(kind))?;
    found.sort_by_cached_key(|one| key(&one.name, &one.id));
    let from = if after.is_empty() { 0 } else { found.partition_point(|one| key(&one.name, &one.id) <= key(name, id)) };
    let sql = format!("{} WHERE t.id = ?1", columns(kind));
    let mut lines = Vec::new();
    for record in found.iter().skip(from).take(limit as usize) {
        lines.extend(connection.prepare_cached(&sql)?.query_row([&record.id], |row| line(kind, row)).optional()?);
    }
    Ok(lines)
}

/// Ids of the people of a company, by name.
pub fn people_of(connection: &Connection, company: &str, limit: u32) -> Result<Vec<String>> {
    Ok(connection
        .prepare_cached("SELECT id FROM person WHERE company = ?1 ORDER BY name COLLATE NOCASE, id LIMIT ?2")?
        .query_map(params![company, limit.clamp(1, 1000)], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}
