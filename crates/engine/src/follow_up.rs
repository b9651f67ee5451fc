//! What is to be done: follow-ups of the CRM, those that are on their way there, and mails that wait for an answer.

mod waits;

pub(crate) use waits::of_records;
pub use waits::{WaitKind, Waits};

use crate::{Engine, EngineError, records::off_thread};
use clientele_crm::{
    CrmError, FollowUp, NewSale, Record,
    work::{self, ToDo, ToSell, Work, Worked},
};
use clientele_model::{MessageId, RecordKind, RecordRef};
use clientele_store::{CrmWork, Row, StoreError, Waiting};
use std::collections::HashMap;

/// A follow-up, wherever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id is empty until the CRM has it.
    pub follow_up: FollowUp,
    pub records: Vec<Record>,
    /// The mail it was made from, where that is on this computer.
    pub message: Option<MessageId>,
    /// The row that it waits in, or that it is done or not.
    pub queued: Option<i64>,
    /// Why the CRM refused it.
    pub code: Option<String>,
}

impl Task {
    /// When it is to be done: a task by its end, the others at their time.
    pub fn due(&self) -> i64 {
        match self.follow_up.kind {
            clientele_crm::FollowUpKind::Task => self.follow_up.end.max(self.follow_up.start),
            _ => self.follow_up.start,
        }
    }
}

/// A mail of one's own that wants an answer.
#[derive(Debug, Clone)]
pub struct Awaited {
    pub waiting: Waiting,
    pub row: Row,
    /// Its time is over.
    pub due: bool,
    /// An answer is here, and nothing is waited for any more.
    pub answered: bool,
}

/// All of it, by time.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    pub open: Vec<Task>,
    pub waiting: Vec<Awaited>,
    /// Follow-ups whose time is over, and mails that nobody answered in time.
    pub overdue: u32,
}

/// Which follow-up is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskId {
    /// The CRM's id.
    There(String),
    /// The row that waits to become one.
    Queued(i64),
}

/// More are shown by the CRM itself.
const SHOWN: u32 = 500;
/// Days until a mail that waits for an answer reminds, where neither the person nor the settings say.
pub(crate) const WAITING_DAYS: u32 = 5;
const DAY: i64 = 86_400;
/// Seconds until a reminder that could not be given is tried again.
const AGAIN: i64 = 300;

impl Engine {
    /// Follow-ups that are open, and mails that wait.
    pub async fn follow_ups(&self) -> Result<Tasks, EngineError> {
        let (crm, now, store) = (self.crm(), self.now(), self.0.store.clone());
        let read = move || -> Result<Tasks, CrmError> {
            let works = store.crm_works()?;
            let mut open = Vec::new();
            let mut there = crm.follow_ups_open(SHOWN)?;
            for row in &works {
                match Work::read(row) {
                    Ok(Work::FollowUp(wanted)) if !wanted.done || row.code.is_some() => {
                        open.push(queued(&store, &wanted, row)?);
                    }
                    // Taken back here, and done in the CRM still.
                    Ok(Work::Done { id, done: false }) if !there.iter().any(|one| one.id == id) => {
                        match crm.follow_up(&id) {
                            Ok(one) => there.push(one),
                            Err(CrmError::NotFound) => {}
                            Err(error) => return Err(error),
                        }
                    }
                    _ => {}
                }
            }
            let ids: Vec<String> = there.iter().map(|one| one.id.clone()).collect();
            let mails = store.follow_up_mails(&ids)?;
            let mut known: Vec<Task> = there.into_iter().map(Task::there).collect();
            waits::marked(&works, &mut known);
            for mut task in known.into_iter().filter(|one| !one.follow_up.done || one.code.is_some()) {
                if let Some(mail) = mails.get(&task.follow_up.id) {
                    task.message = store.by_message_id(mail)?.first().copied();
                }
                open.push(task);
            }
            let mut names: HashMap<(RecordKind, String), String> = HashMap::new();
            for record in open.iter_mut().flat_map(|task| &mut task.records) {
                let known = names
                    .entry((record.kind, record.id.clone()))
                    .or_insert_with(|| crm.record_name(record.kind, &record.id).unwrap_or_default());
                record.name.clone_from(known);
            }
            open.sort_by_key(Task::due);
            let mut waiting = Vec::new();
            for one in store.waiting()? {
                let Some(mail) = store.by_message_id(&one.message_id)?.first().copied() else { continue };
                let due = one.until <= now;
                waiting.push(Awaited { due, answered: false, row: store.row(mail)?, waiting: one });
            }
            let overdue = open.iter().filter(|task| task.due() < now && !task.follow_up.done).count()
                + waiting.iter().filter(|one| one.due).count();
            Ok(Tasks { open, waiting, overdue: overdue as u32 })
        };
        Ok(tokio::task::spawn_blocking(read)
            .await
            .map_err(|_| EngineError::Internal("reading follow-ups panicked"))??)
    }

