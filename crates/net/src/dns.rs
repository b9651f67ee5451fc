use crate::{Net, connect};
use std::net::{IpAddr, SocketAddr};

/// A server that takes mail for a domain (RFC 5321 section 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mx {
    /// The lowest comes first.
    pub preference: u16,
    /// Lower case, without the last dot. Empty means that the domain takes no mail (RFC 7505).
    pub host: String,
}

/// A server of a service (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Srv {
    /// The lowest comes first.
    pub priority: u16,
    /// Among equals, the larger the more often.
    pub weight: u16,
    pub port: u16,
    /// Lower case, without the last dot. Empty means that the domain says it has no such service.
    pub target: String,
}

/// Why there is no answer. That a name or record does not exist is an answer: an empty list.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DnsError {
    #[error("no answer from the name server in time")]
    Timeout,
    #[error("there is no route to anywhere")]
    Offline,
    /// The server refused, failed, or said what cannot be read; or none is known.
    #[error("the name server gave no answer: {0}")]
    Failed(String),
}

/// Asks the system's name servers, or [`crate::NetConfig::resolver`]. Never through a proxy.
#[derive(Debug, Clone)]
pub struct Dns {
    net: Net,
}

impl Dns {
    pub(crate) fn new(net: Net) -> Dns {
        Dns { net }
    }

    /// In the order of preference; empty where the domain has none.
    pub async fn mx(&self, domain: &str) -> Result<Vec<Mx>, DnsError> {
        let _ = (&self.net, domain);
        Err(DnsError::Failed("not yet".into()))
    }

    /// For example of `_imaps._tcp.example.com`, by priority, then the heaviest first; empty where there is none.
    pub async fn srv(&self, name: &str) -> Result<Vec<Srv>, DnsError> {
        let _ = name;
        Err(DnsError::Failed("not yet".into()))
    }

    /// Whether the host has an address.
    pub async fn exists(&self, host: &str) -> Result<bool, DnsError> {
        let _ = (host, connect::ascii(host));
        Err(DnsError::Failed("not yet".into()))
    }
}

impl Dns {
    pub(crate) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, DnsError> {
        match self.net.asker() {
            Some(asker) => asker.addresses(host).await,
            None => Err(DnsError::Failed("no name server is known".into())),
        }
    }
}

pub(crate) struct Asker;

impl Asker {
    pub(crate) fn new(_server: Option<SocketAddr>) -> Option<Asker> {
        Some(Asker)
    }

    pub(crate) async fn addresses(&self, _host: &str) -> Result<Vec<IpAddr>, DnsError> {
        Err(DnsError::Failed("not yet".into()))
    }
}
