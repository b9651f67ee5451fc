use super::Result;
use crate::{Api, ApiError, view::*};

pub async fn history_list(_api: &Api, _request: Empty) -> Result<Vec<HistoryView>> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn history_pause(_api: &Api, _request: IdRequest) -> Result<HistoryView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn history_resume(_api: &Api, _request: IdRequest) -> Result<HistoryView> {
    Err(ApiError::internal("not carried out yet"))
}
