use crate::{
    Cause, DnsError, Net, NetError, Stage, Stream,
    proxy::{self, Route},
};
use bytes::Bytes;
use clientele_model::{Endpoint, Security};
use socket2::{SockRef, TcpKeepalive};
use std::{
    net::{IpAddr, SocketAddr, UdpSocket},
    time::Duration,
};
use tokio::{
    net::{TcpStream, lookup_host},
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

/// How long a next address waits for the one before it (RFC 8305 section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Connects within `deadline`, all stages together, by the proxy if there is one. With [`Security::Tls`] the stream is
/// protected already; with [`Security::Starttls`] it is plain, and the protocol's client upgrades it.
pub async fn connect(net: &Net, endpoint: &Endpoint, deadline: Duration) -> Result<Stream, NetError> {
    let end = Instant::now() + deadline;
    let host = ascii(&endpoint.host);
    if endpoint.security != Security::None {
        net.warm();
    }
    let route =
        timeout_at(end, net.route("https", &host, endpoint.port)).await.unwrap_or_else(|_| Err(proxy_late()))?;
    let stream = reach(net, &route, &host, endpoint.port, None, end).await?;
    match endpoint.security {
        Security::Tls => stream.upgrade(net, endpoint, end.saturating_duration_since(Instant::now())).await,
        Security::None | Security::Starttls => Ok(stream),
    }
}

/// A host as it is compared, looked up and shown to the server: without brackets and last dot, lower case, an
/// international name in its ASCII form (RFC 5891). What is no name stays as it is, and is not found.
pub(crate) fn ascii(host: &str) -> String {
    let host = host.trim().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    if host.is_ascii() {
        return host.to_ascii_lowercase();
    }
    idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_lowercase())
}

/// A plain connection to the server, straight or through the proxy. Without a proxy, `known` addresses spare the lookup.
pub(crate) async fn reach(
    net: &Net,
    route: &Route,
    host: &str,
    port: u16,
    known: Option<Vec<SocketAddr>>,
    end: Instant,
) -> Result<Stream, NetError> {
    let server = match route {
        Route::Direct => {
            let addresses = match known {
                Some(known) => known,
                None => {
                    timeout_at(end, resolve(net, host, port)).await.map_err(|_| NetError::timeout(Stage::Resolve))??
                }
            };
            let tcp = timeout_at(end, race(addresses)).await.map_err(|_| NetError::timeout(Stage::Connect))??;
            tune(&tcp);
            return Ok(Stream::plain(tcp, Bytes::new()));
        }
        Route::Http { server, .. } | Route::Socks5 { server, .. } => server,
    };
    let tcp = proxy_tcp(net, &server.host, server.port, end).await?;
    let mapped = net.mapped(host, port);
    let (host, port) = mapped.map_or_else(|| (host.to_owned(), port), |to| (to.ip().to_string(), to.port()));
    timeout_at(end, proxy::tunnel(route, tcp, &host, port)).await.unwrap_or_else(|_| Err(proxy_late()))
}

/// A plain connection to a proxy, to speak to the proxy itself.
pub(crate) async fn to_proxy(net: &Net, host: &str, port: u16, end: Instant) -> Result<Stream, NetError> {
    Ok(Stream::plain(proxy_tcp(net, host, port, end).await?, Bytes::new()))
}

async fn proxy_tcp(net: &Net, host: &str, port: u16, end: Instant) -> Result<TcpStream, NetError> {
    let made = async { race(resolve(net, host, port).await?).await };
    let tcp = timeout_at(end, made).await.unwrap_or_else(|_| Err(proxy_late())).map_err(|error| match error.cause {
        Cause::Offline => error,
        _ => NetError::new(Stage::Connect, Cause::ProxyFailed, format!("the proxy: {}", error.detail)),
    })?;
    tune(&tcp);
    Ok(tcp)
}

fn proxy_late() -> NetError {
    NetError::new(Stage::Connect, Cause::ProxyFailed, "no answer from the proxy in time")
}

