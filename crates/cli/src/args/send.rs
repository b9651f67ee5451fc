//! Writing mails, and what waits to be sent.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Send {
    /// Id or address of the account to send from [default: the first, or the answered mail's]
    #[arg(long)]
    pub account: Option<String>,
    #[arg(long, value_name = "ADDRESS")]
    pub to: Vec<String>,
    #[arg(long, value_name = "ADDRESS")]
    pub cc: Vec<String>,
    #[arg(long, value_name = "ADDRESS")]
    pub bcc: Vec<String>,
    /// [default: of a reply, the answered mail's]
    #[arg(long)]
    pub subject: Option<String>,
    /// Plain text [default: standard input]
    #[arg(long)]
    pub body: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
    /// Answer this mail
    #[arg(long, value_name = "MESSAGE", conflicts_with_all = ["reply_all", "forward"])]
    pub reply: Option<String>,
    #[arg(long, value_name = "MESSAGE", conflicts_with = "forward")]
    pub reply_all: Option<String>,
    #[arg(long, value_name = "MESSAGE")]
    pub forward: Option<String>,
    /// Archive the sent mail on this record: company:ID, person:ID, sale:ID or project:ID
    #[arg(long, value_name = "RECORD")]
    pub archive: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub enum Outbox {
    List,
    /// Try everything that waits
    Run,
    /// Decide about a held or refused mail
    Resolve {
        id: String,
        #[arg(value_enum)]
        choice: OutboxArgument,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum OutboxArgument {
    /// Send it once more
    Retry,
    /// It did arrive: keep it in Sent
    WasSent,
    /// Take it back into a draft
    Edit,
    Discard,
}
