//! The duties that belong to no account.

use crate::{Engine, Role};
use clientele_model::Table;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// Archives what waits, and works out what mails are to the business. Woken by what changes in mails and in the CRM.
pub(super) async fn customers(engine: Engine) {
    let mut changes = engine.changes();
    loop {
        if let Err(error) = engine.archive_run().await {
            tracing::warn!(code = error.code(), "archiving");
        }
        for done in [engine.crm_work_run().await.map(drop), engine.waiting_run().await] {
            if let Err(error) = done {
                tracing::warn!(code = error.code(), "follow-ups");
            }
        }
        if let Err(error) = engine.pills_run().await {
            tracing::warn!(code = error.code(), "pills");
        }
        match engine.rules_run().await {
            // What they took is due now.
            Ok(taken) if taken > 0 => engine.0.archive_wake.notify_one(),
            Ok(_) => {}
            Err(error) => tracing::warn!(code = error.code(), "rules"),
        }
        let due = engine.store(|store| Ok([store.archive_due()?, store.crm_work_due()?])).await.unwrap_or_default();
        // While only a person can help, time does not.
        let due = match engine.0.crm_now.quiet() {
            _ if !engine.crm_may_be_asked() => None,
            Some(left) => Some(engine.now() + left.as_secs() as i64 + 1),
            None => due.into_iter().flatten().min(),
        };
        let due = due.into_iter().chain(engine.waiting_due().await).min();
        let wait = due.map_or(3600, |due| due.saturating_sub(engine.now()).clamp(2, 3600) as u64);
        tokio::select! {
            _ = engine.0.stop.cancelled() => return,
            _ = engine.0.archive_wake.notified() => {}
            _ = tokio::time::sleep(Duration::from_secs(wait)) => {}
            open = interesting(&mut changes) => if !open { return },
        }
        // A sync commits many times a second; its pills are worked out in one go.
        tokio::select! {
            _ = engine.0.stop.cancelled() => return,
            _ = tokio::time::sleep(Duration::from_millis(150)) => {}
        }
    }
}

/// Until a change that matters to the CRM; false when the feed has ended.
async fn interesting(changes: &mut tokio::sync::broadcast::Receiver<clientele_model::Change>) -> bool {
    loop {
        match changes.recv().await {
            Ok(change) if matches!(change.table, Table::Message | Table::Archive | Table::Crm) => return true,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        }
    }
}

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
