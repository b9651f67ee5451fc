//! Which CRM it is.

use super::{Result, id};
use crate::{Api, Opening, view::*};
use clientele_engine::{self as engine, crm};

pub async fn crm_kinds(api: &Api, _request: Empty) -> Result<Vec<CrmKindView>> {
    Ok(api.engine().crm_kinds().into_iter().map(kind).collect())
}

pub async fn crm_sign_in(api: &Api, request: CrmSetup) -> Result<SignInStarted> {
    let started = api.engine().crm_sign_in(&setup(request)).await?;
    api.open_outside(Opening::Link(started.url.clone()));
    Ok(SignInStarted { id: started.id, url: started.url })
}

pub async fn crm_check(api: &Api, request: CrmSetup) -> Result<CrmFound> {
    let found = api.engine().crm_check(&setup(request)).await?;
    Ok(CrmFound {
        name: found.name,
        user: found.me.name,
        email: found.me.email,
        missing: missing(found.missing),
        companies: found.companies,
        people: found.people,
        more: found.more,
    })
}

pub async fn crm_connect(api: &Api, request: CrmSetup) -> Result<CrmView> {
    api.engine().crm_connect(&setup(request)).await?;
    crm_view(api).await
}

pub async fn crm_disconnect(api: &Api, _request: Empty) -> Result<CrmView> {
    api.engine().crm_disconnect().await?;
    crm_view(api).await
}

pub async fn crm_leaving(api: &Api, _request: Empty) -> Result<CrmLeaving> {
    let leaving = api.engine().crm_leaving().await?;
    Ok(CrmLeaving { name: leaving.name, archived: leaving.archived, queued: leaving.queued })
}

pub async fn crm_refresh(api: &Api, _request: Empty) -> Result<Empty> {
    api.engine().crm_refresh().await?;
    Ok(Empty {})
}

pub async fn address_checks(api: &Api, _request: Empty) -> Result<Vec<AddressCheck>> {
    let checks = api.engine().address_checks().await?;
    Ok(checks
        .into_iter()
        .map(|one| AddressCheck {
            account: one.account.to_string(),
            email: one.email,
            card: one.card,
            state: match one.state {
                engine::AddressState::Fits => AddressState::Fits,
                engine::AddressState::Differs => AddressState::Differs,
                engine::AddressState::Accepted => AddressState::Accepted,
            },
            repairable: one.repairable,
        })
        .collect())
}

pub async fn address_accept(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().address_accept(id(&request.id)?).await?;
    Ok(Empty {})
}

pub async fn address_repair(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().address_repair(id(&request.id)?).await?;
    Ok(Empty {})
}

/// How the CRM of this moment is.
pub async fn crm_view(api: &Api) -> Result<CrmView> {
    let now = api.engine().crm_status().await?;
    Ok(CrmView {
        name: now.name,
        link: api.engine().crm_shown().to_string(),
        kind: now.kind,
        ok: now.code.is_none(),
        code: now.code,
        queued: now.queued,
        failed: now.failed,
        user: now.user,
        missing: missing(now.missing),
        filling: now.filling.map(|filling| CrmFilling { read: filling.read, full: filling.full }),
        refreshed: now.refreshed,
    })
}

fn setup(request: CrmSetup) -> engine::CrmSetup {
    engine::CrmSetup { kind: request.kind, fields: request.fields, grant: request.grant }
}

fn missing(all: Vec<(crm::Capability, crm::Why)>) -> Vec<CrmMissing> {
    all.into_iter()
        .map(|(what, why)| CrmMissing { what: what.as_str().to_owned(), why: why.as_str().to_owned() })
        .collect()
}

fn kind(kind: engine::CrmKind) -> CrmKindView {
    CrmKindView {
        kind: kind.kind.to_owned(),
        name: kind.name.to_owned(),
        sign_in: match kind.sign_in {
            engine::CrmSignIn::None => CrmSignIn::None,
            engine::CrmSignIn::Browser => CrmSignIn::Browser,
            engine::CrmSignIn::Token => CrmSignIn::Token,
            engine::CrmSignIn::Password => CrmSignIn::Password,
        },
        fields: kind.fields.into_iter().map(field).collect(),
        code: kind.code.map(str::to_owned),
    }
}

fn field(field: engine::CrmField) -> CrmField {
    CrmField {
        key: field.key.to_owned(),
        kind: match field.kind {
            engine::CrmFieldKind::Text => CrmFieldKind::Text,
            engine::CrmFieldKind::Url => CrmFieldKind::Url,
            engine::CrmFieldKind::Secret => CrmFieldKind::Secret,
            engine::CrmFieldKind::Json => CrmFieldKind::Json,
        },
        required: field.required,
        advanced: field.advanced,
        value: field.value,
        locked: field.locked,
    }
}
