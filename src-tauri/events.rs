//! From the engine to the page, the tray and the desktop.

use crate::{
    shell::{self, Shell},
    tray,
};
use clientele_api::Event;
use std::time::Duration;
use tauri::{AppHandle, Manager as _};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, sleep_until},
};

/// A sync changes rows many times a second; the tray need not follow each.
const TRAY_PAUSE: Duration = Duration::from_millis(300);
/// What the number of unread mails and the tray's words come from.
const COUNTED: &[&str] = &["account", "folder", "message", "setting"];
const TABLES: &[&str] =
    &["account", "folder", "message", "draft", "outbox", "operation", "archive", "crm", "crm_state", "setting"];

/// Forwards until the engine ends. Ends at once where it has not started.
pub async fn forward(app: &AppHandle) {
    let Some(api) = app.state::<Shell>().now() else { return };
    let mut events = api.events();
    let mut tray_due = Some(Instant::now());
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            () = sleep_until(tray_due.unwrap_or_else(Instant::now)), if tray_due.is_some() => {
                tray_due = None;
                tray::refresh(app).await;
                continue;
            }
        };
        match event {
            Ok(event) => {
                if matches!(&event, Event::Change { table, .. } if COUNTED.contains(&table.as_str())) {
                    tray_due.get_or_insert_with(|| Instant::now() + TRAY_PAUSE);
                }
                shell::send(app, &event);
            }
            // Too slow: what was missed could have been about anything.
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "events missed");
                for table in TABLES {
                    shell::send(app, &Event::Change { table: (*table).to_owned(), ids: Vec::new() });
                }
                tray_due.get_or_insert_with(|| Instant::now() + TRAY_PAUSE);
            }
            Err(RecvError::Closed) => return,
        }
    }
}
