use crate::Policy;
use clientele_model::{Endpoint, Security};

/// A server that the administrator does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    #[error("the administrator does not allow port {port}")]
    Port { port: u16, allowed: Vec<u16> },
    #[error("the administrator does not allow this kind of protection")]
    Security { security: Security, allowed: Vec<Security> },
}

impl Policy {
    /// Whether a server may be connected to. To be asked when an account is set up or changed, and when it is started.
    pub fn allows(&self, endpoint: &Endpoint) -> Result<(), Forbidden> {
        let Endpoint { port, security, .. } = *endpoint;
        if !self.allowed_ports.is_empty() && !self.allowed_ports.contains(&port) {
            return Err(Forbidden::Port { port, allowed: self.allowed_ports.clone() });
        }
        if !self.allowed_security.is_empty() && !self.allowed_security.contains(&security) {
            return Err(Forbidden::Security { security, allowed: self.allowed_security.clone() });
        }
        Ok(())
    }

    /// The days of a new account: what is wished or else prescribed, and never more than the most. `None` is all mail.
    pub fn days(&self, wished: Option<Option<u32>>) -> Option<Option<u32>> {
        let days = wished.or(self.days_default.map(Some));
        match (days, self.days_max) {
            (Some(Some(days)), Some(most)) => Some(Some(days.min(most))),
            (Some(None), Some(most)) => Some(Some(most)),
            (days, _) => days,
        }
    }

    /// Whether a person who has `accounts` may add one more.
    pub fn allows_another(&self, accounts: usize) -> bool {
        self.accounts_max.is_none_or(|most| accounts < most as usize)
    }
}
