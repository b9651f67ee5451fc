//! All that is older than the window, backwards, in the background: where all mail is wanted, or somebody asked for it. Stands
//! back for everything that a person waits for, and can be paused.

use super::{Wake, sync};
use crate::{Engine, EngineError, backoff::Backoff, engine::lock};
use clientele_mail::imap;
use clientele_model::{AccountId, FolderId};
use clientele_store::Account;
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

/// Mails at a time: between two of these, whoever is in a hurry goes first.
const STEP: usize = 50;
/// Where an account may hold fewer connections, the one for single bodies is shared.
const OWN_CONNECTION: u32 = 4;
/// How long to stand back before looking whether the way is free.
const STAND_BACK: Duration = Duration::from_millis(200);

/// How far the history of an account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Mails fetched, of those that were missing when the program began to look.
    pub done: u64,
    /// Grows while folders are looked into.
    pub total: u64,
    /// None: not known yet.
    pub seconds_left: Option<u64>,
    pub paused: bool,
}

impl Engine {
    /// How far the history of an account is; None where none is being fetched.
    pub fn history(&self, account: AccountId) -> Option<History> {
        lock(&self.wake_of(account).fetched).clone()
    }

    /// Fetches no further history of the account, also after a restart, until [`Engine::history_resume`].
    pub async fn history_pause(&self, account: AccountId) -> Result<(), EngineError> {
        self.history_wish(account, "paused").await
    }

    /// Fetches all mail of the account, however few days it is set to.
    pub async fn history_resume(&self, account: AccountId) -> Result<(), EngineError> {
        self.history_wish(account, "wanted").await
    }

    async fn history_wish(&self, account: AccountId, wish: &'static str) -> Result<(), EngineError> {
        self.store(move |store| store.setting_set(&key(account), wish)).await?;
        let wake = self.wake_of(account);
        if let Some(history) = lock(&wake.fetched).as_mut() {
            history.paused = wish == "paused";
        }
        wake.history.notify_one();
        Ok(())
    }

    /// Whether history is to be fetched now; and whether it was paused.
    async fn history_wanted(&self, account: &Account) -> (bool, bool) {
        let name = key(account.id);
        let wish = self.store(move |store| store.setting(&name)).await.ok().flatten();
        match wish.as_deref() {
            Some("paused") => (false, true),
            Some("wanted") => (true, false),
            _ => (account.days == 0, false),
        }
    }
}

fn key(account: AccountId) -> String {
    format!("history.{account}")
}

pub(super) async fn run(engine: Engine, account: Account, wake: Arc<Wake>) {
    let mut backoff = Backoff::default();
    // The first round of the sync has the way free, and says when it is through.
    loop {
        tokio::select! {
            _ = wake.stop.cancelled() => return,
            _ = wake.history.notified() => {}
        }
        if !engine.history_wanted(&account).await.0 {
            continue;
        }
        let mut own = engine.client(&account);
        let result = tokio::select! {
            _ = wake.stop.cancelled() => return,
            result = all(&engine, &account, &wake, &mut own) => result,
        };
        own.close().await;
        match result {
            Ok(()) => backoff.succeeded(),
            Err(error) => {
                let wait = backoff.failed();
                tracing::info!(account = %account.id, code = error.code(), seconds = wait.as_secs(), "history waits");
                if !wake.rest(error.code(), wait, &wake.history).await {
                    return;
                }
                wake.history.notify_one();
            }
        }
    }
}

/// Every folder's. Ends well where it is through, or paused.
async fn all(engine: &Engine, account: &Account, wake: &Wake, own: &mut imap::Client) -> Result<(), EngineError> {
    let shared = imap::quirks(&account.incoming.host).connections < OWN_CONNECTION;
    let id = account.id;
    let folders = sync::in_order(engine.store(move |store| store.folders(id)).await?, &HashSet::new());
    let begun = Instant::now();
    let mut rested = Duration::ZERO;
    let (mut done, mut total) = (0u64, 0u64);
    for folder in folders {
        if imap::is_whole(&folder) {
            continue;
        }
        let Some(mut past) = ask(engine, account, wake, own, shared, folder.id).await? else { continue };
        total += past.left() as u64;
        loop {
            let (wanted, paused) = engine.history_wanted(account).await;
            let worked = begun.elapsed().saturating_sub(rested);
            *lock(&wake.fetched) = Some(History { done, total, seconds_left: left(done, total, worked), paused });
            if !wanted {
                return Ok(());
            }
            rested += stand_back(wake).await;
            let before = past.left();
            let over = if shared {
                let mut held = wake.bodies.lock().await;
                let mut client = held.take().unwrap_or_else(|| engine.client(account));
                let over = client.past_step(&mut past, STEP, engine.now()).await?;
                *held = Some(client);
                over
            } else {
                own.past_step(&mut past, STEP, engine.now()).await?
            };
            done += (before - past.left()) as u64;
            if over {
                break;
            }
        }
    }
    *lock(&wake.fetched) = None;
    Ok(())
}

/// What is missing of a folder. None where the server does not let us see.
async fn ask(
    engine: &Engine,
    account: &Account,
    wake: &Wake,
    own: &mut imap::Client,
    shared: bool,
    folder: FolderId,
) -> Result<Option<imap::Past>, EngineError> {
    stand_back(wake).await;
    let asked = if shared {
        let mut held = wake.bodies.lock().await;
        let mut client = held.take().unwrap_or_else(|| engine.client(account));
        let asked = client.past(folder).await;
        *held = Some(client);
        asked
    } else {
        own.past(folder).await
    };
    match asked.map_err(EngineError::from) {
        Ok(past) => Ok(Some(past)),
        Err(error) if sync::is_folders(&error) && !error.retryable() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Until nobody is in a hurry; how long that took.
async fn stand_back(wake: &Wake) -> Duration {
    let since = Instant::now();
    while wake.is_busy() {
        tokio::time::sleep(STAND_BACK).await;
    }
    since.elapsed()
}

/// Seconds, from what was done so far; None before there is anything to go by.
fn left(done: u64, total: u64, worked: Duration) -> Option<u64> {
    let worked = worked.as_secs_f64();
    if done < STEP as u64 || worked < 1.0 {
        return None;
    }
    Some(((total.saturating_sub(done)) as f64 * worked / done as f64).ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_guessed_from_what_was_done() {
        assert_eq!(left(0, 1000, Duration::from_secs(9)), None);
        assert_eq!(left(250, 1000, Duration::from_secs(10)), Some(30));
        assert_eq!(left(1000, 1000, Duration::from_secs(10)), Some(0));
    }
}
