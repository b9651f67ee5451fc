//! The customer behind a mail.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Person {
    /// Who a mail is from and about: person, company, sales, activities
    Show { message: String },
    /// Find records by name
    Find { query: String },
    /// A new person in the CRM
    Create {
        #[arg(long)]
        name: String,
        #[arg(long)]
        email: String,
        #[arg(long, default_value = "")]
        title: String,
        #[arg(long, default_value = "")]
        phone: String,
        /// An existing company's id
        #[arg(long, default_value = "", conflicts_with = "new_company")]
        company: String,
        /// A new company of this name
        #[arg(long, default_value = "")]
        new_company: String,
    },
}

#[derive(Debug, Args)]
pub struct Archive {
    #[arg(required = true)]
    pub messages: Vec<String>,
    /// company:ID, person:ID, sale:ID or project:ID [default: what is suggested]
    #[arg(long, value_name = "RECORD", conflicts_with = "undo")]
    pub on: Vec<String>,
    /// Take them back out of the CRM
    #[arg(long)]
    pub undo: bool,
}

#[derive(Debug, Subcommand)]
pub enum Crm {
    /// Fill the embedded CRM from a JSON file
    Import { file: PathBuf },
}
