//! Arguments of commands about the CRM's records.

use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum KindArgument {
    Company,
    Person,
    Sale,
    Project,
}

#[derive(Debug, Subcommand)]
pub enum Record {
    /// Records of a kind, by name
    List {
        kind: KindArgument,
        /// Words that their names begin with
        #[arg(long, default_value = "")]
        query: String,
        /// Where the page before ended
        #[arg(long, default_value = "")]
        after: String,
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// A record and what belongs to it
    Show {
        /// company:ID, person:ID, sale:ID or project:ID
        record: String,
    },
    /// Change fields of a record; those not named stay
    Set {
        /// company:ID, person:ID or sale:ID
        record: String,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        phone: Option<String>,
        /// A person's
        #[arg(long)]
        title: Option<String>,
        /// Add an address to a person
        #[arg(long)]
        email: Option<String>,
        /// A company's
        #[arg(long)]
        city: Option<String>,
        /// A sale's stage, by its id
        #[arg(long)]
        stage: Option<String>,
        /// A sale's, in hundredths of the currency's unit
        #[arg(long)]
        amount: Option<i64>,
        /// A sale's day of closing, YYYY-MM-DD
        #[arg(long)]
        closes: Option<String>,
    },
    /// Remove a record with what hangs on it alone
    Delete { record: String },
    /// The stages that a sale can be in
    Stages {
        /// A sale's id
        #[arg(default_value = "")]
        sale: String,
    },
    /// The newest mails with any of these addresses
    Mails {
        #[arg(required = true)]
        emails: Vec<String>,
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Do not offer to put an address into the CRM, or offer it again
    Never {
        email: String,
        #[arg(long)]
        again: bool,
    },
    /// Take in people from a .csv or .vcf file
    Import { file: PathBuf },
    /// Write all people into a .csv or .vcf file
    Export { file: PathBuf },
}

#[derive(Debug, Subcommand)]
pub enum Selection {
    List,
    /// Who is in it
    Show {
        id: String,
    },
    /// A new selection, or another name and other members
    Save {
        /// Of one that is there
        #[arg(long, default_value = "")]
        id: String,
        name: String,
        /// person:ID and company:ID, all of them
        members: Vec<String>,
    },
    /// Its members stay what they are
    Delete {
        id: String,
    },
}
