use super::Id;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AddressView {
    pub name: String,
    pub email: String,
}

/// Which mails a list shows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ListFilter {
    All,
    Unread,
    Flagged,
    Customers,
    NotInCrm,
    /// Of customers, and not archived in the CRM.
    NotArchived,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ListRequest {
    /// A folder's id, or empty for the inboxes of all accounts together.
    pub folder: Id,
    pub filter: ListFilter,
    /// Only mails of this company, person, sale or project, in all folders (`folder` is left empty then).
    pub record: Option<super::RecordRequest>,
    /// `MessagePage.next` of the page before; empty for the first.
    pub after: String,
    /// 1 to 200.
    pub limit: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SearchRequest {
    pub query: String,
    pub after: String,
    pub limit: u32,
}

/// What a mail is to the business.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PillView {
    pub kind: PillKind,
    /// Empty for NotInCrm and Archived, for which the UI has words.
    pub text: String,
    /// The record's id in the CRM, where the pill stands for one.
    pub record: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PillKind {
    Sale,
    Company,
    Person,
    Project,
    NotInCrm,
    Queued,
    Archived,
    ArchiveFailed,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MessageRow {
    pub id: Id,
    pub account: Id,
    pub folder: Id,
    pub from: AddressView,
    /// Shown instead of `from` in Sent and Drafts.
    pub to: Vec<AddressView>,
    pub subject: String,
    pub preview: String,
    #[ts(type = "number")]
    pub date: i64,
    pub read: bool,
    pub flagged: bool,
    pub answered: bool,
    pub forwarded: bool,
    pub attachments: u32,
    /// The mail could not be parsed and is shown as source.
    pub unreadable: bool,
    /// Only headers are here so far.
    pub partial: bool,
    pub pills: Vec<PillView>,
    /// Search only: text around the hit, with U+0002 before and U+0003 behind each hit.
    pub snippet: String,
    /// IMAP keywords that the mail bears, without those that begin with `$`.
    pub keywords: Vec<String>,
    /// Never archived in the CRM: a lock in the list.
    pub private: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MessagePage {
    pub rows: Vec<MessageRow>,
    /// Empty at the end.
    pub next: String,
    /// How many there are in all; an estimate in searches.
    pub total: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AttachmentView {
    /// The part's number within the mail.
    pub part: u32,
    pub name: String,
    pub mime: String,
    pub size: u32,
    /// Shown inside the HTML by Content-ID.
    pub inline: bool,
    /// A kind that can run when opened.
    pub dangerous: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MessageDetail {
    pub row: MessageRow,
    pub cc: Vec<AddressView>,
    pub bcc: Vec<AddressView>,
    pub reply_to: Vec<AddressView>,
    pub message_id: String,
    pub attachments: Vec<AttachmentView>,
    pub has_html: bool,
    pub has_text: bool,
}

/// The conversation that a mail belongs to, oldest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ThreadView {
    pub subject: String,
    pub messages: Vec<MessageDetail>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ShowAs {
    Best,
    Text,
    Source,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FrameRequest {
    pub message: Id,
    pub show: ShowAs,
    /// The person asked for this mail's remote images.
    pub remote: bool,
    /// Dark theme: recolour the mail.
    pub dark: bool,
}

/// A page for the reader's frame.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FrameView {
    /// `message://localhost/<token>` (`http://message.localhost/<token>` on Windows).
    pub url: String,
    pub shown: ShowAs,
    pub blocked_images: u32,
    pub blocked_trackers: u32,
    /// The HTML was too costly or broken and plain text is shown instead.
    pub fell_back: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PartRequest {
    pub message: Id,
    pub part: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SaveRequest {
    pub message: Id,
    pub part: u32,
    /// Where to; empty: the folder for downloads. An existing file is not overwritten but numbered.
    pub path: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SavedView {
    pub path: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ActionRequest {
    Read,
    Unread,
    Flag,
    Unflag,
    Done,
    Junk,
    Delete,
    Move {
        folder: Id,
    },
    Copy {
        folder: Id,
    },
    /// An IMAP keyword: letters, digits and marks that an atom may hold (RFC 9051 section 2.3.2).
    KeywordAdd {
        keyword: String,
    },
    KeywordRemove {
        keyword: String,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OperateRequest {
    pub messages: Vec<Id>,
    pub action: ActionRequest,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OperatedView {
    /// Give it to `undo` within 10 seconds; empty where there is nothing to undo.
    pub undo: String,
    pub count: u32,
}

/// A change that the server has refused.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OperationView {
    pub id: Id,
    pub action: String,
    pub subject: String,
    pub code: String,
    pub detail: String,
    #[ts(type = "number")]
    pub since: i64,
}
