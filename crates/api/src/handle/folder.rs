use super::{Result, id, mail::folder_view};
use crate::{Api, ApiError, view::*};

pub async fn folder_create(_api: &Api, _request: FolderCreate) -> Result<FolderView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn folder_rename(_api: &Api, _request: FolderRename) -> Result<FolderView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn folder_delete(_api: &Api, _request: IdRequest) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn folder_subscribe(_api: &Api, _request: FolderSubscribe) -> Result<FolderView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn folder_notify(api: &Api, request: FolderNotify) -> Result<FolderView> {
    let folder = api.engine().folder_notify(id(&request.folder)?, request.notify).await?;
    Ok(folder_view(&folder, &api.engine().folders_told().await?))
}

pub async fn folder_empty(_api: &Api, _request: IdRequest) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn search_servers(_api: &Api, _request: ServerSearch) -> Result<ServerSearched> {
    Err(ApiError::internal("not carried out yet"))
}
