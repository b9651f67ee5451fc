//! The tray: how many mails are unread, and a menu of three.

use crate::{platform, shell, shell::Shell, window};
use clientele_api::Event;
use clientele_words::{Language, word};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tauri::{
    AppHandle, Manager as _, Wry,
    image::Image,
    menu::{Menu, MenuItem},
    tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent},
};

const ID: &str = "main";

/// The parts that change: with unread mail, and with the language.
struct Parts {
    icon: TrayIcon,
    unread: MenuItem<Wry>,
    open: MenuItem<Wry>,
    compose: MenuItem<Wry>,
    quit: MenuItem<Wry>,
}

/// Puts the icon there. Where the desktop's library for it is missing there is no tray, and the program does without.
pub fn start(app: &AppHandle, language: Language) {
    // The library behind the icon is loaded by name at run time, and its loader panics where it is not installed.
    match catch_unwind(AssertUnwindSafe(|| build(app, language))) {
        Ok(Ok(parts)) => {
            app.manage(parts);
        }
        Ok(Err(error)) => tracing::warn!(%error, "no tray"),
        Err(_) => tracing::warn!("no tray: the desktop's library for it is missing"),
    }
}

fn build(app: &AppHandle, language: Language) -> tauri::Result<Parts> {
    let item = |id: &str, key: &str, enabled: bool| {
        MenuItem::with_id(app, id, word(language, key, &[]), enabled, None::<&str>)
    };
    let unread = item("unread", "tray.noUnread", false)?;
    let open = item("open", "tray.open", true)?;
    let compose = item("compose", "tray.newMessage", true)?;
    let quit = item("quit", "tray.quit", true)?;
    let menu = Menu::with_items(app, &[&unread, &open, &compose, &quit])?;
    let icon = TrayIconBuilder::with_id(ID)
        .icon(picture(0)?)
        .tooltip("Clientele")
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| match event.id().as_ref() {
            "open" => window::show(app),
            "compose" => {
                window::show(app);
                shell::tell(app, Event::Compose { mailto: "mailto:".into() });
            }
            "quit" => shell::quit(app),
            _ => {}
        })
        .on_tray_icon_event(|icon, event| {
            // Linux sends none of these: there the menu is the only way.
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                window::show(icon.app_handle());
            }
        })
        .build(app)?;
    Ok(Parts { icon, unread, open, compose, quit })
}

/// Whether the icon could be made.
pub fn exists(app: &AppHandle) -> bool {
    app.try_state::<Parts>().is_some()
}

/// Reads how many mails are unread in the inboxes, and in which language, and shows it.
pub async fn refresh(app: &AppHandle) {
    let Some(api) = app.state::<Shell>().now() else { return };
    let unread = match api.engine().unread().await {
        Ok(unread) => unread,
        Err(error) => return tracing::warn!(%error, "unread mails not counted"),
    };
    let language = api.engine().language().await;
    platform::badge(app, unread);
    let app = app.clone();
    let _ = app.clone().run_on_main_thread(move || {
        if let Some(parts) = app.try_state::<Parts>()
            && let Err(error) = show(&parts, language, unread)
        {
            tracing::warn!(%error, "tray not updated");
        }
    });
}

fn show(parts: &Parts, language: Language, unread: u32) -> tauri::Result<()> {
    let count = unread.to_string();
    let line = match unread {
        0 => word(language, "tray.noUnread", &[]),
        _ => word(language, "tray.unread", &[("count", &count)]),
    };
    parts.unread.set_text(&line)?;
    parts.open.set_text(word(language, "tray.open", &[]))?;
    parts.compose.set_text(word(language, "tray.newMessage", &[]))?;
    parts.quit.set_text(word(language, "tray.quit", &[]))?;
    parts.icon.set_tooltip(Some(format!("Clientele: {line}")))?;
    parts.icon.set_title((unread > 0).then_some(&count))?;
    parts.icon.set_icon(Some(picture(unread)?))
}

fn picture(unread: u32) -> tauri::Result<Image<'static>> {
    Image::from_bytes(match unread {
        0 => include_bytes!("../icons/tray.png"),
        _ => include_bytes!("../icons/tray-unread.png"),
    })
}
