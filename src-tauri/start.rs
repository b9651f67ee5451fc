//! Starts the engine for the window, and stops it at the end.

use crate::{
    notices,
    shell::{Running, Shell},
    surroundings::Surroundings,
};
use clientele_api::{Api, ApiError, Code};
use clientele_engine::{Config, Engine};
use std::time::Duration;
use tauri::{AppHandle, Manager as _};

/// How long the program's end may wait for tasks to let go of their connections.
const GOODBYE: Duration = Duration::from_secs(3);

/// Opens the profile and starts its accounts.
pub async fn start(app: &AppHandle, surroundings: &Surroundings) -> Result<Running, ApiError> {
    let mut config = Config::new(&surroundings.profile);
    config.language = surroundings.language.clone();
    if let Some(path) = &surroundings.ca {
        let pem = std::fs::read(path).map_err(|error| ApiError {
            code: Code::FileFailed,
            detail: format!("CLIENTELE_CA: {error}"),
            retryable: false,
        })?;
        config.extra_ca = Some(pem);
    }
    let engine = Engine::start(config).await.map_err(ApiError::from)?;
    notices::forward(app, &engine);
    let viewer = clientele_api::viewer(&engine);
    Ok(Running { api: Api::new(engine.clone(), viewer.clone()), viewer, engine })
}

/// Ends the tasks and lets the profile go.
pub fn stop(app: &AppHandle) {
    let Some(running) = app.state::<Shell>().now() else { return };
    let ended = tauri::async_runtime::block_on(async { tokio::time::timeout(GOODBYE, running.engine.stop()).await });
    if ended.is_err() {
        tracing::warn!("the engine did not end in time");
    }
}
