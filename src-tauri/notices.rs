//! Desktop notifications. The engine decides what is worth one, and when it is not any more; here it is shown, and what is
//! clicked is done.

use crate::{platform, shell, shell::Shell, window};
use clientele_api::{
    Api, Event, handle,
    view::{ActionRequest, Empty, MessageRef, OperateRequest},
};
use clientele_engine::{Engine, Notice};
use clientele_words::{Language, word};
use std::time::Duration;
use tauri::{AppHandle, Manager as _};
use tauri_plugin_notification::{Action, ActionType, NotificationExt as _};
use tokio::sync::broadcast::error::RecvError;

/// The newest mail, and all of them, as a notification carries them.
const MESSAGE: &str = "message";
const MESSAGES: &str = "messages";
/// Buttons of one mail, and of several.
const ONE: &str = "mail";
const MANY: &str = "mails";
/// The desktop may still be about to show what is to be taken back.
const SHOWN: Duration = Duration::from_millis(500);

/// Hears clicks. Before the first notification, since a click on one shown earlier is not reported.
pub fn listen(app: &AppHandle) {
    let clicked = app.clone();
    let heard = app.notification().on_action(move |performed| {
        let Some(extra) = performed.notification().map(|notification| notification.extra()) else { return };
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let Some(message) = extra.get(MESSAGE).and_then(text) else { return };
        let messages = extra.get(MESSAGES).and_then(|all| Some(all.as_array()?.iter().filter_map(text).collect()));
        match performed.action_id() {
            "read" => act(&clicked, messages.unwrap_or_default(), ActionRequest::Read),
            "done" => act(&clicked, messages.unwrap_or_default(), ActionRequest::Done),
            "reply" => {
                window::show(&clicked);
                shell::tell(&clicked, Event::Reply { message });
            }
            _ => {
                window::show(&clicked);
                shell::tell(&clicked, Event::Open { message });
            }
        }
    });
    if let Err(error) = heard {
        tracing::warn!(%error, "notifications cannot be clicked");
    }
}

/// What a button says, without the window.
fn act(app: &AppHandle, messages: Vec<String>, action: ActionRequest) {
    let Some(api) = app.state::<Shell>().now() else { return };
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let messages = still_new(&api, messages).await;
        let Some(first) = messages.first().cloned() else { return };
        let done = handle::operate(&api, OperateRequest { messages, action }).await;
        if let Err(error) = done {
            tracing::warn!(code = ?error.code, "a notification's button did nothing");
            // The notification is gone: the person must see that the mail is not.
            window::show(&app);
            shell::tell(&app, Event::Open { message: first });
        }
    });
}

/// Those that are still as they were told: unread, and where new mail is told. What a person has dealt with since, here or
/// elsewhere, a button must not touch.
async fn still_new(api: &Api, messages: Vec<String>) -> Vec<String> {
    let folders = handle::folder_list(api, Empty {}).await.unwrap_or_default();
    let mut left = Vec::new();
    for message in messages {
        let Ok(row) = handle::message_row(api, MessageRef { message: message.clone() }).await else { continue };
        let told = folders.iter().any(|folder| folder.id == row.folder && folder.notify);
        if told && !row.read {
            left.push(message);
        }
    }
    left
}

/// Shows what the engine announces, and takes back what it takes back, until it ends.
pub fn forward(app: &AppHandle, engine: &Engine) {
    let (app, engine) = (app.clone(), engine.clone());
    let (mut notices, mut withdrawn) = (engine.notices(), engine.withdrawn());
    tauri::async_runtime::spawn(async move {
        loop {
            let heard = tokio::select! {
                // What is taken back was announced before.
                biased;
                notice = notices.recv() => notice.map(|notice| (Some(notice), 0)),
                id = withdrawn.recv() => id.map(|id| (None, id)),
            };
            match heard {
                Ok((Some(notice), _)) => show(&app, &notice, engine.language().await),
                Ok((None, id)) => withdraw(&app, id),
                Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "notices missed"),
                Err(RecvError::Closed) => return,
            }
        }
    });
}

/// Who wrote, and about what. A click opens the mail.
fn show(app: &AppHandle, notice: &Notice, language: Language) {
    let (title, body) = text(notice, language);
    let mut notification = app
        .notification()
        .builder()
        .id(number(notice.id))
        .title(title)
        .body(platform::notification_text(&body))
        .extra(MESSAGE, notice.message.to_string())
        .extra(MESSAGES, notice.messages.iter().map(ToString::to_string).collect::<Vec<_>>());
    // What was sent is neither read nor done by a button.
    if platform::NOTIFICATION_BUTTONS && !notice.reminder {
        // Anew each time: the language may have changed.
        match app.notification().register_action_types(buttons(language)) {
            Ok(()) => notification = notification.action_type_id(if notice.count > 1 { MANY } else { ONE }),
            Err(error) => tracing::warn!(%error, "no buttons on notifications"),
        }
    }
    if let Err(error) = notification.show() {
        tracing::warn!(%error, "notification not shown");
    }
}

fn buttons(language: Language) -> Vec<ActionType> {
    let button = |id: &str, key: &str| Action::builder(id, word(language, key, &[])).build();
    let both = [button("read", "action.markRead"), button("done", "action.done")];
    let reply = [button("reply", "action.reply")];
    vec![
        ActionType::builder(ONE).actions(both.iter().chain(&reply).cloned().collect()).build(),
        ActionType::builder(MANY).actions(both.to_vec()).build(),
    ]
}

fn withdraw(app: &AppHandle, id: u32) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOWN).await;
        // It waits for the desktop.
        let closed = tokio::task::spawn_blocking(move || app.notification().remove_active(vec![number(id)])).await;
        if !matches!(closed, Ok(Ok(()))) {
            tracing::warn!("notification not taken back");
        }
    });
}

/// As the desktop's side counts.
fn number(id: u32) -> i32 {
    (id & 0x7fff_ffff) as i32
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
        _ if notice.reminder => (word(language, "notification.noAnswer", &[("name", &author)]), subject),
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
            id: 1,
            account: AccountId(1),
            author: Address { name: String::new(), email: "maja@fjordlys.example".into() },
            subject: " ".into(),
            message: MessageId(7),
            messages: vec![MessageId(7)],
            count: 1,
            reminder: false,
        };
        assert_eq!(text(&notice, Language::En), ("maja@fjordlys.example".into(), "(no subject)".into()));
        notice.author.name = "Maja Lindqvist".into();
        notice.subject = "Offer".into();
        notice.count = 3;
        assert_eq!(text(&notice, Language::De).1, "Maja Lindqvist: Offer");
        assert!(text(&notice, Language::De).0.starts_with('3'));
    }

    #[test]
    fn several_mails_have_no_reply() {
        let [one, many] = buttons(Language::En).try_into().expect("two kinds");
        let ids = |kind: &ActionType| kind.actions().iter().map(|one| one.id().to_owned()).collect::<Vec<_>>();
        assert_eq!(
            (ids(&one), ids(&many)),
            (vec!["read".into(), "done".into(), "reply".into()], vec!["read".into(), "done".into()])
        );
        assert_eq!(one.actions()[0].title(), "Mark as read");
    }
}
