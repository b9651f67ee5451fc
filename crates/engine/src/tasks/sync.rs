//! Fetches what the server has, then listens: IDLE on the inbox, NOTIFY on the rest where it is offered, a look now and
//! then where it is not. What a person looks at first comes first.

use super::Wake;
use crate::{
    Engine, EngineError,
    account::{Progress, State, Status},
    backoff::{Backoff, Pace},
    room::no_room,
};
use clientele_mail::{
    MailError,
    imap::{self, Woken},
};
use clientele_model::{FolderId, FolderRole};
use clientele_store::{Account, Folder};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::time::Instant;

/// Days that are fetched at once where all mail is wanted: the rest is history, and comes in the background.
pub(crate) const WINDOW: u32 = 90;
/// A server on which so many folders fail one after the other has another problem than its folders.
const FAILURES: u32 = 3;
/// Between looks for an inbox where there is none.
const NO_INBOX: Duration = Duration::from_secs(600);

/// What the task knows beside the store; lost, it is found out again.
#[derive(Default)]
struct Listening {
    pace: Pace,
    /// Folders that failed in the last round: they come last in the next.
    failing: HashSet<FolderId>,
}

pub(super) async fn run(engine: Engine, account: Account, wake: Arc<Wake>) {
    let mut backoff = Backoff::default();
    let mut client = engine.client(&account);
    let mut listening = Listening::default();
    while engine.room_for(account.id, &wake).await {
        let result = tokio::select! {
            _ = wake.stop.cancelled() => break,
            result = round(&engine, &account, &mut client, &wake, &mut listening) => result,
        };
        let Err(error) = result else {
            backoff.succeeded();
            continue;
        };
        // It keeps what it learnt of the server, and connects again.
        client.close().await;
        if error.code() == "disk_full" {
            engine.0.room.ran_out();
            continue;
        }
        let wait = backoff.failed();
        tracing::info!(account = %account.id, code = error.code(), seconds = wait.as_secs(), "sync will try again");
        engine.status_set(account.id, Status::failed(&error));
        if !wake.rest(error.code(), wait, &wake.sync).await {
            break;
        }
    }
    client.close().await;
}

/// Every folder once, then the inbox as it comes. Ends well when another round is due.
async fn round(
    engine: &Engine,
    account: &Account,
    client: &mut imap::Client,
    wake: &Wake,
    listening: &mut Listening,
) -> Result<(), EngineError> {
    engine.status_set(account.id, Status::new(State::Syncing));
    let folders = in_order(client.sync_folders().await?, &listening.failing);
    // The sign-in works: whoever waited for that can go on.
    wake.mended.notify_waiters();
    let inbox = folders.iter().find(|folder| folder.role == FolderRole::Inbox).cloned();
    let changed = every(engine, account, client, wake, &folders, listening).await?;
    engine.round_over(account);
    engine.fetched(account.id).await;
    wake.history.notify_one();
    let Some(inbox) = inbox else {
        engine.status_set(account.id, Status::new(State::Idle));
        tokio::select! {
            _ = wake.sync.notified() => {}
            _ = tokio::time::sleep(NO_INBOX) => {}
        }
        return Ok(());
    };
    let due = Instant::now() + listening.pace.next(changed, client.tells_all());
    loop {
        engine.status_set(account.id, Status::new(State::Idle));
        let woken = tokio::select! {
            woken = client.idle(inbox.id, &wake.sync) => woken?,
            () = remind(wake, due) => continue,
        };
        match woken {
            Woken::Server => {
                one(engine, account, client, wake, &inbox).await?;
                engine.round_over(account);
                engine.fetched(account.id).await;
            }
            Woken::Elsewhere(ids) => {
                let news: Vec<Folder> = folders.iter().filter(|folder| ids.contains(&folder.id)).cloned().collect();
                if news.len() < ids.len() {
                    return Ok(());
                }
                every(engine, account, client, wake, &news, listening).await?;
                engine.round_over(account);
            }
            Woken::Folders | Woken::Asked => return Ok(()),
        }
    }
}

/// Asks for a round when one is due. Never ends: IDLE is left in its own way, not cut off.
async fn remind(wake: &Wake, due: Instant) {
    tokio::time::sleep_until(due).await;
    loop {
        wake.sync.notify_one();
        tokio::time::sleep(NO_INBOX).await;
    }
}

