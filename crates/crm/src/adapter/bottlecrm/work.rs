//! Sales and follow-ups: beside a record, made, changed.

use super::{
    BottleCrm,
    archive::Marked,
    entity::{self, Step, Ways},
    people::unchanged,
    place::{Home, Place, uuid},
};
use crate::{Activity, ActivityKind, CrmError, FollowUp, Item, NewSale, Result, Sale, SaleChange, Stage, tables::now};
use clientele_model::{RecordKind, RecordRef};
use serde_json::{Map, Value, json};
use std::sync::{Arc, PoisonError};

/// Entries of a timeline that are shown.
const AROUND: usize = 50;
/// In characters.
const TITLE: usize = 200;
const NAME: usize = 255;
/// What a deal takes on entering the steps that every organisation begins with.
const PROBABILITIES: [(&str, u8); 4] =
    [("PROSPECTING", 10), ("QUALIFICATION", 25), ("PROPOSAL", 50), ("NEGOTIATION", 75)];

impl BottleCrm {
    /// Read once a start of the program.
    pub(super) async fn ways(&self) -> Result<Arc<Ways>> {
        let known = self.ways.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(ways) = known {
            return Ok(ways);
        }
        let steps = entity::steps(&self.caller.get("opportunities/pipelines/", &[]).await?);
        // A token may be kept from it: a sale then has the currency that it names, or none.
        let currency = match self.caller.get("org/settings/", &[]).await {
            Ok(said) => entity::text(&said["default_currency"]),
            Err(CrmError::Forbidden { .. } | CrmError::NotFound) => String::new(),
            Err(error) => return Err(error),
        };
        let ways = Arc::new(Ways { steps, currency });
        *self.ways.lock().unwrap_or_else(PoisonError::into_inner) = Some(ways.clone());
        Ok(ways)
    }

    /// A sale as it came; whose it is, is remembered for its tasks, which do not say it.
    pub(super) fn sale_of(&self, said: &Value, ways: &Ways) -> (Sale, i64) {
        let (sale, changed) = entity::sale(said, ways);
        self.companies_of_sales().insert(sale.id.clone(), sale.company.clone());
        (sale, changed)
    }

    /// A task as it came whole.
    pub(super) fn task_of(&self, said: &Value) -> FollowUp {
        let mut task = entity::follow_up(said);
        if task.company.is_empty()
            && let Some(company) = self.companies_of_sales().get(&task.sale)
        {
            task.company.clone_from(company);
        }
        task
    }

    pub(super) async fn task(&self, id: &str) -> Result<FollowUp> {
        let said = self.caller.get(&format!("tasks/{}/", uuid(id)?), &[]).await?;
        Ok(self.task_of(&said["task_obj"]))
    }

    async fn sale_read(&self, id: &str) -> Result<(Sale, i64)> {
        let ways = self.ways().await?;
        let said = self.caller.get(&format!("opportunities/{}/", uuid(id)?), &[]).await?;
        Ok(self.sale_of(&said["opportunity_obj"], &ways))
    }

    /// The record first: `NotFound` where it is gone.
    pub(super) async fn all_around(&self, record: &RecordRef) -> Result<Vec<Item>> {
        let place = Place::new(record.kind, &record.id)?;
        let said = self.caller.get(&place.path(), &[]).await?;
        let mut items = Vec::new();
        match record.kind {
            RecordKind::Company => {
                items.push(Item::Company(entity::company(&said["account_obj"])));
                items.extend(entity::list(&said, "contacts").iter().map(|one| Item::Person(entity::person(one))));
                self.sales_in(&said, &mut items).await?;
            }
            RecordKind::Person => {
                let person = entity::person(&said["contact_obj"]);
                let company = person.company.clone();
                items.push(Item::Person(person));
                if let Some(company) = company {
                    let at = self.caller.get(&format!("accounts/{}/", uuid(&company.id)?), &[]).await;
                    // Not everyone may see everything.
                    if let Ok(at) = at {
                        items.push(Item::Company(entity::company(&at["account_obj"])));
                        self.sales_in(&at, &mut items).await?;
                    }
                }
                for deal in entity::list(&said, "opportunities") {
                    let id = entity::id(&deal["id"]);
                    if !items.iter().any(|item| matches!(item, Item::Sale(sale, _) if sale.id == id)) {
                        let (sale, changed) = self.sale_read(&id).await?;
                        items.push(Item::Sale(sale, changed));
                    }
                }
            }
            RecordKind::Sale => {
                let ways = self.ways().await?;
                let (sale, changed) = self.sale_of(&said["opportunity_obj"], &ways);
                items.push(Item::Sale(sale, changed));
            }
            RecordKind::Project => {}
        }
        items.extend(entity::list(&said, "tasks").iter().map(|one| Item::FollowUp(self.task_of(one))));
        for entry in self.timeline(&place, 0, AROUND).await?.iter().filter_map(entity::entry) {
            items.push(activity(entry));
        }
        Ok(items)
    }

