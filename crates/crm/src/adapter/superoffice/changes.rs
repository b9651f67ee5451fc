//! Everything, or what changed. There is no token of changes: lists are read in the order of their ids, and what changed
//! by its day of change, with a day of overlap. Deletions are not told.

use super::{SuperOffice, entity, query::List, query::Row};
use crate::{Changes, CrmError, Item, Result, tables::now};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The vendor's advice is 500 to 1000 rows a page, by key rather than by skipping.
const PAGE: u32 = 1000;
/// Records that are read whole in one step.
const WHOLE: usize = 25;
/// More than this of one kind is nobody's address book.
const MOST: u32 = 500_000;
const DAY: i64 = 86_400;

pub(super) const COMPANY_COLUMNS: &[&str] = &[
    "contactId",
    "name",
    "department",
    "contactPhone/formattedNumber",
    "streetAddress/city",
    "postAddress/city",
    "url/URLAddress",
    "email/emailAddress",
    "updatedDate",
];
const PERSON_COLUMNS: &[&str] = &[
    "personId",
    "fullName",
    "title",
    "contactId",
    "personMobilePhone/formattedNumber",
    "personDirectPhone/formattedNumber",
    "personUpdatedDate",
];
const EMAIL_COLUMNS: &[&str] = &["emailId", "emailAddress", "personId"];
pub(super) const SALE_COLUMNS: &[&str] = &[
    "saleId",
    "heading",
    "contactId",
    "personId",
    "saleType",
    "stage",
    "probPercent",
    "amount",
    "currency",
    "date",
    "completed",
    "updatedDate",
];
pub(super) const PROJECT_COLUMNS: &[&str] = &["projectId", "name", "completed", "updatedDate"];
pub(super) const FOLLOW_UP_COLUMNS: &[&str] = &[
    "appointmentId",
    "text",
    "date",
    "endDate",
    "rawType",
    "recordType",
    "completed",
    "contactId",
    "personId",
    "saleId",
    "projectId",
    "updatedDate",
];
const SELECTION_COLUMNS: &[&str] = &["selectionId", "name"];

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    #[default]
    Company,
    Person,
    Address,
    Sale,
    Project,
    Selection,
    FollowUp,
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
    /// Changes from this time on; 0: everything.
    since: i64,
    /// When this round began: the next one's `since`.
    began: i64,
    /// What the overlap brings again, by kind and id, with its date of change: not worth reading twice.
    seen: BTreeMap<String, String>,
    /// Records of the page that wait to be read whole.
    whole: Vec<i64>,
}

impl SuperOffice {
    pub(super) async fn changes_since(&self, cursor: &str) -> Result<Changes> {
        let mut at: Cursor = match cursor {
            "" => Cursor::default(),
            text => serde_json::from_str(text).unwrap_or_default(),
        };
        if at.kind == Kind::End {
            at = Cursor { since: at.began - DAY, seen: at.seen, ..Cursor::default() };
        }
        if at.began == 0 {
            at.began = now();
        }
        let items = self.page(&mut at).await?;
        let more = at.kind != Kind::End;
        if !more {
            self.forget_old(&mut at);
        }
        Ok(Changes { items, gone: Vec::new(), cursor: serde_json::to_string(&at)?, more })
    }

    /// What lies before the next overlap cannot come again.
    fn forget_old(&self, at: &mut Cursor) {
        let oldest = at.began - 2 * DAY;
        at.seen.retain(|_, date| entity::time(date) >= oldest);
    }