    /// Makes a follow-up, at once or when the CRM can be reached.
    pub async fn follow_up_create(&self, follow_up: FollowUp, message: Option<MessageId>) -> Result<Task, EngineError> {
        if follow_up.title.trim().is_empty() {
            return Err(EngineError::Invalid("a follow-up has a title".into()));
        }
        self.crm().capabilities().need(clientele_crm::Capability::FollowUps)?;
        let end = follow_up.end.max(follow_up.start);
        let wanted = ToDo::of(&FollowUp { end, title: follow_up.title.trim().to_owned(), ..follow_up });
        let row = self.crm_work_add(Work::FollowUp(wanted.clone()), message).await?;
        let store = self.0.store.clone();
        let (id, crm) = (row, self.crm());
        let task = tokio::task::spawn_blocking(move || -> Result<Task, CrmError> {
            let row = match store.crm_work(id) {
                Ok(row) => row,
                // It is there already.
                Err(StoreError::NotFound) => {
                    let follow_up = wanted.follow_up();
                    let open = crm.follow_ups_open(SHOWN)?;
                    let same = |one: &FollowUp| one.title == follow_up.title && one.start == follow_up.start;
                    let made = open.into_iter().rev().find(same).unwrap_or(follow_up);
                    return Ok(Task { records: records(&made), follow_up: made, message, queued: None, code: None });
                }
                Err(error) => return Err(error.into()),
            };
            queued(&store, &wanted, &row)
        });
        let mut task = task.await.map_err(|_| EngineError::Internal("reading a follow-up panicked"))??;
        let crm = self.crm();
        for record in &mut task.records {
            record.name = crm.record_name(record.kind, &record.id).unwrap_or_default();
        }
        Ok(task)
    }

    /// Also of one that is not there yet.
    pub async fn follow_up_done(&self, id: TaskId, done: bool) -> Result<(), EngineError> {
        match id {
            TaskId::There(id) => {
                let (text, now) = (Work::Done { id: id.clone(), done }.write()?, self.now());
                // One alone for each: a retry of "done" must not come after "not done".
                let like = move |row: &CrmWork| matches!(Work::read(row), Ok(Work::Done { id: of, .. }) if of == id);
                let (_, link) = self.crm_to_write()?;
                self.store(move |store| store.crm_work_replace(&text, like, link, now)).await?;
                self.crm_work_added().await?;
            }
            TaskId::Queued(row) => {
                // Not while it is being sent: what is changed then would be lost with the row.
                let _working = self.0.working.lock().await;
                self.store(move |store| {
                    let kept = store.crm_work(row)?;
                    let Ok(Work::FollowUp(wanted)) = Work::read(&kept) else { return Err(StoreError::NotFound) };
                    let changed = Work::FollowUp(ToDo { done, ..wanted });
                    store.crm_work_set(row, &changed.write().map_err(|_| StoreError::WrongState)?)
                })
                .await?;
                self.0.archive_wake.notify_one();
            }
        }
        Ok(())
    }

    pub async fn crm_work_retry(&self, row: i64) -> Result<(), EngineError> {
        self.store(move |store| store.crm_work_retry(row)).await?;
        self.0.crm_now.goes_on();
        self.0.archive_wake.notify_one();
        Ok(())
    }

    pub async fn crm_work_discard(&self, row: i64) -> Result<(), EngineError> {
        // Not while it is being sent: it would be there all the same.
        let _working = self.0.working.lock().await;
        self.store(move |store| store.crm_work_remove(row, None)).await
    }

