use super::{Result, certificate, id};
use crate::{Api, ApiError, Event, view::*};
use clientele_engine::{self as engine, Secret, State, Status};
use clientele_model::{AccountId, Endpoint, Security};
use clientele_store::Account;

pub async fn account_verify(api: &Api, request: AccountDraft) -> Result<VerifyView> {
    let report = api.engine().account_verify(draft(request)?).await?;
    Ok(verify_view(api, report))
}

/// Tries a saved account's servers; for the command line.
pub async fn account_verify_saved(api: &Api, request: IdRequest) -> Result<VerifyView> {
    Ok(verify_view(api, api.engine().account_verify_saved(id(&request.id)?).await?))
}

pub async fn account_add(api: &Api, request: AccountDraft) -> Result<AccountView> {
    let account = api.engine().account_add(draft(request)?).await?;
    now(api, account.id).await
}

pub async fn account_edit(api: &Api, request: AccountEdit) -> Result<AccountView> {
    let account = api.engine().account_edit(id(&request.id)?, draft(request.draft)?).await?;
    now(api, account.id).await
}

pub async fn account_sign_in(api: &Api, request: AccountSignIn) -> Result<AccountView> {
    let secret = match (request.grant, request.password) {
        (Some(grant), None) => engine::NewSecret::Grant(grant),
        (None, Some(password)) => engine::NewSecret::Password(Secret::new(password)),
        _ => return Err(ApiError::invalid("either a finished sign-in or a password")),
    };
    let account = api.engine().account_sign_in(id(&request.id)?, secret).await?;
    now(api, account.id).await
}

/// The account with its state of this moment.
async fn now(api: &Api, account: AccountId) -> Result<AccountView> {
    let all = api.engine().accounts().await?;
    let found = all.iter().find(|(one, _)| one.id == account);
    found.map(|(account, status)| view(account, status)).ok_or_else(|| ApiError::not_found("account"))
}

pub async fn account_removal(api: &Api, request: IdRequest) -> Result<AccountRemoval> {
    let engine::Removal { account, takes } = api.engine().account_removal(id(&request.id)?).await?;
    let unsent = takes.unsent.into_iter().map(|item| UnsentView {
        to: item.to.iter().map(|address| address.label().to_owned()).collect::<Vec<_>>().join(", "),
        subject: item.subject,
    });
    Ok(AccountRemoval {
        email: account.email,
        mails: takes.mails,
        drafts: takes.drafts,
        unsent: unsent.collect(),
        archives: takes.archives,
        operations: takes.operations,
    })
}

pub async fn account_finish(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().account_finish(id(&request.id)?).await?;
    Ok(Empty {})
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
        oauth: account.oauth.clone(),
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
        grant: request.grant,
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
    EndpointView { host: endpoint.host.clone(), port: endpoint.port, security: security_view(endpoint.security) }
}

pub(super) fn security_view(security: Security) -> SecurityView {
    match security {
        Security::None => SecurityView::None,
        Security::Starttls => SecurityView::Starttls,
        Security::Tls => SecurityView::Tls,
    }
}

fn verify_view(api: &Api, report: engine::Verified) -> VerifyView {
    VerifyView { incoming: side(api, report.incoming), outgoing: side(api, report.outgoing) }
}

fn side(api: &Api, side: engine::SideReport) -> SideReport {
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
        code: api.engine().side_code(&side).map(str::to_owned),
        detail: side.detail,
        host: side.endpoint.host,
        port: side.endpoint.port,
        milliseconds: side.milliseconds,
        tls: side.tls,
        folders: side.folders,
        proposal: side.proposal.as_ref().map(endpoint_view),
        proposal_user: side.proposal_user,
        mechanism: side.mechanism,
        certificate: side.certificate.map(|one| certificate::view(one, api.engine().policy().certificate_exceptions)),
    }
}
