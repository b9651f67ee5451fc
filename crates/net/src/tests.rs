#![allow(clippy::unwrap_used)]
use crate::{Cause, Http, HttpError, Net, NetConfig, Stage, connect, http::is_public, speaks_tls};
use clientele_model::{Endpoint, Security};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
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

fn acceptor(authority: &Authority, name: &str, last_year: Option<i32>) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if let Some(year) = last_year {
        params.not_before = date_time_ymd(year - 1, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
    }
    let certificate = params.signed_by(&key, &authority.issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.serialize_der().try_into().unwrap())
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
    Net::new(NetConfig { authorities: vec![authority.pem.clone().into_bytes()], ..NetConfig::default() }).unwrap()
}

async fn cause(net: &Net, endpoint: &Endpoint) -> (Stage, Cause) {
    let error = connect(net, endpoint, SOON).await.expect_err("no connection");
    (error.stage, error.cause)
}

#[tokio::test]
async fn a_good_certificate_connects_and_bad_ones_are_told_apart() {
    let (ours, foreign) = (authority("ours"), authority("foreign"));
    let net = trusting(&ours);
    let good = tls_server(acceptor(&ours, "localhost", None)).await;
    let mut stream = connect(&net, &good, SOON).await.unwrap();
    assert_eq!(stream.tls_version(), Some("TLS 1.3"));
    let mut hello = [0; 5];
    stream.read_exact(&mut hello).await.unwrap();
    assert_eq!(&hello, b"hello");

    let expired = tls_server(acceptor(&ours, "localhost", Some(2020))).await;
    assert_eq!(cause(&net, &expired).await, (Stage::Tls, Cause::CertificateExpired));
    let other = tls_server(acceptor(&ours, "mail.example.com", None)).await;
    assert_eq!(cause(&net, &other).await, (Stage::Tls, Cause::CertificateWrongName));
    let unknown = tls_server(acceptor(&foreign, "localhost", None)).await;
    assert_eq!(cause(&net, &unknown).await, (Stage::Tls, Cause::CertificateUnknownIssuer));
    assert!(speaks_tls(&net, "localhost", unknown.port, SOON).await, "an untrusted certificate is TLS all the same");
}

#[tokio::test]
async fn what_is_no_tls_server_is_told_apart() {
    let net = trusting(&authority("ours"));
    let imap = plain_server(b"* OK ready\r\n").await;
    assert_eq!(cause(&net, &imap).await, (Stage::Tls, Cause::TlsToPlainPort));
    let smtp = plain_server(b"220 mail ESMTP\r\n").await;
    assert_eq!(cause(&net, &smtp).await, (Stage::Tls, Cause::TlsToPlainPort));
    assert!(!speaks_tls(&net, &smtp.host, smtp.port, SOON).await);
    let silent = plain_server(b"").await;
    assert_eq!(cause(&net, &silent).await, (Stage::Tls, Cause::ConnectionClosed));

    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let refused = Endpoint { port: free, ..imap.clone() };
    assert_eq!(cause(&net, &refused).await, (Stage::Connect, Cause::PortRefused));
    let nowhere = Endpoint { host: "mail.example.invalid".into(), ..imap };
    assert_eq!(cause(&net, &nowhere).await, (Stage::Resolve, Cause::HostUnknown));
}

#[tokio::test]
async fn a_server_that_says_nothing_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let endpoint = Endpoint { host: "127.0.0.1".into(), port, security: Security::Tls };
    let error =
        connect(&trusting(&authority("ours")), &endpoint, Duration::from_millis(300)).await.expect_err("a timeout");
    assert_eq!((error.stage, error.cause), (Stage::Tls, Cause::Timeout));
}

/// Answers each path: a picture, a redirect to it, SVG, and a body that never ends.
async fn pictures() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let length = tcp.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..length]).to_lowercase();
                assert!(!request.contains("referer") && !request.contains("cookie"), "{request}");
                let head = |mime: &str, rest: &str| format!("HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\n{rest}\r\n");
                let answer = match request.split(' ').nth(1).unwrap_or_default() {
                    "/a.png" => head("image/png; charset=x", "Content-Length: 4\r\n") + "\u{1}PNG",
                    "/moved" => "HTTP/1.1 302 Found\r\nLocation: /a.png\r\nContent-Length: 0\r\n\r\n".into(),
                    "/inside" => {
                        "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/a.png\r\nContent-Length: 0\r\n\r\n".into()
                    }
                    "/loop" => "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n".into(),
                    "/svg" => head("image/svg+xml", "Content-Length: 4\r\n") + "<svg",
                    _ => head("image/png", "Connection: close\r\n"),
                };
                let _ = tcp.write_all(answer.as_bytes()).await;
                if answer.ends_with("close\r\n\r\n") {
                    while tcp.write_all(&[0; 65536]).await.is_ok() {}
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn pictures_are_fetched_within_limits_and_never_from_the_own_network() {
    let port = pictures().await;
    let net = trusting(&authority("ours"));
    let http = Http::new(net.clone(), true);
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let image = http.image(&at("/moved")).await.unwrap();
    assert_eq!((image.mime.as_str(), image.bytes.as_slice()), ("image/png", b"\x01PNG".as_slice()));
    assert!(matches!(http.image(&at("/inside")).await, Err(HttpError::Forbidden)), "a redirect is checked again");
    assert!(matches!(http.image(&at("/loop")).await, Err(HttpError::Redirects)));
    assert!(matches!(http.image(&at("/svg")).await, Err(HttpError::NotAnImage)));
    assert!(matches!(http.image(&at("/endless")).await, Err(HttpError::TooLarge)));
    assert!(matches!(http.image("file:///etc/passwd").await, Err(HttpError::Forbidden)));

    let strict = Http::new(net, false);
    for url in [at("/a.png"), format!("http://localhost:{port}/a.png"), "http://[::1]/a.png".into()] {
        assert!(matches!(strict.image(&url).await, Err(HttpError::Forbidden)), "{url}");
    }
}

#[test]
fn own_networks_are_not_public() {
    let own = [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "::ffff:10.0.0.1",
        "fe80::1",
        "fd00::1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
    ];
    for address in own {
        assert!(!is_public(address), "{address}");
    }
    for address in ["93.184.215.14", "2606:2800:21f::1"] {
        assert!(is_public(address), "{address}");
    }
}
