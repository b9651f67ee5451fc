//! Mail servers on loopback that are wrong in one way each.
#![allow(clippy::unwrap_used)]

use clientele_model::{Endpoint, Security};
use clientele_net::{Net, NetConfig};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use std::sync::Arc;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

pub(crate) struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { pem, issuer: Issuer::new(params, key) }
    }

    pub(crate) fn trusted(&self) -> Net {
        Net::new(NetConfig { authorities: vec![self.pem.clone().into_bytes()], ..NetConfig::default() }).unwrap()
    }

    pub(crate) fn acceptor(&self, name: &str, expired: bool) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.serialize_der().try_into().unwrap())
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// What a server speaks once it is connected.
#[derive(Clone, Copy)]
pub(crate) enum Speech {
    Imap,
    Smtp,
    Pop3,
    /// Hangs up at once.
    Nothing,
}

/// A server on a free port; with `acceptor`, TLS from the first byte. Signing in takes `ada` with `right`.
pub(crate) async fn server(speech: Speech, acceptor: Option<TlsAcceptor>) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let security = if acceptor.is_some() { Security::Tls } else { Security::None };
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                match acceptor {
                    None => talk(speech, tcp).await,
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(tcp).await {
                            talk(speech, stream).await;
                        }
                    }
                }
            });
        }
    });
    Endpoint { host: "127.0.0.1".into(), port, security }
}

async fn talk(speech: Speech, stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut stream = BufReader::new(stream);
    let greeting = match speech {
        Speech::Imap => "* OK IMAP4rev1\r\n",
        Speech::Smtp => "220 ESMTP\r\n",
        Speech::Pop3 => "+OK POP3\r\n",
        Speech::Nothing => return,
    };
    if stream.write_all(greeting.as_bytes()).await.is_err() {
        return;
    }
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        // \0ada\0right
        let right = line.contains("AGFkYQByaWdodA==");
        let answer = match speech {
            Speech::Imap => imap(&line, right),
            _ if line.starts_with("EHLO") => "250-x\r\n250 AUTH PLAIN\r\n".into(),
            _ if line.starts_with("AUTH") && right => "235 in\r\n".into(),
            _ if line.starts_with("AUTH") => "535 no\r\n".into(),
            _ if line.starts_with("MAIL FROM:<ada@") || line.starts_with("RSET") => "250 ok\r\n".into(),
            _ if line.starts_with("MAIL") => "550 5.7.60 not yours\r\n".into(),
            _ => "221 bye\r\n".into(),
        };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        line.clear();
    }
}

fn imap(line: &str, right: bool) -> String {
    let (tag, command) = line.trim_end().split_once(' ').unwrap();
    match command.split(' ').next().unwrap() {
        "AUTHENTICATE" if !right => format!("{tag} NO [AUTHENTICATIONFAILED] no\r\n"),
        "CAPABILITY" => format!("* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n{tag} OK\r\n"),
        "LIST" => format!("* LIST () \"/\" INBOX\r\n* LIST () \"/\" Sent\r\n{tag} OK\r\n"),
        _ => format!("{tag} OK\r\n"),
    }
}
