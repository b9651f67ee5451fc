//! What a person did to mails: applied at once and queued for the server. `act` does and undoes, `queue` is for the task
//! that tells the server, `pending` keeps what is queued apart from what the server reports meanwhile.

mod act;
mod pending;
mod queue;

pub(crate) use pending::{
    Pending, apply_to_new, folder_gone, found, holder, lose_uids, pending_flags, recover, source,
};
#[cfg(test)]
pub(crate) use queue::due_sql;
pub(crate) use queue::finish;

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
    Move {
        to: FolderId,
        to_server_name: String,
    },
    /// Remove for good.
    Expunge,
}

/// A queued change of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub id: OperationId,
    pub account: AccountId,
    pub message: MessageId,
    pub kind: OperationKind,
    /// Where the mail lies on the server.
    pub folder: FolderId,
    pub server_name: String,
    /// When the server's is another, the UID means nothing: report [`Store::operation_failed`] or wait for the sync.
    pub uid_validity: u32,
    pub uid: u32,
    pub attempts: u32,
}

/// An operation that the server refused. The person's choice stays on the screen until they retry or discard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedOperation {
    pub id: OperationId,
    pub account: AccountId,
    /// `read`, `unread`, `flag`, `unflag`, `move`, `delete`, `answered`, `forwarded`.
    pub action: String,
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
    Move(String),
    Expunge,
}

impl Queued {
    const COLUMNS: &str = "id, account, message, message_id, kind, flag, is_on, path, uid, to_path, state, attempts";

    fn at(row: &rusqlite::Row<'_>) -> rusqlite::Result<Queued> {
        let flag = row.get::<_, Option<String>>(5)?.as_deref().and_then(Flag::parse);
        let what = match (row.get_ref(4)?.as_str()?, flag, row.get::<_, Option<String>>(9)?) {
            ("flag", Some(flag), _) => What::Flag(flag, row.get(6)?),
            ("move", _, Some(path)) => What::Move(path),
            ("expunge", ..) => What::Expunge,
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
