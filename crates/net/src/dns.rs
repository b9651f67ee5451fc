use crate::{Cause, Net, connect, proxy::Route};
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig},
    net::{NetError as AskError, runtime::TokioRuntimeProvider},
    proto::rr::{Name, RData, RecordType},
};
use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::time::timeout;

/// For one question, with all repetitions and the way over TCP.
const PATIENCE: Duration = Duration::from_secs(5);
/// A datagram is easily lost; a name server that is there answers in much less.
const REPEAT: Duration = Duration::from_millis(1500);

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

/// Asks the system's name servers, or [`crate::NetConfig::resolver`]. Never through a proxy. The system is asked for its name
/// servers when this is made, and answers are remembered as long as it lives: take a new one for a new task.
#[derive(Clone)]
pub struct Dns {
    net: Net,
    resolver: Result<Arc<TokioResolver>, DnsError>,
}

impl std::fmt::Debug for Dns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dns").finish_non_exhaustive()
    }
}

impl Dns {
    pub(crate) fn new(net: Net, server: Option<SocketAddr>) -> Dns {
        let resolver = resolver(server).map(Arc::new).map_err(|error| DnsError::Failed(error.to_string()));
        Dns { net, resolver }
    }

    /// In the order of preference; empty where the domain has none.
    pub async fn mx(&self, domain: &str) -> Result<Vec<Mx>, DnsError> {
        let found = self.records(domain, RecordType::MX, |data| match data {
            RData::MX(mx) => Some(Mx { preference: mx.preference, host: plain(&mx.exchange) }),
            _ => None,
        });
        let mut found = found.await?;
        found.sort_by(|a, b| (a.preference, &a.host).cmp(&(b.preference, &b.host)));
        Ok(found)
    }

    /// For example of `_imaps._tcp.example.com`, by priority, then the heaviest first; empty where there is none.
    pub async fn srv(&self, name: &str) -> Result<Vec<Srv>, DnsError> {
        let found = self.records(name, RecordType::SRV, |data| match data {
            RData::SRV(srv) => {
                Some(Srv { priority: srv.priority, weight: srv.weight, port: srv.port, target: plain(&srv.target) })
            }
            _ => None,
        });
        let mut found = found.await?;
        found.sort_by_key(|srv| (srv.priority, std::cmp::Reverse(srv.weight)));
        Ok(found)
    }

    /// Whether the host has an address, by the same way as connections look it up. A proxy looks names up by itself, and may
    /// know more: with one, every host is taken to be there.
    pub async fn exists(&self, host: &str) -> Result<bool, DnsError> {
        let host = connect::ascii(host);
        if self.net.maps(&host) || !matches!(self.net.route("https", &host, 443).await, Ok(Route::Direct)) {
            return Ok(true);
        }
        if self.net.own_resolver() && host.parse::<IpAddr>().is_err() {
            return self.addresses(&host).await.map(|found| !found.is_empty());
        }
        let asked = timeout(PATIENCE, connect::resolve(&self.net, &host, 0)).await;
        match asked.map_err(|_| DnsError::Timeout)? {
            Ok(_) => Ok(true),
            Err(error) => match error.cause {
                Cause::HostUnknown => Ok(false),
                Cause::Timeout => Err(DnsError::Timeout),
                Cause::Offline => Err(DnsError::Offline),
                _ => Err(DnsError::Failed(error.detail)),
            },
        }
    }

    /// IPv4 and IPv6, none where the name does not exist.
    pub(crate) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, DnsError> {
        let Ok(name) = name(host) else { return Ok(Vec::new()) };
        let resolver = self.resolver.as_ref().map_err(Clone::clone)?;
        match ask(resolver.lookup_ip(name)).await? {
            Some(found) => Ok(found.iter().collect()),
            None => Ok(Vec::new()),
        }
    }

    async fn records<T>(
        &self,
        of: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Vec<T>, DnsError> {
        // What is no name has no records.
        let Ok(name) = name(of) else { return Ok(Vec::new()) };
        let resolver = self.resolver.as_ref().map_err(Clone::clone)?;
        let found = ask(resolver.lookup(name, kind)).await?;
        Ok(found.iter().flat_map(|found| found.answers()).filter_map(|record| read(&record.data)).collect())
    }
}

/// `None` where the server says that there is nothing.
async fn ask<T>(question: impl Future<Output = Result<T, AskError>>) -> Result<Option<T>, DnsError> {
    match timeout(PATIENCE, question).await {
        Ok(Ok(found)) => Ok(Some(found)),
        Ok(Err(error)) if error.is_no_records_found() => Ok(None),
        Ok(Err(_)) if !connect::online() => Err(DnsError::Offline),
        Ok(Err(AskError::Timeout)) | Err(_) => Err(DnsError::Timeout),
        Ok(Err(error)) => Err(DnsError::Failed(error.to_string())),
    }
}

/// With the last dot: the system's search domains are for people at a prompt.
fn name(text: &str) -> Result<Name, ()> {
    Name::from_ascii(format!("{}.", connect::ascii(text))).map_err(|_| ())
}

fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, AskError> {
    let mut builder = match server {
        Some(server) => {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut one| {
                one.port = server.port();
                one
            });
            let server = NameServerConfig::new(server.ip(), true, connections.into());
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
        None => TokioResolver::builder_tokio()?,
    };
    let options = builder.options_mut();
    options.timeout = REPEAT;
    options.attempts = 1;
    options.ip_strategy = LookupIpStrategy::Ipv6AndIpv4;
    if server.is_some() {
        options.use_hosts_file = ResolveHosts::Never;
    }
    builder.build()
}
