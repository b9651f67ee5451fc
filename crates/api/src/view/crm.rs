//! The customer beside the mail.

use super::{ArchivedView, FollowUpView, Id, SignatureView, SkipReason, WorkView};
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
    /// All mail domains, `domain` first.
    pub domains: Vec<String>,
    /// Goes back with an edit.
    pub version: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PersonView {
    pub id: String,
    pub name: String,
    pub title: String,
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    pub company: Option<CompanyView>,
    /// Goes back with an edit.
    pub version: String,
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
    /// A person's id, or empty.
    pub person: String,
    /// Goes back with an edit.
    pub version: String,
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
    /// A person said that this address is not to be added.
    pub never: bool,
    /// The author only, where nobody is known by the address.
    pub signature: Option<SignatureView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CustomerView {
    /// Sender first, then the others; the account's own addresses left out.
    pub participants: Vec<ParticipantView>,
    pub sales: Vec<SaleView>,
    pub projects: Vec<ProjectView>,
    pub activities: Vec<ActivityView>,
    pub follow_ups: Vec<FollowUpView>,
    /// Sales that wait to be made, or were refused.
    pub sales_waiting: Vec<WorkView>,
    pub suggestions: Vec<SuggestedRecord>,
    pub archived: Option<ArchivedView>,
    /// Marked private: it is never archived.
    pub private: bool,
    /// Rules are on and left this mail alone.
    pub skipped: Option<SkipReason>,
    /// Other mails of the conversation are archived, this one is not, and the settings say to offer it.
    pub offer_conversation: bool,
    /// Where a browser shows the person, or else the company.
    pub page: Option<String>,
    /// The CRM was not asked about these people yet, or not of late: `customer_refresh` does.
    pub stale: bool,
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
