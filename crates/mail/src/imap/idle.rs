//! Waiting for the server to speak: IDLE (RFC 2177) on one folder, and where it is offered NOTIFY (RFC 5465) on all.

use super::{
    Client,
    session::{Session, judge},
    sign_in::PATIENCE,
    value::{Condition, Response},
};
use crate::MailError;
use clientele_model::FolderId;
use std::{
    collections::BTreeSet,
    net::IpAddr,
    time::{Duration, SystemTime},
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};

/// Asked again this often: shorter than the ten minutes after which some gateways forget a connection.
const RENEW: Duration = Duration::from_secs(9 * 60);
/// How often to look whether the computer slept or changed its network.
const GLANCE: Duration = Duration::from_secs(10);
/// A living server begins and ends IDLE at once. With a glance before it, a dead connection is known within 30 seconds.
const END: Duration = Duration::from_secs(10);
/// Between looks where the server has no IDLE, or none that works.
const POLL: Duration = Duration::from_secs(60);
/// Before the connection is opened again that somebody else waited for.
const ASIDE: Duration = Duration::from_millis(500);
/// News of more folders than these is no news of single folders.
pub(super) const MOST_ELSEWHERE: usize = 10_000;

/// Why waiting ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Woken {
    /// The server has something new in the folder: sync it.
    Server,
    /// In these other folders: sync them.
    Elsewhere(Vec<FolderId>),
    /// Folders were made, renamed or removed: list them again.
    Folders,
    /// `wake` was notified.
    Asked,
}

impl Client {
    /// Waits until the folder changes on the server, or `wake` is notified. Gives `Server` at once where the folder has
    /// moved on since its last sync. An error means that the connection is gone: sync after connecting again.
    pub async fn idle(&mut self, folder: FolderId, wake: &Notify) -> Result<Woken, MailError> {
        loop {
            let result = self.wait(folder, wake).await;
            match self.settle(result)? {
                Some(woken) => return Ok(woken),
                None => {
                    self.close().await;
                    // Who waits goes first.
                    sleep(ASIDE).await;
                }
            }
        }
    }

    /// None: somebody else waits for the connection.
    async fn wait(&mut self, folder: FolderId, wake: &Notify) -> Result<Option<Woken>, MailError> {
        let lanes = self.lanes();
        let folder = self.store(move |store| store.folder(folder)).await?;
        let fresh = self.session().await?.selected().is_none_or(|open| open.server_name != folder.server_name);
        let selected = self.open_to_sync(&folder, false).await?;
        // What came between the last sync and this connection was announced to nobody.
        let behind = selected.uid_validity != folder.state.uid_validity
            || selected.uid_next > folder.state.uid_next
            || selected.highest_modseq > folder.state.highest_modseq;
        let no_idle = self.no_idle;
        let session = self.session().await?;
        if (fresh && behind) || session.take_changed() {
            return Ok(Some(Woken::Server));
        }
        session.notify_all().await?;
        loop {
            if let Some(woken) = self.elsewhere(&folder.server_name).await? {
                return Ok(Some(woken));
            }
            let session = self.session().await?;
            if no_idle || !session.has("IDLE") {
                tokio::select! {
                    () = wake.notified() => return Ok(Some(Woken::Asked)),
                    () = lanes.wanted() => return Ok(None),
                    () = sleep(POLL) => {}
                }
                session.run("NOOP", |_| {}).await?;
                if session.take_changed() {
                    return Ok(Some(Woken::Server));
                }
                continue;
            }
            let tag = match timeout(END, session.idle_begin()).await {
                Ok(Ok(tag)) => tag,
                Ok(Err(error)) if error.breaks() => return Err(error),
                // It offers what it does not do: from now on it is asked now and then.
                Ok(Err(_)) => {
                    self.no_idle = true;
                    return Ok(Some(Woken::Asked));
                }
                Err(_) => {
                    self.no_idle = true;
                    return Err(MailError::Timeout);
                }
            };
            let renew = Instant::now() + RENEW;
            let (mut asked, mut aside) = (false, false);
            let mut glance = Glance::now(session.wire.stream().way_out());
            while !asked && !aside && !session.is_changed() && !session.is_elsewhere() && Instant::now() < renew {
                tokio::select! {
                    heard = session.idle_hear() => heard?,
                    () = wake.notified() => asked = true,
                    () = lanes.wanted() => aside = true,
                    () = sleep(GLANCE) => {
                        // The connection may be dead without knowing it: ending IDLE finds out.
                        if glance.differs(session.wire.stream().way_out()) {
                            tracing::debug!("the computer slept or changed its network");
                            break;
                        }
                    }
                }
            }
            session.idle_end(&tag, END).await?;
            if session.take_changed() {
                return Ok(Some(Woken::Server));
            }
            if asked {
                return Ok(Some(Woken::Asked));
            }
            if aside {
                return Ok(None);
            }
        }
    }

