//! Lists of items: asked for, and compared here once more.

use super::{Elma365, config::App, entity};
use crate::{CrmError, Result};
use serde_json::{Map, Value, json};

/// The vendor's most.
pub(super) const PAGE: usize = 100;
/// Of what is searched for by a text, so many are looked through: a text may be part of many others.
const LOOKED_THROUGH: usize = 1000;

/// What a list is asked for. Values go apart from the address, as JSON.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// Conditions on fields, all of which must hold.
    pub tf: Map<String, Value>,
    pub from: usize,
    /// 0: [`PAGE`].
    pub size: usize,
    /// The latest changed first, rather than last.
    pub newest: bool,
    /// Also what was deleted.
    pub deleted: bool,
}

impl Asked {
    pub fn with(field: &str, value: Value) -> Asked {
        Asked { tf: Map::from_iter([(field.to_owned(), value)]), newest: true, ..Asked::default() }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Listed {
    pub items: Vec<Value>,
    pub total: usize,
}

impl Elma365 {
    pub(super) async fn list(&self, app: &App, asked: &Asked) -> Result<Listed> {
        let path = app.path("app").ok_or(CrmError::Invalid("app"))?;
        let body = json!({
            "active": !asked.deleted,
            "from": asked.from,
            "size": if asked.size == 0 { PAGE } else { asked.size },
            "filter": { "tf": asked.tf },
            // Some builds give no more than the fields of every item without it.
            "fields": { "*": true },
            "sortExpressions": [
                { "ascending": !asked.newest, "field": "__updatedAt" },
                { "ascending": !asked.newest, "field": "__id" },
            ],
        });
        let mut said = self.caller.post(&format!("{path}/list"), &body).await?;
        let total = said["result"]["total"].as_u64().unwrap_or_default() as usize;
        match said["result"]["result"].take() {
            Value::Array(items) => Ok(Listed { items, total }),
            Value::Null => Ok(Listed::default()),
            _ => Err(CrmError::Unexpected("a list without items")),
        }
    }

    /// All items that a text is part of and that are `same`, by their ids; the list may change while it is read.
    pub(super) async fn find(
        &self,
        app: &App,
        field: &str,
        text: &str,
        same: &(dyn Fn(&Value) -> bool + Sync),
    ) -> Result<Vec<Value>> {
        let mut asked = Asked::with(field, text.into());
        let mut found: Vec<Value> = Vec::new();
        while asked.from < LOOKED_THROUGH {
            let page = self.list(app, &asked).await?;
            let read = page.items.len();
            for item in page.items {
                if same(&item) && !found.iter().any(|known| known["__id"] == item["__id"]) {
                    found.push(item);
                }
            }
            asked.from += read;
            if read == 0 || asked.from >= page.total {
                break;
            }
        }
        Ok(found)
    }

    /// One item. `NotFound` also where it was deleted.
    pub(super) async fn item(&self, app: &App, id: &str) -> Result<Value> {
        let path = app.path("app").ok_or(CrmError::Invalid("app"))?;
        let mut said = self.caller.post(&format!("{path}/{}/get", uuid(id)?), &json!({})).await?;
        let item = said["item"].take();
        if item.is_null() || entity::gone(&item) { Err(CrmError::NotFound) } else { Ok(item) }
    }

    pub(super) async fn create(&self, app: &App, context: Map<String, Value>) -> Result<Value> {
        let path = app.path("app").ok_or(CrmError::Invalid("app"))?;
        // Processes of the tenant run as they do for what is made in its own pages.
        let body = json!({ "context": context, "withEventForceCreate": true });
        let mut said = self.caller.post(&format!("{path}/create"), &body).await?;
        let item = said["item"].take();
        if entity::id(&item).is_empty() { Err(CrmError::Unexpected("an item without an id")) } else { Ok(item) }
    }

    /// Only the fields that are sent change. The item as it is then.
    pub(super) async fn update(&self, app: &App, id: &str, context: Map<String, Value>) -> Result<Value> {
        let path = app.path("app").ok_or(CrmError::Invalid("app"))?;
        let mut said =
            self.caller.post(&format!("{path}/{}/update", uuid(id)?), &json!({ "context": context })).await?;
        Ok(said["item"].take())
    }

    pub(super) async fn set_status(&self, app: &App, id: &str, code: &str) -> Result<Value> {
        let path = app.path("app").ok_or(CrmError::Invalid("app"))?;
        let body = json!({ "status": { "code": code } });
        let mut said = self.caller.post(&format!("{path}/{}/set-status", uuid(id)?), &body).await?;
        Ok(said["item"].take())
    }
}

/// An id that can stand in an address.
pub(super) fn uuid(id: &str) -> Result<&str> {
    let fits = !id.is_empty() && id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits { Ok(id) } else { Err(CrmError::NotFound) }
}

/// A field into a context, where the app has it.
pub(super) fn set(context: &mut Map<String, Value>, code: &str, value: Value) {
    if !code.is_empty() {
        context.insert(code.to_owned(), value);
    }
}
