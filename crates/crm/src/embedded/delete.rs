//! A record goes, with what hangs on it alone.

use super::Embedded;
use crate::{CrmError, Result, tables::selection};
use clientele_model::{RecordKind, RecordRef};
use rusqlite::Connection;

impl Embedded {
    /// Takes a record out: its follow-ups, activities, and a company's sales and projects where they are nobody else's.
    /// People stay, without the company; what lies on other records as well stays with those. `NotFound`: it is gone.
    pub fn delete(&self, record: &RecordRef) -> Result<()> {
        let mut connection = self.lock();
        let tx = connection.transaction()?;
        remove(&tx, record)?;
        tx.commit()?;
        Ok(())
    }
}

fn remove(tx: &Connection, record: &RecordRef) -> Result<()> {
    let (kind, id) = (record.kind.as_str(), record.id.as_str());
    let alone: &[(RecordKind, &str)] = match record.kind {
        RecordKind::Company => &[
            (RecordKind::Sale, "SELECT id FROM sale WHERE company = ?1 AND person = ''"),
            (RecordKind::Project, "SELECT id FROM project WHERE company = ?1"),
        ],
        RecordKind::Person => &[(RecordKind::Sale, "SELECT id FROM sale WHERE person = ?1 AND company = ''")],
        _ => &[],
    };
    for (kind, sql) in alone {
        let ids: Vec<String> =
            tx.prepare_cached(sql)?.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for id in ids {
            remove(tx, &RecordRef { kind: *kind, id })?;
        }
    }
    if matches!(record.kind, RecordKind::Company | RecordKind::Person) {
        tx.execute(&format!("UPDATE sale SET {kind} = '' WHERE {kind} = ?1"), [id])?;
    }
    let others = ["company", "person", "sale", "project"].into_iter().filter(|column| *column != kind);
    let nobodys = others.map(|column| format!(" AND {column} = ''")).collect::<String>();
    tx.execute(&format!("DELETE FROM follow_up WHERE {kind} = ?1{nobodys}"), [id])?;
    tx.execute(&format!("UPDATE follow_up SET {kind} = '' WHERE {kind} = ?1"), [id])?;
    tx.execute(
        "DELETE FROM activity WHERE id IN (SELECT activity FROM activity_record WHERE kind = ?1 AND record = ?2)
         AND NOT EXISTS (SELECT 1 FROM activity_record o WHERE o.activity = activity.id
                         AND NOT (o.kind = ?1 AND o.record = ?2))",
        [kind, id],
    )?;
    tx.execute("DELETE FROM activity_record WHERE kind = ?1 AND record = ?2", [kind, id])?;
    tx.execute("DELETE FROM name_word WHERE kind = ?1 AND record = ?2", [kind, id])?;
    selection::forget(tx, record)?;
    // Addresses, phones and domains go by their foreign keys, and a person's company with the company.
    if tx.execute(&format!("DELETE FROM {kind} WHERE id = ?1"), [id])? == 0 {
        return Err(CrmError::NotFound);
    }
    Ok(())
}
