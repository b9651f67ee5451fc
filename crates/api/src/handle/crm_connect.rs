use super::Result;
use crate::{Api, ApiError, view::*};

pub async fn crm_kinds(_api: &Api, _request: Empty) -> Result<Vec<CrmKindView>> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn crm_sign_in(_api: &Api, _request: CrmSetup) -> Result<SignInStarted> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn crm_check(_api: &Api, _request: CrmSetup) -> Result<CrmFound> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn crm_connect(_api: &Api, _request: CrmSetup) -> Result<CrmView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn crm_disconnect(_api: &Api, _request: Empty) -> Result<CrmView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn crm_leaving(_api: &Api, _request: Empty) -> Result<CrmLeaving> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn crm_refresh(_api: &Api, _request: Empty) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn address_checks(_api: &Api, _request: Empty) -> Result<Vec<AddressCheck>> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn address_accept(_api: &Api, _request: IdRequest) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn address_repair(_api: &Api, _request: IdRequest) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}
