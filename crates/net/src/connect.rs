use crate::{Cause, Net, NetError, Stage, Stream};
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

/// Connects within `deadline`, all stages together. With [`Security::Tls`] the stream is protected already; with
/// [`Security::Starttls`] it is plain, and the protocol's client upgrades it.
pub async fn connect(net: &Net, endpoint: &Endpoint, deadline: Duration) -> Result<Stream, NetError> {
    let end = Instant::now() + deadline;
    let addresses = timeout_at(end, resolve(&endpoint.host, endpoint.port))
        .await
        .map_err(|_| NetError::timeout(Stage::Resolve))??;
    let tcp = timeout_at(end, race(addresses)).await.map_err(|_| NetError::timeout(Stage::Connect))??;
    tune(&tcp);
    let stream = Stream::Plain(tcp);
    match endpoint.security {
        Security::Tls => {
            let left = end.saturating_duration_since(Instant::now());
            stream.upgrade(net, &endpoint.host, left).await
        }
        Security::None | Security::Starttls => Ok(stream),
    }
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

/// The addresses of a host, in the system's order.
pub(crate) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, NetError> {
    let host = host.trim().trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let unknown = |detail: String| NetError::new(Stage::Resolve, Cause::HostUnknown, detail);
    // RFC 6761 section 6.4: never exists, so nobody need be asked.
    if host.is_empty() || host.to_ascii_lowercase().trim_end_matches('.').ends_with(".invalid") {
        return Err(unknown("the name does not exist".into()));
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
fn online() -> bool {
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
