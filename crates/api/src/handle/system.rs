use super::{Result, account, crm_connect::crm_view, ids};
use crate::{Api, ApiError, Event, Opening, view::*};
use clientele_engine::{self as engine, Secret, SecretsKind};
use clientele_words::Language;

pub async fn app_state(api: &Api, _request: Empty) -> Result<AppState> {
    let engine = api.engine();
    let accounts = engine.accounts().await?;
    Ok(AppState {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        accounts: accounts.iter().map(|(one, status)| account::view(one, status)).collect(),
        crm: crm_view(api).await?,
        settings: settings_view(engine.settings().await?),
        language: engine.language().await.tag().to_owned(),
        secrets: match engine.secrets_kind() {
            SecretsKind::Keyring => SecretStore::Keyring,
            SecretsKind::Sealed => SecretStore::Sealed,
            SecretsKind::Memory => SecretStore::Memory,
            SecretsKind::Locked => SecretStore::Locked,
            SecretsKind::Missing => SecretStore::Missing,
        },
        tray: api.tray(),
        outbox: engine.outbox().await?.len() as u32,
        refused: engine.operations_refused().await?.len() as u32,
        disk_full: engine.disk_full(),
        store_set_aside: engine.mail_set_aside().is_some(),
        policy: policy(engine),
    })
}

/// What the administrator prescribes.
pub fn policy(engine: &engine::Engine) -> PolicyView {
    let policy = engine.policy();
    let problem = |one: &engine::Problem| format!("{}:{}: {}", one.path.display(), one.line, one.message);
    PolicyView {
        path: policy.source.as_ref().map(|path| path.display().to_string()),
        problems: policy.problems.iter().map(problem).collect(),
        accounts_max: policy.accounts_max.unwrap_or_default(),
        days_default: policy.days(None).flatten().unwrap_or(match policy.days_max {
            Some(most) => DAYS.min(most),
            None => DAYS,
        }),
        days_max: policy.days_max,
        allowed_security: policy.allowed_security.iter().map(|one| account::security_view(*one)).collect(),
        certificate_exceptions: policy.certificate_exceptions,
        oauth: engine.providers(),
    }
}

/// How much mail a new account fetches where nobody says otherwise.
const DAYS: u32 = 30;

pub async fn settings_set(api: &Api, request: Settings) -> Result<Settings> {
    if !request.language.is_empty() && Language::ALL.iter().all(|language| language.tag() != request.language) {
        return Err(ApiError::invalid("not one of the six languages"));
    }
    let theme = match request.theme {
        Theme::System => "system",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let settings = engine::Settings {
        theme: theme.to_owned(),
        language: request.language,
        signature: request.signature,
        notifications: request.notifications,
        notify: engine::Notify {
            customers_only: request.notify.customers_only,
            grouped: request.notify.grouped,
            quiet: request.notify.quiet.map(|one| engine::QuietHours {
                from: one.from,
                until: one.until,
                weekends: one.weekends,
            }),
            muted: ids(&request.notify.muted)?,
        },
        read_after: request.read_after,
        layout: match request.layout {
            Layout::Right => engine::Layout::Right,
            Layout::Below => engine::Layout::Below,
            Layout::Off => engine::Layout::Off,
        },
        compact: request.density == Density::Compact,
        font: request.writing.font,
        font_size: request.writing.size,
        font_colour: request.writing.colour,
        inline_images: request.inline_images,
        sent_copy: request.sent_copy,
    };
    Ok(settings_view(api.engine().settings_set(settings).await?))
}

fn settings_view(settings: engine::Settings) -> Settings {
    Settings {
        theme: match settings.theme.as_str() {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::System,
        },
        language: settings.language,
        signature: settings.signature,
        notifications: settings.notifications,
        notify: Notify {
            customers_only: settings.notify.customers_only,
            grouped: settings.notify.grouped,
            quiet: settings.notify.quiet.map(|one| QuietHours {
                from: one.from,
                until: one.until,
                weekends: one.weekends,
            }),
            muted: settings.notify.muted.iter().map(ToString::to_string).collect(),
        },
        read_after: settings.read_after,
        layout: match settings.layout {
            engine::Layout::Right => Layout::Right,
            engine::Layout::Below => Layout::Below,
            engine::Layout::Off => Layout::Off,
        },
        density: if settings.compact { Density::Compact } else { Density::Comfortable },
        writing: Writing { font: settings.font, size: settings.font_size, colour: settings.font_colour },
        inline_images: settings.inline_images,
        sent_copy: settings.sent_copy,
    }
}

pub async fn secrets_choose(api: &Api, request: SecretChoice) -> Result<AppState> {
    match request {
        SecretChoice::Memory => api.engine().secrets_memory().await?,
        SecretChoice::Sealed { passphrase } => api.engine().secrets_sealed(Secret::new(passphrase)).await?,
    }
    app_state(api, Empty {}).await
}

/// Only what cannot run anything: a mail's link must not reach a file or a program.
pub async fn link_open(api: &Api, request: LinkRequest) -> Result<Empty> {
    let url = request.url.trim();
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase()).unwrap_or_default();
    if url.chars().any(char::is_control) {
        return Err(ApiError::invalid("not a link"));
    }
    match scheme.as_str() {
        "http" | "https" | "tel" => api.open_outside(Opening::Link(url.to_owned())),
        "mailto" => api.emit(Event::Compose { mailto: url.to_owned() }),
        _ => return Err(ApiError::invalid("only http, https, mailto and tel links are opened")),
    }
    Ok(Empty {})
}

pub async fn doctor(api: &Api, _request: Empty) -> Result<DoctorView> {
    let line = |finding: engine::Finding| DoctorLine {
        topic: finding.topic.to_owned(),
        account: finding.account,
        health: match finding.health {
            engine::Health::Ok => Health::Ok,
            engine::Health::Warning => Health::Warning,
            engine::Health::Error => Health::Error,
        },
        code: finding.code,
        detail: finding.detail,
        url: finding.url,
        message: finding.message.map(|id| id.to_string()),
    };
    Ok(DoctorView { lines: api.engine().doctor().await?.into_iter().map(line).collect() })
}

pub async fn memory_get(api: &Api, request: MemoryRequest) -> Result<MemoryView> {
    Ok(MemoryView { value: api.engine().memory(&request.key).await? })
}

pub async fn memory_set(api: &Api, request: MemorySet) -> Result<Empty> {
    api.engine().memory_set(&request.key, request.value).await?;
    Ok(Empty {})
}
