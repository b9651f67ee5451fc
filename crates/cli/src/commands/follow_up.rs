//! What is to be done, and what waits for an answer.

use crate::{
    args::{FollowUp, FollowUpKindArgument, Waiting},
    commands::archive::record,
    exit,
    failure::Failure,
    output::{Output, column},
    session::Session,
};
use clientele_api::{ApiError, handle, view::*};
use jiff::{civil::DateTime, tz::TimeZone};

pub async fn run(session: &Session, output: &Output, command: FollowUp) -> Result<u8, Failure> {
    match command {
        FollowUp::List => list(session, output).await,
        FollowUp::Add { title, kind, at, minutes, text, on, mail } => {
            let start = time(&at)?;
            let request = FollowUpCreate {
                message: mail,
                kind: match kind {
                    FollowUpKindArgument::Task => FollowUpKindView::Task,
                    FollowUpKindArgument::Call => FollowUpKindView::Call,
                    FollowUpKindArgument::Appointment => FollowUpKindView::Appointment,
                },
                title,
                text,
                start,
                end: start + i64::from(minutes) * 60,
                records: on.iter().map(|text| record(text)).collect::<Result<_, _>>()?,
            };
            let mut made = handle::follow_up_create(&session.api, request).await?;
            if made.queued && there(session).await? {
                let open = handle::follow_up_list(&session.api, Empty {}).await?.open;
                match open.into_iter().find(|one| one.id == made.id) {
                    Some(waits) => made = waits,
                    None => made.queued = false,
                }
            }
            output.result(&made, |out| line(out, &made))?;
            Ok(if made.queued { exit::PARTLY } else { exit::DONE })
        }
        FollowUp::Done { id, undo } => {
            handle::follow_up_done(&session.api, FollowUpDone { id, done: !undo }).await?;
            there(session).await?;
            after(session, output).await
        }
        FollowUp::Retry { id } => {
            handle::work_retry(&session.api, IdRequest { id }).await?;
            there(session).await?;
            after(session, output).await
        }
        FollowUp::Discard { id } => {
            handle::work_discard(&session.api, IdRequest { id }).await?;
            after(session, output).await
        }
    }
}

/// Takes to the CRM what waits; false where another process, or a later one, does.
async fn there(session: &Session) -> Result<bool, Failure> {
    if session.acts() {
        session.engine.crm_work_run().await.map_err(ApiError::from)?;
    }
    Ok(session.acts())
}

/// Whether all of it is in the CRM by now.
async fn after(session: &Session, output: &Output) -> Result<u8, Failure> {
    let crm = handle::app_state(&session.api, Empty {}).await?.crm;
    let left = crm.queued + crm.failed;
    output.result(&serde_json::json!({ "waiting": crm.queued, "refused": crm.failed }), |out| {
        writeln!(out, "{} waiting, {} refused", crm.queued, crm.failed)
    })?;
    Ok(if left > 0 { exit::PARTLY } else { exit::DONE })
}

async fn list(session: &Session, output: &Output) -> Result<u8, Failure> {
    let all = handle::follow_up_list(&session.api, Empty {}).await?;
    output.result(&all, |out| {
        all.open.iter().try_for_each(|one| line(out, one))?;
        all.waiting.iter().try_for_each(|one| waits(out, one))?;
        writeln!(out, "{} overdue", all.overdue)
    })?;
    Ok(exit::DONE)
}

fn line(out: &mut dyn std::io::Write, one: &FollowUpView) -> std::io::Result<()> {
    let kind = match one.kind {
        FollowUpKindView::Task => "task",
        FollowUpKindView::Call => "call",
        FollowUpKindView::Appointment => "appointment",
    };
    let state = match (&one.code, one.queued) {
        (Some(code), _) => format!("  refused: {code}"),
        (None, true) => "  queued".to_owned(),
        (None, false) => String::new(),
    };
    let records: Vec<_> = one.records.iter().map(|record| record.name.as_str()).collect();
    let title = column(&one.title, 40);
    writeln!(out, "{}  {}  {kind:11}  {title}  {}{state}", one.id, local(one.start), records.join(", "))
}

pub async fn waiting(session: &Session, output: &Output, command: Waiting) -> Result<u8, Failure> {
    match command {
        Waiting::Set { message, days } => {
            let set = handle::waiting_set(&session.api, WaitingSet { message, days }).await?;
            output.result(&set, |out| waits(out, &set))?;
        }
        Waiting::List => {
            let all = handle::follow_up_list(&session.api, Empty {}).await?.waiting;
            output.result(&all, |out| all.iter().try_for_each(|one| waits(out, one)))?;
        }
        Waiting::Remove { id } => {
            let done = handle::waiting_remove(&session.api, IdRequest { id }).await?;
            output.result(&done, |out| writeln!(out, "removed"))?;
        }
    }
    Ok(exit::DONE)
}

fn waits(out: &mut dyn std::io::Write, one: &WaitingView) -> std::io::Result<()> {
    let due = match (one.answered, one.due) {
        (true, _) => "answered",
        (false, true) => "no answer",
        (false, false) => "waiting",
    };
    writeln!(out, "{}  {}  {due:11}  {}", one.id, local(one.until), one.row.subject)
}

fn local(at: i64) -> String {
    let at = jiff::Timestamp::from_second(at).unwrap_or_default().to_zoned(TimeZone::system());
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// As a person writes it, in this computer's time. A day alone is meant as its end of work.
fn time(text: &str) -> Result<i64, Failure> {
    let wrong = || Failure::usage(format!("{text}: write 2027-01-31 or 2027-01-31T14:30"));
    let at = match text.parse::<jiff::civil::Date>() {
        Ok(day) if !text.contains(['T', ' ']) => day.at(16, 0, 0, 0),
        _ => text.parse::<DateTime>().map_err(|_| wrong())?,
    };
    Ok(at.to_zoned(TimeZone::system()).map_err(|_| wrong())?.timestamp().as_second())
}
