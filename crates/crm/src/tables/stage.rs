//! The embedded CRM's pipeline.

use crate::{CrmError, Result, Stage};
use rusqlite::{Connection, params};

/// Id, English name, percent, whether a sale here is open.
const FIRST: [(&str, &str, u8, bool); 7] = [
    ("lead", "Lead", 10, true),
    ("qualified", "Qualified", 30, true),
    ("negotiation", "Negotiation", 60, true),
    ("agreement", "Verbal agreement", 80, true),
    ("contract", "Contract", 90, true),
    ("won", "Won", 100, false),
    ("lost", "Lost", 0, false),
];

/// In their order; until they are named, the English ones.
pub fn all(connection: &Connection) -> Result<Vec<Stage>> {
    let found: Vec<Stage> = connection
        .prepare_cached("SELECT id, name, probability, open FROM stage ORDER BY position")?
        .query_map([], |row| {
            Ok(Stage { id: row.get(0)?, name: row.get(1)?, probability: row.get(2)?, open: row.get(3)? })
        })?
        .collect::<rusqlite::Result<_>>()?;
    if !found.is_empty() {
        return Ok(found);
    }
    let first = |(id, name, probability, open): (&str, &str, u8, bool)| Stage {
        id: id.to_owned(),
        name: name.to_owned(),
        probability,
        open,
    };
    Ok(FIRST.into_iter().map(first).collect())
}

/// Names the stages of a pipeline that has none yet; `name` gives a name by a stage's id, empty for the English one.
pub fn name(connection: &mut Connection, name: impl Fn(&str) -> String) -> Result<()> {
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    if tx.prepare_cached("SELECT 1 FROM stage")?.exists([])? {
        return Ok(());
    }
    for (position, (id, english, probability, open)) in FIRST.into_iter().enumerate() {
        let given = name(id);
        let given = if given.is_empty() { english } else { &given };
        tx.prepare_cached("INSERT INTO stage (id, name, position, probability, open) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![id, given, position as i64 + 1, probability, open])?;
    }
    tx.commit()?;
    Ok(())
}

/// What a sale becomes in a stage. Closed stages stand at the end of the bar.
pub fn put_on(connection: &Connection, sale: &mut crate::Sale, id: &str) -> Result<()> {
    let all = all(connection)?;
    let open = all.iter().filter(|one| one.open).count();
    let at = all.iter().position(|one| one.id == id).ok_or(CrmError::Invalid("stage"))?;
    let stage = &all[at];
    sale.stage.clone_from(&stage.name);
    sale.stage_index = if stage.open { at as u8 + 1 } else { open as u8 };
    sale.stage_count = open as u8;
    sale.probability = stage.probability;
    sale.open = stage.open;
    Ok(())
}
