use crate::{
    args::{FilterArgument, List, Show, ShowArgument},
    exit,
    failure::Failure,
    output::{Output, column},
    session::Session,
};
use clientele_api::{handle, view::*};
use clientele_model::RecordKind;
use std::{io, path::PathBuf};

pub async fn folders(session: &Session, output: &Output) -> Result<u8, Failure> {
    folders_shown(output, &handle::folder_list(&session.api, Empty {}).await?)
}

pub fn folders_shown(output: &Output, folders: &[FolderView]) -> Result<u8, Failure> {
    output.result(&folders, |out| {
        folders.iter().try_for_each(|folder| {
            writeln!(out, "{:>6}  {}  {:>6} / {:<6}", folder.id, column(&folder.path, 40), folder.unread, folder.total)
        })
    })?;
    Ok(exit::DONE)
}

pub async fn list(session: &Session, output: &Output, list: List) -> Result<u8, Failure> {
    let folder = match &list.folder {
        Some(text) => session.folder(text).await?.id,
        None => String::new(),
    };
    page_shown(output, &handle::message_list(&session.api, list_request(&list, folder)).await?)
}

/// `folder`: its id; empty: the inboxes.
pub fn list_request(list: &List, folder: String) -> ListRequest {
    let filter = match list.filter {
        FilterArgument::All => ListFilter::All,
        FilterArgument::Unread => ListFilter::Unread,
        FilterArgument::Flagged => ListFilter::Flagged,
        FilterArgument::Customers => ListFilter::Customers,
        FilterArgument::NotInCrm => ListFilter::NotInCrm,
        FilterArgument::NotArchived => ListFilter::NotArchived,
    };
    let record = list.record.as_ref().map(|one| RecordRequest {
        kind: match one.kind {
            RecordKind::Company => RecordKindView::Company,
            RecordKind::Person => RecordKindView::Person,
            RecordKind::Sale => RecordKindView::Sale,
            RecordKind::Project => RecordKindView::Project,
        },
        id: one.id.clone(),
    });
    ListRequest { folder, filter, record, after: list.after.clone(), limit: list.limit }
}

pub fn page_shown(output: &Output, page: &MessagePage) -> Result<u8, Failure> {
    output.result(page, |out| rows(out, page))?;
    Ok(exit::DONE)
}

/// What they have is fetched, and found by the search that follows.
pub async fn search_servers(session: &Session, output: &Output, query: &str) -> Result<ServerSearched, Failure> {
    if session.offline {
        return Err(Failure::offline());
    }
    let request = ServerSearch { query: query.to_owned(), account: String::new() };
    let found = handle::search_servers(&session.api, request).await?;
    output.note(&format!("fetched: {}", found.fetched));
    if found.more {
        output.note("the servers have more than were fetched");
    }
    for email in &found.unasked {
        output.note(&format!("not asked: {email}"));
    }
    Ok(found)
}

/// `asked`: what the servers had for it, told in the JSON beside the rows.
pub async fn search(
    session: &Session,
    output: &Output,
    request: SearchRequest,
    asked: Option<ServerSearched>,
) -> Result<u8, Failure> {
    let page = handle::message_search(&session.api, request).await?;
    let Some(asked) = asked else { return page_shown(output, &page) };
    let unasked = !asked.unasked.is_empty();
    let mut document = serde_json::to_value(&page).map_err(io::Error::from)?;
    document["servers"] = serde_json::to_value(asked).map_err(io::Error::from)?;
    output.result(&document, |out| rows(out, &page))?;
    // Nothing found is no answer where a server was not asked.
    Ok(if unasked { exit::PARTLY } else { exit::DONE })
}

fn rows(out: &mut dyn io::Write, page: &MessagePage) -> io::Result<()> {
    for row in &page.rows {
        let name = if row.from.name.is_empty() { &row.from.email } else { &row.from.name };
        let mark = match (row.read, row.flagged) {
            (false, true) => "●⚑",
            (false, false) => "● ",
            (true, true) => " ⚑",
            (true, false) => "  ",
        };
        writeln!(out, "{:<20} {mark} {} {}", row.id, column(name, 24), row.subject)?;
    }
    if !page.next.is_empty() {
        writeln!(out, "more: --after {}", page.next)?;
    }
    Ok(())
}

pub async fn show(session: &Session, output: &Output, show: Show) -> Result<u8, Failure> {
    if show.show == ShowArgument::Json {
        let thread = handle::thread_get(&session.api, MessageRef { message: show.message }).await?;
        println!("{}", serde_json::to_string_pretty(&thread).map_err(io::Error::from)?);
        return Ok(exit::DONE);
    }
    if show.show == ShowArgument::Source {
        let raw = handle::source(&session.api, &show.message).await?;
        let text = String::from_utf8_lossy(&raw);
        output.result(&serde_json::json!({ "source": text }), |out| out.write_all(&raw))?;
        return Ok(exit::DONE);
    }
    if show.show == ShowArgument::Text {
        let text = handle::text(&session.api, &show.message).await?;
        output.result(&serde_json::json!({ "text": text }), |out| writeln!(out, "{text}"))?;
        return Ok(exit::DONE);
    }
    let request = FrameRequest { message: show.message, show: ShowAs::Best, remote: false, dark: false };
    let page = handle::page(&session.api, request).await?;
    output.result(&serde_json::json!({ "html": page }), |out| writeln!(out, "{page}"))?;
    Ok(exit::DONE)
}

pub async fn save(
    session: &Session,
    output: &Output,
    message: String,
    part: u32,
    to: Option<PathBuf>,
) -> Result<u8, Failure> {
    let to = match to {
        Some(path) => std::path::absolute(path)?,
        None => std::env::current_dir()?,
    };
    let request = SaveRequest { message, part, path: to.to_string_lossy().into_owned() };
    let saved = handle::attachment_save(&session.api, request).await?;
    output.result(&saved, |out| writeln!(out, "{}", saved.path))?;
    Ok(exit::DONE)
}
