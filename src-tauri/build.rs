//! Names the shell's commands, so that each needs a permission, and puts the capabilities beside the sources.

use tauri_build::{AppManifest, Attributes};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let attributes = Attributes::new().capabilities_path_pattern("src-tauri/capabilities/*.json").app_manifest(
        AppManifest::new().commands(&[
            "call",
            "ready",
            "minimise",
            "quit",
            "start_backups",
            "start_restore",
            "start_again",
        ]),
    );
    // The error itself names the file and the line; Debug of the chain would bury it.
    tauri_build::try_build(attributes).map_err(|error| format!("{error:#}").into())
}
