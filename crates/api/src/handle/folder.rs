use super::{Result, id, mail::folder_view, operate::operated_view};
use crate::{Api, view::*};
use clientele_model::FolderId;
use clientele_store::Folder;

pub async fn folder_create(api: &Api, request: FolderCreate) -> Result<FolderView> {
    let parent = parent(request.parent)?;
    let folder = api.engine().folder_create(id(&request.account)?, parent, request.name).await?;
    view(api, &folder).await
}

pub async fn folder_rename(api: &Api, request: FolderRename) -> Result<FolderView> {
    let parent = parent(request.parent)?;
    let folder = api.engine().folder_rename(id(&request.folder)?, parent, request.name).await?;
    view(api, &folder).await
}

pub async fn folder_delete(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().folder_delete(id(&request.id)?).await?;
    Ok(Empty {})
}

pub async fn folder_subscribe(api: &Api, request: FolderSubscribe) -> Result<FolderView> {
    let folder = api.engine().folder_subscribe(id(&request.folder)?, request.subscribed).await?;
    view(api, &folder).await
}

pub async fn folder_empty(api: &Api, request: IdRequest) -> Result<OperatedView> {
    Ok(operated_view(api.engine().folder_empty(id(&request.id)?).await?))
}

pub async fn search_servers(api: &Api, request: ServerSearch) -> Result<ServerSearched> {
    let account = if request.account.is_empty() { None } else { Some(id(&request.account)?) };
    let found = api.engine().search_servers(request.query, account).await?;
    Ok(ServerSearched { fetched: found.fetched, more: found.more, unasked: found.unasked })
}

pub(super) async fn view(api: &Api, folder: &Folder) -> Result<FolderView> {
    Ok(folder_view(folder, &api.engine().folders_told().await?))
}

fn parent(text: Option<String>) -> Result<Option<FolderId>> {
    text.filter(|text| !text.is_empty()).map(|text| id(&text)).transpose()
}
