//! What may be typed. Passwords are never arguments: they come from standard input.

use clap::{Args, Parser, Subcommand, ValueEnum};
use clientele_engine::Mapping;
use std::{net::SocketAddr, path::PathBuf};

/// Clientele on the command line: the same engine without a window.
///
/// Exit codes: 0 done · 1 failed · 2 wrong usage · 3 not found · 4 sign-in refused or no secret · 5 network, TLS or
/// server · 6 another process owns the profile · 7 done in part, queued or held.
#[derive(Debug, Parser)]
#[command(name = "clientele", version, propagate_version = true)]
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
    /// List folders
    Folders,
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
    Search {
        query: Vec<String>,
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        #[arg(long, default_value = "", hide_default_value = true)]
        after: String,
    },
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
    /// Put mails into the CRM, on their company, person and sale
    Archive(Archive),
    /// Check the profile, the secrets, every account's connection, the queues, the clock and the disk
    Doctor,
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
    /// The embedded CRM
    #[command(subcommand, hide = true)]
    Crm(Crm),
}

#[derive(Debug, Subcommand)]
pub enum Account {
    /// Try both servers, then save. Standard input: the password, and on a second line another one for SMTP; nothing
    /// with --oauth
    Add {
        #[command(flatten)]
        connection: Connection,
        #[command(flatten)]
        browser: Browser,
    },
    List,
    /// Try a saved account, or with flags as for `add`, settings that are not saved
    Verify {
        /// Id or address of a saved account
        account: Option<String>,
        #[command(flatten)]
        connection: OptionalConnection,
    },
    /// Other settings for a saved account; its mail stays
    Edit(Edit),
    /// Sign in again: with the provider, or with a password from standard input
    SignIn {
        account: String,
        #[command(flatten)]
        browser: Browser,
    },
    /// What `remove` would take with it
    Removal {
        account: String,
    },
    /// Forget an account, its mail and its secrets; the mailbox itself stays
    Remove {
        account: String,
    },
}

/// Signing in with a provider, in place of a password.
#[derive(Debug, Clone, Args)]
pub struct Browser {
    /// Sign in with this provider in the browser: its page's address is printed on standard error
    #[arg(long, value_name = "PROVIDER")]
    pub oauth: Option<String>,
    /// Also open the browser there
    #[arg(long)]
    pub browser: bool,
}

#[derive(Debug, Args)]
pub struct Edit {
    /// Id or address
    pub account: String,
    #[arg(long)]
    pub name: Option<String>,
    #[arg(long, value_name = "SERVER")]
    pub imap: Option<String>,
    #[arg(long, value_enum)]
    pub imap_security: Option<SecurityArgument>,
    #[arg(long, value_name = "USER")]
    pub imap_user: Option<String>,
    #[arg(long, value_name = "SERVER")]
    pub smtp: Option<String>,
    #[arg(long, value_enum)]
    pub smtp_security: Option<SecurityArgument>,
    #[arg(long, value_name = "USER")]
    pub smtp_user: Option<String>,
    /// Days of mail to fetch; 0: all
    #[arg(long)]
    pub days: Option<u32>,
    /// Standard input: another password, and on a second line another one for SMTP
    #[arg(long, conflicts_with = "oauth")]
    pub password: bool,
    #[command(flatten)]
    pub browser: Browser,
}