    async fn page(&self, at: &mut Cursor) -> Result<Vec<Item>> {
        if !at.whole.is_empty() {
            return self.whole(at).await;
        }
        let (path, columns, key, changed) = match at.kind {
            Kind::Company => ("v1/Contact", COMPANY_COLUMNS, "contactId", "updatedDate"),
            Kind::Person => ("v1/Person", PERSON_COLUMNS, "personId", "personUpdatedDate"),
            // In a round of changes, people come whole, with their addresses.
            Kind::Address if at.since > 0 => {
                next(at);
                return Ok(Vec::new());
            }
            Kind::Address => ("v1/Archive/EmailAddress", EMAIL_COLUMNS, "emailId", ""),
            Kind::Sale => ("v1/Sale", SALE_COLUMNS, "saleId", "updatedDate"),
            Kind::Project => ("v1/Project", PROJECT_COLUMNS, "projectId", "updatedDate"),
            Kind::Selection => ("v1/Selection", SELECTION_COLUMNS, "selectionId", ""),
            Kind::FollowUp => ("v1/Appointment", FOLLOW_UP_COLUMNS, "appointmentId", "updatedDate"),
            Kind::End => return Ok(Vec::new()),
        };
        let mut filter = format!("{key} gt {}", at.after);
        if at.since > 0 && !changed.is_empty() {
            filter.push_str(&format!(" and {changed} after '{}'", &entity::stamp(at.since - DAY)[..10]));
        }
        if at.kind == Kind::FollowUp {
            filter.push_str(" and associateId currentAssociate");
            if at.since == 0 {
                filter.push_str(&format!(" and date after '{}'", &entity::stamp(at.began - 180 * DAY)[..10]));
            }
        }
        let rows = self.rows(&List { path, provider: "", columns, order: key }, &filter, PAGE).await?;
        at.read += rows.len() as u32;
        if at.read > MOST {
            return Err(CrmError::TooMany { limit: MOST });
        }
        let id_of =
            |row: &Row| entity::text(row.get(key).unwrap_or(&row["PrimaryKey"])).parse::<i64>().unwrap_or_default();
        let last = rows.iter().map(id_of).max().unwrap_or_default();
        let items = self.items(at, &rows, changed, &id_of).await?;
        // A server may give fewer rows a page than it was asked for: only an empty page is the end.
        if rows.is_empty() {
            next(at);
        } else if last <= at.after {
            // The filter was not understood: without this, the same page would come for ever.
            return Err(CrmError::Unexpected("a list does not go on"));
        } else {
            at.after = last;
        }
        Ok(items)
    }

    async fn items(
        &self,
        at: &mut Cursor,
        rows: &[Row],
        changed: &str,
        id_of: &(dyn Fn(&Row) -> i64 + Sync),
    ) -> Result<Vec<Item>> {
        let stages = if at.kind == Kind::Sale { self.stages().await? } else { Default::default() };
        let me = if at.kind == Kind::FollowUp { self.who().await?.associate.id } else { String::new() };
        let mut items = Vec::new();
        for row in rows {
            let id = id_of(row);
            let date = row.get(changed).map(entity::text).unwrap_or_default();
            // From a day before this round on, the next round's overlap will bring it again.
            if !date.is_empty() && entity::time(&date) >= at.began - 2 * DAY {
                let before = at.seen.insert(format!("{:?}{id}", at.kind), date.clone());
                if at.since > 0 && before.as_deref() == Some(&date) {
                    continue;
                }
            }
            match at.kind {
                Kind::Company | Kind::Person if at.since > 0 => at.whole.push(id),
                Kind::Company => items.push(Item::CompanyRow(entity::company_row(row))),
                Kind::Person => items.push(Item::PersonRow(entity::person_row(row))),
                Kind::Address => {
                    let person = entity::id(row.get("personId").unwrap_or(&Value::Null));
                    let email = row.get("emailAddress").map(entity::text).unwrap_or_default();
                    if !person.is_empty() && email.contains('@') {
                        items.push(Item::Address { person, email });
                    }
                }
                Kind::Sale => {
                    let (sale, changed) = entity::sale_row(row, &stages);
                    items.push(Item::Sale(sale, changed));
                }
                Kind::Project => {
                    let (project, changed) = entity::project_row(row, "");
                    items.push(Item::Project(project, changed));
                }
                Kind::Selection => items.push(Item::Selection(crate::Selection {
                    id: id.to_string(),
                    name: row.get("name").map(entity::text).unwrap_or_default(),
                    members: None,
                })),
                Kind::FollowUp => items.extend(entity::follow_up_row(row, &me).map(Item::FollowUpRow)),
                Kind::End => {}
            }
        }
        Ok(items)
    }

    /// Some of those that changed, each by itself. One that was deleted in between is left out.
    async fn whole(&self, at: &mut Cursor) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        let some: Vec<i64> = at.whole.drain(..at.whole.len().min(WHOLE)).collect();
        for id in some {
            let id = id.to_string();
            let read = if at.kind == Kind::Company {
                self.company(&id).await.map(Item::Company)
            } else {
                self.person(&id).await.map(Item::Person)
            };
            match read {
                Ok(item) => items.push(item),
                Err(CrmError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(items)
    }
}

fn next(at: &mut Cursor) {
    at.kind = match at.kind {
        Kind::Company => Kind::Person,
        Kind::Person => Kind::Address,
        Kind::Address => Kind::Sale,
        Kind::Sale => Kind::Project,
        Kind::Project => Kind::Selection,
        Kind::Selection => Kind::FollowUp,
        Kind::FollowUp | Kind::End => Kind::End,
    };
    (at.after, at.read) = (0, 0);
}
