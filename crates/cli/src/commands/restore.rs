use crate::{
    args::{DatabaseArgument, Global, Restore},
    exit,
    failure::Failure,
    output::Output,
    session,
};
use clientele_api::ApiError;
use clientele_engine::{Backup, Database, EngineError};

/// Without opening the profile: what is damaged cannot be opened.
pub async fn run(global: &Global, output: &Output, restore: Restore) -> Result<u8, Failure> {
    let profile = session::profile(global)?;
    let work = move || {
        let damaged = clientele_engine::damaged(&profile)?;
        let database = match restore.database {
            Some(DatabaseArgument::Local) => Database::Local,
            Some(DatabaseArgument::Crm) => Database::Crm,
            None => damaged.unwrap_or(Database::Local),
        };
        let backups = clientele_engine::backups(&profile, database)?;
        let mut taken = None;
        if !restore.list {
            let number = match restore.backup {
                Some(number) => number,
                None if damaged != Some(database) => {
                    return Err(EngineError::Invalid("it is not damaged: choose a backup with --backup".into()));
                }
                None => backups.iter().find(|backup| backup.sound).ok_or(EngineError::NotFound)?.number,
            };
            clientele_engine::restore(&profile, database, number)?;
            taken = Some(number);
        }
        Ok((damaged, database, backups, taken))
    };
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|_| Failure::from(ApiError::internal("looking at the backups panicked")))?;
    let (damaged, database, backups, taken) = done.map_err(ApiError::from)?;
    let document = serde_json::json!({
        "database": database.name(),
        "damaged": damaged == Some(database),
        "backups": backups.iter().map(row).collect::<Vec<_>>(),
        "restored": taken,
    });
    output.result(&document, |out| match taken {
        Some(0) => writeln!(out, "{}.db is empty now; what was there lies beside it", database.name()),
        Some(number) => writeln!(out, "{}.db is backup {number} now; what was there lies beside it", database.name()),
        None => {
            let state = if damaged == Some(database) { "damaged" } else { "not damaged" };
            writeln!(out, "{}.db: {state}", database.name())?;
            backups.iter().try_for_each(|one| {
                let date = jiff::Timestamp::from_second(one.taken).unwrap_or_default();
                let state = if one.sound { "" } else { "  damaged" };
                writeln!(out, "{}  {date}  {} bytes{state}", one.number, one.size)
            })
        }
    })?;
    Ok(exit::DONE)
}

fn row(backup: &Backup) -> serde_json::Value {
    serde_json::json!({
        "number": backup.number, "taken": backup.taken, "size": backup.size, "sound": backup.sound
    })
}
