//! Whether there is room on the disk for more mail. What a person writes goes on without: it needs little, and a mailbox that
//! is fetched must not take the last of it.

use crate::{Engine, EngineError, account::Status, tasks::Wake};
use clientele_model::{AccountId, Change, Table};
use clientele_store::StoreError;
use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::sync::{broadcast, watch};

/// Bytes free on the profile's disk, passed in so that a test can choose them.
pub type Free = Arc<dyn Fn() -> std::io::Result<u64> + Send + Sync>;

/// How much of the disk is left to others.
#[derive(Clone)]
pub struct RoomConfig {
    /// Bytes: with less than this free, no mail is fetched. It goes on with a tenth more.
    pub least: u64,
    /// How often a full disk is looked at again.
    pub every: Duration,
    /// `None`: what the system says.
    pub free: Option<Free>,
}

impl Default for RoomConfig {
    fn default() -> Self {
        RoomConfig { least: 500 * 1024 * 1024, every: Duration::from_secs(30), free: None }
    }
}

/// Between two looks while mail is fetched: so long takes less than what is kept free.
const GLANCE: Duration = Duration::from_millis(500);

/// The last look, for all who fetch.
pub(crate) struct Room {
    config: RoomConfig,
    free: Free,
    full: watch::Sender<bool>,
    glanced: Mutex<Option<Instant>>,
    tell: broadcast::Sender<Change>,
}

impl Room {
    pub(crate) fn new(profile: &Path, config: RoomConfig, tell: broadcast::Sender<Change>) -> Self {
        let profile = profile.to_owned();
        let free = config.free.clone().unwrap_or_else(|| Arc::new(move || fs4::available_space(&profile)));
        let room = Room { config, free, full: watch::channel(false).0, glanced: Mutex::default(), tell };
        room.look();
        room
    }

    pub(crate) fn is_full(&self) -> bool {
        *self.full.borrow()
    }

    /// Looks; also whether there is room again. May wait for the disk.
    pub(crate) fn look(&self) {
        match (self.free)() {
            Ok(free) => {
                let least = self.config.least;
                // A tenth more, or one mail fetched would end it again.
                self.set(free < if self.is_full() { least.saturating_add(least / 10) } else { least }, free);
            }
            Err(error) => tracing::warn!(%error, "free disk space"),
        }
    }

    /// While something is fetched: now and then, and only whether the room has gone. True: it has.
    pub(crate) fn glance(&self) -> bool {
        let due = {
            let mut glanced = crate::engine::lock(&self.glanced);
            let due = glanced.is_none_or(|last| last.elapsed() >= GLANCE);
            if due {
                *glanced = Some(Instant::now());
            }
            due
        };
        if due && !self.is_full() {
            self.look();
        }
        self.is_full()
    }

    /// The disk took no more, whatever it says of itself (a quota, for example): the next look decides.
    pub(crate) fn ran_out(&self) {
        self.set(true, 0);
    }

    fn set(&self, full: bool, free: u64) {
        if self.full.send_replace(full) != full {
            tracing::warn!(full, megabytes = free / 1_048_576, "room on the disk");
            let _ = self.tell.send(Change { table: Table::Account, ids: Vec::new() });
        }
    }

    /// Until there is none.
    pub(crate) async fn gone(&self) {
        self.until(true).await;
    }

    /// Until there is some.
    pub(crate) async fn there(&self) {
        self.until(false).await;
    }

    async fn until(&self, full: bool) {
        // The sender is `self`: it cannot be gone.
        let _ = self.full.subscribe().wait_for(|now| *now == full).await;
    }
}

/// What an account says of itself while there is no room.
pub(crate) fn no_room() -> EngineError {
    StoreError::DiskFull.into()
}

impl Engine {
    /// So little is left on the disk that no mail is fetched; it goes on by itself when there is room.
    pub fn disk_full(&self) -> bool {
        self.0.room.is_full()
    }

    /// Waits until there is room for the account's mail, and says so meanwhile. Somebody who asks for mail has the disk
    /// looked at again. False: the account's tasks end.
    pub(crate) async fn room_for(&self, account: AccountId, wake: &Wake) -> bool {
        while self.disk_full() {
            self.status_set(account, Status::failed(&no_room()));
            tokio::select! {
                _ = wake.stop.cancelled() => return false,
                () = self.0.room.there() => {}
                _ = wake.sync.notified() => self.look_for_room().await,
            }
        }
        true
    }

    pub(crate) async fn look_for_room(&self) {
        let engine = self.clone();
        let _ = tokio::task::spawn_blocking(move || engine.0.room.look()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn room_that_is_gone_is_there_again_only_with_some_to_spare() {
        let free = Arc::new(AtomicU64::new(200));
        let read = free.clone();
        let config = RoomConfig {
            least: 100,
            free: Some(Arc::new(move || Ok(read.load(Ordering::Relaxed)))),
            ..RoomConfig::default()
        };
        let (tell, mut told) = broadcast::channel(8);
        let room = Room::new(Path::new("/nowhere"), config, tell);
        assert!(!room.glance());
        free.store(99, Ordering::Relaxed);
        room.look();
        assert!(room.is_full());
        free.store(105, Ordering::Relaxed);
        room.look();
        assert!(room.is_full(), "the next mail would end it");
        free.store(110, Ordering::Relaxed);
        assert!(room.glance(), "who fetches does not say that there is room again");
        room.look();
        assert!(!room.is_full());
        room.ran_out();
        assert!(room.is_full(), "the disk itself said so");
        assert_eq!(std::iter::from_fn(|| told.try_recv().ok()).count(), 3, "each turn is told once");
    }
}
