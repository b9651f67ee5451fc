//! What a mail is to the business: worked out by the engine, kept beside each mail so that a list needs nothing else.

use crate::{
    Parties, Result, Store,
    message::{inboxes, parties_of},
    search,
};
use clientele_model::{MessageId, RecordKind, RecordRef, Table};
use rusqlite::{Connection, params};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CrmState {
    #[default]
    Unknown,
    Customer,
    NotInCrm,
}

impl CrmState {
    pub(crate) fn of(number: i64) -> Self {
        match number {
            1 => CrmState::Customer,
            2 => CrmState::NotInCrm,
            _ => CrmState::Unknown,
        }
    }

    fn number(self) -> i64 {
        match self {
            CrmState::Unknown => 0,
            CrmState::Customer => 1,
            CrmState::NotInCrm => 2,
        }
    }
}

/// What was worked out of a mail.
#[derive(Debug, Clone)]
pub struct Worked {
    pub id: MessageId,
    pub state: CrmState,
    /// The caller's JSON.
    pub pills: String,
    /// Whom and what it has to do with.
    pub records: Vec<RecordRef>,
}

impl Store {
    /// Notes what mails are to the business: state, and the pills as the caller's JSON, of which the search reads `text` by
    /// `kind` (`company`, `sale`, `project`), and `company` of any of them.
    pub fn pills_set(&self, pills: &[(MessageId, CrmState, String)]) -> Result<()> {
        let of = |(id, state, json): &(MessageId, CrmState, String)| Worked {
            id: *id,
            state: *state,
            pills: json.clone(),
            records: Vec::new(),
        };
        self.worked(&pills.iter().map(of).collect::<Vec<_>>())
    }

    /// The same with the records, by which [`Store::list_of_record`] finds the mails.
    pub fn worked(&self, pills: &[Worked]) -> Result<()> {
        self.write(|db| {
            for Worked { id, state, pills: json, records } in pills {
                let before: Option<(i64, String)> = db
                    .prepare_cached("SELECT crm_state, pills FROM mail.message WHERE id = ?")?
                    .query_map([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .next()
                    .transpose()?;
                db.prepare_cached("UPDATE mail.message SET crm_state = ?, pills = ?, pills_stale = 0 WHERE id = ?")?
                    .execute(params![state.number(), json, id.0])?;
                if before.is_some() {
                    records_set(db, *id, records)?;
                }
                // What stays the same is not announced: most do when the CRM changes.
                if before.is_some_and(|(number, old)| number != state.number() || old != *json) {
                    search::business(db, *id, json)?;
                    db.changed(Table::Message, id.0);
                }
            }
            Ok(())
        })
    }

    /// The companies and sales of the newest `mails` of the inboxes, of the latest mail first, each once.
    pub fn records_of_late(&self, kind: RecordKind, mails: u32, limit: u32) -> Result<Vec<String>> {
        self.read(|db| {
            let mut select = db.prepare_cached(OF_LATE)?;
            let mut found: Vec<(i64, String)> = Vec::new();
            for folder in inboxes(db)? {
                let rows =
                    select.query_map(params![folder, mails, kind as u8], |row| Ok((row.get(0)?, row.get(1)?)))?;
                found.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            found.sort_by_key(|(message, _)| std::cmp::Reverse(*message));
            let mut records: Vec<String> = Vec::new();
            for (_, record) in found {
                if records.len() < limit as usize && !records.contains(&record) {
                    records.push(record);
                }
            }
            Ok(records)
        })
    }

    /// Of the inboxes: unread mails of customers, customers' mails not archived, mails of people not in the CRM.
    pub fn business_counts(&self) -> Result<(u32, u32, u32)> {
        self.read(|db| {
            let mut counts = (0, 0, 0);
            for folder in inboxes(db)? {
                let of =
                    |row: &rusqlite::Row<'_>| Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?, row.get::<_, u32>(2)?));
                let one = db.prepare_cached(COUNTS)?.query_row([folder], of)?;
                counts = (counts.0 + one.0, counts.1 + one.1, counts.2 + one.2);
            }
            Ok(counts)
        })
    }

    /// The CRM or a link changed: every mail's pills are to be worked out again. The old ones stay until then.
    pub fn pills_reset(&self) -> Result<()> {
        self.write(|db| {
            db.execute("UPDATE mail.message SET pills_stale = 1 WHERE pills_stale = 0", [])?;
            Ok(())
        })
    }

    /// The same for the mails of some Message-IDs and of the conversations they are in.
    pub fn pills_reset_for(&self, message_ids: &[String]) -> Result<()> {
        self.write(|db| {
            let mut update = db.prepare_cached(
                "UPDATE mail.message SET pills_stale = 1
                 WHERE thread IN (SELECT thread FROM mail.message WHERE message_id = ?)",
            )?;
            for id in message_ids {
                update.execute([id])?;
            }
            Ok(())
        })
    }

    /// Whether any of these mails' pills are still to be worked out.
    pub fn pills_stale(&self, mails: &[MessageId]) -> Result<bool> {
        self.read(|db| {
            let mut select = db.prepare_cached("SELECT 1 FROM mail.message WHERE id = ? AND pills_stale = 1")?;
            for id in mails {
                if select.exists([id.0])? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Mails whose pills are to be worked out, newest first.
    pub fn pills_missing(&self, limit: u32) -> Result<Vec<Parties>> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT id FROM mail.message INDEXED BY message_stale
                 WHERE pills_stale = 1 AND folder IS NOT NULL ORDER BY id DESC LIMIT ?",
            )?;
            let ids = select.query_map([limit], |row| row.get(0).map(MessageId))?.collect::<Result<Vec<_>, _>>()?;
            let mut parties = Vec::with_capacity(ids.len());
            for id in ids {
                parties.extend(parties_of(db, id)?);
            }
            Ok(parties)
        })
    }
}

pub(crate) const OF_LATE: &str = "SELECT r.message, r.record FROM
     (SELECT id FROM mail.message INDEXED BY message_folder WHERE folder = ?1 ORDER BY id DESC LIMIT ?2) m
     CROSS JOIN mail.mail_record r INDEXED BY mail_record_message ON r.message = m.id WHERE r.kind = ?3";
pub(crate) const COUNTS: &str = "SELECT
     (SELECT count(*) FROM mail.mark INDEXED BY mark_customer_unread WHERE folder = ?1 AND customer = 1 AND seen = 0),
     unarchived, strangers FROM mail.folder WHERE id = ?1";

/// Most mails have the records that they had.
fn records_set(db: &Connection, id: MessageId, records: &[RecordRef]) -> Result<()> {
    let mut had: Vec<(u8, String)> = db
        .prepare_cached("SELECT kind, record FROM mail.mail_record WHERE message = ?")?
        .query_map([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut has: Vec<(u8, String)> = records.iter().map(|one| (one.kind as u8, one.id.clone())).collect();
    has.sort_unstable();
    has.dedup();
    had.sort_unstable();
    if had == has {
        return Ok(());
    }
    for (kind, record) in had {
        db.prepare_cached("DELETE FROM mail.mail_record WHERE kind = ? AND record = ? AND message = ?")?
            .execute(params![kind, record, id.0])?;
    }
    for (kind, record) in has {
        db.prepare_cached("INSERT INTO mail.mail_record (kind, record, message) VALUES (?, ?, ?)")?
            .execute(params![kind, record, id.0])?;
    }
    Ok(())
}
