//! All that a connection needs: names, proxy, TLS with its trust and exceptions, staged connecting with distinct causes of
//! failure; on top of it web requests and the fetching of remote images.

mod cause;
mod certificate;
mod connect;
#[cfg(target_os = "linux")]
mod desktop;
mod dns;
mod exchange;
mod http;
mod net;
mod proxy;
mod stream;
mod trust;
mod web;

pub use cause::{Cause, NetError, Stage};
pub use certificate::Certificate;
pub use connect::{connect, speaks_tls};
pub use dns::{Dns, DnsError, Mx, Srv};
pub use http::{Http, HttpError, Image};
pub use net::{Mapping, MappingError, Net, NetConfig, NetSetup, Pin};
pub use proxy::{Proxy, ProxyServer};
pub use stream::Stream;
pub use web::{Answer, Limits, Web, WebError};

#[cfg(test)]
mod tests;
