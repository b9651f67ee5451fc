//! Whether new mail is worth a notification, and when one is to be taken back.

mod choice;
mod decide;
#[cfg(test)]
mod tests;

pub use choice::{Notify, QuietHours, Switches};
pub(crate) use choice::{key as folder_key, may_tell, read, write};

use crate::{Engine, EngineError, Notice, engine::lock};
use clientele_model::{AccountId, FolderId, MessageId, Table};
use clientele_store::{Account, CrmState, Folder, Row, Store, StoreError};
use decide::Known;
use jiff::{Timestamp, Zoned, tz::TimeZone};
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::sync::broadcast::{self, error::RecvError};

/// Where a round of fetching takes longer, its mails are told before it is over.
const ROUND: Duration = Duration::from_secs(5);
/// How long the CRM has to say whose mail it is.
const WHOSE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(200);
/// Notifications that can still be taken back.
const SHOWN: usize = 200;

/// What has come, and what was told of it. Lost with the program: the mails are in the list.
pub(crate) struct Desk {
    notices: broadcast::Sender<Notice>,
    withdrawn: broadcast::Sender<u32>,
    last: AtomicU32,
    /// Of an account's round that is not over.
    round: Mutex<HashMap<AccountId, Vec<MessageId>>>,
    known: Mutex<Known>,
    shown: Mutex<VecDeque<Shown>>,
}

struct Shown {
    id: u32,
    mails: Vec<(MessageId, FolderId)>,
}

impl Default for Desk {
    fn default() -> Self {
        Desk {
            notices: broadcast::channel(64).0,
            withdrawn: broadcast::channel(64).0,
            last: AtomicU32::default(),
            round: Mutex::default(),
            known: Mutex::default(),
            shown: Mutex::default(),
        }
    }
}

