//! What the administrator prescribes, applied.

use crate::{Engine, EngineError};
use clientele_auth::{PolicyClient, Providers};
use clientele_model::Endpoint;
use clientele_policy::{OAuthClient, Policy};
use clientele_store::Account;

impl Engine {
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Providers that a person can sign in to in the browser.
    pub fn providers(&self) -> Vec<String> {
        self.0.providers.ids()
    }

    pub(crate) fn permit_servers(&self, incoming: &Endpoint, outgoing: &Endpoint) -> Result<(), EngineError> {
        for endpoint in [incoming, outgoing] {
            self.0.policy.allows(endpoint).map_err(|forbidden| EngineError::Forbidden(forbidden.to_string()))?;
        }
        Ok(())
    }

    pub(crate) fn permit_days(&self, days: u32) -> Result<(), EngineError> {
        match self.0.policy.days_max {
            Some(most) if days == 0 || days > most => {
                Err(EngineError::Forbidden(format!("the administrator allows {most} days of mail at most")))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn permit_one_more(&self, accounts: usize) -> Result<(), EngineError> {
        if self.0.policy.allows_another(accounts) { Ok(()) } else { Err(EngineError::AccountLimit) }
    }

    /// A saved account as the policy of today lets it be: the policy may have come after it.
    pub(crate) fn within_policy(&self, account: &Account) -> Result<Account, EngineError> {
        self.permit_servers(&account.incoming, &account.outgoing)?;
        let days = match self.0.policy.days_max {
            Some(most) if account.days == 0 || account.days > most => most,
            _ => account.days,
        };
        Ok(Account { days, ..account.clone() })
    }
}

/// The policy's clients first, then those of the build.
pub(crate) fn providers(policy: &Policy) -> Providers {
    let client = |client: &OAuthClient| PolicyClient {
        id: client.id.clone(),
        name: client.name.clone(),
        issuer: client.issuer.clone(),
        authorize: client.authorize_url.clone(),
        token: client.token_url.clone(),
        revoke: client.revoke_url.clone(),
        client_id: client.client_id.clone(),
        client_secret: client.client_secret.clone(),
        scopes: client.scopes.clone(),
        redirect: client.redirect.clone(),
        hosts: client.hosts.clone(),
    };
    Providers::new(&policy.oauth.iter().map(client).collect::<Vec<_>>())
}
