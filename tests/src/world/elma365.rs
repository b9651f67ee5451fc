//! An ELMA365 of our own (`tests/elma365`): what it holds, and what it is to do. It needs Node, and nothing else of the
//! world.

pub use super::double::{Fault, Request};

use super::{
    WorldError,
    double::{Double, port},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, ops::Deref};

/// The users there.
pub const KARI: &str = "kari@nord.example";
pub const OLA: &str = "ola@nord.example";

/// The running double. Of its wishes: `unique`, `pageMost`, `coarse`, `lag` (milliseconds until lists show what was made).
#[derive(Debug)]
pub struct Elma365 {
    double: Double,
    api: u16,
}

impl Deref for Elma365 {
    type Target = Double;
    fn deref(&self) -> &Double {
        &self.double
    }
}

impl Elma365 {
    pub fn start() -> Result<Elma365, WorldError> {
        let (double, listening) = Double::start("ELMA365", "elma365", "control")?;
        Ok(Elma365 { double, api: port(&listening["api"]) })
    }

    /// The server, without `/pub/v1`.
    pub fn server(&self) -> String {
        format!("http://127.0.0.1:{}", self.api)
    }

    /// The administrator issues a token for a user.
    pub fn issue(&self, token: &str, user: &str) -> Result<(), WorldError> {
        self.control("token", &json!({ "token": token, "user": user })).map(drop)
    }

    /// Makes an item of an app (`_clients/_contacts`), or changes one; its id.
    pub fn put(&self, app: &str, id: Option<&str>, context: Value, by: &str) -> Result<String, WorldError> {
        let said = self.control("put", &json!({ "app": app, "id": id, "context": context, "by": by }))?;
        Ok(said["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Makes items that have all changed at one moment.
    pub fn import(&self, app: &str, items: &[Value]) -> Result<(), WorldError> {
        self.control("import", &json!({ "app": app, "items": items })).map(drop)
    }

    pub fn remove(&self, app: &str, id: &str) -> Result<(), WorldError> {
        self.control("remove", &json!({ "app": app, "id": id })).map(drop)
    }

    /// All items of an app, with the bytes of their files as base64 in `Bytes`.
    pub fn items(&self, app: &str) -> Result<Vec<Value>, WorldError> {
        Ok(self.control("items", &json!({ "app": app }))?.as_array().cloned().unwrap_or_default())
    }

    /// The messages in an item's feed, the oldest first.
    pub fn feed(&self, id: &str) -> Result<Vec<Value>, WorldError> {
        Ok(self.control("feed", &json!({ "id": id }))?.as_array().cloned().unwrap_or_default())
    }

    /// What the published examples come to against the double, `ok` or what was wrong. `token` is one that was issued.
    pub fn published(&self, token: &str) -> Result<BTreeMap<String, String>, WorldError> {
        self.held_to("published.mjs", &[&self.server(), token])
    }
}
