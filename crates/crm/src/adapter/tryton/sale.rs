//! Opportunities as sales, their states as stages.

use super::{
    SALES, Tryton,
    call::{List, Row},
    party::{Party, line},
    value,
};
use crate::{Capability, CrmError, Item, NewSale, Result, Sale, SaleChange, Stage};
use clientele_model::RecordKind;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError},
};

pub(super) const FIELDS: &[&str] = &[
    "id",
    "number",
    "reference",
    "description",
    "party",
    "contact.party",
    "state",
    "amount",
    "currency.code",
    "end_date",
    "conversion_probability",
    "write_date",
    "create_date",
];

/// The way of a sale that goes well; the other states are its ends.
const WAY: [&str; 4] = ["lead", "opportunity", "converted", "won"];
const OPEN: [&str; 3] = ["lead", "opportunity", "converted"];

impl Tryton {
    /// The states in Tryton's order, with its words for them.
    pub(super) async fn all_stages(&self) -> Result<Arc<Vec<Stage>>> {
        let known = self.stages.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(stages) = known {
            return Ok(stages);
        }
        self.who().await?.need(SALES, Capability::SaleChange)?;
        let said = self.caller.method(SALES, "fields_get", &json!({ "fields_names": ["state"] })).await?;
        let pairs = said["state"]["selection"].as_array().cloned().unwrap_or_default();
        let stages = pairs.iter().filter_map(|pair| {
            let (id, name) = (pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned());
            let open = OPEN.contains(&id.as_str());
            Some(Stage { probability: if id == "won" { 100 } else { 0 }, id, name, open })
        });
        let stages = Arc::new(stages.collect::<Vec<_>>());
        *self.stages.lock().unwrap_or_else(PoisonError::into_inner) = Some(stages.clone());
        Ok(stages)
    }

