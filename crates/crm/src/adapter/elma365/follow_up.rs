//! Follow-ups, in an app that the administrator has made for them: the Web API reads the CRM's own tasks and creates none.

use super::{
    Elma365,
    config::{App, FollowUps},
    entity,
    list::set,
};
use crate::{Capability, CrmError, FollowUp, FollowUpKind, Result, Why};
use clientele_model::{RecordKind, RecordRef};
use serde_json::{Map, Value, json};

pub(super) fn read(item: &Value, of: &FollowUps) -> FollowUp {
    let at = |code: &str| entity::time(entity::field(item, code));
    let (start, end) = (at(&of.start), at(&of.due));
    let link = |code: &str| entity::link(entity::field(item, code));
    FollowUp {
        id: entity::id(item),
        kind: FollowUpKind::parse(&entity::category(entity::field(item, &of.kind))),
        title: entity::text(&item["__name"]),
        text: entity::text(entity::field(item, &of.text)),
        start: if start == 0 { end } else { start },
        end: if end == 0 { start } else { end },
        done: entity::field(item, &of.done).as_bool().unwrap_or_default(),
        company: link(&of.company),
        person: link(&of.contact),
        sale: link(&of.deal),
        project: String::new(),
        owner: link(&of.owner),
        version: entity::version(item),
    }
}

/// The field that links to such a record; empty for none.
pub(super) fn field_of<'a>(of: &'a FollowUps, record: &RecordRef, leads: &App) -> &'a str {
    match record.kind {
        RecordKind::Company => &of.company,
        RecordKind::Person => &of.contact,
        RecordKind::Sale if !record.id.starts_with(&leads.prefix()) => &of.deal,
        _ => "",
    }
}

impl Elma365 {
    fn tasks(&self) -> Result<&FollowUps> {
        self.config.follow_ups.as_ref().ok_or(CrmError::Cannot(Capability::FollowUps, Why::NotGranted))
    }

    pub(super) async fn create_follow_up(&self, new: &FollowUp) -> Result<FollowUp> {
        let of = self.tasks()?;
        if new.title.trim().is_empty() {
            return Err(CrmError::Invalid("title"));
        }
        let mut context = Map::from_iter([("__name".to_owned(), Value::from(new.title.trim()))]);
        set(&mut context, &of.text, new.text.as_str().into());
        set(&mut context, &of.kind, json!([{ "code": new.kind.as_str() }]));
        set(&mut context, &of.start, entity::stamp(new.start).into());
        set(&mut context, &of.due, entity::stamp(new.end.max(new.start)).into());
        set(&mut context, &of.done, new.done.into());
        let sale = if new.sale.contains(':') { "" } else { &new.sale };
        for (code, id) in [(&of.company, &*new.company), (&of.contact, &*new.person), (&of.deal, sale)] {
            if !id.is_empty() {
                set(&mut context, code, json!([id]));
            }
        }
        let owner = if new.owner.is_empty() { self.who().await?.id } else { new.owner.clone() };
        if !owner.is_empty() {
            set(&mut context, &of.owner, json!([owner]));
        }
        Ok(read(&self.create(&of.app, context).await?, of))
    }

    pub(super) async fn complete_follow_up(&self, id: &str, done: bool) -> Result<FollowUp> {
        let of = self.tasks()?;
        let mut context = Map::new();
        set(&mut context, &of.done, done.into());
        Ok(read(&self.update(&of.app, id, context).await?, of))
    }
}
