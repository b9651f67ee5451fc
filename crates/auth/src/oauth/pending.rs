use super::{
    Grant, OAuthError, Page, Provider, Resource, Shared,
    directory::Endpoints,
    listener::{Back, Expected, Listener},
    session::Session,
    token::{Access, Held},
    wire::{self, Tokens, WireError},
};
use clientele_model::Secret;
use oauth2::{AuthUrl, CsrfToken, PkceCodeChallenge, RedirectUrl, Scope};
use std::{sync::Arc, time::Duration};
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long a person may take in the browser: second factors and forgotten passwords included.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long the port answers after the answer, so that a reloaded page says something.
const LINGER: Duration = Duration::from_secs(30);

/// A sign-in that a person was sent to the browser for. Dropped, it is cancelled.
pub struct Pending {
    url: String,
    shared: Arc<Shared>,
    provider: Provider,
    endpoints: Endpoints,
    redirect: String,
    verifier: Secret,
    back: oneshot::Receiver<Back>,
    cancel: CancellationToken,
    /// Closes the port.
    close: DropGuard,
    patience: Duration,
}

/// Ends a [`Pending`] from elsewhere. Cheap to clone.
#[derive(Debug, Clone)]
pub struct CancelHandle(CancellationToken);

impl CancelHandle {
    /// `wait` ends with [`OAuthError::Cancelled`], also while tokens are being fetched.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

impl Pending {
    pub(super) async fn begin(
        shared: Arc<Shared>,
        provider: &Provider,
        login_hint: &str,
        page: Page,
    ) -> Result<Pending, OAuthError> {
        if provider.client_id.is_empty() {
            return Err(OAuthError::NoClient);
        }
        let endpoints = shared.directory.endpoints(&shared.web, provider).await.map_err(OAuthError::from)?;
        shared.close_finished().await;
        let listener = Listener::open(&provider.redirect).await.ok_or(OAuthError::Port)?;
        let redirect = listener.redirect.clone();

        let no_address = |_| OAuthError::Unreachable("the provider's endpoint is no address".into());
        let client = wire::client(provider)
            .set_auth_uri(AuthUrl::new(endpoints.authorize.clone()).map_err(no_address)?)
            .set_redirect_uri(RedirectUrl::new(redirect.clone()).map_err(no_address)?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        // Consent may cover several resources; the tokens are then fetched for one at a time.
        let mut scopes = provider.scopes(Resource::Mail).to_vec();
        scopes
            .extend(provider.scopes(Resource::Graph).iter().filter(|one| !provider.scopes.mail.contains(one)).cloned());
        let mut request = client
            .authorize_url(|| CsrfToken::new_random_len(32))
            .add_scopes(scopes.into_iter().map(Scope::new))
            .set_pkce_challenge(challenge);
        for (name, value) in &provider.extra {
            let asks_again = name == "prompt" && value == super::provider::SELECT_ACCOUNT;
            if !asks_again || login_hint.is_empty() {
                request = request.add_extra_param(name.as_str(), value.as_str());
            }
        }
        if !login_hint.is_empty() {
            request = request.add_extra_param("login_hint", login_hint);
        }
        if provider.redirect.is_posted() {
            request = request.add_extra_param("response_mode", "form_post");
        }
        let (url, state) = request.url();

        let (tell, back) = oneshot::channel();
        let close = CancellationToken::new();
        let expected = Expected { state, issuer: provider.issuer.clone(), page, back: tell };
        let serving = tokio::spawn(listener.serve(expected, close.clone()));
        shared.opened(close.clone(), serving);
        tracing::info!(provider = %provider.id, "a sign-in in the browser began");
        Ok(Pending {
            url: url.into(),
            shared,
            provider: provider.clone(),
            endpoints,
            redirect,
            verifier: Secret::new(verifier.into_secret()),
            back,
            cancel: CancellationToken::new(),
            close: close.drop_guard(),
            patience: PATIENCE,
        })
    }

    /// Where the browser must go.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn cancel_handle(&self) -> CancelHandle {
        CancelHandle(self.cancel.clone())
    }

