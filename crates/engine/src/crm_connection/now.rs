//! The CRM of this moment: swapped while others ask it.

use clientele_crm::Crm;
use clientele_store::CrmLink;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// How far what the CRM holds has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filling {
    pub read: u32,
    /// Everything, rather than what changed.
    pub full: bool,
}

/// What is known of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// None: the embedded one.
    pub link: Option<CrmLink>,
    /// Why the last talk with it failed.
    pub code: Option<String>,
    pub filling: Option<Filling>,
    /// The link's CRM could not be made: the embedded one stands in for reading, and nothing is sent anywhere.
    pub stuck: bool,
    /// Who one is was asked since the start.
    pub met: bool,
    /// Nothing that waits is sent there before, and how often in a row that was put off.
    pub not_before: Option<Instant>,
    pub put_off: u32,
}

pub(crate) struct CrmNow {
    crm: RwLock<Arc<dyn Crm>>,
    known: Mutex<Known>,
    /// Held while it is swapped, and during each step of a refresh.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// Read again what changed, now.
    pub(crate) wake: Notify,
}

impl CrmNow {
    pub(crate) fn new(crm: Arc<dyn Crm>, link: Option<CrmLink>) -> CrmNow {
        let known = Mutex::new(Known { link, ..Known::default() });
        CrmNow { crm: RwLock::new(crm), known, turn: tokio::sync::Mutex::default(), wake: Notify::new() }
    }

    pub(crate) fn stuck(embedded: Arc<dyn Crm>, link: CrmLink, code: &str) -> CrmNow {
        let now = CrmNow::new(embedded, Some(link));
        now.change(|known| (known.stuck, known.code) = (true, Some(code.to_owned())));
        now
    }

    pub(crate) fn crm(&self) -> Arc<dyn Crm> {
        self.crm.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn known(&self) -> Known {
        self.lock().clone()
    }

    /// The CRM and what is known of this one, and of no other.
    pub(crate) fn both(&self) -> (Arc<dyn Crm>, Known) {
        let crm = self.crm.read().unwrap_or_else(PoisonError::into_inner);
        (crm.clone(), self.known())
    }

    pub(crate) fn swap(&self, crm: Arc<dyn Crm>, link: Option<CrmLink>) {
        self.put(crm, Known { link, ..Known::default() });
    }

    /// The embedded one stands in until the link's is there, or another.
    pub(crate) fn stand_in(&self, embedded: Arc<dyn Crm>, link: Option<CrmLink>) {
        self.put(embedded, Known { stuck: link.is_some(), link, ..Known::default() });
    }

    /// As another is, which is not in use.
    pub(crate) fn take(&self, other: CrmNow) {
        let (crm, known) = other.both();
        self.put(crm, known);
    }

    fn put(&self, crm: Arc<dyn Crm>, known: Known) {
        // Held over both: whoever asks for both gets what belongs together.
        let mut now = self.crm.write().unwrap_or_else(PoisonError::into_inner);
        *now = crm;
        *self.lock() = known;
    }

    /// True where that is news.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Known)) -> bool {
        let mut known = self.lock();
        let before = (known.code.clone(), known.filling);
        change(&mut known);
        before != (known.code.clone(), known.filling)
    }

    /// Only a person can do something about it: nothing is sent there until then.
    pub(crate) fn waits_for_a_person(&self) -> bool {
        let known = self.lock();
        known.stuck || known.code.as_deref().is_some_and(wants_a_person)
    }

    /// What waits is sent no sooner than in a while, longer each time. The reader finds out how the CRM is.
    pub(crate) fn put_off(&self) {
        {
            let mut known = self.lock();
            if known.link.is_none() {
                return;
            }
            known.put_off = (known.put_off + 1).min(6);
            known.not_before = Some(Instant::now() + Duration::from_secs(1 << known.put_off));
        }
        self.wake.notify_one();
    }

    /// It took something, or is back.
    pub(crate) fn goes_on(&self) {
        let mut known = self.lock();
        (known.not_before, known.put_off) = (None, 0);
    }

    /// How long nothing is sent there.
    pub(crate) fn quiet(&self) -> Option<Duration> {
        let left = self.lock().not_before?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn wants_a_person(code: &str) -> bool {
    matches!(
        code,
        "crm_sign_in_again"
            | "secrets_missing"
            | "secrets_locked"
            | "policy_forbids"
            | "no_oauth_client"
            | "invalid_input"
    )
}
