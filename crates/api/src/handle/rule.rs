use super::Result;
use crate::{Api, ApiError, view::*};

pub async fn rule_list(_api: &Api, _request: Empty) -> Result<Vec<RuleView>> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn rule_save(_api: &Api, _request: RuleView) -> Result<RuleView> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn rule_delete(_api: &Api, _request: IdRequest) -> Result<Empty> {
    Err(ApiError::internal("not carried out yet"))
}

pub async fn rule_preview(_api: &Api, _request: RulePreviewRequest) -> Result<RulePreview> {
    Err(ApiError::internal("not carried out yet"))
}
