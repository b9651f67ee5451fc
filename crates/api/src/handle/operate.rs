use super::{Result, id, ids};
use crate::{Api, ApiError, view::*};
use clientele_model::{Action, is_keyword};
use clientele_store::{Operated, UndoToken};

pub async fn operate(api: &Api, request: OperateRequest) -> Result<OperatedView> {
    let action = match request.action {
        ActionRequest::Read => Action::Read,
        ActionRequest::Unread => Action::Unread,
        ActionRequest::Flag => Action::Flag,
        ActionRequest::Unflag => Action::Unflag,
        ActionRequest::Done => Action::Done,
        ActionRequest::Junk => Action::Junk,
        ActionRequest::Delete => Action::Delete,
        ActionRequest::Move { folder } => Action::Move { folder: id(&folder)? },
        ActionRequest::Copy { folder } => Action::Copy { folder: id(&folder)? },
        ActionRequest::KeywordAdd { keyword } => Action::AddKeyword { keyword: checked(keyword)? },
        ActionRequest::KeywordRemove { keyword } => Action::RemoveKeyword { keyword: checked(keyword)? },
    };
    Ok(operated_view(api.engine().operate(ids(&request.messages)?, action).await?))
}

pub(super) fn operated_view(operated: Operated) -> OperatedView {
    OperatedView { undo: operated.undo.map(|token| token.0).unwrap_or_default(), count: operated.count }
}

fn checked(keyword: String) -> Result<String> {
    if is_keyword(&keyword) { Ok(keyword) } else { Err(ApiError::invalid("not a keyword: one word of ASCII letters")) }
}

pub async fn undo(api: &Api, request: UndoRequest) -> Result<Empty> {
    api.engine().undo(UndoToken(request.undo)).await?;
    Ok(Empty {})
}

pub async fn operation_list(api: &Api, _request: Empty) -> Result<Vec<OperationView>> {
    let refused = api.engine().operations_refused().await?;
    let view = |one: clientele_store::RefusedOperation| OperationView {
        id: one.id.to_string(),
        action: one.action,
        subject: one.subject,
        code: one.code,
        detail: one.detail,
        since: one.since,
    };
    Ok(refused.into_iter().map(view).collect())
}

pub async fn operation_retry(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().operation_retry(id(&request.id)?).await?;
    Ok(Empty {})
}

pub async fn operation_discard(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().operation_discard(id(&request.id)?).await?;
    Ok(Empty {})
}
