//! Sends what waits, when it is due.

use super::Wake;
use crate::{Engine, account::wants_a_person};
use clientele_store::Account;
use std::{sync::Arc, time::Duration};

pub(super) async fn run(engine: Engine, account: Account, wake: Arc<Wake>) {
    let id = account.id;
    // A mail that was on its way when the program ended may lie in Sent.
    let mut look = true;
    loop {
        let result = tokio::select! {
            _ = wake.stop.cancelled() => break,
            result = engine.outbox_run_account(&account, look) => result,
        };
        look = false;
        let failed = match result {
            Ok(_) => false,
            Err(error) if wants_a_person(error.code()) => {
                tracing::info!(account = %id, code = error.code(), "outbox waits for a sign-in");
                if !wake.rest(error.code(), Duration::ZERO, &wake.outbox).await {
                    break;
                }
                continue;
            }
            Err(error) => {
                tracing::info!(account = %id, code = error.code(), "outbox waits");
                true
            }
        };
        let due = engine.store(move |store| store.outbox_due(id)).await.ok().flatten();
        let wait = match due {
            Some(due) => due.saturating_sub(engine.now()).clamp(if failed { 10 } else { 1 }, 300) as u64,
            // A copy for Sent that could not be kept, or is not there yet, is looked for again.
            None if failed => 60,
            None if engine.store(move |store| store.outbox_unsaved(id)).await.is_ok_and(|all| !all.is_empty()) => 20,
            None => 3600,
        };
        tokio::select! {
            _ = wake.stop.cancelled() => break,
            _ = wake.outbox.notified() => {}
            _ = tokio::time::sleep(Duration::from_secs(wait)) => {}
        }
    }
}
