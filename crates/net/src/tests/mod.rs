#![allow(clippy::unwrap_used)]

mod connecting;
mod dns;
mod pictures;
mod pins;
mod proxies;
mod web;

use crate::{Cause, Mapping, Net, NetConfig, Proxy, Stage, connect};
use clientele_model::{Endpoint, Security};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls_pki_types::CertificateDer;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

const SOON: Duration = Duration::from_secs(5);

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

fn authority(name: &str) -> Authority {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).unwrap().pem();
    Authority { pem, issuer: Issuer::new(params, key) }
}

/// A certificate that ended with 1 January of `until`, or one that holds.
fn certificate(authority: &Authority, name: &str, until: Option<i32>) -> (CertificateDer<'static>, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    if let Some(year) = until {
        params.not_before = date_time_ymd(year - 1, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
    }
    (params.signed_by(&key, &authority.issuer).unwrap().der().clone(), key)
}

fn acceptor(authority: &Authority, name: &str, until: Option<i32>) -> TlsAcceptor {
    accepting(certificate(authority, name, until))
}

fn accepting((certificate, key): (CertificateDer<'static>, KeyPair)) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.serialize_der().try_into().unwrap())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn tls_server(acceptor: TlsAcceptor) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(mut stream) = acceptor.accept(tcp).await {
                    let _ = stream.write_all(b"hello").await;
                    let _ = stream.read_u8().await;
                }
            });
        }
    });
    Endpoint { host: "localhost".into(), port, security: Security::Tls }
}

/// Says the same bytes to everybody, after reading a little.
async fn plain_server(bytes: &'static [u8]) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = tcp.write_all(bytes).await;
                let _ = tcp.read(&mut [0; 4096]).await;
            });
        }
    });
    Endpoint { host: "127.0.0.1".into(), port, security: Security::Tls }
}

fn trusting(authority: &Authority) -> Net {
    Net::new(config(authority)).unwrap()
}

/// Without the proxy of whoever runs the tests.
fn config(authority: &Authority) -> NetConfig {
    NetConfig { authorities: vec![authority.pem.clone().into_bytes()], proxy: Proxy::None, ..NetConfig::default() }
}

fn map(text: &str) -> Mapping {
    text.parse().unwrap()
}

fn at(host: &str, port: u16, security: Security) -> Endpoint {
    Endpoint { host: host.into(), port, security }
}

async fn cause(net: &Net, endpoint: &Endpoint) -> (Stage, Cause) {
    let error = connect(net, endpoint, SOON).await.expect_err("no connection");
    (error.stage, error.cause)
}
