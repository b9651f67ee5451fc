//! The CRM's records by themselves: looked at, changed, and in the embedded CRM made and removed.

use super::{
    ActivityView, CompanyView, FollowUpView, PersonView, ProjectView, RecordKindView, RecordView, SaleView, WorkView,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecordRequest {
    pub kind: RecordKindView,
    pub id: String,
}

/// A record and what belongs to it, from what is on this computer.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecordDetail {
    pub record: RecordView,
    pub person: Option<PersonView>,
    pub company: Option<CompanyView>,
    pub sale: Option<SaleView>,
    pub project: Option<ProjectView>,
    /// Of a company: whom it has.
    pub people: Vec<PersonView>,
    pub sales: Vec<SaleView>,
    pub projects: Vec<ProjectView>,
    pub follow_ups: Vec<FollowUpView>,
    /// Sales that wait to be made, or were refused.
    pub sales_waiting: Vec<WorkView>,
    pub activities: Vec<ActivityView>,
    /// Where a browser shows it.
    pub page: Option<String>,
}

/// None stays as it is. `crm_conflict`: somebody else changed it; what it is now is shown by asking again.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PersonEdit {
    pub id: String,
    pub name: Option<String>,
    pub title: Option<String>,
    pub phone: Option<String>,
    /// Added behind the others.
    pub add_email: Option<String>,
    /// `PersonView.version`; empty: whatever it is now.
    pub version: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CompanyEdit {
    pub id: String,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub city: Option<String>,
    pub version: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SaleEdit {
    pub id: String,
    pub name: Option<String>,
    /// A `StageView`'s id.
    pub stage: Option<String>,
    /// In hundredths of the currency's unit.
    #[ts(type = "number | null")]
    pub amount: Option<i64>,
    /// YYYY-MM-DD; empty: none.
    pub closes: Option<String>,
    pub version: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct StageView {
    pub id: String,
    pub name: String,
    pub probability: u8,
    pub open: bool,
}

/// Every field of a company, for the embedded CRM's editor. An empty id makes a new one.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CompanySave {
    pub id: String,
    pub name: String,
    pub city: String,
    pub domains: Vec<String>,
    pub phone: String,
    pub since: u16,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PersonSave {
    pub id: String,
    pub name: String,
    pub title: String,
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    pub company: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SaleSave {
    pub id: String,
    pub name: String,
    pub company: String,
    pub person: String,
    /// A `StageView`'s id.
    pub stage: String,
    #[ts(type = "number")]
    pub amount: i64,
    pub currency: String,
    pub closes: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProjectSave {
    pub id: String,
    pub name: String,
    pub company: String,
    pub open: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SelectionView {
    pub id: String,
    pub name: String,
    /// None: not known yet.
    pub members: Option<u32>,
}

/// An empty id makes a new one. Members are people and companies, all of them.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SelectionSave {
    pub id: String,
    pub name: String,
    pub members: Vec<RecordView>,
}

/// Records by name, a page at a time.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecordBrowse {
    pub kind: RecordKindView,
    /// Words that their names begin with; empty: all.
    pub query: String,
    /// `RecordPage.next` of the page before.
    pub after: String,
    pub limit: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecordLine {
    pub record: RecordView,
    /// A person's company and title, a company's city, a sale's company and stage.
    pub hint: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RecordPage {
    pub lines: Vec<RecordLine>,
    pub next: String,
}

/// "Do not add": the panel stops offering to put the address into the CRM.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct NeverAdd {
    pub email: String,
    pub never: bool,
}

/// The newest mails with any of these addresses, in all folders.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MailsWith {
    pub emails: Vec<String>,
    pub limit: u32,
}

/// The rail's business part: how much waits where, and which companies and sales have mails of late.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BusinessViews {
    pub customers_unread: u32,
    pub not_archived: u32,
    pub not_in_crm: u32,
    /// Those of the newest mails, at most 8 each.
    pub companies: Vec<RecordView>,
    pub sales: Vec<RecordView>,
}

/// Cards read or written by the embedded CRM.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CardsFile {
    /// A `.csv` or `.vcf` file.
    pub path: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CardsDone {
    pub people: u32,
    pub companies: u32,
    /// Lines that could not be read.
    pub left_out: u32,
}

/// What a mail's signature says of its author; empty where it says nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct SignatureView {
    pub name: String,
    pub title: String,
    pub phones: Vec<String>,
    pub company: String,
}
