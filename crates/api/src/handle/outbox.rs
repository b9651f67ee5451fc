use super::{Result, addresses, crm::record, id};
use crate::{Api, view::*};
use clientele_engine as engine;
use clientele_store::{self as store, OutboxItem};

pub async fn send(api: &Api, request: SendRequest) -> Result<OutboxView> {
    let archive = request.archive.into_iter().map(record).collect();
    let of = if request.crm.is_empty() { api.engine().crm_shown() } else { id(&request.crm)? };
    Ok(view(&api.engine().send_on(id(&request.draft)?, archive, of).await?))
}

pub async fn outbox_list(api: &Api, _request: Empty) -> Result<Vec<OutboxView>> {
    Ok(api.engine().outbox().await?.iter().map(view).collect())
}

/// A queued mail as it is now; `None` once it was sent and its row is gone. For the command line.
pub async fn outbox_get(api: &Api, outbox: &str) -> Result<Option<OutboxView>> {
    Ok(api.engine().outbox_item(id(outbox)?).await?.as_ref().map(view))
}

pub async fn outbox_resolve(api: &Api, request: OutboxResolve) -> Result<Empty> {
    let choice = match request.choice {
        OutboxChoice::Retry => engine::OutboxChoice::Retry,
        OutboxChoice::WasSent => engine::OutboxChoice::WasSent,
        OutboxChoice::Edit => engine::OutboxChoice::Edit,
        OutboxChoice::Discard => engine::OutboxChoice::Discard,
    };
    api.engine().outbox_resolve(id(&request.id)?, choice).await?;
    Ok(Empty {})
}

fn view(item: &OutboxItem) -> OutboxView {
    let state = match item.state {
        store::OutboxState::Queued => OutboxState::Queued,
        store::OutboxState::Sending => OutboxState::Sending,
        store::OutboxState::Held => OutboxState::Held,
        store::OutboxState::Failed => OutboxState::Failed,
        store::OutboxState::Sent => OutboxState::Sent,
    };
    OutboxView {
        id: item.id.to_string(),
        account: item.account.to_string(),
        to: addresses(&item.to),
        subject: item.subject.clone(),
        state,
        code: item.code.clone(),
        detail: item.detail.clone(),
        queued: item.queued,
    }
}
