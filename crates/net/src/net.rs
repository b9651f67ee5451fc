use crate::{Dns, NetError, Proxy, Web, connect, proxy, trust::Trust};
use rustls_platform_verifier::Verifier;
use std::{
    fmt,
    net::SocketAddr,
    str::FromStr,
    sync::{Arc, PoisonError, RwLock},
};

/// What a [`Net`] is made of. The default is what a person without special needs has: the system's trust, the system's
/// proxy, the system's names.
#[derive(Debug, Clone, Default)]
pub struct NetConfig {
    /// Files of certificates in PEM, trusted besides the system's authorities.
    pub authorities: Vec<Vec<u8>>,
    pub proxy: Proxy,
    pub pins: Vec<Pin>,
    /// A name server to ask instead of the system's, by UDP, and by TCP for long answers.
    pub resolver: Option<SocketAddr>,
    pub map: Vec<Mapping>,
}

/// One more certificate that is accepted, for one server and port only: a person's explicit exception. It counts only
/// where the usual check fails, and for nothing but that very certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    pub host: String,
    pub port: u16,
    /// SHA-256 of the server's own certificate (DER), as in [`crate::Certificate::sha256`].
    pub sha256: [u8; 32],
}

/// Connections to `host` (at `port`, or at all ports) go to `to`. The certificate is still checked for `host`. For
/// diagnosis and tests: the system's proxy is passed by, and a proxy chosen by hand is told the address. Parses from
/// `HOST[:PORT]=IP:PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    pub host: String,
    pub port: Option<u16>,
    pub to: SocketAddr,
}

/// A mapping that is not of the form `HOST[:PORT]=IP:PORT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not of the form HOST[:PORT]=IP:PORT")]
pub struct MappingError;

impl FromStr for Mapping {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        let (from, to) = text.split_once('=').ok_or(MappingError)?;
        let to = to.trim().parse().map_err(|_| MappingError)?;
        let (host, port) = match from.trim().rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| MappingError)?)),
            None => (from.trim(), None),
        };
        if host.is_empty() || host.contains(':') {
            return Err(MappingError);
        }
        Ok(Mapping { host: connect::ascii(host), port, to })
    }
}

/// Why no [`Net`] can be had on this computer, or from this configuration.
#[derive(Debug, thiserror::Error)]
pub enum NetSetup {
    #[error("the extra authority's file holds no certificate that can be read: {0}")]
    ExtraAuthority(String),
    #[error("the system's certificates cannot be used: {0}")]
    System(String),
}

/// All that a connection needs. Cheap to clone, and all clones are one: what is set on one acts on the next connection
/// of every other.
#[derive(Clone)]
pub struct Net(Arc<Inner>);

struct Inner {
    trust: Trust,
    proxy: RwLock<Proxy>,
    pins: RwLock<Vec<Pin>>,
    resolver: Option<SocketAddr>,
    map: Vec<Mapping>,
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Net").finish_non_exhaustive()
    }
}

impl Net {
    /// Fails where an authority's file holds no certificate. The system's certificates are read by [`Net::warm`], or for the
    /// first connection.
    pub fn new(config: NetConfig) -> Result<Net, NetSetup> {
        let map = config.map.into_iter().map(|one| Mapping { host: connect::ascii(&one.host), ..one }).collect();
        let inner = Inner {
            trust: Trust::new(&config.authorities)?,
            proxy: RwLock::new(config.proxy),
            pins: RwLock::new(Vec::new()),
            resolver: config.resolver,
            map,
        };
        let net = Net(Arc::new(inner));
        net.pins_set(config.pins);
        Ok(net)
    }

    /// Takes effect with the next connection.
    pub fn proxy_set(&self, proxy: Proxy) {
        *self.0.proxy.write().unwrap_or_else(PoisonError::into_inner) = proxy;
    }

    /// All exceptions from now on. Takes effect with the next connection; one that stands already is not cut.
    pub fn pins_set(&self, pins: Vec<Pin>) {
        let pins = pins.into_iter().map(|pin| Pin { host: connect::ascii(&pin.host), ..pin }).collect();
        *self.0.pins.write().unwrap_or_else(PoisonError::into_inner) = pins;
    }

    /// The name server's answers about mail.
    pub fn dns(&self) -> Dns {
        Dns::new(self.clone(), self.0.resolver)
    }

    /// Requests to web servers, for discovery, sign-in and CRMs.
    pub fn web(&self) -> Web {
        Web::new(self.clone())
    }

    /// Whether there is a route out of this computer, or a name server of one's own was named, which may be on it. Nothing
    /// is sent.
    pub fn online(&self) -> bool {
        self.own_resolver() || connect::online()
    }

    /// Begins to read the system's certificates, on a thread beside, for a connection that is about to be made.
    pub fn warm(&self) {
        let net = self.clone();
        // What fails here fails again where it is needed, and is told there.
        drop(tokio::task::spawn_blocking(move || net.trust().usual().is_ok()));
    }

    /// The system's certificates, read off the async threads.
    pub(crate) async fn trusted(&self) -> Result<Arc<Verifier>, NetSetup> {
        let net = self.clone();
        tokio::task::spawn_blocking(move || net.trust().usual())
            .await
            .unwrap_or_else(|_| Err(NetSetup::System("reading them panicked".into())))
    }

    pub(crate) fn trust(&self) -> &Trust {
        &self.0.trust
    }

    /// The fingerprints accepted for this server besides what the usual check accepts. `host` as [`connect::ascii`] gives it.
    pub(crate) fn pinned(&self, host: &str, port: u16) -> Vec<[u8; 32]> {
        let pins = self.0.pins.read().unwrap_or_else(PoisonError::into_inner);
        pins.iter().filter(|pin| pin.port == port && pin.host == host).map(|pin| pin.sha256).collect()
    }

    /// Where connections to this server go instead; a mapping with the port comes before one without.
    pub(crate) fn mapped(&self, host: &str, port: u16) -> Option<SocketAddr> {
        let of = |wanted: Option<u16>| self.0.map.iter().find(|one| one.host == host && one.port == wanted);
        of(Some(port)).or_else(|| of(None)).map(|one| one.to)
    }

    /// Whether some port of the host is mapped.
    pub(crate) fn maps(&self, host: &str) -> bool {
        self.0.map.iter().any(|one| one.host == host)
    }

    /// How to get to this server.
    pub(crate) async fn route(&self, scheme: &str, host: &str, port: u16) -> Result<proxy::Route, NetError> {
        let proxy = self.0.proxy.read().unwrap_or_else(PoisonError::into_inner).clone();
        proxy::route(&proxy, scheme, host, port, self.mapped(host, port)).await
    }

    pub(crate) fn own_resolver(&self) -> bool {
        self.0.resolver.is_some()
    }
}
