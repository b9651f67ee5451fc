//! Deals, leads and the items of other apps: beside a record, made, changed.

use super::{
    Elma365,
    config::{Mails, Target},
    entity, follow_up,
    list::{Asked, set},
};
use crate::{ActivityKind, CrmError, Item, NewSale, Project, Result, Sale, SaleChange, Stage};
use clientele_model::{RecordKind, RecordRef};
use serde_json::{Map, Value, json};

const AROUND: usize = 50;

/// An item of another app. What it is called stands behind its name: the list of projects has no other place for it.
pub(super) fn project(item: &Value, target: &Target) -> Item {
    let name = entity::text(&item["__name"]);
    let project = Project {
        id: format!("{}{}", target.app().prefix(), entity::id(item)),
        name: if target.name.trim().is_empty() { name } else { format!("{name} ({})", target.name.trim()) },
        company: entity::link(entity::field(item, &target.company)),
        open: !entity::gone(item),
    };
    Item::Project(project, entity::time(&item["__updatedAt"]))
}

impl Elma365 {
    pub(super) async fn deal(&self, item: &Value) -> Result<Item> {
        let stages = self.statuses(&self.config.deals.app).await?;
        let (sale, changed) = entity::sale(item, &self.fields().await?.deal, &stages, &self.config.closed.0, "");
        Ok(Item::Sale(sale, changed))
    }

    pub(super) async fn lead(&self, item: &Value) -> Result<Item> {
        let app = &self.config.leads.0.app;
        let stages = self.statuses(app).await?;
        let closed = &self.config.closed.0;
        let (sale, changed) = entity::sale(item, &self.fields().await?.lead, &stages, closed, &app.prefix());
        Ok(Item::Sale(sale, changed))
    }

    /// The record first: `NotFound` where it is gone.
    pub(super) async fn all_around(&self, record: &RecordRef) -> Result<Vec<Item>> {
        let (app, id) = self.place(record)?;
        let mut items = Vec::new();
        match record.kind {
            RecordKind::Company => items.push(Item::Company(self.company(id).await?)),
            RecordKind::Person => {
                let person = self.person(id).await?;
                let company = person.company.clone().filter(|company| !company.name.is_empty());
                items.push(Item::Person(person));
                items.extend(company.map(Item::Company));
            }
            RecordKind::Sale => {
                let item = self.item(&app, id).await?;
                let lead = app == self.config.leads.0.app;
                items.push(if lead { self.lead(&item).await? } else { self.deal(&item).await? });
            }
            RecordKind::Project => {
                let target = self.config.targets.iter().find(|target| target.app() == app);
                let target = target.ok_or(CrmError::NotFound)?;
                items.push(project(&self.item(&app, id).await?, target));
            }
        }
        self.beside(record, id, &mut items).await?;
        Ok(items)
    }

    async fn beside(&self, record: &RecordRef, id: &str, items: &mut Vec<Item>) -> Result<()> {
        let config = &self.config;
        let fields = self.fields().await?;
        let linked = |field: &str| Asked { size: AROUND, ..Asked::with(field, json!([id])) };
        if record.kind == RecordKind::Company && !fields.contact.company.is_empty() {
            for item in self.list(&config.contacts.app, &linked(&fields.contact.company)).await?.items {
                items.push(Item::Person(entity::person(&item, &fields.contact, None)));
            }
        }
        for (sales, of, is_lead) in [(&config.deals, &fields.deal, false), (&config.leads.0, &fields.lead, true)] {
            let field = match record.kind {
                RecordKind::Company => &of.company,
                RecordKind::Person => &of.contact,
                _ => continue,
            };
            if of.absent || field.is_empty() {
                continue;
            }
            for item in self.list(&sales.app, &linked(field)).await?.items {
                items.push(if is_lead { self.lead(&item).await? } else { self.deal(&item).await? });
            }
        }
        if record.kind == RecordKind::Company {
            for target in config.targets.iter().filter(|target| !target.company.is_empty()) {
                let found = self.list(&target.app(), &linked(&target.company)).await?.items;
                items.extend(found.iter().map(|item| project(item, target)));
            }
        }
        if let Some(tasks) = &config.follow_ups {
            let field = follow_up::field_of(tasks, record, &config.leads.0.app);
            if !field.is_empty() {
                let found = self.list(&tasks.app, &linked(field)).await?.items;
                items.extend(found.iter().map(|item| Item::FollowUp(follow_up::read(item, tasks))));
            }
        }
        let mails = if let Mails::App(to) = &config.mails { Some((to, ActivityKind::Mail)) } else { None };
        let documents = config.documents.as_ref().map(|to| (to, ActivityKind::Note));
        for (to, kind) in mails.into_iter().chain(documents) {
            let field = self.mail_field(to, record);
            if !field.is_empty() {
                let found = self.list(&to.app, &linked(field)).await?.items;
                items.extend(found.iter().filter_map(|item| self.activity(to, item, kind)));
            }
        }
        Ok(())
    }

