use crate::Certificate;
use std::io;

/// How far connecting came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The name of the server becomes addresses.
    Resolve,
    /// TCP.
    Connect,
    Tls,
}

/// Why no connection came about. Each variant is something that a person would do something else about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    HostUnknown,
    PortRefused,
    Timeout,
    /// No route to anywhere.
    Offline,
    /// TLS was asked for, and the server speaks plain text.
    TlsToPlainPort,
    /// Plain text was asked for, and the server speaks TLS.
    PlainToTlsPort,
    CertificateExpired,
    CertificateWrongName,
    CertificateUnknownIssuer,
    CertificateInvalid,
    /// Any other failure of the TLS handshake.
    TlsFailed,
    /// The proxy cannot be reached, or does not let the connection through.
    ProxyFailed,
    /// The proxy wants a user name and password, or others.
    ProxySignIn,
    /// The server hung up.
    ConnectionClosed,
    /// Any other failure of the transport.
    Failed,
}

/// A connection that did not come about, or broke.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{detail}")]
pub struct NetError {
    pub stage: Stage,
    pub cause: Cause,
    /// The library's or system's words; no secret, no content.
    pub detail: String,
    /// What the server showed, where that is why. A person may decide to accept it: [`crate::Pin`].
    pub certificate: Option<Box<Certificate>>,
}

impl NetError {
    /// One without a certificate.
    pub fn new(stage: Stage, cause: Cause, detail: impl Into<String>) -> Self {
        NetError { stage, cause, detail: detail.into(), certificate: None }
    }

    pub(crate) fn timeout(stage: Stage) -> Self {
        let what = match stage {
            Stage::Resolve => "no answer to the name lookup in time",
            Stage::Connect => "no answer from the server in time",
            Stage::Tls => "no answer to the TLS handshake in time",
        };
        NetError::new(stage, Cause::Timeout, what)
    }

    /// What an I/O error on a connection, or while it is made, means.
    pub fn from_io(stage: Stage, error: &io::Error) -> Self {
        NetError::new(stage, cause_of(error), error.to_string())
    }
}

fn cause_of(error: &io::Error) -> Cause {
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return cause_of_tls(tls);
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Cause::PortRefused,
        io::ErrorKind::TimedOut => Cause::Timeout,
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => Cause::Offline,
        io::ErrorKind::HostUnreachable => Cause::Timeout,
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected => Cause::ConnectionClosed,
        _ => Cause::Failed,
    }
}

fn cause_of_tls(error: &rustls::Error) -> Cause {
    use rustls::{CertificateError as Certificate, Error};
    match error {
        // What a plain-text greeting such as `* OK` or `220 ` looks like to a TLS client.
        Error::InvalidMessage(_) => Cause::TlsToPlainPort,
        Error::InvalidCertificate(certificate) => match certificate {
            Certificate::Expired | Certificate::ExpiredContext { .. } => Cause::CertificateExpired,
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => Cause::CertificateWrongName,
            Certificate::UnknownIssuer => Cause::CertificateUnknownIssuer,
            Certificate::Other(other) if signed_itself(other) => Cause::CertificateUnknownIssuer,
            _ => Cause::CertificateInvalid,
        },
        Error::NoCertificatesPresented => Cause::CertificateInvalid,
        _ => Cause::TlsFailed,
    }
}

/// `openssl req -x509` calls what it makes an authority, and so does most of what signs its own certificate. The check
/// stumbles over that before it looks for an issuer; for a person, the issuer is what is not known.
fn signed_itself(other: &rustls::OtherError) -> bool {
    matches!(other.0.downcast_ref::<webpki::Error>(), Some(webpki::Error::CaUsedAsEndEntity))
}
