//! What is said to a provider's endpoints. The requests are the `oauth2` crate's; they go over our own connection, and
//! what is wrong with an answer is told apart here.

use super::{Provider, directory::Endpoints};
use clientele_model::Secret;
use clientele_net::{Limits, Web};
use oauth2::{
    AuthType, AuthorizationCode, Client, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken, Scope, StandardRevocableToken, StandardTokenResponse,
    TokenResponse, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
    http,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use zeroize::Zeroizing;

/// A token endpoint answers in a second or two; one that does not will be asked again later.
const LIMITS: Limits = Limits { bytes: 256 * 1024, time: Duration::from_secs(30) };
const REVOKE: Limits = Limits { bytes: 64 * 1024, time: Duration::from_secs(5) };

/// What the token endpoint gave.
pub(super) struct Tokens {
    pub access: Secret,
    pub refresh: Option<Secret>,
    pub expires_in: Option<Duration>,
    /// `None`: what was asked for (RFC 6749 section 5.1).
    pub scopes: Option<Vec<String>>,
    /// The address of who signed in, where the provider says it.
    pub email: Option<String>,
    /// What else the ID token says in texts.
    pub claims: BTreeMap<String, String>,
}

/// Why there are no tokens.
#[derive(Debug)]
pub(super) enum WireError {
    /// Nobody answered, or not as a token endpoint does; with how long the provider wants to be left alone.
    Unreachable(String, Option<Duration>),
    /// The provider's own no. `consent` means: no to this, not to the sign-in as a whole.
    Refused { error: String, description: String, consent: bool },
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Extra {
    #[serde(default, skip_serializing)]
    id_token: Option<Hidden>,
}
impl oauth2::ExtraTokenFields for Extra {}

/// A text that `Debug` does not show.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Hidden(String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

type Answered = StandardTokenResponse<Extra, BasicTokenType>;
pub(super) type ClientOf<Authorize, Token> = Client<
    BasicErrorResponse,
    Answered,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    Authorize,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    Token,
>;

/// How the `oauth2` crate knows this program: the secret, where there is one, goes into the body, which all of them take.
pub(super) fn client(provider: &Provider) -> ClientOf<EndpointNotSet, EndpointNotSet> {
    let client = ClientOf::<EndpointNotSet, EndpointNotSet>::new(ClientId::new(provider.client_id.clone()))
        .set_auth_type(AuthType::RequestBody);
    match &provider.client_secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose().to_owned())),
        None => client,
    }
}

fn token_client(
    provider: &Provider,
    endpoints: &Endpoints,
) -> Result<ClientOf<EndpointNotSet, EndpointSet>, WireError> {
    let url = TokenUrl::new(endpoints.token.clone()).map_err(|_| no_address())?;
    Ok(client(provider).set_token_uri(url))
}

fn no_address() -> WireError {
    WireError::Unreachable("the token endpoint is no address".into(), None)
}

/// RFC 6749 section 4.1.3, with the verifier of RFC 7636. The scopes are those of mail: one token serves one resource.
pub(super) async fn exchange(
    web: &Web,
    provider: &Provider,
    endpoints: &Endpoints,
    code: &Secret,
    verifier: &Secret,
    redirect: &str,
) -> Result<Tokens, WireError> {
    let redirect = RedirectUrl::new(redirect.to_owned()).map_err(|_| no_address())?;
    let client = token_client(provider, endpoints)?.set_redirect_uri(redirect);
    let mut request = client
        .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()));
    // Microsoft alone reads it here, and only where consent was asked for more than one resource at once.
    let scope = provider.scopes.mail.join(" ");
    if !provider.scopes.graph.is_empty() {
        request = request.add_extra_param("scope", scope);
    }
    let post = Post::new(web);
    let answered = request.request_async(&|request| post.send(request)).await;
    post.judge(answered.ok(), &[code, verifier], provider)
}

/// RFC 6749 section 6.
pub(super) async fn refresh(
    web: &Web,
    provider: &Provider,
    endpoints: &Endpoints,
    token: &Secret,
    scopes: &[String],
) -> Result<Tokens, WireError> {
    let client = token_client(provider, endpoints)?;
    let old = RefreshToken::new(token.expose().to_owned());
    let post = Post::new(web);
    let http = |request| post.send(request);
    let answered = client
        .exchange_refresh_token(&old)
        .add_scopes(scopes.iter().cloned().map(Scope::new))
        .request_async(&http)
        .await;
    post.judge(answered.ok(), &[token], provider)
}

/// RFC 7009. What comes of it changes nothing here.
pub(super) async fn revoke(web: &Web, provider: &Provider, url: &str, token: &Secret) {
    let body = revocation(provider, token);
    match web.post(url, "application/x-www-form-urlencoded", body, &[("accept", "application/json")], REVOKE).await {
        Ok(answer) => tracing::info!(provider = %provider.id, status = answer.status, "sign-in revoked"),
        Err(error) => tracing::info!(provider = %provider.id, %error, "sign-in not revoked"),
    }
}

fn revocation(provider: &Provider, token: &Secret) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("token", token.expose());
    form.append_pair("token_type_hint", "refresh_token");
    form.append_pair("client_id", &provider.client_id);
    if let Some(secret) = &provider.client_secret {
        form.append_pair("client_secret", secret.expose());
    }
    form.finish().into_bytes()
}

/// One request, and what came back, kept for a second look: the `oauth2` crate throws away what it does not expect.
struct Post<'a> {
    web: &'a Web,
    seen: Arc<Mutex<Option<Seen>>>,
}