    /// Gives up after another time than ten minutes.
    pub fn patience(mut self, patience: Duration) -> Pending {
        self.patience = patience;
        self
    }

    /// Waits for the browser's answer and for the provider's tokens.
    pub async fn wait(self) -> Result<Grant, OAuthError> {
        let id = self.provider.id.clone();
        let cancel = self.cancel.clone();
        let done = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(OAuthError::Cancelled),
            done = self.answered() => done,
        };
        match &done {
            Ok(_) => tracing::info!(provider = %id, "signed in"),
            Err(error) => tracing::info!(provider = %id, end = kind(error), "not signed in"),
        }
        done
    }

    async fn answered(self) -> Result<Grant, OAuthError> {
        let Pending { shared, provider, endpoints, redirect, verifier, back, close, patience, .. } = self;
        let code = match tokio::time::timeout(patience, back).await {
            Err(_) => return Err(OAuthError::TimedOut),
            Ok(Err(_)) => return Err(OAuthError::Cancelled),
            Ok(Ok(answer)) => {
                // The browser is still being shown its page.
                let close = close.disarm();
                shared.finished(&close);
                tokio::spawn(async move {
                    tokio::time::sleep(LINGER).await;
                    close.cancel();
                });
                answer?
            }
        };
        let tokens = wire::exchange(&shared.web, &provider, &endpoints, &code, &verifier, &redirect).await?;
        granted(shared, &provider, tokens)
    }
}

fn granted(shared: Arc<Shared>, provider: &Provider, tokens: Tokens) -> Result<Grant, OAuthError> {
    if let Some(given) = &tokens.scopes {
        let missing: Vec<String> =
            provider.scopes.mail.iter().filter(|wanted| !is_given(wanted, given)).cloned().collect();
        if !missing.is_empty() {
            return Err(OAuthError::ScopeMissing(missing));
        }
    }
    let refresh = tokens.refresh.ok_or(OAuthError::NoRefreshToken)?;
    let access = Access::new(tokens.access, tokens.expires_in);
    let session = Session::loose(shared, Held::new(provider, refresh), access);
    Ok(Grant {
        session: Arc::new(session),
        provider: Arc::new(provider.clone()),
        email: tokens.email,
        claims: tokens.claims,
    })
}

/// Scopes of OpenID Connect say nothing about mail and come back under other names or not at all; Microsoft leaves
/// out the resource, or names it by another host.
fn is_given(wanted: &str, given: &[String]) -> bool {
    if matches!(wanted, "openid" | "email" | "profile" | "offline_access") {
        return true;
    }
    let last = |scope: &str| scope.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    given.iter().any(|one| one.eq_ignore_ascii_case(wanted) || (!last(wanted).is_empty() && last(one) == last(wanted)))
}

impl From<WireError> for OAuthError {
    fn from(error: WireError) -> Self {
        match error {
            WireError::Unreachable(why, _) => OAuthError::Unreachable(why),
            WireError::Refused { error, description, .. } => OAuthError::Provider { error, description },
        }
    }
}

/// For the log: without the provider's words.
fn kind(error: &OAuthError) -> &'static str {
    match error {
        OAuthError::NoClient => "no client",
        OAuthError::Cancelled => "cancelled",
        OAuthError::TimedOut => "timed out",
        OAuthError::Denied(_) => "denied",
        OAuthError::WrongState => "wrong state",
        OAuthError::Provider { .. } => "refused",
        OAuthError::Unreachable(_) => "unreachable",
        OAuthError::ScopeMissing(_) => "scope missing",
        OAuthError::NoRefreshToken => "no refresh token",
        OAuthError::Port => "no port",
        OAuthError::Secrets(_) => "secrets",
    }
}
