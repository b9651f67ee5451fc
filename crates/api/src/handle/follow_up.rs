use super::Result;
use crate::{Api, ApiError, view::*};

pub async fn follow_up_list(_api: &Api, _request: Empty) -> Result<FollowUps> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn follow_up_create(_api: &Api, _request: FollowUpCreate) -> Result<FollowUpView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn follow_up_done(_api: &Api, _request: FollowUpDone) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn follow_up_retry(_api: &Api, _request: IdRequest) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn follow_up_discard(_api: &Api, _request: IdRequest) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn sale_create(_api: &Api, _request: SaleCreate) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn waiting_set(_api: &Api, _request: WaitingSet) -> Result<WaitingView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn waiting_remove(_api: &Api, _request: IdRequest) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}