    /// Makes a sale, at once or when the CRM can be reached. What waits then, or why it was refused; None: it is there.
    pub async fn sale_create(&self, sale: NewSale, message: Option<MessageId>) -> Result<Option<Waits>, EngineError> {
        self.name_stages().await?;
        if sale.name.trim().is_empty() {
            return Err(EngineError::Invalid("a sale has a name".into()));
        }
        if sale.company.is_empty() && sale.person.is_empty() {
            return Err(EngineError::Invalid("a sale is a company's or a person's".into()));
        }
        self.crm().capabilities().need(clientele_crm::Capability::SaleCreate)?;
        let NewSale { name, company, person, amount, closes } = sale;
        let wanted = ToSell { name: name.trim().to_owned(), company, person, amount, closes, before: Vec::new() };
        let row = self.crm_work_add(Work::Sale(wanted), message).await?;
        let (crm, store) = (self.crm(), self.0.store.clone());
        off_thread(move || match store.crm_work(row) {
            Ok(row) => Ok(Some(waits::waits(&store, &*crm, &row)?)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        })
        .await
    }

    /// Queues work; what stays on this computer is carried out at once.
    async fn crm_work_add(&self, work: Work, message: Option<MessageId>) -> Result<i64, EngineError> {
        let (text, now) = (work.write()?, self.now());
        let (_, link) = self.crm_to_write()?;
        let id = self
            .store(move |store| {
                let mail = match message {
                    Some(message) => store.row(message)?.message_id,
                    None => String::new(),
                };
                store.crm_work_queue(&text, &mail, link, now)
            })
            .await?;
        self.crm_work_added().await?;
        Ok(id)
    }

    async fn crm_work_added(&self) -> Result<(), EngineError> {
        if self.crm().kind() == "embedded" {
            self.crm_work_run().await?;
        }
        self.0.archive_wake.notify_one();
        Ok(())
    }

    /// Carries out what is due for the CRM, once; answers how many rows were done or failed.
    pub async fn crm_work_run(&self) -> Result<u32, EngineError> {
        let mut worked = 0;
        while self.crm_may_be_sent_to() {
            let _one_at_a_time = self.0.working.lock().await;
            match work::run_once(&self.0.store, self.crm(), self.now()).await? {
                None => break,
                Some(Worked::Later) => self.0.crm_now.put_off(),
                Some(done) => {
                    self.0.crm_now.goes_on();
                    tracing::info!(?done, "work for the CRM");
                    worked += 1;
                    self.crm_told();
                }
            }
        }
        Ok(worked)
    }

    /// Reminds, `days` after the mail's date, unless somebody answers before. 0: as the settings say.
    pub async fn waiting_set(&self, message: MessageId, days: u32) -> Result<Awaited, EngineError> {
        let now = self.now();
        self.store(move |store| {
            let row = store.row(message)?;
            if row.message_id.is_empty() {
                return Err(StoreError::NotFound);
            }
            let days = match days {
                0 => store.setting("crm.waiting_days")?.and_then(|text| text.parse().ok()).unwrap_or(WAITING_DAYS),
                days => days,
            };
            let until = row.date + i64::from(days.clamp(1, 3650)) * DAY;
            let waiting = store.waiting_set(row.account, &row.message_id, row.date, until)?;
            store.waiting_answered(clientele_crm::rule::is_of_a_machine)?;
            let answered = !store.waiting()?.iter().any(|one| one.id == waiting.id);
            Ok(Awaited { due: waiting.until <= now, answered, row, waiting })
        })
        .await
    }

    pub async fn waiting_remove(&self, id: i64) -> Result<(), EngineError> {
        self.store(move |store| store.waiting_remove(id)).await
    }

    /// Lets go of mails that were answered, and tells of those that nobody answered in time.
    pub(crate) async fn waiting_run(&self) -> Result<(), EngineError> {
        let now = self.now();
        let due = self
            .store(move |store| {
                if store.waiting()?.is_empty() {
                    return Ok(Vec::new());
                }
                store.waiting_answered(clientele_crm::rule::is_of_a_machine)?;
                let mut due = Vec::new();
                for one in store.waiting()?.into_iter().filter(|one| one.until <= now && !one.told) {
                    let Some(mail) = store.by_message_id(&one.message_id)?.first().copied() else { continue };
                    due.push((one, store.row(mail)?));
                }
                Ok(due)
            })
            .await?;
        for (one, row) in due {
            if self.remind(&row).await? {
                self.store(move |store| store.waiting_told(one.id)).await?;
            }
        }
        Ok(())
    }

    /// When the next mail that waits reminds; one that could not, in quiet hours or because it is not here, in a while.
    pub(crate) async fn waiting_due(&self) -> Option<i64> {
        let all = self.store(|store| store.waiting()).await.ok()?;
        let again = self.now() + AGAIN;
        let of = |one: &Waiting| if one.until <= again - AGAIN { again } else { one.until };
        all.iter().filter(|one| !one.told).map(of).min()
    }
}

fn records(follow_up: &FollowUp) -> Vec<Record> {
    let all = [
        (RecordKind::Company, &follow_up.company),
        (RecordKind::Person, &follow_up.person),
        (RecordKind::Sale, &follow_up.sale),
        (RecordKind::Project, &follow_up.project),
    ];
    all.into_iter().filter(|(_, id)| !id.is_empty()).map(|(kind, id)| Record::new(kind, id, "")).collect()
}

fn queued(store: &clientele_store::Store, wanted: &ToDo, row: &CrmWork) -> Result<Task, CrmError> {
    let follow_up = wanted.follow_up();
    let message = waits::mail_of(store, row)?;
    Ok(Task { records: records(&follow_up), follow_up, message, queued: Some(row.id), code: row.code.clone() })
}

/// The ids of a follow-up, from the records that it is to be on.
pub fn follow_up_on(follow_up: FollowUp, records: &[RecordRef]) -> FollowUp {
    records.iter().fold(follow_up, |mut one, record| {
        let place = match record.kind {
            RecordKind::Company => &mut one.company,
            RecordKind::Person => &mut one.person,
            RecordKind::Sale => &mut one.sale,
            RecordKind::Project => &mut one.project,
        };
        place.clone_from(&record.id);
        one
    })
}

#[cfg(test)]
mod tests;
