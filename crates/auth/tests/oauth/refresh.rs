use crate::{
    GRAPH, in_memory, kept, mail, net, provider,
    server::{Quirk, SOON, Server},
    signed_in, text,
};
use clientele_auth::{OAuth, Purpose, Resource, SecretStore, SecretsConfig};
use clientele_model::{Credential, Secret, TokenError};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Signed in, and the next access token has to be fetched.
async fn restarted(server: &Server) -> (SecretStore, OAuth) {
    let secrets = in_memory().await;
    kept(server, &secrets).await;
    (secrets.clone(), OAuth::new(net(), secrets))
}

async fn stored(secrets: &SecretStore) -> String {
    secrets.get("ada", Purpose::Refresh).await.unwrap().unwrap().expose().to_owned()
}

#[tokio::test]
async fn twenty_who_ask_at_once_are_one_refresh() {
    let server = Server::start().await;
    let (secrets, oauth) = restarted(&server).await;
    let before = server.asked();
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let source = mail(&oauth, &server);
            tokio::spawn(async move { text(source.credential().await) })
        })
        .collect();
    let mut tokens = Vec::new();
    for one in asking {
        tokens.push(timeout(SOON, one).await.unwrap().unwrap());
    }
    tokens.dedup();
    assert_eq!((server.asked() - before, tokens.len()), (1, 1));
    assert!(stored(&secrets).await.contains("canary-refresh-2"), "the rotated token is stored");
}

#[tokio::test]
async fn mail_and_graph_share_the_refresh_token_and_not_the_access_token() {
    let server = Server::start().await;
    let (_, oauth) = restarted(&server).await;
    let mut both = provider(&server);
    both.scopes.graph = vec![GRAPH.into()];
    let sources = [Resource::Mail, Resource::Graph].map(|resource| oauth.source("ada", &both, resource));
    let before = server.asked();
    let asking = sources.map(|source| tokio::spawn(async move { text(source.credential().await) }));
    let [one, other] = asking;
    // At once: were the old refresh token used twice, the server would end the sign-in.
    assert_ne!(one.await.unwrap(), other.await.unwrap());
    assert_eq!(server.asked() - before, 2);
    assert_eq!(server.last()["scope"], GRAPH);

    // Consent to Graph is withdrawn, or was never given: mail goes on.
    server.quirk(Quirk::NoGraph);
    let oauth = OAuth::new(net(), in_memory().await);
    let grant = signed_in(&oauth, &both).await.unwrap();
    assert_eq!(server.last()["scope"], "https://mail.example.com/IMAP offline_access", "one token, one resource");
    oauth.keep("ada", &both, grant).await.unwrap();
    let graph = oauth.source("ada", &both, Resource::Graph);
    assert!(matches!(graph.credential().await, Err(TokenError::SignInAgain)));
    let mail = oauth.source("ada", &both, Resource::Mail);
    mail.refused(&mail.credential().await.unwrap());
    text(mail.credential().await);
}

#[tokio::test]
async fn one_who_goes_away_does_not_take_the_rotated_token_along() {
    let server = Server::start().await;
    let (secrets, oauth) = restarted(&server).await;
    server.quirk(Quirk::Held);
    let source = mail(&oauth, &server);
    let impatient = tokio::spawn(async move { source.credential().await.is_ok() });
    timeout(SOON, server.waiting.notified()).await.unwrap();
    impatient.abort();
    assert!(impatient.await.unwrap_err().is_cancelled());
    let asked = server.asked();
    server.go.notify_one();
    timeout(SOON, oauth.settled()).await.unwrap();
    assert!(stored(&secrets).await.contains("canary-refresh-2"));
    server.quirk(Quirk::None);
    text(mail(&oauth, &server).credential().await);
    assert_eq!(server.asked(), asked);
}

/// A store on the disk that can be made to fail.
async fn on_disk(folder: &std::path::Path) -> SecretStore {
    let passphrase = Some(Secret::new("open sesame"));
    SecretStore::open(SecretsConfig { keyring: false, passphrase, ..SecretsConfig::new(folder) }).await.unwrap()
}

#[tokio::test]
async fn a_rotated_token_that_cannot_be_stored_is_not_used_until_it_is() {
    let server = Server::start().await;
    let home = tempfile::tempdir().unwrap();
    let (folder, away) = (home.path().join("profile"), home.path().join("away"));
    std::fs::create_dir(&folder).unwrap();
    let secrets = on_disk(&folder).await;
    kept(&server, &secrets).await;
    let oauth = OAuth::new(net(), secrets);
    let asked = server.asked();
    std::fs::rename(&folder, &away).unwrap();
    for _ in 0..3 {
        assert!(matches!(mail(&oauth, &server).credential().await, Err(TokenError::Unavailable)));
    }
    assert_eq!(server.asked(), asked + 1, "the token in hand waits for the store");
    std::fs::rename(&away, &folder).unwrap();
    assert_eq!(text(mail(&oauth, &server).credential().await), "canary-access-2");
    assert_eq!(server.asked(), asked + 1);
    let oauth = OAuth::new(net(), on_disk(&folder).await);
    assert_eq!(text(mail(&oauth, &server).credential().await), "canary-access-3", "and it lasts");
}

