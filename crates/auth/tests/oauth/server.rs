//! An authorization server that keeps to the rules (codes once, PKCE, rotation, reuse detection) and can be told to
//! break them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{net::TcpListener, sync::Notify};
use url::form_urlencoded;

pub type Form = HashMap<String, String>;

/// What the token endpoint does in place of what it should.
#[derive(Debug, Clone, Default)]
pub enum Quirk {
    #[default]
    None,
    /// 200, and an error in the body.
    ErrorIn200(&'static str),
    /// 400 with a body.
    Error(&'static str),
    Redirect,
    Html,
    Status(u16),
    /// 429 with Retry-After in seconds.
    Busy(u64),
    NoRefreshToken,
    NoExpiry,
    /// An access token with a line break in it.
    Broken,
    Scope(&'static str),
    ExpiresIn(u64),
    /// Quotes the whole request in the description of an error.
    Echo,
    /// Answers only when it is let go; everything before that has happened.
    Held,
    /// Refuses Graph until it is consented to, as Microsoft does.
    NoGraph,
}

#[derive(Default)]
pub struct State {
    pub quirk: Quirk,
    pub deny: Option<&'static str>,
    pub issuer_says: Option<String>,
    /// Forms posted to the token endpoint, in order.
    pub asked: Vec<Form>,
    pub revoked: Vec<Form>,
    /// Paths asked for that are none of the endpoints.
    pub strays: Vec<String>,
    codes: HashMap<String, Form>,
    /// Refresh tokens that are good.
    live: Vec<String>,
    /// Everything secret that was ever given out or sent here.
    pub secrets: Vec<String>,
    consents: usize,
    /// Answers with tokens; each pair bears its number.
    count: usize,
}

#[derive(Clone)]
pub struct Server {
    pub base: String,
    state: Arc<Mutex<State>>,
    pub go: Arc<Notify>,
    /// One permit for each request that waits to be let go.
    pub waiting: Arc<Notify>,
}

impl Server {
    /// One that runs in another program: only its address.
    pub fn at(base: &str) -> Server {
        Server { base: base.to_owned(), state: Arc::default(), go: Arc::default(), waiting: Arc::default() }
    }

    pub async fn start() -> Server {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Server::at(&format!("http://127.0.0.1:{}", socket.local_addr().unwrap().port()));
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = socket.accept().await {
                let server = serving.clone();
                tokio::spawn(async move {
                    let service = service_fn(|request| {
                        let server = server.clone();
                        async move { Ok::<_, Infallible>(server.answer(request).await) }
                    });
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(tcp), service).await;
                });
            }
        });
        server
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn quirk(&self, quirk: Quirk) {
        self.state().quirk = quirk;
    }

    /// How often the token endpoint was asked.
    pub fn asked(&self) -> usize {
        self.state().asked.len()
    }

    pub fn last(&self) -> Form {
        self.state().asked.last().unwrap().clone()
    }

    pub fn is_live(&self, refresh: &str) -> bool {
        self.state().live.iter().any(|live| live == refresh)
    }

    /// As when the person takes the program's access away.
    pub fn revoke_all(&self) {
        self.state().live.clear();
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
        let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        match path.as_str() {
            "/authorize" => self.authorize(form(query.as_bytes())),
            "/token" => self.token(form(&body)).await,
            "/revoke" => {
                let form = form(&body);
                let mut state = self.state();
                state.live.retain(|live| Some(live) != form.get("token"));
                state.revoked.push(form);
                json(200, String::new())
            }
            "/.well-known/openid-configuration" => {
                let (base, says) = (&self.base, self.state().issuer_says.clone());
                let issuer = says.unwrap_or_else(|| base.clone());
                json(
                    200,
                    format!(
                        r#"{{"issuer":"{issuer}","authorization_endpoint":"{base}/authorize","token_endpoint":"{base}/token","revocation_endpoint":"{base}/revoke"}}"#
                    ),
                )
            }
            _ => {
                self.state().strays.push(path);
                json(200, r#"{"access_token":"stray","token_type":"bearer","refresh_token":"stray"}"#.into())
            }
        }
    }

    /// Everybody consents at once.
    fn authorize(&self, asked: Form) -> Response<Full<Bytes>> {
        let mut state = self.state();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["state"].len() >= 22, "too little to guess");
        let mut back = form_urlencoded::Serializer::new(String::new());
        back.append_pair("state", &asked["state"]);
        if let Some(error) = state.deny {
            back.append_pair("error", error).append_pair("error_description", "No\r\n\u{202e}way");
        } else {
            state.consents += 1;
            let code = format!("canary-code-{}.", state.consents);
            back.append_pair("code", &code).append_pair("session_state", "x");
            state.secrets.push(code.clone());
            state.codes.insert(code, asked.clone());
        }
        let target = format!("{}?{}", asked["redirect_uri"], back.finish());
        Response::builder().status(302).header("location", target).body(Full::default()).unwrap()
    }

    async fn token(&self, asked: Form) -> Response<Full<Bytes>> {
        let (answer, quirk) = {
            let mut state = self.state();
            state.asked.push(asked.clone());
            let sent = ["code", "code_verifier", "refresh_token", "client_secret"];
            let sent: Vec<String> = sent.iter().filter_map(|name| asked.get(*name).cloned()).collect();
            state.secrets.extend(sent);
            let quirk = state.quirk.clone();
            (state.judge(&asked, &quirk), quirk)
        };
        match quirk {
            Quirk::Held => {
                self.waiting.notify_one();
                self.go.notified().await;
                answer
            }
            Quirk::ErrorIn200(error) => json(200, format!(r#"{{"error":"{error}","error_description":"as is"}}"#)),
            Quirk::Error(error) => json(400, format!(r#"{{"error":"{error}"}}"#)),
            Quirk::Redirect => Response::builder()
                .status(307)
                .header("location", format!("{}/elsewhere", self.base))
                .body(Full::default())
                .unwrap(),
            Quirk::Html => Response::builder()
                .status(200)
                .header("content-type", "text/html")
                .body(Full::from("<html><form>Sign in to the hotel's network</form></html>"))
                .unwrap(),
            Quirk::Status(status) => json(status, r#"{"error":"invalid_grant"}"#.into()),
            Quirk::Busy(seconds) => Response::builder()
                .status(429)
                .header("retry-after", seconds)
                .body(Full::from(r#"{"error":"slow_down"}"#))
                .unwrap(),
            Quirk::Echo => json(
                400,
                format!(r#"{{"error":"invalid_request","error_description":"you sent {}"}}"#, {
                    let mut values: Vec<&str> = asked.values().map(String::as_str).collect();
                    values.sort_unstable();
                    values.join(" ")
                }),
            ),
            _ => answer,
        }
    }
}

impl State {
    fn judge(&mut self, asked: &Form, quirk: &Quirk) -> Response<Full<Bytes>> {
        let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
        if get("client_id") != "desk" {
            return json(401, r#"{"error":"invalid_client"}"#.into());
        }
        let no = || json(400, r#"{"error":"invalid_grant","error_description":"AADSTS70008"}"#.into());
        let scope = match get("grant_type") {
            "authorization_code" => {
                let Some(code) = self.codes.remove(get("code")) else { return no() };
                let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(get("code_verifier")));
                if challenge != code["code_challenge"] || code["redirect_uri"] != get("redirect_uri") {
                    return no();
                }
                match get("scope") {
                    "" => code["scope"].clone(),
                    scope => scope.to_owned(),
                }
            }
            "refresh_token" => {
                if matches!(quirk, Quirk::NoGraph) && get("scope").contains("graph") {
                    let body = r#"{"error":"invalid_grant","error_description":"AADSTS65001: no consent","suberror":"consent_required"}"#;
                    return json(400, body.into());
                }
                let Some(at) = self.live.iter().position(|live| live == get("refresh_token")) else {
                    // Used again: somebody has stolen it, so the whole family goes (RFC 9700 section 4.14.2).
                    self.live.clear();
                    return no();
                };
                self.live.remove(at);
                get("scope").to_owned()
            }
            _ => return json(400, r#"{"error":"unsupported_grant_type"}"#.into()),
        };
        self.count += 1;
        let (access, refresh) = (format!("canary-access-{}", self.count), format!("canary-refresh-{}", self.count));
        self.live.push(refresh.clone());
        self.secrets.extend([access.clone(), refresh.clone()]);
        let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"sub":"1","preferred_username":"ada@example.com"}"#);
        let mut answer = serde_json::json!({
            "access_token": access, "token_type": "Bearer", "expires_in": 3600, "refresh_token": refresh,
            "scope": scope, "id_token": format!("e30.{claims}.c2ln"), "ext_expires_in": 3600,
        });
        match quirk {
            Quirk::NoRefreshToken => drop(answer.as_object_mut().unwrap().remove("refresh_token")),
            Quirk::NoExpiry => drop(answer.as_object_mut().unwrap().remove("expires_in")),
            Quirk::Broken => answer["access_token"] = "canary\r\nA1 LOGOUT".into(),
            Quirk::Scope(scope) => answer["scope"] = (*scope).into(),
            Quirk::ExpiresIn(seconds) => answer["expires_in"] = (*seconds).into(),
            _ => {}
        }
        json(200, answer.to_string())
    }
}

fn form(bytes: &[u8]) -> Form {
    let mut form = Form::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        assert!(form.insert(name.clone().into_owned(), value.into_owned()).is_none(), "{name} twice");
    }
    form
}

fn json(status: u16, body: String) -> Response<Full<Bytes>> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Full::from(body)).unwrap()
}

/// Long enough for anything that comes at all.
pub const SOON: Duration = Duration::from_secs(20);
