//! Ends of the way through the browser that are no sign-in, and servers that get no token.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn every_other_end_of_the_browser_s_way_is_told() {
    let person = Employee::new().await;
    let (engine, api) = opened(&person).await;
    let refused = |mode: &str| match mode {
        "deny" => "oauth_denied",
        _ => "oauth_failed",
    };
    for mode in ["deny", "server_error", "wrong_state", "unavailable", "error_in_200"] {
        let mut visit = Visit::of(&person.email);
        match mode {
            "deny" => visit.decision = "deny",
            "unavailable" | "error_in_200" => person.oidc().token_endpoint(mode).unwrap(),
            _ => person.oidc().redirect(mode).unwrap(),
        }
        let (done, seen) = sign_in(&api, &person, visit).await;
        assert_eq!(code(&done.unwrap_err()), refused(mode), "{mode}: {seen:?}");
        assert!(seen.pages[0].text.contains("<html"), "{mode}: the browser shows how it ended: {seen:?}");
        person.oidc().well().unwrap();
    }

    // The browser is closed at the provider's page: the wizard's way out.
    let start = SignInStart { provider: "nordvik".into(), email: person.email.clone() };
    let started = handle::sign_in_start(&api, start.clone()).await.unwrap();
    let mut visit = Visit::of(&person.email);
    visit.stop = "page";
    browse(&person, &started.url, visit).await;
    let wait = handle::sign_in_wait(&api, IdRequest { id: started.id.clone() });
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        handle::sign_in_cancel(&api, IdRequest { id: started.id.clone() }).await.unwrap();
    };
    let (done, ()) = tokio::join!(wait, cancel);
    assert_eq!(code(&done.unwrap_err()), "oauth_cancelled");
    closed(&started.url).await;

    // The page of the way back is opened a second time: the first counts, and the second harms nothing.
    let before = person.oidc().requests().unwrap().len();
    let mut visit = Visit::of(&person.email);
    visit.visits = 2;
    let (done, seen) = sign_in(&api, &person, visit).await;
    done.unwrap();
    assert_eq!(seen.pages[0].status, 200, "{seen:?}");
    assert_ne!(seen.pages[1].text, seen.pages[0].text, "{seen:?}");
    let exchanges = person.oidc().requests().unwrap().split_off(before);
    let exchanges = exchanges.iter().filter(|request| request.grant_type == "authorization_code").count();
    assert_eq!(exchanges, 1, "the code is used once");
    let state = handle::app_state(&api, Empty {}).await.unwrap();
    assert!(state.accounts.is_empty(), "nothing is saved by signing in alone");
    engine.stop().await;
}

/// Nobody listens where the browser would have come back to.
async fn closed(url: &str) {
    let (_, after) = url.split_once("redirect_uri=http%3A%2F%2F127.0.0.1%3A").expect("a way back");
    let port: u16 = after.split(|letter: char| !letter.is_ascii_digit()).next().unwrap().parse().unwrap();
    let start = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(5), "port {port} still listens");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// An answer of discovery can name anybody's server: a token is shown to the provider's own only.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_to_no_server_but_the_provider_s_own() {
    let person = Employee::new().await;
    let (engine, api) = opened(&person).await;
    let (grant, _) = sign_in(&api, &person, Visit::of(&person.email)).await;
    let grant = grant.unwrap();
    let (imap, smtp) =
        (Wire::to(person.world.ports().imap_plain, vec![]), Wire::to(person.world.ports().smtp_plain, vec![]));
    let elsewhere = |port| EndpointView { host: "127.0.0.1".into(), port, security: SecurityView::None };
    let asked = draft(&person, elsewhere(imap.port), elsewhere(smtp.port), grant);
    // Refused as a whole or on each side: either will do.
    if let Ok(report) = handle::account_verify(&api, asked.clone()).await {
        assert!(!report.incoming.ok && !report.outgoing.ok, "{report:?}");
    }
    assert!(handle::account_add(&api, asked).await.is_err());
    for heard in [imap.heard(), smtp.heard()] {
        let said = String::from_utf8_lossy(&heard);
        assert!(!said.contains("AUTH") && !said.contains("LOGIN"), "{said}");
    }
    engine.stop().await;
}
