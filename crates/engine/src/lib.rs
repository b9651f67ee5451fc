//! Composition: opens a profile, starts and stops each account's tasks, and holds the use cases that span rooms. No SQL
//! and no sockets of its own.

mod account;
mod attachments;
mod backoff;
mod config;
mod customer;
mod doctor;
mod draft;
mod engine;
mod error;
mod files;
mod lock;
mod logs;
mod mails;
mod notice;
mod notify;
mod operate;
mod outbox;
mod platform;
mod server;
mod settings;
mod tasks;

pub use account::{AccountDraft, Progress, State, Status};
pub use clientele_account::{DiscoverOptions, Discovery, SideReport, Stage, Verified, endpoint};
pub use clientele_auth::Kind as SecretsKind;
pub use clientele_model::Secret;
pub use config::{Clock, Config, SecretsConfig, default_profile};
pub use customer::CrmStatus;
pub use doctor::{Finding, Health};
pub use draft::{Begin, Written};
pub use engine::{Engine, Role};
pub use error::EngineError;
pub use mails::Listed;
pub use notice::Notice;
pub use outbox::OutboxChoice;
pub use server::{FIRST_SCREEN, Report, Until};
pub use settings::{Layout, Settings};

/// The CRM's words, for whoever shows them.
pub use clientele_crm as crm;
/// The store's rows, for whoever shows them.
pub use clientele_store as store;

/// The servers of an address, tried for real. Needs no profile.
pub async fn discover(email: &str, extra_ca: Option<&[u8]>) -> Result<Discovery, EngineError> {
    let net = net(extra_ca)?;
    Ok(clientele_account::discover(&net, &DiscoverOptions::default(), email).await)
}

/// A handle that trusts one more authority, if there is one.
pub(crate) fn net(extra_ca: Option<&[u8]>) -> Result<clientele_net::Net, clientele_net::NetSetup> {
    let authorities = extra_ca.map(<[u8]>::to_vec).into_iter().collect();
    clientele_net::Net::new(clientele_net::NetConfig { authorities, ..Default::default() })
}
