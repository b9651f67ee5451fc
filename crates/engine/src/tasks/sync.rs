//! Fetches what the server has, then listens. Inbox first; other folders follow; IDLE on the inbox.

use super::Wake;
use crate::{
    Engine, EngineError,
    account::{Progress, State, Status},
    backoff::Backoff,
};
use clientele_mail::imap::{self, Woken};
use clientele_model::FolderRole;
use clientele_store::{Account, Folder};
use std::{sync::Arc, time::Duration};

/// How often folders that nobody listens to are looked at.
const ROUND: Duration = Duration::from_secs(600);

pub(super) async fn run(engine: Engine, account: Account, wake: Arc<Wake>) {
    let mut backoff = Backoff::default();
    let mut client = engine.client(&account);
    loop {
        let result = tokio::select! {
            _ = wake.stop.cancelled() => break,
            result = round(&engine, &account, &mut client, &wake) => result,
        };
        let Err(error) = result else {
            backoff.succeeded();
            continue;
        };
        client.close().await;
        client = engine.client(&account);
        let wait = backoff.failed();
        tracing::info!(account = %account.id, code = error.code(), seconds = wait.as_secs(), "sync will try again");
        engine.status_set(account.id, Status::failed(&error));
        if !wake.rest(error.code(), wait, &wake.sync).await {
            break;
        }
    }
    client.close().await;
}

/// Every folder once, then the inbox as it comes. Ends well when somebody asks for another round.
async fn round(engine: &Engine, account: &Account, client: &mut imap::Client, wake: &Wake) -> Result<(), EngineError> {
    engine.status_set(account.id, Status::new(State::Syncing));
    let folders: Vec<Folder> = client.sync_folders().await?.into_iter().filter(|folder| folder.selectable).collect();
    // The sign-in works: whoever waited for that can go on.
    wake.mended.notify_waiters();
    let inbox = folders.iter().find(|folder| folder.role == FolderRole::Inbox).cloned();
    let first = inbox.iter().cloned();
    let others = folders.iter().filter(|folder| folder.role != FolderRole::Inbox).cloned();
    for folder in first.chain(others) {
        one(engine, account, client, &folder).await?;
    }
    engine.fetched(account.id).await;
    let Some(inbox) = inbox else {
        engine.status_set(account.id, Status::new(State::Idle));
        tokio::select! {
            _ = wake.sync.notified() => {}
            _ = tokio::time::sleep(ROUND) => {}
        }
        return Ok(());
    };
    loop {
        engine.status_set(account.id, Status::new(State::Idle));
        let woken = tokio::select! {
            woken = client.idle(inbox.id, &wake.sync) => woken?,
            () = rounds(wake) => continue,
        };
        match woken {
            Woken::Server => {
                one(engine, account, client, &inbox).await?;
                engine.fetched(account.id).await;
            }
            Woken::Asked => return Ok(()),
        }
    }
}

/// Asks for a round when one is due. Never ends: IDLE is left in its own way, not cut off.
async fn rounds(wake: &Wake) {
    loop {
        tokio::time::sleep(ROUND).await;
        wake.sync.notify_one();
    }
}

async fn one(
    engine: &Engine,
    account: &Account,
    client: &mut imap::Client,
    folder: &Folder,
) -> Result<(), EngineError> {
    let shown: imap::Report = {
        let (engine, account, name) = (engine.clone(), account.id, folder.name.clone());
        Arc::new(move |progress: imap::Progress| {
            let progress = Progress { done: progress.done, total: progress.total, folder: name.clone() };
            engine.status_set(account, Status { progress: Some(progress), ..Status::new(State::Syncing) });
        })
    };
    let synced = client.sync_folder(folder.id, account.days, engine.now(), shown).await?;
    if folder.role == FolderRole::Inbox && !synced.first {
        engine.notify(account, synced.fresh).await;
    }
    Ok(())
}
