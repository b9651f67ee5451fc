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
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub title: String,
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    pub company: Option<Company>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sale {
    pub id: String,
    pub name: String,
    /// Ids; empty where the sale has none.
    pub company: String,
    pub person: String,
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
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    pub id: String,
    pub name: String,
    pub company: String,
    pub open: bool,
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
