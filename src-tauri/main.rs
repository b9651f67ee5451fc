//! The desktop program. See `lib.rs`.

// No console window behind the app on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    clientele_desktop::run()
}
