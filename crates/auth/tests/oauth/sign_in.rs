use crate::{
    browser::{self, authority, consent},
    in_memory, net, page, provider,
    server::{Quirk, SOON, Server},
    signed_in, text,
};
use clientele_auth::{OAuth, OAuthError, Provider, Redirect, Resource};
use std::time::Duration;
use tokio::{net::TcpListener, time::timeout};
use url::Url;

async fn ours() -> (Server, OAuth, Provider) {
    let server = Server::start().await;
    let provider = provider(&server);
    (server, OAuth::new(net(), in_memory().await), provider)
}

#[tokio::test]
async fn a_person_signs_in_once_and_the_account_stays_signed_in() {
    let server = Server::start().await;
    let (secrets, provider) = (in_memory().await, provider(&server));
    let oauth = OAuth::new(net(), secrets.clone());
    let pending = oauth.begin(&provider, " ada@example.com ", page()).await.unwrap();
    let url = Url::parse(pending.url()).unwrap();
    let asked: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(asked["scope"], "https://mail.example.com/IMAP offline_access");
    assert_eq!((&*asked["login_hint"], &*asked["access_type"]), ("ada@example.com", "offline"));
    assert!(!asked.contains_key("prompt"), "the account is named: it is not asked for again");
    assert!(!asked.contains_key("client_secret"));

    let back = consent(pending.url()).await;
    assert!(back.starts_with("http://127.0.0.1:") && back.contains("/?"), "{back}");
    let waiting = tokio::spawn(pending.wait());
    let shown = browser::get(&back).await;
    assert_eq!(shown.status, 200);
    let grant = timeout(SOON, waiting).await.unwrap().unwrap().unwrap();
    assert_eq!((grant.provider(), grant.email()), ("ours", Some("ada@example.com")));
    let first = text(oauth.source_of_grant(&grant).credential().await);
    oauth.keep("ada", &provider, grant.clone()).await.unwrap();
    assert_eq!(text(oauth.source("ada", &provider, Resource::Mail).credential().await), first);
    assert_eq!(server.asked(), 1, "what the sign-in gave is used");
    assert!(oauth.keep("bob", &provider, grant).await.is_err(), "one sign-in is one account's");

    // The next day.
    let oauth = OAuth::new(net(), secrets);
    let second = text(oauth.source("ada", &provider, Resource::Mail).credential().await);
    assert_ne!(first, second);
    assert_eq!(server.last()["scope"], "https://mail.example.com/IMAP offline_access", "Microsoft wants it said again");
}

#[tokio::test]
async fn what_is_no_answer_does_not_end_a_sign_in() {
    let (_server, oauth, provider) = ours().await;
    let pending = oauth.begin(&provider, "", page()).await.unwrap();
    assert!(pending.url().contains("prompt=select_account"), "no account is named");
    let back = consent(pending.url()).await;
    let at = Url::parse(&back).unwrap();
    let waiting = tokio::spawn(pending.wait());
    for target in ["/favicon.ico", "/", "/?hello=1", "/.well-known/x?code=1&state=2"] {
        let shown = browser::send(&at, "GET", target, &authority(&at), "").await;
        assert_eq!((shown.status, shown.body.as_str()), (404, ""), "{target}");
    }
    let target = format!("/?{}", at.query().unwrap());
    for host in ["evil.example:80", "localhost:1", ""] {
        assert_eq!(browser::send(&at, "GET", &target, host, "").await.status, 404, "{host}");
    }
    assert_eq!(browser::send(&at, "POST", "/", &authority(&at), at.query().unwrap()).await.status, 405);
    // Somebody who connects and says nothing.
    let _silent = tokio::net::TcpStream::connect(authority(&at)).await.unwrap();
    assert!(!waiting.is_finished());
    assert_eq!(browser::get(&back).await.status, 200);
    assert!(timeout(SOON, waiting).await.unwrap().unwrap().is_ok());
}

#[tokio::test]
async fn a_page_shows_words_as_words_and_stays_out_of_caches() {
    let (_server, oauth, provider) = ours().await;
    let pending = oauth.begin(&provider, "", page()).await.unwrap();
    let back = consent(pending.url()).await;
    let waiting = tokio::spawn(pending.wait());
    let first = browser::get(&back).await;
    assert!(first.body.contains("<html lang=\"nb\">") && first.body.contains("<h1>Ferdig</h1>"), "{}", first.body);
    assert!(first.body.contains("&lt;b&gt;&quot;bold&quot; &amp; &#39;brave&#39;&lt;/b&gt;"));
    assert!(!first.body.contains("<script") && !first.body.contains("<b>"));
    assert_eq!(first.header("cache-control"), "no-store");
    assert_eq!(first.header("referrer-policy"), "no-referrer");
    let policy = first.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");

    let again = browser::get(&back.replace("code=", "code=other-")).await;
    assert_eq!(again.status, 410);
    assert!(again.body.contains("<h1>Allerede</h1>"));
    assert!(timeout(SOON, waiting).await.unwrap().unwrap().is_ok(), "the second changes nothing");
}

