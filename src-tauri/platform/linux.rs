//! Linux: WebKitGTK's settings, its content filter, and whether the desktop has a tray.

use std::{
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};
use tauri::{AppHandle, Emitter as _, WebviewWindow};
use webkit2gtk::{
    ContextMenuExt as _, ContextMenuItemExt as _, HitTestResultExt as _, PermissionRequestExt as _, WebViewExt as _,
    gio,
    glib::{self, ToVariant as _},
};

mod webkit;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
static TRAY: AtomicBool = AtomicBool::new(false);
static SWITCHED_OFF: OnceLock<Vec<String>> = OnceLock::new();

/// Whether somebody shows tray icons: stock GNOME has nobody who does.
pub fn tray_is_there() -> bool {
    TRAY.load(Ordering::Relaxed)
}

/// Calls `changed` on the main thread when a tray appears or goes, and once at the beginning.
pub fn watch_tray(app: &AppHandle, changed: impl Fn(&AppHandle, bool) + Send + Sync + 'static) {
    let changed = std::sync::Arc::new(changed);
    let (gone, app_gone, app) = (changed.clone(), app.clone(), app.clone());
    // The watch lives as long as the program; its id is not needed.
    let _watch = gio::bus_watch_name(
        gio::BusType::Session,
        WATCHER,
        gio::BusNameWatcherFlags::NONE,
        move |_, _, _| {
            TRAY.store(true, Ordering::Relaxed);
            changed(&app, true);
        },
        move |_, _| {
            TRAY.store(false, Ordering::Relaxed);
            gone(&app_gone, false);
        },
    );
}

/// The second nets under the frame's own protection: no preconnect (a policy does not stop it), no request of the
/// network at all, no menu that could start one, no permission for anybody. `cache` keeps the compiled filter.
pub fn harden(window: &WebviewWindow, cache: &Path) -> tauri::Result<()> {
    let cache: PathBuf = cache.join("filters");
    let app = window.clone();
    window.with_webview(move |platform| {
        let view = platform.inner();
        // The first window: there is no other.
        let _ = SWITCHED_OFF.set(webkit::switch_off(&view, &["LinkPreconnect", "LinkPrefetch"]));
        // The page itself comes over http only from a development server.
        if !tauri::is_dev() {
            webkit::block_network(&view, &cache);
        }
        view.connect_permission_request(|_, request| {
            request.deny();
            true
        });
        view.connect_context_menu(|_, menu, _, _| {
            for item in menu.items() {
                if !KEPT.contains(&item.stock_action()) {
                    menu.remove(&item);
                }
            }
            menu.n_items() == 0
        });
        let hovered = std::cell::RefCell::new(String::new());
        view.connect_mouse_target_changed(move |_, hit, _| {
            let link = hit.link_uri().map(String::from).unwrap_or_default();
            if *hovered.borrow() != link {
                let _ = app.emit("hover", &link);
                hovered.replace(link);
            }
        });
    })
}

/// Writes down what `harden` reached: the window opens before the log does.
pub fn tell_hardened() {
    let switched_off = SWITCHED_OFF.get().map(Vec::as_slice).unwrap_or_default();
    tracing::info!(?switched_off, "webkit features");
    if !switched_off.iter().any(|name| name == "LinkPreconnect") {
        tracing::error!("this WebKit has no switch for LinkPreconnect");
    }
}

/// What WebKit's own context menu may offer. The rest could load, save or leave.
const KEPT: &[webkit2gtk::ContextMenuAction] = &[
    webkit2gtk::ContextMenuAction::Copy,
    webkit2gtk::ContextMenuAction::Cut,
    webkit2gtk::ContextMenuAction::Paste,
    webkit2gtk::ContextMenuAction::SelectAll,
    webkit2gtk::ContextMenuAction::CopyLinkToClipboard,
];

/// A notification's text as the desktop wants it: its body is markup
/// (<https://specifications.freedesktop.org/notification-spec/latest/markup.html>).
pub fn notification_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Whether a notification can have buttons. A desktop that draws none leaves them out.
pub const NOTIFICATION_BUTTONS: bool = true;

/// The number on the program's icon in a dock or task bar, by the signal that Plasma, Dash to Dock and Unity listen to
/// (<https://wiki.ubuntu.com/Unity/LauncherAPI>). Elsewhere nobody hears it.
pub fn badge(_app: &AppHandle, unread: u32) {
    let properties = glib::VariantDict::new(None);
    properties.insert("count", i64::from(unread));
    properties.insert("count-visible", unread > 0);
    let said = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE).and_then(|bus| {
        let update = glib::Variant::tuple_from_iter([ENTRY.to_variant(), properties.end()]);
        bus.emit_signal(None, "/app/clientele/desktop", "com.canonical.Unity.LauncherEntry", "Update", Some(&update))
    });
    if let Err(error) = said {
        tracing::debug!(%error, "no number on the icon");
    }
}

/// The desktop entry that the packages install.
const ENTRY: &str = "application://Clientele.desktop";
