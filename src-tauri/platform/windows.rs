//! Windows: the notification area is always there; WebView2 asks nothing of us here.

use std::path::Path;
use tauri::{AppHandle, Manager as _, WebviewWindow, image::Image};

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

/// Whether a notification can have buttons. A click is heard only while the notification is on the screen, not from the
/// notification centre; and none can be taken back.
pub const NOTIFICATION_BUTTONS: bool = true;

/// Windows draws no numbers on a task bar's icon: a dot says that something is unread.
pub fn badge(app: &AppHandle, unread: u32) {
    let Some(window) = app.get_webview_window(crate::window::LABEL) else { return };
    let dot = (unread > 0).then(dot);
    if let Err(error) = window.set_overlay_icon(dot) {
        tracing::warn!(%error, "no dot on the icon");
    }
}

/// A disc in the accent of `theme/tokens.css`, 16 by 16 pixels.
fn dot() -> Image<'static> {
    const SIDE: i32 = 16;
    let inside = |at: i32| {
        let (x, y) = (at % SIDE * 2 - SIDE + 1, at / SIDE * 2 - SIDE + 1);
        x * x + y * y <= (SIDE - 2) * (SIDE - 2)
    };
    let pixel = |at: i32| if inside(at) { [0x0d, 0x6a, 0x63, 0xff] } else { [0; 4] };
    Image::new_owned((0..SIDE * SIDE).flat_map(pixel).collect(), SIDE as u32, SIDE as u32)
}