#[derive(Debug, Subcommand)]
pub enum Certificate {
    List,
    /// Accept one certificate for one server, although the usual check refuses it
    Trust {
        #[arg(value_name = "SERVER:PORT")]
        server: String,
        /// As `account verify` shows it
        #[arg(value_name = "SHA256")]
        fingerprint: String,
    },
    /// Check the server as usual again
    Forget {
        #[arg(value_name = "SERVER:PORT")]
        server: String,
        /// [default: all that were accepted for it]
        #[arg(value_name = "SHA256")]
        fingerprint: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Proxy {
    /// What the system says
    System,
    None,
    Http(ProxyServer),
    Socks5(ProxyServer),
}

#[derive(Debug, Args)]
pub struct ProxyServer {
    #[arg(value_name = "SERVER:PORT")]
    pub server: String,
    /// Standard input: the password
    #[arg(long)]
    pub user: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub struct Connection {
    #[arg(long)]
    pub email: String,
    /// The name that others see
    #[arg(long, default_value = "")]
    pub name: String,
    /// IMAP server, or server:port
    #[arg(long, value_name = "SERVER")]
    pub imap: String,
    #[arg(long, value_enum, default_value_t = SecurityArgument::Tls)]
    pub imap_security: SecurityArgument,
    /// [default: the address]
    #[arg(long, value_name = "USER")]
    pub imap_user: Option<String>,
    /// SMTP server, or server:port
    #[arg(long, value_name = "SERVER")]
    pub smtp: String,
    #[arg(long, value_enum, default_value_t = SecurityArgument::Tls)]
    pub smtp_security: SecurityArgument,
    /// [default: the IMAP user]
    #[arg(long, value_name = "USER")]
    pub smtp_user: Option<String>,
    /// Days of mail to fetch; 0: all [default: the administrator's, or 30]
    #[arg(long)]
    pub days: Option<u32>,
}

/// The same as [`Connection`], for a command that also takes a saved account.
#[derive(Debug, Clone, Args)]
pub struct OptionalConnection {
    #[arg(long, requires = "imap", requires = "smtp", conflicts_with = "account")]
    pub email: Option<String>,
    #[arg(long, value_name = "SERVER", requires = "email")]
    pub imap: Option<String>,
    #[arg(long, value_enum, default_value_t = SecurityArgument::Tls)]
    pub imap_security: SecurityArgument,
    #[arg(long, value_name = "USER")]
    pub imap_user: Option<String>,
    #[arg(long, value_name = "SERVER", requires = "email")]
    pub smtp: Option<String>,
    #[arg(long, value_enum, default_value_t = SecurityArgument::Tls)]
    pub smtp_security: SecurityArgument,
    #[arg(long, value_name = "USER")]
    pub smtp_user: Option<String>,
}

impl OptionalConnection {
    pub fn full(&self) -> Option<Connection> {
        Some(Connection {
            email: self.email.clone()?,
            name: String::new(),
            imap: self.imap.clone()?,
            imap_security: self.imap_security,
            imap_user: self.imap_user.clone(),
            smtp: self.smtp.clone()?,
            smtp_security: self.smtp_security,
            smtp_user: self.smtp_user.clone(),
            days: None,
        })
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SecurityArgument {
    None,
    Starttls,
    Tls,
}

#[derive(Debug, Args)]
pub struct Sync {
    /// Id or address [default: every account]
    #[arg(long)]
    pub account: Option<String>,
    /// Stop when the newest mails of the inbox are here
    #[arg(long)]
    pub first_screen: bool,
    /// Stay, and fetch what arrives until interrupted
    #[arg(long, conflicts_with = "first_screen")]
    pub watch: bool,
}

#[derive(Debug, Args)]
pub struct List {
    /// The folder's id, path or role: inbox sent drafts done junk trash [default: all inboxes]
    #[arg(long)]
    pub folder: Option<String>,
    #[arg(long, value_enum, default_value_t = FilterArgument::All)]
    pub filter: FilterArgument,
    /// `next` of the page before
    #[arg(long, default_value = "", hide_default_value = true)]
    pub after: String,
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FilterArgument {
    All,
    Unread,
    Flagged,
    Customers,
    NotInCrm,
}

#[derive(Debug, Args)]
pub struct Show {
    pub message: String,
    #[arg(long = "as", value_enum, default_value_t = ShowArgument::Text)]
    pub show: ShowArgument,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShowArgument {
    Text,
    /// The sanitised page that the reader shows
    Html,
    /// As it came
    Source,
    /// Headers, attachments and the conversation
    Json,
}

#[derive(Debug, Args)]
#[group(id = "flags", required = true, multiple = true)]
pub struct MarkFlags {
    #[arg(long, conflicts_with = "unread")]
    pub read: bool,
    #[arg(long)]
    pub unread: bool,
    #[arg(long, conflicts_with = "unflag")]
    pub flag: bool,
    #[arg(long)]
    pub unflag: bool,
}

#[derive(Debug, Args)]
pub struct Mark {
    #[arg(required = true)]
    pub messages: Vec<String>,
    #[command(flatten)]
    pub flags: MarkFlags,
}

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
