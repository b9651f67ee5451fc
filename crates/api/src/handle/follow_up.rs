//! What is to be done, and what waits for an answer.

use super::{
    Result,
    crm::{record, record_view},
    id,
    mail::message_row,
};
use crate::{Api, ApiError, view::*};
use clientele_engine::{Awaited, Task, TaskId, WaitKind, Waits, crm, follow_up_on};
use clientele_model::{MessageId, RecordRef};

pub async fn follow_up_list(api: &Api, _request: Empty) -> Result<FollowUps> {
    let tasks = api.engine().follow_ups().await?;
    let mut waiting = Vec::new();
    for one in tasks.waiting {
        waiting.push(awaited(api, one).await?);
    }
    Ok(FollowUps { open: tasks.open.iter().map(task_view).collect(), waiting, overdue: tasks.overdue })
}

pub async fn follow_up_create(api: &Api, request: FollowUpCreate) -> Result<FollowUpView> {
    let message = request.message.as_deref().map(id::<MessageId>).transpose()?;
    let mut on: Vec<RecordRef> = Vec::new();
    for one in request.records.into_iter().map(record) {
        if on.iter().any(|other| other.kind == one.kind) {
            return Err(ApiError::invalid("two records of a kind"));
        }
        on.push(RecordRef { kind: one.kind, id: one.id });
    }
    let wanted = crm::FollowUp {
        kind: match request.kind {
            FollowUpKindView::Task => crm::FollowUpKind::Task,
            FollowUpKindView::Call => crm::FollowUpKind::Call,
            FollowUpKindView::Appointment => crm::FollowUpKind::Appointment,
        },
        title: request.title,
        text: request.text,
        start: request.start,
        end: request.end,
        ..crm::FollowUp::default()
    };
    Ok(task_view(&api.engine().follow_up_create(follow_up_on(wanted, &on), message).await?))
}

pub async fn follow_up_done(api: &Api, request: FollowUpDone) -> Result<Empty> {
    let meant = match request.id.strip_prefix(QUEUED) {
        Some(row) => TaskId::Queued(id(row)?),
        None if request.id.is_empty() => return Err(ApiError::invalid("no id")),
        None => TaskId::There(request.id),
    };
    api.engine().follow_up_done(meant, request.done).await?;
    Ok(Empty {})
}

pub async fn work_list(api: &Api, _request: Empty) -> Result<Vec<WorkView>> {
    Ok(api.engine().crm_works().await?.iter().map(work_view).collect())
}

pub async fn work_retry(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().crm_work_retry(queued(&request.id)?).await?;
    Ok(Empty {})
}

pub async fn work_discard(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().crm_work_discard(queued(&request.id)?).await?;
    Ok(Empty {})
}

pub async fn sale_create(api: &Api, request: SaleCreate) -> Result<SaleMade> {
    let message = request.message.as_deref().map(id::<MessageId>).transpose()?;
    let sale = crm::NewSale {
        name: request.name,
        company: request.company,
        person: request.person,
        amount: request.amount,
        closes: request.closes,
    };
    let waits = api.engine().sale_create(sale, message).await?;
    Ok(SaleMade { waits: waits.as_ref().map(work_view) })
}

pub async fn waiting_set(api: &Api, request: WaitingSet) -> Result<WaitingView> {
    let set = api.engine().waiting_set(id(&request.message)?, request.days).await?;
    awaited(api, set).await
}

pub async fn waiting_remove(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().waiting_remove(id(&request.id)?).await?;
    Ok(Empty {})
}

/// What the id of something begins with that is not in the CRM yet.
const QUEUED: &str = "queued:";

fn queued(text: &str) -> Result<i64> {
    id(text.strip_prefix(QUEUED).ok_or_else(|| ApiError::invalid("not one that waits"))?)
}

async fn awaited(api: &Api, one: Awaited) -> Result<WaitingView> {
    Ok(WaitingView {
        id: one.waiting.id.to_string(),
        row: message_row(api, MessageRef { message: one.row.id.to_string() }).await?,
        until: one.waiting.until,
        due: one.due,
        answered: one.answered,
    })
}

fn queued_id(row: i64) -> String {
    format!("{QUEUED}{row}")
}

/// Without the names of its records where nobody asked for them.
pub(super) fn task_view(task: &Task) -> FollowUpView {
    let one = &task.follow_up;
    let work = task.queued.map(queued_id);
    FollowUpView {
        id: match &work {
            Some(work) if one.id.is_empty() => work.clone(),
            _ => one.id.clone(),
        },
        kind: match one.kind {
            crm::FollowUpKind::Task => FollowUpKindView::Task,
            crm::FollowUpKind::Call => FollowUpKindView::Call,
            crm::FollowUpKind::Appointment => FollowUpKindView::Appointment,
        },
        title: one.title.clone(),
        text: one.text.clone(),
        start: one.start,
        end: one.end,
        done: one.done,
        records: task.records.iter().map(record_view).collect(),
        message: task.message.map(|message| message.to_string()),
        queued: work.is_some(),
        code: task.code.clone(),
        work,
    }
}

pub(super) fn work_view(one: &Waits) -> WorkView {
    WorkView {
        id: queued_id(one.row),
        kind: match one.kind {
            WaitKind::FollowUp(crm::FollowUpKind::Task) => WorkKind::Task,
            WaitKind::FollowUp(crm::FollowUpKind::Call) => WorkKind::Call,
            WaitKind::FollowUp(crm::FollowUpKind::Appointment) => WorkKind::Appointment,
            WaitKind::Done => WorkKind::Done,
            WaitKind::NotDone => WorkKind::NotDone,
            WaitKind::Sale => WorkKind::Sale,
        },
        title: one.title.clone(),
        records: one.records.iter().map(record_view).collect(),
        message: one.message.map(|message| message.to_string()),
        since: one.since,
        code: one.code.clone(),
        amount: one.amount,
    }
}
