//! Signing in with a provider (OAuth 2, RFC 6749; for desktop programs RFC 8252; PKCE, RFC 7636): the browser, its way
//! back to this computer, and access tokens from then on.

mod directory;
mod error;
mod listener;
mod page;
mod pending;
mod provider;
mod redirect;
mod session;
mod token;
mod wire;

pub use error::OAuthError;
pub use page::{Page, Words};
pub use pending::{CancelHandle, Pending};
pub use provider::{PolicyClient, Provider, Providers, Resource, Scopes};
pub use redirect::Redirect;

use crate::{AuthError, SecretStore};
use clientele_model::TokenSource;
use clientele_net::{Net, Web};
use directory::Directory;
use session::{Session, Source};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use token::Held;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Sign-ins with providers and what they gave. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct OAuth(Arc<Shared>, Arc<Mutex<HashMap<String, Arc<Session>>>>);

struct Shared {
    web: Web,
    secrets: SecretStore,
    directory: Directory,
    ports: Mutex<Vec<OpenPort>>,
}

/// A port that waits for a browser, or still shows the last page to one.
struct OpenPort {
    close: CancellationToken,
    serving: JoinHandle<()>,
    finished: bool,
}

impl Shared {
    fn opened(&self, close: CancellationToken, serving: JoinHandle<()>) {
        let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        ports.retain(|port| !port.serving.is_finished());
        ports.push(OpenPort { close, serving, finished: false });
    }

    /// From now on its only use is a page for who reloads it. (Tokens are compared by what they cancel.)
    fn finished(&self, close: &CancellationToken) {
        let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(port) = ports.iter_mut().find(|port| port.close == *close) {
            port.finished = true;
        }
    }

    /// A provider that knows one port only needs it for the next sign-in.
    async fn close_finished(&self) {
        let ports: Vec<OpenPort> = {
            let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
            ports.extract_if(.., |port| port.finished || port.close.is_cancelled()).collect()
        };
        for port in ports {
            port.close.cancel();
            let _ = port.serving.await;
        }
    }
}

/// What a provider gave: kept in memory until [`OAuth::keep`], or lost.
#[derive(Clone)]
pub struct Grant {
    session: Arc<Session>,
    provider: Arc<Provider>,
    email: Option<String>,
    claims: BTreeMap<String, String>,
}

impl Grant {
    /// The id of the provider that gave it.
    pub fn provider(&self) -> &str {
        &self.provider.id
    }

    /// The address of who signed in, where the provider says it. It can be another than was asked for.
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// What the ID token says under that name (OpenID Connect Core 1.0 section 2), where it is a text. Its signature is
    /// not looked at: it came from the token endpoint over TLS. None in a grant without one.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name).map(String::as_str)
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant").field("provider", &self.provider.id).finish_non_exhaustive()
    }
}

impl OAuth {
    pub fn new(net: Net, secrets: SecretStore) -> OAuth {
        let shared = Shared { web: net.web(), secrets, directory: Directory::default(), ports: Mutex::default() };
        OAuth(Arc::new(shared), Arc::default())
    }

    /// Opens a port for the browser's answer and says where the browser must go ([`Pending::url`]; opening it is the
    /// caller's part). `login_hint` is the mail address, or empty.
    pub async fn begin(&self, provider: &Provider, login_hint: &str, page: Page) -> Result<Pending, OAuthError> {
        Pending::begin(self.0.clone(), provider, login_hint.trim(), page).await
    }

    /// Keeps what a sign-in gave, as the account's sign-in from now on. `account` is a text that names the account on
    /// this computer and never changes. Sources given out before go on with it. Where it fails, the grant is as before.
    pub async fn keep(&self, account: &str, provider: &Provider, grant: Grant) -> Result<(), OAuthError> {
        if grant.provider.id != provider.id || grant.provider.client_id != provider.client_id {
            return Err(OAuthError::NoClient);
        }
        self.session(account).take(&grant.session).await?;
        Ok(())
    }

    /// What a connection of this account signs in with. All sources of an account share one refresh.
    pub fn source(&self, account: &str, provider: &Provider, resource: Resource) -> Arc<dyn TokenSource> {
        Arc::new(Source { session: self.session(account), provider: Arc::new(provider.clone()), resource })
    }

    /// The same for mail, before an account is kept.
    pub fn source_of_grant(&self, grant: &Grant) -> Arc<dyn TokenSource> {
        let (session, provider) = (grant.session.clone(), grant.provider.clone());
        Arc::new(Source { session, provider, resource: Resource::Mail })
    }

    /// Deletes what is kept for an account, and tells the provider so, if it is known and can be reached within a few
    /// seconds. Fails only where nothing could be deleted.
    pub async fn forget(&self, account: &str, provider: Option<&Provider>) -> Result<(), AuthError> {
        let held = self.session(account).forget().await?;
        if let (Some(held), Some(provider)) = (held, provider) {
            self.revoke(held, provider).await;
        }
        Ok(())
    }

    /// Gives a sign-in up that no account takes, and tells the provider so as [`OAuth::forget`] does. With some providers that
    /// ends every sign-in of the same person with this program.
    pub async fn discard(&self, grant: Grant) {
        if let Ok(Some(held)) = grant.session.forget().await {
            self.revoke(held, &grant.provider).await;
        }
    }

    async fn revoke(&self, held: Held, provider: &Provider) {
        if held.provider == provider.id
            && let Ok(endpoints) = self.0.directory.endpoints(&self.0.web, provider).await
            && let Some(url) = endpoints.revoke
        {
            wire::revoke(&self.0.web, provider, &url, &held.token).await;
        }
    }

    /// Returns when no refresh is under way: to be awaited before the program ends, so that no rotated token is lost.
    pub async fn settled(&self) {
        let sessions: Vec<_> = self.1.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for session in sessions {
            session.settled().await;
        }
    }

    fn session(&self, account: &str) -> Arc<Session> {
        let mut sessions = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(Session::kept(self.0.clone(), account));
        sessions.entry(account.to_owned()).or_insert_with(fresh).clone()
    }
}