#[tokio::test]
async fn killed_between_rotation_and_storing_costs_one_sign_in_and_never_loops() {
    let server = Server::start().await;
    let home = tempfile::tempdir().unwrap();
    let (folder, away) = (home.path().join("profile"), home.path().join("away"));
    std::fs::create_dir(&folder).unwrap();
    let secrets = on_disk(&folder).await;
    kept(&server, &secrets).await;
    let killed = OAuth::new(net(), secrets);
    std::fs::rename(&folder, &away).unwrap();
    assert!(mail(&killed, &server).credential().await.is_err());
    drop(killed);
    std::fs::rename(&away, &folder).unwrap();
    let asked = server.asked();

    let oauth = OAuth::new(net(), on_disk(&folder).await);
    let source = mail(&oauth, &server);
    for _ in 0..50 {
        assert!(matches!(source.credential().await, Err(TokenError::SignInAgain)));
    }
    assert_eq!(server.asked(), asked + 1, "the provider is asked once");
    let grant = signed_in(&oauth, &provider(&server)).await.unwrap();
    oauth.keep("ada", &provider(&server), grant).await.unwrap();
    let token = text(source.credential().await);
    source.refused(&Credential::Bearer(Secret::new(token)));
    text(source.credential().await);
}

#[tokio::test]
async fn a_revoked_sign_in_says_so_and_stays_quiet() {
    let server = Server::start().await;
    let (_, oauth) = restarted(&server).await;
    server.revoke_all();
    let asked = server.asked();
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let source = mail(&oauth, &server);
            tokio::spawn(async move { matches!(source.credential().await, Err(TokenError::SignInAgain)) })
        })
        .collect();
    for one in asking {
        assert!(one.await.unwrap());
    }
    assert_eq!(server.asked(), asked + 1);
}

#[tokio::test]
async fn a_refused_access_token_is_fetched_anew_once() {
    let server = Server::start().await;
    let oauth = kept(&server, &in_memory().await).await;
    let source = mail(&oauth, &server);
    let first = source.credential().await.unwrap();
    let asked = server.asked();
    source.refused(&first);
    source.refused(&first);
    let second = source.credential().await.unwrap();
    assert_ne!(first, second);
    // Late news of the first says nothing of the second.
    source.refused(&first);
    assert_eq!(source.credential().await.unwrap(), second);
    // A mailbox that refuses everything does not become a loop at the provider.
    for _ in 0..20 {
        source.refused(&source.credential().await.unwrap());
    }
    assert_eq!(server.asked(), asked + 1);
}

#[tokio::test]
async fn trouble_on_the_way_is_not_the_end_of_a_sign_in() {
    let server = Server::start().await;
    let (_, oauth) = restarted(&server).await;
    let source = mail(&oauth, &server);
    // Answered without having been understood: nothing has been rotated.
    for quirk in [Quirk::Html, Quirk::Redirect, Quirk::Status(500), Quirk::Status(503), Quirk::Error("server_error")] {
        let (_, oauth) = restarted(&server).await;
        let source = mail(&oauth, &server);
        let name = format!("{quirk:?}");
        server.quirk(quirk);
        assert!(matches!(source.credential().await, Err(TokenError::Unreachable(_))), "{name}");
        server.quirk(Quirk::None);
    }
    assert!(server.state().strays.is_empty(), "a redirect of the token endpoint was followed");
    server.quirk(Quirk::Busy(120));
    let asked = server.asked();
    for _ in 0..5 {
        assert!(matches!(source.credential().await, Err(TokenError::Unreachable(_))));
    }
    assert_eq!(server.asked(), asked + 1, "a provider that asks to be left alone is");

    // A program that the provider does not know (any more): no loop, and no sync that silently stands still.
    let (_, oauth) = restarted_with(&server, Quirk::Error("invalid_client")).await;
    let asked = server.asked();
    for _ in 0..5 {
        assert!(matches!(mail(&oauth, &server).credential().await, Err(TokenError::SignInAgain)));
    }
    assert_eq!(server.asked(), asked + 1);
}

async fn restarted_with(server: &Server, quirk: Quirk) -> (SecretStore, OAuth) {
    server.quirk(Quirk::None);
    let both = restarted(server).await;
    server.quirk(quirk);
    both
}

#[tokio::test]
async fn an_unreachable_provider_is_asked_again_and_answers() {
    let server = Server::start().await;
    let (_, oauth) = restarted(&server).await;
    let mut elsewhere = provider(&server);
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    elsewhere.token = format!("http://127.0.0.1:{port}/token");
    let source = oauth.source("ada", &elsewhere, Resource::Mail);
    match source.credential().await {
        Err(TokenError::Unreachable(why)) => assert!(!why.contains("127.0.0.1"), "{why}"),
        other => panic!("{other:?}"),
    }
    text(mail(&oauth, &server).credential().await);
}

