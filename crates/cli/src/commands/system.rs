use crate::{exit, failure::Failure, output::Output, session::Session};
use clientele_api::{handle, view::*};
use clientele_words::{Language, word};
use std::io;

pub async fn doctor(session: &Session, output: &Output) -> Result<u8, Failure> {
    let view = handle::doctor(&session.api, Empty {}).await?;
    let language = session.engine.language().await;
    output.result(&view, |out| view.lines.iter().try_for_each(|line| finding(out, line, language)))?;
    let sick = view.lines.iter().any(|line| matches!(line.health, Health::Error));
    Ok(if sick { exit::FAILED } else { exit::DONE })
}

/// In words: what was looked at, and below it, where something is wrong, what and what to do.
fn finding(out: &mut dyn io::Write, line: &DoctorLine, language: Language) -> io::Result<()> {
    let say = |key: &str| {
        let words = word(language, key, &[("crm", "CRM")]);
        // A key without words is given back as it is.
        (words != key).then_some(words)
    };
    let health = match line.health {
        Health::Ok => "ok     ",
        Health::Warning => "warning",
        Health::Error => "error  ",
    };
    let topic = say(&format!("doctor.topic.{}", line.topic)).unwrap_or_else(|| line.topic.clone());
    let about = if line.account.is_empty() { String::new() } else { format!(" ({})", line.account) };
    writeln!(out, "{health}  {topic}{about}  {}", line.detail)?;
    if matches!(line.health, Health::Ok) {
        return Ok(());
    }
    let next = match line.code.as_str() {
        "" => say(&format!("doctor.next.{}", line.topic)),
        code => {
            let title = say(&format!("error.{code}.title")).unwrap_or_else(|| code.to_owned());
            writeln!(out, "         {title} ({code})")?;
            say(&format!("error.{code}.next"))
        }
    };
    if let Some(next) = next {
        writeln!(out, "         {next}")?;
    }
    if let Some(url) = &line.url {
        writeln!(out, "         {url}")?;
    }
    match &line.message {
        Some(message) => writeln!(out, "         clientele show {message}"),
        None => Ok(()),
    }
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
