//! Everything, page by page. BottleCRM does not say what changed: no list can be asked for it or put in its order, and its
//! log of activities tells of tickets only.

use super::{BottleCrm, entity};
use crate::{Changes, CrmError, Item, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Each page brings lists of the whole organisation along, so few and large ones.
const PAGE: usize = 500;
/// How many rows of the page before are read again: where rows went meanwhile, others have moved up.
const OVERLAP: usize = 10;
/// Tasks that are read whole in one step.
const WHOLE: usize = 25;
/// More rows than this of one kind are nobody's address book.
const MOST: usize = 500_000;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    #[default]
    Company,
    /// Its list has two halves.
    ClosedCompany,
    Person,
    Sale,
    FollowUp,
    /// Nothing is left.
    End,
}

/// Where reading goes on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    kind: Kind,
    /// Rows that were read of the kind.
    offset: usize,
    /// The last ids of the page before.
    last: Vec<String>,
    /// Tasks that wait to be read whole.
    whole: Vec<String>,
}

/// Both halves of the list of companies.
pub(super) fn accounts(said: &Value) -> Vec<Value> {
    let open = entity::list(&said["active_accounts"], "open_accounts");
    [open, entity::list(&said["closed_accounts"], "close_accounts")].concat()
}

impl BottleCrm {
    pub(super) async fn everything(&self, cursor: &str) -> Result<Changes> {
        let mut at: Cursor = serde_json::from_str(cursor).unwrap_or_default();
        if at.kind == Kind::End && at.whole.is_empty() {
            at = Cursor::default();
        }
        let items = if at.whole.is_empty() { self.page(&mut at).await? } else { self.whole_tasks(&mut at).await? };
        let more = at.kind != Kind::End || !at.whole.is_empty();
        Ok(Changes { items, gone: Vec::new(), cursor: serde_json::to_string(&at)?, more })
    }

    async fn page(&self, at: &mut Cursor) -> Result<Vec<Item>> {
        if at.offset > MOST {
            return Err(CrmError::TooMany { limit: MOST as u32 });
        }
        let from = at.offset.saturating_sub(if at.last.is_empty() { 0 } else { OVERLAP });
        let (limit, offset) = (PAGE.to_string(), from.to_string());
        let mut query = vec![("limit", limit.as_str()), ("offset", &offset)];
        let me = self.who().await?.associate.id;
        let path = match at.kind {
            Kind::Company | Kind::ClosedCompany => {
                query.push(("is_active", if at.kind == Kind::Company { "true" } else { "false" }));
                "accounts/"
            }
            Kind::Person => "contacts/",
            Kind::Sale => "opportunities/",
            Kind::FollowUp => {
                query.extend([("slim", "true"), ("assigned_to", &me), ("status", "New"), ("status", "In Progress")]);
                "tasks/"
            }
            Kind::End => return Ok(Vec::new()),
        };
        let said = self.caller.get(path, &query).await?;
        let rows = match at.kind {
            Kind::Company | Kind::ClosedCompany => accounts(&said),
            Kind::Person => entity::list(&said, "results").to_vec(),
            Kind::Sale => entity::list(&said, "opportunities").to_vec(),
            Kind::FollowUp | Kind::End => entity::list(&said, "tasks").to_vec(),
        };
        let ids: Vec<String> = rows.iter().map(|row| entity::id(&row["id"])).collect();
        if !at.last.is_empty() && !ids.iter().any(|id| at.last.contains(id)) && at.offset > 0 {
            // So many went that nothing of the page before is here: a page back.
            at.offset = at.offset.saturating_sub(PAGE);
            if at.offset == 0 {
                at.last.clear();
            }
            return Ok(Vec::new());
        }
        let items = self.items(at, &rows).await?;
        if rows.len() < PAGE {
            next(at);
        } else {
            at.offset = from + rows.len();
            at.last = ids.iter().rev().take(OVERLAP).cloned().collect();
        }
        Ok(items)
    }

    async fn items(&self, at: &mut Cursor, rows: &[Value]) -> Result<Vec<Item>> {
        Ok(match at.kind {
            Kind::Company | Kind::ClosedCompany => rows.iter().map(|row| Item::Company(entity::company(row))).collect(),
            Kind::Person => rows.iter().map(|row| Item::Person(entity::person(row))).collect(),
            Kind::Sale if rows.is_empty() => Vec::new(),
            Kind::Sale => {
                let ways = self.ways().await?;
                let sale = |row| {
                    let (sale, changed) = self.sale_of(row, &ways);
                    Item::Sale(sale, changed)
                };
                rows.iter().map(sale).collect()
            }
            // A line has neither text nor people.
            Kind::FollowUp => {
                at.whole.extend(rows.iter().map(|row| entity::id(&row["id"])));
                Vec::new()
            }
            Kind::End => Vec::new(),
        })
    }

    /// One that was deleted in between is left out.
    async fn whole_tasks(&self, at: &mut Cursor) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        let some: Vec<String> = at.whole.drain(..at.whole.len().min(WHOLE)).collect();
        for id in some {
            match self.task(&id).await {
                Ok(task) => items.push(Item::FollowUp(task)),
                Err(CrmError::NotFound | CrmError::Forbidden { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(items)
    }
}

fn next(at: &mut Cursor) {
    at.kind = match at.kind {
        Kind::Company => Kind::ClosedCompany,
        Kind::ClosedCompany => Kind::Person,
        Kind::Person => Kind::Sale,
        Kind::Sale => Kind::FollowUp,
        Kind::FollowUp | Kind::End => Kind::End,
    };
    at.offset = 0;
    at.last.clear();
}
