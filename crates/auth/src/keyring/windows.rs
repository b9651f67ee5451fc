//! Windows: the Credential Manager, at most 2,560 bytes an entry.

use keyring_core::{CredentialStore, Result};
use std::sync::Arc;

pub(super) fn open() -> Result<Arc<CredentialStore>> {
    let store = windows_native_keyring_store::Store::new()?;
    Ok(store)
}
