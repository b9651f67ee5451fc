//! Tells the server what a person did, in order, also after a restart.

use super::Wake;
use crate::{Engine, backoff::Backoff};
use clientele_store::Account;
use std::{sync::Arc, time::Duration};

/// How long the connection is kept after the last change: a person who files mail does so in bursts.
const LINGER: Duration = Duration::from_secs(60);

pub(super) async fn run(engine: Engine, account: Account, wake: Arc<Wake>) {
    let mut backoff = Backoff::default();
    let mut client = engine.client(&account);
    let mut at_once = Duration::ZERO;
    loop {
        let id = account.id;
        let due = engine.store(move |store| store.operation_due(id)).await.ok().flatten();
        let wait = match due {
            // A clock that was set back since must not hold up what a person did; and what is due may still have to wait for
            // an earlier change of the same mail.
            Some(due) => match due.saturating_sub(engine.now()) {
                seconds @ 1..=600 => Duration::from_secs(seconds as u64),
                _ => std::mem::replace(&mut at_once, Duration::from_secs(1)),
            },
            None => LINGER,
        };
        tokio::select! {
            _ = wake.stop.cancelled() => break,
            _ = wake.operations.notified() => {}
            () = client.in_the_way() => {
                client.close().await;
                continue;
            }
            _ = tokio::time::sleep(wait) => {
                if due.is_none() {
                    client.close().await;
                    tokio::select! {
                        _ = wake.stop.cancelled() => break,
                        _ = wake.operations.notified() => {}
                    }
                }
            }
        }
        let replayed = tokio::select! {
            _ = wake.stop.cancelled() => break,
            replayed = client.replay(engine.now()) => replayed,
        };
        match replayed {
            Ok(_) => backoff.succeeded(),
            Err(error) => {
                client.close().await;
                client = engine.client(&account);
                let wait = backoff.failed();
                tracing::info!(account = %id, code = error.code(), seconds = wait.as_secs(), "operations wait");
                // A person who acts again wants it now.
                if !wake.rest(error.code(), wait, &wake.operations).await {
                    break;
                }
                wake.operations.notify_one();
            }
        }
    }
    client.close().await;
}
