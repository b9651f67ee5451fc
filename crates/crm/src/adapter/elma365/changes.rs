//! Everything, or what changed. There is no token of changes: each app is read in the order of `__updatedAt`, and goes on
//! by that key and not by skipping, so that an item that changes meanwhile moves to the end and is read again there. The
//! next round begins a little before the newest that was seen, by the CRM's own clock.

use super::{
    Elma365,
    config::{App, Target},
    entity,
    list::{Asked, PAGE},
};
use crate::{Changes, CrmError, Item, Result};
use clientele_model::{RecordKind, RecordRef};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is written while a page is read may show itself a little later than it says.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);
/// Of items of one and the same moment (an import), so many are read again with the next page: some may have left.
const AGAIN: usize = 20;
/// A build may compare less exactly than it tells: what lies so little before the key was seen with it.
const COARSE: SignedDuration = SignedDuration::from_secs(1);
/// More than this of one app is nobody's address book.
const MOST: u32 = 500_000;

/// What an app's items are here.
#[derive(Debug, Clone, Copy)]
enum Of<'a> {
    Company,
    Person,
    Deal,
    Lead,
    Target(&'a Target),
    FollowUp,
}

/// Where reading goes on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Which apps were read: with others, everything is read anew.
    apps: String,
    /// Which app is read now.
    pass: usize,
    /// What was deleted is looked for now.
    deleted: bool,
    /// `__updatedAt` of the last item, as it was said, and the items of that moment.
    key: String,
    at_key: Vec<String>,
    from: usize,
    read: u32,
    /// For each app: where this round began, and the newest that was seen.
    since: Vec<String>,
    newest: Vec<String>,
    end: bool,
}

impl Elma365 {
    pub(super) async fn changes_since(&self, cursor: &str) -> Result<Changes> {
        let passes = self.passes().await?;
        let apps: Vec<String> = passes.iter().map(|(app, _)| app.prefix()).collect();
        let apps = apps.concat();
        let mut at: Cursor = serde_json::from_str(cursor).unwrap_or_default();
        if at.apps != apps {
            let none = vec![String::new(); passes.len()];
            at = Cursor { apps, since: none.clone(), newest: none, ..Cursor::default() };
        } else if at.end {
            let since: Vec<String> = at.newest.iter().map(|newest| before(newest)).collect();
            let key = since.first().cloned().unwrap_or_default();
            at = Cursor { apps, since, key, newest: at.newest, ..Cursor::default() };
        }
        let mut changes = Changes::default();
        if let Some((app, of)) = passes.get(at.pass) {
            self.page(&mut at, app, *of, &mut changes).await?;
        }
        if at.pass >= passes.len() && !at.deleted && at.since.iter().any(|since| !since.is_empty()) {
            (at.pass, at.deleted) = (0, true);
            at.key = at.since.first().cloned().unwrap_or_default();
        }
        at.end = at.pass >= passes.len();
        changes.more = !at.end;
        changes.cursor = serde_json::to_string(&at)?;
        Ok(changes)
    }

    async fn passes(&self) -> Result<Vec<(App, Of<'_>)>> {
        let config = &self.config;
        let fields = self.fields().await?;
        let mut passes = vec![(config.companies.app.clone(), Of::Company), (config.contacts.app.clone(), Of::Person)];
        if !fields.deal.absent {
            passes.push((config.deals.app.clone(), Of::Deal));
        }
        if !fields.lead.absent {
            passes.push((config.leads.0.app.clone(), Of::Lead));
        }
        passes.extend(config.targets.iter().map(|target| (target.app(), Of::Target(target))));
        passes.extend(config.follow_ups.iter().map(|tasks| (tasks.app.clone(), Of::FollowUp)));
        Ok(passes)
    }

