//! What the CRM said of mails that were not archived from here: a colleague may have done it.

use crate::{Result, Store, crm_link::NOW};
use clientele_model::Table;
use rusqlite::{OptionalExtension as _, params};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct There {
    /// Seconds since 1970.
    pub asked: i64,
    /// The caller's JSON; empty: the CRM does not have the mail.
    pub found: String,
}

impl Store {
    /// As the CRM of today was last asked; None: it was not.
    pub fn there(&self, message_id: &str) -> Result<Option<There>> {
        self.read(|db| {
            let sql = format!("SELECT asked, found FROM archived_there WHERE link = {NOW} AND message_id = ?");
            let mut select = db.prepare_cached(&sql)?;
            let there = |row: &rusqlite::Row<'_>| Ok(There { asked: row.get(0)?, found: row.get(1)? });
            Ok(select.query_row([message_id], there).optional()?)
        })
    }

    /// `link`: whom the answer is from, which may be connected no more.
    pub fn there_set(&self, link: i64, message_id: &str, there: &There) -> Result<()> {
        self.write(|db| {
            db.prepare_cached(
                "INSERT OR REPLACE INTO archived_there (link, message_id, asked, found) VALUES (?, ?, ?, ?)",
            )?
            .execute(params![link, message_id, there.asked, there.found])?;
            db.changed_all(Table::Crm);
            Ok(())
        })
    }

    /// What was heard of it is not so any more.
    pub fn there_forget(&self, message_id: &str) -> Result<()> {
        self.write(|db| {
            db.execute("DELETE FROM archived_there WHERE message_id = ?", [message_id])?;
            Ok(())
        })
    }
}
