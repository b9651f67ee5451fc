//! The one window: where it may go, what leaves it, and what closing it means.

use crate::{
    platform,
    shell::{self, Shell},
    surroundings::Surroundings,
    tray,
};
use clientele_api::Event;
use tauri::{
    AppHandle, Manager as _, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
    webview::{Color, NewWindowResponse, PageLoadEvent},
};
use tauri_plugin_opener::OpenerExt as _;

pub const LABEL: &str = "main";

/// Builds the window. The page in it asks for everything by `call`.
pub fn open(app: &AppHandle, surroundings: &Surroundings) -> tauri::Result<WebviewWindow> {
    let (navigating, leaving) = (app.clone(), app.clone());
    let dark = surroundings.theme == Some(Theme::Dark);
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App(page(surroundings).into()))
        .title("Clientele")
        .inner_size(1440.0, 900.0)
        .min_inner_size(720.0, 480.0)
        .center()
        .theme(surroundings.theme)
        // The canvas of the look, so that nothing flashes before the page is drawn.
        .background_color(if dark { Color(0x14, 0x15, 0x13, 255) } else { Color(0xf4, 0xf3, 0xef, 255) })
        .data_directory(surroundings.profile.join("webview"))
        .on_navigation(move |url| may_go(&navigating, url))
        .on_new_window(move |url, _| {
            open_outside(&leaving, url.as_str());
            NewWindowResponse::Deny
        })
        // Files leave a mail through `attachment_save`, marked as from the internet; never around it.
        .on_download(|_, _| false)
        .on_page_load(|window, load| {
            // A page of the `message` scheme in the window itself would have the commands: its scheme counts as local.
            if load.event() == PageLoadEvent::Started && !is_app(window.app_handle(), load.url()) {
                tracing::error!(scheme = load.url().scheme(), "the window left the app");
                let _ = window.destroy();
            }
        })
        .build()?;
    platform::harden(&window, &surroundings.profile.join("webview"))?;
    let handle = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event
            && !closing_ends(&handle)
        {
            api.prevent_close();
        }
    });
    Ok(window)
}

fn page(surroundings: &Surroundings) -> String {
    format!("index.html{}", surroundings.query())
}

/// Only the app's own page, and the frames that the viewer has just given out.
fn may_go(app: &AppHandle, url: &Url) -> bool {
    let allowed = is_app(app, url) || frame_token(url).is_some_and(|token| knows(app, token));
    if !allowed {
        tracing::warn!(scheme = url.scheme(), "navigation denied");
    }
    allowed
}

fn knows(app: &AppHandle, token: &str) -> bool {
    app.state::<Shell>().now().is_some_and(|api| api.viewer().knows(token))
}

/// `tauri://localhost`, on Windows `http://tauri.localhost`, and a development server in a development build.
fn is_app(app: &AppHandle, url: &Url) -> bool {
    let bundled = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    let served = tauri::is_dev() && app.config().build.dev_url.as_ref().is_some_and(|dev| dev.origin() == url.origin());
    bundled || served
}

/// The token of a frame's address: `message://localhost/<token>`, on Windows `http://message.localhost/<token>`.
fn frame_token(url: &Url) -> Option<&str> {
    let frame = match url.scheme() {
        "message" => url.host_str() == Some("localhost"),
        "http" | "https" => cfg!(windows) && url.host_str() == Some("message.localhost"),
        _ => false,
    };
    url.path_segments().and_then(|mut parts| parts.next()).filter(|token| frame && !token.is_empty())
}

/// Opens a link where it belongs: mail is written here, the web and telephones are somebody else's. Any other scheme
/// could start a program and goes nowhere.
pub fn open_outside(app: &AppHandle, url: &str) {
    let Ok(parsed) = Url::parse(url) else { return };
    match parsed.scheme() {
        "mailto" => shell::tell(app, Event::Compose { mailto: parsed.into() }),
        "http" | "https" | "tel" => {
            if let Err(error) = app.opener().open_url(parsed.as_str(), None::<&str>) {
                tracing::warn!(%error, "link not opened");
            }
        }
        scheme => tracing::warn!(scheme, "link refused"),
    }
}

/// Brings the window to the front, wherever it was.
pub fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    for step in [window.show(), window.unminimize(), window.set_focus()] {
        if let Err(error) = step {
            tracing::warn!(%error, "window not shown");
        }
    }
}

/// Whether a hidden window can be brought back by hand.
pub fn comes_back(app: &AppHandle) -> bool {
    tray::exists(app) && platform::tray_is_there()
}

/// Decides what closing means: with a tray the window hides and mail keeps coming; without one the page asks. Where
/// nothing runs and nobody could answer, closing ends the program.
fn closing_ends(app: &AppHandle) -> bool {
    let shell = app.state::<Shell>();
    if shell.quitting() || shell.now().is_none() || !shell.page_listens() {
        return true;
    }
    if comes_back(app) {
        if let Some(window) = app.get_webview_window(LABEL) {
            let _ = window.hide();
        }
    } else {
        shell::tell(app, Event::CloseAsked);
    }
    false
}

/// A tray has come or gone. Where it goes while the window is hidden, nothing else could bring the window back.
pub fn tray_changed(app: &AppHandle, there: bool) {
    if let Some(api) = app.state::<Shell>().now() {
        api.set_tray(comes_back(app));
    }
    let hidden = app.get_webview_window(LABEL).is_some_and(|window| !window.is_visible().unwrap_or(true));
    if !there && hidden {
        show(app);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frames_token_is_the_first_part_of_its_path() {
        let token = |url: &str| frame_token(&Url::parse(url).expect("url")).map(str::to_owned);
        assert_eq!(token("message://localhost/abc/part/2").as_deref(), Some("abc"));
        assert_eq!(token("message://localhost/"), None);
        assert_eq!(token("message://evil/abc"), None);
        assert_eq!(token("tauri://localhost/abc"), None);
        assert_eq!(token("https://message.localhost.evil.example/abc"), None);
    }
}
