//! Work in the CRM besides archiving: follow-ups and sales to be made, follow-ups that are done. It waits in the store, is
//! carried out one at a time, and exactly once: where an answer was lost, the CRM is looked at before it is asked again.

use crate::{Crm, CrmError, Directory, FollowUp, FollowUpKind, NewSale, Result, blocking::blocking};
use clientele_model::{RecordKind, RecordRef};
use clientele_store::{CrmWork, Store, StoreError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// More has not changed since the last look.
const MOST_PAGES: u32 = 20;

/// What is to be done. Written into the store as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Work {
    FollowUp(ToDo),
    Done { id: String, done: bool },
    Sale(ToSell),
}

/// A follow-up to be made, its ids as in [`FollowUp`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ToDo {
    /// `task`, `call` or `appointment`.
    pub kind: String,
    pub title: String,
    pub text: String,
    pub start: i64,
    pub end: i64,
    pub company: String,
    pub person: String,
    pub sale: String,
    pub project: String,
    /// It was done before the CRM heard of it.
    pub done: bool,
    /// Those that looked the same before the CRM was asked for the first time.
    pub before: Vec<String>,
}

/// A sale to be made, as [`NewSale`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ToSell {
    pub name: String,
    pub company: String,
    pub person: String,
    pub amount: i64,
    pub closes: String,
    pub before: Vec<String>,
}

impl Work {
    pub fn read(row: &CrmWork) -> Result<Work> {
        Ok(serde_json::from_str(&row.work)?)
    }

    pub fn write(&self) -> Result<String> {
        Ok(serde_json::to_string(self)?)
    }
}

impl ToDo {
    pub fn of(wanted: &FollowUp) -> ToDo {
        ToDo {
            kind: wanted.kind.as_str().to_owned(),
            title: wanted.title.clone(),
            text: wanted.text.clone(),
            start: wanted.start,
            end: wanted.end,
            company: wanted.company.clone(),
            person: wanted.person.clone(),
            sale: wanted.sale.clone(),
            project: wanted.project.clone(),
            done: wanted.done,
            before: Vec::new(),
        }
    }

    /// As a CRM takes it: without an id, and one's own.
    pub fn follow_up(&self) -> FollowUp {
        FollowUp {
            kind: FollowUpKind::parse(&self.kind),
            title: self.title.clone(),
            text: self.text.clone(),
            start: self.start,
            end: self.end,
            company: self.company.clone(),
            person: self.person.clone(),
            sale: self.sale.clone(),
            project: self.project.clone(),
            done: self.done,
            ..FollowUp::default()
        }
    }

    /// The record that its own list of follow-ups is asked of.
    fn record(&self) -> Option<RecordRef> {
        let of = |kind, id: &String| (!id.is_empty()).then(|| RecordRef { kind, id: id.clone() });
        of(RecordKind::Person, &self.person)
            .or_else(|| of(RecordKind::Company, &self.company))
            .or_else(|| of(RecordKind::Sale, &self.sale))
            .or_else(|| of(RecordKind::Project, &self.project))
    }

    /// Some CRMs know the day alone.
    fn is(&self, one: &FollowUp) -> bool {
        let day = |at: i64| at.div_euclid(86_400);
        let when = one.start == self.start || day(one.start) == day(self.start) || day(one.end) == day(self.end);
        one.title.trim() == self.title.trim() && when
    }

    /// Those that look like it, as far as is known here.
    fn alike(&self, directory: &dyn Directory) -> Result<Vec<FollowUp>> {
        let mut all = match self.record() {
            Some(record) => directory.follow_ups(record.kind, &record.id)?,
            None => directory.follow_ups_open(1000)?,
        };
        all.retain(|one| self.is(one));
        Ok(all)
    }
}

impl ToSell {
    fn new_sale(&self) -> NewSale {
        NewSale {
            name: self.name.clone(),
            company: self.company.clone(),
            person: self.person.clone(),
            amount: self.amount,
            closes: self.closes.clone(),
        }
    }

    fn record(&self) -> Option<RecordRef> {
        let of = |kind, id: &String| (!id.is_empty()).then(|| RecordRef { kind, id: id.clone() });
        of(RecordKind::Company, &self.company).or_else(|| of(RecordKind::Person, &self.person))
    }

    fn alike(&self, directory: &dyn Directory) -> Result<Vec<String>> {
        let Some(record) = self.record() else { return Ok(Vec::new()) };
        let all = directory.open_sales(record.kind, &record.id)?.into_iter();
        Ok(all.filter(|sale| sale.name.trim() == self.name.trim()).map(|sale| sale.id).collect())
    }
}

/// How a row ended, for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worked {
    /// It is in the CRM, and the row is gone.
    Done,
    Later,
    /// Refused, with the wire's code.
    Failed(&'static str),
}

