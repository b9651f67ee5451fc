//! Row ids that fulfil one part of a query, newest first, read in pieces; and what they have in common. Each part is served
//! by an index of its own, and leaps over what the others do not have.

use crate::Result;
use rusqlite::{Connection, types::Value};

/// How many ids are read at once: few after a leap, more where the walk goes on. To begin anew costs a full-text index as
/// much as some hundred ids, a table's index some ten.
pub(super) const FEWEST: usize = 32;
pub(super) const FEWEST_OF_WORDS: usize = 256;
const MOST: usize = 4096;

pub(super) enum Stream<'a> {
    One(Walk<'a>),
    /// Any of them has it: folders, each with its own index.
    Any(Vec<Walk<'a>>),
}

pub(super) struct Walk<'a> {
    db: &'a Connection,
    /// `?1` and `?2` are the highest and the lowest id, `?3` how many; gives ids, falling.
    sql: String,
    values: Vec<Value>,
    low: i64,
    ids: Vec<i64>,
    at: usize,
    /// The ids of this piece end with the last there is.
    ended: bool,
    size: usize,
    fewest: usize,
    /// How many calls this piece has served.
    served: usize,
    read: usize,
}

impl<'a> Walk<'a> {
    /// `values` begin at `?4`.
    pub fn new(db: &'a Connection, sql: String, values: Vec<Value>, low: i64, fewest: usize) -> Self {
        Walk { db, sql, values, low, ids: Vec::new(), at: 0, ended: false, size: fewest, fewest, served: 0, read: 0 }
    }

    /// So many will be taken one behind the other.
    fn expect(&mut self, ids: usize) {
        (self.size, self.fewest) = (ids, ids);
    }

    /// The highest id that is not above `high`. Calls go downwards.
    fn seek(&mut self, high: i64) -> Result<Option<i64>> {
        // Mostly it is the one that is next.
        if self.ids.get(self.at).is_some_and(|id| *id > high) {
            self.at += 1;
            if self.ids.get(self.at).is_some_and(|id| *id > high) {
                self.at += self.ids[self.at..].partition_point(|id| *id > high);
            }
        }
        if self.at == self.ids.len() && !self.ended {
            self.fill(high)?;
        }
        self.served += 1;
        Ok(self.ids.get(self.at).copied())
    }

    fn fill(&mut self, high: i64) -> Result<()> {
        if self.read > 0 {
            self.size = if self.served > 3 { (self.size * 2).min(MOST) } else { (self.size / 2).max(self.fewest) };
        }
        let mut select = self.db.prepare_cached(&self.sql)?;
        let fixed = [Value::Integer(high), Value::Integer(self.low), Value::Integer(self.size as i64)];
        let values = rusqlite::params_from_iter(fixed.iter().chain(&self.values));
        self.ids.clear();
        let mut rows = select.query(values)?;
        while let Some(row) = rows.next()? {
            self.ids.push(row.get(0)?);
        }
        (self.at, self.served) = (0, 0);
        self.ended = self.ids.len() < self.size;
        self.read += self.ids.len().max(1);
        Ok(())
    }
}

impl Stream<'_> {
    fn seek(&mut self, high: i64) -> Result<Option<i64>> {
        match self {
            Stream::One(walk) => walk.seek(high),
            Stream::Any(walks) => {
                let mut best = None;
                for walk in walks {
                    best = best.max(walk.seek(high)?);
                }
                Ok(best)
            }
        }
    }

    fn read(&self) -> usize {
        match self {
            Stream::One(walk) => walk.read,
            Stream::Any(walks) => walks.iter().map(|walk| walk.read).sum(),
        }
    }
}

/// What all of `wanted` have and none of `unwanted`.
pub(super) struct Common<'a> {
    pub wanted: Vec<Stream<'a>>,
    pub unwanted: Vec<Stream<'a>>,
}

impl Common<'_> {
    /// Where there is but one walk and nobody to leap over: it reads as many as will be taken, at once.
    pub fn expect(&mut self, ids: usize) {
        if let ([Stream::One(walk)], true) = (&mut self.wanted[..], self.unwanted.is_empty()) {
            walk.expect(ids);
        }
    }

    /// The highest id that is not above `high`; None at the end.
    pub fn next(&mut self, high: i64) -> Result<Option<i64>> {
        let mut id = high;
        'lower: loop {
            for stream in &mut self.wanted {
                match stream.seek(id)? {
                    None => return Ok(None),
                    Some(found) if found < id => {
                        id = found;
                        continue 'lower;
                    }
                    Some(_) => {}
                }
            }
            for stream in &mut self.unwanted {
                if stream.seek(id)? == Some(id) {
                    id -= 1;
                    continue 'lower;
                }
            }
            return Ok(Some(id));
        }
    }

    /// At most `most` ids from `high` down, while no more than `budget` were looked at.
    pub fn take(&mut self, high: i64, most: usize, budget: usize) -> Result<Vec<i64>> {
        let mut ids = Vec::new();
        let mut high = high;
        while ids.len() < most && self.read() <= budget {
            let Some(id) = self.next(high)? else { break };
            ids.push(id);
            high = id - 1;
        }
        Ok(ids)
    }

    fn read(&self) -> usize {
        self.wanted.iter().chain(&self.unwanted).map(Stream::read).sum()
    }
}
