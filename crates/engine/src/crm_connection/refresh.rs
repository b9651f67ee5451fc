//! Reads what the CRM holds, and then what changed: in pages, kept as they come, so that a restart goes on.

use super::{Filling, open, wants_a_person};
use crate::{
    Engine, EngineError, Role,
    account::{State, Status},
};
use clientele_crm::{Crm, CrmError};
use clientele_model::AccountId;
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Between two looks for what changed.
const EVERY: Duration = Duration::from_secs(300);
/// A CRM that refused the sign-in is left in peace until somebody signs in, or so long.
const PEACE: Duration = Duration::from_secs(3600);
/// Where nothing but the CRM's administrator could help.
const SELDOM: Duration = Duration::from_secs(1800);
/// Between a failure and the next try, if the computer comes back online meanwhile.
const SOONEST: Duration = Duration::from_secs(5);
/// How often progress is told, and how often in the midst of it that there is more to show.
const TOLD: Duration = Duration::from_secs(1);
const SHOWN: Duration = Duration::from_secs(20);
/// Senders of the newest mails that are looked up after a refresh, and how many of them in one go.
const STRANGERS: u32 = 500;
const LOOKED_UP: usize = 40;

/// Fills what is on this computer and keeps it as the CRM is.
pub(crate) async fn run(engine: Engine) {
    let mut attempts = 0;
    let mut statuses = engine.statuses();
    loop {
        // Not held while it waits: a CRM that is left closes its files.
        let crm = Arc::downgrade(&engine.crm());
        let wait = match engine.crm_refresh_once().await {
            Ok(()) => {
                attempts = 0;
                EVERY
            }
            Err(error) => {
                attempts += 1;
                tracing::info!(code = error.code(), attempts, "the CRM is read again later");
                rest(&error, attempts)
            }
        };
        let unreachable = engine.0.crm_now.known().code.as_deref() == Some("crm_unavailable");
        let waiting = async {
            if !unreachable {
                return std::future::pending().await;
            }
            // Not sooner than the first of all tries: a line that comes and goes would be one long burst.
            let soonest = tokio::time::Instant::now() + SOONEST;
            let all = engine.statuses_now().into_iter();
            let offline = all.filter(|(_, now)| now.state == State::Offline).map(|(id, _)| id).collect();
            back_online(&mut statuses, offline).await;
            tokio::time::sleep_until(soonest).await;
        };
        tokio::select! {
            _ = engine.0.stop.cancelled() => return,
            _ = engine.0.crm_now.wake.notified() => attempts = 0,
            _ = waiting => {}
            _ = tokio::time::sleep(wait) => {}
        }
        if !crm.ptr_eq(&Arc::downgrade(&engine.crm())) {
            attempts = 0;
        }
        // Several that come back online at once are one reason.
        statuses = statuses.resubscribe();
    }
}

