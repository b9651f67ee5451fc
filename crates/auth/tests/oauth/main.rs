//! Signing in with a provider, against an authorization server of the tests' own: what it says can be made wrong here as
//! no real one does on demand.
#![allow(clippy::unwrap_used)]

mod browser;
mod refresh;
mod secrets;
mod server;
mod sign_in;

use clientele_auth::{
    Grant, OAuth, OAuthError, Page, Provider, Redirect, Resource, Scopes, SecretStore, SecretsConfig, Words,
};
use clientele_model::{Credential, Secret, TokenError, TokenSource};
use clientele_net::{Net, NetConfig};
use server::Server;

pub const GRAPH: &str = "https://graph.example.com/User.Read";

pub fn provider(server: &Server) -> Provider {
    let base = &server.base;
    Provider {
        id: "ours".into(),
        name: "Ours".into(),
        issuer: None,
        authorize: format!("{base}/authorize"),
        token: format!("{base}/token"),
        revoke: Some(format!("{base}/revoke")),
        client_id: "desk".into(),
        client_secret: Some(Secret::new("canary-client-secret")),
        scopes: Scopes { mail: vec!["https://mail.example.com/IMAP".into(), "offline_access".into()], graph: vec![] },
        redirect: Redirect::Loopback127,
        extra: vec![("access_type".into(), "offline".into()), ("prompt".into(), "select_account".into())],
        hosts: vec!["*.example.com".into()],
    }
}

pub fn net() -> Net {
    Net::new(NetConfig::default()).unwrap()
}

pub async fn in_memory() -> SecretStore {
    let config = SecretsConfig { keyring: false, memory: true, ..SecretsConfig::new("/nonexistent") };
    SecretStore::open(config).await.unwrap()
}

pub fn page() -> Page {
    let words = |title: &str| Words { title: title.into(), text: "<b>\"bold\" & 'brave'</b>".into() };
    Page { language: "nb".into(), done: words("Ferdig"), failed: words("Mislyktes"), again: words("Allerede") }
}

/// The whole way through the browser.
pub async fn signed_in(oauth: &OAuth, provider: &Provider) -> Result<Grant, OAuthError> {
    let pending = oauth.begin(provider, "ada@example.com", page()).await?;
    let back = browser::consent(pending.url()).await;
    let waiting = tokio::spawn(pending.wait());
    browser::get(&back).await;
    waiting.await.unwrap()
}

/// An account `ada` that is signed in, in a store.
pub async fn kept(server: &Server, secrets: &SecretStore) -> OAuth {
    let oauth = OAuth::new(net(), secrets.clone());
    let provider = provider(server);
    let grant = signed_in(&oauth, &provider).await.unwrap();
    oauth.keep("ada", &provider, grant).await.unwrap();
    oauth
}

pub fn text(credential: Result<Credential, TokenError>) -> String {
    match credential.unwrap() {
        Credential::Bearer(token) => token.expose().to_owned(),
        Credential::Password(_) => panic!("a password"),
    }
}

pub fn mail(oauth: &OAuth, server: &Server) -> std::sync::Arc<dyn TokenSource> {
    oauth.source("ada", &provider(server), Resource::Mail)
}