#[tokio::test]
async fn a_short_lived_token_is_used_while_it_lives() {
    let server = Server::start().await;
    let (_, oauth) = restarted_with(&server, Quirk::ExpiresIn(2)).await;
    let source = mail(&oauth, &server);
    let first = text(source.credential().await);
    assert_eq!(text(source.credential().await), first);
    // It is given out for half of its two seconds.
    sleep(Duration::from_millis(1100)).await;
    assert_ne!(text(source.credential().await), first);
}

#[tokio::test]
async fn a_refresh_token_is_shown_to_nobody_else() {
    let server = Server::start().await;
    let (_, oauth) = restarted(&server).await;
    let asked = server.asked();
    for change in ["id", "client"] {
        let mut other = provider(&server);
        match change {
            "id" => other.id = "theirs".into(),
            _ => other.client_id = "another".into(),
        }
        let oauth = OAuth::new(net(), restarted_store(&server).await);
        let source = oauth.source("ada", &other, Resource::Mail);
        let before = server.asked();
        assert!(matches!(source.credential().await, Err(TokenError::SignInAgain)));
        assert_eq!(server.asked(), before);
    }
    assert!(server.asked() > asked);
    let missing = oauth.source("bob", &provider(&server), Resource::Mail);
    assert!(matches!(missing.credential().await, Err(TokenError::SignInAgain)));
}

async fn restarted_store(server: &Server) -> SecretStore {
    restarted(server).await.0
}

#[tokio::test]
async fn a_forgotten_account_is_revoked_and_gone() {
    let server = Server::start().await;
    let secrets = in_memory().await;
    let oauth = kept(&server, &secrets).await;
    let source = mail(&oauth, &server);
    assert!(server.is_live("canary-refresh-1"));
    oauth.forget("ada", Some(&provider(&server))).await.unwrap();
    assert!(secrets.get("ada", Purpose::Refresh).await.unwrap().is_none());
    let revoked = server.state().revoked.clone();
    assert_eq!(revoked.len(), 1);
    assert!(!server.is_live(&revoked[0]["token"]));
    assert!(matches!(source.credential().await, Err(TokenError::SignInAgain)), "also for who signed in with it before");

    // A sign-in that nobody took is as gone.
    let grant = signed_in(&oauth, &provider(&server)).await.unwrap();
    let loose = oauth.source_of_grant(&grant);
    oauth.discard(grant).await;
    let revoked = server.state().revoked.clone();
    assert_eq!(revoked.len(), 2);
    assert!(!server.is_live(&revoked[1]["token"]));
    assert!(matches!(loose.credential().await, Err(TokenError::SignInAgain)));

    // A provider that is gone holds nothing up.
    let oauth = kept(&server, &secrets).await;
    let mut gone = provider(&server);
    gone.revoke = Some("http://127.0.0.1:9/revoke".into());
    timeout(SOON, oauth.forget("ada", Some(&gone))).await.unwrap().unwrap();
    assert!(secrets.get("ada", Purpose::Refresh).await.unwrap().is_none());
    oauth.forget("nobody", None).await.unwrap();
}

/// The token endpoint, the profile folder and so on, for a program that is about to be killed.
const VICTIM: &str = "CLIENTELE_TEST_VICTIM";

#[tokio::test]
async fn a_program_killed_while_it_refreshes_needs_one_sign_in_at_most() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    kept(&server, &on_disk(folder.path()).await).await;
    let asked = server.asked();
    server.quirk(Quirk::Held);
    let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "refresh::within_a_program_that_is_killed"])
        .env(VICTIM, format!("{}\n{}", server.base, folder.path().display()))
        // Its report would be taken for one of a suite that died.
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // The old token is gone, the new one is on its way.
    timeout(SOON, server.waiting.notified()).await.unwrap();
    victim.kill().unwrap();
    victim.wait().unwrap();
    server.go.notify_one();
    server.quirk(Quirk::None);

    let oauth = OAuth::new(net(), on_disk(folder.path()).await);
    let source = mail(&oauth, &server);
    for _ in 0..10 {
        assert!(matches!(source.credential().await, Err(TokenError::SignInAgain)));
    }
    assert_eq!(server.asked(), asked + 2, "once by the one that was killed, once by the next");
    let grant = signed_in(&oauth, &provider(&server)).await.unwrap();
    oauth.keep("ada", &provider(&server), grant).await.unwrap();
    text(source.credential().await);
    let next = OAuth::new(net(), on_disk(folder.path()).await);
    text(mail(&next, &server).credential().await);
}

#[tokio::test]
#[ignore = "run by the test above, which kills it"]
async fn within_a_program_that_is_killed() {
    let told = std::env::var(VICTIM).unwrap();
    let (base, folder) = told.split_once('\n').unwrap();
    let server = Server::at(base);
    let oauth = OAuth::new(net(), on_disk(std::path::Path::new(folder)).await);
    let _ = mail(&oauth, &server).credential().await;
    panic!("nobody killed it");
}
