use crate::{
    args::{Keyword, Mark},
    exit,
    failure::Failure,
    output::Output,
    session::Session,
};
use clientele_api::{handle, view::*};
use serde_json::json;

pub enum Act {
    Done,
    Junk,
    Delete,
}

pub async fn one(session: &Session, output: &Output, messages: Vec<String>, act: Act) -> Result<u8, Failure> {
    let action = match act {
        Act::Done => ActionRequest::Done,
        Act::Junk => ActionRequest::Junk,
        Act::Delete => ActionRequest::Delete,
    };
    all(session, output, messages, vec![action]).await
}

pub async fn mark(session: &Session, output: &Output, mark: Mark) -> Result<u8, Failure> {
    let flags = &mark.flags;
    let chosen = [
        (flags.read, ActionRequest::Read),
        (flags.unread, ActionRequest::Unread),
        (flags.flag, ActionRequest::Flag),
        (flags.unflag, ActionRequest::Unflag),
    ];
    let actions = chosen.into_iter().filter_map(|(wanted, action)| wanted.then_some(action)).collect();
    all(session, output, mark.messages, actions).await
}

pub async fn move_to(session: &Session, output: &Output, messages: Vec<String>, folder: &str) -> Result<u8, Failure> {
    let folder = session.folder(folder).await?.id;
    all(session, output, messages, vec![ActionRequest::Move { folder }]).await
}

pub async fn copy_to(session: &Session, output: &Output, messages: Vec<String>, folder: &str) -> Result<u8, Failure> {
    let folder = session.folder(folder).await?.id;
    all(session, output, messages, vec![ActionRequest::Copy { folder }]).await
}

pub async fn keyword(session: &Session, output: &Output, keyword: Keyword) -> Result<u8, Failure> {
    let added = keyword.change.add.into_iter().map(|keyword| ActionRequest::KeywordAdd { keyword });
    let removed = keyword.change.remove.into_iter().map(|keyword| ActionRequest::KeywordRemove { keyword });
    all(session, output, keyword.messages, added.chain(removed).collect()).await
}

/// Done here at once; then the server is told, where this process may speak to it.
async fn all(
    session: &Session,
    output: &Output,
    messages: Vec<String>,
    actions: Vec<ActionRequest>,
) -> Result<u8, Failure> {
    let mut count = 0;
    for action in actions {
        let request = OperateRequest { messages: messages.clone(), action };
        count = count.max(handle::operate(&session.api, request).await?.count);
    }
    if count == 0 {
        return Err(Failure::not_found("none of these mails is here"));
    }
    told(session, output, count).await
}

/// Tells the server what is queued, where this process may, and prints how it went.
pub async fn told(session: &Session, output: &Output, count: u32) -> Result<u8, Failure> {
    let mut code = exit::DONE;
    if session.acts() {
        // What the server cannot be told now stays queued, and that is no failure of this command.
        if let Err(error) = session.engine.replay().await {
            output.note(&format!("queued: {error}"));
            code = exit::PARTLY;
        }
    } else if session.offline {
        code = exit::PARTLY;
    }
    let refused = handle::operation_list(&session.api, Empty {}).await?;
    if !refused.is_empty() {
        code = exit::PARTLY;
    }
    let state = if code == exit::DONE && !session.queues() { "done" } else { "queued" };
    let document = json!({ "count": count, "state": state, "refused": refused });
    output.result(&document, |out| writeln!(out, "{count} {state}"))?;
    Ok(code)
}
