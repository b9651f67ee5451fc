//! The servers of an address, with the administrator's first.

use crate::{Engine, EngineError};
use clientele_account::{DiscoverOptions, Discovery, Found, PolicyServer, SourceReport};
use clientele_policy::{Policy, ServerRule};
use std::time::Duration;

impl Engine {
    /// `provider`: the id of a provider that the person chose from the list; its servers then, whatever the address, and
    /// nobody is asked.
    pub async fn discover(&self, email: &str, provider: Option<&str>) -> Result<Discovery, EngineError> {
        let email = email.trim();
        match email.rsplit_once('@') {
            Some((local, domain)) if !local.is_empty() && !domain.is_empty() => {}
            _ => return Err(EngineError::Invalid("an address has a name, an @ and a domain".into())),
        }
        if let Some(found) = provider.and_then(|id| clientele_account::provider(id, email)) {
            return Ok(chosen(email, found));
        }
        let options = DiscoverOptions { policy_servers: servers(&self.0.policy), ..DiscoverOptions::default() };
        Ok(clientele_account::discover(&self.0.net, &options, email).await)
    }

    /// Whether signing in in the browser is possible here for what was found: there is a client id, and its tokens may
    /// go to both servers.
    pub fn can_sign_in(&self, found: &Found) -> bool {
        let provider = found.oauth_id.as_deref().and_then(|id| self.0.providers.get(id));
        provider.is_some_and(|provider| {
            provider.may_receive(&found.incoming.host) && provider.may_receive(&found.outgoing.host)
        })
    }
}

fn chosen(email: &str, found: Found) -> Discovery {
    let domain = email.rsplit_once('@').map(|(_, domain)| domain.to_lowercase()).unwrap_or_default();
    let report = SourceReport {
        source: found.source,
        host: String::new(),
        elapsed: Duration::ZERO,
        found: Some(found.clone()),
        outcome: clientele_account::Outcome::Won,
    };
    Discovery {
        email: email.to_owned(),
        domain: domain.clone(),
        domain_shown: domain,
        found: vec![found],
        sources: vec![report],
        ..Discovery::default()
    }
}

/// The policy's servers, and with them the domains of its OAuth clients.
pub(crate) fn servers(policy: &Policy) -> Vec<PolicyServer> {
    let rule = |rule: &ServerRule| PolicyServer {
        domains: rule.domains.clone(),
        incoming: rule.incoming.clone(),
        outgoing: rule.outgoing.clone(),
        user: rule.user.clone(),
        sign_in: rule.sign_in.clone(),
    };
    policy.servers.iter().map(rule).collect()
}
