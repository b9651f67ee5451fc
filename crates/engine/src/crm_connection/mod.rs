//! Which CRM it is: choosing one, signing in, trying it, keeping it, leaving it.

mod adapters;
mod address;
mod connect;
mod kinds;
mod now;
mod parts;
mod refresh;

pub use address::{AddressCheck, AddressState};
pub use kinds::{CrmField, CrmFieldKind, CrmKind, CrmSignIn};
pub use now::Filling;
pub(crate) use now::{CrmNow, wants_a_person};
pub(crate) use parts::{Parts, open};
pub(crate) use refresh::run;

use crate::{Engine, EngineError, Role};
use clientele_crm::{Associate, Capability, Crm, CrmError, Why};
use clientele_model::{Change, Table};
use clientele_store::CrmLink;
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::MutexGuard;

/// What was filled in.
#[derive(Debug, Clone, Default)]
pub struct CrmSetup {
    pub kind: String,
    /// By [`CrmField::key`]; the secret too.
    pub fields: BTreeMap<String, String>,
    /// What [`Engine::sign_in_wait`] gave.
    pub grant: Option<String>,
}

/// A CRM that was tried and answered.
#[derive(Debug, Clone)]
pub struct CrmFound {
    pub name: String,
    pub me: Associate,
    pub missing: Vec<(Capability, Why)>,
    /// On the first pages.
    pub companies: u32,
    pub people: u32,
    pub more: bool,
}

/// The CRM behind the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmStatus {
    /// Stands behind "Archive in".
    pub name: String,
    /// As [`CrmKind::kind`].
    pub kind: String,
    /// Why the last talk with it failed, one of the wire's codes.
    pub code: Option<String>,
    pub queued: u32,
    pub failed: u32,
    /// Who one is there; empty for the embedded one.
    pub user: String,
    pub missing: Vec<(Capability, Why)>,
    pub filling: Option<Filling>,
    /// Seconds since 1970; 0: never, or the embedded one.
    pub refreshed: i64,
}

/// What disconnecting would leave behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmLeaving {
    pub name: String,
    pub archived: u32,
    pub queued: u32,
}

impl Engine {
    /// The CRM of this moment. Whoever does several things in one go keeps it until they are done.
    pub(crate) fn crm(&self) -> Arc<dyn Crm> {
        self.0.crm_now.crm()
    }

    /// The CRM that may be written to, and its link; 0: the embedded one. What its ids are put into names this link.
    /// [`CrmError::NotOpen`] where the embedded one stands in for it.
    pub(crate) fn crm_to_write(&self) -> Result<(Arc<dyn Crm>, i64), CrmError> {
        let (crm, known) = self.0.crm_now.both();
        if known.stuck { Err(CrmError::NotOpen) } else { Ok((crm, known.link.map_or(0, |link| link.id))) }
    }

    /// The link of the CRM whose records are shown; 0: the embedded one, also where it stands in for another.
    pub fn crm_shown(&self) -> i64 {
        let known = self.0.crm_now.known();
        known.link.filter(|_| !known.stuck).map_or(0, |link| link.id)
    }

    /// The link of the CRM of this moment; 0: the embedded one.
    pub(crate) fn crm_link_id(&self) -> i64 {
        self.0.crm_now.known().link.map_or(0, |link| link.id)
    }

    pub fn crm_kinds(&self) -> Vec<CrmKind> {
        let link = self.0.crm_now.known().link;
        let fields = link.as_ref().map(|link| serde_json::from_str(&link.config).unwrap_or_default());
        let client = self.0.policy.oauth.iter().any(|client| client.id == "superoffice")
            || option_env!("CLIENTELE_SUPEROFFICE_CLIENT_ID").is_some_and(|id| !id.trim().is_empty());
        let now = link.as_ref().zip(fields.as_ref()).map(|(link, fields)| (link.kind.as_str(), fields));
        kinds::all(&self.0.policy, client, now)
    }

    pub async fn crm_status(&self) -> Result<CrmStatus, EngineError> {
        let (crm, known) = (self.crm(), self.0.crm_now.known());
        let (queued, failed) = self.store(|store| store.crm_waiting()).await?;
        let (name, kind) = match &known.link {
            Some(link) => (link.name.clone(), link.kind.clone()),
            None => (crm.name(), crm.kind().to_owned()),
        };
        // Said before anybody is asked: nobody could be.
        let locked = known.link.as_ref().and_then(|_| self.secrets_ready().err()).map(|error| error.code().to_owned());
        Ok(CrmStatus {
            name,
            kind,
            code: locked.or(known.code),
            queued,
            failed,
            user: known.link.as_ref().map(|link| link.user_name.clone()).unwrap_or_default(),
            missing: crm.capabilities().missing().collect(),
            filling: known.filling,
            refreshed: known.link.map_or(0, |link| link.refreshed),
        })
    }

    /// What [`Engine::crm_disconnect`] would leave behind.
    pub async fn crm_leaving(&self) -> Result<CrmLeaving, EngineError> {
        let name = self.crm_status().await?.name;
        let (archived, queued) = self.store(|store| store.crm_link_holds()).await?;
        Ok(CrmLeaving { name, archived, queued })
    }

    /// Everybody looks again, and it is read.
    pub(crate) async fn crm_is_another(&self) -> Result<(), EngineError> {
        self.crm_looks_another().await?;
        self.0.crm_now.wake.notify_one();
        Ok(())
    }

    /// Everybody looks again.
    async fn crm_looks_another(&self) -> Result<(), EngineError> {
        self.store(|store| store.pills_reset()).await?;
        self.crm_told();
        self.weigh_or_not().await
    }

    /// What is known of what the CRM holds has changed.
    pub(crate) fn crm_told(&self) {
        let _ = self.0.asides.send(Change { table: Table::Crm, ids: Vec::new() });
    }

    /// How the CRM is has changed, or how far it is read: whoever shows what it holds need not look again.
    pub(crate) fn crm_state_told(&self) {
        let _ = self.0.asides.send(Change { table: Table::CrmState, ids: Vec::new() });
    }

    /// Nothing is sent to the CRM until what this gives is dropped.
    async fn crm_nothing_sent(&self) -> (MutexGuard<'_, ()>, MutexGuard<'_, ()>) {
        (self.0.archiving.lock().await, self.0.working.lock().await)
    }

    /// All of them, or all but the link's.
    async fn mirrors_remove(&self, but: Option<&CrmLink>) -> Result<(), EngineError> {
        let profile = self.0.config.profile.clone();
        let but = but.map(|link| parts::mirror(&profile, link));
        tokio::task::spawn_blocking(move || parts::tidy(&profile, but.as_deref()))
            .await
            .map_err(|_| EngineError::Internal("removing the mirror panicked"))
    }

    /// Nothing is sent to the CRM while only a person can help, or by a process that does not own the profile.
    pub(crate) fn crm_may_be_asked(&self) -> bool {
        self.0.crm_now.known().link.is_none()
            || (self.role() == Role::Owner && !self.0.crm_now.waits_for_a_person() && self.secrets_ready().is_ok())
    }

    /// Also not where it asked for patience, or did not answer, a moment ago: one try says enough for all that waits.
    pub(crate) fn crm_may_be_sent_to(&self) -> bool {
        self.crm_may_be_asked() && self.0.crm_now.quiet().is_none()
    }
}

#[cfg(test)]
mod tests;
