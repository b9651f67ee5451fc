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
    /// All mails of their conversations that are not archived yet
    #[arg(long, conflicts_with_all = ["undo", "title"])]
    pub conversation: bool,
    /// Later mails of the conversations are archived by themselves
    #[arg(long, conflicts_with_all = ["undo", "no_follow"])]
    pub follow: bool,
    /// They are not
    #[arg(long, conflicts_with = "undo")]
    pub no_follow: bool,
    /// In place of the mail's subject
    #[arg(long, conflicts_with = "undo")]
    pub title: Option<String>,
    /// A kind of document of the CRM, by its id
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true, conflicts_with = "undo")]
    pub mail_type: String,
    /// Who may see it there
    #[arg(long, value_enum, conflicts_with = "undo")]
    pub visible: Option<VisibleArgument>,
    /// Without the attachments
    #[arg(long, conflicts_with = "undo")]
    pub no_attachments: bool,
    /// Only this attachment, by the part's number, as a document of its own
    #[arg(long, conflicts_with_all = ["undo", "conversation", "title"])]
    pub part: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum VisibleArgument {
    Me,
    Group,
    All,
}

#[derive(Debug, Subcommand)]
pub enum Rule {
    List,
    /// A new rule, which is off: look at `rule preview` first
    Add(RuleConditions),
    /// What a rule would have taken of the newest mails
    Preview {
        id: String,
        #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=2000))]
        limit: u32,
    },
    /// It takes the mails that come from now on
    On {
        id: String,
    },
    Off {
        id: String,
    },
    Delete {
        id: String,
    },
    /// Look at what came now, as the window does by itself
    Run,
}

#[derive(Debug, Args)]
pub struct RuleConditions {
    pub name: String,
    /// company:ID or person:ID. May be given several times
    #[arg(long, value_name = "RECORD")]
    pub on: Vec<String>,
    /// With its subdomains
    #[arg(long)]
    pub domain: Vec<String>,
    /// The id of a selection
    #[arg(long)]
    pub selection: Vec<String>,
    #[arg(long, conflicts_with = "sent")]
    pub received: bool,
    #[arg(long)]
    pub sent: bool,
    /// Only mails with somebody who is in the CRM
    #[arg(long)]
    pub known_only: bool,
    /// Only answers to mails of one's own, and one's own answers
    #[arg(long)]
    pub replies_only: bool,
}

#[derive(Debug, Args)]
pub struct Private {
    #[arg(required = true)]
    pub messages: Vec<String>,
    /// With their whole conversations, later mails too
    #[arg(long)]
    pub conversation: bool,
    /// They may be archived again
    #[arg(long)]
    pub off: bool,
}

#[derive(Debug, Subcommand)]
pub enum Crm {
    /// Which CRMs can be connected, and what each wants to know
    Kinds,
    /// Try a CRM and keep nothing
    Check(CrmConnection),
    /// Try a CRM, keep it in place of the one there is, and read it
    Connect(CrmConnection),
    /// Back to the embedded one. What was archived stays where it is
    Disconnect,
    /// Read what changed
    Refresh,
    /// Which CRM it is, how it is, and what waits for it
    Status,
    /// Whether the accounts' addresses are those on one's own card in the CRM
    Addresses {
        /// By the account's id or address: the difference is right
        #[arg(long, value_name = "ACCOUNT", conflicts_with = "repair")]
        accept: Option<String>,
        /// By the account's id or address: the card gets the account's address
        #[arg(long, value_name = "ACCOUNT")]
        repair: Option<String>,
    },
    /// Fill the embedded CRM from a JSON file
    #[command(hide = true)]
    Import { file: PathBuf },
}

/// What signs in to a CRM. A token or a password is the first line of standard input.
#[derive(Debug, Clone, Args)]
pub struct CrmConnection {
    /// As `crm kinds` lists them: superoffice, superoffice_site, elma365, bottlecrm, tryton, embedded
    pub kind: String,
    /// What `crm kinds` asks for. May be given several times
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub fields: Vec<String>,
    /// Keep the token or password that is kept already, and read none
    #[arg(long)]
    pub same_secret: bool,
    /// Also open the browser, where one signs in there
    #[arg(long)]
    pub browser: bool,
}

#[derive(Debug, Subcommand)]
pub enum FollowUp {
    /// What is open: overdue ones first, then by time, and mails that wait for an answer
    List,
    /// A new task, call or appointment, in the CRM at once or when it can be reached
    Add {
        title: String,
        #[arg(long, value_enum, default_value_t = FollowUpKindArgument::Task)]
        kind: FollowUpKindArgument,
        /// When: 2027-01-31 or 2027-01-31T14:30, in this computer's time
        #[arg(long, value_name = "TIME")]
        at: String,
        /// Minutes it takes
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=10_080))]
        minutes: u32,
        #[arg(long, default_value = "")]
        text: String,
        /// company:ID, person:ID, sale:ID or project:ID. May be given several times
        #[arg(long, value_name = "RECORD")]
        on: Vec<String>,
        /// The mail it is made from
        #[arg(long, value_name = "MESSAGE")]
        mail: Option<String>,
    },
    /// Done, or open again
    Done {
        id: String,
        #[arg(long)]
        undo: bool,
    },
    /// Try one that the CRM refused once more
    Retry { id: String },
    /// Let go of one that the CRM refused, or that waits
    Discard { id: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FollowUpKindArgument {
    Task,
    Call,
    Appointment,
}

#[derive(Debug, Subcommand)]
pub enum Waiting {
    /// Remind if nobody answers this mail
    Set {
        message: String,
        /// Counted from the mail's date [default: as the settings say]
        #[arg(long, default_value_t = 0, hide_default_value = true)]
        days: u32,
    },
    /// What waits
    List,
    /// No reminder any more, by the id that `list` prints
    Remove { id: String },
}
