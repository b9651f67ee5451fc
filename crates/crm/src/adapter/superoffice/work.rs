//! Sales, projects and follow-ups: beside a record, and made.

use super::{
    SuperOffice,
    call::Body,
    changes::{FOLLOW_UP_COLUMNS, PROJECT_COLUMNS, SALE_COLUMNS},
    entity,
    query::List,
};
use crate::{CrmError, FollowUp, FollowUpKind, Item, NewSale, Result, Sale, SaleChange, Stage};
use clientele_model::{RecordKind, RecordRef};
use serde_json::{Value, json};

const AROUND: u32 = 50;
const DOCUMENT_COLUMNS: &[&str] =
    &["documentId", "text", "date", "contactId", "personId", "saleId", "projectId", "isMail"];

impl SuperOffice {
    pub(super) async fn stages(&self) -> Result<std::sync::Arc<Vec<Value>>> {
        self.list("v1/MDOList/prob?flat=True").await
    }

    /// The record first: `NotFound` where it is gone.
    pub(super) async fn all_around(&self, record: &RecordRef) -> Result<Vec<Item>> {
        let number = entity::number(&record.id)?;
        let mut items = Vec::new();
        let lists: &[&str] = match record.kind {
            RecordKind::Company => {
                items.push(Item::Company(self.company(&record.id).await?));
                &["Sales", "Projects", "Appointments", "Documents"]
            }
            RecordKind::Person => {
                let person = self.person(&record.id).await?;
                let company = person.company.as_ref().map(|company| company.id.clone());
                items.push(Item::Person(person));
                if let Some(id) = company
                    && let Ok(company) = self.company(&id).await
                {
                    items.push(Item::Company(company));
                }
                &["Sales", "Appointments", "Documents"]
            }
            RecordKind::Sale => {
                let (sale, changed) = self.sale(number).await?;
                items.push(Item::Sale(sale, changed));
                return Ok(items);
            }
            RecordKind::Project => {
                items.push(self.project(number).await?);
                return Ok(items);
            }
        };
        let entity_name = if record.kind == RecordKind::Company { "Contact" } else { "Person" };
        for list in lists {
            let path = format!("v1/{entity_name}/{number}/{list}");
            self.beside(&path, list, record, &mut items).await?;
        }
        Ok(items)
    }

    async fn beside(&self, path: &str, list: &str, on: &RecordRef, items: &mut Vec<Item>) -> Result<()> {
        let (columns, order) = match list {
            "Sales" => (SALE_COLUMNS, "saleId"),
            "Projects" => (PROJECT_COLUMNS, "projectId"),
            "Appointments" => (FOLLOW_UP_COLUMNS, "appointmentId"),
            _ => (DOCUMENT_COLUMNS, "documentId"),
        };
        // The newest of them.
        let order = format!("{order} desc");
        let rows = self.rows(&List { path, provider: "", columns, order: &order }, "", AROUND).await?;
        let stages = if list == "Sales" { self.stages().await? } else { Default::default() };
        for row in &rows {
            match list {
                "Sales" => {
                    let (sale, changed) = entity::sale_row(row, &stages);
                    items.push(Item::Sale(sale, changed));
                }
                "Projects" => {
                    let (project, changed) = entity::project_row(row, &on.id);
                    items.push(Item::Project(project, changed));
                }
                // Whose it is, a line does not say by an id.
                "Appointments" => items.extend(entity::follow_up_row(row, "").map(Item::FollowUpRow)),
                _ => {
                    let (activity, records) = entity::document_row(row, on);
                    items.push(Item::Activity(activity, records));
                }
            }
        }
        Ok(())
    }

    async fn sale(&self, number: i64) -> Result<(Sale, i64)> {
        let stages = self.stages().await?;
        Ok(entity::sale(&self.caller.get(&format!("v1/Sale/{number}")).await?, &stages))
    }

    async fn project(&self, number: i64) -> Result<Item> {
        let said = self.caller.get(&format!("v1/Project/{number}")).await?;
        let members = said["ProjectMembers"].as_array().cloned().unwrap_or_default();
        let company = members.iter().map(|one| entity::id(&one["ContactId"])).find(|id| !id.is_empty());
        let project = crate::Project {
            id: entity::id(&said["ProjectId"]),
            name: entity::text(&said["Name"]),
            company: company.unwrap_or_default(),
            open: !entity::flag(&said["Completed"]),
        };
        Ok(Item::Project(project, entity::time(&entity::text(&said["UpdatedDate"]))))
    }

    pub(super) async fn create_sale(&self, new: &NewSale) -> Result<Sale> {
        if new.name.trim().is_empty() {
            return Err(CrmError::Invalid("name"));
        }
        let mut sale = self.caller.get("v1/Sale/default").await?;
        sale["Heading"] = new.name.trim().into();
        sale["Amount"] = json!(new.amount as f64 / 100.0);
        if !new.closes.is_empty() {
            sale["Saledate"] = format!("{}T00:00:00Z", new.closes).into();
        }
        refer(&mut sale, "Contact", "ContactId", &new.company)?;
        refer(&mut sale, "Person", "PersonId", &new.person)?;
        let made = self.caller.ask("POST", "v1/Sale", Some(&sale)).await?;
        Ok(entity::sale(&made, &self.stages().await?).0)
    }

