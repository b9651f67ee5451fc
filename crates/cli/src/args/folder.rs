//! Folders, and what is done to mails beside marking and moving.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Folder {
    /// All folders, also those that only hold others
    List,
    /// A new folder, beside the inbox or in another one
    Create {
        name: String,
        #[command(flatten)]
        place: Place,
        /// Id or address [default: the only account]
        #[arg(long, conflicts_with = "parent")]
        account: Option<String>,
    },
    /// Another name, another place, or both; its mails stay
    Rename {
        /// The folder's id or path
        folder: String,
        /// [default: the one it has]
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        place: Place,
        /// Beside the inbox
        #[arg(long, conflicts_with = "parent")]
        top: bool,
    },
    /// Into Trash with all that is in it; for good where it is in Trash
    Delete { folder: String },
    /// Shown by programs that show only such folders
    Subscribe {
        folder: String,
        /// The opposite
        #[arg(long)]
        off: bool,
    },
    /// Remove all mails of Junk or Trash for good
    Empty {
        /// The folder's id, path or role
        folder: String,
    },
}

#[derive(Debug, Args)]
pub struct Place {
    /// The id, path or role of the folder that it is in
    #[arg(long)]
    pub parent: Option<String>,
}

#[derive(Debug, Args)]
#[group(id = "change", required = true, multiple = true)]
pub struct KeywordChange {
    #[arg(long, value_name = "KEYWORD")]
    pub add: Vec<String>,
    #[arg(long, value_name = "KEYWORD")]
    pub remove: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Keyword {
    #[arg(required = true)]
    pub messages: Vec<String>,
    #[command(flatten)]
    pub change: KeywordChange,
}
