//! The decisions themselves, without the store.

use crate::Notice;
use clientele_model::{AccountId, MessageId};
use clientele_store::Row;
use std::collections::VecDeque;

/// More than this at once are told in one notification.
const SINGLE: usize = 3;
/// Mails that are remembered.
const KEPT: usize = 4096;

/// Whether a mail is news at all: unread, and from somebody else. `own`: the person's addresses.
pub(super) fn news(row: &Row, own: &[String]) -> bool {
    !row.flags.seen && !own.iter().any(|email| email.eq_ignore_ascii_case(&row.from.email))
}

/// What arrived lately. A mail that is moved on another device arrives a second time.
#[derive(Debug, Default)]
pub(super) struct Known {
    arrived: VecDeque<MessageId>,
    /// Message-IDs that were told.
    told: VecDeque<(AccountId, String)>,
}

impl Known {
    pub(super) fn arrived(&mut self, fresh: &[MessageId]) {
        self.arrived.extend(fresh);
        let over = self.arrived.len().saturating_sub(KEPT);
        self.arrived.drain(..over);
    }

    /// Not told before, and of its `copies` (the same Message-ID elsewhere in the account) none that was there before.
    /// What is new counts as told from here on.
    pub(super) fn is_new(&mut self, row: &Row, copies: &[MessageId]) -> bool {
        let name = (row.account, row.message_id.clone());
        if copies.iter().any(|copy| !self.arrived.contains(copy)) {
            return false;
        }
        if row.message_id.is_empty() {
            return true;
        }
        if self.told.contains(&name) {
            return false;
        }
        self.told.push_back(name);
        if self.told.len() > KEPT {
            self.told.pop_front();
        }
        true
    }
}

/// What is told together: each by itself, or all in one where that was chosen or there are many.
pub(super) fn portions(rows: Vec<Row>, grouped: bool) -> Vec<Vec<Row>> {
    match rows.len() {
        0 => Vec::new(),
        count if grouped || count > SINGLE => vec![rows],
        _ => rows.into_iter().map(|row| vec![row]).collect(),
    }
}

/// About the newest of them. None for no mails.
pub(super) fn notice(id: u32, account: AccountId, rows: &[Row]) -> Option<Notice> {
    let newest = rows.last()?;
    Some(Notice {
        id,
        account,
        author: newest.from.clone(),
        subject: newest.subject.clone(),
        message: newest.id,
        messages: rows.iter().map(|row| row.id).collect(),
        count: rows.len() as u32,
        reminder: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clientele_model::{Address, FolderId};
    use clientele_store::{CrmState, Flags};

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
            private: false,
            thread: id,
        }
    }

    #[test]
    fn read_mail_and_own_mail_are_no_news() {
        let own = ["Me@example.com".to_owned(), "also@me.example".to_owned()];
        assert!(!news(&row(1, "a@x.example", true), &own));
        assert!(!news(&row(2, "me@example.com", false), &own));
        assert!(!news(&row(3, "also@me.example", false), &own), "from another account of the same person");
        assert!(news(&row(4, "a@x.example", false), &own));
    }

    #[test]
    fn many_at_once_or_a_wish_for_it_make_one_notification_about_the_newest() {
        let rows = |count: i64| (1..=count).map(|id| row(id, "a@x.example", false)).collect::<Vec<_>>();
        let counts = |portions: &[Vec<Row>]| portions.iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(counts(&portions(rows(3), false)), [1, 1, 1]);
        assert_eq!(counts(&portions(rows(4), false)), [4]);
        assert_eq!(counts(&portions(rows(2), true)), [2]);
        assert!(portions(rows(0), true).is_empty());
        let told = notice(7, AccountId(1), &rows(4)).expect("a notice");
        assert_eq!((told.id, told.count, told.message, told.messages.len()), (7, 4, MessageId(4), 4));
    }

    #[test]
    fn a_mail_that_is_moved_or_lies_in_two_folders_is_told_once() {
        let mut known = Known::default();
        known.arrived(&[MessageId(10), MessageId(11)]);
        let first = row(10, "a@x.example", false);
        let copy = Row { id: MessageId(11), message_id: first.message_id.clone(), ..row(11, "a@x.example", false) };
        assert!(known.is_new(&first, &[MessageId(11)]), "its copy came with it");
        assert!(!known.is_new(&copy, &[MessageId(10)]));
        let moved = row(12, "a@x.example", false);
        assert!(!known.is_new(&moved, &[MessageId(3)]), "it was here before, in another folder");
        let again = Row { id: MessageId(13), ..first };
        assert!(!known.is_new(&again, &[]), "told before it was moved");
        let nameless = Row { message_id: String::new(), ..row(14, "a@x.example", false) };
        assert!(known.is_new(&nameless, &[]) && known.is_new(&nameless, &[]));
    }
}
