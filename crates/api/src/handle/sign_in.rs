//! Signing in in the browser.

use super::Result;
use crate::{Api, Opening, view::*};

pub async fn sign_in_start(api: &Api, request: SignInStart) -> Result<SignInStarted> {
    let started = api.engine().sign_in_start(&request.provider, &request.email).await?;
    api.open_outside(Opening::Link(started.url.clone()));
    Ok(SignInStarted { id: started.id, url: started.url })
}

pub async fn sign_in_wait(api: &Api, request: IdRequest) -> Result<SignInDone> {
    Ok(SignInDone { grant: api.engine().sign_in_wait(&request.id).await? })
}

pub async fn sign_in_cancel(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().sign_in_cancel(&request.id).await;
    Ok(Empty {})
}

pub async fn sign_in_reopen(api: &Api, request: IdRequest) -> Result<Empty> {
    api.open_outside(Opening::Link(api.engine().sign_in_url(&request.id)?));
    Ok(Empty {})
}
