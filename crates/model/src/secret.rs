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

/// What a connection signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    Password(Secret),
    /// An OAuth 2 access token (RFC 6750), for XOAUTH2 or OAUTHBEARER (RFC 7628).
    Bearer(Secret),
}

impl Credential {
    pub fn password(text: impl Into<String>) -> Self {
        Credential::Password(Secret::new(text))
    }
}

/// One that never changes: what a person has just typed.
impl TokenSource for Credential {
    fn credential(&self) -> Token<'_> {
        Box::pin(async { Ok(self.clone()) })
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("the secret store cannot be reached")]
    Unavailable,
    #[error("no secret is kept for this account")]
    Missing,
    /// The provider has revoked the sign-in, or it was lost: only a person can sign in again.
    #[error("a new sign-in is needed")]
    SignInAgain,
    /// The provider could not be asked for a new access token; a later try may succeed.
    #[error("the provider could not be reached: {0}")]
    Unreachable(String),
}

/// The answer of a [`TokenSource`], when it comes.
pub type Token<'a> = Pin<Box<dyn Future<Output = Result<Credential, TokenError>> + Send + 'a>>;

/// Where a connection gets what it signs in with.
pub trait TokenSource: Send + Sync {
    /// A password, or an access token that is good for at least another minute.
    fn credential(&self) -> Token<'_>;

    /// The server refused this credential: an access token is not given out again. Passwords ignore it.
    fn refused(&self, _credential: &Credential) {}
}
