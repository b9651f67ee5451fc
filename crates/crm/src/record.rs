//! The CRM's records, in the field's words.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Company {
    pub id: String,
    pub name: String,
    pub city: String,
    /// Mail domains, lower case, the first one shown.
    pub domains: Vec<String>,
    pub phone: String,
    /// The year since which they are a customer; 0: not said.
    pub since: u16,
    /// What the CRM wants back to tell that nobody changed the record since it was read; empty where it does not ask.
    #[serde(skip)]
    pub version: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub title: String,
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    pub company: Option<Company>,
    /// As [`Company::version`].
    pub version: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sale {
    pub id: String,
    pub name: String,
    /// Ids; empty where the sale has none.
    pub company: String,
    pub person: String,
    /// What kind of sale it is, and with it which stages there are; empty where the CRM has one kind only.
    pub pipeline: String,
    pub stage: String,
    /// The stage's place, from 1, and how many stages there are.
    pub stage_index: u8,
    pub stage_count: u8,
    /// Percent.
    pub probability: u8,
    /// In hundredths of the currency's unit.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// YYYY-MM-DD, or empty.
    pub closes: String,
    pub open: bool,
    /// As [`Company::version`].
    #[serde(skip)]
    pub version: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    pub id: String,
    pub name: String,
    /// One of its companies' ids, or empty.
    pub company: String,
    pub open: bool,
}

/// A list of people or companies that somebody made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    pub id: String,
    pub name: String,
    /// None: not said until it is read by itself.
    pub members: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowUpKind {
    #[default]
    Task,
    Call,
    Appointment,
}

impl FollowUpKind {
    pub fn as_str(self) -> &'static str {
        match self {
            FollowUpKind::Task => "task",
            FollowUpKind::Call => "call",
            FollowUpKind::Appointment => "appointment",
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "call" => FollowUpKind::Call,
            "appointment" => FollowUpKind::Appointment,
            _ => FollowUpKind::Task,
        }
    }
}

/// Something to be done: a task, a call, an appointment. To be created, its `id` and `owner` are left empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FollowUp {
    pub id: String,
    pub kind: FollowUpKind,
    pub title: String,
    pub text: String,
    /// Seconds since 1970. A task is due at its end.
    pub start: i64,
    pub end: i64,
    pub done: bool,
    /// Ids, each may be empty.
    pub company: String,
    pub person: String,
    pub sale: String,
    pub project: String,
    /// An [`Associate`]'s id; empty: oneself.
    pub owner: String,
    /// As [`Company::version`].
    pub version: String,
}

/// A user of the CRM: oneself or a colleague.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Associate {
    pub id: String,
    pub name: String,
    /// The address on their own card; empty where it is not said.
    pub email: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    Call,
    Mail,
    Meeting,
    Task,
    #[default]
    Note,
}

impl ActivityKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ActivityKind::Call => "call",
            ActivityKind::Mail => "mail",
            ActivityKind::Meeting => "meeting",
            ActivityKind::Task => "task",
            ActivityKind::Note => "note",
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "call" => ActivityKind::Call,
            "mail" => ActivityKind::Mail,
            "meeting" => ActivityKind::Meeting,
            "task" => ActivityKind::Task,
            _ => ActivityKind::Note,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub id: String,
    pub kind: ActivityKind,
    pub title: String,
    /// Seconds since 1970.
    pub date: i64,
    /// Normalised Message-ID of the mail it was archived from; empty where it is not from a mail.
    pub message_id: String,
}

/// A person to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewPerson {
    pub name: String,
    pub title: String,
    pub email: String,
    pub phone: String,
    /// An existing company's id, or empty.
    pub company: String,
    /// With `company` empty: the name of a company to create; empty for none.
    pub new_company: String,
}

/// What a person is to be from now on; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonChange {
    pub name: Option<String>,
    pub title: Option<String>,
    /// Added behind the others; one that is there already changes nothing.
    pub add_email: Option<String>,
    /// The first phone.
    pub phone: Option<String>,
    /// As it was read; empty: whatever the record is now.
    pub version: String,
}

/// A sale to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewSale {
    pub name: String,
    /// Ids, each may be empty.
    pub company: String,
    pub person: String,
    /// In hundredths of the currency's unit.
    pub amount: i64,
    /// YYYY-MM-DD, or empty.
    pub closes: String,
}

/// What a company is to be from now on; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompanyChange {
    pub name: Option<String>,
    /// The first phone.
    pub phone: Option<String>,
    pub city: Option<String>,
    /// As it was read; empty: whatever the record is now.
    pub version: String,
}

/// What a sale is to be from now on; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaleChange {
    pub name: Option<String>,
    /// A [`Stage`]'s id.
    pub stage: Option<String>,
    /// In hundredths of the currency's unit.
    pub amount: Option<i64>,
    /// YYYY-MM-DD; empty: none.
    pub closes: Option<String>,
    /// As it was read; empty: whatever the record is now.
    pub version: String,
}

/// A step of a pipeline, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stage {
    pub id: String,
    pub name: String,
    /// Percent.
    pub probability: u8,
    /// A sale here is open.
    pub open: bool,
}

/// What kind of document an archived mail can become, as the CRM's administrator named it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailType {
    pub id: String,
    pub name: String,
    /// What is taken where nobody chooses.
    pub default: bool,
}

/// A file that goes into the CRM by itself.
#[derive(Debug, Clone, Default)]
pub struct Document {
    pub name: String,
    pub mime: String,
    pub bytes: Vec<u8>,
    /// Seconds since 1970: the mail's.
    pub date: i64,
    /// What makes it idempotent: Message-ID and the part's number.
    pub key: String,
    pub records: Vec<crate::Record>,
    pub visible: crate::Visible,
    /// Tried before, with an answer that may have been lost.
    pub repeated: bool,
}

/// One record as an adapter brings it. A [`Person`]'s company need hold no more than id and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    Company(Company),
    Person(Person),
    /// A line of a list, which holds less than the record: domains, addresses, phones that are known stay.
    CompanyRow(Company),
    PersonRow(Person),
    /// One of a person's addresses, by the person's id.
    Address {
        person: String,
        email: String,
    },
    /// With when it last changed, in seconds since 1970.
    Sale(Sale, i64),
    Project(Project, i64),
    Selection(Selection),
    FollowUp(FollowUp),
    /// A line of a list, without the text; with an empty owner it does not say whose it is.
    FollowUpRow(FollowUp),
    /// With the records that it lies on.
    Activity(Activity, Vec<clientele_model::RecordRef>),
}
