//! What a person prefers.

use crate::{Engine, EngineError, Notify, notify};
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
    /// Which new mails are told.
    pub notify: Notify,
    /// Seconds in the reader after which a mail counts as read; negative: never by itself.
    pub read_after: i32,
    pub layout: Layout,
    /// Less air in the list.
    pub compact: bool,
    /// `sans`, `serif` or `mono` for new mails; empty: the reader's own.
    pub font: String,
    /// In points; 0: the reader's own.
    pub font_size: u8,
    /// `#rrggbb`; empty: the reader's own.
    pub font_colour: String,
    /// Pictures that come with a mail are shown in its text.
    pub inline_images: bool,
    /// A copy of what is sent goes to Sent.
    pub sent_copy: bool,
}

/// Where the reader stands beside the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Right,
    Below,
    Off,
}

impl Layout {
    fn as_str(self) -> &'static str {
        match self {
            Layout::Right => "right",
            Layout::Below => "below",
            Layout::Off => "off",
        }
    }

    fn parse(text: &str) -> Layout {
        match text {
            "below" => Layout::Below,
            "off" => Layout::Off,
            _ => Layout::Right,
        }
    }
}

/// A text that the UI keeps is no longer than this, in bytes.
const MEMORY: usize = 16_384;

impl Default for Settings {
    fn default() -> Self {
        Settings {
            theme: "system".into(),
            language: String::new(),
            signature: String::new(),
            notifications: true,
            notify: Notify::default(),
            read_after: 1,
            layout: Layout::Right,
            compact: false,
            font: String::new(),
            font_size: 0,
            font_colour: String::new(),
            inline_images: true,
            sent_copy: true,
        }
    }
}

impl Engine {
    pub async fn settings(&self) -> Result<Settings, EngineError> {
        self.store(read).await
    }

    /// A text that the UI keeps for itself.
    pub async fn memory(&self, key: &str) -> Result<Option<String>, EngineError> {
        let key = memory_key(key)?;
        Ok(self.store(move |store| store.setting(&key)).await?.filter(|text| !text.is_empty()))
    }

    pub async fn memory_set(&self, key: &str, value: Option<String>) -> Result<(), EngineError> {
        let (key, value) = (memory_key(key)?, value.unwrap_or_default());
        if value.len() > MEMORY {
            return Err(EngineError::Invalid("more than the UI may keep for itself".into()));
        }
        self.store(move |store| store.setting_set(&key, &value)).await
    }

    /// Saves all; answers what is in force, the signature cleaned.
    pub async fn settings_set(&self, mut settings: Settings) -> Result<Settings, EngineError> {
        settings.signature = clientele_message::sanitise_body(&settings.signature);
        let hex =
            |text: &str| text.len() == 7 && text.starts_with('#') && text[1..].chars().all(|c| c.is_ascii_hexdigit());
        if !settings.font_colour.is_empty() && !hex(&settings.font_colour) {
            return Err(EngineError::Invalid("a colour is written #rrggbb".into()));
        }
        if !matches!(settings.font.as_str(), "" | "sans" | "serif" | "mono") {
            return Err(EngineError::Invalid("not a font that can be chosen".into()));
        }
        if settings.notify.quiet.as_ref().is_some_and(|quiet| !quiet.valid()) {
            return Err(EngineError::Invalid("a minute of the day is one of 0 to 1439".into()));
        }
        self.store(move |store| {
            notify::write(store, &settings.notify)?;
            store.setting_set("theme", &settings.theme)?;
            store.setting_set("language", &settings.language)?;
            store.setting_set("signature", &settings.signature)?;
            store.setting_set("notifications", if settings.notifications { "yes" } else { "no" })?;
            store.setting_set("read_after", &settings.read_after.to_string())?;
            store.setting_set("layout", settings.layout.as_str())?;
            store.setting_set("density", if settings.compact { "compact" } else { "comfortable" })?;
            store.setting_set("writing.font", &settings.font)?;
            store.setting_set("writing.size", &settings.font_size.to_string())?;
            store.setting_set("writing.colour", &settings.font_colour)?;
            store.setting_set("inline_images", if settings.inline_images { "yes" } else { "no" })?;
            store.setting_set("sent_copy", if settings.sent_copy { "yes" } else { "no" })?;
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
        notify: notify::read(store)?,
        read_after: get("read_after")?.and_then(|text| text.parse().ok()).unwrap_or(usual.read_after),
        layout: Layout::parse(&get("layout")?.unwrap_or_default()),
        compact: get("density")?.is_some_and(|text| text == "compact"),
        font: get("writing.font")?.unwrap_or_default(),
        font_size: get("writing.size")?.and_then(|text| text.parse().ok()).unwrap_or_default(),
        font_colour: get("writing.colour")?.unwrap_or_default(),
        inline_images: get("inline_images")?.is_none_or(|text| text == "yes"),
        sent_copy: get("sent_copy")?.is_none_or(|text| text == "yes"),
    })
}

/// Keys of the UI's own are apart from those of the engine.
fn memory_key(key: &str) -> Result<String, EngineError> {
    let known = key == "wizard" || key.strip_prefix("layout.").is_some_and(|name| !name.is_empty() && name.len() <= 40);
    if known { Ok(format!("ui.{key}")) } else { Err(EngineError::Invalid("not a key of the UI's own".into())) }
}
