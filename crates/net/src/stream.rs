use crate::{Net, NetError, Stage};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A connection, plain or protected.
#[derive(Debug)]
pub enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// For example `TLS 1.3`; `None` on a plain connection.
    pub fn tls_version(&self) -> Option<&'static str> {
        let Stream::Tls(stream) = self else { return None };
        Some(match stream.get_ref().1.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
            _ => "TLS",
        })
    }

    /// Starts TLS on a plain connection, for STARTTLS. The caller has read up to the end of the server's go-ahead and
    /// drops everything it learnt before (USENIX Security 2021, "Why TLS is better without STARTTLS").
    pub async fn upgrade(self, net: &Net, host: &str, deadline: Duration) -> Result<Stream, NetError> {
        let Stream::Plain(tcp) = self else { return Ok(self) };
        let name = Net::server_name(host)?;
        match timeout(deadline, TlsConnector::from(net.config()).connect(name, tcp)).await {
            Err(_) => Err(NetError::timeout(Stage::Tls)),
            Ok(Err(error)) => Err(NetError::from_io(Stage::Tls, &error)),
            Ok(Ok(stream)) => Ok(Stream::Tls(Box::new(stream))),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
