use crate::{args::Crm, exit, failure::Failure, output::Output, session::Session};
use clientele_api::{ApiError, handle, view::*};

pub async fn doctor(session: &Session, output: &Output) -> Result<u8, Failure> {
    let view = handle::doctor(&session.api, Empty {}).await?;
    output.result(&view, |out| {
        view.lines.iter().try_for_each(|line| {
            let health = match line.health {
                Health::Ok => "ok     ",
                Health::Warning => "warning",
                Health::Error => "error  ",
            };
            writeln!(out, "{health}  {}  {} {}", line.topic, line.code, line.detail)
        })
    })?;
    let sick = view.lines.iter().any(|line| matches!(line.health, Health::Error));
    Ok(if sick { exit::FAILED } else { exit::DONE })
}

pub async fn crm(session: &Session, output: &Output, command: Crm) -> Result<u8, Failure> {
    let Crm::Import { file } = command;
    let bytes = std::fs::read(&file)?;
    let count = session.engine.crm_import(&bytes).await.map_err(ApiError::from)?;
    output.result(&serde_json::json!({ "imported": count }), |out| writeln!(out, "{count} records"))?;
    Ok(exit::DONE)
}

pub async fn policy(session: &Session, output: &Output) -> Result<u8, Failure> {
    let view = handle::policy(&session.engine);
    output.result(&view, |out| {
        match &view.path {
            Some(path) => writeln!(out, "in force: {path}")?,
            None => writeln!(out, "no policy is in force")?,
        }
        for problem in &view.problems {
            writeln!(out, "refused: {problem}")?;
        }
        if view.accounts_max > 0 {
            writeln!(out, "accounts: {} at most", view.accounts_max)?;
        }
        let most = view.days_max.map(|days| format!(", {days} at most")).unwrap_or_default();
        writeln!(out, "days of mail: {}{most}", view.days_default)?;
        if !view.allowed_security.is_empty() {
            writeln!(out, "protection allowed: {:?}", view.allowed_security)?;
        }
        if !view.certificate_exceptions {
            writeln!(out, "no exceptions for certificates")?;
        }
        writeln!(out, "sign-in in the browser: {}", view.oauth.join(" "))
    })?;
    Ok(if view.problems.is_empty() { exit::DONE } else { exit::FAILED })
}