/// Folders one after the other; whether any had changed. One that fails does not keep the others from theirs: the inbox's
/// failure alone is the account's.
async fn every(
    engine: &Engine,
    account: &Account,
    client: &mut imap::Client,
    wake: &Wake,
    folders: &[Folder],
    listening: &mut Listening,
) -> Result<bool, EngineError> {
    let mut changed = false;
    let mut failures = 0;
    for folder in folders {
        match one(engine, account, client, wake, folder).await {
            Ok(new) => {
                failures = 0;
                listening.failing.remove(&folder.id);
                changed |= new && folder.role != FolderRole::Inbox;
            }
            Err(error) if folder.role != FolderRole::Inbox && is_folders(&error) => {
                // A server that lists what it does not have still answers.
                failures += u32::from(!is_refused(&error));
                tracing::warn!(account = %account.id, folder = folder.id.0, code = error.code(), "a folder waits");
                listening.failing.insert(folder.id);
                if failures >= FAILURES {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(changed)
}

/// Whether an error may be about one folder only.
pub(crate) fn is_folders(error: &EngineError) -> bool {
    use MailError::{Closed, Gone, Protocol, Refused, Timeout, TooLarge};
    matches!(error, EngineError::Mail(Refused { .. } | Gone | Protocol(_) | Closed | Timeout | TooLarge { .. }))
}

/// Whether the server does not let this folder be opened, now or later: nothing that another try would mend.
pub(crate) fn is_refused(error: &EngineError) -> bool {
    matches!(error, EngineError::Mail(MailError::Refused { temporary: false, .. }))
}

/// What a person looks at first: the inbox, what they sent, the rest, and what is thrown away. Those that failed last
/// time stand behind.
pub(crate) fn in_order(folders: Vec<Folder>, failing: &HashSet<FolderId>) -> Vec<Folder> {
    let place = |folder: &Folder| match folder.role {
        FolderRole::Inbox => 0,
        FolderRole::Sent => 1,
        FolderRole::Drafts => 2,
        FolderRole::Done => 3,
        FolderRole::Other => 4,
        FolderRole::Trash => 5,
        FolderRole::Junk => 6,
    };
    let mut folders: Vec<Folder> = folders.into_iter().filter(|folder| folder.selectable).collect();
    folders.sort_by_key(|folder| (folder.role != FolderRole::Inbox && failing.contains(&folder.id), place(folder)));
    folders
}

async fn one(
    engine: &Engine,
    account: &Account,
    client: &mut imap::Client,
    wake: &Wake,
    folder: &Folder,
) -> Result<bool, EngineError> {
    let _busy = wake.busy();
    let shown: imap::Report = {
        let (engine, account, name) = (engine.clone(), account.id, folder.name.clone());
        Arc::new(move |progress: imap::Progress| {
            engine.0.room.glance();
            let progress = Progress { done: progress.done, total: progress.total, folder: name.clone() };
            engine.status_set(account, Status { progress: Some(progress), ..Status::new(State::Syncing) });
        })
    };
    let days = if account.days == 0 { WINDOW } else { account.days };
    let synced = tokio::select! {
        synced = client.sync_folder(folder.id, days, engine.now(), shown) => synced?,
        () = engine.0.room.gone() => return Err(no_room()),
    };
    client.give_way().await;
    if !synced.first {
        engine.arrived(account, synced.fresh);
    }
    Ok(synced.changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clientele_model::AccountId;
    use clientele_store::FolderState;

    fn folder(id: i64, role: FolderRole) -> Folder {
        Folder {
            id: FolderId(id),
            account: AccountId(1),
            path: id.to_string(),
            name: id.to_string(),
            server_name: id.to_string(),
            role,
            selectable: true,
            subscribed: true,
            mailbox_id: String::new(),
            label: false,
            unread: 0,
            total: 0,
            state: FolderState::default(),
        }
    }

    #[test]
    fn what_is_looked_at_first_comes_first_and_what_fails_last() {
        use FolderRole::{Inbox, Junk, Other, Sent};
        let folders = vec![folder(1, Junk), folder(2, Other), folder(3, Other), folder(4, Sent), folder(5, Inbox)];
        let order = |failing: &[i64]| -> Vec<i64> {
            let failing = failing.iter().map(|id| FolderId(*id)).collect();
            in_order(folders.clone(), &failing).iter().map(|folder| folder.id.0).collect()
        };
        assert_eq!(order(&[]), [5, 4, 2, 3, 1]);
        assert_eq!(order(&[2, 5]), [5, 4, 3, 1, 2], "a folder that fails does not stand before the others");
    }

    #[test]
    fn a_lost_network_is_not_a_folders_fault() {
        let refused = MailError::Refused { text: "no".into(), temporary: false };
        assert!(is_folders(&refused.into()));
        assert!(!is_folders(&MailError::SignInRefused("no".into()).into()));
    }
}
