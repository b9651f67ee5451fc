//! Where a tenant is. Online, its server changes: the state says which it is now, and is believed until it says.

use crate::{CrmError, Result};
use clientele_net::{Limits, Web, WebError};
use serde::Deserialize;
use std::sync::{Mutex, PoisonError};
use url::{Host, Url};

/// The vendor's own servers.
const VENDOR: &str = "*.superoffice.com";

#[derive(Debug, Clone)]
pub enum Site {
    /// The vendor's cloud: `https://online.superoffice.com` and the tenant, `Cust12345`.
    Online { identity: String, tenant: String },
    /// A customer's own server: `https://crm.example.com/SuperOffice/api`.
    OnSite { api: String },
}

pub(super) struct Place {
    site: Site,
    hosts: Vec<String>,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    /// Ends in a slash.
    api: String,
    /// Seconds since 1970.
    until: i64,
}

/// `GET /api/state/{tenant}`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    #[serde(default)]
    state: String,
    #[serde(default)]
    is_running: bool,
    #[serde(default)]
    valid_until: String,
    #[serde(default)]
    api: String,
}

impl Place {
    pub fn new(site: Site, hosts: Vec<String>) -> Place {
        Place { site, hosts, known: Mutex::default() }
    }

    /// Where the tenant's data are now; ends in a slash. Only ever a server that may be signed in to.
    pub async fn api(&self, web: &Web) -> Result<String> {
        let (identity, tenant) = match &self.site {
            Site::OnSite { api } => {
                let api = with_slash(api);
                return if self.protected(&api) { Ok(api) } else { Err(CrmError::ServerNotAllowed) };
            }
            Site::Online { identity, tenant } => (identity, tenant),
        };
        let now = crate::tables::now();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known
            && now < known.until
        {
            return Ok(known.api);
        }
        let known = self.ask(web, identity, tenant, now).await?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known.api)
    }

    /// The server said that the tenant is elsewhere: the state is read again.
    pub fn moved(&self) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Where the web client is, as far as that is known without asking. Without a slash at its end.
    pub fn web(&self) -> Option<String> {
        let api = match &self.site {
            Site::OnSite { api } => with_slash(api),
            Site::Online { .. } => self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()?.api,
        };
        api.strip_suffix("/api/").map(str::to_owned)
    }

    async fn ask(&self, web: &Web, identity: &str, tenant: &str, now: i64) -> Result<Known> {
        if tenant.is_empty() || !tenant.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(CrmError::Invalid("tenant"));
        }
        let url = format!("{}/api/state/{tenant}", identity.trim_end_matches('/'));
        let headers = [("accept", "application/json")];
        let answer = web.send("GET", &url, &headers, Vec::new(), Limits::default()).await.map_err(unreachable)?;
        let state: State = match answer.status {
            200 => serde_json::from_slice(&answer.body).map_err(|_| CrmError::Maintenance)?,
            404 => return Err(CrmError::NotRunning("Unknown".into())),
            status => return Err(CrmError::Unavailable(format!("HTTP {status}"))),
        };
        if !state.is_running {
            return Err(match state.state.as_str() {
                "OfflineMaintenance" | "MigrationPending" | "Provisioning" => CrmError::Maintenance,
                other => CrmError::NotRunning(super::call::said(other)),
            });
        }
        let api = with_slash(&state.api);
        if !self.allowed(&api) {
            return Err(CrmError::ServerNotAllowed);
        }
        // An hour at most: a clock that is off must not hold on to a server for days.
        let until = super::entity::time(&state.valid_until).clamp(now + 60, now + 3600);
        Ok(Known { api, until })
    }

    /// Whether a token may go there.
    fn allowed(&self, api: &str) -> bool {
        let Ok(url) = Url::parse(api) else { return false };
        let Some(host) = url.host_str() else { return false };
        self.protected(api) && (matches(VENDOR, host) || self.hosts.iter().any(|pattern| matches(pattern, host)))
    }

    /// TLS, or a server of this very computer.
    fn protected(&self, api: &str) -> bool {
        let Ok(url) = Url::parse(api) else { return false };
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        match (url.scheme(), url.host()) {
            ("https", Some(_)) => true,
            ("http", Some(Host::Ipv4(host))) => host.is_loopback(),
            ("http", Some(Host::Ipv6(host))) => host.is_loopback(),
            _ => false,
        }
    }
}

/// `crm.example.com`, or `*.example.com` for all below.
fn matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.trim().to_ascii_lowercase(), host.trim_end_matches('.').to_ascii_lowercase());
    match pattern.strip_prefix("*.") {
        Some(domain) => {
            !domain.is_empty() && host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        }
        None => !pattern.is_empty() && pattern == host,
    }
}

fn with_slash(api: &str) -> String {
    format!("{}/", api.trim().trim_end_matches('/'))
}

pub(super) fn unreachable(error: WebError) -> CrmError {
    match error {
        WebError::TooLarge => CrmError::Unexpected("the answer is too large"),
        WebError::Address => CrmError::Invalid("server"),
        // Neither names the address asked.
        WebError::Timeout => CrmError::Late,
        WebError::Net(error) => CrmError::Unavailable(error.to_string()),
        WebError::Failed(_) => CrmError::Unavailable("the transfer failed".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_the_vendor_and_the_administrators_servers_only() {
        let site = Site::Online { identity: String::new(), tenant: String::new() };
        let place = Place::new(site, vec!["crm.example.com".into(), "*.lan.example".into()]);
        for good in [
            "https://online3.superoffice.com/Cust1/api/",
            "https://sod2.superoffice.com:443/Cust1/api/",
            "https://crm.example.com/so/api/",
            "https://a.lan.example/api/",
        ] {
            assert!(place.allowed(good), "{good}");
        }
        for bad in [
            "http://online3.superoffice.com/Cust1/api/",
            "https://superoffice.com.evil.example/api/",
            "https://evilsuperoffice.com/api/",
            "https://online3.superoffice.com@evil.example/api/",
            "https://user:x@online3.superoffice.com/api/",
            "https://lan.example/api/",
            "http://127.0.0.1:1/api/",
            "ftp://crm.example.com/",
            "",
        ] {
            assert!(!place.allowed(bad), "{bad}");
        }
    }
}
