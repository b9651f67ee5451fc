//! What a person prefers.

use crate::{Engine, EngineError};
use clientele_store::{Store, StoreError};

/// Kept as text under keys of their own, so that a newer version adds one without touching the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// One of en nb sv da de nl, or empty for the system's.
    pub language: String,
    /// HTML of the composer's allow-list.
    pub signature: String,
    pub notifications: bool,
    /// Seconds in the reader after which a mail counts as read; negative: never by itself.
    pub read_after: i32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            theme: "system".into(),
            language: String::new(),
            signature: String::new(),
            notifications: true,
            read_after: 1,
        }
    }
}

impl Engine {
    pub async fn settings(&self) -> Result<Settings, EngineError> {
        self.store(read).await
    }

    /// Saves all; answers what is in force, the signature cleaned.
    pub async fn settings_set(&self, mut settings: Settings) -> Result<Settings, EngineError> {
        settings.signature = clientele_message::sanitise_body(&settings.signature);
        self.store(move |store| {
            store.setting_set("theme", &settings.theme)?;
            store.setting_set("language", &settings.language)?;
            store.setting_set("signature", &settings.signature)?;
            store.setting_set("notifications", if settings.notifications { "yes" } else { "no" })?;
            store.setting_set("read_after", &settings.read_after.to_string())?;
            read(store)
        })
        .await
    }
}

fn read(store: &Store) -> Result<Settings, StoreError> {
    let usual = Settings::default();
    let get = |key: &str| store.setting(key);
    Ok(Settings {
        theme: get("theme")?.unwrap_or(usual.theme),
        language: get("language")?.unwrap_or(usual.language),
        signature: get("signature")?.unwrap_or(usual.signature),
        notifications: get("notifications")?.is_none_or(|text| text == "yes"),
        read_after: get("read_after")?.and_then(|text| text.parse().ok()).unwrap_or(usual.read_after),
    })
}
