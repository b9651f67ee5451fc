//! What may be typed, one file a group. Passwords are never arguments: they come from standard input.

mod account;
mod crm;
mod folder;
mod look;
mod mails;
mod network;
mod record;
mod restore;
mod send;

pub use account::{Account, Browser, Connection, Edit, SecurityArgument};
pub use crm::{
    Archive, Crm, CrmConnection, FollowUp, FollowUpKindArgument, Person, Private, Rule, RuleConditions,
    VisibleArgument, Waiting,
};
pub use folder::{Folder, Keyword};
pub use look::{Look, LookCommand};
pub use mails::{FilterArgument, History, List, Mark, Search, Show, ShowArgument, Sync};
pub use network::{Certificate, Proxy, ProxyServer};
pub use record::{KindArgument, Record, Selection};
pub use restore::{DatabaseArgument, Restore};
pub use send::{Outbox, OutboxArgument, Send};

use clap::{Args, Parser, Subcommand};
use clientele_engine::Mapping;
use std::{net::SocketAddr, path::PathBuf};

/// Clientele on the command line: the same engine without a window.
///
/// Exit codes: 0 done · 1 failed · 2 wrong usage · 3 not found · 4 sign-in refused or no secret · 5 network, TLS or
/// server · 6 another process owns the profile · 7 done in part, queued or held.
#[derive(Debug, Parser)]
#[command(name = "clientele", bin_name = "clientele", version, propagate_version = true)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Args)]
pub struct Global {
    /// The data folder [default: the system's place for a program's data]
    #[arg(long, global = true, value_name = "DIR", env = "CLIENTELE_PROFILE")]
    pub profile: Option<PathBuf>,
    /// Print one JSON document, also for an error
    #[arg(long, global = true)]
    pub json: bool,
    /// Trust one more certificate authority (PEM)
    #[arg(long, global = true, value_name = "FILE", env = "CLIENTELE_CA")]
    pub ca: Option<PathBuf>,
    /// Read the administrator's policy from this file alone; for tests, in debug builds
    #[arg(long, global = true, value_name = "FILE", env = "CLIENTELE_POLICY", hide = !cfg!(debug_assertions))]
    pub policy: Option<PathBuf>,
    /// Ask this name server instead of the system's
    #[arg(long, global = true, value_name = "IP:PORT")]
    pub resolver: Option<SocketAddr>,
    /// Connect there for this host; its certificate is still checked for HOST. May be given several times
    #[arg(long, global = true, value_name = "HOST[:PORT]=IP:PORT")]
    pub map: Vec<Mapping>,
    /// Read the passphrase of the sealed secret file from this file descriptor
    #[arg(long, global = true, value_name = "N")]
    pub passphrase_fd: Option<i32>,
    /// Do not try the operating system's keyring
    #[arg(long, global = true)]
    pub no_keyring: bool,
    /// Do not touch the network: what is done is queued
    #[arg(long, global = true)]
    pub offline: bool,
    /// Fetch no mail while less than this is free on the disk [default: 500]
    #[arg(long, global = true, value_name = "MB", env = "CLIENTELE_LEAST_FREE")]
    pub least_free: Option<u64>,
    /// Language of attribution lines and messages: en nb sv da de nl
    #[arg(long, global = true, value_name = "LANGUAGE", env = "CLIENTELE_LANG")]
    pub lang: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find the servers of an address: what every source says, and why it lost
    Discover { email: String },
    /// Mail accounts
    #[command(subcommand)]
    Account(Account),
    /// Fetch what is new
    Sync(Sync),
    /// How much of the mail beyond the accounts' days is here; fetched in the background where the window, or
    /// `sync --watch`, runs
    History(History),
    /// List folders
    Folders,
    /// Make, rename, delete, subscribe to and empty folders, on the server too
    #[command(subcommand)]
    Folder(Folder),
    /// List mails, newest first
    List(List),
    /// Show a mail
    Show(Show),
    /// Save an attachment
    Save {
        message: String,
        /// The part's number, as `show --as json` gives it
        part: u32,
        /// A file or folder; an existing file is not overwritten but numbered [default: the current folder]
        #[arg(long, value_name = "PATH")]
        to: Option<PathBuf>,
    },
    /// Search people, subject and body
    Search(Search),
    /// Mark as read, unread, flagged or not
    Mark(Mark),
    /// Move to another folder
    Move {
        #[arg(required = true)]
        messages: Vec<String>,
        /// The folder's id, path or role
        #[arg(long)]
        folder: String,
    },
    /// Copy into another folder
    Copy {
        #[arg(required = true)]
        messages: Vec<String>,
        /// The folder's id, path or role
        #[arg(long)]
        folder: String,
    },
    /// Add or remove IMAP keywords
    Keyword(Keyword),
    /// Out of the inbox, into the mailbox's own archive folder
    Done {
        #[arg(required = true)]
        messages: Vec<String>,
    },
    /// Into the junk folder
    Junk {
        #[arg(required = true)]
        messages: Vec<String>,
    },
    /// Into Trash; for good where they are in Trash
    Delete {
        #[arg(required = true)]
        messages: Vec<String>,
    },
    /// Write and send a mail; the body comes from --body or standard input
    Send(Send),
    /// Mails waiting to be sent, held or refused
    Outbox {
        #[command(subcommand)]
        command: Option<Outbox>,
    },
    /// The customer behind a mail, or a new person in the CRM
    #[command(subcommand)]
    Person(Person),
    /// The CRM's records: listed, shown, changed, removed
    #[command(subcommand)]
    Record(Record),
    /// The CRM's selections
    #[command(subcommand)]
    Selection(Selection),
    /// Put mails into the CRM, on their company, person and sale
    Archive(Archive),
    /// Which mails go into the CRM by themselves
    #[command(subcommand)]
    Rule(Rule),
    /// Mails that never go into the CRM, whatever asks for it
    Private(Private),
    /// Check the profile, the secrets, every account's connection, the queues, the clock and the disk
    Doctor,
    /// Put a backup in the place of a damaged database, which is kept beside it
    Restore(Restore),
    /// Certificates accepted by hand
    #[command(subcommand)]
    Certificate(Certificate),
    /// Show the proxy that connections take, or choose another
    Proxy {
        #[command(subcommand)]
        command: Option<Proxy>,
    },
    /// What the administrator prescribes
    Policy,
    /// Connect a CRM, look how it is, leave it
    #[command(subcommand)]
    Crm(Crm),
    /// Tasks, calls and appointments in the CRM
    #[command(subcommand)]
    FollowUp(FollowUp),
    /// Mails of one's own that want an answer
    #[command(subcommand)]
    Waiting(Waiting),
}