    pub(super) async fn create_sale(&self, new: &NewSale) -> Result<Sale> {
        let name = new.name.trim();
        if name.is_empty() {
            return Err(CrmError::Invalid("name"));
        }
        let fields = self.fields().await?;
        let of = &fields.deal;
        let mut context = Map::from_iter([("__name".to_owned(), Value::from(name))]);
        if !new.company.is_empty() {
            set(&mut context, &of.company, json!([self.company(&new.company).await?.id]));
        }
        if !new.person.is_empty() {
            set(&mut context, &of.contact, json!([self.person(&new.person).await?.id]));
        }
        set(&mut context, &of.sum, json!({ "cents": new.amount, "currency": self.currency(&of.currency) }));
        if !new.closes.is_empty() {
            set(&mut context, &of.closes, format!("{}T00:00:00Z", new.closes).into());
        }
        sale_of(self.deal(&self.create(&self.config.deals.app, context).await?).await?)
    }

    fn currency(&self, sample: &str) -> String {
        let server = self.config.server.trim_end_matches('/');
        let usual = if server.ends_with(".ru") { "RUB" } else { "EUR" };
        [self.config.currency.trim(), sample].into_iter().find(|one| one.len() == 3).unwrap_or(usual).to_owned()
    }

    pub(super) async fn change_sale(&self, id: &str, change: &SaleChange) -> Result<Sale> {
        let record = RecordRef { kind: RecordKind::Sale, id: id.to_owned() };
        let (app, own) = self.place(&record)?;
        let is_lead = app == self.config.leads.0.app;
        let fields = self.fields().await?;
        let of = if is_lead { &fields.lead } else { &fields.deal };
        let before = self.item(&app, own).await?;
        if !change.version.is_empty() && change.version != entity::version(&before) {
            let theirs = if is_lead { self.lead(&before).await? } else { self.deal(&before).await? };
            return Err(CrmError::Conflict { theirs: Some(Box::new(theirs)) });
        }
        let stages = self.statuses(&app).await?;
        if let Some(stage) = &change.stage
            && !stages.iter().any(|one| one.code == *stage)
        {
            // Said before anything is written.
            return Err(CrmError::Invalid("stage"));
        }
        let mut context = Map::new();
        if let Some(name) = change.name.as_deref().map(str::trim) {
            if name.is_empty() {
                return Err(CrmError::Invalid("name"));
            }
            context.insert("__name".into(), name.into());
        }
        if let Some(amount) = change.amount {
            let currency = entity::text(&entity::field(&before, &of.sum)["currency"]);
            set(&mut context, &of.sum, json!({ "cents": amount, "currency": self.currency(&currency) }));
        }
        if let Some(closes) = &change.closes {
            let value = if closes.is_empty() { Value::Null } else { format!("{closes}T00:00:00Z").into() };
            set(&mut context, &of.closes, value);
        }
        let mut after = before;
        if !context.is_empty() {
            after = self.update(&app, own, context).await?;
        }
        if let Some(stage) = &change.stage {
            after = self.set_status(&app, own, stage).await?;
        }
        sale_of(if is_lead { self.lead(&after).await? } else { self.deal(&after).await? })
    }

    pub(super) async fn stages_of(&self, sale: &str) -> Result<Vec<Stage>> {
        let (app, _) = self.place(&RecordRef { kind: RecordKind::Sale, id: sale.to_owned() })?;
        Ok(self.statuses(&app).await?.iter().map(|one| one.stage(&self.config.closed.0)).collect())
    }
}

fn sale_of(item: Item) -> Result<Sale> {
    match item {
        Item::Sale(sale, _) => Ok(sale),
        _ => Err(CrmError::Unexpected("another kind of record")),
    }
}
