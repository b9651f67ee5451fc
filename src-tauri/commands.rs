//! The commands of the shell. `call` carries all of the product's own; the others are about the window.

use crate::{begun, shell, shell::Shell, surroundings::Surroundings, window};
use clientele_api::{ApiError, Code, command, view::StartBackup};
use serde_json::Value;
use tauri::{AppHandle, Manager as _, State};

/// Calls a command of `clientele_api` by name.
#[tauri::command]
pub async fn call(app: AppHandle, shell: State<'_, Shell>, name: String, request: Value) -> Result<Value, ApiError> {
    let api = shell.running().await?;
    let from_browser = name == "sign_in_wait";
    // A task of its own: a command that panics answers an error, where the page would otherwise wait for ever.
    let task = tokio::spawn(async move { command::call(&api, &name, request).await });
    let answer = task.await.unwrap_or_else(|_| {
        Err(ApiError { code: Code::Internal, detail: "the command panicked".into(), retryable: false })
    });
    if from_browser && answer.is_ok() {
        // The person is in the browser, and done there.
        window::show(&app);
    }
    answer
}

/// The page listens for events.
#[tauri::command]
pub fn ready(app: AppHandle) {
    shell::page_is_ready(&app);
}

/// The window goes to the task bar, and the program runs on.
#[tauri::command]
pub fn minimise(window: tauri::WebviewWindow) -> Result<(), String> {
    window.minimize().map_err(|error| error.to_string())
}

#[tauri::command]
pub fn quit(app: AppHandle) {
    shell::quit(&app);
}

/// Where the program could not start because a database is damaged: its backups, newest first.
#[tauri::command]
pub async fn start_backups(surroundings: State<'_, Surroundings>) -> Result<Vec<StartBackup>, ApiError> {
    let profile = surroundings.profile.clone();
    let look = move || {
        let Some(database) = clientele_engine::damaged(&profile)? else { return Ok(Vec::new()) };
        clientele_engine::backups(&profile, database)
    };
    let found = away(look).await?;
    let row = |one: clientele_engine::Backup| StartBackup {
        n: one.number,
        date: one.taken,
        size: one.size,
        sound: one.sound,
        database: one.database.name().to_owned(),
    };
    Ok(found.into_iter().map(row).collect())
}

static RESTORING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Puts a backup in the damaged database's place, and starts the program. Fails as the start does.
#[tauri::command]
pub async fn start_restore(app: AppHandle, surroundings: State<'_, Surroundings>, n: u32) -> Result<(), ApiError> {
    // A second click must not start the program a second time.
    let _one = RESTORING.lock().await;
    if app.state::<Shell>().now().is_some() {
        return Err(ApiError::invalid("the program has started"));
    }
    let profile = surroundings.profile.clone();
    away(move || match clientele_engine::damaged(&profile)? {
        Some(database) => clientele_engine::restore(&profile, database, n),
        None => Ok(()),
    })
    .await?;
    begun(&app, &surroundings).await
}

/// Starts the program once more after it could not: what was in the way may be gone. Fails as the start does.
#[tauri::command]
pub async fn start_again(app: AppHandle, surroundings: State<'_, Surroundings>) -> Result<(), ApiError> {
    let _one = RESTORING.lock().await;
    if app.state::<Shell>().now().is_some() {
        return Ok(());
    }
    begun(&app, &surroundings).await
}

/// Work on files, off the async threads.
async fn away<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, clientele_engine::EngineError> + Send + 'static,
) -> Result<T, ApiError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| ApiError::internal("looking at the databases panicked"))?.map_err(ApiError::from)
}
