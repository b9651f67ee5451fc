use super::Result;
use crate::{Api, ApiError, view::*};

pub async fn person_change(_api: &Api, _request: PersonEdit) -> Result<PersonView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn person_never(_api: &Api, _request: NeverAdd) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn company_change(_api: &Api, _request: CompanyEdit) -> Result<CompanyView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn sale_change(_api: &Api, _request: SaleEdit) -> Result<SaleView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn sale_stages(_api: &Api, _request: IdRequest) -> Result<Vec<StageView>> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn record_get(_api: &Api, _request: RecordRequest) -> Result<RecordDetail> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn record_browse(_api: &Api, _request: RecordBrowse) -> Result<RecordPage> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn mails_with(_api: &Api, _request: MailsWith) -> Result<Vec<MessageRow>> {
    Err(ApiError::internal("not carried out yet"))
}
