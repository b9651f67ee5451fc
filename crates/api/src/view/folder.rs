use super::Id;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FolderRoleView {
    Inbox,
    Sent,
    Drafts,
    Done,
    Junk,
    Trash,
    Other,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FolderView {
    pub id: Id,
    pub account: Id,
    /// The last part of the path, as the server has it; the UI has its own words for roles.
    pub name: String,
    /// The full path, parts joined with `/`.
    pub path: String,
    pub role: FolderRoleView,
    pub unread: u32,
    pub total: u32,
    /// False: only a place for other folders, holds no mail.
    pub selectable: bool,
    /// Other programs that show only subscribed folders show it.
    pub subscribed: bool,
    /// New mail here is told, where notifications are on.
    pub notify: bool,
    /// May be renamed and deleted: none of the special folders.
    pub own: bool,
    /// Gmail: deleting it takes a label off its mails, which stay where they are besides.
    pub label: bool,
}

/// A new folder on the server.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FolderCreate {
    pub account: Id,
    /// One part of a path; what the server's separator is does not matter.
    pub name: String,
    /// None: beside the inbox.
    pub parent: Option<Id>,
}

/// Another name, another place, or both.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FolderRename {
    pub folder: Id,
    pub name: String,
    pub parent: Option<Id>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FolderSubscribe {
    pub folder: Id,
    pub subscribed: bool,
}

/// Whether new mail in a folder is told.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FolderNotify {
    pub folder: Id,
    pub notify: bool,
}

/// What is fetched of an account's past beyond its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HistoryState {
    /// Nobody asked for it.
    Off,
    /// Being fetched, or about to be.
    Running,
    /// A person has paused it.
    Paused,
    /// The disk is too full for it; it goes on when there is room.
    NoRoom,
    /// All is here.
    Whole,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HistoryView {
    pub account: Id,
    pub state: HistoryState,
    /// Mails fetched, and mails that were missing when it began; 0 where that is not known.
    #[ts(type = "number")]
    pub done: u64,
    #[ts(type = "number")]
    pub total: u64,
    /// None: not known yet.
    #[ts(type = "number | null")]
    pub seconds_left: Option<u64>,
}

/// Asks the servers themselves, for mails that are not on this computer.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ServerSearch {
    pub query: String,
    /// Empty: every account.
    pub account: Id,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ServerSearched {
    /// Mails that were fetched for it and are found by `message_search` now.
    pub fetched: u32,
    /// There are more than were fetched.
    pub more: bool,
    /// Addresses of accounts whose server could not be asked.
    pub unasked: Vec<String>,
}
