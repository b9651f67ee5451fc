//! Selections and who is in them.

use super::new_id;
use crate::{CrmError, Result, Selection};
use clientele_model::{RecordKind, RecordRef};
use rusqlite::{Connection, params};

/// By name.
pub fn all(connection: &Connection) -> Result<Vec<Selection>> {
    Ok(connection
        .prepare_cached("SELECT id, name, members FROM selection ORDER BY name COLLATE NOCASE, id LIMIT 1000")?
        .query_map([], |row| Ok(Selection { id: row.get(0)?, name: row.get(1)?, members: row.get(2)? }))?
        .collect::<rusqlite::Result<_>>()?)
}

pub fn get(connection: &Connection, id: &str) -> Result<Selection> {
    Ok(connection
        .prepare_cached("SELECT id, name, members FROM selection WHERE id = ?1")?
        .query_row([id], |row| Ok(Selection { id: row.get(0)?, name: row.get(1)?, members: row.get(2)? }))?)
}

pub fn holds(connection: &Connection, selection: &str, record: &RecordRef) -> Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM selection_member WHERE selection = ?1 AND kind = ?2 AND record = ?3")?
        .exists(params![selection, record.kind.as_str(), record.id])?)
}

pub fn members(connection: &Connection, id: &str) -> Result<Vec<RecordRef>> {
    let rows = connection
        .prepare_cached("SELECT kind, record FROM selection_member WHERE selection = ?1 ORDER BY kind, record")?
        .query_map([id], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(rows.into_iter().filter_map(|(kind, id)| Some(RecordRef { kind: RecordKind::parse(&kind)?, id })).collect())
}

/// These and no others.
pub fn fill(tx: &Connection, id: &str, members: &[RecordRef]) -> Result<u32> {
    tx.prepare_cached("DELETE FROM selection_member WHERE selection = ?1")?.execute([id])?;
    let mut count = 0;
    for one in members {
        let insert = "INSERT OR IGNORE INTO selection_member (selection, kind, record) VALUES (?1, ?2, ?3)";
        count += tx.prepare_cached(insert)?.execute(params![id, one.kind.as_str(), one.id])? as u32;
    }
    tx.prepare_cached("UPDATE selection SET members = ?2 WHERE id = ?1")?.execute(params![id, count])?;
    Ok(count)
}

/// A new one where `id` is empty. Members are people and companies that are there.
pub fn save(connection: &mut Connection, id: &str, name: &str, members: &[RecordRef]) -> Result<Selection> {
    if name.trim().is_empty() {
        return Err(CrmError::Invalid("name"));
    }
    let tx = connection.transaction()?;
    for one in members {
        let sql = match one.kind {
            RecordKind::Person => "SELECT 1 FROM person WHERE id = ?1",
            RecordKind::Company => "SELECT 1 FROM company WHERE id = ?1",
            _ => return Err(CrmError::Invalid("member")),
        };
        if !tx.prepare_cached(sql)?.exists([&one.id])? {
            return Err(CrmError::NotFound);
        }
    }
    let id = match id {
        "" => {
            let id = new_id();
            tx.execute("INSERT INTO selection (id, name) VALUES (?1, ?2)", params![id, name.trim()])?;
            id
        }
        id if tx.execute("UPDATE selection SET name = ?2 WHERE id = ?1", params![id, name.trim()])? == 0 => {
            return Err(CrmError::NotFound);
        }
        id => id.to_owned(),
    };
    fill(&tx, &id, members)?;
    let saved = get(&tx, &id)?;
    tx.commit()?;
    Ok(saved)
}

/// Its members stay what they are.
pub fn delete(connection: &mut Connection, id: &str) -> Result<()> {
    let tx = connection.transaction()?;
    tx.execute("DELETE FROM selection_member WHERE selection = ?1", [id])?;
    if tx.execute("DELETE FROM selection WHERE id = ?1", [id])? == 0 {
        return Err(CrmError::NotFound);
    }
    tx.commit()?;
    Ok(())
}

/// A record that goes is in no selection any longer.
pub fn forget(tx: &Connection, record: &RecordRef) -> Result<()> {
    let kind = record.kind.as_str();
    tx.prepare_cached(
        "UPDATE selection SET members = members - 1
         WHERE id IN (SELECT selection FROM selection_member WHERE kind = ?1 AND record = ?2) AND members > 0",
    )?
    .execute([kind, &record.id])?;
    tx.prepare_cached("DELETE FROM selection_member WHERE kind = ?1 AND record = ?2")?.execute([kind, &record.id])?;
    Ok(())
}
