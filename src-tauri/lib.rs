//! The desktop shell: one window, the tray, notifications, the `call` command and the `message` scheme. Rules of the
//! business live below, in `clientele_engine`.

mod commands;
mod events;
mod frame;
mod notices;
mod platform;
mod shell;
mod start;
mod surroundings;
mod tray;
mod window;

use clientele_api::{ApiError, Event};
use clientele_words::Language;
use shell::Shell;
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    process::ExitCode,
};
use surroundings::Surroundings;
use tauri::{AppHandle, Manager as _, RunEvent, Wry, plugin::TauriPlugin};
use tauri_plugin_window_state::StateFlags;

/// Runs the program until it is quit.
pub fn run() -> ExitCode {
    clientele_engine::leave_no_core_file();
    clientele_engine::hold_little_memory();
    let Some(surroundings) = Surroundings::read() else {
        eprintln!("There is no folder for the program's data: set CLIENTELE_PROFILE to one.");
        return ExitCode::FAILURE;
    };
    let setup = surroundings.clone();
    let app = tauri::Builder::default()
        .plugin(single_instance(&surroundings))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .plugin(window_state(&surroundings))
        .manage(Shell::default())
        .register_asynchronous_uri_scheme_protocol("message", frame::serve)
        .manage(surroundings.clone())
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::ready,
            commands::minimise,
            commands::quit,
            commands::start_backups,
            commands::start_restore,
            commands::start_again,
        ])
        .setup(move |app| {
            begin(app.handle(), &setup)?;
            Ok(())
        })
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|app, event| {
                if let RunEvent::Exit = event {
                    start::stop(app);
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("The window could not be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

fn begin(app: &AppHandle, surroundings: &Surroundings) -> tauri::Result<()> {
    // The window first: what goes wrong behind it is told inside it.
    window::open(app, surroundings)?;
    let language = surroundings.language.as_deref().and_then(Language::from_tag);
    tray::start(app, language.unwrap_or_else(Language::from_environment));
    platform::watch_tray(app, window::tray_changed);
    notices::listen(app);
    if let Some(mailto) = surroundings.mailto.clone() {
        shell::tell(app, Event::Compose { mailto });
    }
    let (app, surroundings) = (app.clone(), surroundings.clone());
    tauri::async_runtime::spawn(async move {
        // What became of it is told by the shell, as long as the program runs.
        let _ = begun(&app, &surroundings).await;
        platform::tell_hardened();
    });
    Ok(())
}

/// Starts the engine, and what follows it.
async fn begun(app: &AppHandle, surroundings: &Surroundings) -> Result<(), ApiError> {
    let outcome = start::start(app, surroundings).await;
    if let Err(error) = &outcome {
        tracing::error!(code = ?error.code, detail = %error.detail, "the engine did not start");
    }
    let told = outcome.as_ref().map(drop).map_err(Clone::clone);
    app.state::<Shell>().started(outcome);
    if told.is_ok() {
        let app = app.clone();
        tauri::async_runtime::spawn(async move { events::forward(&app).await });
    }
    told
}

/// A second start of the same profile brings the first one's window to the front, and hands over its link.
fn single_instance(surroundings: &Surroundings) -> TauriPlugin<Wry> {
    let builder = tauri_plugin_single_instance::Builder::new().callback(|app, arguments, _folder| {
        window::show(app);
        if let Some(mailto) = surroundings::mailto(arguments) {
            shell::tell(app, Event::Compose { mailto });
        }
    });
    // What must be alone is the owner of a profile: a demo or a test may run beside the everyday one.
    if surroundings.own_profile {
        let mut hasher = DefaultHasher::new();
        surroundings.profile.hash(&mut hasher);
        builder.dbus_id(format!("app.clientele.desktop.p{:x}", hasher.finish())).build()
    } else {
        builder.build()
    }
}

fn window_state(surroundings: &Surroundings) -> TauriPlugin<Wry> {
    tauri_plugin_window_state::Builder::new()
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        // Absolute, so that it lies in the profile and not in the system's folder for settings.
        .with_filename(surroundings.profile.join("window-state.json").to_string_lossy())
        .build()
}
