use crate::{Record, Result};
use clientele_model::RecordKind;
use rusqlite::{Connection, params};
use std::collections::HashSet;

/// Makes a record findable by the words of its name and of its addresses or domains, their last part left out: half
/// the records end in the same one.
pub fn index(connection: &Connection, kind: RecordKind, id: &str, name: &str, addresses: &[String]) -> Result<()> {
    connection.execute("DELETE FROM name_word WHERE kind = ?1 AND record = ?2", params![kind.as_str(), id])?;
    let mut text = name.to_owned();
    for address in addresses {
        text.push(' ');
        text.push_str(address.rsplit_once('.').map_or(address, |(front, _)| front));
    }
    for word in clientele_store::words(&text) {
        connection.execute(
            "INSERT OR IGNORE INTO name_word (word, kind, record, name) VALUES (?1, ?2, ?3, ?4)",
            params![word, kind.as_str(), id, name],
        )?;
    }
    Ok(())
}

/// Records with a word beginning with each word of `query`, by name. An address is looked for without its end.
pub fn records(connection: &Connection, query: &str, kind: Option<RecordKind>, limit: u32) -> Result<Vec<Record>> {
    let mut found = matching(connection, query, kind)?;
    found.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
    found.truncate(limit.clamp(1, 200) as usize);
    Ok(found)
}

/// The same, all of them and in no order.
pub fn matching(connection: &Connection, query: &str, kind: Option<RecordKind>) -> Result<Vec<Record>> {
    let mut found: Option<HashSet<Record>> = None;
    let query = if query.contains('@') { query.rsplit_once('.').map_or(query, |(front, _)| front) } else { query };
    for word in clientele_store::words(query) {
        let hits = with_prefix(connection, &word, kind)?;
        found = Some(match found {
            None => hits,
            Some(before) => before.into_iter().filter(|record| hits.contains(record)).collect(),
        });
    }
    Ok(found.unwrap_or_default().into_iter().collect())
}

fn with_prefix(connection: &Connection, word: &str, kind: Option<RecordKind>) -> Result<HashSet<Record>> {
    // Every word that begins with `word` lies between it and it with the last character of Unicode behind.
    let end = format!("{word}\u{10FFFF}");
    let rows = connection
        .prepare_cached(
            "SELECT kind, record, name FROM name_word WHERE word >= ?1 AND word < ?2 AND (?3 = '' OR kind = ?3) LIMIT 5000",
        )?
        .query_map([word, &end, kind.map_or("", |kind| kind.as_str())], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let record =
        |(text, id, name): (String, String, String)| Some(Record { kind: RecordKind::parse(&text)?, id, name });
    Ok(rows.into_iter().filter_map(record).collect())
}
