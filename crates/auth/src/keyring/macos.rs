//! macOS: the login keychain.

use keyring_core::{CredentialStore, Result};
use std::sync::Arc;

pub(super) fn open() -> Result<Arc<CredentialStore>> {
    let store = apple_native_keyring_store::keychain::Store::new()?;
    Ok(store)
}
