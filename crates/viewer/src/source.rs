use clientele_model::MessageId;
use std::{future::Future, pin::Pin, sync::Arc};

/// An answer that comes later.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub enum MailError {
    #[error("no such mail")]
    NotFound,
    /// Only the headers are here, and the body could not be fetched.
    #[error("the body is not here")]
    BodyMissing,
    #[error("the mail could not be read: {0}")]
    Failed(String),
}

/// Where the viewer gets a mail's bytes from.
pub trait Mails: Send + Sync {
    /// The mail for reading; of a large one parts may be empty in it.
    fn raw(&self, message: MessageId) -> Pending<'_, Result<Arc<[u8]>, MailError>>;

    /// The mail as it came.
    fn whole(&self, message: MessageId) -> Pending<'_, Result<Arc<[u8]>, MailError>> {
        self.raw(message)
    }

    /// A decoded part of it, by `AttachmentMeta::part`.
    fn part(&self, message: MessageId, part: u32) -> Pending<'_, Result<Vec<u8>, MailError>> {
        Box::pin(async move {
            let raw = self.raw(message).await?;
            let found = tokio::task::spawn_blocking(move || clientele_message::part(&raw, part)).await;
            let found = found.map_err(|error| MailError::Failed(error.to_string()))?;
            found.map(|part| part.bytes).ok_or(MailError::NotFound)
        })
    }
}

/// A remote image as the net room brings it.
#[derive(Debug, Clone)]
pub struct Image {
    /// As the server says; the viewer serves only kinds it knows by their first bytes.
    pub mime: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
#[error("the image could not be fetched: {0}")]
pub struct FetchError(pub String);

/// Fetches a remote image: without cookies, referrer or credentials, never from this computer or a private network,
/// bounded in time and size.
pub trait Fetch: Send + Sync {
    fn image(&self, url: String) -> Pending<'_, Result<Image, FetchError>>;
}
