use super::new_id;
use crate::{Activity, ActivityKind, ArchiveMail, ArchiveOutcome, ArchivedThere, CrmError, Document, Record, Result};
use clientele_model::{RecordKind, RecordRef};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

/// Newest first.
pub fn of(connection: &Connection, of: RecordKind, id: &str, limit: u32) -> Result<Vec<Activity>> {
    Ok(connection
        .prepare_cached(
            "SELECT a.id, a.kind, a.title, a.date, coalesce(a.message_id, '') FROM activity_record r
             JOIN activity a ON a.id = r.activity WHERE r.kind = ?1 AND r.record = ?2 ORDER BY r.date DESC LIMIT ?3",
        )?
        .query_map(params![of.as_str(), id, limit.clamp(1, 200)], |row| {
            Ok(Activity {
                id: row.get(0)?,
                kind: ActivityKind::parse(&row.get::<_, String>(1)?),
                title: row.get(2)?,
                date: row.get(3)?,
                message_id: row.get(4)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

/// A mail on its records. A mail that is there already gets the records that are new to it.
pub fn archive(connection: &mut Connection, mail: &ArchiveMail) -> Result<ArchiveOutcome> {
    if mail.message_id.is_empty() {
        return Err(CrmError::Invalid("Message-ID"));
    }
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for record in &mail.records {
        if !exists(&tx, record)? {
            return Err(CrmError::NotFound);
        }
    }
    let there: Option<(String, i64)> = tx
        .query_row("SELECT id, date FROM activity WHERE message_id = ?1", [&mail.message_id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let already = there.is_some();
    let (id, date) = match there {
        Some(found) => found,
        None => {
            let id = new_id();
            tx.execute(
                "INSERT INTO activity (id, kind, title, date, text, message_id, by, eml)
                 VALUES (?1, 'mail', ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    id,
                    mail.title,
                    mail.date,
                    mail.text,
                    mail.message_id,
                    mail.by,
                    zstd::encode_all(mail.eml.as_slice(), 3)?
                ],
            )?;
            (id, mail.date)
        }
    };
    link(&tx, &id, date, &mail.records)?;
    tx.commit()?;
    Ok(ArchiveOutcome { activity: id, already })
}

/// A file on its records. One that is there already gets the records that are new to it.
pub fn keep(connection: &mut Connection, file: &Document) -> Result<ArchiveOutcome> {
    if file.key.is_empty() {
        return Err(CrmError::Invalid("key"));
    }
    if file.records.is_empty() {
        return Err(CrmError::NoRecord);
    }
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for record in &file.records {
        if !exists(&tx, record)? {
            return Err(CrmError::NotFound);
        }
    }
    let there: Option<(String, i64)> = tx
        .query_row("SELECT id, date FROM activity WHERE file = ?1", [&file.key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let already = there.is_some();
    let (id, date) = match there {
        Some(found) => found,
        None => {
            let id = new_id();
            tx.execute(
                "INSERT INTO activity (id, kind, title, date, text, by, eml, file, mime)
                 VALUES (?1, 'note', ?2, ?3, '', '', ?4, ?5, ?6)",
                params![id, file.name, file.date, zstd::encode_all(file.bytes.as_slice(), 3)?, file.key, file.mime],
            )?;
            (id, file.date)
        }
    };
    link(&tx, &id, date, &file.records)?;
    tx.commit()?;
    Ok(ArchiveOutcome { activity: id, already })
}

fn exists(connection: &Connection, record: &Record) -> Result<bool> {
    let table = record.kind.as_str();
    Ok(connection.prepare_cached(&format!("SELECT 1 FROM {table} WHERE id = ?1"))?.exists([&record.id])?)
}

pub fn link(connection: &Connection, activity: &str, date: i64, records: &[Record]) -> Result<()> {
    for record in records {
        connection.execute(
            "INSERT OR IGNORE INTO activity_record (kind, record, date, activity) VALUES (?1, ?2, ?3, ?4)",
            params![record.kind.as_str(), record.id, date, activity],
        )?;
    }
    Ok(())
}

pub fn remove(connection: &Connection, id: &str) -> Result<()> {
    connection.execute("DELETE FROM activity WHERE id = ?1", [id])?;
    Ok(())
}

pub fn archived(connection: &Connection, message_id: &str) -> Result<Option<ArchivedThere>> {
    let found: Option<ArchivedThere> = connection
        .query_row("SELECT id, date, by FROM activity WHERE message_id = ?1", [message_id], |row| {
            let (activity, date, by) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(ArchivedThere { activity, date, by, records: Vec::new() })
        })
        .optional()?;
    let Some(mut found) = found else { return Ok(None) };
    let rows = connection
        .prepare_cached("SELECT kind, record FROM activity_record WHERE activity = ?1")?
        .query_map([&found.activity], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    found.records =
        rows.into_iter().filter_map(|(kind, id)| Some(RecordRef { kind: RecordKind::parse(&kind)?, id })).collect();
    Ok(Some(found))
}
