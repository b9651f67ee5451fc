use serde::{Deserialize, Serialize};

/// A mailbox of RFC 5322 section 3.4: a display name (may be empty) and an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Address {
    pub name: String,
    pub email: String,
}

impl Address {
    pub fn new(name: impl Into<String>, email: impl Into<String>) -> Self {
        Address { name: name.into(), email: email.into() }
    }

    /// The address in the form used for comparing: lower case, without surrounding space.
    pub fn key(&self) -> String {
        self.email.trim().to_lowercase()
    }

    /// The part behind the last `@`, in lower case; empty where there is none.
    pub fn domain(&self) -> String {
        self.email.rsplit_once('@').map(|(_, domain)| domain.trim().to_lowercase()).unwrap_or_default()
    }

    /// The display name, or the address where there is no name.
    pub fn label(&self) -> &str {
        if self.name.trim().is_empty() { &self.email } else { &self.name }
    }
}
