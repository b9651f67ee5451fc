//! Where a provider's endpoints are: written down, or asked of its issuer (OpenID Connect Discovery 1.0, RFC 8414).

use super::{Provider, wire::WireError};
use clientele_net::{Limits, Web};
use serde::Deserialize;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use url::{Host, Url};

const LIMITS: Limits = Limits { bytes: 256 * 1024, time: Duration::from_secs(15) };

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoints {
    pub authorize: String,
    pub token: String,
    pub revoke: Option<String>,
}

/// What issuers have said, until the program ends.
#[derive(Default)]
pub(super) struct Directory(Mutex<HashMap<String, Endpoints>>);

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: Option<String>,
}

impl Directory {
    /// The provider's own endpoints, and its issuer's where it names none.
    pub(super) async fn endpoints(&self, web: &Web, provider: &Provider) -> Result<Endpoints, WireError> {
        let own = Endpoints {
            authorize: provider.authorize.clone(),
            token: provider.token.clone(),
            revoke: provider.revoke.clone(),
        };
        let found = match &provider.issuer {
            Some(issuer) if own.authorize.is_empty() || own.token.is_empty() => {
                let asked = self.ask(web, issuer).await?;
                let or = |own: String, asked: String| if own.is_empty() { asked } else { own };
                Endpoints {
                    authorize: or(own.authorize, asked.authorize),
                    token: or(own.token, asked.token),
                    revoke: own.revoke.or(asked.revoke),
                }
            }
            _ => own,
        };
        if !is_protected(&found.authorize) || !is_protected(&found.token) {
            return Err(unreachable("an endpoint of the provider is not https"));
        }
        Ok(Endpoints { revoke: found.revoke.filter(|url| is_protected(url)), ..found })
    }

    async fn ask(&self, web: &Web, issuer: &str) -> Result<Endpoints, WireError> {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(issuer) {
            return Ok(known.clone());
        }
        if !is_protected(issuer) {
            return Err(unreachable("the issuer is not https"));
        }
        let base = issuer.trim_end_matches('/');
        let answer = web
            .get(&format!("{base}/.well-known/openid-configuration"), LIMITS)
            .await
            .map_err(|error| WireError::Unreachable(error.to_string(), None))?;
        if answer.status != 200 {
            return Err(WireError::Unreachable(format!("the issuer answered {}", answer.status), None));
        }
        let metadata: Metadata =
            serde_json::from_slice(&answer.body).map_err(|_| unreachable("the issuer does not describe itself"))?;
        // OpenID Connect Discovery 1.0 section 4.3: else one issuer could speak for another.
        if metadata.issuer.trim_end_matches('/') != base {
            return Err(unreachable("the issuer names itself otherwise"));
        }
        let found = Endpoints {
            authorize: metadata.authorization_endpoint,
            token: metadata.token_endpoint,
            revoke: metadata.revocation_endpoint,
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(issuer.to_owned(), found.clone());
        Ok(found)
    }
}

fn unreachable(why: &str) -> WireError {
    WireError::Unreachable(why.to_owned(), None)
}

/// https, or a server of this very computer.
fn is_protected(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Ipv4(host))) => host.is_loopback(),
        ("http", Some(Host::Ipv6(host))) => host.is_loopback(),
        ("http", Some(Host::Domain(host))) => host == "localhost",
        _ => false,
    }
}
