#![allow(clippy::unwrap_used)]
//! Servers on loopback that say what a test wants.

use crate::Login;
use clientele_model::{Credential, Endpoint, Security};
use clientele_net::{Net, NetConfig};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

pub(crate) fn login(port: u16, security: Security) -> Login {
    let endpoint = Endpoint { host: "127.0.0.1".into(), port, security };
    Login { endpoint, user: "ada".into(), secret: Arc::new(Credential::password("pässword")) }
}

/// One step of a scripted server.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Lines end in CRLF by themselves.
    Say(&'static str),
    /// Exactly these bytes.
    Raw(&'static str),
    /// Reads a line, which must contain this.
    Hear(&'static str),
    /// Reads lines up to and with one that is this.
    HearUntil(&'static str),
    /// TLS from here on.
    Tls,
    /// The client hangs up without another word.
    Gone,
}

pub(crate) struct Keys {
    pub(crate) client: Net,
    pub(crate) acceptor: TlsAcceptor,
}

pub(crate) fn keys() -> Keys {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.serialize_der().try_into().unwrap())
        .unwrap();
    Keys {
        client: Net::new(NetConfig { authorities: vec![pem.into_bytes()], ..NetConfig::default() }).unwrap(),
        acceptor: TlsAcceptor::from(Arc::new(config)),
    }
}

pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// Plays the script to one client and hangs up; awaiting the handle fails the test where the client said other things.
pub(crate) async fn play(keys: &Keys, script: Vec<Step>) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = keys.acceptor.clone();
    let handle = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let mut stream: BufReader<Box<dyn Duplex>> = BufReader::new(Box::new(tcp));
        for step in script {
            match step {
                Step::Say(text) => stream.write_all(format!("{text}\r\n").as_bytes()).await.unwrap(),
                Step::Raw(text) => stream.write_all(text.as_bytes()).await.unwrap(),
                Step::Hear(part) => {
                    let line = hear(&mut stream).await;
                    assert!(line.contains(part), "heard {line:?}, not {part:?}");
                }
                Step::HearUntil(end) => while hear(&mut stream).await.trim_end() != end {},
                Step::Gone => {
                    let mut rest = Vec::new();
                    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
                    assert!(read.is_ok(), "the client stays");
                    assert!(rest.is_empty(), "heard {:?}, not the end", String::from_utf8_lossy(&rest));
                }
                Step::Tls => {
                    let plain = stream.into_inner();
                    stream = BufReader::new(Box::new(acceptor.accept(plain).await.unwrap()));
                }
            }
        }
    });
    (port, handle)
}

async fn hear(stream: &mut BufReader<Box<dyn Duplex>>) -> String {
    let mut line = String::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_line(&mut line)).await;
    assert!(read.expect("the client says something").unwrap() > 0, "the client hung up");
    line
}

/// Serves every client with `each`, on a port of its own.
pub(crate) async fn serve<Each, Wait>(each: Each) -> u16
where
    Each: Fn(TcpStream) -> Wait + Send + 'static,
    Wait: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(each(tcp));
        }
    });
    port
}
