//! The port that the browser comes back to (RFC 8252 section 7.3). It listens to this computer only, takes one answer,
//! and is gone soon after.

use super::{OAuthError, Page, Redirect, Words, redirect::address_of, wire::said};
use base64::{Engine, prelude::BASE64_STANDARD};
use clientele_model::Secret;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header, http,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use oauth2::CsrfToken;
use sha2::{Digest, Sha256};
use std::{
    convert::Infallible,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, oneshot},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use url::form_urlencoded;

/// Of a posted form.
const FORM: usize = 64 * 1024;
/// Browsers open some in advance.
const CONNECTIONS: usize = 64;

/// What the browser brought: the authorization code, or why there is none.
pub(super) type Back = Result<Secret, OAuthError>;

pub(super) struct Listener {
    sockets: Vec<TcpListener>,
    /// As the provider is told it.
    pub redirect: String,
    /// What a request must name as its host.
    authority: String,
    path: String,
    posted: bool,
}

/// What an answer must fit to, and where it goes.
pub(super) struct Expected {
    pub state: CsrfToken,
    /// RFC 9207: an answer that names an issuer names this one.
    pub issuer: Option<String>,
    pub page: Page,
    pub back: oneshot::Sender<Back>,
}

impl Listener {
    /// `None` where no port can be opened.
    pub async fn open(redirect: &Redirect) -> Option<Listener> {
        let (host, ports, path) = match redirect {
            Redirect::Loopback127 => ("127.0.0.1", &[0][..], "/"),
            Redirect::Localhost => ("localhost", &[0][..], ""),
            Redirect::Ports { host, ports, path } | Redirect::FormPost { host, ports, path } => {
                (host.as_str(), ports.as_slice(), path.as_str())
            }
        };
        for &port in ports {
            match bind(host, port).await {
                Ok((sockets, port)) => {
                    let authority = address_of(host, port, "").trim_start_matches("http://").to_owned();
                    let redirect_uri = address_of(host, port, path);
                    // A browser that goes to no path asks for the root.
                    let path = if path.is_empty() { "/" } else { path }.to_owned();
                    let posted = redirect.is_posted();
                    return Some(Listener { sockets, redirect: redirect_uri, authority, path, posted });
                }
                Err(error) => tracing::debug!(port, kind = ?error.kind(), "no port for the browser's answer"),
            }
        }
        None
    }

    /// Answers browsers until `close`.
    pub async fn serve(self, expected: Expected, close: CancellationToken) {
        let Expected { state, issuer, page, back } = expected;
        let desk = Arc::new(Desk {
            state,
            issuer,
            page,
            back: Mutex::new(Some(back)),
            authority: self.authority,
            path: self.path,
            posted: self.posted,
        });
        let free = Arc::new(Semaphore::new(CONNECTIONS));
        let mut running = JoinSet::new();
        for socket in self.sockets {
            let (desk, free) = (desk.clone(), free.clone());
            running.spawn(async move {
                let mut connections = JoinSet::new();
                loop {
                    while connections.try_join_next().is_some() {}
                    let Ok(place) = free.clone().acquire_owned().await else { return };
                    let Ok((tcp, _)) = socket.accept().await else {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    };
                    let desk = desk.clone();
                    connections.spawn(async move {
                        let _place = place;
                        let service = service_fn(|request| {
                            let desk = desk.clone();
                            async move { Ok::<_, Infallible>(desk.answer(request).await) }
                        });
                        // What a browser does wrong ends its connection and nothing else.
                        let _ = http1::Builder::new()
                            .timer(TokioTimer::new())
                            .header_read_timeout(Duration::from_secs(15))
                            .keep_alive(false)
                            .max_buf_size(64 * 1024)
                            .serve_connection(TokioIo::new(tcp), service)
                            .await;
                    });
                }
            });
        }
        close.cancelled().await;
        // The ports are free when this returns.
        running.shutdown().await;
    }
}