impl Engine {
    /// New mail worth telling about, for the shell to show.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.0.desk.notices.subscribe()
    }

    /// Notices by their id whose mails are read, done or gone, here or elsewhere: nobody needs to be told any more.
    pub fn withdrawn(&self) -> broadcast::Receiver<u32> {
        self.0.desk.withdrawn.subscribe()
    }

    /// Which folders' new mail is told.
    pub async fn folders_told(&self) -> Result<Switches, EngineError> {
        self.store(Switches::read).await
    }

    /// Has a folder's new mail told, or not. Invalid for folders nobody is told of: Junk, Trash, Drafts and Sent.
    pub async fn folder_notify(&self, folder: FolderId, notify: bool) -> Result<Folder, EngineError> {
        let folder = self.folder(folder).await?;
        if notify && !may_tell(folder.role) {
            return Err(EngineError::Invalid("nobody is told of new mail there".into()));
        }
        let key = folder_key(folder.account, &folder.path);
        self.store(move |store| store.setting_set(&key, if notify { "yes" } else { "no" })).await?;
        let id = folder.id.0;
        let _ = self.0.asides.send(clientele_model::Change { table: Table::Folder, ids: vec![id] });
        Ok(folder)
    }

    /// A folder has another path now: what was chosen for it goes along, also for those inside.
    pub async fn folder_notify_moved(&self, account: AccountId, from: &str, to: &str) -> Result<(), EngineError> {
        let (from, to) = (folder_key(account, from), folder_key(account, to));
        self.store(move |store| {
            for (key, value) in store.settings()? {
                let Some(rest) = key.strip_prefix(&from).filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
                    continue;
                };
                store.setting_set(&format!("{to}{rest}"), &value)?;
                store.setting_forget(&key)?;
            }
            Ok(())
        })
        .await
    }

    /// Mails have just arrived in a folder.
    pub(crate) fn arrived(&self, account: &Account, fresh: Vec<MessageId>) {
        if fresh.is_empty() {
            return;
        }
        lock(&self.0.desk.known).arrived(&fresh);
        let begun = {
            let mut round = lock(&self.0.desk.round);
            let begun = !round.contains_key(&account.id);
            round.entry(account.id).or_default().extend(fresh);
            begun
        };
        if !begun {
            return;
        }
        let (engine, account) = (self.clone(), account.clone());
        tokio::spawn(async move {
            let grouped = engine.settings().await.is_ok_and(|settings| settings.notify.grouped);
            if grouped {
                tokio::time::sleep(ROUND).await;
            }
            engine.tell(&account).await;
        });
    }

    /// An account's round of fetching is over.
    pub(crate) fn round_over(&self, account: &Account) {
        if lock(&self.0.desk.round).contains_key(&account.id) {
            let (engine, account) = (self.clone(), account.clone());
            tokio::spawn(async move { engine.tell(&account).await });
        }
    }

    /// Tells of what has arrived since the last time.
    async fn tell(&self, account: &Account) {
        let Some(fresh) = lock(&self.0.desk.round).remove(&account.id) else { return };
        let told = async {
            let settings = self.settings().await?;
            let notify = settings.notify;
            let quiet = notify.quiet.as_ref().is_some_and(|quiet| quiet.cover(&self.wall_clock()));
            if !settings.notifications || quiet || notify.muted.contains(&account.id) {
                return Ok(());
            }
            let engine = self.clone();
            let rows = self.store(move |store| worth(store, &engine, &fresh)).await?;
            let rows = if notify.customers_only { self.of_customers(rows).await? } else { rows };
            let desk = &self.0.desk;
            for rows in decide::portions(rows, notify.grouped) {
                let id = desk.last.fetch_add(1, Ordering::Relaxed) + 1;
                let Some(notice) = decide::notice(id, account.id, &rows) else { continue };
                let mails = rows.iter().map(|row| (row.id, row.folder)).collect();
                {
                    let mut shown = lock(&desk.shown);
                    shown.push_back(Shown { id, mails });
                    while shown.len() > SHOWN {
                        shown.pop_front();
                    }
                }
                // Nobody listens where there is no window.
                let _ = desk.notices.send(notice);
            }
            // Some may have been read while it was decided.
            self.withdraw(&[]).await
        };
        if let Err(error) = told.await {
            tracing::warn!(account = %account.id, code = error.code(), "new mail not told");
        }
    }

    /// Tells that nobody has answered a mail. False where it is to be told later: the hours are quiet.
    pub(crate) async fn remind(&self, row: &Row) -> Result<bool, EngineError> {
        let settings = self.settings().await?;
        if settings.notify.quiet.as_ref().is_some_and(|quiet| quiet.cover(&self.wall_clock())) {
            return Ok(false);
        }
        if settings.notifications && !settings.notify.muted.contains(&row.account) {
            let id = self.0.desk.last.fetch_add(1, Ordering::Relaxed) + 1;
            // Nobody listens where there is no window.
            let _ = self.0.desk.notices.send(Notice {
                id,
                account: row.account,
                author: row.to.first().cloned().unwrap_or_else(|| row.from.clone()),
                subject: row.subject.clone(),
                message: row.id,
                messages: vec![row.id],
                count: 1,
                reminder: true,
            });
        }
        Ok(true)
    }

    /// Those of them that are of people or companies in the CRM, which may take a moment to say so. Who is not known by
    /// then is not a customer.
    async fn of_customers(&self, rows: Vec<Row>) -> Result<Vec<Row>, EngineError> {
        let ids: Vec<MessageId> = rows.iter().map(|row| row.id).collect();
        let begun = std::time::Instant::now();
        loop {
            let asked = ids.clone();
            let (known, rows) = self
                .store(move |store| {
                    let rows: Vec<Row> = asked.iter().filter_map(|id| store.row(*id).ok()).collect();
                    Ok((!store.pills_stale(&asked)?, rows))
                })
                .await?;
            if known || begun.elapsed() > WHOSE {
                return Ok(rows.into_iter().filter(|row| row.crm == CrmState::Customer && !row.flags.seen).collect());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn wall_clock(&self) -> Zoned {
        Timestamp::from_second(self.now()).unwrap_or_default().to_zoned(TimeZone::system())
    }

    /// Takes back the notices whose mails nobody needs to be told of any more. Empty `changed`: looks at all.
    async fn withdraw(&self, changed: &[i64]) -> Result<(), EngineError> {
        let asked: Vec<(u32, Vec<(MessageId, FolderId)>)> = lock(&self.0.desk.shown)
            .iter()
            .filter(|shown| changed.is_empty() || shown.mails.iter().any(|(mail, _)| changed.contains(&mail.0)))
            .map(|shown| (shown.id, shown.mails.clone()))
            .collect();
        if asked.is_empty() {
            return Ok(());
        }
        let over = self.store(move |store| {
            let still = |(mail, folder): &(MessageId, FolderId)| {
                store.row(*mail).is_ok_and(|row| !row.flags.seen && row.folder == *folder)
            };
            Ok(asked.into_iter().filter(|(_, mails)| !mails.iter().any(still)).map(|(id, _)| id).collect::<Vec<_>>())
        });
        for id in over.await? {
            let known = {
                let mut shown = lock(&self.0.desk.shown);
                let before = shown.len();
                shown.retain(|one| one.id != id);
                before != shown.len()
            };
            if known {
                let _ = self.0.desk.withdrawn.send(id);
            }
        }
        Ok(())
    }
}

/// Of mails that have just arrived, in the order they came: those in folders that are told of, unread, not from oneself and
/// not merely moved here.
fn worth(store: &Store, engine: &Engine, fresh: &[MessageId]) -> Result<Vec<Row>, StoreError> {
    let own: Vec<String> = store.accounts()?.into_iter().map(|account| account.email).collect();
    let switches = Switches::read(store)?;
    let mut rows: Vec<Row> = fresh.iter().filter_map(|id| store.row(*id).ok()).collect();
    rows.sort_by_key(|row| row.id);
    let mut told = Vec::new();
    for row in rows {
        if !decide::news(&row, &own) || !store.folder(row.folder).is_ok_and(|folder| switches.on(&folder)) {
            continue;
        }
        let mut copies = Vec::new();
        if !row.message_id.is_empty() {
            for copy in store.by_message_id(&row.message_id)? {
                if copy != row.id && store.row(copy).is_ok_and(|other| other.account == row.account) {
                    copies.push(copy);
                }
            }
        }
        if lock(&engine.0.desk.known).is_new(&row, &copies) {
            told.push(row);
        }
    }
    Ok(told)
}

/// Follows what happens to mails that were told of.
pub(crate) async fn follow(engine: Engine) {
    let mut changes = engine.changes();
    loop {
        let changed = tokio::select! {
            _ = engine.0.stop.cancelled() => return,
            change = changes.recv() => match change {
                Ok(change) if change.table == Table::Message => change.ids,
                Ok(_) => continue,
                Err(RecvError::Lagged(_)) => Vec::new(),
                Err(RecvError::Closed) => return,
            },
        };
        if let Err(error) = engine.withdraw(&changed).await {
            tracing::warn!(code = error.code(), "looking after what was told");
        }
    }
}
