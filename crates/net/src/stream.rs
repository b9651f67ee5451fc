use crate::{Certificate, Net, NetError, Stage, connect, trust::Judge};
use bytes::{Buf, Bytes};
use clientele_model::Endpoint;
use rustls_pki_types::ServerName;
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, BufReader, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Asked of the system at once, in bytes: rustls asks for 4 KB, the quarter of a record.
const AT_ONCE: usize = 64 * 1024;

/// A connection, plain or protected, straight or through a proxy.
#[derive(Debug)]
pub struct Stream(Kind);

#[derive(Debug)]
enum Kind {
    Plain(Raw),
    Tls(Box<TlsStream<BufReader<Raw>>>),
}

impl Stream {
    /// `ahead` is what a proxy sent behind its own answer: the first of what the server says.
    pub(crate) fn plain(tcp: TcpStream, ahead: Bytes) -> Stream {
        Stream(Kind::Plain(Raw { ahead, tcp }))
    }

    /// For example `TLS 1.3`; `None` on a plain connection.
    pub fn tls_version(&self) -> Option<&'static str> {
        let Kind::Tls(stream) = &self.0 else { return None };
        Some(match stream.get_ref().1.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
            _ => "TLS",
        })
    }

    /// What the server showed and was believed; `None` on a plain connection.
    pub fn certificate(&self) -> Option<Certificate> {
        let Kind::Tls(stream) = &self.0 else { return None };
        stream.get_ref().1.peer_certificates()?.first().map(Certificate::of)
    }

    /// The address from which this computer would reach the other side now; `None` without a way. Nothing is sent. One that
    /// differs from an earlier answer means another network, on which the connection may be dead without knowing it.
    pub fn way_out(&self) -> Option<IpAddr> {
        let raw = match &self.0 {
            Kind::Plain(raw) => raw,
            Kind::Tls(stream) => stream.get_ref().0.get_ref(),
        };
        let peer = raw.tcp.peer_addr().ok()?;
        let any: IpAddr = if peer.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind((any, 0)).ok()?;
        socket.connect(peer).ok()?;
        Some(socket.local_addr().ok()?.ip())
    }

    /// Starts TLS on a plain connection, for STARTTLS. The caller has read up to the end of the server's go-ahead and
    /// drops everything it learnt before (USENIX Security 2021, "Why TLS is better without STARTTLS").
    pub async fn upgrade(self, net: &Net, endpoint: &Endpoint, deadline: Duration) -> Result<Stream, NetError> {
        let Kind::Plain(raw) = self.0 else { return Ok(self) };
        let host = connect::ascii(&endpoint.host);
        let other = |detail: String| NetError::from_io(Stage::Tls, &io::Error::other(detail));
        let name = ServerName::try_from(host.clone()).map_err(|_| other("not a server name".into()))?;
        let usual = net.trusted().await.map_err(|error| other(error.to_string()))?;
        let judge = Judge::new(usual, net.pinned(&host, endpoint.port));
        let config = net.trust().config(judge.clone()).map_err(|error| other(error.to_string()))?;
        let buffered = BufReader::with_capacity(AT_ONCE, raw);
        match timeout(deadline, TlsConnector::from(Arc::new(config)).connect(name, buffered)).await {
            Err(_) => Err(NetError::timeout(Stage::Tls)),
            Ok(Err(error)) => Err(NetError { certificate: judge.refused(), ..NetError::from_io(Stage::Tls, &error) }),
            Ok(Ok(stream)) => Ok(Stream(Kind::Tls(Box::new(stream)))),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Kind::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Kind::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Kind::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().0 {
            Kind::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Kind::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// TCP, with what was read of it already.
#[derive(Debug)]
struct Raw {
    ahead: Bytes,
    tcp: TcpStream,
}

impl AsyncRead for Raw {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.tcp).poll_read(cx, buf);
        }
        let length = self.ahead.len().min(buf.remaining());
        buf.put_slice(&self.ahead[..length]);
        self.ahead.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Raw {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
