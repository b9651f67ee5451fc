//! Projects, and follow-ups as tasks beside them; and all that lies around a record.
//!
//! A task there has neither a day nor a kind nor a person: a follow-up says them in the last line of its comment, for people
//! and for us. Tasks without that line are work of projects, and no follow-ups.

use super::{
    Tryton, WORKS,
    call::{List, Row, is_true},
    party::line,
    value,
};
use crate::{Capability, CrmError, FollowUp, FollowUpKind, Item, Project, Remote as _, Result};
use clientele_model::{RecordKind, RecordRef};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) const FIELDS: &[&str] = &[
    "id",
    "name",
    "type",
    "party",
    "comment",
    "progress",
    "status.progress",
    "create_uid",
    "write_date",
    "create_date",
];
const AROUND: u32 = 50;
const TEXT: usize = 20_000;
/// How the last line begins.
const MARK: &str = "Clientele:";

impl Tryton {
    /// Projects and follow-ups; other tasks are left out.
    pub(super) async fn works_of(&self, rows: Vec<Row>) -> Result<Vec<Item>> {
        let is_project = |row: &&Row| value::text(row, "type") == "project";
        let mut ids: Vec<i64> = rows.iter().filter(is_project).filter_map(|row| value::id(row, "party")).collect();
        ids.sort_unstable();
        ids.dedup();
        let parties = self.parties_by_id(&ids).await?;
        let items = rows.iter().filter_map(|row| {
            if !is_project(&row) {
                return follow_up(row).map(Item::FollowUp);
            }
            let id = value::id_text(row, "party");
            let company = parties.iter().find(|party| party.id() == id).map(|party| match party.kind() {
                RecordKind::Company => party.id(),
                _ => party.person().company.map(|one| one.id).unwrap_or_default(),
            });
            let project = Project {
                id: value::id_text(row, "id"),
                name: value::text(row, "name"),
                company: company.unwrap_or_default(),
                open: !is_done(row),
            };
            Some(Item::Project(project, value::written(row) / 1_000_000))
        });
        Ok(items.collect())
    }

    /// The record first: `NotFound` where it is gone.
    pub(super) async fn all_around(&self, record: &RecordRef) -> Result<Vec<Item>> {
        let number = value::number(&record.id)?;
        let me = self.who().await?;
        let mut items = Vec::new();
        match record.kind {
            RecordKind::Sale => {
                let (sale, changed) = self.sale(number).await?;
                items.push(Item::Sale(sale, changed));
            }
            RecordKind::Project => {
                me.need(WORKS, Capability::Projects)?;
                let row = self.caller.row(WORKS, FIELDS, number).await?;
                let project = self.works_of(vec![row]).await?.pop();
                items.push(project.filter(|one| matches!(one, Item::Project(..))).ok_or(CrmError::NotFound)?);
            }
            RecordKind::Company | RecordKind::Person => {
                let party = self.party(number).await?;
                let (mut own, gone) = party.items();
                if gone.contains(record) {
                    return Err(CrmError::NotFound);
                }
                if record.kind == RecordKind::Person {
                    own.reverse();
                    if let Some(at) = party.person().company.and_then(|one| value::number(&one.id).ok())
                        && at != number
                        && let Ok(company) = self.party(at).await
                    {
                        own.push(Item::Company(company.company()));
                    }
                }
                items.append(&mut own);
                if me.has(super::SALES) {
                    let of = json!(["OR", ["party", "=", number], ["contact.party", "=", number]]);
                    let rows = self.newest(super::SALES, super::sale::FIELDS, &of).await?;
                    items.extend(self.sales_of(rows).await?);
                }
            }
        }
        if me.has(WORKS) {
            let mine = format!("%{MARK} % {}:{number};%", record.kind.as_str());
            let mut of = vec![json!("OR"), json!(["comment", "like", mine])];
            match record.kind {
                RecordKind::Company | RecordKind::Person => of.push(json!(["party", "=", number])),
                RecordKind::Project => of.push(json!(["parent", "=", number])),
                RecordKind::Sale => {}
            }
            let rows = self.newest(WORKS, FIELDS, &of.into()).await?;
            items.extend(self.works_of(rows).await?);
        }
        items.extend(self.mails_on(record).await?);
        Ok(items)
    }

    async fn newest(&self, model: &str, fields: &[&str], domain: &Value) -> Result<Vec<Row>> {
        self.caller.rows(&List { model, fields, limit: AROUND, order: ("id", "DESC") }, domain).await
    }

