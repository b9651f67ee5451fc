//! Signing in in the browser (OAuth 2).

use super::Id;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SignInStart {
    /// `FoundView.oauth` or `AccountView.oauth`.
    pub provider: String,
    /// Filled in on the provider's page.
    pub email: String,
}

/// A browser was opened. `sign_in_wait` answers when it is over.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SignInStarted {
    pub id: Id,
    /// The provider's page, to be opened by hand where no browser came up.
    pub url: String,
}

/// A finished sign-in, kept in memory until an account takes it (`AccountDraft.grant`), for at most an hour.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SignInDone {
    pub grant: Id,
}
