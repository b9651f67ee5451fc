//! The commands of the shell. `call` carries all of the product's own; the others are about the window.

use crate::{shell, shell::Shell, window};
use clientele_api::{ApiError, Code, command};
use serde_json::Value;
use tauri::{AppHandle, State};

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
