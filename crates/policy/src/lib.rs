//! What an administrator prescribes for this computer. `docs/policy.md` is the page for them; it names every key.
//!
//! A file is taken whole or not at all: with one wrong line it is as if it were not there, the line is told, and the program
//! starts all the same.

mod check;
mod file;
mod files;
mod limit;
mod read;

pub use files::PolicyFiles;
pub use limit::Forbidden;

use clientele_model::{Endpoint, Secret, Security};
use std::{collections::BTreeMap, path::PathBuf};

/// What is prescribed. The default prescribes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The file that holds, the machine's before the one beside the program; `None` where there is none, or none that is valid.
    pub source: Option<PathBuf>,
    /// What is wrong with the files that were refused.
    pub problems: Vec<Problem>,
    pub oauth: Vec<OAuthClient>,
    pub servers: Vec<ServerRule>,
    /// Empty allows all.
    pub allowed_ports: Vec<u16>,
    /// Empty allows all.
    pub allowed_security: Vec<Security>,
    /// How many days of mail a new account takes, if the person does not say.
    pub days_default: Option<u32>,
    /// The most that can be taken.
    pub days_max: Option<u32>,
    pub accounts_max: Option<u32>,
    /// Files of certificates in PEM, trusted besides the system's authorities.
    pub authorities: Vec<Vec<u8>>,
    /// Whether a person may accept a certificate that fails the check.
    pub certificate_exceptions: bool,
    /// The CRM's customer, in the CRM's own words.
    pub crm_tenant: Option<String>,
    pub crm: CrmRule,
    /// One of the six (`en nb sv da de nl`), where the person has chosen none.
    pub language: Option<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            source: None,
            problems: Vec::new(),
            oauth: Vec::new(),
            servers: Vec::new(),
            allowed_ports: Vec::new(),
            allowed_security: Vec::new(),
            days_default: None,
            days_max: None,
            accounts_max: None,
            authorities: Vec::new(),
            certificate_exceptions: true,
            crm_tenant: None,
            crm: CrmRule::default(),
            language: None,
        }
    }
}

/// Why a file was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub path: PathBuf,
    /// From 1; 0 where it is about the file itself.
    pub line: usize,
    /// In English, for the administrator; holds no value of the file that is a secret.
    pub message: String,
}

/// A registration with a provider, by which people sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthClient {
    /// `google`, `microsoft`, `yahoo`, `fastmail`, or any other.
    pub id: String,
    /// As people know it.
    pub name: String,
    pub issuer: Option<String>,
    /// Empty for a provider that the program knows.
    pub authorize_url: String,
    /// Empty for a provider that the program knows.
    pub token_url: String,
    pub revoke_url: Option<String>,
    pub client_id: String,
    pub client_secret: Option<Secret>,
    /// Empty for what the program asks of a provider that it knows.
    pub scopes: Vec<String>,
    /// As the provider has it registered.
    pub redirect: Option<String>,
    /// The mail servers its tokens may go to, `mail.example.com` or `*.example.com`. Empty for those of a provider that
    /// the program knows.
    pub hosts: Vec<String>,
    /// The domains of addresses that sign in with it.
    pub domains: Vec<String>,
}

/// The servers of an organisation's addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerRule {
    /// Lower case, ASCII form.
    pub domains: Vec<String>,
    pub incoming: Endpoint,
    pub outgoing: Endpoint,
    /// With `%EMAILADDRESS%`, `%EMAILLOCALPART%` and `%EMAILDOMAIN%` for what the person typed.
    pub user: String,
    /// `password`, `app_password`, or the id of an OAuth client.
    pub sign_in: String,
}

/// Which CRMs can be connected, and with what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrmRule {
    /// `superoffice`, `superoffice_site`, `elma365`, `bottlecrm`, `tryton`; empty allows all.
    pub kinds: Vec<String>,
    /// Servers besides a vendor's own that a sign-in may be shown to: `crm.example.com` or `*.example.com`.
    pub hosts: Vec<String>,
    /// What a person cannot fill in differently, by the field's key.
    pub fields: BTreeMap<String, String>,
}

impl Policy {
    /// Reads the files. Cannot fail: what is wrong is in [`Policy::problems`], and such a file prescribes nothing.
    pub fn read(files: &PolicyFiles) -> Policy {
        read::read(files)
    }

    /// The rule for an address's domain, in any case and in either form of an international name.
    pub fn server(&self, domain: &str) -> Option<&ServerRule> {
        let domain = check::ascii(domain)?;
        self.servers.iter().find(|rule| rule.domains.contains(&domain))
    }
}

#[cfg(test)]
mod tests;