/// Ends a sign-in by what `change` makes of the provider's answer.
async fn ended_by(change: impl Fn(&str) -> String) -> OAuthError {
    let (server, oauth, provider) = ours().await;
    let pending = oauth.begin(&provider, "", page()).await.unwrap();
    let back = consent(pending.url()).await;
    let waiting = tokio::spawn(pending.wait());
    let shown = browser::get(&change(&back)).await;
    assert_eq!(shown.status, 400);
    assert!(shown.body.contains("<h1>Mislyktes</h1>"));
    let ended = timeout(SOON, waiting).await.unwrap().unwrap().expect_err("no grant");
    assert_eq!(server.asked(), 0, "no code was redeemed");
    ended
}

#[tokio::test]
async fn an_answer_to_another_question_is_not_taken() {
    let wrong = ended_by(|back| back.replace("state=", "state=x")).await;
    assert!(matches!(wrong, OAuthError::WrongState));
    let none = ended_by(|back| back.replace("state=", "nostate=").replace("session_nostate", "s")).await;
    assert!(matches!(none, OAuthError::WrongState));
    let twice = ended_by(|back| format!("{back}&code=another")).await;
    assert!(matches!(twice, OAuthError::WrongState));
}

#[tokio::test]
async fn a_provider_that_says_no_is_quoted() {
    let (server, oauth, provider) = ours().await;
    server.state().deny = Some("access_denied");
    match signed_in(&oauth, &provider).await {
        Err(OAuthError::Denied(words)) => assert_eq!(words, "No way"),
        other => panic!("{other:?}"),
    }
    server.state().deny = Some("server_error");
    match signed_in(&oauth, &provider).await {
        Err(OAuthError::Provider { error, .. }) => assert_eq!(error, "server_error"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_sign_in_that_nobody_finishes_ends_and_closes_its_port() {
    let (server, oauth, provider) = ours().await;
    let pending = oauth.begin(&provider, "", page()).await.unwrap();
    let at = Url::parse(&consent(pending.url()).await).unwrap();
    let cancel = pending.cancel_handle();
    let waiting = tokio::spawn(pending.wait());
    cancel.cancel();
    assert!(matches!(timeout(SOON, waiting).await.unwrap().unwrap(), Err(OAuthError::Cancelled)));
    closed(&at).await;

    let pending = oauth.begin(&provider, "", page()).await.unwrap().patience(Duration::from_millis(50));
    let at = Url::parse(&consent(pending.url()).await).unwrap();
    assert!(matches!(timeout(SOON, pending.wait()).await.unwrap(), Err(OAuthError::TimedOut)));
    closed(&at).await;

    let pending = oauth.begin(&provider, "", page()).await.unwrap();
    let at = Url::parse(&consent(pending.url()).await).unwrap();
    drop(pending);
    closed(&at).await;

    // Cancelled while the provider is thinking.
    server.quirk(Quirk::Held);
    let pending = oauth.begin(&provider, "", page()).await.unwrap();
    let back = consent(pending.url()).await;
    let cancel = pending.cancel_handle();
    let waiting = tokio::spawn(pending.wait());
    browser::get(&back).await;
    timeout(SOON, server.waiting.notified()).await.unwrap();
    cancel.cancel();
    assert!(matches!(timeout(SOON, waiting).await.unwrap().unwrap(), Err(OAuthError::Cancelled)));
}

async fn closed(at: &Url) {
    let refused = async { while tokio::net::TcpStream::connect(authority(at)).await.is_ok() {} };
    timeout(SOON, refused).await.expect("the port is closed");
}

#[tokio::test]
async fn localhost_is_both_addresses_of_this_computer() {
    let (_server, oauth, mut provider) = ours().await;
    provider.redirect = Redirect::Localhost;
    let pending = oauth.begin(&provider, "", page()).await.unwrap();
    let back = consent(pending.url()).await;
    let at = Url::parse(&back).unwrap();
    let asked = Url::parse(pending.url()).unwrap();
    let told = asked.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    assert_eq!(told, format!("http://localhost:{}", at.port().unwrap()), "as it is registered: without a path");
    let six = TcpListener::bind("[::1]:0").await.is_ok();
    let waiting = tokio::spawn(pending.wait());
    // By the address that browsers try first; the name stays in the request.
    let host = if six { "[::1]" } else { "127.0.0.1" };
    let to = Url::parse(&format!("http://{host}:{}", at.port().unwrap())).unwrap();
    let target = format!("/?{}", at.query().unwrap());
    assert_eq!(browser::send(&to, "GET", &target, &authority(&at), "").await.status, 200);
    assert!(timeout(SOON, waiting).await.unwrap().unwrap().is_ok());
}

#[tokio::test]
async fn exact_ports_are_tried_in_their_order_and_free_again_at_once() {
    let (_server, oauth, mut provider) = ours().await;
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ports = vec![taken.local_addr().unwrap().port(), free.local_addr().unwrap().port()];
    let chosen = ports[1];
    provider.redirect = Redirect::Ports { host: "127.0.0.1".into(), ports, path: "/back".into() };
    assert!(matches!(oauth.begin(&provider, "", page()).await, Err(OAuthError::Port)));
    drop(free);
    for _ in 0..2 {
        let pending = oauth.begin(&provider, "", page()).await.unwrap();
        let back = consent(pending.url()).await;
        assert!(back.starts_with(&format!("http://127.0.0.1:{chosen}/back?")), "{back}");
        let waiting = tokio::spawn(pending.wait());
        assert_eq!(browser::get(&back).await.status, 200);
        assert!(timeout(SOON, waiting).await.unwrap().unwrap().is_ok());
    }
}

#[tokio::test]
async fn an_answer_can_be_posted() {
    let (_server, oauth, mut provider) = ours().await;
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    provider.redirect = Redirect::parse(&format!("form_post http://127.0.0.1:{port}/back")).unwrap();
    let pending = oauth.begin(&provider, "", page()).await.unwrap();
    assert!(pending.url().contains("response_mode=form_post"));
    let back = consent(pending.url()).await;
    let (url, form) = back.split_once('?').unwrap();
    let waiting = tokio::spawn(pending.wait());
    assert_eq!(browser::get(&back).await.status, 405, "in the address it would stay in the history");
    assert_eq!(browser::post(url, &"x".repeat(100_000)).await.status, 413);
    assert_eq!(browser::post(url, form).await.status, 200);
    assert!(timeout(SOON, waiting).await.unwrap().unwrap().is_ok());
}

#[tokio::test]
async fn what_a_token_endpoint_does_wrong_is_told_apart() {
    let (server, oauth, provider) = ours().await;
    let tried = async |quirk: Quirk| {
        server.quirk(quirk);
        signed_in(&oauth, &provider).await
    };
    match tried(Quirk::ErrorIn200("invalid_request")).await {
        Err(OAuthError::Provider { error, description }) => {
            assert_eq!((error.as_str(), description.as_str()), ("invalid_request", "as is"));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(tried(Quirk::Redirect).await, Err(OAuthError::Unreachable(_))));
    assert!(server.state().strays.is_empty(), "a redirect of the token endpoint was followed");
    assert!(matches!(tried(Quirk::Html).await, Err(OAuthError::Unreachable(_))));
    assert!(matches!(tried(Quirk::Status(503)).await, Err(OAuthError::Unreachable(_))));
    assert!(matches!(tried(Quirk::Broken).await, Err(OAuthError::Unreachable(_))));
    assert!(matches!(tried(Quirk::NoRefreshToken).await, Err(OAuthError::NoRefreshToken)));
    match tried(Quirk::Scope("openid profile")).await {
        Err(OAuthError::ScopeMissing(missing)) => assert_eq!(missing, ["https://mail.example.com/IMAP"]),
        other => panic!("{other:?}"),
    }
    assert!(tried(Quirk::Scope("https://other.example.com/imap")).await.is_ok(), "the same by another host's name");
    let grant = tried(Quirk::NoExpiry).await.unwrap();
    let asked = server.asked();
    text(oauth.source_of_grant(&grant).credential().await);
    assert_eq!(server.asked(), asked, "a token without an end is used for a while");
}

#[tokio::test]
async fn an_issuer_tells_its_endpoints_and_nobody_elses() {
    let (server, oauth, mut provider) = ours().await;
    provider = Provider {
        issuer: Some(format!("{}/", server.base)),
        authorize: String::new(),
        token: String::new(),
        revoke: None,
        ..provider
    };
    server.state().issuer_says = Some("https://login.example.com".into());
    assert!(matches!(signed_in(&oauth, &provider).await, Err(OAuthError::Unreachable(_))));
    server.state().issuer_says = None;
    assert!(signed_in(&oauth, &provider).await.is_ok());

    // RFC 9207: another server's answer, brought to us.
    let pending = oauth.begin(&provider, "", page()).await.unwrap();
    let back = consent(pending.url()).await;
    let waiting = tokio::spawn(pending.wait());
    browser::get(&format!("{back}&iss=https%3A%2F%2Fevil.example")).await;
    assert!(matches!(timeout(SOON, waiting).await.unwrap().unwrap(), Err(OAuthError::WrongState)));

    provider.token = "http://login.example.com/token".into();
    assert!(matches!(oauth.begin(&provider, "", page()).await, Err(OAuthError::Unreachable(_))), "not https");
    provider.client_id.clear();
    assert!(matches!(oauth.begin(&provider, "", page()).await, Err(OAuthError::NoClient)));
}