    pub(super) async fn sales_of(&self, rows: Vec<Row>) -> Result<Vec<Item>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let stages = self.all_stages().await?;
        let named = rows.iter().flat_map(|row| [value::id(row, "party"), contact_of(row)]).flatten();
        let ids: BTreeSet<i64> = named.collect();
        let parties = self.parties_by_id(&ids.into_iter().collect::<Vec<_>>()).await?;
        let parties: BTreeMap<String, Party> = parties.into_iter().map(|one| (one.id(), one)).collect();
        Ok(rows.iter().map(|row| Item::Sale(sale(row, &stages, &parties), value::written(row) / 1_000_000)).collect())
    }

    pub(super) async fn sale(&self, id: i64) -> Result<(Sale, i64)> {
        self.who().await?.need(SALES, Capability::SaleChange)?;
        let row = self.caller.row(SALES, FIELDS, id).await?;
        match self.sales_of(vec![row]).await?.pop() {
            Some(Item::Sale(sale, changed)) => Ok((sale, changed)),
            _ => Err(CrmError::NotFound),
        }
    }

    pub(super) async fn create_sale(&self, new: &NewSale) -> Result<Sale> {
        let me = self.who().await?;
        me.need(SALES, Capability::SaleCreate)?;
        if line(&new.name).is_empty() {
            return Err(CrmError::Invalid("name"));
        }
        let mut sale = json!({
            "description": line(&new.name),
            "company": me.company,
            "employee": me.employee,
            "amount": value::decimal(new.amount),
            "end_date": value::date(&new.closes)?,
        });
        let party = if new.company.is_empty() { &new.person } else { &new.company };
        if !party.is_empty() {
            sale["party"] = value::number(party)?.into();
        }
        if !new.person.is_empty() && new.person != *party {
            // A contact there is one of somebody's addresses.
            let of = json!([["party", "=", value::number(&new.person)?]]);
            let list = List::by_id("party.contact_mechanism", &["type"], 20);
            let contacts = self.caller.rows(&list, &of).await?;
            let email = contacts.iter().find(|row| value::text(row, "type") == "email").or(contacts.first());
            sale["contact"] = email.and_then(|row| value::id(row, "id")).into();
        }
        let id = self.caller.create(SALES, &sale).await?;
        Ok(self.sale(id).await?.0)
    }

    pub(super) async fn change_sale(&self, id: &str, change: &SaleChange) -> Result<Sale> {
        let number = value::number(id)?;
        let (before, changed) = self.sale(number).await?;
        if !change.version.is_empty() && change.version != before.version {
            return Err(CrmError::Conflict { theirs: Some(Box::new(Item::Sale(before, changed))) });
        }
        let mut values = serde_json::Map::new();
        if let Some(name) = change.name.as_deref().map(line) {
            if name.is_empty() {
                return Err(CrmError::Invalid("name"));
            }
            values.insert("description".into(), name.into());
        }
        if let Some(amount) = change.amount {
            values.insert("amount".into(), value::decimal(amount));
        }
        if let Some(closes) = &change.closes {
            values.insert("end_date".into(), value::date(closes)?);
        }
        // Before the stage: what is closed can no longer be written to.
        if !values.is_empty() {
            self.caller.write(SALES, number, &Value::Object(values)).await?;
        }
        if let Some(stage) = &change.stage {
            let now = self.caller.row(SALES, &["state", "employee"], number).await?;
            if value::text(&now, "state") != *stage {
                // An opportunity wants somebody in charge of it: whoever makes it one.
                if let (None, Some(own), "opportunity") =
                    (value::id(&now, "employee"), self.who().await?.employee, stage.as_str())
                {
                    self.caller.write(SALES, number, &json!({ "employee": own })).await?;
                }
                let step = match stage.as_str() {
                    "lead" | "opportunity" | "lost" => stage.as_str(),
                    "converted" => "convert",
                    "cancelled" => "cancel",
                    // A sale is won by its orders.
                    _ => return Err(CrmError::Invalid("stage")),
                };
                let said = self.caller.ask("POST", &format!("{SALES}/{number}/{step}"), Some(&json!({}))).await;
                self.caller.told(SALES, "write", said).await?;
            }
        }
        Ok(self.sale(number).await?.0)
    }
}

fn contact_of(row: &Row) -> Option<i64> {
    value::id(value::of(row, "contact")?, "party")
}

fn sale(row: &Row, stages: &[Stage], parties: &BTreeMap<String, Party>) -> Sale {
    let state = value::text(row, "state");
    let stage = stages.iter().find(|stage| stage.id == state);
    let mut sale = Sale {
        id: value::id_text(row, "id"),
        name: ["description", "reference", "number"]
            .into_iter()
            .map(|name| value::text(row, name))
            .find(|name| !name.is_empty())
            .unwrap_or_default(),
        stage: stage.map_or_else(|| state.clone(), |stage| stage.name.clone()),
        stage_index: WAY.iter().position(|one| *one == state).map_or(0, |index| index as u8 + 1),
        stage_count: WAY.len() as u8,
        probability: (row.get("conversion_probability").and_then(Value::as_f64).unwrap_or_default() * 100.0)
            .round()
            .clamp(0.0, 100.0) as u8,
        amount: value::hundredths(row, "amount"),
        currency: value::of(row, "currency").map(|one| value::text(one, "code")).unwrap_or_default(),
        closes: value::day(row, "end_date"),
        open: OPEN.contains(&state.as_str()),
        version: value::written(row).to_string(),
        ..Sale::default()
    };
    let of = |id: Option<i64>| parties.get(&id.map(|id| id.to_string()).unwrap_or_default());
    for party in [of(value::id(row, "party")), of(contact_of(row))].into_iter().flatten() {
        match party.kind() {
            RecordKind::Person => {
                let company = party.person().company.map(|one| one.id).unwrap_or_default();
                sale.person = party.id();
                if sale.company.is_empty() {
                    sale.company = company;
                }
            }
            _ => sale.company = party.id(),
        }
    }
    sale
}