    pub(super) async fn create_follow_up(&self, new: &FollowUp) -> Result<FollowUp> {
        let me = self.who().await?;
        self.capabilities().need(Capability::FollowUps)?;
        // The parts of a task's path are told apart by it.
        let name = line(&new.title).replace('\\', "/");
        if name.is_empty() {
            return Err(CrmError::Invalid("title"));
        }
        let mut task = json!({
            "name": name,
            "type": "task",
            "company": me.company,
            "comment": comment(new),
        });
        let party = if new.company.is_empty() { &new.person } else { &new.company };
        if !party.is_empty() {
            task["party"] = value::number(party)?.into();
        }
        if !new.project.is_empty() {
            task["parent"] = value::number(&new.project)?.into();
        }
        if new.done {
            let status = self.status(true).await?;
            (task["status"], task["progress"]) = (status.into(), json!(1.0));
        }
        let id = self.caller.create(WORKS, &task).await?;
        self.task(id).await
    }

    pub(super) async fn complete_follow_up(&self, id: &str, done: bool) -> Result<FollowUp> {
        self.who().await?.need(WORKS, Capability::FollowUps)?;
        let number = value::number(id)?;
        let progress = if done { json!(1.0) } else { Value::Null };
        let status = self.status(done).await?;
        self.caller.write(WORKS, number, &json!({ "status": status, "progress": progress })).await?;
        self.task(number).await
    }

    async fn task(&self, id: i64) -> Result<FollowUp> {
        follow_up(&self.caller.row(WORKS, FIELDS, id).await?).ok_or(CrmError::NotFound)
    }

    /// The administrator's status of tasks that are done, or are not.
    async fn status(&self, done: bool) -> Result<i64> {
        let list = List::by_id("project.work.status", &["id", "progress", "default", "types"], 200);
        let all = self.caller.rows(&list, &json!([])).await?;
        let of_tasks = |row: &&Row| {
            row.get("types").and_then(Value::as_array).is_some_and(|types| types.iter().any(|one| one == "task"))
        };
        let progress = |row: &&Row| row.get("progress").and_then(Value::as_f64);
        let first = |row: &&Row| row.get("default").is_some_and(is_true);
        let mut fits = all.iter().filter(of_tasks);
        let found = match done {
            true => fits.find(|row| progress(row) == Some(1.0)),
            false => {
                let open: Vec<&Row> = fits.filter(|row| progress(row).unwrap_or_default() < 1.0).collect();
                open.iter().find(|row| first(row)).or(open.first()).copied()
            }
        };
        found.and_then(|row| value::id(row, "id")).ok_or(CrmError::Refused("no status for it".into()))
    }
}

fn is_done(row: &Row) -> bool {
    let of = |row: &Row| row.get("progress").and_then(Value::as_f64).unwrap_or_default() >= 1.0;
    value::of(row, "status").is_some_and(of)
}

/// The text, and in the last line what a task has no place for:
/// `Clientele: call 2030-03-17T17:46:40Z 2030-03-17T18:16:40Z company:4; person:5;`.
fn comment(one: &FollowUp) -> String {
    let at = |seconds: i64| Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut last = format!("{MARK} {} {} {}", one.kind.as_str(), at(one.start), at(one.end.max(one.start)));
    let records = [("company", &one.company), ("person", &one.person), ("sale", &one.sale), ("project", &one.project)];
    for (kind, id) in records {
        if value::number(id).is_ok() {
            last.push_str(&format!(" {kind}:{id};"));
        }
    }
    let text = value::cut(one.text.trim(), TEXT);
    if text.is_empty() { last } else { format!("{text}\n{last}") }
}

fn follow_up(row: &Row) -> Option<FollowUp> {
    let whole = row.get("comment").and_then(Value::as_str)?.trim_end();
    let (text, last) = whole.rsplit_once('\n').unwrap_or(("", whole));
    let mut words = last.strip_prefix(MARK)?.split_whitespace();
    let kind = match words.next()? {
        "call" => FollowUpKind::Call,
        "appointment" => FollowUpKind::Appointment,
        _ => FollowUpKind::Task,
    };
    let mut at = || words.next().and_then(|word| word.parse::<Timestamp>().ok()).map(|at| at.as_second());
    let (start, end) = (at()?, at()?);
    let mut one = FollowUp {
        id: value::id_text(row, "id"),
        kind,
        title: value::text(row, "name"),
        text: text.trim_end().to_owned(),
        start,
        end,
        done: is_done(row),
        owner: value::id_text(row, "create_uid"),
        version: value::written(row).to_string(),
        ..FollowUp::default()
    };
    for (kind, id) in words.filter_map(|word| word.strip_suffix(';')?.split_once(':')) {
        let place = match kind {
            "company" => &mut one.company,
            "person" => &mut one.person,
            "sale" => &mut one.sale,
            "project" => &mut one.project,
            _ => continue,
        };
        *place = id.to_owned();
    }
    Some(one)
}