async fn bind(host: &str, port: u16) -> io::Result<(Vec<TcpListener>, u16)> {
    let (v4, v6) = (IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST));
    let at = |address, port| TcpListener::bind(SocketAddr::new(address, port));
    if host != "localhost" {
        let address = if host == "::1" { v6 } else { v4 };
        let socket = at(address, port).await?;
        let port = socket.local_addr()?.port();
        return Ok((vec![socket], port));
    }
    let mut tries = if port == 0 { 5 } else { 1 };
    loop {
        let first = at(v4, port).await?;
        let chosen = first.local_addr()?.port();
        match at(v6, chosen).await {
            Ok(second) => return Ok((vec![first, second], chosen)),
            // Somebody else's would be given the answer: browsers try ::1 first.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                tries -= 1;
                if tries == 0 {
                    return Err(error);
                }
            }
            // A computer without IPv6.
            Err(_) => return Ok((vec![first], chosen)),
        }
    }
}

struct Desk {
    state: CsrfToken,
    issuer: Option<String>,
    page: Page,
    back: Mutex<Option<oneshot::Sender<Back>>>,
    authority: String,
    path: String,
    posted: bool,
}

impl Desk {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        // Another name for this computer is a web page that tries its luck (DNS rebinding).
        let ours = host.is_some_and(|host| host.eq_ignore_ascii_case(&self.authority));
        if !ours || request.uri().path() != self.path {
            return plain(StatusCode::NOT_FOUND);
        }
        let wanted = if self.posted { Method::POST } else { Method::GET };
        if request.method() != wanted {
            return plain(StatusCode::METHOD_NOT_ALLOWED);
        }
        let form = if self.posted {
            match Limited::new(request.into_body(), FORM).collect().await {
                Ok(body) => body.to_bytes(),
                Err(_) => return plain(StatusCode::PAYLOAD_TOO_LARGE),
            }
        } else {
            Bytes::copy_from_slice(request.uri().query().unwrap_or_default().as_bytes())
        };
        let Some(back) = self.read(&form) else { return plain(StatusCode::NOT_FOUND) };
        let Some(waiting) = self.back.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return self.shown(StatusCode::GONE, &self.page.again);
        };
        let (status, words) = match &back {
            Ok(_) => (StatusCode::OK, &self.page.done),
            Err(_) => (StatusCode::BAD_REQUEST, &self.page.failed),
        };
        tracing::debug!(code = back.is_ok(), "the browser came back");
        match waiting.send(back) {
            Ok(()) => self.shown(status, words),
            Err(_) => self.shown(StatusCode::GONE, &self.page.again),
        }
    }

    /// The answer in a request, or `None` for one that has nothing to do with it.
    fn read(&self, form: &[u8]) -> Option<Back> {
        let (mut code, mut state, mut error, mut description, mut issuer) = (None, None, None, None, None);
        let mut twice = false;
        for (name, value) in form_urlencoded::parse(form) {
            let place = match &*name {
                "code" => &mut code,
                "state" => &mut state,
                "error" => &mut error,
                "error_description" => &mut description,
                "iss" => &mut issuer,
                _ => continue,
            };
            // RFC 6749 section 3.1: no parameter more than once.
            twice |= place.replace(value.into_owned()).is_some();
        }
        if code.is_none() && state.is_none() && error.is_none() {
            return None;
        }
        let foreign = matches!((&self.issuer, &issuer), (Some(ours), Some(theirs)) if ours.trim_end_matches('/') != theirs.trim_end_matches('/'));
        let fits = match state {
            Some(state) => CsrfToken::new(state) == self.state,
            // Some providers forget it where they say no; nothing is gained by saying no to oneself.
            None => code.is_none(),
        };
        if twice || foreign || !fits {
            return Some(Err(OAuthError::WrongState));
        }
        Some(match (error, code) {
            (Some(error), _) => {
                let description = said(&description.unwrap_or_default(), &[]);
                Err(match error.as_str() {
                    "access_denied" | "admin_policy_enforced" => OAuthError::Denied(description),
                    _ => OAuthError::Provider { error: said(&error, &[]), description },
                })
            }
            (None, Some(code)) if !code.is_empty() => Ok(Secret::new(code)),
            (None, _) => Err(OAuthError::WrongState),
        })
    }

    fn shown(&self, status: StatusCode, words: &Words) -> Response<Full<Bytes>> {
        let style = BASE64_STANDARD.encode(Sha256::digest(super::page::STYLE));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        let response = head(status)
            .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, policy)
            .body(Full::from(self.page.html(words)));
        response.unwrap_or_else(|_| plain(status))
    }
}

fn head(status: StatusCode) -> http::response::Builder {
    Response::builder()
        .status(status)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = head(status).body(Full::default()).unwrap_or_default();
    *response.status_mut() = status;
    response
}