enum Seen {
    Failed(String),
    Answered { status: u16, body: Zeroizing<Vec<u8>>, wait: Option<Duration> },
}

#[derive(Debug, thiserror::Error)]
#[error("no answer")]
struct NoAnswer;

impl<'a> Post<'a> {
    fn new(web: &'a Web) -> Post<'a> {
        Post { web, seen: Arc::default() }
    }

    fn send(&self, request: HttpRequest) -> impl Future<Output = Result<HttpResponse, NoAnswer>> + Send + use<> {
        let (web, seen) = (self.web.clone(), self.seen.clone());
        async move {
            let (head, body) = request.into_parts();
            let form = "application/x-www-form-urlencoded";
            let accept = [("accept", "application/json")];
            let (now, answer) = match web.post(&head.uri.to_string(), form, body, &accept, LIMITS).await {
                Err(error) => (Seen::Failed(error.to_string()), Err(NoAnswer)),
                Ok(answer) => {
                    let wait = answer.header("retry-after").and_then(|text| text.trim().parse().ok());
                    // Without its Content-Type: some send JSON under another name, and what is no JSON shows itself.
                    let response = http::Response::builder().status(answer.status).body(answer.body.clone());
                    let wait = wait.map(Duration::from_secs);
                    let seen = Seen::Answered { status: answer.status, body: Zeroizing::new(answer.body), wait };
                    (seen, response.map_err(|_| NoAnswer))
                }
            };
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
            answer
        }
    }

    /// Tokens, or what stands in their place. `sent` are the secrets of the request: a server that quotes them in its
    /// answer does not bring them before a person.
    fn judge(self, answered: Option<Answered>, sent: &[&Secret], provider: &Provider) -> Result<Tokens, WireError> {
        if let Some(answered) = answered
            && matches!(answered.token_type(), BasicTokenType::Bearer)
            && is_plain(answered.access_token().secret())
        {
            return Ok(tokens(&answered));
        }
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        match seen {
            None => Err(no_address()),
            Some(Seen::Failed(why)) => Err(WireError::Unreachable(why, None)),
            Some(Seen::Answered { status: 300..=399, .. }) => {
                Err(WireError::Unreachable("the token endpoint points elsewhere".into(), None))
            }
            Some(Seen::Answered { status, body, wait }) => {
                let refusal: Option<Refusal> = serde_json::from_slice(&body).ok();
                let passing = status >= 500 || status == 429;
                match refusal.filter(|_| !passing) {
                    Some(refusal) => Err(refusal.told(sent, provider)),
                    None if status == 200 => {
                        Err(WireError::Unreachable("the token endpoint did not give a token".into(), wait))
                    }
                    None => Err(WireError::Unreachable(format!("the token endpoint answered {status}"), wait)),
                }
            }
        }
    }
}

/// RFC 6749 appendix A.12. Anything else would be more than a token where it is put between others.
fn is_plain(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

fn tokens(answered: &Answered) -> Tokens {
    Tokens {
        access: Secret::new(answered.access_token().secret().as_str()),
        refresh: answered
            .refresh_token()
            .filter(|token| !token.secret().is_empty())
            .map(|token| Secret::new(token.secret().as_str())),
        expires_in: answered.expires_in(),
        scopes: answered.scopes().map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect()),
        email: answered.extra_fields().id_token.as_ref().and_then(|token| email(&token.0)),
        claims: answered.extra_fields().id_token.as_ref().and_then(|token| claims(&token.0)).unwrap_or_default(),
    }
}

/// The texts in an ID token. As little is allowed because of them as because of [`email`].
fn claims(token: &str) -> Option<BTreeMap<String, String>> {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?.trim_end_matches('=')).ok()?;
    let all: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&payload).ok()?;
    Some(all.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect())
}

/// The address in an ID token (OpenID Connect Core 1.0 section 2). Its signature is not looked at: it came from the
/// token endpoint over TLS (section 3.1.3.7), and nothing is allowed because of it.
fn email(token: &str) -> Option<String> {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    #[derive(Deserialize)]
    struct Claims {
        email: Option<String>,
        preferred_username: Option<String>,
    }
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    claims.email.or(claims.preferred_username).filter(|text| text.contains('@'))
}

/// RFC 6749 section 5.2, and what Microsoft adds to it.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    suberror: Option<String>,
}

impl Refusal {
    fn told(self, sent: &[&Secret], provider: &Provider) -> WireError {
        let mut secrets = sent.to_vec();
        secrets.extend(&provider.client_secret);
        let description = self.error_description.unwrap_or_default();
        // AADSTS65001: the person has not agreed to this resource, and has to the others.
        let consent = matches!(self.error.as_str(), "consent_required" | "interaction_required" | "invalid_scope")
            || self.suberror.as_deref() == Some("consent_required")
            || description.starts_with("AADSTS65001");
        WireError::Refused { error: said(&self.error, &secrets), description: said(&description, &secrets), consent }
    }
}

/// A server's words, fit to be shown: one line, not endless, and without what it was told in confidence.
pub(super) fn said(words: &str, secrets: &[&Secret]) -> String {
    let mut words = words.to_owned();
    for secret in secrets {
        if !secret.expose().is_empty() {
            words = words.replace(secret.expose(), "…");
        }
    }
    let hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let words: String = words.chars().map(|letter| if hidden(letter) { ' ' } else { letter }).take(300).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
