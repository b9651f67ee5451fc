//! The file's own form. Every key that a check may object to carries its place.

use clientele_model::Security;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

type Placed<T> = Option<Spanned<T>>;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct File {
    pub language: Placed<String>,
    pub crm_tenant: Placed<String>,
    pub crm: Crm,
    pub accounts: Accounts,
    pub download: Download,
    pub connections: Connections,
    #[serde(rename = "server")]
    pub servers: Vec<Spanned<Server>>,
    pub oauth: Vec<Spanned<OAuth>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Accounts {
    pub max: Placed<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Crm {
    pub kinds: Placed<Vec<Spanned<String>>>,
    pub hosts: Placed<Vec<Spanned<String>>>,
    pub fields: BTreeMap<String, Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Download {
    pub days_default: Placed<u32>,
    pub days_max: Placed<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Connections {
    pub ports: Placed<Vec<Spanned<u16>>>,
    pub security: Placed<Vec<Security>>,
    pub certificate_exceptions: Placed<bool>,
    pub authorities: Placed<Vec<Spanned<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub domains: Spanned<Vec<Spanned<String>>>,
    pub incoming: Spanned<Place>,
    pub outgoing: Spanned<Place>,
    pub user: Placed<String>,
    pub sign_in: Placed<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    pub host: Spanned<String>,
    pub port: Placed<u16>,
    pub security: Security,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OAuth {
    pub id: Spanned<String>,
    pub name: Placed<String>,
    pub issuer: Placed<String>,
    pub authorize_url: Placed<String>,
    pub token_url: Placed<String>,
    pub revoke_url: Placed<String>,
    pub client_id: Spanned<String>,
    /// Any value, so that no parser's error quotes it.
    pub client_secret: Placed<toml::Value>,
    #[serde(default)]
    pub scopes: Vec<String>,
    pub redirect: Placed<String>,
    #[serde(default)]
    pub hosts: Vec<Spanned<String>>,
    #[serde(default)]
    pub domains: Vec<Spanned<String>>,
}
