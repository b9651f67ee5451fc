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
}
