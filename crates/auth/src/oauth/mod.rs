//! Signing in with a provider (OAuth 2, RFC 6749; for desktop programs RFC 8252; PKCE, RFC 7636): the browser, its way
//! back to this computer, and access tokens from then on.

mod error;
mod page;
mod provider;
mod redirect;

pub use error::OAuthError;
pub use page::{Page, Words};
pub use provider::{PolicyClient, Provider, Providers, Resource, Scopes};
pub use redirect::Redirect;

use crate::{AuthError, SecretStore};
use clientele_model::TokenSource;
use clientele_net::Net;
use std::sync::Arc;

/// Sign-ins with providers and what they gave. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct OAuth {
    #[allow(dead_code)]
    net: Net,
    #[allow(dead_code)]
    secrets: SecretStore,
}

/// A sign-in that a person was sent to the browser for. Dropped, it is cancelled.
pub struct Pending {
    url: String,
}

/// Ends a [`Pending`] from elsewhere.
#[derive(Clone)]
pub struct CancelHandle;

/// What a provider gave: kept in memory until [`OAuth::keep`], or lost.
#[derive(Clone)]
pub struct Grant;

impl OAuth {
    pub fn new(net: Net, secrets: SecretStore) -> OAuth {
        OAuth { net, secrets }
    }

    /// Opens a port for the browser's answer and says where the browser must go ([`Pending::url`]; opening it is the
    /// caller's part). `login_hint` is the mail address, or empty.
    pub async fn begin(&self, _provider: &Provider, _login_hint: &str, _page: Page) -> Result<Pending, OAuthError> {
        Err(OAuthError::NoClient)
    }

    /// Keeps what a sign-in gave, as the account's sign-in from now on.
    pub async fn keep(&self, _account: &str, _provider: &Provider, _grant: Grant) -> Result<(), OAuthError> {
        Err(OAuthError::NoClient)
    }

    /// What a connection of this account signs in with.
    pub fn source(&self, _account: &str, _provider: &Provider, _resource: Resource) -> Arc<dyn TokenSource> {
        Arc::new(clientele_model::Credential::password(""))
    }

    /// The same before an account is kept.
    pub fn source_of_grant(&self, _grant: &Grant) -> Arc<dyn TokenSource> {
        Arc::new(clientele_model::Credential::password(""))
    }

    /// Deletes what is kept, and tells the provider so, if it can be reached within a few seconds.
    pub async fn forget(&self, _account: &str, _provider: Option<&Provider>) -> Result<(), AuthError> {
        Ok(())
    }
}

impl Pending {
    /// Where the browser must go.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn cancel_handle(&self) -> CancelHandle {
        CancelHandle
    }

    /// Waits for the browser's answer and for the provider's tokens, at most ten minutes.
    pub async fn wait(self) -> Result<Grant, OAuthError> {
        Err(OAuthError::Cancelled)
    }
}

impl CancelHandle {
    pub fn cancel(&self) {}
}
