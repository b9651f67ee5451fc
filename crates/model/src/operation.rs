use crate::FolderId;
use serde::{Deserialize, Serialize};

/// What a person does to mails: applied to the store at once and queued for the server in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    Read,
    Unread,
    Flag,
    Unflag,
    /// Out of the inbox, into the mailbox's own archive folder. Never the CRM's Archive.
    Done,
    Junk,
    /// Into Trash; what is in Trash already is removed for good.
    Delete,
    Move {
        folder: FolderId,
    },
}
