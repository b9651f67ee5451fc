#![allow(clippy::unwrap_used)]
use crate::{
    AddressError, Code, DiscoverOptions, SideReport, Stage, discover, endpoint,
    testkit::{Authority, Speech, server},
    verify_for,
};
use clientele_mail::Login;
use clientele_model::{Credential, Endpoint, Security};
use clientele_net::Net;
use std::sync::Arc;
use tokio::net::TcpListener;

const EMAIL: &str = "ada@example.com";

fn login(endpoint: &Endpoint, password: &str) -> Login {
    Login { endpoint: endpoint.clone(), user: "ada".into(), secret: Arc::new(Credential::password(password)) }
}

#[tokio::test]
async fn good_settings_work_on_both_sides_and_a_wrong_password_on_neither() {
    let authority = Authority::new("ours");
    let net = authority.trusted();
    let incoming = server(Speech::Imap, Some(authority.acceptor("127.0.0.1", false))).await;
    let outgoing = server(Speech::Smtp, Some(authority.acceptor("127.0.0.1", false))).await;
    let good = verify_for(&net, EMAIL, &login(&incoming, "right"), &login(&outgoing, "right")).await;
    assert!(good.ok(), "{good:?}");
    assert_eq!((good.incoming.stage, good.incoming.folders, good.incoming.tls.as_str()), (Stage::Use, 2, "TLS 1.3"));
    assert_eq!((good.outgoing.stage, good.outgoing.tls.as_str()), (Stage::Use, "TLS 1.3"));

    let wrong = verify_for(&net, EMAIL, &login(&incoming, "wrong"), &login(&outgoing, "wrong")).await;
    for side in [&wrong.incoming, &wrong.outgoing] {
        assert_eq!((side.code, side.stage), (Some(Code::SignInRefused), Stage::SignIn), "{side:?}");
        assert!(side.proposal.is_none(), "other settings do not mend a password");
        assert!(!side.detail.contains("wrong") && !side.detail.contains("AGFkYQ"), "{}", side.detail);
    }
}

#[tokio::test]
async fn a_user_name_is_tried_with_and_without_its_domain_once() {
    let authority = Authority::new("ours");
    let net = authority.trusted();
    let endpoint = server(Speech::Imap, Some(authority.acceptor("127.0.0.1", false))).await;
    let outgoing = server(Speech::Smtp, Some(authority.acceptor("127.0.0.1", false))).await;
    let named = |endpoint: &Endpoint, password| Login { user: "ada@example.com".into(), ..login(endpoint, password) };
    let report = verify_for(&net, EMAIL, &named(&endpoint, "right"), &named(&outgoing, "right")).await;
    for side in [&report.incoming, &report.outgoing] {
        assert_eq!((side.code, side.proposal_user.as_deref()), (Some(Code::SignInRefused), Some("ada")), "{side:?}");
    }
    let report = verify_for(&net, EMAIL, &named(&endpoint, "wrong"), &named(&outgoing, "wrong")).await;
    for side in [&report.incoming, &report.outgoing] {
        assert_eq!((side.code, side.proposal_user.as_deref()), (Some(Code::SignInRefused), None), "{side:?}");
    }
}

#[tokio::test]
async fn the_sender_is_the_mailbox() {
    let authority = Authority::new("ours");
    let net = authority.trusted();
    let outgoing = server(Speech::Smtp, Some(authority.acceptor("127.0.0.1", false))).await;
    let incoming = Endpoint { host: "x.invalid".into(), ..outgoing.clone() };
    let of = async |email: &str| {
        verify_for(&net, email, &login(&incoming, "right"), &login(&outgoing, "right")).await.outgoing
    };
    let good = of("ada@example.com").await;
    assert_eq!((good.code, good.stage, good.mechanism.as_str()), (None, Stage::Use, "PLAIN"), "{good:?}");
    let foreign = of("eve@example.com").await;
    assert_eq!((foreign.code, foreign.stage), (Some(Code::ServerRefused), Stage::Use), "{foreign:?}");
}

async fn incoming(net: &Net, incoming: Endpoint) -> SideReport {
    let outgoing = Endpoint { host: "x.invalid".into(), port: 1, security: Security::Tls };
    verify_for(net, EMAIL, &login(&incoming, "right"), &login(&outgoing, "right")).await.incoming
}

