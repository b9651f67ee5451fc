//! Fetching, listing, showing and marking mails.

use clap::{Args, ValueEnum};
use clientele_model::RecordKind;

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
pub struct History {
    /// Id or address [default: every account]
    #[arg(long)]
    pub account: Option<String>,
    /// Fetch no more of it, also after a restart
    #[arg(long, conflicts_with = "resume")]
    pub pause: bool,
    /// Fetch all of it
    #[arg(long)]
    pub resume: bool,
}

#[derive(Debug, Args)]
pub struct List {
    /// The folder's id, path or role: inbox sent drafts done junk trash [default: all inboxes]
    #[arg(long)]
    pub folder: Option<String>,
    #[arg(long, value_enum, default_value_t = FilterArgument::All)]
    pub filter: FilterArgument,
    /// Only mails of company:ID, person:ID, sale:ID or project:ID, in all folders
    #[arg(long, conflicts_with = "folder", value_parser = RecordArgument::parse)]
    pub record: Option<RecordArgument>,
    /// `next` of the page before
    #[arg(long, default_value = "", hide_default_value = true)]
    pub after: String,
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
}

#[derive(Debug, Clone)]
pub struct RecordArgument {
    pub kind: RecordKind,
    pub id: String,
}

impl RecordArgument {
    fn parse(text: &str) -> Result<RecordArgument, String> {
        let found = text.split_once(':').and_then(|(kind, id)| Some((RecordKind::parse(kind)?, id)));
        match found.filter(|(_, id)| !id.is_empty()) {
            Some((kind, id)) => Ok(RecordArgument { kind, id: id.to_owned() }),
            None => Err("write company:ID, person:ID, sale:ID or project:ID".into()),
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FilterArgument {
    All,
    Unread,
    Flagged,
    Customers,
    NotInCrm,
    /// Of customers, and not archived in the CRM
    NotArchived,
}

#[derive(Debug, Args)]
pub struct Search {
    pub query: Vec<String>,
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
    #[arg(long, default_value = "", hide_default_value = true)]
    pub after: String,
    /// Ask the servers first, for mails that are not here
    #[arg(long)]
    pub servers: bool,
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
