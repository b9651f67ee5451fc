use super::{Global, List, Search};
use clap::{Parser, Subcommand};

/// [`super::Arguments`] with the commands that only look and no others: to describe all of them takes clap as long as a search
/// takes. What this does not take is read again as a whole, which knows the words for what is wrong.
#[derive(Debug, Parser)]
pub struct Look {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: LookCommand,
}

#[derive(Debug, Subcommand)]
pub enum LookCommand {
    Folders,
    List(List),
    Search(Search),
}