    /// What NOTIFY told of other folders than the open one.
    async fn elsewhere(&mut self, open: &str) -> Result<Option<Woken>, MailError> {
        let (names, list) = self.session().await?.take_elsewhere();
        if list {
            return Ok(Some(Woken::Folders));
        }
        let mut names: BTreeSet<String> = names;
        names.remove(open);
        if names.is_empty() {
            return Ok(None);
        }
        let account = self.account;
        let folders = self.store(move |store| store.folders(account)).await?;
        let ids: Vec<FolderId> = folders
            .iter()
            .filter(|folder| folder.selectable && names.contains(&folder.server_name))
            .map(|folder| folder.id)
            .collect();
        Ok(if ids.is_empty() { None } else { Some(Woken::Elsewhere(ids)) })
    }
}

/// How the computer's clocks and network were at the last look.
struct Glance {
    wall: SystemTime,
    running: Instant,
    way_out: Option<IpAddr>,
}

impl Glance {
    fn now(way_out: Option<IpAddr>) -> Glance {
        Glance { wall: SystemTime::now(), running: Instant::now(), way_out }
    }

    /// Whether the computer slept, or reaches the server from another address, since the last look one [`GLANCE`] ago.
    fn differs(&mut self, way_out: Option<IpAddr>) -> bool {
        let before = std::mem::replace(self, Glance::now(way_out));
        // A clock that was set back has no time passed.
        let wall = self.wall.duration_since(before.wall).unwrap_or(Duration::MAX);
        jumped(wall, self.running - before.running) || before.way_out != way_out
    }
}

/// Systems differ in which of their clocks stands still during sleep: one that ran on is enough.
fn jumped(wall: Duration, running: Duration) -> bool {
    wall.max(running) > GLANCE + Duration::from_secs(5)
}

impl Session {
    /// Asks for news of every folder, once a connection. A server that has too many to watch says so, and is polled.
    async fn notify_all(&mut self) -> Result<(), MailError> {
        if self.notifying || !self.has("NOTIFY") {
            return Ok(());
        }
        self.notifying = true;
        const EVENTS: &str = "MessageNew MessageExpunge FlagChange";
        let command = format!("NOTIFY SET (selected ({EVENTS})) (personal ({EVENTS} MailboxName))");
        match self.run(&command, |_| {}).await {
            Err(error) if error.breaks() => Err(error),
            told => {
                self.notified = told.is_ok();
                Ok(())
            }
        }
    }

    /// Begins IDLE and gives its tag.
    async fn idle_begin(&mut self) -> Result<String, MailError> {
        let tag = self.send("IDLE").await?;
        loop {
            match self.read().await? {
                Response::Continue(_) => return Ok(tag),
                Response::Done { tag: done, status } if done == tag => {
                    judge(status)?;
                    return Err(MailError::Protocol("IDLE ended before it began"));
                }
                other => self.notice(&other),
            }
        }
    }

    /// Waits for anything that the server says by itself. Safe to drop.
    async fn idle_hear(&mut self) -> Result<(), MailError> {
        // Silence is what IDLE is for: only the caller's clock ends it.
        let patience = std::mem::replace(&mut self.wire.patience, Duration::from_secs(24 * 3600));
        self.wire.rest();
        let heard = self.read().await;
        self.wire.patience = patience;
        match heard? {
            Response::Status(status) if status.condition == Condition::Bye => Err(MailError::Closed),
            Response::Done { .. } => Err(MailError::Protocol("IDLE ended by itself")),
            other => {
                self.notice(&other);
                Ok(())
            }
        }
    }

    async fn idle_end(&mut self, tag: &str, within: Duration) -> Result<(), MailError> {
        self.wire.patience = PATIENCE;
        self.wire.write(b"DONE\r\n").await?;
        timeout(within, self.finish(tag, |_| {})).await.map_err(|_| MailError::Timeout)?.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleep_shows_on_either_clock_and_a_new_network_by_its_address() {
        assert!(!jumped(GLANCE, GLANCE + Duration::from_millis(900)), "a busy computer has not slept");
        assert!(jumped(Duration::from_secs(3600), GLANCE), "asleep with its clock stopped");
        assert!(jumped(GLANCE, Duration::from_secs(3600)));
        let here: Option<IpAddr> = Some([10, 0, 0, 2].into());
        let mut glance = Glance::now(here);
        assert!(!glance.differs(here));
        assert!(glance.differs(None), "no network any more");
        assert!(!glance.differs(None), "told once");
    }
}
