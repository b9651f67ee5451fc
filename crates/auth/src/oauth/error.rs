use crate::AuthError;

/// Why a sign-in with a provider did not come about. Holds words of the provider, never a secret.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// This program is not registered with the provider.
    #[error("no client id is known for this provider")]
    NoClient,
    #[error("the sign-in was cancelled")]
    Cancelled,
    /// Nobody came back from the browser within ten minutes.
    #[error("the browser did not come back in time")]
    TimedOut,
    /// The person, or their organisation, said no (`access_denied`). The provider's words.
    #[error("the provider did not allow it: {0}")]
    Denied(String),
    /// The browser came back with an answer to a question that was not asked.
    #[error("the answer belongs to another sign-in")]
    WrongState,
    #[error("the provider answered {error}: {description}")]
    Provider { error: String, description: String },
    #[error("the provider could not be reached: {0}")]
    Unreachable(String),
    /// The person did not tick all that is needed.
    #[error("not granted: {}", .0.join(" "))]
    ScopeMissing(Vec<String>),
    /// Without one, the sign-in would be over within the hour.
    #[error("the provider gave no refresh token")]
    NoRefreshToken,
    /// None of the ports that the provider may come back to is free.
    #[error("no port could be opened for the browser's answer")]
    Port,
    #[error(transparent)]
    Secrets(#[from] AuthError),
}
