//! Being built.

use super::Result;
use crate::{Api, ApiError, view::*};

pub async fn account_edit(_api: &Api, _request: AccountEdit) -> Result<AccountView> {
    Err(ApiError::internal("not built yet"))
}

pub async fn account_sign_in(_api: &Api, _request: AccountSignIn) -> Result<AccountView> {
    Err(ApiError::internal("not built yet"))
}

pub async fn account_removal(_api: &Api, _request: IdRequest) -> Result<AccountRemoval> {
    Err(ApiError::internal("not built yet"))
}

pub async fn discover(_api: &Api, _request: DiscoverRequest) -> Result<DiscoverView> {
    Err(ApiError::internal("not built yet"))
}

pub async fn sign_in_start(_api: &Api, _request: SignInStart) -> Result<SignInStarted> {
    Err(ApiError::internal("not built yet"))
}

pub async fn sign_in_wait(_api: &Api, _request: IdRequest) -> Result<SignInDone> {
    Err(ApiError::internal("not built yet"))
}

pub async fn sign_in_cancel(_api: &Api, _request: IdRequest) -> Result<Empty> {
    Err(ApiError::internal("not built yet"))
}

pub async fn sign_in_reopen(_api: &Api, _request: IdRequest) -> Result<Empty> {
    Err(ApiError::internal("not built yet"))
}

pub async fn certificate_list(_api: &Api, _request: Empty) -> Result<Vec<CertificateException>> {
    Err(ApiError::internal("not built yet"))
}

pub async fn certificate_trust(_api: &Api, _request: CertificateException) -> Result<Empty> {
    Err(ApiError::internal("not built yet"))
}

pub async fn certificate_forget(_api: &Api, _request: CertificateException) -> Result<Empty> {
    Err(ApiError::internal("not built yet"))
}

pub async fn proxy_get(_api: &Api, _request: Empty) -> Result<ProxyView> {
    Err(ApiError::internal("not built yet"))
}

pub async fn proxy_set(_api: &Api, _request: ProxySet) -> Result<ProxyView> {
    Err(ApiError::internal("not built yet"))
}
