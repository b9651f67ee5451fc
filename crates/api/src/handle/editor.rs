use super::Result;
use crate::{Api, ApiError, view::*};

pub async fn company_save(_api: &Api, _request: CompanySave) -> Result<CompanyView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn person_save(_api: &Api, _request: PersonSave) -> Result<PersonView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn sale_save(_api: &Api, _request: SaleSave) -> Result<SaleView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn project_save(_api: &Api, _request: ProjectSave) -> Result<ProjectView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn record_delete(_api: &Api, _request: RecordRequest) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn selection_list(_api: &Api, _request: Empty) -> Result<Vec<SelectionView>> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn selection_members(_api: &Api, _request: IdRequest) -> Result<Vec<RecordView>> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn selection_save(_api: &Api, _request: SelectionSave) -> Result<SelectionView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn selection_delete(_api: &Api, _request: IdRequest) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn cards_import(_api: &Api, _request: CardsFile) -> Result<CardsDone> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn cards_export(_api: &Api, _request: CardsFile) -> Result<CardsDone> {
    Err(ApiError::internal("not carried out yet"))
}
