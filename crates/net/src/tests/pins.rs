use super::*;
use crate::{Certificate, Pin};
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

async fn refused(net: &Net, endpoint: &Endpoint) -> (Cause, Certificate) {
    let error = connect(net, endpoint, SOON).await.expect_err("no connection");
    (error.cause, *error.certificate.expect("what the server showed"))
}

fn pin(endpoint: &Endpoint, sha256: [u8; 32]) -> Pin {
    Pin { host: endpoint.host.to_uppercase(), port: endpoint.port, sha256 }
}

#[tokio::test]
async fn an_exception_is_for_one_certificate_on_one_server_and_ends_with_its_withdrawal() {
    let (ours, foreign) = (authority("ours"), authority("foreign"));
    let net = trusting(&ours);
    let server = tls_server(acceptor(&foreign, "localhost", None)).await;
    let (cause, shown) = refused(&net, &server).await;
    assert_eq!(cause, Cause::CertificateUnknownIssuer);

    // Another clone: all are one.
    net.clone().pins_set(vec![pin(&server, shown.sha256)]);
    let mut stream = connect(&net, &server, SOON).await.unwrap();
    assert_eq!(stream.certificate().as_ref(), Some(&shown));
    let mut hello = [0; 5];
    stream.read_exact(&mut hello).await.unwrap();
    assert_eq!(&hello, b"hello");

    let elsewhere = tls_server(acceptor(&foreign, "localhost", None)).await;
    let other = [
        Pin { sha256: refused(&net, &elsewhere).await.1.sha256, ..pin(&server, [0; 32]) },
        Pin { port: elsewhere.port, ..pin(&server, shown.sha256) },
        Pin { host: "127.0.0.1".into(), ..pin(&server, shown.sha256) },
    ];
    for wrong in other {
        net.pins_set(vec![wrong.clone()]);
        assert_eq!(refused(&net, &server).await.0, Cause::CertificateUnknownIssuer, "{wrong:?}");
    }
    net.pins_set(Vec::new());
    assert_eq!(refused(&net, &server).await.0, Cause::CertificateUnknownIssuer, "withdrawn");
}

#[tokio::test]
async fn what_the_server_showed_is_told_and_expired_ones_can_be_excepted() {
    let ours = authority("Our authority");
    let net = trusting(&ours);
    let expired = tls_server(acceptor(&ours, "localhost", Some(2020))).await;
    let (cause, shown) = refused(&net, &expired).await;
    assert_eq!(cause, Cause::CertificateExpired);
    assert_eq!((shown.subject.as_str(), shown.issuer.as_str()), ("localhost", "Our authority"));
    assert_eq!(shown.names, ["localhost"]);
    // 2019-01-01 and 2020-01-01, UTC.
    assert_eq!((shown.not_before, shown.not_after), (1_546_300_800, 1_577_836_800));
    net.pins_set(vec![pin(&expired, shown.sha256)]);
    connect(&net, &expired, SOON).await.unwrap();

    let misnamed = tls_server(acceptor(&ours, "mail.example.test", None)).await;
    let (cause, shown) = refused(&net, &misnamed).await;
    assert_eq!((cause, shown.names), (Cause::CertificateWrongName, vec!["mail.example.test".to_owned()]));
}

/// Shows a certificate whose key it does not have.
#[derive(Debug)]
struct Impostor(Arc<CertifiedKey>);

impl ResolvesServerCert for Impostor {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

#[tokio::test]
async fn an_excepted_certificate_shown_by_one_who_has_not_its_key_is_refused() {
    let (ours, foreign) = (authority("ours"), authority("foreign"));
    let net = trusting(&ours);
    let (shown, _) = certificate(&foreign, "localhost", None);
    let (_, other) = certificate(&foreign, "localhost", None);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = provider.key_provider.load_private_key(other.serialize_der().try_into().unwrap()).unwrap();
    let fingerprint = Certificate::of(&shown).sha256;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Impostor(Arc::new(CertifiedKey::new(vec![shown.clone()], key.clone())))));
        let server = tls_server(TlsAcceptor::from(Arc::new(config))).await;
        net.pins_set(vec![pin(&server, fingerprint)]);
        let error = connect(&net, &server, SOON).await.expect_err("an impostor");
        assert!(error.stage == Stage::Tls && error.detail.contains("BadSignature"), "{}", error.detail);
    }
}
