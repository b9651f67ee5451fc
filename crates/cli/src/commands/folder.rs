use crate::{args::Folder, commands::operate, exit, failure::Failure, output::Output, session::Session};
use clientele_api::{handle, view::*};

pub async fn run(session: &Session, output: &Output, command: Folder) -> Result<u8, Failure> {
    if session.offline && !matches!(command, Folder::List | Folder::Empty { .. }) {
        // Folders are the server's: nothing is queued for them.
        return Err(Failure::offline());
    }
    match command {
        Folder::List => list(session, output).await,
        Folder::Create { name, place, account } => {
            let parent = match place.parent {
                Some(parent) => Some(session.folder(&parent).await?),
                None => None,
            };
            let account = match (&parent, account) {
                (Some(parent), _) => parent.account.clone(),
                (None, Some(account)) => session.account(&account).await?.id,
                (None, None) => only_account(session).await?,
            };
            let request = FolderCreate { account, name, parent: parent.map(|folder| folder.id) };
            shown(output, &handle::folder_create(&session.api, request).await?)
        }
        Folder::Rename { folder, name, place, top } => {
            let folder = session.folder(&folder).await?;
            let parent = match place.parent {
                Some(parent) => Some(session.folder(&parent).await?.id),
                None if top => None,
                None => parent_of(session, &folder).await?,
            };
            let request = FolderRename { name: name.unwrap_or_else(|| folder.name.clone()), folder: folder.id, parent };
            shown(output, &handle::folder_rename(&session.api, request).await?)
        }
        Folder::Delete { folder } => {
            let folder = session.folder(&folder).await?;
            handle::folder_delete(&session.api, IdRequest { id: folder.id.clone() }).await?;
            output
                .result(&serde_json::json!({ "deleted": folder.id }), |out| writeln!(out, "deleted {}", folder.path))?;
            Ok(exit::DONE)
        }
        Folder::Subscribe { folder, off } => {
            let request = FolderSubscribe { folder: session.folder(&folder).await?.id, subscribed: !off };
            shown(output, &handle::folder_subscribe(&session.api, request).await?)
        }
        Folder::Empty { folder } => {
            let folder = session.folder(&folder).await?;
            handle::folder_empty(&session.api, IdRequest { id: folder.id }).await?;
            operate::told(session, output, folder.total).await
        }
    }
}

async fn list(session: &Session, output: &Output) -> Result<u8, Failure> {
    let folders = handle::folder_list(&session.api, Empty {}).await?;
    output.result(&folders, |out| {
        folders.iter().try_for_each(|folder| {
            let mark = match (folder.selectable, folder.subscribed) {
                (false, _) => "-",
                (true, true) => " ",
                (true, false) => "u",
            };
            writeln!(out, "{:>6} {mark} {} ({}/{})", folder.id, folder.path, folder.unread, folder.total)
        })
    })?;
    Ok(exit::DONE)
}

fn shown(output: &Output, folder: &FolderView) -> Result<u8, Failure> {
    output.result(folder, |out| writeln!(out, "{} {}", folder.id, folder.path))?;
    Ok(exit::DONE)
}

/// The folder that a folder is in.
async fn parent_of(session: &Session, folder: &FolderView) -> Result<Option<String>, Failure> {
    let Some((path, _)) = folder.path.rsplit_once('/') else { return Ok(None) };
    let folders = handle::folder_list(&session.api, Empty {}).await?;
    let parent = folders.into_iter().find(|one| one.account == folder.account && one.path == path);
    Ok(parent.map(|parent| parent.id))
}

async fn only_account(session: &Session) -> Result<String, Failure> {
    let state = handle::app_state(&session.api, Empty {}).await?;
    match state.accounts.as_slice() {
        [account] => Ok(account.id.clone()),
        _ => Err(Failure::usage("which account? give --account")),
    }
}