    pub(super) async fn change_sale(&self, id: &str, change: &SaleChange) -> Result<Sale> {
        let number = entity::number(id)?;
        let path = format!("v1/Sale/{number}");
        let before = self.caller.get(&path).await?;
        let mut merge = serde_json::Map::new();
        if let Some(name) = change.name.as_deref().map(str::trim) {
            if name.is_empty() {
                return Err(CrmError::Invalid("name"));
            }
            merge.insert("Heading".into(), name.into());
        }
        if let Some(stage) = &change.stage {
            let known = self.stage_list().await?;
            let known = known.into_iter().find(|one| one.id == *stage).ok_or(CrmError::Invalid("stage"))?;
            merge.insert("Rating".into(), json!({ "Id": entity::number(&known.id)?, "Value": known.name }));
        }
        if let Some(amount) = change.amount {
            merge.insert("Amount".into(), json!(amount as f64 / 100.0));
        }
        if let Some(closes) = change.closes.as_deref().map(str::trim) {
            // The CRM's word for none is the year 1.
            let day = if closes.is_empty() { "0001-01-01" } else { closes };
            if day.parse::<jiff::civil::Date>().is_err() {
                return Err(CrmError::Invalid("date"));
            }
            merge.insert("Saledate".into(), format!("{day}T00:00:00Z").into());
        }
        let stages = self.stages().await?;
        if merge.is_empty() {
            return Ok(entity::sale(&before, &stages).0);
        }
        match self.merge(&path, merge, &before, &change.version).await {
            Ok(after) => Ok(entity::sale(&after, &stages).0),
            Err(CrmError::Conflict { .. }) => {
                let theirs = self.sale(number).await.ok().map(|(sale, changed)| Box::new(Item::Sale(sale, changed)));
                Err(CrmError::Conflict { theirs })
            }
            Err(error) => Err(error),
        }
    }

    /// Won and lost are no stages there, but a status of their own.
    pub(super) async fn stage_list(&self) -> Result<Vec<Stage>> {
        let all = self.stages().await?;
        let current = all.iter().filter(|one| !entity::flag(&one["Deleted"]));
        let stage = |one: &Value| Stage {
            id: entity::id(&one["Id"]),
            name: entity::text(&one["Name"]),
            probability: entity::percent(&one["ExtraInfo"]),
            open: true,
        };
        Ok(current.map(stage).filter(|one| !one.id.is_empty()).collect())
    }

    /// People and companies of a selection of companies; selections of other things hold none of these.
    pub(super) async fn members(&self, selection: &str) -> Result<Vec<RecordRef>> {
        let number = entity::number(selection)?;
        let of = self.caller.get(&format!("v1/Selection/{number}")).await?;
        if !matches!(of["TargetTableName"].as_str(), Some("contact" | "person")) {
            return Ok(Vec::new());
        }
        let asked = json!({ "SelectionId": number, "Select": "contactId,personId" });
        let said = self.caller.ask("POST", "v1/Agents/Selection/GetSelectionMembersArchiveRows", Some(&asked)).await?;
        let mut members = Vec::new();
        for row in entity::items(said) {
            let column = |name: &str| entity::id(&entity::shown(&row["ColumnData"][name]["DisplayValue"]));
            let (company, person) = (column("contactId"), column("personId"));
            let member = match (person.is_empty(), company.is_empty()) {
                (false, _) => RecordRef { kind: RecordKind::Person, id: person },
                (true, false) => RecordRef { kind: RecordKind::Company, id: company },
                (true, true) => continue,
            };
            if !members.contains(&member) {
                members.push(member);
            }
        }
        Ok(members)
    }

    /// The kind of activity is the first of the tenant's of that type.
    pub(super) async fn create_follow_up(&self, new: &FollowUp) -> Result<FollowUp> {
        if new.title.trim().is_empty() {
            return Err(CrmError::Invalid("title"));
        }
        let kinds = self.list("v1/List/Task/Items").await?;
        let wanted = match new.kind {
            FollowUpKind::Task => "ToDo",
            FollowUpKind::Call => "Phone",
            FollowUpKind::Appointment => "Appointment",
        };
        let fits = |one: &&Value| {
            one["Type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case(wanted)) && !entity::flag(&one["Deleted"])
        };
        let mut made = self.caller.get("v1/Appointment/default").await?;
        if let Some(kind) = kinds.iter().find(fits) {
            let id = if kind["TaskListItemId"].is_null() { &kind["Id"] } else { &kind["TaskListItemId"] };
            made["Task"] = json!({ "TaskListItemId": id });
        }
        made["Type"] = if new.kind == FollowUpKind::Task { "inChecklist" } else { "inDiary" }.into();
        made["Title"] = new.title.trim().into();
        made["Description"] = new.text.as_str().into();
        made["StartDate"] = entity::stamp(new.start).into();
        made["EndDate"] = entity::stamp(new.end.max(new.start)).into();
        made["Completed"] = if new.done { "Completed" } else { "NotStarted" }.into();
        refer(&mut made, "Contact", "ContactId", &new.company)?;
        refer(&mut made, "Person", "PersonId", &new.person)?;
        refer(&mut made, "Sale", "SaleId", &new.sale)?;
        refer(&mut made, "Project", "ProjectId", &new.project)?;
        let owner = if new.owner.is_empty() { self.who().await?.associate.id } else { new.owner.clone() };
        refer(&mut made, "Associate", "AssociateId", &owner)?;
        Ok(entity::follow_up(&self.caller.ask("POST", "v1/Appointment", Some(&made)).await?))
    }

    pub(super) async fn complete_follow_up(&self, id: &str, done: bool) -> Result<FollowUp> {
        let number = entity::number(id)?;
        let change = json!({ "Completed": if done { "Completed" } else { "NotStarted" } });
        let said = self.caller.send("PATCH", &format!("v1/Appointment/{number}"), Body::Merge(&change), None).await?;
        Ok(entity::follow_up(&said))
    }
}

/// A reference to another record, where there is one.
pub(super) fn refer(on: &mut Value, name: &str, key: &str, id: &str) -> Result<()> {
    if !id.is_empty() {
        on[name] = json!({ key: entity::number(id)? });
    }
    Ok(())
}
