//! Writing and sending.

use super::{AddressView, Id, RecordView};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DraftKind {
    New,
    Reply,
    ReplyAll,
    Forward,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DraftNew {
    pub kind: DraftKind,
    /// The mail answered or forwarded; empty for New.
    pub message: Id,
    /// New only: a `mailto:` link (RFC 6068), or empty.
    pub mailto: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DraftAttachment {
    pub id: Id,
    pub name: String,
    pub mime: String,
    pub size: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DraftView {
    pub id: Id,
    pub account: Id,
    pub kind: DraftKind,
    /// The mail answered or forwarded; empty for New.
    pub message: Id,
    pub to: Vec<AddressView>,
    pub cc: Vec<AddressView>,
    pub bcc: Vec<AddressView>,
    pub subject: String,
    /// What the person writes, as HTML of a small allow-list: p br b i u a ul ol li blockquote.
    pub body: String,
    /// The quoted mail, sanitised, without remote parts; empty where there is none.
    pub quote: String,
    pub attachments: Vec<DraftAttachment>,
    #[ts(type = "number")]
    pub saved: i64,
}

/// The whole draft as the composer has it; saved as one types.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DraftSave {
    pub id: Id,
    pub account: Id,
    pub to: Vec<AddressView>,
    pub cc: Vec<AddressView>,
    pub bcc: Vec<AddressView>,
    pub subject: String,
    pub body: String,
    pub quote: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DraftAttach {
    pub draft: Id,
    pub path: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DraftDetach {
    pub draft: Id,
    pub attachment: Id,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SendRequest {
    pub draft: Id,
    /// Records that the sent mail is archived on in the CRM; empty: not archived.
    pub archive: Vec<RecordView>,
    /// `CrmView.link` as it was when these were chosen; empty: as it is now.
    #[serde(default)]
    pub crm: Id,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    Queued,
    Sending,
    /// The connection died between DATA and the answer: the server may have it. A person decides.
    Held,
    Failed,
    Sent,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OutboxView {
    pub id: Id,
    pub account: Id,
    pub to: Vec<AddressView>,
    pub subject: String,
    pub state: OutboxState,
    pub code: Option<String>,
    pub detail: String,
    #[ts(type = "number")]
    pub queued: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OutboxChoice {
    /// Failed: try again now. Held: send it once more.
    Retry,
    /// Held: it did arrive; keep it in Sent.
    WasSent,
    /// Take it back into a draft.
    Edit,
    Discard,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OutboxResolve {
    pub id: Id,
    pub choice: OutboxChoice,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SuggestRequest {
    pub query: String,
    pub limit: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SuggestionView {
    pub address: AddressView,
    pub company: String,
}
