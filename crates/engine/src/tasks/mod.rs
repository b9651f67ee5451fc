//! One task for each (account, duty). A task holds no state that a restart would miss: it looks into the store for
//! what is to be done, and a `Notify` says "look again now".

mod duty;
pub(crate) mod history;
mod housekeeping;
mod operations;
mod outbox;
pub(crate) mod sync;

pub(crate) use duty::DutyWake;

use crate::{
    Engine, EngineError,
    account::{State, Status, wants_a_person},
    engine::lock,
    notify,
};
use clientele_mail::imap;
use clientele_model::AccountId;
use clientele_store::Account;
use duty::Duty;
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// What wakes an account's tasks, and the connection that fetches single bodies.
#[derive(Default)]
pub(crate) struct Wake {
    pub(crate) sync: Notify,
    pub(crate) operations: Notify,
    pub(crate) outbox: Notify,
    /// What a task that waits for a person listens to: they asked for another try, or the sign-in works again.
    pub(crate) mended: Notify,
    pub(crate) stop: CancellationToken,
    pub(crate) bodies: tokio::sync::Mutex<Option<imap::Client>>,
    /// What all connections of the account are among.
    pub(crate) lanes: OnceLock<Arc<imap::Lanes>>,
    /// Says to the history task "look again now".
    pub(crate) history: Notify,
    /// How far it is.
    pub(crate) fetched: std::sync::Mutex<history::Fetched>,
    /// How much is done at the moment that a person waits for.
    busy: Arc<AtomicU32>,
}

