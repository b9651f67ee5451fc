//! Starts the engine for the window, and stops it at the end.

use crate::{notices, shell::Shell, surroundings::Surroundings, window};
use clientele_api::{Api, ApiError, Code, Opening};
use clientele_engine::{Config, Engine, PolicyFiles};
use std::time::Duration;
use tauri::{AppHandle, Manager as _};
use tauri_plugin_opener::OpenerExt as _;

/// How long the program's end may wait for tasks to let go of their connections.
const GOODBYE: Duration = Duration::from_secs(3);

/// Opens the profile and starts its accounts.
pub async fn start(app: &AppHandle, surroundings: &Surroundings) -> Result<Api, ApiError> {
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
    // A test's own policy; no release can be given another than the administrator's.
    if cfg!(debug_assertions)
        && let Some(path) = std::env::var_os("CLIENTELE_POLICY")
    {
        config.policy = Some(PolicyFiles { machine: path.into(), beside: None });
    }
    // The demo's and the tests' pictures come from a listener on this machine; no release can be asked for that.
    config.allow_loopback_images =
        cfg!(debug_assertions) && std::env::var_os("CLIENTELE_LOOPBACK_IMAGES").is_some_and(|value| value == "1");
    let engine = Engine::start(config).await.map_err(ApiError::from)?;
    notices::forward(app, &engine);
    let viewer = Api::viewer_of(&engine, None);
    let api = Api::new(engine, viewer);
    api.set_tray(window::comes_back(app));
    let opener = app.clone();
    api.set_opener(move |opening| open(&opener, opening));
    Ok(api)
}

fn open(app: &AppHandle, opening: Opening) {
    match opening {
        Opening::Link(url) => window::open_outside(app, &url),
        Opening::File(path) => {
            if let Err(error) = app.opener().open_path(path, None::<&str>) {
                tracing::warn!(%error, "file not opened");
            }
        }
    }
}

/// Ends the tasks and lets the profile go.
pub fn stop(app: &AppHandle) {
    let Some(api) = app.state::<Shell>().now() else { return };
    let ended = tauri::async_runtime::block_on(async { tokio::time::timeout(GOODBYE, api.engine().stop()).await });
    if ended.is_err() {
        tracing::warn!("the engine did not end in time");
    }
}
