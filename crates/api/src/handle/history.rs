use super::{Result, id};
use crate::{Api, view::*};
use clientele_engine as engine;
use clientele_model::AccountId;

/// One row an account, in the accounts' order.
pub async fn history_list(api: &Api, _request: Empty) -> Result<Vec<HistoryView>> {
    let mut rows = Vec::new();
    for (account, _) in api.engine().accounts().await? {
        rows.push(view(api, account.id).await?);
    }
    Ok(rows)
}

pub async fn history_pause(api: &Api, request: IdRequest) -> Result<HistoryView> {
    let account = id(&request.id)?;
    api.engine().history_pause(account).await?;
    view(api, account).await
}

pub async fn history_resume(api: &Api, request: IdRequest) -> Result<HistoryView> {
    let account = id(&request.id)?;
    api.engine().history_resume(account).await?;
    view(api, account).await
}

async fn view(api: &Api, account: AccountId) -> Result<HistoryView> {
    let engine::History { state, done, total, seconds_left } = api.engine().history(account).await?;
    let state = match state {
        engine::HistoryState::Off => HistoryState::Off,
        engine::HistoryState::Running => HistoryState::Running,
        engine::HistoryState::Paused => HistoryState::Paused,
        engine::HistoryState::NoRoom => HistoryState::NoRoom,
        engine::HistoryState::Whole => HistoryState::Whole,
    };
    Ok(HistoryView { account: account.to_string(), state, done, total, seconds_left })
}
