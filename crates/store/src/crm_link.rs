//! Which CRM is connected, and which were: what was archived there stays there.

use crate::{Result, Store, connection::Write};
use clientele_model::Table;
use rusqlite::{Connection, OptionalExtension as _, params};

/// A CRM elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrmLink {
    /// 0 for one that is not kept yet.
    pub id: i64,
    pub kind: String,
    /// Which customer of it, a tenant or an address: with the kind it is always the same link.
    pub place: String,
    /// The adapter's own JSON. Never a secret.
    pub config: String,
    /// What stands behind "Archive in".
    pub name: String,
    /// The CRM's id of the user, their name there, and the address on their card, which may be empty.
    pub user: String,
    pub user_name: String,
    pub email: String,
    /// Seconds since 1970.
    pub connected: i64,
    /// When all that it holds was last read; 0: not yet.
    pub refreshed: i64,
}

/// The link of today as SQL; 0 stands for the embedded CRM.
pub(crate) const NOW: &str = "coalesce((SELECT id FROM crm_link WHERE ended IS NULL), 0)";

const COLUMNS: &str = "id, kind, place, config, name, user, user_name, email, connected, refreshed";

impl Store {
    /// The one that is connected now; None: the embedded CRM is in use.
    pub fn crm_link(&self) -> Result<Option<CrmLink>> {
        self.read(|db| one(db, "ended IS NULL", []))
    }

    /// The id of the one that is connected now; 0: the embedded CRM.
    pub fn crm_link_now(&self) -> Result<i64> {
        self.read(link_now)
    }

    /// One that was connected before, by its kind and place.
    pub fn crm_link_known(&self, kind: &str, place: &str) -> Result<Option<CrmLink>> {
        self.read(|db| one(db, "kind = ? AND place = ?", [kind, place]))
    }

    /// What the CRM of a link was called; None where there never was such a link.
    pub fn crm_link_name(&self, id: i64) -> Result<Option<String>> {
        self.read(|db| Ok(one(db, "id = ?", [id])?.map(|link| link.name)))
    }

    /// Connects, in place of what was connected: a link of the same kind and place gets its old id again. Gives the id.
    pub fn crm_link_set(&self, link: &CrmLink) -> Result<i64> {
        self.write(|db| {
            db.execute(
                "UPDATE crm_link SET ended = ? WHERE ended IS NULL AND NOT (kind = ? AND place = ?)",
                params![link.connected, link.kind, link.place],
            )?;
            let id = db.query_row(
                "INSERT INTO crm_link (kind, place, config, name, user, user_name, email, connected, refreshed)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (kind, place) DO UPDATE SET config = excluded.config, name = excluded.name,
                     user = excluded.user, user_name = excluded.user_name, email = excluded.email,
                     connected = excluded.connected, refreshed = excluded.refreshed, ended = NULL
                 RETURNING id",
                params![
                    link.kind,
                    link.place,
                    link.config,
                    link.name,
                    link.user,
                    link.user_name,
                    link.email,
                    link.connected,
                    link.refreshed
                ],
                |row| row.get(0),
            )?;
            told(db);
            Ok(id)
        })
    }

    /// Back to the embedded CRM.
    pub fn crm_link_end(&self, now: i64) -> Result<()> {
        self.write(|db| {
            db.execute("UPDATE crm_link SET ended = ? WHERE ended IS NULL", [now])?;
            told(db);
            Ok(())
        })
    }

    /// What its user is called there today. Nothing where it is connected no more: `false`.
    pub fn crm_link_user(&self, id: i64, name: &str, email: &str) -> Result<bool> {
        self.write(|db| {
            let set = "UPDATE crm_link SET user_name = ?, email = ? WHERE id = ? AND ended IS NULL";
            let connected = db.execute(set, params![name, email, id])? > 0;
            db.changed_all(Table::Setting);
            Ok(connected)
        })
    }

    pub fn crm_link_refreshed(&self, id: i64, now: i64) -> Result<()> {
        self.write(|db| {
            db.execute("UPDATE crm_link SET refreshed = ? WHERE id = ? AND ended IS NULL", [now, id])?;
            db.changed_all(Table::Setting);
            Ok(())
        })
    }

    /// Mails and other work for the CRM of today that wait; and those that it refused, or that are left from another.
    pub fn crm_waiting(&self) -> Result<(u32, u32)> {
        self.read(|db| {
            let count = |of: &str| {
                let sql = format!(
                    "SELECT (SELECT count(*) FROM archive WHERE {of}) + (SELECT count(*) FROM crm_work WHERE {of})"
                );
                db.prepare_cached(&sql)?.query_row([], |row| row.get::<_, u32>(0))
            };
            let queued = count(&format!("state = 'queued' AND link = {NOW}"))?;
            let failed = count("state = 'failed'")?;
            Ok((queued, failed + count(&format!("state = 'queued' AND link <> {NOW}"))?))
        })
    }

    /// Senders of the newest `limit` mails outside of Junk and Trash of whom the CRM knows nothing, each once.
    pub fn strangers(&self, limit: u32) -> Result<Vec<String>> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT from_email FROM (
                     SELECT m.id, lower(m.from_email) AS from_email FROM mail.message m
                     JOIN mail.folder f ON f.id = m.folder
                     WHERE m.crm_state <> 1 AND f.role NOT IN ('junk', 'trash') ORDER BY m.id DESC LIMIT ?)
                 WHERE from_email LIKE '%_@_%' AND from_email NOT IN (SELECT lower(email) FROM account)
                 GROUP BY from_email ORDER BY max(id) DESC",
            )?;
            Ok(select.query_map([limit], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Mails archived in the CRM of today, and mails and other work that wait to go there.
    pub fn crm_link_holds(&self) -> Result<(u32, u32)> {
        self.read(|db| {
            let count = |sql: &str| db.query_row(&format!("{sql} AND link = {NOW}"), [], |row| row.get::<_, u32>(0));
            let archived = count("SELECT count(*) FROM archive WHERE (state = 'done' OR activity IS NOT NULL)")?;
            let queued = count("SELECT count(*) FROM archive WHERE state <> 'done'")?;
            Ok((archived, queued + count("SELECT count(*) FROM crm_work WHERE 1")?))
        })
    }
}

pub(crate) fn link_now(db: &Connection) -> Result<i64> {
    Ok(db.prepare_cached(&format!("SELECT {NOW}"))?.query_row([], |row| row.get(0))?)
}

/// Everything that the CRM says may be another's now.
fn told(db: &mut Write<'_>) {
    for table in [Table::Crm, Table::Archive, Table::Setting] {
        db.changed_all(table);
    }
}

fn one(db: &Connection, condition: &str, parameters: impl rusqlite::Params) -> Result<Option<CrmLink>> {
    let read = |row: &rusqlite::Row<'_>| {
        Ok(CrmLink {
            id: row.get(0)?,
            kind: row.get(1)?,
            place: row.get(2)?,
            config: row.get(3)?,
            name: row.get(4)?,
            user: row.get(5)?,
            user_name: row.get(6)?,
            email: row.get(7)?,
            connected: row.get(8)?,
            refreshed: row.get(9)?,
        })
    };
    Ok(db.query_row(&format!("SELECT {COLUMNS} FROM crm_link WHERE {condition}"), parameters, read).optional()?)
}
