//! Where passwords and tokens are kept: the operating system's keyring, a file sealed with a passphrase, or memory.
//! Never plain text on a disk. Signing in with a provider (OAuth 2) is here too.

mod error;
mod keyring;
mod oauth;
mod sealed;
mod store;

pub use error::AuthError;
pub use oauth::{
    CancelHandle, Grant, OAuth, OAuthError, Page, Pending, PolicyClient, Provider, Providers, Redirect, Resource,
    Scopes, Words,
};
pub use store::{Kind, Purpose, SecretStore, SecretsConfig};

#[cfg(test)]
mod tests;
