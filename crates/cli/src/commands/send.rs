use crate::{args::Send, commands::archive::record, exit, failure::Failure, output::Output, session::Session};
use clientele_api::{handle, view::*};
use std::io::Read as _;

/// Writes the draft, queues it, and sends it where this process may.
pub async fn run(session: &Session, output: &Output, send: Send) -> Result<u8, Failure> {
    let archive = send.archive.iter().map(|text| record(text)).collect::<Result<Vec<_>, _>>()?;
    let body = body(&send)?;
    let (kind, message) = match (&send.reply, &send.reply_all, &send.forward) {
        (Some(id), _, _) => (DraftKind::Reply, id.clone()),
        (_, Some(id), _) => (DraftKind::ReplyAll, id.clone()),
        (_, _, Some(id)) => (DraftKind::Forward, id.clone()),
        _ => (DraftKind::New, String::new()),
    };
    let draft = handle::draft_new(&session.api, DraftNew { kind, message, mailto: String::new() }).await?;
    let result = fill_and_queue(session, &send, draft.clone(), &body, archive).await;
    let queued = match result {
        Ok(queued) => queued,
        Err(failure) => {
            // Nothing half is left behind: the command can be typed again.
            let _ = handle::draft_discard(&session.api, IdRequest { id: draft.id }).await;
            return Err(failure);
        }
    };
    if session.acts() {
        // Why a mail was not sent stands in its row; anything else is told, and does not unsend it.
        for result in [
            session.engine.outbox_run().await,
            // `\\Answered` on the mail that was answered.
            session.engine.replay().await,
            session.engine.archive_run().await.map(|_| ()),
        ] {
            if let Err(error) = result {
                output.note(&error.to_string());
            }
        }
    }
    // A row that is gone was sent and kept in Sent.
    let sent = OutboxView { state: OutboxState::Sent, code: None, ..queued.clone() };
    let now = handle::outbox_get(&session.api, &queued.id).await?.unwrap_or(sent);
    output.result(&now, |out| writeln!(out, "{:?} {}", now.state, now.code.as_deref().unwrap_or_default()))?;
    Ok(match now.state {
        OutboxState::Sent => exit::DONE,
        OutboxState::Failed => exit::of_text(now.code.as_deref().unwrap_or_default()),
        OutboxState::Queued | OutboxState::Sending | OutboxState::Held => exit::PARTLY,
    })
}

async fn fill_and_queue(
    session: &Session,
    send: &Send,
    draft: DraftView,
    body: &str,
    archive: Vec<RecordView>,
) -> Result<OutboxView, Failure> {
    let account = match &send.account {
        Some(text) => session.account(text).await?.id,
        None => draft.account,
    };
    let mut to = draft.to;
    let mut cc = draft.cc;
    let mut bcc = draft.bcc;
    to.extend(addresses(&send.to)?);
    cc.extend(addresses(&send.cc)?);
    bcc.extend(addresses(&send.bcc)?);
    let saved = DraftSave {
        id: draft.id.clone(),
        account,
        to,
        cc,
        bcc,
        subject: send.subject.clone().unwrap_or(draft.subject),
        // The signature that the draft came with stands below what was written.
        body: format!("{}{}", handle::html_of(body), draft.body),
        quote: draft.quote,
    };
    handle::draft_save(&session.api, saved).await?;
    for path in &send.attach {
        let path = std::path::absolute(path)?.to_string_lossy().into_owned();
        handle::draft_attach(&session.api, DraftAttach { draft: draft.id.clone(), path }).await?;
    }
    Ok(handle::send(&session.api, SendRequest { draft: draft.id, archive, crm: String::new() }).await?)
}

fn body(send: &Send) -> Result<String, Failure> {
    match &send.body {
        Some(text) => Ok(text.clone()),
        None => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            Ok(text)
        }
    }
}

/// `Name <name@example.com>` or a bare address.
fn addresses(texts: &[String]) -> Result<Vec<AddressView>, Failure> {
    texts.iter().map(|text| address(text)).collect()
}

fn address(text: &str) -> Result<AddressView, Failure> {
    let (name, email) = match text.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, email)) => (name.trim().trim_matches('"'), email.trim()),
        None => ("", text.trim()),
    };
    match email.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() && !email.contains(char::is_whitespace) => {
            Ok(AddressView { name: name.to_owned(), email: email.to_owned() })
        }
        _ => Err(Failure::usage(format!("{text} is not an address"))),
    }
}
