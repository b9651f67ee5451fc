use clientele_model::{Endpoint, TokenSource};
use std::{fmt, sync::Arc};

/// A server and how to sign in to it.
#[derive(Clone)]
pub struct Login {
    pub endpoint: Endpoint,
    /// Empty: no sign-in (SMTP only).
    pub user: String,
    pub secret: Arc<dyn TokenSource>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("port", &self.endpoint.port).finish_non_exhaustive()
    }
}
