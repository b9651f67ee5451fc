//! Where passwords and tokens are kept: the operating system's keyring, a file sealed with a passphrase, or memory.
//! Never plain text on a disk. Signing in with OAuth comes here too.

mod error;
mod keyring;
mod sealed;
mod store;

pub use error::AuthError;
pub use store::{Kind, Purpose, SecretStore, SecretsConfig};

#[cfg(test)]
mod tests;
