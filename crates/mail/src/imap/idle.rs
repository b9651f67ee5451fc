//! Waiting for the server to speak (RFC 2177).

use super::{
    Client,
    session::{Session, judge},
    sign_in::PATIENCE,
    value::{Condition, Response},
};
use crate::MailError;
use clientele_model::FolderId;
use std::time::{Duration, SystemTime};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};

/// Asked again this often: shorter than the ten minutes after which some gateways forget a connection.
const RENEW: Duration = Duration::from_secs(9 * 60);
/// How often to look whether the computer slept.
const GLANCE: Duration = Duration::from_secs(30);
/// A living server ends IDLE at once.
const END: Duration = Duration::from_secs(15);
/// Between looks where the server has no IDLE.
const POLL: Duration = Duration::from_secs(60);

/// Why waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// The server has something new in the folder: sync it.
    Server,
    /// `wake` was notified.
    Asked,
}

impl Client {
    /// Waits until the folder changes on the server, or `wake` is notified. Gives `Server` at once where the folder has
    /// moved on since its last sync. An error means that the connection is gone: sync after connecting again.
    pub async fn idle(&mut self, folder: FolderId, wake: &Notify) -> Result<Woken, MailError> {
        let result = self.wait(folder, wake).await;
        self.settle(result)
    }

    async fn wait(&mut self, folder: FolderId, wake: &Notify) -> Result<Woken, MailError> {
        let folder = self.store(move |store| store.folder(folder)).await?;
        let fresh = self.session().await?.selected().is_none_or(|open| open.server_name != folder.server_name);
        let (session, selected) = self.open_folder(&folder.server_name, false).await?;
        // What came between the last sync and this connection was announced to nobody.
        let behind = selected.uid_validity != folder.state.uid_validity
            || selected.uid_next > folder.state.uid_next
            || selected.highest_modseq > folder.state.highest_modseq;
        if (fresh && behind) || session.take_changed() {
            return Ok(Woken::Server);
        }
        loop {
            if !session.has("IDLE") {
                tokio::select! {
                    () = wake.notified() => return Ok(Woken::Asked),
                    () = sleep(POLL) => {}
                }
                session.run("NOOP", |_| {}).await?;
                if session.take_changed() {
                    return Ok(Woken::Server);
                }
                continue;
            }
            let tag = session.idle_begin().await?;
            let renew = Instant::now() + RENEW;
            let mut asked = false;
            let mut looked = SystemTime::now();
            while !asked && !session.is_changed() && Instant::now() < renew {
                tokio::select! {
                    heard = session.idle_hear() => heard?,
                    () = wake.notified() => asked = true,
                    () = sleep(GLANCE) => {
                        // After sleep the connection may be dead without knowing it: ending IDLE finds out.
                        let passed = looked.elapsed().unwrap_or_default();
                        looked = SystemTime::now();
                        if passed > 3 * GLANCE {
                            break;
                        }
                    }
                }
            }
            session.idle_end(&tag, END).await?;
            if session.take_changed() {
                return Ok(Woken::Server);
            }
            if asked {
                return Ok(Woken::Asked);
            }
        }
    }
}

impl Session {
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
