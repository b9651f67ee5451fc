//! What may be asked of a profile that is only looked at: the same as the commands of these names, without an engine.

use super::{
    Result,
    mail::{folder_view, list_query, page_view, record_of, search_query},
};
use crate::view::*;
use clientele_engine::Look;

pub fn folder_list(look: &Look) -> Result<Vec<FolderView>> {
    let (folders, told) = (look.folders()?, look.folders_told()?);
    Ok(folders.iter().map(|folder| folder_view(folder, &told)).collect())
}

pub fn message_list(look: &Look, request: &ListRequest) -> Result<MessagePage> {
    let query = list_query(request)?;
    Ok(page_view(match record_of(request) {
        Some(record) => look.list_of_record(&record, &query)?,
        None => look.list(&query)?,
    }))
}

pub fn message_search(look: &Look, request: SearchRequest) -> Result<MessagePage> {
    Ok(page_view(look.search(&search_query(request)?)?))
}
