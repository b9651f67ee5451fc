//! Windows: the notification area is always there; WebView2 asks nothing of us here.

use std::path::Path;
use tauri::{AppHandle, WebviewWindow};

/// Whether a closed window can be brought back from the tray.
pub fn tray_is_there() -> bool {
    true
}

/// Calls `changed` when a tray appears or goes: never, here.
pub fn watch_tray(_app: &AppHandle, _changed: impl Fn(&AppHandle, bool) + Send + Sync + 'static) {}

/// The second nets under the frame's own protection. Here the response header and the app's policy stand alone.
pub fn harden(_window: &WebviewWindow, _cache: &Path) -> tauri::Result<()> {
    Ok(())
}

/// Writes down what `harden` reached: nothing to tell, here.
pub fn tell_hardened() {}

/// A notification's text as the system wants it.
pub fn notification_text(text: &str) -> String {
    text.to_owned()
}
