use super::*;
use crate::speaks_tls;

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

#[tokio::test]
async fn a_mapped_name_is_reached_elsewhere_and_its_certificate_is_still_asked_for() {
    let ours = authority("ours");
    let right = tls_server(acceptor(&ours, "mail.example.test", None)).await.port;
    let wrong = tls_server(acceptor(&ours, "other.example.test", None)).await.port;
    let mut config = config(&ours);
    config.map = vec![
        map(&format!("Mail.Example.test=127.0.0.1:{wrong}")),
        map(&format!("mail.example.test:993=127.0.0.1:{right}")),
    ];
    let net = Net::new(config).unwrap();
    connect(&net, &at("mail.example.test.", 993, Security::Tls), SOON).await.unwrap();
    let error = connect(&net, &at("mail.example.test", 994, Security::Tls), SOON).await.unwrap_err();
    assert_eq!(error.cause, Cause::CertificateWrongName);
}

#[test]
fn a_mapping_says_host_port_and_address() {
    assert_eq!(
        map("A.test:993=127.0.0.1:1"),
        Mapping { host: "a.test".into(), port: Some(993), to: "127.0.0.1:1".parse().unwrap() }
    );
    assert_eq!(
        map("bücher.test=[::1]:2"),
        Mapping { host: "xn--bcher-kva.test".into(), port: None, to: "[::1]:2".parse().unwrap() }
    );
    for wrong in ["a.test", "a.test=127.0.0.1", "=127.0.0.1:1", "a.test:x=127.0.0.1:1", "a.test=b.test:1"] {
        assert!(wrong.parse::<Mapping>().is_err(), "{wrong}");
    }
}

#[test]
fn an_authority_that_is_none_is_told() {
    for pem in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let config = NetConfig { authorities: vec![pem.as_bytes().to_vec()], ..NetConfig::default() };
        assert!(Net::new(config).is_err(), "{pem:?}");
    }
}
