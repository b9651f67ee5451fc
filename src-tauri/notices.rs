//! Desktop notifications. The engine decides what is worth one; here it is shown, and a click opens the mail.

use crate::{platform, shell, window};
use clientele_api::Event;
use clientele_engine::{Engine, Notice};
use clientele_words::{Language, word};
use tauri::AppHandle;
use tauri_plugin_notification::NotificationExt as _;
use tokio::sync::broadcast::error::RecvError;

const MESSAGE: &str = "message";

/// Hears clicks. Before the first notification, since a click on one shown earlier is not reported.
pub fn listen(app: &AppHandle) {
    let clicked = app.clone();
    let heard = app.notification().on_action(move |performed| {
        window::show(&clicked);
        let extra = performed.notification().map(|notification| notification.extra());
        if let Some(message) = extra.and_then(|extra| extra.get(MESSAGE)?.as_str().map(str::to_owned)) {
            shell::tell(&clicked, Event::Open { message });
        }
    });
    if let Err(error) = heard {
        tracing::warn!(%error, "notifications cannot be clicked");
    }
}

/// Shows what the engine announces, until it ends.
pub fn forward(app: &AppHandle, engine: &Engine) {
    let (app, engine) = (app.clone(), engine.clone());
    let mut notices = engine.notices();
    tauri::async_runtime::spawn(async move {
        loop {
            match notices.recv().await {
                Ok(notice) => show(&app, &notice, engine.language().await),
                Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "notices missed"),
                Err(RecvError::Closed) => return,
            }
        }
    });
}

/// Who wrote, and about what. A click opens the mail.
fn show(app: &AppHandle, notice: &Notice, language: Language) {
    let (title, body) = text(notice, language);
    let notification = app.notification().builder().title(title).body(platform::notification_text(&body));
    if let Err(error) = notification.extra(MESSAGE, notice.message.to_string()).show() {
        tracing::warn!(%error, "notification not shown");
    }
}

/// Title and body: of one mail author and subject, of several how many and the newest.
fn text(notice: &Notice, language: Language) -> (String, String) {
    let or = |text: &str, key: &str| match text.trim() {
        "" => word(language, key, &[]),
        text => text.to_owned(),
    };
    let author = match notice.author.name.trim() {
        "" => or(&notice.author.email, "notification.noSender"),
        name => name.to_owned(),
    };
    let subject = or(&notice.subject, "notification.noSubject");
    match notice.count {
        0 | 1 => (author, subject),
        count => {
            (word(language, "notification.many", &[("count", &count.to_string())]), format!("{author}: {subject}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clientele_model::{AccountId, Address, MessageId};

    #[test]
    fn a_notification_names_author_and_subject() {
        let mut notice = Notice {
            account: AccountId(1),
            author: Address { name: String::new(), email: "maja@fjordlys.example".into() },
            subject: " ".into(),
            message: MessageId(7),
            count: 1,
        };
        assert_eq!(text(&notice, Language::En), ("maja@fjordlys.example".into(), "(no subject)".into()));
        notice.author.name = "Maja Lindqvist".into();
        notice.subject = "Offer".into();
        notice.count = 3;
        assert_eq!(text(&notice, Language::De).1, "Maja Lindqvist: Offer");
        assert!(text(&notice, Language::De).0.starts_with('3'));
    }
}