/// What cannot be set is done without.
fn tune(tcp: &TcpStream) {
    // Commands are small and wait for their answers.
    let _ = tcp.set_nodelay(true);
    // A connection that waits for mail must notice when its network is gone, and keep a gateway from forgetting it.
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(20));
    let _ = SockRef::from(tcp).set_tcp_keepalive(&keepalive);
}

/// Whether the port answers a TLS handshake, whatever its certificate is worth. Opens a connection of its own.
pub async fn speaks_tls(net: &Net, host: &str, port: u16, deadline: Duration) -> bool {
    let endpoint = Endpoint { host: host.to_owned(), port, security: Security::Tls };
    match connect(net, &endpoint, deadline).await {
        Ok(_) => true,
        Err(error) => matches!(
            error.cause,
            Cause::CertificateExpired
                | Cause::CertificateWrongName
                | Cause::CertificateUnknownIssuer
                | Cause::CertificateInvalid
                | Cause::TlsFailed
        ),
    }
}

/// The addresses of a host, in the system's order, or by the name server of the configuration. `host` as [`ascii`] gives it.
pub(crate) async fn resolve(net: &Net, host: &str, port: u16) -> Result<Vec<SocketAddr>, NetError> {
    if let Some(to) = net.mapped(host, port) {
        return Ok(vec![to]);
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let unknown = |detail: String| NetError::new(Stage::Resolve, Cause::HostUnknown, detail);
    // RFC 6761 section 6.4: never exists, so nobody need be asked.
    if host.is_empty() || host.ends_with(".invalid") {
        return Err(unknown("the name does not exist".into()));
    }
    if net.own_resolver() && host != "localhost" {
        return match net.dns().addresses(host).await {
            Ok(found) if found.is_empty() => Err(unknown("the name has no address".into())),
            Ok(found) => Ok(found.into_iter().map(|address| SocketAddr::new(address, port)).collect()),
            Err(DnsError::Timeout) => Err(NetError::timeout(Stage::Resolve)),
            Err(DnsError::Offline) => Err(NetError::new(Stage::Resolve, Cause::Offline, "there is no route")),
            Err(DnsError::Failed(detail)) => Err(unknown(detail)),
        };
    }
    match lookup_host((host, port)).await {
        Ok(found) => {
            let found: Vec<_> = found.collect();
            if found.is_empty() { Err(unknown("the name has no address".into())) } else { Ok(found) }
        }
        Err(error) if online() => Err(unknown(error.to_string())),
        Err(error) => Err(NetError::new(Stage::Resolve, Cause::Offline, error.to_string())),
    }
}

/// Whether there is a route out of this computer. Nothing is sent: connecting a datagram socket only asks the routes.
pub(crate) fn online() -> bool {
    let v4 = UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.connect("192.0.2.1:9"));
    let v6 = UdpSocket::bind("[::]:0").and_then(|socket| socket.connect("[2001:db8::1]:9"));
    v4.is_ok() || v6.is_ok()
}

/// The first address that answers. The next one is started when the one before it failed, or was slow.
async fn race(addresses: Vec<SocketAddr>) -> Result<TcpStream, NetError> {
    let mut waiting = addresses.into_iter();
    let mut running = JoinSet::new();
    let mut failed: Option<NetError> = None;
    loop {
        let more = waiting.next().map(|address| running.spawn(TcpStream::connect(address))).is_some();
        if running.is_empty() {
            return Err(failed.unwrap_or_else(|| NetError::timeout(Stage::Connect)));
        }
        let done =
            if more { timeout(STAGGER, running.join_next()).await.ok() } else { Some(running.join_next().await) };
        match done.flatten() {
            Some(Ok(Ok(stream))) => return Ok(stream),
            Some(Ok(Err(error))) => {
                // A refusal says more than the missing IPv6 route beside it.
                if failed.as_ref().is_none_or(|seen| seen.cause == Cause::Offline) {
                    failed = Some(NetError::from_io(Stage::Connect, &error));
                }
            }
            Some(Err(_)) | None => {}
        }
    }
}
