use crate::{args::Sync, exit, failure::Failure, output::Output, session::Session};
use clientele_api::{ApiError, Code, Event, handle, view::*};
use clientele_engine::Until;
use std::sync::Arc;

pub async fn run(session: &Session, output: &Output, sync: Sync) -> Result<u8, Failure> {
    if session.engine.role() == clientele_engine::Role::Guest {
        return Err(ApiError {
            code: Code::ProfileBusy,
            detail: "another process fetches the mail".into(),
            retryable: true,
        }
        .into());
    }
    if session.offline {
        return Err(Failure::usage("fetching needs the network"));
    }
    session.engine.warm();
    if sync.watch {
        return watch(session, output).await;
    }
    let accounts = match &sync.account {
        Some(text) => vec![session.account(text).await?],
        None => handle::app_state(&session.api, Empty {}).await?.accounts,
    };
    let until = if sync.first_screen { Until::FirstScreen } else { Until::Everything };
    let mut reports = Vec::new();
    let mut failed: Option<Failure> = None;
    for account in accounts {
        let id = account.id.parse().map_err(|_| Failure::not_found("no such account"))?;
        let progress = {
            let output = *output;
            Arc::new(move |folder: &str, done: u64, total: u64| output.progress(&format!("{folder} {done}/{total}")))
        };
        let started = std::time::Instant::now();
        let result = session.engine.sync_once(id, until, progress).await;
        output.progress_done();
        let milliseconds = started.elapsed().as_millis() as u64;
        match result {
            Ok(count) => reports.push(serde_json::json!({
                "account": account.id, "new": count, "milliseconds": milliseconds, "code": null
            })),
            Err(error) => {
                let failure = Failure::from(ApiError::from(error));
                reports.push(serde_json::json!({
                    "account": account.id, "new": 0, "milliseconds": milliseconds, "code": failure.code
                }));
                failed = Some(failure);
            }
        }
    }
    if let (Some(failure), 1) = (&failed, reports.len()) {
        return Err(Failure { code: failure.code.clone(), detail: failure.detail.clone(), ..*failure });
    }
    output.result(&reports, |out| {
        reports.iter().try_for_each(|report| writeln!(out, "{} new in {} ms", report["new"], report["milliseconds"]))
    })?;
    Ok(if failed.is_some() { exit::PARTLY } else { exit::DONE })
}

/// The accounts' tasks run; this only tells what they say, one JSON object or line each, until interrupted.
async fn watch(session: &Session, output: &Output) -> Result<u8, Failure> {
    let mut events = session.api.events();
    let stop = tokio::signal::ctrl_c();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            _ = &mut stop => return Ok(exit::DONE),
            event = events.recv() => match event {
                Ok(event @ Event::Account { .. }) => output.line(&event),
                Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return Ok(exit::DONE),
            },
        }
    }
}
