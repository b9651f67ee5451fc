use super::new_id;
use crate::{CrmError, FollowUp, FollowUpKind, Result};
use clientele_model::RecordKind;
use rusqlite::{Connection, Row, params};

const COLUMNS: &str = "id, kind, title, text, start, \"end\", done, company, person, sale, project, owner, version";

fn read(row: &Row<'_>) -> rusqlite::Result<FollowUp> {
    Ok(FollowUp {
        id: row.get(0)?,
        kind: FollowUpKind::parse(&row.get::<_, String>(1)?),
        title: row.get(2)?,
        text: row.get(3)?,
        start: row.get(4)?,
        end: row.get(5)?,
        done: row.get(6)?,
        company: row.get(7)?,
        person: row.get(8)?,
        sale: row.get(9)?,
        project: row.get(10)?,
        owner: row.get(11)?,
        version: row.get(12)?,
    })
}

pub fn get(connection: &Connection, id: &str) -> Result<FollowUp> {
    Ok(connection.prepare_cached(&format!("SELECT {COLUMNS} FROM follow_up WHERE id = ?1"))?.query_row([id], read)?)
}

/// Open ones first, in the order of their time.
pub fn of(connection: &Connection, of: RecordKind, id: &str) -> Result<Vec<FollowUp>> {
    let column = of.as_str();
    let sql = format!(
        "SELECT {COLUMNS} FROM follow_up WHERE {column} = ?1 AND {column} <> '' ORDER BY done, \"end\" LIMIT 50"
    );
    Ok(connection.prepare_cached(&sql)?.query_map([id], read)?.collect::<rusqlite::Result<_>>()?)
}

pub fn open(connection: &Connection, limit: u32) -> Result<Vec<FollowUp>> {
    let sql = format!("SELECT {COLUMNS} FROM follow_up WHERE done = 0 ORDER BY \"end\" LIMIT ?1");
    Ok(connection.prepare_cached(&sql)?.query_map([limit.clamp(1, 1000)], read)?.collect::<rusqlite::Result<_>>()?)
}

pub fn create(connection: &Connection, new: FollowUp) -> Result<FollowUp> {
    if new.title.trim().is_empty() {
        return Err(CrmError::Invalid("title"));
    }
    let made = FollowUp { id: new_id(), title: new.title.trim().to_owned(), end: new.end.max(new.start), ..new };
    put(connection, &made)?;
    Ok(made)
}

/// Inserts or brings up to date.
pub fn put(connection: &Connection, one: &FollowUp) -> Result<()> {
    connection
        .prepare_cached(&format!(
            "INSERT INTO follow_up ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (id) DO UPDATE SET kind = ?2, title = ?3, text = ?4, start = ?5, \"end\" = ?6, done = ?7,
               company = ?8, person = ?9, sale = ?10, project = ?11, owner = ?12, version = ?13"
        ))?
        .execute(params![
            one.id,
            one.kind.as_str(),
            one.title,
            one.text,
            one.start,
            one.end,
            one.done,
            one.company,
            one.person,
            one.sale,
            one.project,
            one.owner,
            one.version
        ])?;
    Ok(())
}

pub fn done(connection: &Connection, id: &str, done: bool) -> Result<FollowUp> {
    connection.execute("UPDATE follow_up SET done = ?2 WHERE id = ?1", params![id, done])?;
    get(connection, id)
}
