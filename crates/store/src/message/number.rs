//! Row ids of mails: half minutes, so that a walk over them is one over dates. See docs/decisions/0018.

use crate::{Result, StoreError};
use clientele_model::{MessageId, RowDate};
use rusqlite::{Connection, OptionalExtension as _};

/// How many places beside a date are looked at one by one.
const NEAR: usize = 64;

/// The free row id nearest to the place of a date, behind mails before it and before those behind it.
pub(super) fn next_id(db: &Connection, date: i64) -> Result<MessageId> {
    let place = RowDate::new(date).place();
    let there: Option<i64> = db
        .prepare_cached("SELECT date FROM mail.message WHERE id = ?")?
        .query_row([place.0], |row| row.get(0))
        .optional()?;
    match there {
        None => Ok(place),
        Some(there) if date < there => match free(db, place.0, -1)? {
            Some(id) => Ok(id),
            None => free(db, place.0, 1)?.ok_or(StoreError::NotFound),
        },
        Some(_) => free(db, place.0, 1)?.ok_or(StoreError::NotFound),
    }
}

/// A free id from `id` on, upwards or downwards: the first one, or in a crowd one behind a taken one. None where there is
/// none above 0.
fn free(db: &Connection, mut id: i64, step: i64) -> Result<Option<MessageId>> {
    let sql = match step {
        1 => "SELECT id FROM mail.mark WHERE id >= ? ORDER BY id LIMIT 64",
        _ => "SELECT id FROM mail.mark WHERE id <= ? ORDER BY id DESC LIMIT 64",
    };
    let mut near = db.prepare_cached(sql)?;
    let mut rows = near.query([id])?;
    let mut crowd = 0;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? != id {
            break;
        }
        id += step;
        crowd += 1;
    }
    if crowd == NEAR {
        let mut taken = db.prepare_cached("SELECT 1 FROM mail.mark WHERE id = ?")?;
        id = leap(id - step, step, |id| Ok(taken.exists([id])?))?;
    }
    Ok(Some(MessageId(id)).filter(|id| id.0 > 0))
}

/// Thousands of mails of one date (an import that dates them all alike) must not be walked over for each of them: leaps that
/// double find the end, halves the place. `low` is taken; 0 counts as free.
fn leap(mut low: i64, step: i64, mut taken: impl FnMut(i64) -> Result<bool>) -> Result<i64> {
    let mut span = 1;
    let mut high = loop {
        let high = (low + step * span).max(0);
        if high == 0 || !taken(high)? {
            break high;
        }
        low = high;
        span *= 2;
    };
    while (high - low).abs() > 1 {
        let middle = low + (high - low) / 2;
        if taken(middle)? { low = middle } else { high = middle }
    }
    Ok(high)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_crowd_is_leapt_over_not_walked() {
        for (crowd, low, step, free) in [(1_000..=100_999, 1_000, 1, 101_000), (5..=90_000, 90_000, -1, 4)] {
            let mut looks = 0;
            let found = leap(low, step, |id| {
                looks += 1;
                Ok(crowd.contains(&id))
            });
            assert_eq!(found.unwrap(), free);
            assert!(looks < 40, "{looks}");
        }
        assert_eq!(leap(70, -1, |_| Ok(true)).unwrap(), 0, "there is none downwards");
    }

    #[test]
    fn what_crowds_takes_one_place_after_the_other() {
        crate::heap::apart();
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("ATTACH ':memory:' AS mail; CREATE TABLE mail.mark (id INTEGER PRIMARY KEY)").unwrap();
        let take = |from, step| {
            let id = free(&db, from, step).unwrap()?.0;
            db.execute("INSERT INTO mail.mark VALUES (?)", [id]).unwrap();
            Some(id)
        };
        for id in 500..1_500 {
            assert_eq!(take(500, 1), Some(id));
        }
        for id in (1..500).rev() {
            assert_eq!(take(1_000, -1), Some(id));
        }
        assert_eq!(take(1_000, -1), None);
    }
}
