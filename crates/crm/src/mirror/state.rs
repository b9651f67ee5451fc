//! What the mirror knows of itself: how far filling has come, which addresses were asked for in vain, and beside which
//! records it was looked of late.

use super::Mirror;
use crate::Result;
use clientele_model::RecordRef;
use rusqlite::{Connection, OptionalExtension as _, params};

/// How far the mirror has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Where the next question for changes goes on; empty before the first whole filling is done.
    pub cursor: String,
    /// A whole filling is under way, and where it goes on.
    pub filling: Option<String>,
    /// The filling that brings rows now.
    pub generation: i64,
    /// When the last whole filling was done; 0: never.
    pub filled: i64,
}

pub fn get(connection: &Connection, key: &str) -> Result<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

pub fn set(connection: &Connection, key: &str, value: Option<&str>) -> Result<()> {
    match value {
        Some(value) => connection
            .prepare_cached("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")?
            .execute([key, value])?,
        None => connection.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([key])?,
    };
    Ok(())
}

pub fn load(connection: &Connection) -> Result<State> {
    let number =
        |key: &str| -> Result<i64> { Ok(get(connection, key)?.and_then(|text| text.parse().ok()).unwrap_or_default()) };
    Ok(State {
        cursor: get(connection, "cursor")?.unwrap_or_default(),
        filling: get(connection, "filling")?,
        generation: number("generation")?,
        filled: number("filled")?,
    })
}

pub fn save(connection: &Connection, state: &State) -> Result<()> {
    set(connection, "cursor", Some(&state.cursor))?;
    set(connection, "filling", state.filling.as_deref())?;
    set(connection, "generation", Some(&state.generation.to_string()))?;
    set(connection, "filled", Some(&state.filled.to_string()))
}

/// The key of what lies beside a record; no address is like it.
pub fn beside(record: &RecordRef) -> String {
    format!("beside {} {}", record.kind.as_str(), record.id)
}

/// Whether the CRM was asked about it at most a while ago: an address or a domain that nobody has, or [`beside`].
pub fn asked(connection: &Connection, key: &str, now: i64) -> Result<bool> {
    Ok(connection.prepare_cached("SELECT 1 FROM asked WHERE key = ?1 AND until > ?2")?.exists(params![key, now])?)
}

impl Mirror {
    pub(crate) fn state(&self) -> Result<State> {
        load(&self.write())
    }

    /// Remembers that nobody has these (addresses, or domains as `@fjordlys.no`), until `until`.
    pub(crate) fn nobody(&self, keys: &[String], until: i64) -> Result<()> {
        let mut connection = self.write();
        let tx = connection.transaction()?;
        for key in keys {
            tx.prepare_cached(
                "INSERT INTO asked (key, until) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET until = ?2",
            )?
            .execute(params![key, until])?;
        }
        // What is over need not be kept: a busy mailbox meets thousands of addresses.
        tx.execute("DELETE FROM asked WHERE until < ?1", [until - 30 * 86_400])?;
        tx.commit()?;
        Ok(())
    }

    /// Remembers that what lies beside a record was read, until `until`.
    pub(crate) fn looked(&self, record: &RecordRef, until: i64) -> Result<()> {
        self.nobody(&[beside(record)], until)
    }

    /// Who oneself is: whose follow-ups are one's own.
    pub(crate) fn me(&self, id: &str) -> Result<()> {
        set(&self.write(), "me", Some(id))
    }
}
