//! Mails into the CRM: by hand, by conversation, by rule.

use super::{Id, MessageRow, RecordView};
use crate::Code;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveState {
    Queued,
    Done,
    Failed,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ArchivedView {
    /// Empty: a colleague archived it, and nothing here did.
    pub id: Id,
    pub state: ArchiveState,
    pub records: Vec<RecordView>,
    #[ts(type = "number")]
    pub date: i64,
    pub by: String,
    /// Failed only.
    pub code: Option<String>,
    /// The mail was there before this call.
    pub already: bool,
    /// A rule or the conversation's choice did it.
    pub automatic: bool,
    /// Name of the CRM that has it, where that is not the one connected now.
    pub elsewhere: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VisibleTo {
    Me,
    Group,
    #[default]
    All,
}

/// What the dialog asks; the one key leaves it all out.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ArchiveChoice {
    /// One mail only; None: its subject.
    pub title: Option<String>,
    /// One mail only; None: its date. Seconds since 1970.
    #[ts(type = "number | null")]
    pub date: Option<i64>,
    /// A `MailTypeView`'s id; empty: the CRM's default.
    pub mail_type: String,
    pub visible: VisibleTo,
    /// With the mail's attachments.
    pub attachments: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ArchiveRequest {
    pub messages: Vec<Id>,
    /// Empty: what is suggested and selected.
    pub records: Vec<RecordView>,
    /// None: the defaults of the settings.
    pub choice: Option<ArchiveChoice>,
    /// All mails of their conversations that are not archived yet, without the private ones.
    pub conversation: bool,
    /// Later mails of the conversations are archived by themselves; None: as the settings say.
    pub follow: Option<bool>,
}

/// A mail that was not archived, and why.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct NotArchived {
    pub message: Id,
    /// None: the mail is not on this computer.
    pub row: Option<MessageRow>,
    pub code: Code,
}

/// What came of archiving several.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ArchiveDone {
    pub archived: Vec<ArchivedView>,
    pub refused: Vec<NotArchived>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MailTypeView {
    pub id: String,
    pub name: String,
    pub default: bool,
}

/// What the dialog shows besides the suggestions of the panel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ArchiveOptions {
    pub choice: ArchiveChoice,
    /// Empty: nothing to choose, or not asked for yet (`mail_types`).
    pub mail_types: Vec<MailTypeView>,
    /// Mails of the conversation that are not archived, this one included.
    pub conversation: u32,
    /// Later mails of the conversation are archived by themselves.
    pub follow: bool,
    pub attachments: u32,
    /// Marked private: nothing may be archived.
    pub private: bool,
}

/// A single attachment, as a document of its own.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DocumentRequest {
    pub message: Id,
    pub part: u32,
    pub records: Vec<RecordView>,
    pub visible: VisibleTo,
}

/// Private mails are never archived, whatever asks for it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PrivateRequest {
    pub messages: Vec<Id>,
    /// Their whole conversations, later mails too.
    pub conversation: bool,
    pub private: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AfterFirst {
    /// The panel offers it.
    Offer,
    /// Later mails of an archived conversation are archived by themselves.
    Automatic,
    Nothing,
}

/// What holds for all archiving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CrmSettings {
    pub conversation: AfterFirst,
    pub visible: VisibleTo,
    pub attachments: bool,
    /// Addresses, and domains with their subdomains, whose mails no rule takes.
    pub excluded: Vec<String>,
    /// Domains besides the accounts' own whose mails among themselves are internal.
    pub internal: Vec<String>,
    /// Days until "Waiting for reply" reminds, where nobody says another.
    pub waiting_days: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Both,
    Received,
    Sent,
}

/// A rule takes a mail that fits all it names; a list fits by any of its entries, an empty one by itself.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RuleView {
    /// Empty: a new one.
    pub id: Id,
    pub name: String,
    /// Off by default: a preview comes first.
    pub on: bool,
    pub direction: Direction,
    /// People and companies.
    pub records: Vec<RecordView>,
    /// With their subdomains.
    pub domains: Vec<String>,
    /// Ids of selections.
    pub selections: Vec<String>,
    pub known_only: bool,
    /// Only answers to a mail of one's own, and one's own answers.
    pub replies_only: bool,
    /// Name of the CRM whose records and selections it names, where that is not the one connected now: it is off then. Said by
    /// the answer only.
    #[serde(default)]
    pub elsewhere: String,
}

/// Why a rule leaves a mail alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    Private,
    Excluded,
    Internal,
    /// In Junk, Trash or Drafts.
    Folder,
    Direction,
    NotAReply,
    NotKnown,
    /// None of the people, companies, domains or selections of the rule.
    NoMatch,
    /// Several people or companies fit: nobody is guessed.
    Several,
    /// Nothing to archive on.
    NoRecord,
    Archived,
    /// Sent by a machine to many: newsletters, notices.
    Automatic,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RulePreviewRequest {
    pub rule: RuleView,
    /// How many of the newest mails are looked at, at most 2,000.
    pub limit: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RuleTaken {
    pub row: MessageRow,
    pub records: Vec<RecordView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RuleSkipped {
    pub row: MessageRow,
    pub reason: SkipReason,
}

/// What a rule would have taken of the newest mails. It takes what comes from now on.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RulePreview {
    pub looked_at: u32,
    pub taken: Vec<RuleTaken>,
    /// The newest 200.
    pub skipped: Vec<RuleSkipped>,
    pub skipped_total: u32,
}

/// A mail on its way into the CRM.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ArchiveQueued {
    pub archived: ArchivedView,
    /// None: the mail is not on this computer.
    pub row: Option<MessageRow>,
}