    async fn sales_in(&self, account: &Value, items: &mut Vec<Item>) -> Result<()> {
        let deals = entity::list(account, "opportunity_list");
        if deals.is_empty() {
            return Ok(());
        }
        let ways = self.ways().await?;
        for deal in deals {
            let (sale, changed) = self.sale_of(deal, &ways);
            items.push(Item::Sale(sale, changed));
        }
        Ok(())
    }

    /// BottleCRM has no two sales of one name: the second one is named with its company.
    pub(super) async fn create_sale(&self, new: &NewSale) -> Result<Sale> {
        let name = super::marker::cut(&new.name, NAME);
        if name.is_empty() {
            return Err(CrmError::Invalid("name"));
        }
        let mut asked = json!({ "name": name, "amount": entity::amount(new.amount) });
        if !new.closes.is_empty() {
            asked["closed_on"] = new.closes.as_str().into();
        }
        if !new.company.is_empty() {
            asked["account"] = uuid(&new.company)?.into();
        }
        if !new.person.is_empty() {
            asked["contacts"] = json!([uuid(&new.person)?]);
        }
        // Whoever makes it works on it; without it, a sale lies with nobody.
        asked["assigned_to"] = json!([self.who().await?.associate.id]);
        let first = self.caller.ask("POST", "opportunities/", Some(&asked)).await;
        let made = match first {
            Err(CrmError::Refused(words)) if words.contains("already exists with this name") => {
                if let Some(same) = self.same_sale(&name, new).await? {
                    return Ok(same);
                }
                let company = match new.company.as_str() {
                    "" => entity::day(now()),
                    id => self.company(id).await?.name,
                };
                let room = NAME.saturating_sub(company.chars().count() + 3);
                asked["name"] = format!("{} ({company})", super::marker::cut(&name, room)).into();
                if let Some(same) = self.same_sale(asked["name"].as_str().unwrap_or_default(), new).await? {
                    return Ok(same);
                }
                self.caller.ask("POST", "opportunities/", Some(&asked)).await?
            }
            made => made?,
        };
        Ok(self.sale_read(&entity::id(&made["id"])).await?.0)
    }

    /// One that was made a moment ago, when its answer was lost.
    async fn same_sale(&self, name: &str, new: &NewSale) -> Result<Option<Sale>> {
        let ways = self.ways().await?;
        let said = self.caller.get("opportunities/", &[("name", name), ("limit", "200")]).await?;
        let all = entity::list(&said, "opportunities").iter().map(|one| self.sale_of(one, &ways).0);
        let same = |sale: &Sale| {
            sale.name.to_lowercase() == name.to_lowercase()
                && (&sale.company, &sale.person) == (&new.company, &new.person)
                && (sale.amount, &sale.closes, sale.open) == (new.amount, &new.closes, true)
        };
        let mut all = all;
        Ok(all.find(same))
    }

    pub(super) async fn change_sale(&self, id: &str, change: &SaleChange) -> Result<Sale> {
        if change.name.as_deref().is_some_and(|name| name.trim().is_empty()) {
            return Err(CrmError::Invalid("name"));
        }
        let (before, _) = self.sale_read(id).await?;
        unchanged(&before.version, &change.version, || Item::Sale(before.clone(), now()))?;
        let mut patch = Map::new();
        if let Some(name) = &change.name {
            patch.insert("name".into(), super::marker::cut(name, NAME).into());
        }
        if let Some(amount) = change.amount {
            patch.insert("amount".into(), entity::amount(amount).into());
        }
        let mut closes = change.closes.clone();
        if let Some(stage) = &change.stage {
            patch.insert("stage".into(), stage.as_str().into());
            let ends = self.ways().await?.steps.iter().any(|step| step.code == *stage && step.kind != "open");
            // A sale is not closed without a day there.
            if ends && closes.as_deref().unwrap_or(&before.closes).is_empty() {
                closes = Some(entity::day(now()));
            }
        }
        if let Some(day) = closes {
            patch.insert("closed_on".into(), if day.is_empty() { Value::Null } else { day.into() });
        }
        if patch.is_empty() {
            return Ok(before);
        }
        self.caller.ask("PATCH", &format!("opportunities/{}/", uuid(id)?), Some(&patch.into())).await?;
        Ok(self.sale_read(id).await?.0)
    }

