//! Everything, or what changed: by `write_date`, which is empty until the first change, and `create_date`, in the order of
//! ids. Deletions are not told.

use super::{
    PARTIES, RELATIONS, SALES, Tryton, WORKS,
    call::{List, Row},
    value,
};
use crate::{Changes, CrmError, Item, Result, Selection, tables::now};
use clientele_model::RecordRef;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PAGE: u32 = 500;
/// More than this of one kind is nobody's address book.
const MOST: u32 = 500_000;
/// A change is stamped when its transaction begins, and seen when it ends; and clocks differ.
const OVERLAP: i64 = 300;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    #[default]
    Party,
    /// Contacts, addresses and relations say of whole parties that they changed; in a filling, they come with these.
    Contact,
    Address,
    Relation,
    Sale,
    Work,
    Category,
    /// Nothing is left.
    End,
}

/// Where reading goes on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    kind: Kind,
    /// The last id that was read of the kind.
    after: i64,
    read: u32,
    /// Changes from this time on, seconds since 1970; 0: everything.
    since: i64,
    /// When this round began: the next one's `since`.
    began: i64,
    /// What the overlap brings again, by kind and id, with when it was written: not worth reading twice.
    seen: BTreeMap<String, i64>,
}

impl Kind {
    fn model(self) -> &'static str {
        match self {
            Kind::Party => PARTIES,
            Kind::Contact => "party.contact_mechanism",
            Kind::Address => "party.address",
            Kind::Relation => RELATIONS,
            Kind::Sale => SALES,
            Kind::Work => WORKS,
            Kind::Category => "party.category",
            Kind::End => "",
        }
    }

    fn next(self) -> Kind {
        match self {
            Kind::Party => Kind::Contact,
            Kind::Contact => Kind::Address,
            Kind::Address => Kind::Relation,
            Kind::Relation => Kind::Sale,
            Kind::Sale => Kind::Work,
            Kind::Work => Kind::Category,
            Kind::Category | Kind::End => Kind::End,
        }
    }
}

impl Tryton {
    pub(super) async fn changes_since(&self, cursor: &str) -> Result<Changes> {
        let mut at: Cursor = match cursor {
            "" => Cursor::default(),
            text => serde_json::from_str(text).unwrap_or_default(),
        };
        if at.kind == Kind::End {
            at = Cursor { since: at.began - OVERLAP, seen: at.seen, ..Cursor::default() };
        }
        if at.began == 0 {
            at.began = now();
        }
        let mut changes = Changes::default();
        // What brings nothing is not worth a step of its own.
        while at.kind != Kind::End && changes.items.is_empty() && changes.gone.is_empty() {
            self.page(&mut at, &mut changes).await?;
        }
        changes.more = at.kind != Kind::End;
        if !changes.more {
            // What lies before the next overlap cannot come again.
            let oldest = (at.began - 2 * OVERLAP) * 1_000_000;
            at.seen.retain(|_, written| *written >= oldest);
        }
        changes.cursor = serde_json::to_string(&at)?;
        Ok(changes)
    }

    async fn page(&self, at: &mut Cursor, changes: &mut Changes) -> Result<()> {
        let me = self.who().await?;
        let with_the_party = matches!(at.kind, Kind::Contact | Kind::Address | Kind::Relation) && at.since == 0;
        if with_the_party || !me.has(at.kind.model()) {
            (at.kind, at.after, at.read) = (at.kind.next(), 0, 0);
            return Ok(());
        }
        let rows = self.rows_of(at).await?;
        let last = rows.iter().filter_map(|row| value::id(row, "id")).max().unwrap_or_default();
        at.read += rows.len() as u32;
        if at.read > MOST {
            return Err(CrmError::TooMany { limit: MOST });
        }
        let end = rows.is_empty();
        if !end && last <= at.after {
            return Err(CrmError::Unexpected("a list does not go on"));
        }
        let fresh = unseen(at, &rows);
        match at.kind {
            Kind::Party if at.since > 0 => self.parties_of(&fresh, &["id"], changes).await?,
            Kind::Party => {
                let whole = json!([["id", ">", at.after], ["id", "<=", last]]);
                for party in self.parties(&whole, rows.len() as u32).await? {
                    changes.items.extend(party.items().0);
                }
            }
            Kind::Contact | Kind::Address => self.parties_of(&fresh, &["party"], changes).await?,
            Kind::Relation => self.parties_of(&fresh, &["from_", "to"], changes).await?,
            Kind::Sale => changes.items.extend(self.sales_of(fresh).await?),
            Kind::Work => changes.items.extend(self.works_of(fresh).await?),
            Kind::Category => changes.items.extend(fresh.iter().map(|row| {
                let (id, name) = (value::id_text(row, "id"), value::text(row, "rec_name"));
                Item::Selection(Selection { id, name, members: None })
            })),
            Kind::End => {}
        }
        (at.kind, at.after) = if end { (at.kind.next(), 0) } else { (at.kind, last) };
        if end {
            at.read = 0;
        }
        Ok(())
    }

    async fn rows_of(&self, at: &Cursor) -> Result<Vec<Row>> {
        let mut domain = vec![json!(["id", ">", at.after])];
        if at.since > 0 {
            let since = value::datetime(at.since);
            domain.push(json!(["OR", ["write_date", ">=", since], ["create_date", ">=", since]]));
            if at.kind == Kind::Party {
                // One that was put out of use has changed, too.
                domain.push(json!(["active", "in", [true, false]]));
            }
        }
        let fields: &[&str] = match at.kind {
            Kind::Contact | Kind::Address => &["id", "party", "write_date", "create_date"],
            Kind::Relation => &["id", "from_", "to", "write_date", "create_date"],
            Kind::Sale => super::sale::FIELDS,
            Kind::Work => super::work::FIELDS,
            Kind::Category => &["id", "rec_name", "write_date", "create_date"],
            _ => &["id", "write_date", "create_date"],
        };
        self.caller.rows(&List::by_id(at.kind.model(), fields, PAGE), &Value::Array(domain)).await
    }

    /// The parties that rows name, whole.
    async fn parties_of(&self, rows: &[Row], fields: &[&str], changes: &mut Changes) -> Result<()> {
        let mut ids: Vec<i64> =
            rows.iter().flat_map(|row| fields.iter().filter_map(|name| value::id(row, name))).collect();
        ids.sort_unstable();
        ids.dedup();
        for party in self.parties_by_id(&ids).await? {
            let (items, gone): (Vec<Item>, Vec<RecordRef>) = party.items();
            changes.items.extend(items);
            changes.gone.extend(gone);
        }
        Ok(())
    }
}

/// Rows that the last round has not brought as they are.
fn unseen(at: &mut Cursor, rows: &[Row]) -> Vec<Row> {
    let recent = (at.began - 2 * OVERLAP) * 1_000_000;
    let mut fresh = Vec::new();
    for row in rows {
        let (id, written) = (value::id(row, "id").unwrap_or_default(), value::written(row));
        let known = written >= recent && at.seen.insert(format!("{:?}{id}", at.kind), written) == Some(written);
        if at.since == 0 || !known {
            fresh.push(row.clone());
        }
    }
    fresh
}
