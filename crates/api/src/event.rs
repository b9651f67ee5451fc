use crate::view::{AccountState, Id, Progress};
use serde::Serialize;
use ts_rs::TS;

/// What the engine tells the UI without being asked.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// Rows changed: refetch what is shown of them. Empty `ids`: any row of the table.
    /// `crm`: what it holds, and what waits for it (follow-ups, sales, mails that want an answer); `crm_state`: whether it
    /// answers, and how far it is read; `setting` also tells of rules.
    /// `account` also tells of its history (`history_list`; while it is fetched once a second), and of a disk that is full,
    /// or no longer (`AppState.disk_full`).
    Change {
        #[ts(
            type = "'account' | 'folder' | 'message' | 'draft' | 'outbox' | 'operation' | 'archive' | 'crm' | 'crm_state' | 'setting'"
        )]
        table: String,
        ids: Vec<Id>,
    },
    Account {
        account: Id,
        state: AccountState,
        code: Option<String>,
        progress: Option<Progress>,
    },
    /// How far the fetching of a large attachment is, in bytes; part 0: of the whole mail.
    Attachment {
        message: Id,
        part: u32,
        #[ts(type = "number")]
        done: u64,
        #[ts(type = "number")]
        total: u64,
    },
    /// A notification was clicked, or a link opened: show this mail.
    Open {
        message: Id,
    },
    /// A notification's Reply was clicked: write an answer to this mail.
    Reply {
        message: Id,
    },
    /// A `mailto:` link was opened.
    Compose {
        mailto: String,
    },
    /// The window was asked to close where the desktop has no tray: ask whether to minimise or quit.
    CloseAsked,
}