/// Takes the oldest row that is due and carries it out; None where nothing was due.
pub async fn run_once(store: &Store, crm: Arc<dyn Crm>, now: i64) -> Result<Option<Worked>> {
    let at = store.clone();
    let Some(row) = blocking(move || Ok(at.crm_work_next(now)?)).await? else { return Ok(None) };
    let id = row.id;
    let outcome = match Work::read(&row) {
        Ok(work) => carry_out(store, &crm, &row, work).await,
        Err(error) => Err(error),
    };
    let at = store.clone();
    blocking(move || {
        let (worked, noted) = match outcome {
            Ok(made) => (Worked::Done, at.crm_work_remove(id, made.as_deref())),
            Err(error) => match error.again_in(row.attempts) {
                Some(seconds) => {
                    tracing::info!(work = id, code = error.code(), seconds, "work for the CRM waits");
                    // What was answered in words was not carried out; of a try before this one that says nothing.
                    let undone = !row.begun
                        && !matches!(error, CrmError::Unavailable(_) | CrmError::Late | CrmError::Maintenance);
                    (Worked::Later, at.crm_work_later(id, now + i64::from(seconds), undone))
                }
                None => {
                    tracing::warn!(work = id, code = error.code(), "work for the CRM failed");
                    (Worked::Failed(error.code()), at.crm_work_failed(id, error.code()))
                }
            },
        };
        match noted {
            // Let go of meanwhile, by another process.
            Ok(()) | Err(StoreError::NotFound) => Ok(Some(worked)),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// The id of the follow-up that came of it.
async fn carry_out(store: &Store, crm: &Arc<dyn Crm>, row: &CrmWork, work: Work) -> Result<Option<String>> {
    match work {
        Work::Done { id, done } => {
            crm.follow_up_done(&id, done).await?;
            Ok(None)
        }
        Work::FollowUp(wanted) => {
            if row.begun {
                look(crm, wanted.record()).await?;
            }
            let asked = (crm.clone(), wanted.clone());
            let there = blocking(move || asked.1.alike(&*asked.0)).await?;
            if row.begun
                && let Some(made) = there.iter().find(|one| !wanted.before.contains(&one.id))
            {
                // A line beside a record does not say whose it is: with what changed it is known as one's own.
                if let Err(error) = changed(crm).await {
                    tracing::info!(code = error.code(), "what was made is read later");
                }
                return done(crm, &wanted, made).await;
            }
            let before = there.into_iter().map(|one| one.id).collect();
            let first = (!row.begun).then(|| Work::FollowUp(ToDo { before, ..wanted.clone() }));
            begin(store, row, first).await?;
            let made = crm.follow_up_create(FollowUp { done: false, ..wanted.follow_up() }).await?;
            done(crm, &wanted, &made).await
        }
        // Whether it was made could not be told later, where an answer is lost.
        Work::Sale(wanted) if wanted.record().is_none() => Err(CrmError::Invalid("company")),
        Work::Sale(wanted) => {
            let asked = (crm.clone(), wanted.clone());
            if row.begun {
                look(crm, wanted.record()).await?;
            }
            let there = blocking(move || asked.1.alike(&*asked.0)).await?;
            if row.begun && there.iter().any(|id| !wanted.before.contains(id)) {
                return Ok(None);
            }
            let sale = wanted.new_sale();
            let first = (!row.begun).then_some(Work::Sale(ToSell { before: there, ..wanted }));
            begin(store, row, first).await?;
            crm.sale_create(sale).await?;
            Ok(None)
        }
    }
}

/// One that was done before the CRM had it is done in the CRM too.
async fn done(crm: &Arc<dyn Crm>, wanted: &ToDo, made: &FollowUp) -> Result<Option<String>> {
    if wanted.done && !made.done {
        crm.follow_up_done(&made.id, true).await?;
    }
    Ok(Some(made.id.clone()))
}

/// What the CRM has by now.
async fn look(crm: &Arc<dyn Crm>, record: Option<RecordRef>) -> Result<()> {
    match record {
        Some(record) => match crm.look_again(record).await {
            // Gone, and with it whatever lay on it.
            Err(CrmError::NotFound) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        },
        None => changed(crm).await,
    }
}

/// Reads what changed; not all of a CRM that has not been read yet.
async fn changed(crm: &Arc<dyn Crm>) -> Result<()> {
    for _ in 0..MOST_PAGES {
        if crm.refresh().await?.done {
            break;
        }
    }
    Ok(())
}

/// Noted before the CRM is asked: whatever happens from here on, it is looked at before it is asked again.
async fn begin(store: &Store, row: &CrmWork, first: Option<Work>) -> Result<()> {
    let (at, id) = (store.clone(), row.id);
    blocking(move || {
        if let Some(work) = first {
            at.crm_work_set(id, &work.write()?)?;
        }
        Ok(at.crm_work_begun(id)?)
    })
    .await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Embedded;

    const NOW: i64 = 1_790_000_000;

    fn store() -> (tempfile::TempDir, Store, Arc<dyn Crm>) {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path()).unwrap();
        let crm: Arc<dyn Crm> = Arc::new(Embedded::open(&folder.path().join("crm.db")).unwrap());
        (folder, store, crm)
    }

    fn call(title: &str) -> ToDo {
        ToDo { kind: "call".into(), title: title.into(), start: NOW, end: NOW + 900, ..ToDo::default() }
    }

    /// The power failed after the CRM had it and before the row was gone.
    #[tokio::test]
    async fn what_the_crm_has_already_is_not_made_again_and_what_it_had_before_does_not_count() {
        let (_folder, store, crm) = store();
        let before = crm.follow_up_create(call("Ring Kari").follow_up()).await.unwrap();
        let wanted = ToDo { before: vec![before.id.clone()], ..call("Ring Kari") };
        let id = store.crm_work_queue(&Work::FollowUp(wanted).write().unwrap(), "m@x", 0, NOW).unwrap();
        store.crm_work_begun(id).unwrap();
        // The first of two tries had not come through: it is made now.
        assert_eq!(run_once(&store, crm.clone(), NOW).await.unwrap(), Some(Worked::Done));
        let open = crm.follow_ups_open(10).unwrap();
        assert_eq!(open.len(), 2);
        let made = open.iter().find(|one| one.id != before.id).unwrap().id.clone();
        assert_eq!(
            store.follow_up_mails(std::slice::from_ref(&made)).unwrap().get(&made).map(String::as_str),
            Some("m@x")
        );

        // It had, this time.
        let wanted = ToDo { before: vec![before.id], done: true, ..call("Ring Kari") };
        let id = store.crm_work_queue(&Work::FollowUp(wanted).write().unwrap(), "", 0, NOW).unwrap();
        store.crm_work_begun(id).unwrap();
        assert_eq!(run_once(&store, crm.clone(), NOW).await.unwrap(), Some(Worked::Done));
        assert_eq!(run_once(&store, crm.clone(), NOW).await.unwrap(), None);
        let open = crm.follow_ups_open(10).unwrap();
        assert_eq!(open.len(), 1, "two were there, and one of them is done now: {open:?}");
    }

    #[tokio::test]
    async fn a_sale_of_nobody_is_refused_before_the_crm_is_asked() {
        let (_folder, store, crm) = store();
        let nobodys = ToSell { name: "Cable".into(), ..ToSell::default() };
        store.crm_work_queue(&Work::Sale(nobodys).write().unwrap(), "", 0, NOW).unwrap();
        assert!(matches!(run_once(&store, crm.clone(), NOW).await.unwrap(), Some(Worked::Failed(_))));
        assert!(!store.crm_works().unwrap()[0].begun);
    }

    /// By the command line, while the window's process carries it out.
    #[tokio::test]
    async fn work_that_is_let_go_of_meanwhile_does_not_end_the_run() {
        let (folder, store, crm) = store();
        store.crm_work_queue(&Work::FollowUp(call("Ring Kari")).write().unwrap(), "", 0, NOW).unwrap();
        let other = rusqlite::Connection::open(folder.path().join("local.db")).unwrap();
        let gone = "CREATE TRIGGER gone AFTER UPDATE OF begun ON crm_work WHEN new.begun
            BEGIN DELETE FROM crm_work WHERE id = new.id; END";
        other.execute_batch(gone).unwrap();
        assert_eq!(run_once(&store, crm.clone(), NOW).await.unwrap(), Some(Worked::Done));
        assert_eq!(run_once(&store, crm, NOW).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_nothing_can_mend_is_told_and_can_be_tried_again() {
        let (_folder, store, crm) = store();
        let gone = Work::Done { id: "999".into(), done: true };
        let id = store.crm_work_queue(&gone.write().unwrap(), "", 0, NOW).unwrap();
        assert_eq!(run_once(&store, crm.clone(), NOW).await.unwrap(), Some(Worked::Failed("not_found")));
        assert_eq!(run_once(&store, crm.clone(), NOW).await.unwrap(), None);
        assert_eq!(store.crm_works().unwrap()[0].code.as_deref(), Some("not_found"));
        store.crm_work_retry(id).unwrap();
        assert_eq!(run_once(&store, crm, NOW).await.unwrap(), Some(Worked::Failed("not_found")));
        store.crm_work_remove(id, None).unwrap();
        assert!(store.crm_works().unwrap().is_empty());
    }
}
