//! Which CRM it is.

use crate::{
    args::{Crm, CrmConnection},
    commands::browser,
    exit,
    failure::Failure,
    output::Output,
    secret,
    session::Session,
};
use clientele_api::{ApiError, handle, view::*};
use std::{collections::BTreeMap, io};

pub async fn run(session: &Session, output: &Output, command: Crm) -> Result<u8, Failure> {
    match command {
        Crm::Kinds => kinds(session, output).await,
        Crm::Check(connection) => {
            let setup = setup(session, output, connection).await?;
            let found = handle::crm_check(&session.api, setup).await?;
            output.result(&found, |out| {
                writeln!(out, "{}: signed in as {} {}", found.name, found.user, found.email)?;
                let more = if found.more { " and more" } else { "" };
                writeln!(out, "{} companies, {} people{more}", found.companies, found.people)?;
                found.missing.iter().try_for_each(|one| writeln!(out, "cannot: {} ({})", one.what, one.why))
            })?;
            Ok(exit::DONE)
        }
        Crm::Connect(connection) => {
            let setup = setup(session, output, connection).await?;
            handle::crm_connect(&session.api, setup).await?;
            let read = read(session).await;
            shown(session, output, read).await
        }
        Crm::Disconnect => {
            let leaving = handle::crm_leaving(&session.api, Empty {}).await?;
            let view = handle::crm_disconnect(&session.api, Empty {}).await?;
            output.note(&format!(
                "{}: {} mails stay there, {} were not there yet",
                leaving.name, leaving.archived, leaving.queued
            ));
            status(output, &view)
        }
        Crm::Refresh => {
            if session.offline {
                return Err(Failure::offline());
            }
            let read = read(session).await;
            shown(session, output, read).await
        }
        Crm::Status => status(output, &handle::app_state(&session.api, Empty {}).await?.crm),
        Crm::Addresses { accept, repair } => addresses(session, output, accept, repair).await,
        Crm::Import { file } => {
            let bytes = std::fs::read(&file)?;
            let count = session.engine.crm_import(&bytes).await.map_err(ApiError::from)?;
            output.result(&serde_json::json!({ "imported": count }), |out| writeln!(out, "{count} records"))?;
            Ok(exit::DONE)
        }
    }
}

/// What the CRM holds, and what waits for it.
async fn read(session: &Session) -> Result<(), ApiError> {
    handle::crm_refresh(&session.api, Empty {}).await?;
    session.engine.crm_work_run().await?;
    session.engine.archive_run().await?;
    Ok(())
}

/// How it is after something was tried; what failed is told by the exit code too.
async fn shown(session: &Session, output: &Output, tried: Result<(), ApiError>) -> Result<u8, Failure> {
    tried?;
    status(output, &handle::app_state(&session.api, Empty {}).await?.crm)
}

async fn kinds(session: &Session, output: &Output) -> Result<u8, Failure> {
    let kinds = handle::crm_kinds(&session.api, Empty {}).await?;
    output.result(&kinds, |out| kinds.iter().try_for_each(|kind| listed(out, kind)))?;
    Ok(exit::DONE)
}

fn listed(out: &mut dyn io::Write, kind: &CrmKindView) -> io::Result<()> {
    let code = kind.code.as_ref().map(|code| format!("  ({code})")).unwrap_or_default();
    writeln!(out, "{}  {}  {:?}{code}", kind.kind, kind.name, kind.sign_in)?;
    kind.fields.iter().try_for_each(|field| {
        let need = match (field.locked, field.required) {
            (true, _) => "prescribed",
            (_, true) => "needed",
            _ => "",
        };
        writeln!(out, "    {:16} {need:10} {}", field.key, field.value)
    })
}

fn status(output: &Output, view: &CrmView) -> Result<u8, Failure> {
    output.result(view, |out| {
        let user = if view.user.is_empty() { String::new() } else { format!(", as {}", view.user) };
        writeln!(out, "{} ({}){user}", view.name, view.kind)?;
        if let Some(code) = &view.code {
            writeln!(out, "not well: {code}")?;
        }
        if view.refreshed > 0 {
            let at = jiff_date(view.refreshed);
            writeln!(out, "read: {at}")?;
        }
        writeln!(out, "{} waiting, {} refused", view.queued, view.failed)
    })?;
    Ok(match &view.code {
        Some(code) => exit::of_text(code),
        None if view.queued > 0 => exit::PARTLY,
        None => exit::DONE,
    })
}

fn jiff_date(at: i64) -> String {
    jiff::Timestamp::from_second(at).map(|at| at.to_string()).unwrap_or_default()
}

async fn addresses(
    session: &Session,
    output: &Output,
    accept: Option<String>,
    repair: Option<String>,
) -> Result<u8, Failure> {
    if let Some(account) = accept {
        let id = session.account(&account).await?.id;
        handle::address_accept(&session.api, IdRequest { id }).await?;
    }
    if let Some(account) = repair {
        let id = session.account(&account).await?.id;
        handle::address_repair(&session.api, IdRequest { id }).await?;
    }
    let checks = handle::address_checks(&session.api, Empty {}).await?;
    output.result(&checks, |out| {
        checks.iter().try_for_each(|one| {
            let state = match one.state {
                AddressState::Fits => "fits",
                AddressState::Differs => "differs",
                AddressState::Accepted => "accepted",
            };
            writeln!(out, "{state:9} {}  card: {}", one.email, one.card)
        })
    })?;
    let all = checks.iter().all(|one| one.state != AddressState::Differs);
    Ok(if all { exit::DONE } else { exit::PARTLY })
}

/// What was typed, with the secret from standard input, and signed in in the browser where that is the way.
async fn setup(session: &Session, output: &Output, connection: CrmConnection) -> Result<CrmSetup, Failure> {
    if session.offline {
        return Err(Failure::offline());
    }
    let kinds = handle::crm_kinds(&session.api, Empty {}).await?;
    let kind = kinds.iter().find(|kind| kind.kind == connection.kind);
    let kind = kind.ok_or_else(|| Failure::usage(format!("no such CRM: {}", connection.kind)))?;
    let mut fields = BTreeMap::new();
    for pair in &connection.fields {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(Failure::usage(format!("{pair}: write FIELD=VALUE")));
        };
        if kind.fields.iter().any(|field| field.key == key && field.kind == CrmFieldKind::Secret) {
            return Err(Failure::usage("a token or password is read from standard input"));
        }
        fields.insert(key.to_owned(), value.to_owned());
    }
    let secret = kind.fields.iter().find(|field| field.kind == CrmFieldKind::Secret);
    if let Some(field) = secret.filter(|_| !connection.same_secret) {
        let (typed, _) = secret::passwords()?;
        if typed.is_empty() {
            return Err(Failure::usage("the token or password is read from standard input, and there was none"));
        }
        fields.insert(field.key.clone(), typed.to_string());
    }
    let mut setup = CrmSetup { kind: connection.kind, fields, grant: None };
    if kind.sign_in == CrmSignIn::Browser && !connection.same_secret {
        setup.grant = Some(browser::crm_grant(session, output, connection.browser, setup.clone()).await?);
    }
    Ok(setup)
}