/// Until an account that was `offline` is so no more: that others go on as they did says nothing about the CRM.
async fn back_online(statuses: &mut Receiver<(AccountId, Status)>, mut offline: HashSet<AccountId>) {
    loop {
        match statuses.recv().await {
            Ok((id, Status { state: State::Offline, .. })) => drop(offline.insert(id)),
            Ok((id, Status { state: State::Idle | State::Syncing, .. })) if offline.remove(&id) => return,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// How long until the next try.
fn rest(error: &EngineError, attempts: u32) -> Duration {
    match error {
        error if wants_a_person(error.code()) => PEACE,
        EngineError::Crm(error) => match error.again_in(attempts) {
            Some(seconds) => Duration::from_secs(u64::from(seconds.max(2))),
            None => SELDOM,
        },
        _ => EVERY,
    }
}

impl Engine {
    /// Reads what changed, now: behind the caller where tasks run, else here.
    pub async fn crm_refresh(&self) -> Result<(), EngineError> {
        self.must_own()?;
        if self.0.config.tasks {
            self.0.crm_now.wake.notify_one();
            return Ok(());
        }
        self.crm_refresh_once().await
    }

    /// To the end, or to the first failure, which is then what the CRM's status says.
    pub(crate) async fn crm_refresh_once(&self) -> Result<(), EngineError> {
        let known = self.0.crm_now.known();
        if known.link.is_none() || self.role() != Role::Owner {
            return Ok(());
        }
        if known.stuck {
            self.crm_unstick().await?;
        }
        let crm = self.crm();
        let read = self.crm_read(&crm).await;
        if !Arc::ptr_eq(&crm, &self.crm()) {
            return Ok(());
        }
        let code = read.as_ref().err().map(|error| error.code().to_owned());
        let mended = code.is_none() && self.0.crm_now.known().code.is_some();
        let news = self.0.crm_now.change(|known| (known.code, known.filling) = (code, None));
        if news {
            self.crm_state_told();
        }
        if mended {
            self.0.crm_now.goes_on();
            self.0.archive_wake.notify_one();
        }
        read?;
        self.strangers(&crm).await
    }

    /// Another try to make the link's CRM.
    async fn crm_unstick(&self) -> Result<(), EngineError> {
        let language = self.language().await;
        {
            let _sending = self.crm_nothing_sent().await;
            let _turn = self.0.crm_now.turn.lock().await;
            let known = self.0.crm_now.known();
            // Another was connected meanwhile.
            if !known.stuck {
                return Ok(());
            }
            let again = open(&self.0.parts(language.tag()), &self.0.crm, known.link)?;
            if let Some(code) = again.known().code {
                return Err(EngineError::Refused { code, detail: "the CRM cannot be used".into() });
            }
            self.0.crm_now.take(again);
        }
        // What was shown meanwhile was the embedded one's.
        self.crm_looks_another().await
    }

    async fn crm_read(&self, crm: &Arc<dyn Crm>) -> Result<(), EngineError> {
        self.secrets_ready()?;
        self.meet(crm).await?;
        let (mut read, mut changed) = (0, 0);
        let (mut told, mut shown, mut unshown) = (Instant::now(), Instant::now(), 0);
        loop {
            if self.0.stop.is_cancelled() {
                return Ok(());
            }
            let step = {
                let _turn = self.0.crm_now.turn.lock().await;
                if !Arc::ptr_eq(crm, &self.crm()) {
                    return Ok(());
                }
                tokio::select! {
                    // A page that is not waited for is asked for again.
                    _ = self.0.stop.cancelled() => return Ok(()),
                    step = crm.refresh() => step?,
                }
            };
            read += step.read;
            changed += step.changed + step.gone;
            unshown += step.changed + step.gone;
            if step.done {
                if step.full || changed > 0 {
                    self.store(|store| store.pills_reset()).await?;
                    self.0.archive_wake.notify_one();
                }
                {
                    let _turn = self.0.crm_now.turn.lock().await;
                    if !Arc::ptr_eq(crm, &self.crm()) {
                        return Ok(());
                    }
                    let (id, now) = (self.crm_link_id(), self.now());
                    self.store(move |store| store.crm_link_refreshed(id, now)).await?;
                    self.0.crm_now.change(|known| {
                        if let Some(link) = &mut known.link {
                            link.refreshed = now;
                        }
                    });
                }
                tracing::info!(full = step.full, read, changed, "the CRM is read");
                if unshown > 0 || step.full {
                    self.crm_told();
                }
                self.crm_state_told();
                return Ok(());
            }
            self.0.crm_now.change(|known| known.filling = Some(Filling { read, full: step.full }));
            if told.elapsed() >= TOLD || read == step.read {
                self.crm_state_told();
                told = Instant::now();
            }
            if unshown > 0 && shown.elapsed() >= SHOWN {
                self.crm_told();
                (shown, unshown) = (Instant::now(), 0);
            }
        }
    }

    /// Once a start: whether the sign-in is still the same person's, and what their card says today.
    async fn meet(&self, crm: &Arc<dyn Crm>) -> Result<(), EngineError> {
        let known = self.0.crm_now.known();
        let Some(link) = known.link.filter(|_| !known.met) else { return Ok(()) };
        let me = crm.me().await?;
        if me.id != link.user {
            // Somebody else's follow-ups and rights: what is here was read as another.
            return Err(CrmError::SignInAgain.into());
        }
        self.crm_link_card(crm, link.id, me.name, me.email).await?;
        self.0.crm_now.change(|known| known.met |= known.link.as_ref().is_some_and(|now| now.id == link.id));
        Ok(())
    }

    /// Keeps what the user's card says, unless the CRM was left while it was asked for.
    pub(super) async fn crm_link_card(
        &self,
        crm: &Arc<dyn Crm>,
        id: i64,
        name: String,
        email: String,
    ) -> Result<(), EngineError> {
        let _turn = self.0.crm_now.turn.lock().await;
        if !Arc::ptr_eq(crm, &self.crm()) {
            return Ok(());
        }
        let (kept, card) = (name.clone(), email.clone());
        if self.store(move |store| store.crm_link_user(id, &kept, &card)).await? {
            self.0.crm_now.change(|known| {
                if let Some(link) = &mut known.link {
                    (link.user_name, link.email) = (name, email);
                }
            });
        }
        Ok(())
    }

    /// Asks who the senders of the newest mails are that nobody here knows.
    async fn strangers(&self, crm: &Arc<dyn Crm>) -> Result<(), EngineError> {
        let senders = self.store(|store| store.strangers(STRANGERS)).await?;
        let asked = crm.clone();
        let unasked = move || senders.into_iter().filter(|email| asked.unasked(email).unwrap_or_default()).collect();
        let unasked: Vec<String> = tokio::task::spawn_blocking(unasked)
            .await
            .map_err(|_| EngineError::Internal("looking for strangers panicked"))?;
        let mut found = false;
        for email in unasked.into_iter().take(LOOKED_UP) {
            if self.0.stop.is_cancelled() || !Arc::ptr_eq(crm, &self.crm()) {
                break;
            }
            match crm.look_up(&email).await {
                Ok(news) => found |= news,
                // The next refresh goes on with them.
                Err(error) => {
                    tracing::info!(code = error.code(), "senders are looked up later");
                    break;
                }
            }
        }
        if found {
            self.store(|store| store.pills_reset()).await?;
            self.0.archive_wake.notify_one();
            self.crm_told();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{pin::pin, task::Poll};

    #[tokio::test]
    async fn only_coming_back_online_is_a_reason_to_try_again() {
        let (feed, mut statuses) = tokio::sync::broadcast::channel(16);
        let (one, two) = (AccountId(1), AccountId(2));
        let tell = |id, state| feed.send((id, Status::new(state))).expect("told");
        let mut back = pin!(back_online(&mut statuses, HashSet::from([two])));
        let mut ready = async || std::future::poll_fn(|cx| Poll::Ready(back.as_mut().poll(cx).is_ready())).await;
        // A sync that goes on as ever, and one that stays without a network.
        for state in [State::Syncing, State::Idle, State::Syncing, State::Idle] {
            tell(one, state);
            tell(two, State::Offline);
        }
        assert!(!ready().await);
        tell(one, State::Offline);
        tell(one, State::SignInNeeded);
        assert!(!ready().await);
        tell(one, State::Syncing);
        assert!(ready().await);
    }

    #[tokio::test]
    async fn what_was_asked_of_a_crm_that_was_left_meanwhile_does_not_bring_it_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let link = clientele_store::CrmLink {
            kind: "tryton".into(),
            place: "https://127.0.0.1:1/crm".into(),
            config: r#"{"server":"https://127.0.0.1:1","database":"crm"}"#.into(),
            ..clientele_store::CrmLink::default()
        };
        let first = Engine::start(crate::testkit::config(&folder)).await.expect("an engine");
        let id = first.store(move |store| store.crm_link_set(&link)).await.expect("linked");
        drop(first);
        let engine = Engine::start(crate::testkit::config(&folder)).await.expect("an engine");
        let crm = engine.crm();
        engine.crm_link_card(&crm, id, "Kari".into(), "kari@fjord.example".into()).await.expect("kept");
        let kept = engine.store(|store| store.crm_link()).await.expect("read").expect("a link");
        assert_eq!((kept.user_name.as_str(), kept.email.as_str()), ("Kari", "kari@fjord.example"));
        engine.crm_disconnect().await.expect("left");
        engine.crm_link_card(&crm, id, "Kari".into(), "kari@nord.example".into()).await.expect("let go");
        engine.store(move |store| store.crm_link_refreshed(id, 5)).await.expect("let go");
        assert_eq!(engine.store(|store| store.crm_link()).await.expect("read"), None);
        assert!(engine.0.crm_now.known().link.is_none());
    }
}
