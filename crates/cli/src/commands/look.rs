//! What only looks: without threads and without an engine, which take longer to start than a search takes.

use super::mails;
use crate::{
    args::{Look, LookCommand, Search},
    failure::Failure,
    output::Output,
    session,
};
use clientele_api::{ApiError, handle::look, view::SearchRequest};
use clientele_engine::Look as Profile;

/// None: the command does more than look, or the profile wants an owner first.
pub fn run(asked: &Look, output: &Output) -> Result<Option<u8>, Failure> {
    if matches!(asked.command, LookCommand::Search(Search { servers: true, .. })) {
        return Ok(None);
    }
    let profile = session::profile(&asked.global)?;
    let Some(profile) = Profile::open(&profile).map_err(ApiError::from)? else { return Ok(None) };
    let answered = answer(&profile, output, &asked.command);
    // The process ends now. Closed, it would remove the journals, which the next look would make anew.
    std::mem::forget(profile);
    answered.map(Some)
}

fn answer(profile: &Profile, output: &Output, asked: &LookCommand) -> Result<u8, Failure> {
    match asked {
        LookCommand::Search(Search { query, limit, after, .. }) => {
            let request = SearchRequest { query: query.join(" "), after: after.clone(), limit: *limit };
            mails::page_shown(output, &look::message_search(profile, request)?)
        }
        LookCommand::List(list) => {
            let folder = match &list.folder {
                Some(text) => session::folder_of(&look::folder_list(profile)?, text)?.id,
                None => String::new(),
            };
            mails::page_shown(output, &look::message_list(profile, &mails::list_request(list, folder))?)
        }
        LookCommand::Folders => mails::folders_shown(output, &look::folder_list(profile)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Arguments, Command};
    use clap::Parser as _;

    #[test]
    fn what_only_looks_is_read_as_the_whole_would_read_it() {
        for line in [
            "clientele --json --offline search a b --limit 7 --after 3 --profile p",
            "clientele search --servers -- -x",
            "clientele list --folder sent --filter unread --lang nb",
            "clientele folders",
            "clientele search --limit 0",
            "clientele search --help",
            "clientele sync",
            "clientele",
        ] {
            let words = line.split(' ');
            let whole = match Arguments::try_parse_from(words.clone()) {
                Ok(Arguments { global, command: Command::Search(search) }) => Some(format!("{global:?} {search:?}")),
                Ok(Arguments { global, command: Command::List(list) }) => Some(format!("{global:?} {list:?}")),
                Ok(Arguments { global, command: Command::Folders }) => Some(format!("{global:?} Folders")),
                _ => None,
            };
            let look = Look::try_parse_from(words).ok().map(|Look { global, command }| match command {
                LookCommand::Search(search) => format!("{global:?} {search:?}"),
                LookCommand::List(list) => format!("{global:?} {list:?}"),
                LookCommand::Folders => format!("{global:?} Folders"),
            });
            assert_eq!(look, whole, "{line}");
        }
    }
}
