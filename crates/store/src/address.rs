//! Who one has written with, for suggestions in the composer.

use crate::{NewMessage, Result, Store, fold::words, message};
use clientele_model::Address;
use rusqlite::{Connection, params};

/// A mail to more is a mailing: it says little about whom one writes with.
const MOST_NOTED: usize = 30;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correspondent {
    pub address: Address,
    /// In how many mails.
    pub uses: u32,
    /// When last, in seconds since 1970.
    pub last: i64,
}

impl Store {
    /// Correspondents with a word of the name or the address beginning with each word of `query`, most used first.
    pub fn correspondents(&self, query: &str, limit: u32) -> Result<Vec<Correspondent>> {
        let wanted = words(query);
        let Some(longest) = wanted.iter().max_by_key(|word| word.len()) else { return Ok(Vec::new()) };
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT DISTINCT c.email, c.name, c.uses, c.last FROM mail.correspondent_word w
                 JOIN mail.correspondent c ON c.id = w.correspondent WHERE w.word >= ? AND w.word < ?",
            )?;
            // U+10FFFF ends every word's continuations.
            let rows = select.query_map(params![longest, format!("{longest}\u{10ffff}")], |row| {
                Ok(Correspondent {
                    address: Address { email: row.get(0)?, name: row.get(1)? },
                    uses: row.get(2)?,
                    last: row.get(3)?,
                })
            })?;
            let mut found = rows.collect::<Result<Vec<_>, _>>()?;
            found.retain(|one| {
                let have = words(&format!("{} {}", one.address.name, one.address.email));
                wanted.iter().all(|word| have.iter().any(|have| have.starts_with(word)))
            });
            found.sort_by_key(|one| std::cmp::Reverse((one.uses, one.last)));
            found.truncate(limit as usize);
            Ok(found)
        })
    }
}

/// Works out all correspondents anew, from the mails that are here.
pub(crate) fn rebuild(db: &Connection) -> Result<()> {
    db.execute_batch("DELETE FROM mail.correspondent_word; DELETE FROM mail.correspondent;")?;
    let mut mails = db.prepare(
        "SELECT lower(a.email), m.from_name, m.from_email, m.to_json, m.others, m.date FROM mail.message m
         JOIN account a ON a.id = m.account ORDER BY m.id",
    )?;
    let mut rows = mails.query([])?;
    while let Some(row) = rows.next()? {
        let own: String = row.get(0)?;
        let message = NewMessage {
            from: Address { name: row.get(1)?, email: row.get(2)? },
            to: serde_json::from_str(&row.get::<_, String>(3)?)?,
            cc: message::cc_of(&row.get::<_, String>(4)?)?,
            date: row.get(5)?,
            ..NewMessage::default()
        };
        note(db, &own, &message)?;
    }
    Ok(())
}

/// Notes the sender of a mail, or of one's own (`own` is the account's address) the recipients.
pub(crate) fn note(db: &Connection, own: &str, message: &NewMessage) -> Result<()> {
    let mine = message.from.key() == own;
    let others: Vec<&Address> = if mine { message.to.iter().chain(&message.cc).collect() } else { vec![&message.from] };
    for address in others.into_iter().take(MOST_NOTED) {
        let key = address.key();
        if !key.contains('@') || key == own {
            continue;
        }
        // Those one writes to come before those who write.
        let uses = if mine { 5 } else { 1 };
        let name = address.name.trim();
        // Nearly always someone known, by the name known, whose words are here.
        let again = db
            .prepare_cached(
                "UPDATE mail.correspondent SET uses = uses + ?3, last = max(last, ?4)
                 WHERE email = ?1 AND (?2 = '' OR name = ?2)",
            )?
            .execute(params![key, name, uses, message.date])?;
        if again > 0 {
            continue;
        }
        let id: i64 = db
            .prepare_cached(
                "INSERT INTO mail.correspondent (email, name, uses, last) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (email) DO UPDATE SET uses = uses + ?3, last = max(last, ?4),
                     name = CASE WHEN ?2 <> '' AND (name = '' OR ?4 >= last) THEN ?2 ELSE name END
                 RETURNING id",
            )?
            .query_row(params![key, name, uses, message.date], |row| row.get(0))?;
        let mut word =
            db.prepare_cached("INSERT OR IGNORE INTO mail.correspondent_word (word, correspondent) VALUES (?, ?)")?;
        for one in words(&format!("{} {key}", address.name)) {
            word.execute(params![one, id])?;
        }
    }
    Ok(())
}
