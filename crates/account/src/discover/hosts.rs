//! Which hosts there are, and requests to those that are there.

use super::Silence;
use clientele_net::{Answer, Dns, Limits, Web};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{select, sync::OnceCell, time::sleep};
use url::Url;

/// The system repeats a lost question after five seconds, which is longer than anybody waits here.
const REPEAT: Duration = Duration::from_millis(600);

/// Each host is looked up once for all sources and ports: a burst of questions is how name servers lose some.
#[derive(Debug)]
pub(super) struct Hosts {
    dns: Dns,
    there: Mutex<HashMap<String, Arc<OnceCell<bool>>>>,
}

impl Hosts {
    pub fn new(dns: &Dns) -> Hosts {
        Hosts { dns: dns.clone(), there: Mutex::default() }
    }

    /// Whether the host has an address. Not answered is no.
    pub async fn there(&self, host: &str) -> bool {
        let cell =
            self.there.lock().unwrap_or_else(PoisonError::into_inner).entry(host.to_owned()).or_default().clone();
        *cell.get_or_init(|| self.ask(host)).await
    }

    async fn ask(&self, host: &str) -> bool {
        let again = async {
            sleep(REPEAT).await;
            self.dns.exists(host).await
        };
        select! {
            said = self.dns.exists(host) => said,
            said = again => said,
        }
        .unwrap_or(false)
    }
}

/// The web, as far as its hosts are there.
#[derive(Debug, Clone)]
pub(super) struct Sites {
    web: Web,
    pub hosts: Arc<Hosts>,
}

impl Sites {
    pub fn new(web: Web, dns: &Dns) -> Sites {
        Sites { web, hosts: Arc::new(Hosts::new(dns)) }
    }

    /// Redirects are the caller's to judge.
    pub async fn get(&self, url: &str, limits: Limits) -> Result<Answer, Silence> {
        self.there(url).await?;
        Ok(self.web.get(url, limits).await?)
    }

    pub async fn post_xml(&self, url: &str, body: String, limits: Limits) -> Result<Answer, Silence> {
        self.there(url).await?;
        Ok(self.web.post(url, "text/xml; charset=utf-8", body.into_bytes(), &[], limits).await?)
    }

    async fn there(&self, url: &str) -> Result<(), Silence> {
        let url = Url::parse(url).ok();
        match url.as_ref().and_then(Url::host_str) {
            Some(host) if self.hosts.there(host).await => Ok(()),
            _ => Err(Silence::Nothing("no such host".into())),
        }
    }
}