#[tokio::test]
async fn each_way_of_failing_has_its_own_code() {
    let (ours, foreign) = (Authority::new("ours"), Authority::new("foreign"));
    let net = ours.trusted();
    let plain = server(Speech::Imap, None).await;
    let safe = server(Speech::Imap, Some(ours.acceptor("127.0.0.1", false))).await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let cases = [
        (Endpoint { host: "imap.example.invalid".into(), ..plain.clone() }, Code::HostUnknown, Stage::Resolve),
        (Endpoint { port: free, ..plain.clone() }, Code::PortRefused, Stage::Connect),
        (Endpoint { security: Security::Tls, ..plain.clone() }, Code::TlsToPlainPort, Stage::Tls),
        (Endpoint { security: Security::None, ..safe.clone() }, Code::PlainToTlsPort, Stage::Connect),
        (Endpoint { security: Security::Starttls, ..safe.clone() }, Code::PlainToTlsPort, Stage::Connect),
        (Endpoint { security: Security::Starttls, ..plain.clone() }, Code::StarttlsMissing, Stage::Tls),
        (server(Speech::Imap, Some(ours.acceptor("127.0.0.1", true))).await, Code::CertificateExpired, Stage::Tls),
        (server(Speech::Imap, Some(ours.acceptor("x.example", false))).await, Code::CertificateWrongName, Stage::Tls),
        (
            server(Speech::Imap, Some(foreign.acceptor("127.0.0.1", false))).await,
            Code::CertificateUnknownIssuer,
            Stage::Tls,
        ),
        (server(Speech::Pop3, None).await, Code::Pop3, Stage::Connect),
        (Endpoint { security: Security::Tls, ..server(Speech::Pop3, None).await }, Code::Pop3, Stage::Tls),
        (server(Speech::Smtp, None).await, Code::NotMail, Stage::Connect),
        (server(Speech::Nothing, None).await, Code::ConnectionClosed, Stage::Connect),
    ];
    for (endpoint, code, stage) in cases {
        let report = incoming(&net, endpoint.clone()).await;
        assert_eq!((report.code, report.stage), (Some(code), stage), "{endpoint:?}: {report:?}");
        assert_eq!(report.certificate.is_some(), code.as_str().starts_with("certificate_"), "{report:?}");
    }
}

#[tokio::test]
async fn settings_that_answer_are_proposed() {
    let ours = Authority::new("ours");
    let net = ours.trusted();
    let safe = server(Speech::Imap, Some(ours.acceptor("127.0.0.1", false))).await;
    let asked = Endpoint { security: Security::Starttls, ..safe.clone() };
    assert_eq!(incoming(&net, asked).await.proposal, Some(safe));
    let pop3 = incoming(&net, server(Speech::Pop3, None).await).await;
    assert_ne!(pop3.proposal.map(|endpoint| endpoint.security), Some(Security::None), "never less protection");
}

#[test]
fn servers_are_read_as_people_type_them() {
    let read = |text: &str| endpoint(text, 993, Security::Tls).map(|endpoint| (endpoint.host, endpoint.port));
    let ok = |host: &str, port| Ok((host.to_owned(), port));
    assert_eq!(read(" imap.Example.com "), ok("imap.example.com", 993));
    assert_eq!(read("imap.example.com:143"), ok("imap.example.com", 143));
    assert_eq!(read("imaps://imap.example.com/"), ok("imap.example.com", 993));
    assert_eq!(read("192.0.2.1:143"), ok("192.0.2.1", 143));
    assert_eq!(read("2001:db8::1"), ok("2001:db8::1", 993));
    assert_eq!(read("[2001:db8::1]"), ok("2001:db8::1", 993));
    assert_eq!(read("[2001:db8::1]:143"), ok("2001:db8::1", 143));
    assert_eq!(read("bücher.example"), ok("xn--bcher-kva.example", 993));
    assert_eq!(read("  "), Err(AddressError::Empty));
    assert_eq!(read("imap.example.com:0"), Err(AddressError::Port));
    assert_eq!(read("imap.example.com:imap"), Err(AddressError::Port));
    assert_eq!(read("two words"), Err(AddressError::NotAServer));
    assert_eq!(read("[::1"), Err(AddressError::NotAServer));
    assert_eq!(read("a:b:c"), Err(AddressError::NotAServer));
}

#[tokio::test]
async fn a_domain_that_does_not_exist_has_no_servers() {
    let net = Authority::new("ours").trusted();
    for email in ["ada@nowhere.invalid", "ada@localhost", "ada", "@", ""] {
        assert!(discover(&net, &DiscoverOptions::default(), email).await.found.is_empty(), "{email}");
    }
}
