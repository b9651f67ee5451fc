//! Against a certified OpenID provider (npm oidc-provider) over TLS, with the browser's part acted out.
#![allow(clippy::unwrap_used)]

use clientele_auth::{
    Grant, OAuth, OAuthError, Page, PolicyClient, Provider, Providers, Purpose, Resource, SecretStore, SecretsConfig,
};
use clientele_model::{Secret, TokenError};
use clientele_net::{Net, NetConfig};
use clientele_tests::world::{
    INGRID, World,
    oidc::{Visit, Visited},
};
use std::sync::Arc;

struct Told {
    world: Arc<World>,
    net: Net,
    provider: Provider,
}

/// As an administrator would describe it: where it is, and how it knows this program.
fn begin() -> Told {
    let world = World::with_oidc().unwrap();
    let oidc = world.oidc().unwrap().described();
    let client = PolicyClient {
        id: "nordlys".into(),
        name: "Nordlys".into(),
        issuer: Some(oidc.issuer),
        client_id: oidc.client,
        scopes: vec![oidc.scope],
        hosts: vec!["localhost".into()],
        ..PolicyClient::default()
    };
    let provider = Providers::new(&[client]).get("nordlys").unwrap();
    let authorities = vec![std::fs::read(world.ca_pem()).unwrap()];
    let net = Net::new(NetConfig { authorities, ..NetConfig::default() }).unwrap();
    Told { world: Arc::new(world), net, provider }
}

impl Told {
    fn grants(&self, kind: &str) -> usize {
        let all = self.world.oidc().unwrap().requests().unwrap();
        all.iter().filter(|one| one.grant_type == kind).count()
    }

    async fn sign_in(&self, oauth: &OAuth, visit: Visit) -> (Visited, Result<Grant, OAuthError>) {
        let pending = oauth.begin(&self.provider, INGRID, Page::default()).await.unwrap();
        let (world, url) = (self.world.clone(), pending.url().to_owned());
        let waiting = tokio::spawn(pending.wait());
        let visited = tokio::task::spawn_blocking(move || world.oidc().unwrap().browse(&url, &visit).unwrap());
        let visited = visited.await.unwrap();
        (visited, waiting.await.unwrap())
    }
}

#[tokio::test]
async fn a_certified_provider_signs_in_rotates_revokes_and_is_told_of_the_end() {
    let told = begin();
    let secrets = SecretsConfig { keyring: false, memory: true, ..SecretsConfig::new("/nonexistent") };
    let secrets = SecretStore::open(secrets).await.unwrap();
    let oauth = OAuth::new(told.net.clone(), secrets.clone());

    let (_, denied) = told.sign_in(&oauth, Visit { decision: "deny", ..Visit::of(INGRID) }).await;
    assert!(matches!(denied, Err(OAuthError::Denied(_))), "{denied:?}");
    let (visited, grant) = told.sign_in(&oauth, Visit { visits: 2, ..Visit::of(INGRID) }).await;
    let shown: Vec<u16> = visited.pages.iter().map(|page| page.status).collect();
    assert_eq!(shown, [200, 410], "the second time the browser comes back, it is told so");
    oauth.keep("ada", &told.provider, grant.unwrap()).await.unwrap();

    // The program starts anew, three times: each time the refresh token is another.
    let mut seen = Vec::new();
    for _ in 0..3 {
        let oauth = OAuth::new(told.net.clone(), secrets.clone());
        oauth.source("ada", &told.provider, Resource::Mail).credential().await.unwrap();
        let stored: Secret = secrets.get("ada", Purpose::Refresh).await.unwrap().unwrap();
        assert!(!seen.contains(&stored), "the provider rotates, and what it gave is kept");
        seen.push(stored);
    }
    assert_eq!(told.grants("refresh_token"), 3);

    told.world.oidc().unwrap().revoke(INGRID).unwrap();
    let oauth = OAuth::new(told.net.clone(), secrets.clone());
    let source = oauth.source("ada", &told.provider, Resource::Mail);
    for _ in 0..10 {
        assert!(matches!(source.credential().await, Err(TokenError::SignInAgain)));
    }
    assert_eq!(told.grants("refresh_token"), 4, "asked once, and then quiet");
    let (_, grant) = told.sign_in(&oauth, Visit::of(INGRID)).await;
    oauth.keep("ada", &told.provider, grant.unwrap()).await.unwrap();
    source.credential().await.unwrap();

    oauth.forget("ada", Some(&told.provider)).await.unwrap();
    assert!(secrets.get("ada", Purpose::Refresh).await.unwrap().is_none());
    let revoked = told.world.oidc().unwrap().requests().unwrap();
    let revoked: Vec<_> = revoked.iter().filter(|one| one.path == "/token/revocation").collect();
    assert!(revoked.len() == 1 && revoked[0].status == 200, "{revoked:?}");
}
