//! Rules for archiving by themselves, and which mails they have looked at: each once, by Message-ID.

use crate::{Parties, Result, Store, StoreError, message::parties_of};
use clientele_model::{MessageId, Table};
use rusqlite::{Connection, OptionalExtension as _, params};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// 0: a new one.
    pub id: i64,
    pub name: String,
    /// When it was switched on, in seconds since 1970; None: it is off.
    pub since: Option<i64>,
    /// The caller's JSON.
    pub conditions: String,
    /// The [`crate::CrmLink`] whose records and selections the conditions name; 0: the embedded CRM.
    pub link: i64,
}

/// From when on mails are looked at as they come; there while a rule is on, or conversations go on by themselves.
const SINCE: &str = "archive.since";
/// Clocks differ: a mail may be dated so much before it came.
const CLOCKS: i64 = 600;

const DUE: &str = "SELECT id FROM mail.message INDEXED BY message_unweighed
    WHERE unweighed = 1 AND partial = 0 AND pills_stale = 0 AND folder IS NOT NULL AND id > ? ORDER BY id LIMIT ?";
const REASON: &str = "SELECT reason FROM weighed WHERE message_id = ?";
const NEWEST: &str = "SELECT id FROM mail.message WHERE folder IS NOT NULL ORDER BY id DESC LIMIT ?";
/// One's own mail with this Message-ID.
const OWN: &str = "SELECT 1 FROM mail.message m CROSS JOIN account a ON lower(m.from_email) = lower(a.email)
    WHERE m.message_id = ? LIMIT 1";

impl Store {
    pub fn rules(&self) -> Result<Vec<Rule>> {
        self.read(|db| {
            let mut select = db.prepare_cached("SELECT id, name, since, conditions, link FROM rule ORDER BY id")?;
            let rows = select.query_map([], |row| {
                Ok(Rule {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    since: row.get(2)?,
                    conditions: row.get(3)?,
                    link: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Gives the id.
    pub fn rule_save(&self, rule: &Rule) -> Result<i64> {
        self.write(|db| {
            let id = if rule.id == 0 {
                db.execute(
                    "INSERT INTO rule (name, since, conditions, link) VALUES (?, ?, ?, ?)",
                    params![rule.name, rule.since, rule.conditions, rule.link],
                )?;
                db.last_insert_rowid()
            } else {
                let values = params![rule.name, rule.since, rule.conditions, rule.link, rule.id];
                let set = "UPDATE rule SET name = ?, since = ?, conditions = ?, link = ? WHERE id = ?";
                if db.execute(set, values)? == 0 {
                    return Err(StoreError::NotFound);
                }
                rule.id
            };
            db.changed_all(Table::Setting);
            Ok(id)
        })
    }

    pub fn rule_delete(&self, id: i64) -> Result<()> {
        self.write(|db| {
            if db.execute("DELETE FROM rule WHERE id = ?", [id])? == 0 {
                return Err(StoreError::NotFound);
            }
            db.changed_all(Table::Setting);
            Ok(())
        })
    }

    /// From now on mails are looked at as they come, or no longer. Said again, the first time counts.
    pub fn weigh(&self, on: bool, now: i64) -> Result<()> {
        self.write(|db| {
            if on {
                db.execute(
                    "INSERT OR IGNORE INTO setting (key, value) VALUES (?, ?)",
                    params![SINCE, now.to_string()],
                )?;
            } else if db.execute("DELETE FROM setting WHERE key = ?", [SINCE])? > 0 {
                db.execute("UPDATE mail.message SET unweighed = 0 WHERE unweighed = 1", [])?;
            }
            Ok(())
        })
    }

    /// Mails that nobody has looked at, of which body and pills are here, the oldest first, behind `after`.
    pub fn unweighed(&self, after: Option<MessageId>, limit: u32) -> Result<Vec<MessageId>> {
        self.read(|db| {
            let mut select = db.prepare_cached(DUE)?;
            let after = after.map_or(0, |id| id.0);
            Ok(select.query_map(params![after, limit], |row| row.get(0).map(MessageId))?.collect::<Result<_, _>>()?)
        })
    }

    /// The rules have looked at it. `reason`: why they left it alone, empty: it was taken; None: no rule has to do with it.
    pub fn weighed(&self, id: MessageId, message_id: &str, reason: Option<&str>) -> Result<()> {
        self.write(|db| {
            db.prepare_cached("UPDATE mail.message SET unweighed = 0 WHERE id = ?")?.execute([id.0])?;
            if let Some(reason) = reason {
                db.prepare_cached("INSERT OR REPLACE INTO weighed (message_id, reason) VALUES (?, ?)")?
                    .execute([message_id, reason])?;
            }
            Ok(())
        })
    }

    /// What [`Store::weighed`] was told of it.
    pub fn weighed_reason(&self, message_id: &str) -> Result<Option<String>> {
        self.read(|db| Ok(db.prepare_cached(REASON)?.query_row([message_id], |row| row.get(0)).optional()?))
    }

    /// The newest mails of all folders.
    pub fn newest(&self, limit: u32) -> Result<Vec<Parties>> {
        self.read(|db| {
            let ids: Vec<MessageId> = db
                .prepare_cached(NEWEST)?
                .query_map([limit], |row| row.get(0).map(MessageId))?
                .collect::<rusqlite::Result<_>>()?;
            let mut parties = Vec::with_capacity(ids.len());
            for id in ids {
                parties.extend(parties_of(db, id)?);
            }
            Ok(parties)
        })
    }

    /// Whether a mail answers one of one's own, by the Message-IDs it names.
    pub fn answers_own(&self, id: MessageId) -> Result<bool> {
        self.read(|db| {
            let named: Option<(String, String)> = db
                .prepare_cached("SELECT in_reply_to, refs FROM mail.message WHERE id = ?")?
                .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((to, refs)) = named else { return Ok(false) };
            let mut own = db.prepare_cached(OWN)?;
            for text in [to, refs] {
                let ids: Vec<String> = serde_json::from_str(&text)?;
                for id in ids.iter().rev().take(16) {
                    if own.exists([id])? {
                        return Ok(true);
                    }
                }
            }
            Ok(false)
        })
    }

    /// Whether a mail says that it answers another.
    pub fn is_answer(&self, id: MessageId) -> Result<bool> {
        self.read(|db| {
            let mut select = db.prepare_cached("SELECT in_reply_to <> '[]' FROM mail.message WHERE id = ?")?;
            Ok(select.query_row([id.0], |row| row.get(0)).optional()?.unwrap_or(false))
        })
    }
}

pub(crate) fn weigh_since(db: &Connection) -> Result<Option<i64>> {
    let since: Option<String> = db
        .prepare_cached("SELECT value FROM setting WHERE key = ?")?
        .query_row([SINCE], |row| row.get(0))
        .optional()?;
    Ok(since.and_then(|since| since.parse::<i64>().ok()).map(|since| since - CLOCKS))
}

pub(crate) fn unweighed(db: &Connection, id: MessageId) -> Result<()> {
    db.prepare_cached("UPDATE mail.message SET unweighed = 1 WHERE id = ?")?.execute([id.0])?;
    Ok(())
}

/// For looking at their plans. [`NEWEST`] walks the table's own order and ends with the page.
#[cfg(test)]
pub(crate) fn statements() -> [&'static str; 2] {
    [DUE, REASON]
}
