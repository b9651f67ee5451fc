//! macOS: the menu bar always has room, and WebKit needs no settings from here.

use std::path::Path;
use tauri::{AppHandle, Manager as _, WebviewWindow};

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

/// Whether a notification can have buttons. Not here: the library puts two or more into one menu, and a click on the menu
/// itself counts as the first of them. Nor can a notification be taken back.
pub const NOTIFICATION_BUTTONS: bool = false;

/// The number on the program's icon in the Dock.
pub fn badge(app: &AppHandle, unread: u32) {
    let Some(window) = app.get_webview_window(crate::window::LABEL) else { return };
    if let Err(error) = window.set_badge_count((unread > 0).then_some(i64::from(unread))) {
        tracing::warn!(%error, "no number on the icon");
    }
}
