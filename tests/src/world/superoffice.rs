//! A SuperOffice of our own (`tests/superoffice`): what it holds, what it is to do, and its vendor's client driving it.
//! It needs Node, and nothing else of the world.

pub use super::double::{Fault, Request};

use super::{
    WorldError,
    double::{Double, port},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, ops::Deref, path::Path};

/// This program's registration there: PKCE, no secret, any port on 127.0.0.1.
pub const CLIENT: &str = "0123456789abcdef0123456789abcdef";
/// The one tenant.
pub const TENANT: &str = "Cust12345";

/// The running double. Of its wishes: `at` (0 or 1), `state`, `emailAgent`, `pageMost`.
#[derive(Debug)]
pub struct SuperOffice {
    double: Double,
    identity: u16,
    /// The first of the tenant's two servers.
    server: u16,
}

impl Deref for SuperOffice {
    type Target = Double;
    fn deref(&self) -> &Double {
        &self.double
    }
}

impl SuperOffice {
    pub fn start() -> Result<SuperOffice, WorldError> {
        let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("superoffice/node_modules/@superoffice/webapi");
        if !client.exists() {
            return Err(WorldError::Missing("@superoffice/webapi (npm)"));
        }
        let (double, listening) = Double::start("SuperOffice", "superoffice", "identity")?;
        let (identity, server) = (port(&listening["identity"]), port(&listening["servers"][0]));
        Ok(SuperOffice { double, identity, server })
    }

    /// Where one signs in, and asks for the tenant's state.
    pub fn identity(&self) -> String {
        format!("http://127.0.0.1:{}", self.identity)
    }

    /// The API of the tenant on the first of its two servers.
    pub fn api(&self) -> String {
        format!("http://127.0.0.1:{}/{TENANT}/api/", self.server)
    }

    /// The API of a customer's own server, for a user and [`super::PASSWORD`].
    pub fn on_site(&self) -> String {
        format!("http://127.0.0.1:{}/onsite/api", self.server)
    }

    /// The tenant moves to the other server, which the first one answers with 421.
    pub fn move_tenant(&self) -> Result<(), WorldError> {
        self.wish(json!({ "at": 1 }))
    }

    /// An access token for `kari` or `ola`, without the way through the browser.
    pub fn token(&self, user: &str) -> Result<String, WorldError> {
        let said = self.control("token", &json!({ "user": user }))?;
        Ok(said["access_token"].as_str().unwrap_or_default().to_owned())
    }

    /// Every access token has ended; refresh tokens live on.
    pub fn expire(&self) -> Result<(), WorldError> {
        self.control("expire", &Value::Null).map(drop)
    }

    /// So many of each, made up.
    pub fn seed(&self, companies: u32, people: u32, sales: u32) -> Result<(), WorldError> {
        self.control("seed", &json!({ "companies": companies, "people": people, "sales": sales })).map(drop)
    }

    /// Makes or changes an entity as the user 5 (oneself) or 6 (a colleague); its id.
    pub fn put(&self, entity: &str, value: Value, by: u32) -> Result<u64, WorldError> {
        let said = self.control("put", &json!({ "entity": entity, "value": value, "by": by }))?;
        Ok(said["id"].as_u64().unwrap_or_default())
    }

    pub fn remove(&self, entity: &str, id: u64) -> Result<(), WorldError> {
        self.control("remove", &json!({ "entity": entity, "id": id })).map(drop)
    }

    /// The documents with this `ExternalRef`, with their bytes as base64 in `Bytes` (null: none).
    pub fn documents(&self, reference: &str) -> Result<Vec<Value>, WorldError> {
        Ok(self.control("documents", &json!({ "reference": reference }))?.as_array().cloned().unwrap_or_default())
    }

    /// The vendor's own client does what we do; what came of each call, `ok` or what was wrong. `document` is one that
    /// was archived by us.
    pub fn vendor(&self, document: &str) -> Result<BTreeMap<String, String>, WorldError> {
        self.held_to("vendor.mjs", &[&self.api(), &self.token("kari")?, document])
    }
}
