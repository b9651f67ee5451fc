//! The customer beside the mail.

use super::Id;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RecordKindView {
    Company,
    Person,
    Sale,
    Project,
}

/// A record in the CRM.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecordView {
    pub kind: RecordKindView,
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CompanyView {
    pub id: String,
    pub name: String,
    pub city: String,
    pub domain: String,
    pub phone: String,
    /// The year since which they are a customer; 0: not said.
    pub since: u16,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PersonView {
    pub id: String,
    pub name: String,
    pub title: String,
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    pub company: Option<CompanyView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SaleView {
    pub id: String,
    pub name: String,
    pub company: String,
    pub stage: String,
    /// The stage's place, from 1, and how many stages there are.
    pub stage_index: u8,
    pub stage_count: u8,
    pub probability: u8,
    /// In hundredths of the currency's unit.
    #[ts(type = "number")]
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// Day of closing, YYYY-MM-DD, or empty.
    pub closes: String,
    pub open: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProjectView {
    pub id: String,
    pub name: String,
    pub open: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    Call,
    Mail,
    Meeting,
    Task,
    Note,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ActivityView {
    pub id: String,
    pub kind: ActivityKind,
    pub title: String,
    #[ts(type = "number")]
    pub date: i64,
    /// The mail it was archived from, where that is on this computer.
    pub message: Option<Id>,
}

/// Why a record is suggested.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Thread,
    Sender,
    Recipient,
    PersonsCompany,
    Domain,
    OnlyOpenSale,
    LatestSale,
    OpenProject,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SuggestedRecord {
    pub record: RecordView,
    pub reason: Reason,
    pub selected: bool,
}

/// One person in the mail, known or not.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ParticipantView {
    pub name: String,
    pub email: String,
    /// More than one: nobody is guessed, the person chooses. Empty: not in the CRM.
    pub people: Vec<PersonView>,
    /// Not in the CRM: companies that the address' domain belongs to.
    pub might_work_at: Vec<CompanyView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CustomerView {
    /// Sender first, then the others; the account's own addresses left out.
    pub participants: Vec<ParticipantView>,
    pub sales: Vec<SaleView>,
    pub projects: Vec<ProjectView>,
    pub activities: Vec<ActivityView>,
    pub suggestions: Vec<SuggestedRecord>,
    pub archived: Option<ArchivedView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveState {
    Queued,
    Done,
    Failed,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ArchivedView {
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
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ArchiveRequest {
    pub messages: Vec<Id>,
    /// Empty: what is suggested and selected.
    pub records: Vec<RecordView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PersonCreate {
    pub name: String,
    pub title: String,
    pub email: String,
    pub phone: String,
    /// An existing company's id, or empty.
    pub company: String,
    /// With `company` empty: a new company of this name; empty for none.
    pub new_company: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CrmSearch {
    pub query: String,
    pub limit: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CrmView {
    /// The name that the UI writes behind "Archive in".
    pub name: String,
    /// "embedded", later also the adapters' names.
    pub kind: String,
    pub ok: bool,
    pub code: Option<String>,
    pub queued: u32,
}
