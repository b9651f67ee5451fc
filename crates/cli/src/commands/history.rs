use crate::{args::History, exit, failure::Failure, output::Output, session::Session};
use clientele_api::{handle, view::*};

pub async fn run(session: &Session, output: &Output, history: History) -> Result<u8, Failure> {
    let accounts = match &history.account {
        Some(text) => vec![session.account(text).await?],
        None => handle::app_state(&session.api, Empty {}).await?.accounts,
    };
    for account in &accounts {
        let request = IdRequest { id: account.id.clone() };
        if history.pause {
            handle::history_pause(&session.api, request).await?;
        } else if history.resume {
            handle::history_resume(&session.api, request).await?;
        }
    }
    let mut rows = handle::history_list(&session.api, Empty {}).await?;
    rows.retain(|row| accounts.iter().any(|account| account.id == row.account));
    output.result(&rows, |out| {
        for row in &rows {
            let email = accounts.iter().find(|one| one.id == row.account).map_or("", |one| one.email.as_str());
            let state = match row.state {
                HistoryState::Off => "not wanted",
                HistoryState::Running => "to be fetched",
                HistoryState::Paused => "paused",
                HistoryState::NoRoom => "waits for room on the disk",
                HistoryState::Whole => "all is here",
            };
            // Known only where the tasks run: in this process, with `sync --watch`.
            let far = if row.total > 0 { format!("  {}/{}", row.done, row.total) } else { String::new() };
            writeln!(out, "{email}  {state}{far}")?;
        }
        Ok(())
    })?;
    Ok(exit::DONE)
}
