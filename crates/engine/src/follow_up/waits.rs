//! What waits to be done in the CRM besides archiving, and what it refused: beside the customer, and all of it.

use super::{Task, records};
use crate::{Engine, EngineError, records::off_thread};
use clientele_crm::{
    Crm, CrmError, FollowUp, FollowUpKind, Record,
    work::{ToSell, Work},
};
use clientele_model::{MessageId, RecordKind, RecordRef};
use clientele_store::{CrmWork, Store};
use std::collections::HashMap;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitKind {
    FollowUp(FollowUpKind),
    Done,
    NotDone,
    Sale,
}

/// One thing that waits for the CRM, or that it refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// The row that it waits in.
    pub row: i64,
    pub kind: WaitKind,
    /// Empty where nobody here knows it any more.
    pub title: String,
    pub records: Vec<Record>,
    /// The mail it was made from, where that is on this computer.
    pub message: Option<MessageId>,
    /// Since when. Seconds since 1970.
    pub since: i64,
    /// Why the CRM refused it.
    pub code: Option<String>,
    /// Of a sale, in hundredths of the currency's unit.
    pub amount: i64,
}

impl Engine {
    /// All of it, the oldest first; then what is left from other CRMs.
    pub async fn crm_works(&self) -> Result<Vec<Waits>, EngineError> {
        let (crm, store) = (self.crm(), self.0.store.clone());
        off_thread(move || {
            let mut all = Vec::new();
            for row in store.crm_works()? {
                all.push(waits(&store, &*crm, &row)?);
            }
            for row in store.crm_works_left()? {
                all.push(left(&store, &row)?);
            }
            Ok(all)
        })
        .await
    }
}

pub(super) fn waits(store: &Store, crm: &dyn Crm, row: &CrmWork) -> Result<Waits, CrmError> {
    let mut one = Waits {
        row: row.id,
        kind: WaitKind::FollowUp(FollowUpKind::Task),
        title: String::new(),
        records: Vec::new(),
        message: mail_of(store, row)?,
        since: row.created,
        code: row.code.clone(),
        amount: 0,
    };
    match Work::read(row) {
        Ok(Work::FollowUp(wanted)) => {
            let follow_up = wanted.follow_up();
            (one.kind, one.records) = (WaitKind::FollowUp(follow_up.kind), records(&follow_up));
            one.title = follow_up.title;
        }
        Ok(Work::Done { id, done }) => {
            one.kind = if done { WaitKind::Done } else { WaitKind::NotDone };
            match crm.follow_up(&id) {
                Ok(there) => (one.records, one.title) = (records(&there), there.title),
                Err(CrmError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Work::Sale(wanted)) => {
            (one.kind, one.amount, one.records) = (WaitKind::Sale, wanted.amount, on(&wanted));
            one.title = wanted.name;
        }
        // Of another release: it can be let go of.
        Err(_) => {}
    }
    for record in &mut one.records {
        record.name = crm.record_name(record.kind, &record.id).unwrap_or_default();
    }
    Ok(one)
}

/// Its ids are another CRM's: nobody is named by them.
fn left(store: &Store, row: &CrmWork) -> Result<Waits, CrmError> {
    let (kind, title) = match Work::read(row) {
        Ok(Work::FollowUp(wanted)) => (WaitKind::FollowUp(wanted.follow_up().kind), wanted.title),
        Ok(Work::Done { done, .. }) => (if done { WaitKind::Done } else { WaitKind::NotDone }, String::new()),
        Ok(Work::Sale(wanted)) => (WaitKind::Sale, wanted.name),
        Err(_) => (WaitKind::FollowUp(FollowUpKind::Task), String::new()),
    };
    Ok(Waits {
        row: row.id,
        kind,
        title,
        records: Vec::new(),
        message: mail_of(store, row)?,
        since: row.created,
        code: Some(CrmError::OtherCrm.code().to_owned()),
        amount: 0,
    })
}

pub(super) fn mail_of(store: &Store, row: &CrmWork) -> Result<Option<MessageId>, CrmError> {
    Ok(match row.message_id.as_str() {
        "" => None,
        mail => store.by_message_id(mail)?.first().copied(),
    })
}

/// What is to be done for records, the open ones first, and sales that wait to be made of them. What was made from the mail
/// `from` (a Message-ID, or empty) is among it, whosever it is.
pub(crate) fn of_records(
    store: &Store,
    crm: &dyn Crm,
    whose: &[RecordRef],
    from: &str,
) -> Result<(Vec<Task>, Vec<Waits>), CrmError> {
    let rows = store.crm_works()?;
    let mut tasks: Vec<Task> = Vec::new();
    for of in whose {
        for follow_up in crm.follow_ups(of.kind, &of.id)? {
            if !tasks.iter().any(|had| had.follow_up.id == follow_up.id) {
                tasks.push(Task::there(follow_up));
            }
        }
    }
    marked(&rows, &mut tasks);
    let mut sales = Vec::new();
    for row in &rows {
        let is_theirs = |on: &[Record]| {
            (!from.is_empty() && row.message_id == from)
                || on.iter().any(|one| whose.iter().any(|of| (of.kind, &of.id) == (one.kind, &one.id)))
        };
        match Work::read(row) {
            Ok(Work::FollowUp(wanted)) if is_theirs(&records(&wanted.follow_up())) => {
                tasks.push(super::queued(store, &wanted, row)?);
            }
            Ok(Work::Sale(wanted)) if is_theirs(&on(&wanted)) => sales.push(waits(store, crm, row)?),
            _ => {}
        }
    }
    tasks.sort_by_key(|one| (one.follow_up.done, one.follow_up.start));
    Ok((tasks, sales))
}

/// What a person has said of follow-ups holds here at once, and may still wait or have been refused.
pub(super) fn marked(rows: &[CrmWork], tasks: &mut [Task]) {
    let marks: HashMap<String, (&CrmWork, bool)> = rows
        .iter()
        .filter_map(|row| match Work::read(row) {
            Ok(Work::Done { id, done }) => Some((id, (row, done))),
            _ => None,
        })
        .collect();
    for task in tasks {
        if let Some((row, done)) = marks.get(&task.follow_up.id) {
            (task.queued, task.code) = (Some(row.id), row.code.clone());
            if row.code.is_none() {
                task.follow_up.done = *done;
            }
        }
    }
}

impl Task {
    pub(super) fn there(follow_up: FollowUp) -> Task {
        Task { records: records(&follow_up), follow_up, message: None, queued: None, code: None }
    }
}

fn on(wanted: &ToSell) -> Vec<Record> {
    let all = [(RecordKind::Company, &wanted.company), (RecordKind::Person, &wanted.person)];
    all.into_iter().filter(|(_, id)| !id.is_empty()).map(|(kind, id)| Record::new(kind, id, "")).collect()
}
