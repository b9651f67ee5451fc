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
    fn raw(&self, message: MessageId) -> Pending<'_, Result<Arc<[u8]>, MailError>>;
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
