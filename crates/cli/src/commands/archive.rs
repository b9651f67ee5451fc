use crate::{
    args::{Archive, VisibleArgument},
    exit,
    failure::Failure,
    output::Output,
    session::Session,
};
use clientele_api::{handle, view::*};
use serde_json::{Value, json};

pub async fn run(session: &Session, output: &Output, archive: Archive) -> Result<u8, Failure> {
    if archive.undo {
        return undo(session, output, archive.messages).await;
    }
    let records = archive.on.iter().map(|text| record(text)).collect::<Result<Vec<_>, _>>()?;
    let visible = archive.visible.map(|visible| match visible {
        VisibleArgument::Me => VisibleTo::Me,
        VisibleArgument::Group => VisibleTo::Group,
        VisibleArgument::All => VisibleTo::All,
    });
    let settings = handle::crm_settings_get(&session.api, Empty {}).await?;
    let visible = visible.unwrap_or(settings.visible);
    let mut refused = Vec::new();
    let queued = if let Some(part) = archive.part {
        let mut all = Vec::new();
        for message in archive.messages {
            let request = DocumentRequest { message, part, records: records.clone(), visible };
            all.push(handle::document_archive(&session.api, request).await?);
        }
        all
    } else {
        let choice = ArchiveChoice {
            title: archive.title,
            date: None,
            mail_type: archive.mail_type,
            visible,
            attachments: settings.attachments && !archive.no_attachments,
        };
        let request = ArchiveRequest {
            messages: archive.messages,
            records,
            choice: Some(choice),
            conversation: archive.conversation,
            follow: if archive.follow { Some(true) } else { archive.no_follow.then_some(false) },
        };
        let done = handle::archive(&session.api, request).await?;
        refused = done.refused;
        done.archived
    };
    // The embedded CRM is on this computer: no need of a network.
    let here = handle::app_state(&session.api, Empty {}).await?.crm.kind == "embedded";
    if session.engine.role() == clientele_engine::Role::Owner && (here || !session.offline) {
        session.engine.archive_run().await.map_err(clientele_api::ApiError::from)?;
    }
    let mut now = Vec::new();
    for view in queued {
        now.push(handle::archived(&session.api, &view.id, view.already).await?);
    }
    if let (true, Some(first)) = (now.is_empty(), refused.first()) {
        return Err(clientele_api::ApiError::new(first.code, "none of these mails can be archived").into());
    }
    let left = |one: &NotArchived| json!({ "state": "refused", "message": one.message, "code": one.code });
    let all: Vec<Value> = now.iter().map(|view| json!(view)).chain(refused.iter().map(left)).collect();
    output.result(&all, |out| {
        now.iter().try_for_each(|view| {
            let records: Vec<_> = view.records.iter().map(|record| record.name.as_str()).collect();
            // Never "done": Done takes a mail out of the inbox, and this is something else.
            let state = match view.state {
                ArchiveState::Done if view.already => "archived already",
                ArchiveState::Done => "archived",
                ArchiveState::Queued => "queued",
                ArchiveState::Failed => "failed",
            };
            writeln!(out, "{state}: {}", records.join(", "))
        })?;
        refused.iter().try_for_each(|one| {
            let subject = one.row.as_ref().map_or("", |row| row.subject.as_str());
            writeln!(out, "not archived ({}): {subject}", json!(one.code).as_str().unwrap_or_default())
        })
    })?;
    let all = refused.is_empty() && now.iter().all(|view| matches!(view.state, ArchiveState::Done));
    Ok(if all { exit::DONE } else { exit::PARTLY })
}

async fn undo(session: &Session, output: &Output, messages: Vec<String>) -> Result<u8, Failure> {
    let mut count = 0;
    for message in messages {
        let customer = handle::customer_get(&session.api, MessageRef { message }).await?;
        let Some(archived) = customer.archived else { continue };
        handle::archive_undo(&session.api, IdRequest { id: archived.id }).await?;
        count += 1;
    }
    if count == 0 {
        return Err(Failure::not_found("none of these mails is archived"));
    }
    output.result(&serde_json::json!({ "undone": count }), |out| writeln!(out, "{count} taken back"))?;
    Ok(exit::DONE)
}

/// `sale:12`
pub fn record(text: &str) -> Result<RecordView, Failure> {
    let wrong = || Failure::usage(format!("{text}: write company:ID, person:ID, sale:ID or project:ID"));
    let (kind, id) = text.split_once(':').ok_or_else(wrong)?;
    let kind = match kind {
        "company" => RecordKindView::Company,
        "person" => RecordKindView::Person,
        "sale" => RecordKindView::Sale,
        "project" => RecordKindView::Project,
        _ => return Err(wrong()),
    };
    if id.is_empty() {
        return Err(wrong());
    }
    Ok(RecordView { kind, id: id.to_owned(), name: String::new() })
}
