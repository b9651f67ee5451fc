//! What belongs to no account, and has nothing to do with the CRM.

use crate::{Engine, Role};
use std::time::Duration;

/// Notices what another process queued.
pub(super) async fn foreign(engine: Engine) {
    loop {
        tokio::select! {
            _ = engine.0.stop.cancelled() => return,
            _ = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        match engine.store(|store| store.poll_foreign()).await {
            Ok(true) if engine.role() == Role::Owner => {
                engine.wake_operations(None);
                engine.wake_outbox(None);
                engine.wake_history(None);
                engine.0.archive_wake.notify_one();
                // Another process may have accepted a certificate, or set a proxy.
                for applied in [engine.certificates_apply().await, engine.proxy_apply().await] {
                    if let Err(error) = applied {
                        tracing::warn!(code = error.code(), "applying what another process set");
                    }
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(code = error.code(), "looking for foreign changes"),
        }
    }
}

/// Once a day, of what only this computer has.
pub(super) async fn backups(engine: Engine) {
    loop {
        let now = engine.now();
        if let Err(error) = engine.store(move |store| store.backup_if_due(now)).await {
            tracing::warn!(code = error.code(), "backup of local.db");
        }
        let crm = engine.0.crm.clone();
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || crm.backup_if_due(now)).await {
            tracing::warn!(%error, "backup of crm.db");
        }
        tokio::select! {
            _ = engine.0.stop.cancelled() => return,
            _ = tokio::time::sleep(Duration::from_secs(3600)) => {}
        }
    }
}

/// Whether there is room on the disk, or again.
pub(super) async fn room(engine: Engine) {
    loop {
        tokio::select! {
            _ = engine.0.stop.cancelled() => return,
            _ = tokio::time::sleep(engine.0.config.room.every) => {}
        }
        engine.look_for_room().await;
    }
}
