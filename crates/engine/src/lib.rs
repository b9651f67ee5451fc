//! Composition: opens a profile, starts and stops each account's tasks, and holds the use cases that span rooms. No SQL
//! and no sockets of its own.

mod account;
mod archive;
mod attachments;
mod backoff;
mod browser;
mod certificates;
mod config;
mod crash;
mod crm_connection;
mod customer;
mod discover;
mod doctor;
mod draft;
mod editor;
mod engine;
mod error;
mod files;
mod folders;
mod follow_up;
mod large;
mod lock;
mod logs;
mod look;
mod mail_types;
mod mails;
mod memory;
mod notice;
mod notify;
mod operate;
mod outbox;
mod platform;
mod policy;
mod proxy;
mod records;
mod restore;
mod room;
mod rules;
mod search;
mod sent;
mod server;
mod settings;
mod tasks;
#[cfg(test)]
mod testkit;

pub use account::{AccountDraft, NewSecret, Progress, Removal, State, Status};
pub use archive::{ArchiveAsked, ArchiveOptions, BusinessViews, ToArchive};
pub use browser::Started;
pub use clientele_account::{DiscoverOptions, Discovery, Found, SideReport, Source, Stage, Verified, Way, endpoint};
pub use clientele_auth::Kind as SecretsKind;
pub use clientele_model::Secret;
pub use clientele_net::{Certificate, Mapping};
pub use clientele_policy::{Policy, PolicyFiles, Problem};
pub use config::{Clock, Config, SecretsConfig, default_profile};
pub use crash::leave_no_core_file;
pub use crm_connection::{
    AddressCheck, AddressState, CrmField, CrmFieldKind, CrmFound, CrmKind, CrmLeaving, CrmSetup, CrmSignIn, CrmStatus,
    Filling,
};
pub use customer::Beside;
pub use doctor::{Finding, Health};
pub use draft::{Begin, Written};
pub use editor::CardsTaken;
pub use engine::{Engine, Role};
pub use error::EngineError;
pub use follow_up::{Awaited, Task, TaskId, Tasks, WaitKind, Waits, follow_up_on};
pub use large::Transfer;
pub use look::Look;
pub use mails::Listed;
pub use memory::hold_little_memory;
pub use notice::Notice;
pub use notify::{Notify, QuietHours, Switches};
pub use outbox::OutboxChoice;
pub use proxy::{ProxyKind, ProxySettings};
pub use records::RecordFound;
pub use restore::{Backup, Database, backups, damaged, restore};
pub use room::{Free, RoomConfig};
pub use rules::{AfterFirst, CrmSettings, Preview, RuleSaved};
pub use search::Searched;
pub use server::{FIRST_SCREEN, Report, Until};
pub use settings::{Layout, Settings};
pub use tasks::history::{History, HistoryState};

/// The CRM's words, for whoever shows them.
pub use clientele_crm as crm;
/// The store's rows, for whoever shows them.
pub use clientele_store as store;

/// The servers of an address, with every source's answer waited for; for diagnosis. Needs no profile: of the configuration only
/// what reaches the network is looked at, and the policy.
pub async fn discover(email: &str, config: &Config, offline_only: bool) -> Result<Discovery, EngineError> {
    let policy = config.policy.as_ref().map(Policy::read).unwrap_or_default();
    let net = clientele_net::Net::new(clientele_net::NetConfig {
        authorities: config.extra_ca.iter().chain(&policy.authorities).cloned().collect(),
        resolver: config.resolver,
        map: config.map.clone(),
        ..clientele_net::NetConfig::default()
    })?;
    let options = DiscoverOptions { policy_servers: discover::servers(&policy), offline_only, every: true };
    Ok(clientele_account::discover(&net, &options, email).await)
}
