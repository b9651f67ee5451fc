//! Where the viewer gets mails and pictures from: the engine.

use clientele_engine::{Engine, EngineError};
use clientele_model::MessageId;
use clientele_net::Http;
use clientele_viewer::{Fetch, FetchError, Image, MailError, Pending};
use std::sync::Arc;

pub(crate) struct Mails(pub(crate) Engine);

impl clientele_viewer::Mails for Mails {
    fn raw(&self, message: MessageId) -> Pending<'_, Result<Arc<[u8]>, MailError>> {
        Box::pin(async move { self.0.readable(message).await.map_err(told) })
    }

    fn whole(&self, message: MessageId) -> Pending<'_, Result<Arc<[u8]>, MailError>> {
        Box::pin(async move { self.0.raw(message).await.map_err(told) })
    }

    fn part(&self, message: MessageId, part: u32) -> Pending<'_, Result<Vec<u8>, MailError>> {
        Box::pin(async move { Ok(self.0.part(message, part).await.map_err(told)?.bytes) })
    }
}

fn told(error: EngineError) -> MailError {
    match error {
        EngineError::BodyMissing => MailError::BodyMissing,
        error if error.code() == "not_found" => MailError::NotFound,
        error => MailError::Failed(error.to_string()),
    }
}

pub(crate) struct Images(pub(crate) Http);

impl Fetch for Images {
    fn image(&self, url: String) -> Pending<'_, Result<Image, FetchError>> {
        Box::pin(async move {
            let image = self.0.image(&url).await.map_err(|error| FetchError(error.to_string()))?;
            Ok(Image { mime: image.mime, bytes: image.bytes })
        })
    }
}
