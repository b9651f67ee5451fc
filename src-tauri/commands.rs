//! The commands of the shell. `call` carries all of the product's own; the others are about the window.

use crate::{shell, shell::Shell, window};
use clientele_api::{ApiError, Code, command};
use serde_json::Value;
use tauri::{AppHandle, State};
use tauri_plugin_opener::OpenerExt as _;

/// Calls a command of `clientele_api` by name.
#[tauri::command]
pub async fn call(app: AppHandle, shell: State<'_, Shell>, name: String, request: Value) -> Result<Value, ApiError> {
    let running = shell.running().await?;
    let asked = (name.clone(), request.clone());
    // A task of its own: a command that panics answers an error, where the page would otherwise wait for ever.
    let task = tokio::spawn(async move { command::call(&running.api, &asked.0, asked.1).await });
    let mut view = task.await.unwrap_or_else(|_| Err(failed(Code::Internal, "the command panicked")))?;
    match name.as_str() {
        "app_state" | "secrets_choose" => {
            if let Some(tray) = view.get_mut("tray") {
                *tray = Value::Bool(window::comes_back(&app));
            }
        }
        "link_open" => window::open_outside(&app, text(&request, "url")),
        "attachment_open" => app
            .opener()
            .open_path(text(&view, "path"), None::<&str>)
            .map_err(|error| failed(Code::FileFailed, &error.to_string()))?,
        _ => {}
    }
    Ok(view)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn failed(code: Code, detail: &str) -> ApiError {
    ApiError { code, detail: detail.to_owned(), retryable: false }
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
