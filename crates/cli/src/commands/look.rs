//! What only looks: without threads and without an engine, which take longer to start than a search takes.

use super::mails;
use crate::{
    args::{Arguments, Command},
    failure::Failure,
    output::Output,
    session,
};
use clientele_api::{ApiError, handle::look, view::SearchRequest};
use clientele_engine::Look;

/// None: the command does more than look, or the profile wants an owner first.
pub fn run(arguments: &Arguments, output: &Output) -> Option<Result<u8, Failure>> {
    let asked = &arguments.command;
    if !matches!(asked, Command::Search { servers: false, .. } | Command::List(_) | Command::Folders) {
        return None;
    }
    let opened =
        session::profile(&arguments.global).and_then(|profile| Ok(Look::open(&profile).map_err(ApiError::from)?));
    match opened {
        Ok(profile) => profile.and_then(|profile| answer(&profile, output, asked).transpose()),
        Err(failure) => Some(Err(failure)),
    }
}

fn answer(profile: &Look, output: &Output, asked: &Command) -> Result<Option<u8>, Failure> {
    let done = match asked {
        Command::Search { query, limit, after, .. } => {
            let request = SearchRequest { query: query.join(" "), after: after.clone(), limit: *limit };
            mails::page_shown(output, &look::message_search(profile, request)?)?
        }
        Command::List(list) => {
            let folder = match &list.folder {
                Some(text) => session::folder_of(&look::folder_list(profile)?, text)?.id,
                None => String::new(),
            };
            mails::page_shown(output, &look::message_list(profile, &mails::list_request(list, folder))?)?
        }
        Command::Folders => mails::folders_shown(output, &look::folder_list(profile)?)?,
        _ => return Ok(None),
    };
    Ok(Some(done))
}
