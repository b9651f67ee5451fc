use std::{fmt, future::Future, pin::Pin};
use zeroize::Zeroizing;

/// A password or token. Never shown by `Debug`, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Secret(Zeroizing::new(text.into()))
    }

    /// The secret itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("the secret store cannot be reached")]
    Unavailable,
    #[error("no secret is kept for this account")]
    Missing,
}

/// Where a connection gets what it signs in with. A password today, an OAuth access token later.
pub trait TokenSource: Send + Sync {
    fn secret(&self) -> Pin<Box<dyn Future<Output = Result<Secret, TokenError>> + Send + '_>>;
}
