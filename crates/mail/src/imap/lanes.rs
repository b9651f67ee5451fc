//! How many connections an account has at a time: no more than its provider allows, and fewer where the server refuses one.
//! Who waits for one is let in by those who hold theirs for nothing but listening.

use crate::MailError;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

/// So long nothing more is tried than the server took at its last refusal: other programs of the same person come and go.
const FEWER: Duration = Duration::from_secs(600);
/// Who waits longer is told so.
const LONGEST: Duration = Duration::from_secs(180);
/// Who waits looks again after this: that a refusal is long past is told by nobody.
const AGAIN: Duration = Duration::from_secs(5);

/// An account's connections.
#[derive(Debug)]
pub struct Lanes {
    most: usize,
    state: Mutex<State>,
    freed: Notify,
    wanted: Notify,
}

#[derive(Debug, Default)]
struct State {
    open: usize,
    waiting: usize,
    /// What the server took, and when that was.
    fewer: Option<(usize, Instant)>,
}

/// The right to one connection.
#[derive(Debug)]
pub(super) struct Lane(Arc<Lanes>);

/// Somebody who waits.
struct Waiting<'a>(&'a Lanes);

impl Lanes {
    /// At most so many, and at least one.
    pub fn new(most: u32) -> Arc<Lanes> {
        let most = most.max(1) as usize;
        Arc::new(Lanes { most, state: Mutex::default(), freed: Notify::new(), wanted: Notify::new() })
    }

    /// How many there may be now.
    pub fn limit(&self) -> usize {
        limit(self.most, &self.state())
    }

    /// Whether somebody waits for a connection and there is none to be had.
    pub fn is_wanted(&self) -> bool {
        let state = self.state();
        state.waiting > 0 && state.open >= limit(self.most, &state)
    }

    /// Until that is so.
    pub async fn wanted(&self) {
        loop {
            let wanted = self.wanted.notified();
            tokio::pin!(wanted);
            wanted.as_mut().enable();
            if self.is_wanted() {
                return;
            }
            wanted.await;
        }
    }

    /// Waits until there is room for one more.
    pub(super) async fn enter(self: &Arc<Self>) -> Result<Lane, MailError> {
        timeout(LONGEST, self.room()).await.map_err(|_| MailError::Refused {
            text: "[LIMIT] all connections of this account are in use".into(),
            temporary: true,
        })
    }

    async fn room(self: &Arc<Self>) -> Lane {
        let mut waiting = None;
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            {
                let mut state = self.state();
                if state.open < limit(self.most, &state) {
                    state.open += 1;
                    return Lane(self.clone());
                }
                if waiting.is_none() {
                    state.waiting += 1;
                    waiting = Some(Waiting(self));
                }
            }
            self.wanted.notify_waiters();
            let _ = timeout(AGAIN, freed).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    /// The server took no further connection. False: this was the only one of ours, and waiting for others is no use.
    pub(super) fn refused(&self) -> bool {
        let mut state = self.0.state();
        let others = state.open.saturating_sub(1);
        if others == 0 {
            return false;
        }
        tracing::info!(connections = others, "the server takes no more of them");
        state.fewer = Some((others, Instant::now()));
        true
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.0.state().open -= 1;
        self.0.freed.notify_waiters();
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

fn limit(most: usize, state: &State) -> usize {
    match state.fewer {
        Some((fewer, since)) if since.elapsed() < FEWER => fewer.min(most),
        _ => most,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_let_in_and_a_refusal_leaves_what_there_is() {
        let lanes = Lanes::new(3);
        let (one, two) = (lanes.enter().await.unwrap(), lanes.enter().await.unwrap());
        let third = lanes.enter().await.unwrap();
        assert!(third.refused() && lanes.limit() == 2);
        drop(third);
        assert!(!lanes.is_wanted());
        let waiter = tokio::spawn({
            let lanes = lanes.clone();
            async move { lanes.enter().await }
        });
        lanes.wanted().await;
        drop(one);
        let got = waiter.await.unwrap().unwrap();
        assert!(!lanes.is_wanted());
        // Who gave up is not waited for.
        assert!(timeout(Duration::from_secs(1), lanes.enter()).await.is_err());
        assert!(!lanes.is_wanted());
        assert!(matches!(lanes.enter().await, Err(MailError::Refused { temporary: true, .. })));
        drop((got, two));
        assert!(!lanes.enter().await.unwrap().refused(), "nobody else of ours is there");
    }
    #[tokio::test(start_paused = true)]
    async fn who_waits_hears_that_a_refusal_is_long_past() {
        let lanes = Lanes::new(2);
        let (one, two) = (lanes.enter().await.unwrap(), lanes.enter().await.unwrap());
        assert!(two.refused());
        drop(two);
        tokio::time::advance(FEWER - Duration::from_secs(60)).await;
        assert_eq!(lanes.limit(), 1);
        assert!(lanes.enter().await.is_ok(), "though nobody left");
        drop(one);
    }
}
