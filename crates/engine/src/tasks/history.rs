//! All that is older than the window, backwards, in the background: where all mail is wanted, or somebody asked for it. Stands
//! back for everything that a person waits for, waits for room on the disk, and can be paused.

use super::{Wake, sync};
use crate::{Engine, EngineError, backoff::Backoff, engine::lock, room::no_room};
use clientele_mail::imap;
use clientele_model::{AccountId, Change, FolderId, Table};
use clientele_store::{Account, Folder};
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

/// Mails at a time: between two of these, whoever is in a hurry goes first.
const STEP: usize = 50;
/// The same on a connection that is shared with what a person opens: they wait for no more than these.
const SHARED_STEP: usize = 10;
/// Where an account may hold fewer connections, the one for single bodies is shared.
const OWN_CONNECTION: usize = 4;
/// Between two words about how far it is.
const TELL: Duration = Duration::from_secs(1);
/// How long to stand back before looking whether the way is free.
const STAND_BACK: Duration = Duration::from_millis(200);

/// How far the history of an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryState {
    /// Nobody asked for it.
    Off,
    /// Being fetched, or about to be.
    Running,
    /// A person has paused it.
    Paused,
    /// The disk is too full for it; it goes on when there is room.
    NoRoom,
    /// All is here.
    Whole,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    pub state: HistoryState,
    /// Mails fetched, of those that were missing when the program began to look; 0 before that.
    pub done: u64,
    /// Grows while folders are looked into.
    pub total: u64,
    /// None: not known, or nothing is being fetched.
    pub seconds_left: Option<u64>,
}

/// What the task knows of itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fetched {
    done: u64,
    total: u64,
    seconds_left: Option<u64>,
    /// Every folder that can be read was looked into, to its beginning.
    through: bool,
}

/// What a person said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Paused,
    Wanted,
    No,
}

impl Engine {
    /// How far the history of an account is.
    pub async fn history(&self, account: AccountId) -> Result<History, EngineError> {
        let account = self.store(move |store| store.account(account)).await?;
        let id = account.id;
        let folders = self.store(move |store| store.folders(id)).await?;
        let fetched = *lock(&self.wake_of(id).fetched);
        let folders: Vec<Folder> = folders.into_iter().filter(|folder| folder.selectable).collect();
        let all = !folders.is_empty() && folders.iter().all(imap::is_whole);
        let wish = self.history_wished(&account).await;
        let state = match wish {
            _ if all => HistoryState::Whole,
            Wish::Wanted if fetched.through => HistoryState::Whole,
            Wish::Wanted if self.disk_full() => HistoryState::NoRoom,
            Wish::Wanted => HistoryState::Running,
            Wish::Paused => HistoryState::Paused,
            Wish::No => HistoryState::Off,
        };
        let seconds_left = fetched.seconds_left.filter(|_| state == HistoryState::Running);
        Ok(History { state, done: fetched.done, total: fetched.total, seconds_left })
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
        self.store(move |store| {
            store.account(account)?;
            store.setting_set(&key(account), wish)
        })
        .await?;
        self.wake_of(account).history.notify_one();
        self.history_told(account);
        Ok(())
    }

    async fn history_wished(&self, account: &Account) -> Wish {
        let name = key(account.id);
        let wish = self.store(move |store| store.setting(&name)).await.ok().flatten();
        match wish.as_deref() {
            Some("paused") => Wish::Paused,
            Some("wanted") => Wish::Wanted,
            _ if account.days == 0 => Wish::Wanted,
            _ => Wish::No,
        }
    }

    fn history_told(&self, account: AccountId) {
        let _ = self.0.asides.send(Change { table: Table::Account, ids: vec![account.0] });
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
        if engine.history_wished(&account).await != Wish::Wanted {
            continue;
        }
        if engine.disk_full() {
            tokio::select! {
                _ = wake.stop.cancelled() => return,
                () = engine.0.room.there() => {}
                // A person may have paused it.
                _ = wake.history.notified() => {}
            }
            wake.history.notify_one();
            continue;
        }
        let mut own = engine.client(&account);
        let result = tokio::select! {
            _ = wake.stop.cancelled() => return,
            result = all(&engine, &account, &wake, &mut own) => result,
        };
        own.close().await;
        engine.history_told(account.id);
        match result {
            Ok(()) => backoff.succeeded(),
            Err(error) if error.code() == "disk_full" => {
                engine.0.room.ran_out();
                wake.history.notify_one();
            }
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
    let shared = engine.lanes(account).limit() < OWN_CONNECTION;
    let step = if shared { SHARED_STEP } else { STEP };
    let id = account.id;
    let folders = sync::in_order(engine.store(move |store| store.folders(id)).await?, &HashSet::new());
    let begun = Instant::now();
    let mut rested = Duration::ZERO;
    let mut told: Option<Instant> = None;
    let (mut done, mut total) = (0u64, 0u64);
    for folder in folders {
        if imap::is_whole(&folder) {
            continue;
        }
        let Some(mut past) = ask(engine, account, wake, own, shared, folder.id).await? else { continue };
        total += past.left() as u64;
        loop {
            let worked = begun.elapsed().saturating_sub(rested);
            let seconds_left = left(done, total, worked);
            *lock(&wake.fetched) = Fetched { done, total, seconds_left, through: false };
            if told.is_none_or(|last| last.elapsed() >= TELL) {
                told = Some(Instant::now());
                engine.history_told(id);
            }
            if engine.history_wished(account).await != Wish::Wanted {
                return Ok(());
            }
            if engine.0.room.glance() {
                return Err(no_room());
            }
            rested += stand_back(wake).await;
            let before = past.left();
            let over = if shared {
                let mut held = wake.bodies.lock().await;
                let mut client = held.take().unwrap_or_else(|| engine.client(account));
                let over = client.past_step(&mut past, step, engine.now()).await?;
                *held = Some(client);
                over
            } else {
                own.past_step(&mut past, step, engine.now()).await?
            };
            done += (before - past.left()) as u64;
            if over {
                break;
            }
        }
    }
    *lock(&wake.fetched) = Fetched { done, total, seconds_left: None, through: true };
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
