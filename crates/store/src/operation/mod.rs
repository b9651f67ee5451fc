//! What a person did to mails: applied at once and queued for the server. `act` does, `undo` takes back, `queue` is for the task
//! that tells the server, `pending` keeps what is queued apart from what the server reports meanwhile, `goes` is about
//! folders that go, `whole` about folders that are emptied and mails that are put into one, `label` about a mail that is where it is moved to already.

mod act;
mod goes;
mod label;
mod pending;
mod queue;
mod undo;
mod whole;

pub use goes::Concerned;
pub(crate) use goes::folder_gone;
pub(crate) use pending::{
    Pending, apply_to_new, detach, detach_one, found, holder, lose_uids, moot, pending_flags, pending_keywords,
    recover, source, unfound,
};
#[cfg(test)]
pub(crate) use queue::due_sql;
pub(crate) use queue::finish;
pub use whole::Appended;
pub(crate) use whole::emptied_gone;

use crate::{Flag, Result, StoreError};
use clientele_model::{AccountId, FolderId, MessageId, OperationId};
use rusqlite::{Connection, Params};

/// Given to [`Store::undo`] within 10 seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoToken(pub String);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operated {
    /// None where nothing changed.
    pub undo: Option<UndoToken>,
    /// How many mails changed.
    pub count: u32,
}

/// What is to be told to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationKind {
    Flag {
        flag: Flag,
        on: bool,
    },
    Keyword {
        keyword: String,
        on: bool,
    },
    /// A label of Gmail's own, such as `\Inbox`, taken from a mail or given to it in "all mail" (X-GM-LABELS).
    Label {
        label: String,
        on: bool,
    },
    Move {
        to: FolderId,
        to_server_name: String,
    },
    Copy {
        to: FolderId,
        to_server_name: String,
    },
    /// Remove for good.
    Expunge,
    /// Remove for good what the folder had when it was asked: UIDs from and to, both included, rising.
    Empty {
        ranges: Vec<(u32, u32)>,
    },
    /// Put the content that [`Store::operation_content`] gives into the folder, unless it has a mail of this Message-ID.
    Append,
}

/// A queued change of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub id: OperationId,
    pub account: AccountId,
    /// The mail; of a copy, the copy's row; 0: it is about no mail that is here.
    pub message: MessageId,
    /// Normalised.
    pub message_id: String,
    pub kind: OperationKind,
    /// Where the mail lies on the server.
    pub folder: FolderId,
    pub server_name: String,
    /// When the server's is another, the UID means nothing: report [`Store::operation_failed`] or wait for the sync.
    pub uid_validity: u32,
    /// 0: it is about no single mail of the folder.
    pub uid: u32,
    pub attempts: u32,
}

/// An operation that the server refused. The person's choice stays on the screen until they retry or discard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedOperation {
    pub id: OperationId,
    pub account: AccountId,
    /// `read`, `unread`, `flag`, `unflag`, `done`, `move`, `copy`, `delete`, `answered`, `forwarded`, `keyword_add`,
    /// `keyword_remove`, `folder_empty`, `append`.
    pub action: String,
    /// Of `folder_empty`, the folder's path.
    pub subject: String,
    pub code: String,
    pub detail: String,
    pub since: i64,
}

/// A row of the table.
#[derive(Debug, Clone)]
struct Queued {
    id: i64,
    account: i64,
    message: i64,
    message_id: String,
    what: What,
    path: String,
    uid: Option<u32>,
    state: String,
    attempts: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Flag(Flag, bool),
    Keyword(String, bool),
    /// In the table a keyword that begins with `\`, as no keyword does.
    Label(String, bool),
    Move(String),
    Copy(String),
    Expunge,
    Empty,
    Append,
}

impl What {
    /// kind, flag, is_on, to_path.
    fn columns(&self) -> (&'static str, Option<&str>, Option<bool>, Option<&str>) {
        match self {
            What::Flag(flag, on) => ("flag", Some(flag.column()), Some(*on), None),
            What::Keyword(keyword, on) | What::Label(keyword, on) => ("keyword", Some(keyword), Some(*on), None),
            What::Move(to) => ("move", None, None, Some(to)),
            What::Copy(to) => ("copy", None, None, Some(to)),
            What::Expunge => ("expunge", None, None, None),
            What::Empty => ("empty", None, None, None),
            What::Append => ("append", None, None, None),
        }
    }
}

impl Queued {
    const COLUMNS: &str = "id, account, message, message_id, kind, flag, is_on, path, uid, to_path, state, attempts";

    fn at(row: &rusqlite::Row<'_>) -> rusqlite::Result<Queued> {
        let what = match (row.get_ref(4)?.as_str()?, row.get::<_, Option<String>>(5)?, row.get(9)?) {
            ("flag", Some(flag), _) => {
                What::Flag(Flag::parse(&flag).ok_or(rusqlite::Error::InvalidQuery)?, row.get(6)?)
            }
            ("keyword", Some(label), _) if label.starts_with('\\') => What::Label(label, row.get(6)?),
            ("keyword", Some(keyword), _) => What::Keyword(keyword, row.get(6)?),
            ("move", _, Some(path)) => What::Move(path),
            ("copy", _, Some(path)) => What::Copy(path),
            ("expunge", ..) => What::Expunge,
            ("empty", ..) => What::Empty,
            ("append", ..) => What::Append,
            _ => return Err(rusqlite::Error::InvalidQuery),
        };
        Ok(Queued {
            id: row.get(0)?,
            account: row.get(1)?,
            message: row.get(2)?,
            message_id: row.get(3)?,
            what,
            path: row.get(7)?,
            uid: row.get(8)?,
            state: row.get(10)?,
            attempts: row.get(11)?,
        })
    }

    /// The operations of a condition over the table, oldest first.
    fn all(db: &Connection, condition: &str, parameters: impl Params) -> Result<Vec<Queued>> {
        Queued::select(db, &format!("{condition} ORDER BY id"), parameters)
    }

    /// As [`Queued::all`], at most as many as the third parameter says.
    fn first(db: &Connection, condition: &str, parameters: impl Params) -> Result<Vec<Queued>> {
        Queued::select(db, &format!("{condition} ORDER BY id LIMIT ?3"), parameters)
    }

    fn select(db: &Connection, rest: &str, parameters: impl Params) -> Result<Vec<Queued>> {
        let mut select = db.prepare_cached(&format!("SELECT {} FROM operation WHERE {rest}", Queued::COLUMNS))?;
        Ok(select.query_map(parameters, Queued::at)?.collect::<Result<Vec<_>, _>>()?)
    }

    fn one(db: &Connection, id: i64) -> Result<Queued> {
        Queued::all(db, "id = ?", [id])?.pop().ok_or(StoreError::NotFound)
    }

    /// Nobody has told the server of it: it may be changed or taken back.
    fn untold(&self) -> bool {
        self.state != "running" && self.attempts == 0
    }
}
