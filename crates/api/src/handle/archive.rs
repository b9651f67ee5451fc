use super::{
    Result,
    crm::{record, record_view},
    id, ids,
};
use crate::{Api, ApiError, view::*};
use clientele_engine::crm;
use clientele_store as store;

pub async fn archive(api: &Api, request: ArchiveRequest) -> Result<Vec<ArchivedView>> {
    let records = request.records.into_iter().map(record);
    let records = records.map(|one| crm::Record { kind: one.kind, id: one.id, name: one.name }).collect();
    let rows = api.engine().archive(ids(&request.messages)?, records).await?;
    Ok(rows.iter().map(|row| archived_view(row, row.already)).collect())
}

pub async fn archive_undo(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().archive_undo(id(&request.id)?).await?;
    Ok(Empty {})
}

/// A queued row as it is now. For the command line.
pub async fn archived(api: &Api, archive: &str, already: bool) -> Result<ArchivedView> {
    let row = api.engine().archived(id(archive)?).await?;
    Ok(archived_view(&row, already || row.already))
}

pub(super) fn archived_view(row: &store::Archived, already: bool) -> ArchivedView {
    let state = match row.state {
        store::ArchiveState::Queued => ArchiveState::Queued,
        store::ArchiveState::Done => ArchiveState::Done,
        store::ArchiveState::Failed => ArchiveState::Failed,
    };
    ArchivedView {
        id: row.id.to_string(),
        state,
        records: row.records.iter().map(record_view).collect(),
        date: row.date,
        by: row.by.clone(),
        code: row.code.clone(),
        already,
        automatic: false,
        elsewhere: String::new(),
    }
}

pub async fn archive_retry(_api: &Api, _request: IdRequest) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn archive_options(_api: &Api, _request: MessageRef) -> Result<ArchiveOptions> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn archive_queue(_api: &Api, _request: Empty) -> Result<Vec<ArchiveQueued>> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn document_archive(_api: &Api, _request: DocumentRequest) -> Result<ArchivedView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn private_set(_api: &Api, _request: PrivateRequest) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn crm_settings_get(_api: &Api, _request: Empty) -> Result<CrmSettings> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn crm_settings_set(_api: &Api, _request: CrmSettings) -> Result<CrmSettings> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn business_views(_api: &Api, _request: Empty) -> Result<BusinessViews> {
    Err(ApiError::internal("not carried out yet"))
}