    async fn page(&self, at: &mut Cursor, app: &App, of: Of<'_>, changes: &mut Changes) -> Result<()> {
        let mut asked = Asked { from: at.from, deleted: at.deleted, ..Asked::default() };
        if !at.key.is_empty() {
            asked.tf.insert("__updatedAt".into(), json!({ "min": at.key, "max": null }));
        }
        // What was deleted is only looked for where something was there before.
        if at.deleted && at.key.is_empty() {
            next(at);
            return Ok(());
        }
        let page = self.list(app, &asked).await?;
        at.read += page.items.len() as u32;
        if at.read > MOST {
            return Err(CrmError::TooMany { limit: MOST });
        }
        let key = at.key.parse::<Timestamp>().ok();
        let mut last = key;
        let mut said = at.key.clone();
        let mut fresh = 0;
        let mut of_last: Vec<String> = at.at_key.clone();
        for item in &page.items {
            let id = entity::id(item);
            let Some(moment) = entity::moment(&item["__updatedAt"]) else {
                return Err(CrmError::Unexpected("an item without its date of change"));
            };
            if let Some(key) = key
                && moment < key
                && key.duration_since(moment) <= COARSE
            {
                continue;
            }
            if last.is_some_and(|last| moment < last) {
                // The filter or the order was not understood: what is older would be left out.
                return Err(CrmError::Unexpected("a list in another order than was asked for"));
            }
            if last != Some(moment) {
                (last, said) = (Some(moment), entity::text(&item["__updatedAt"]));
                of_last.clear();
            } else if of_last.contains(&id) {
                continue;
            }
            of_last.push(id);
            fresh += 1;
            self.take(item, of, at.deleted, changes).await?;
        }
        if let Some(newest) = at.newest.get_mut(at.pass)
            && last > newest.parse::<Timestamp>().ok()
        {
            newest.clone_from(&said);
        }
        // A server may give fewer items a page than it was asked for: only its own total says where the end is.
        let read = page.items.len();
        if read == 0 || at.from + read >= page.total {
            next(at);
        } else if last == key {
            at.from += if fresh == 0 || read <= AGAIN { read } else { read - AGAIN };
            at.at_key = of_last;
        } else {
            (at.key, at.at_key, at.from) = (said, of_last, 0);
        }
        Ok(())
    }

    async fn take(&self, item: &Value, of: Of<'_>, deleted: bool, changes: &mut Changes) -> Result<()> {
        if entity::gone(item) {
            let id = entity::id(item);
            let gone = match of {
                Of::Company => (RecordKind::Company, id),
                Of::Person => (RecordKind::Person, id),
                Of::Deal => (RecordKind::Sale, id),
                Of::Lead => (RecordKind::Sale, format!("{}{id}", self.config.leads.0.app.prefix())),
                Of::Target(target) => (RecordKind::Project, format!("{}{id}", target.app().prefix())),
                // Noticed when everything is read anew.
                Of::FollowUp => return Ok(()),
            };
            changes.gone.push(RecordRef { kind: gone.0, id: gone.1 });
            return Ok(());
        }
        // Whether this pass brings the others too is each build's own: they were read.
        if deleted {
            return Ok(());
        }
        let fields = self.fields().await?;
        changes.items.push(match of {
            Of::Company => Item::Company(entity::company(item, &fields.company)),
            Of::Person => Item::Person(entity::person(item, &fields.contact, None)),
            Of::Deal => self.deal(item).await?,
            Of::Lead => self.lead(item).await?,
            Of::Target(target) => super::work::project(item, target),
            Of::FollowUp => match &self.config.follow_ups {
                Some(tasks) => Item::FollowUp(super::follow_up::read(item, tasks)),
                None => return Ok(()),
            },
        });
        Ok(())
    }
}

/// The next app, from where its round begins.
fn next(at: &mut Cursor) {
    at.pass += 1;
    at.key = at.since.get(at.pass).cloned().unwrap_or_default();
    at.at_key.clear();
    (at.from, at.read) = (0, 0);
}

fn before(newest: &str) -> String {
    newest
        .parse::<Timestamp>()
        .ok()
        .and_then(|at| at.checked_sub(OVERLAP).ok())
        .map(|at| at.to_string())
        .unwrap_or_default()
}

const _: () = assert!(AGAIN < PAGE);
