//! What goes on for the CRM behind the mails. Each duty is a task of its own: a slow upload keeps nobody from seeing whose a
//! mail is, and what fails rests by itself.

use crate::{Engine, EngineError, backoff::Backoff};
use clientele_model::{Change, Table};
use std::time::Duration;
use tokio::sync::{
    Notify,
    broadcast::{Receiver, error::RecvError},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duty {
    /// Mails that wait to be archived.
    Uploads,
    /// Follow-ups and sales that wait.
    Work,
    /// Mails that wait for an answer.
    Reminders,
    /// What mails are to the business.
    Pills,
    /// What rules take.
    Rules,
}

/// Wakes all of them, each as [`Notify::notify_one`] does.
#[derive(Default)]
pub(crate) struct DutyWake([Notify; Duty::ALL.len()]);

impl DutyWake {
    pub(crate) fn notify_one(&self) {
        self.0.iter().for_each(Notify::notify_one);
    }
}

/// A sync commits many times a second: what follows from it is done in one go.
const GATHER: Duration = Duration::from_millis(150);
/// Where nothing says when there will be something to do, all the same.
const SELDOM: i64 = 3600;

pub(super) async fn run(engine: Engine, duty: Duty) {
    let mut changes = engine.changes();
    let mut backoff = Backoff::default();
    let wake = &engine.0.archive_wake.0[duty as usize];
    loop {
        let rest = match duty.once(&engine).await {
            Ok(()) => {
                backoff.succeeded();
                None
            }
            Err(error) => {
                tracing::warn!(?duty, code = error.code(), "a duty for the CRM");
                Some(backoff.failed())
            }
        };
        let due = duty.due(&engine).await;
        let wait = due.map_or(SELDOM, |due| due.saturating_sub(engine.now()).clamp(2, SELDOM)) as u64;
        let time = rest.unwrap_or(Duration::from_secs(wait));
        tokio::select! {
            _ = engine.0.stop.cancelled() => return,
            _ = wake.notified() => {}
            _ = tokio::time::sleep(time) => {}
            // What failed a moment ago is not tried at each mail that comes.
            open = duty.concerned(&mut changes), if rest.is_none() => if !open { return },
        }
        tokio::select! {
            _ = engine.0.stop.cancelled() => return,
            _ = tokio::time::sleep(GATHER) => {}
        }
    }
}

impl Duty {
    pub(super) const ALL: [Duty; 5] = [Duty::Uploads, Duty::Work, Duty::Reminders, Duty::Pills, Duty::Rules];

    async fn once(self, engine: &Engine) -> Result<(), EngineError> {
        match self {
            Duty::Uploads => engine.archive_run().await.map(drop),
            Duty::Work => engine.crm_work_run().await.map(drop),
            Duty::Reminders => engine.waiting_run().await,
            Duty::Pills => engine.pills_run().await.map(drop),
            Duty::Rules => {
                // What they took is due now.
                if engine.rules_run().await? > 0 {
                    engine.0.archive_wake.notify_one();
                }
                Ok(())
            }
        }
    }

    /// When there is something to do that no change tells of. Seconds since 1970.
    async fn due(self, engine: &Engine) -> Option<i64> {
        let due = match self {
            Duty::Reminders => return engine.waiting_due().await,
            Duty::Pills => return None,
            Duty::Uploads => engine.store(|store| store.archive_due()).await.ok().flatten(),
            Duty::Work => engine.store(|store| store.crm_work_due()).await.ok().flatten(),
            Duty::Rules => None,
        };
        match engine.0.crm_now.quiet() {
            // While only a person can help, time does not.
            _ if !engine.crm_may_be_asked() => None,
            Some(left) => Some(engine.now() + left.as_secs() as i64 + 1),
            None => due,
        }
    }

    fn follows(self, table: Table) -> bool {
        match self {
            Duty::Uploads => matches!(table, Table::Archive | Table::Crm),
            Duty::Work => table == Table::Crm,
            Duty::Reminders => matches!(table, Table::Message | Table::Crm),
            Duty::Pills | Duty::Rules => matches!(table, Table::Message | Table::Archive | Table::Crm),
        }
    }

    /// Until a change that matters to it; false when the feed has ended.
    async fn concerned(self, changes: &mut Receiver<Change>) -> bool {
        loop {
            match changes.recv().await {
                Ok(change) if self.follows(change.table) => return true,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return true,
                Err(RecvError::Closed) => return false,
            }
        }
    }
}
