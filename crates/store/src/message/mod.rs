//! Mails: what is kept of them. Adding is in `insert`, reading in `list` and `row`, what the server reports in `sync`.

mod copy;
mod insert;
mod label;
mod list;
mod number;
mod row;
mod sync;

pub(crate) use copy::{duplicate, labelled, labels_of, set_keyword};
pub use insert::Prepared;
pub(crate) use insert::cc_of;
pub use label::Labelled;
pub(crate) use label::{bequeath, holder, row_in};
#[cfg(test)]
pub(crate) use list::{RECORD_COUNT, count_sql, list_sql, record_sql, thread_sql};
pub(crate) use list::{inboxes, page};
pub(crate) use row::{parties_of, parts_of, rows_of};
pub use sync::Sought;
pub(crate) use sync::{forget, forget_one, place, renumber};

use crate::{CrmState, Flags};
use bytes::Bytes;
use clientele_model::{AccountId, Address, FolderId, MessageId};
use serde::{Deserialize, Serialize};

/// A part of a mail that can be saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The part's number within the mail.
    pub part: u32,
    pub name: String,
    pub mime: String,
    /// Decoded, in bytes.
    pub size: u32,
    /// Without brackets.
    pub content_id: Option<String>,
    pub inline: bool,
    pub dangerous: bool,
    /// It was left on the server: the mail is here without it. `size` is then a guess.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
}

/// Where a part lies that was not fetched with its mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its number on the wire (RFC 9051 section 6.4.5), for example `2.1`.
    pub section: String,
    /// Content-Transfer-Encoding, lower case.
    pub encoding: String,
    /// As it lies there, encoded, in bytes.
    pub octets: u32,
}

/// A mail as it was fetched; with `partial`, only its headers.
#[derive(Debug, Clone, Default)]
pub struct NewMessage {
    pub uid: u32,
    pub flags: Flags,
    /// Seconds since 1970: the Date header, or INTERNALDATE where that is missing or in the future.
    pub date: i64,
    /// RFC822.SIZE.
    pub size: u32,
    /// Normalised (no brackets, trimmed); empty: the store makes up a stable one.
    pub message_id: String,
    pub in_reply_to: Vec<String>,
    pub references: Vec<String>,
    /// The server's own number of the conversation (Gmail's X-GM-THRID); empty: it has none.
    pub server_thread: String,
    /// X-GM-MSGID, the same in all of a mail's labels; 0: the server has none.
    pub gmail_id: i64,
    /// As [`Labelled::labels`].
    pub labels: Vec<String>,
    pub subject: String,
    pub from: Address,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub bcc: Vec<Address>,
    pub reply_to: Vec<Address>,
    pub preview: String,
    /// Plain text of the body, for search and snippets.
    pub search_text: String,
    pub attachments: Vec<Attachment>,
    pub has_html: bool,
    pub has_text: bool,
    /// Why the mail could not be parsed.
    pub unreadable: Option<String>,
    /// Only headers are here: the body follows by [`Store::message_fill`].
    pub partial: bool,
    /// The whole mail, where it was fetched. Kept compressed.
    pub raw: Option<Bytes>,
}

/// What [`Store::messages_insert`] did with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inserted {
    pub id: MessageId,
    /// False: the mail was known, or a queued operation holds it.
    pub fresh: bool,
}

/// The body of a mail of which only headers were there.
#[derive(Debug, Clone, Default)]
pub struct Body {
    pub raw: Vec<u8>,
    pub preview: String,
    pub search_text: String,
    pub attachments: Vec<Attachment>,
    pub has_html: bool,
    pub has_text: bool,
    pub unreadable: Option<String>,
    /// `raw` is the mail without its large parts.
    pub left_out: bool,
}

/// Which mails a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Folder(FolderId),
    /// The inboxes of all accounts together.
    Inboxes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    #[default]
    All,
    Unread,
    Flagged,
    Customers,
    NotInCrm,
    /// Customers' mails that are not archived in the CRM, without the private ones.
    NotArchived,
}

#[derive(Debug, Clone)]
pub struct ListQuery {
    pub scope: Scope,
    pub filter: Filter,
    /// [`Page::next`] of the page before.
    pub after: Option<MessageId>,
    /// Taken to 1..=200.
    pub limit: u32,
}

/// Newest first.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub rows: Vec<Row>,
    /// None at the end.
    pub next: Option<MessageId>,
    /// How many there are in all; in searches counted to 1,000 at most.
    pub total: u32,
}

/// A mail as a list shows it.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: MessageId,
    pub account: AccountId,
    pub folder: FolderId,
    pub from: Address,
    pub to: Vec<Address>,
    pub subject: String,
    pub preview: String,
    pub date: i64,
    pub flags: Flags,
    /// Attachments that are not inline.
    pub attachments: u32,
    pub unreadable: bool,
    pub partial: bool,
    pub crm: CrmState,
    /// JSON as given to [`Store::pills_set`]; empty where never set.
    pub pills: String,
    /// Search only: text around the hit, U+0002 before and U+0003 behind each hit.
    pub snippet: String,
    /// Normalised.
    pub message_id: String,
    pub thread: i64,
    /// Never archived in the CRM.
    pub private: bool,
}

/// A mail as the reader shows it, without its body.
#[derive(Debug, Clone)]
pub struct Detail {
    pub row: Row,
    pub cc: Vec<Address>,
    pub bcc: Vec<Address>,
    pub reply_to: Vec<Address>,
    pub in_reply_to: Vec<String>,
    pub references: Vec<String>,
    pub attachments: Vec<Attachment>,
    pub has_html: bool,
    pub has_text: bool,
    pub size: u32,
    pub unreadable: Option<String>,
}

/// Where a mail lies on its server now: while a move is queued, still in the folder it is moved from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub account: AccountId,
    pub folder: FolderId,
    pub server_name: String,
    pub uid_validity: u32,
    /// None: moved by the server, which did not say its new UID; the next sync of the folder tells.
    pub uid: Option<u32>,
}

/// Who has to do with a mail.
#[derive(Debug, Clone)]
pub struct Parties {
    pub id: MessageId,
    pub account: AccountId,
    pub thread: i64,
    pub message_id: String,
    pub date: i64,
    pub from: Address,
    pub reply_to: Vec<Address>,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
}
