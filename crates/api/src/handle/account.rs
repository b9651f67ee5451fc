use super::{Result, id};
use crate::{Api, ApiError, Event, view::*};
use clientele_engine::{self as engine, Secret, State, Status};
use clientele_model::{AccountId, Endpoint, Security};
use clientele_store::Account;

pub async fn account_verify(api: &Api, request: AccountDraft) -> Result<VerifyView> {
    let report = api.engine().account_verify(draft(request)?).await;
    Ok(verify_view(report))
}

/// Tries a saved account's servers; for the command line.
pub async fn account_verify_saved(api: &Api, request: IdRequest) -> Result<VerifyView> {
    Ok(verify_view(api.engine().account_verify_saved(id(&request.id)?).await?))
}

pub async fn account_add(api: &Api, request: AccountDraft) -> Result<AccountView> {
    let account = api.engine().account_add(draft(request)?).await?;
    let now = api.engine().accounts().await?.into_iter().find(|(one, _)| one.id == account.id);
    now.map(|(account, status)| view(&account, &status)).ok_or_else(|| ApiError::not_found("account"))
}

pub async fn account_remove(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().account_remove(id(&request.id)?).await?;
    Ok(Empty {})
}

pub async fn sync_now(api: &Api, request: IdRequest) -> Result<Empty> {
    let account = if request.id.is_empty() { None } else { Some(id(&request.id)?) };
    api.engine().sync_now(account);
    Ok(Empty {})
}

pub(crate) fn view(account: &Account, status: &Status) -> AccountView {
    AccountView {
        id: account.id.to_string(),
        email: account.email.clone(),
        name: account.name.clone(),
        incoming: endpoint_view(&account.incoming),
        incoming_user: account.incoming_user.clone(),
        outgoing: endpoint_view(&account.outgoing),
        outgoing_user: account.outgoing_user.clone(),
        days: account.days,
        oauth: None,
        state: state(status.state),
        code: status.code.clone(),
        progress: status.progress.as_ref().map(progress),
    }
}

pub(crate) fn status_event(account: AccountId, status: &Status) -> Event {
    Event::Account {
        account: account.to_string(),
        state: state(status.state),
        code: status.code.clone(),
        progress: status.progress.as_ref().map(progress),
    }
}

fn state(state: State) -> AccountState {
    match state {
        State::Starting => AccountState::Starting,
        State::Syncing => AccountState::Syncing,
        State::Idle => AccountState::Idle,
        State::Offline => AccountState::Offline,
        State::SignInNeeded => AccountState::SignInNeeded,
        State::Failed => AccountState::Failed,
    }
}

fn progress(progress: &engine::Progress) -> Progress {
    Progress { done: progress.done, total: progress.total, folder: progress.folder.clone() }
}

fn draft(request: AccountDraft) -> Result<engine::AccountDraft> {
    Ok(engine::AccountDraft {
        email: request.email.trim().to_owned(),
        name: request.name,
        incoming: endpoint(request.incoming)?,
        incoming_user: request.incoming_user.trim().to_owned(),
        incoming_password: Secret::new(request.incoming_password),
        outgoing: endpoint(request.outgoing)?,
        outgoing_user: request.outgoing_user.trim().to_owned(),
        outgoing_password: Secret::new(request.outgoing_password),
        days: request.days,
    })
}

fn endpoint(view: EndpointView) -> Result<Endpoint> {
    let security = match view.security {
        SecurityView::None => Security::None,
        SecurityView::Starttls => Security::Starttls,
        SecurityView::Tls => Security::Tls,
    };
    engine::endpoint(&view.host, view.port, security).map_err(|error| ApiError::invalid(error.to_string()))
}

/// A server as the wire writes it.
pub fn endpoint_view(endpoint: &Endpoint) -> EndpointView {
    let security = match endpoint.security {
        Security::None => SecurityView::None,
        Security::Starttls => SecurityView::Starttls,
        Security::Tls => SecurityView::Tls,
    };
    EndpointView { host: endpoint.host.clone(), port: endpoint.port, security }
}

fn verify_view(report: engine::Verified) -> VerifyView {
    VerifyView { incoming: side(report.incoming), outgoing: side(report.outgoing) }
}

fn side(side: engine::SideReport) -> SideReport {
    let stage = match side.stage {
        engine::Stage::Resolve => Stage::Resolve,
        engine::Stage::Connect => Stage::Connect,
        engine::Stage::Tls => Stage::Tls,
        engine::Stage::SignIn => Stage::SignIn,
        engine::Stage::Use => Stage::Use,
    };
    SideReport {
        ok: side.ok(),
        stage,
        code: side.code.map(|code| code.as_str().to_owned()),
        detail: side.detail,
        host: side.endpoint.host,
        port: side.endpoint.port,
        milliseconds: side.milliseconds,
        tls: side.tls,
        folders: side.folders,
        proposal: side.proposal.as_ref().map(endpoint_view),
        proposal_user: None,
        mechanism: String::new(),
        certificate: None,
    }
}
