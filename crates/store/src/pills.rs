//! What a mail is to the business: worked out by the engine, kept beside each mail so that a list needs nothing else.

use crate::{Parties, Result, Store, message::parties_of, search};
use clientele_model::{MessageId, Table};
use rusqlite::params;

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

impl Store {
    /// Notes what mails are to the business: state, and the pills as the caller's JSON, of which the search reads `text` by
    /// `kind` (`company`, `sale`, `project`), and `company` of any of them.
    pub fn pills_set(&self, pills: &[(MessageId, CrmState, String)]) -> Result<()> {
        self.write(|db| {
            for (id, state, json) in pills {
                let before: Option<(i64, String)> = db
                    .prepare_cached("SELECT crm_state, pills FROM mail.message WHERE id = ?")?
                    .query_map([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .next()
                    .transpose()?;
                db.prepare_cached("UPDATE mail.message SET crm_state = ?, pills = ?, pills_stale = 0 WHERE id = ?")?
                    .execute(params![state.number(), json, id.0])?;
                // What stays the same is not announced: most do when the CRM changes.
                if before.is_some_and(|(number, old)| number != state.number() || old != *json) {
                    search::business(db, *id, json)?;
                    db.changed(Table::Message, id.0);
                }
            }
            Ok(())
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
