//! Linux: the Secret Service over D-Bus (gnome-keyring, KWallet, KeePassXC).

use keyring_core::{CredentialStore, Result};
use std::sync::Arc;

pub(super) fn open() -> Result<Arc<CredentialStore>> {
    let store = zbus_secret_service_keyring_store::Store::new()?;
    Ok(store)
}