    pub(super) async fn stages_of(&self, sale: &str) -> Result<Vec<Stage>> {
        let said = self.caller.get(&format!("opportunities/{}/", uuid(sale)?), &[]).await?;
        let pipeline = entity::id(&said["opportunity_obj"]["pipeline"]);
        let ways = self.ways().await?;
        let of_it = ways.steps.iter().filter(|step| step.pipeline == pipeline);
        let stage = |step: &Step| Stage {
            id: step.code.clone(),
            name: step.label.clone(),
            probability: match step.kind.as_str() {
                "won" => 100,
                "lost" => 0,
                _ => PROBABILITIES.iter().find(|(code, _)| *code == step.code).map_or(0, |(_, percent)| *percent),
            },
            open: step.kind == "open",
        };
        Ok(of_it.map(stage).collect())
    }

    /// A task has a day there and no time or kind: these are its text's last line. Making one is answered without an id, so
    /// it is looked for; one that is just the same and open is taken for it, as after an answer that was lost.
    pub(super) async fn create_follow_up(&self, new: &FollowUp) -> Result<FollowUp> {
        let me = self.who().await?.associate.id;
        let wanted = FollowUp {
            title: super::marker::cut(&new.title.replace(['\r', '\n', '\t'], " "), TITLE),
            text: super::marker::cut(&new.text, 10_000),
            owner: if new.owner.is_empty() { me } else { uuid(&new.owner)?.to_owned() },
            ..new.clone()
        };
        if wanted.title.is_empty() {
            return Err(CrmError::Invalid("title"));
        }
        if !wanted.sale.is_empty() {
            self.sale_read(&wanted.sale).await?;
        }
        if let Some(same) = self.same_task(&wanted).await? {
            return Ok(same);
        }
        let when = entity::when(&wanted);
        let description = if wanted.text.is_empty() { when } else { format!("{}\n\n{when}", wanted.text) };
        let mut asked = json!({
            "title": wanted.title,
            "status": "New",
            "priority": "Medium",
            "due_date": entity::day(wanted.end),
            "description": description,
            "assigned_to": [wanted.owner],
        });
        if !wanted.person.is_empty() {
            asked["contacts"] = json!([uuid(&wanted.person)?]);
        }
        // One of them only: a sale says whose it is.
        if !wanted.sale.is_empty() {
            asked["opportunity"] = uuid(&wanted.sale)?.into();
        } else if !wanted.company.is_empty() {
            asked["account"] = uuid(&wanted.company)?.into();
        }
        self.caller.ask("POST", "tasks/", Some(&asked)).await?;
        self.same_task(&wanted).await?.ok_or(CrmError::Unexpected("the task was taken and is not there"))
    }

    async fn same_task(&self, wanted: &FollowUp) -> Result<Option<FollowUp>> {
        let day = entity::day(wanted.end);
        let mut query = vec![
            ("title", wanted.title.as_str()),
            ("assigned_to", &wanted.owner),
            ("due_date__gte", &day),
            ("due_date__lte", &day),
            ("slim", "true"),
            ("limit", "100"),
        ];
        if !wanted.sale.is_empty() {
            query.push((Home::Opportunity.as_str(), &wanted.sale));
        } else if !wanted.company.is_empty() {
            query.push((Home::Account.as_str(), &wanted.company));
        }
        let said = self.caller.get("tasks/", &query).await?;
        let open = entity::list(&said, "tasks").iter().filter(|row| row["status"] != "Completed");
        for row in open.filter(|row| entity::text(&row["title"]) == wanted.title) {
            let task = self.task(&entity::id(&row["id"])).await?;
            if (task.kind, task.start, task.end, &task.text, &task.person)
                == (wanted.kind, wanted.start, wanted.end, &wanted.text, &wanted.person)
            {
                return Ok(Some(task));
            }
        }
        Ok(None)
    }

    pub(super) async fn complete_follow_up(&self, id: &str, done: bool) -> Result<FollowUp> {
        let asked = json!({ "status": if done { "Completed" } else { "New" } });
        self.caller.ask("PATCH", &format!("tasks/{}/", uuid(id)?), Some(&asked)).await?;
        self.task(id).await
    }
}

/// An entry of a timeline; one with a marker is the mail, with all of its records.
fn activity(entry: entity::Entry) -> Item {
    let kind = match entry.kind.as_str() {
        "call" => ActivityKind::Call,
        "email" => ActivityKind::Mail,
        "meeting" => ActivityKind::Meeting,
        _ => ActivityKind::Note,
    };
    let (title, date) = (entry.subject.clone(), entry.occurred);
    match Marked::read(entry.clone()) {
        Some(mail) => {
            // A hash is no Message-ID.
            let message_id =
                if mail.marker.mail.starts_with("sha256:") { String::new() } else { mail.marker.mail.clone() };
            Item::Activity(Activity { id: mail.activity(), kind, title, date, message_id }, mail.records())
        }
        None => {
            let plain = Activity { id: entry.id, kind, title, date, message_id: String::new() };
            Item::Activity(plain, vec![entry.place.record()])
        }
    }
}
