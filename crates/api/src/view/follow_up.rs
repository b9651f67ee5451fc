//! What is to be done: tasks, calls and appointments of the CRM, and mails that wait for an answer.

use super::{Id, MessageRow, RecordView};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FollowUpKindView {
    Task,
    Call,
    Appointment,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FollowUpView {
    /// The CRM's id, or `queued:` and the id of what waits to go there.
    pub id: String,
    pub kind: FollowUpKindView,
    pub title: String,
    pub text: String,
    /// Seconds since 1970. A task is due at its end.
    #[ts(type = "number")]
    pub start: i64,
    #[ts(type = "number")]
    pub end: i64,
    pub done: bool,
    /// Company, person, sale, project: those that it has.
    pub records: Vec<RecordView>,
    /// The mail it was made from, where that is on this computer.
    pub message: Option<Id>,
    /// What was said of it last is not in the CRM yet: that it is, or that it is done or not.
    pub queued: bool,
    /// The CRM refused that: why.
    pub code: Option<String>,
    /// What waits or was refused, for `work_retry` and `work_discard`.
    pub work: Option<String>,
}

/// What is to be done in the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    Task,
    Call,
    Appointment,
    /// A follow-up is done, or not done after all.
    Done,
    NotDone,
    Sale,
}

/// Something besides mails that waits for the CRM, or that it refused.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct WorkView {
    /// `queued:` and the id of what waits.
    pub id: String,
    pub kind: WorkKind,
    /// Of the follow-up or the sale; empty where it is not known here.
    pub title: String,
    pub records: Vec<RecordView>,
    /// The mail it was made from, where that is on this computer.
    pub message: Option<Id>,
    /// Seconds since 1970.
    #[ts(type = "number")]
    pub since: i64,
    /// Why the CRM refused it.
    pub code: Option<String>,
    /// Of a sale, in hundredths of the currency's unit.
    #[ts(type = "number")]
    pub amount: i64,
}

/// `waits`: it is not in the CRM yet, or was refused.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SaleMade {
    pub waits: Option<WorkView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FollowUpCreate {
    /// The mail it is made from.
    pub message: Option<Id>,
    pub kind: FollowUpKindView,
    pub title: String,
    pub text: String,
    #[ts(type = "number")]
    pub start: i64,
    #[ts(type = "number")]
    pub end: i64,
    /// At most one of a kind.
    pub records: Vec<RecordView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FollowUpDone {
    pub id: String,
    pub done: bool,
}

/// A new sale, from a mail or by hand. Goes to the CRM at once, or when it can be reached.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SaleCreate {
    pub message: Option<Id>,
    pub name: String,
    /// Ids, each may be empty.
    pub company: String,
    pub person: String,
    /// In hundredths of the currency's unit.
    #[ts(type = "number")]
    pub amount: i64,
    /// YYYY-MM-DD, or empty.
    pub closes: String,
}

/// A mail of one's own that wants an answer.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct WaitingView {
    pub id: Id,
    pub row: MessageRow,
    /// When it reminds. Seconds since 1970.
    #[ts(type = "number")]
    pub until: i64,
    /// That time is over, and nobody has answered.
    pub due: bool,
    /// An answer is here already: nothing is waited for.
    pub answered: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct WaitingSet {
    pub message: Id,
    /// From the mail's date on; 0: as the settings say.
    pub days: u32,
}

/// Overdue ones first, then by time.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FollowUps {
    pub open: Vec<FollowUpView>,
    pub waiting: Vec<WaitingView>,
    /// Overdue follow-ups and due waiting mails together.
    pub overdue: u32,
}
