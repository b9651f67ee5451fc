//! Ids and words of the domain, shared by every room. No I/O.

mod address;
mod id;
mod operation;
mod secret;
pub mod subject;

pub use address::Address;
pub use id::{AccountId, ArchiveId, DraftId, FolderId, MessageId, OperationId, OutboxId, RowDate};
pub use operation::{Action, is_keyword};
pub use secret::{Credential, Secret, Token, TokenError, TokenSource};

use serde::{Deserialize, Serialize};

/// What a folder is for (RFC 6154). `Done` is the mailbox's own `\Archive`: see docs/style.md on Done and Archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FolderRole {
    Inbox,
    Sent,
    Drafts,
    Done,
    Junk,
    Trash,
    #[default]
    Other,
}

impl FolderRole {
    pub fn as_str(self) -> &'static str {
        match self {
            FolderRole::Inbox => "inbox",
            FolderRole::Sent => "sent",
            FolderRole::Drafts => "drafts",
            FolderRole::Done => "done",
            FolderRole::Junk => "junk",
            FolderRole::Trash => "trash",
            FolderRole::Other => "other",
        }
    }

    /// The inverse of [`FolderRole::as_str`]; anything unknown is `Other`.
    pub fn parse(text: &str) -> Self {
        match text {
            "inbox" => FolderRole::Inbox,
            "sent" => FolderRole::Sent,
            "drafts" => FolderRole::Drafts,
            "done" => FolderRole::Done,
            "junk" => FolderRole::Junk,
            "trash" => FolderRole::Trash,
            _ => FolderRole::Other,
        }
    }
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// Plain text, chosen with eyes open.
    None,
    /// Plain at first, upgraded before anything secret (RFC 3207, RFC 9051 section 6.2.1).
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Tls,
}

/// A server as a person types it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
    pub security: Security,
}

/// What the CRM calls a record that a mail can be archived on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    Company,
    Person,
    Sale,
    Project,
}

impl RecordKind {
    pub fn as_str(self) -> &'static str {
        match self {
            RecordKind::Company => "company",
            RecordKind::Person => "person",
            RecordKind::Sale => "sale",
            RecordKind::Project => "project",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "company" => Some(RecordKind::Company),
            "person" => Some(RecordKind::Person),
            "sale" => Some(RecordKind::Sale),
            "project" => Some(RecordKind::Project),
            _ => None,
        }
    }
}

/// A record in a CRM: its kind and the CRM's own id for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordRef {
    pub kind: RecordKind,
    pub id: String,
}

/// Which rows changed, broadcast after the commit that changed them. An empty `ids` means "any row of the table".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub table: Table,
    pub ids: Vec<i64>,
}

/// The tables whose changes are announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    Account,
    Folder,
    Message,
    Draft,
    Outbox,
    Operation,
    Archive,
    /// What is known of what the CRM holds, and what waits for it.
    Crm,
    /// How the CRM is: whether it answers, and how far it is read.
    CrmState,
    Setting,
}
