//! Whether new mail is worth a notification.

use crate::{Engine, Notice};
use clientele_model::MessageId;
use clientele_store::{Account, Row};

/// More than this at once are told in one notification.
const SINGLE: usize = 3;

impl Engine {
    /// Tells about mails that have just arrived in an inbox: the unread ones, not those from oneself.
    pub(crate) async fn notify(&self, account: &Account, fresh: Vec<MessageId>) {
        if fresh.is_empty() {
            return;
        }
        let wanted = self.settings().await.is_ok_and(|settings| settings.notifications);
        if !wanted {
            return;
        }
        let rows =
            self.store(move |store| Ok(fresh.iter().filter_map(|id| store.row(*id).ok()).collect::<Vec<_>>())).await;
        let Ok(rows) = rows else { return };
        for notice in notices(account, rows) {
            // Nobody listens where there is no window.
            let _ = self.0.notices.send(notice);
        }
    }
}

fn notices(account: &Account, mut rows: Vec<Row>) -> Vec<Notice> {
    rows.retain(|row| !row.flags.seen && !row.from.email.eq_ignore_ascii_case(&account.email));
    rows.sort_by_key(|row| row.id);
    let count = if rows.len() > SINGLE { rows.len() as u32 } else { 1 };
    let told = if count > 1 { rows.split_off(rows.len() - 1) } else { rows };
    told.into_iter()
        .map(|row| Notice { account: account.id, author: row.from, subject: row.subject, message: row.id, count })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clientele_model::{AccountId, Address, Endpoint, FolderId, Security};
    use clientele_store::{CrmState, Flags};

    fn account() -> Account {
        let endpoint = Endpoint { host: "localhost".into(), port: 1, security: Security::Tls };
        Account {
            id: AccountId(1),
            email: "Me@example.com".into(),
            name: "Me".into(),
            incoming: endpoint.clone(),
            incoming_user: String::new(),
            outgoing: endpoint,
            outgoing_user: String::new(),
            days: 30,
            oauth: None,
        }
    }

    fn row(id: i64, from: &str, seen: bool) -> Row {
        Row {
            id: MessageId(id),
            account: AccountId(1),
            folder: FolderId(1),
            from: Address::new("", from),
            to: Vec::new(),
            subject: format!("mail {id}"),
            preview: String::new(),
            date: id,
            flags: Flags { seen, ..Flags::default() },
            attachments: 0,
            unreadable: false,
            partial: false,
            crm: CrmState::Unknown,
            pills: String::new(),
            snippet: String::new(),
            message_id: id.to_string(),
            thread: id,
        }
    }

    #[test]
    fn read_mail_and_own_mail_are_not_told() {
        let told = notices(
            &account(),
            vec![row(1, "a@x.example", true), row(2, "me@example.com", false), row(3, "a@x.example", false)],
        );
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].message, MessageId(3));
    }

    #[test]
    fn many_at_once_are_one_notification_about_the_newest() {
        let told = notices(&account(), (1..=4).rev().map(|id| row(id, "a@x.example", false)).collect());
        assert_eq!((told.len(), told[0].count, told[0].message), (1, 4, MessageId(4)));
        let told = notices(&account(), (1..=3).map(|id| row(id, "a@x.example", false)).collect());
        assert_eq!((told.len(), told[0].count), (3, 1));
    }
}
