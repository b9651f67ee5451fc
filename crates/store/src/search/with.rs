//! The mails with somebody.

use super::words_sql;
use crate::{
    Result, Row, Store,
    fold::phrase,
    message::{parties_of, rows_of},
};
use clientele_model::{Address, MessageId};
use rusqlite::params;
use std::collections::{BTreeSet, HashSet};

/// Mails in which an address' words stand together, looked at to find those that have the address itself.
const MOST_LOOKED_AT: usize = 400;
const MOST_ADDRESSES: usize = 20;

impl Store {
    /// The newest mails from, to or in copy to any of these addresses (case aside, the whole address), in all folders,
    /// copies of one mail once. By the index of words: never a scan.
    pub fn mails_with(&self, emails: &[String], limit: u32) -> Result<Vec<Row>> {
        let keys: HashSet<String> = emails.iter().take(MOST_ADDRESSES).map(|one| Address::new("", one).key()).collect();
        let limit = limit.clamp(1, 200) as usize;
        self.read(|db| {
            let mut found = BTreeSet::new();
            for key in keys.iter().filter(|key| key.contains('@')) {
                let (words, goes_on) = phrase(&[key], false);
                if words.is_empty() {
                    continue;
                }
                let star = if goes_on { " *" } else { "" };
                let phrase = format!("{{author recipients copies}} : \"{words}\"{star}");
                let mut select = db.prepare_cached(&words_sql("fts"))?;
                let ids =
                    select.query_map(params![i64::MAX, i64::MIN, MOST_LOOKED_AT as i64, phrase], |row| row.get(0))?;
                let mut had = 0;
                for id in ids.collect::<rusqlite::Result<Vec<i64>>>()? {
                    let Some(parties) = parties_of(db, MessageId(id))? else { continue };
                    let mut all =
                        std::iter::once(&parties.from).chain(&parties.reply_to).chain(&parties.to).chain(&parties.cc);
                    if all.any(|one| one.key() == *key) {
                        found.insert(std::cmp::Reverse(id));
                        had += 1;
                    }
                    // Twice as many, for mails that lie in two folders.
                    if had >= limit * 2 {
                        break;
                    }
                }
            }
            let ids: Vec<MessageId> = found.into_iter().map(|id| MessageId(id.0)).collect();
            let mut rows = rows_of(db, &ids)?;
            let mut seen = HashSet::new();
            rows.retain(|row| row.message_id.is_empty() || seen.insert(row.message_id.clone()));
            rows.truncate(limit);
            Ok(rows)
        })
    }
}