/// Something that a person waits for; history stands back until it is dropped.
pub(crate) struct Busy(Arc<AtomicU32>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Tasks under way.
#[derive(Default)]
pub(crate) struct Tasks {
    running: Vec<(Option<AccountId>, JoinHandle<()>)>,
}

impl Tasks {
    /// Waits for all to end; who does not within five seconds is cut off: what it did is in the store.
    pub(crate) async fn join(self) {
        for (_, mut task) in self.running {
            if tokio::time::timeout(Duration::from_secs(5), &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

/// The connection for single bodies stays open for the next one, unless somebody else waits for a connection.
async fn give_way(lanes: &imap::Lanes, wake: &Wake) {
    loop {
        tokio::select! {
            _ = wake.stop.cancelled() => return,
            () = lanes.wanted() => {}
        }
        let held = wake.bodies.try_lock().ok().and_then(|mut held| held.take());
        if let Some(mut client) = held {
            client.close().await;
        }
        tokio::time::sleep(ASIDE).await;
    }
}

/// Between two looks at who waits for a connection.
const ASIDE: Duration = Duration::from_millis(100);

/// How long a task leaves a server in peace that refused the sign-in: providers lock a mailbox that is tried again and
/// again.
const PEACE: Duration = Duration::from_secs(3600);

impl Wake {
    pub(crate) fn busy(&self) -> Busy {
        self.busy.fetch_add(1, Ordering::Relaxed);
        Busy(self.busy.clone())
    }

    fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed) > 0
    }

    /// Waits before the next try: for the time given, or until `sooner`. Where only a person can mend the error, until they
    /// have done something about it. False: the account's tasks end.
    pub(crate) async fn rest(&self, code: &str, time: Duration, sooner: &Notify) -> bool {
        if wants_a_person(code) {
            tokio::select! {
                _ = self.stop.cancelled() => false,
                _ = self.mended.notified() => true,
                _ = tokio::time::sleep(PEACE) => true,
            }
        } else {
            tokio::select! {
                _ = self.stop.cancelled() => false,
                _ = sooner.notified() => true,
                _ = tokio::time::sleep(time) => true,
            }
        }
    }
}

impl Engine {
    pub(crate) async fn start_tasks(&self) -> Result<(), EngineError> {
        for account in self.store(|store| store.accounts()).await? {
            self.start_account(&account);
        }
        for duty in Duty::ALL {
            self.keep(None, tokio::spawn(duty::run(self.clone(), duty)));
        }
        self.keep(None, tokio::spawn(crate::crm_connection::run(self.clone())));
        let engine = self.clone();
        self.keep(None, tokio::spawn(async move { housekeeping::foreign(engine).await }));
        let engine = self.clone();
        self.keep(None, tokio::spawn(async move { housekeeping::backups(engine).await }));
        let engine = self.clone();
        let tidy = async move {
            if let Err(error) = engine.parts_tidy().await {
                tracing::warn!(code = error.code(), "files of attachments");
            }
        };
        self.keep(None, tokio::spawn(tidy));
        let engine = self.clone();
        self.keep(None, tokio::spawn(async move { housekeeping::room(engine).await }));
        self.keep(None, tokio::spawn(notify::follow(self.clone())));
        Ok(())
    }

    /// Starts the account's tasks; none where the policy forbids its servers.
    pub(crate) fn start_account(&self, account: &Account) {
        let account = match self.within_policy(account) {
            Ok(account) => account,
            Err(error) => return self.status_set(account.id, Status::failed(&error)),
        };
        let wake = self.wake_of(account.id);
        self.status_set(account.id, Status::new(State::Starting));
        let (engine, own, hold) = (self.clone(), account.clone(), wake.clone());
        self.keep(Some(account.id), tokio::spawn(async move { sync::run(engine, own, hold).await }));
        let (engine, own, hold) = (self.clone(), account.clone(), wake.clone());
        self.keep(Some(account.id), tokio::spawn(async move { operations::run(engine, own, hold).await }));
        let (lanes, hold) = (self.lanes(&account), wake.clone());
        self.keep(Some(account.id), tokio::spawn(async move { give_way(&lanes, &hold).await }));
        let (engine, own, hold) = (self.clone(), account.clone(), wake.clone());
        self.keep(Some(account.id), tokio::spawn(async move { history::run(engine, own, hold).await }));
        let (engine, id) = (self.clone(), account.id);
        self.keep(Some(id), tokio::spawn(async move { outbox::run(engine, account, wake).await }));
    }

    /// Ends the account's tasks and waits for them.
    pub(crate) async fn stop_account(&self, account: AccountId) {
        let wake = lock(&self.0.wake).remove(&account);
        if let Some(wake) = wake {
            wake.stop.cancel();
        }
        let mut mine = Tasks::default();
        {
            let mut tasks = lock(&self.0.tasks);
            let (own, others) =
                std::mem::take(&mut tasks.running).into_iter().partition(|(id, _)| *id == Some(account));
            mine.running = own;
            tasks.running = others;
        }
        mine.join().await;
        lock(&self.0.status).remove(&account);
    }

    fn keep(&self, account: Option<AccountId>, task: JoinHandle<()>) {
        lock(&self.0.tasks).running.push((account, task));
    }

    pub(crate) fn wake_of(&self, account: AccountId) -> Arc<Wake> {
        let stop = &self.0.stop;
        lock(&self.0.wake)
            .entry(account)
            .or_insert_with(|| Arc::new(Wake { stop: stop.child_token(), ..Wake::default() }))
            .clone()
    }

    /// Of one account, or of all.
    pub(crate) fn wake_operations(&self, account: Option<AccountId>) {
        self.wake_each(account, |wake| wake.operations.notify_one());
    }

    pub(crate) fn wake_outbox(&self, account: Option<AccountId>) {
        self.wake_each(account, |wake| wake.outbox.notify_one());
    }

    pub(crate) fn wake_history(&self, account: Option<AccountId>) {
        self.wake_each(account, |wake| wake.history.notify_one());
    }

    fn wake_each(&self, account: Option<AccountId>, call: impl Fn(&Wake)) {
        for (id, wake) in lock(&self.0.wake).iter() {
            if account.is_none_or(|one| one == *id) {
                call(wake);
            }
        }
    }

    /// Fetch what is new, now. `None`: every account.
    pub fn sync_now(&self, account: Option<AccountId>) {
        self.wake_each(account, |wake| {
            wake.sync.notify_one();
            wake.operations.notify_one();
            wake.outbox.notify_one();
            wake.mended.notify_waiters();
        });
    }
}
