use super::{Result, folder::view, id};
use crate::{Api, view::*};

pub async fn folder_notify(api: &Api, request: FolderNotify) -> Result<FolderView> {
    let folder = api.engine().folder_notify(id(&request.folder)?, request.notify).await?;
    view(api, &folder).await
}
