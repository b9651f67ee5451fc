//! Backups.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct Restore {
    /// Only show the backups there are
    #[arg(long)]
    pub list: bool,
    /// Take this one, as --list numbers them; 0: begin with an empty database [default: the newest that can be read, where
    /// the database is damaged]
    #[arg(long, value_name = "N", conflicts_with = "list")]
    pub backup: Option<u32>,
    /// [default: the one that is damaged, or local]
    #[arg(long, value_enum)]
    pub database: Option<DatabaseArgument>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum DatabaseArgument {
    /// Accounts, settings, drafts and the outbox
    Local,
    /// The embedded CRM
    Crm,
}
