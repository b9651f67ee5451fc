use crate::{Result, Store};
use clientele_model::Table;
use rusqlite::OptionalExtension as _;

impl Store {
    pub fn setting(&self, key: &str) -> Result<Option<String>> {
        self.read(|db| {
            Ok(db.query_row("SELECT value FROM setting WHERE key = ?", [key], |row| row.get(0)).optional()?)
        })
    }

    pub fn setting_set(&self, key: &str, value: &str) -> Result<()> {
        self.write(|db| {
            db.execute(
                "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
                [key, value],
            )?;
            db.changed_all(Table::Setting);
            Ok(())
        })
    }

    /// The same for what nobody is shown: it is not announced.
    pub fn note_set(&self, key: &str, value: &str) -> Result<()> {
        self.write(|db| {
            db.execute(
                "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
                [key, value],
            )?;
            Ok(())
        })
    }

    pub fn setting_forget(&self, key: &str) -> Result<()> {
        self.write(|db| {
            db.execute("DELETE FROM setting WHERE key = ?", [key])?;
            db.changed_all(Table::Setting);
            Ok(())
        })
    }

    /// All settings, by key.
    pub fn settings(&self) -> Result<Vec<(String, String)>> {
        self.read(|db| {
            let mut query = db.prepare_cached("SELECT key, value FROM setting ORDER BY key")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
            Ok(rows)
        })
    }
}
