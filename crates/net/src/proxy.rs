use crate::{Cause, NetError, Stage, Stream, connect};
use bytes::Bytes;
use clientele_model::Secret;
use http_body_util::Empty;
use hyper::{Method, Request, StatusCode, Uri, client::conn::http1, header};
use hyper_util::{
    client::proxy::matcher::{Intercept, Matcher},
    rt::TokioIo,
};
use std::net::{IpAddr, SocketAddr};
use tokio::{net::TcpStream, task::JoinSet};
use tokio_socks::tcp::Socks5Stream;

/// How connections leave, for mail and web alike. Whatever is chosen, this computer itself and the hosts of the
/// environment's `NO_PROXY` are reached directly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proxy {
    /// What the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`) or else the system or desktop says, asked anew for
    /// every connection. Mail goes the way of https.
    #[default]
    System,
    /// Directly, whatever the system says.
    None,
    /// By CONNECT (RFC 9110 section 9.3.6); plain http by the absolute form.
    Http(ProxyServer),
    /// RFC 1928; names are resolved by the proxy.
    Socks5(ProxyServer),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyServer {
    pub host: String,
    pub port: u16,
    /// Empty for none. With one, HTTP signs in by Basic (RFC 7617), SOCKS by RFC 1929.
    pub user: String,
    pub password: Secret,
}

/// The way to one server.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    Direct,
    Http { server: SocketName, sign_in: Option<header::HeaderValue> },
    Socks5 { server: SocketName, sign_in: Option<(String, Secret)> },
}

#[derive(Debug, Clone)]
pub(crate) struct SocketName {
    pub host: String,
    pub port: u16,
}

fn failed(detail: impl Into<String>) -> NetError {
    NetError::new(Stage::Connect, Cause::ProxyFailed, detail)
}

pub(crate) async fn route(
    proxy: &Proxy,
    scheme: &str,
    host: &str,
    port: u16,
    mapped: Option<SocketAddr>,
) -> Result<Route, NetError> {
    if loopback(host) {
        return Ok(Route::Direct);
    }
    let in_url = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let Ok(uri) = format!("{scheme}://{in_url}:{port}/").parse::<Uri>() else { return Ok(Route::Direct) };
    match proxy {
        Proxy::None => Ok(Route::Direct),
        // A mapping says where connections go; only a proxy that was asked for by name stands above it.
        Proxy::System if mapped.is_some() => Ok(Route::Direct),
        Proxy::System => system(&uri).await,
        Proxy::Http(_) | Proxy::Socks5(_) if excepted(&uri) => Ok(Route::Direct),
        Proxy::Http(server) => {
            let sign_in = (!server.user.is_empty()).then(|| basic(server)).transpose()?;
            Ok(Route::Http { server: name(server), sign_in })
        }
        Proxy::Socks5(server) => {
            let sign_in = (!server.user.is_empty()).then(|| (server.user.clone(), server.password.clone()));
            Ok(Route::Socks5 { server: name(server), sign_in })
        }
    }
}

fn name(server: &ProxyServer) -> SocketName {
    SocketName { host: connect::ascii(&server.host), port: server.port }
}

fn loopback(host: &str) -> bool {
    let address = host.parse::<IpAddr>().map(|address| address.to_canonical().is_loopback());
    address.unwrap_or_else(|_| host == "localhost" || host.ends_with(".localhost"))
}

/// Whether `NO_PROXY` names the host.
fn excepted(uri: &Uri) -> bool {
    let list = ["NO_PROXY", "no_proxy"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    Matcher::builder().all("http://proxy").no(list).build().intercept(uri).is_none()
}

fn basic(server: &ProxyServer) -> Result<header::HeaderValue, NetError> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let pair = zeroize::Zeroizing::new(format!("{}:{}", server.user, server.password.expose()));
    let value = zeroize::Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let mut value = header::HeaderValue::from_str(&value).map_err(|_| failed("the sign-in cannot be written"))?;
    value.set_sensitive(true);
    Ok(value)
}

async fn system(uri: &Uri) -> Result<Route, NetError> {
    let found = Matcher::from_system().intercept(uri);
    #[cfg(target_os = "linux")]
    let found = match found {
        None if !in_environment() && !excepted(uri) => desktop(uri).await,
        found => found,
    };
    found.map_or(Ok(Route::Direct), |found| by(&found))
}

#[cfg(target_os = "linux")]
fn in_environment() -> bool {
    let names = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"];
    names.iter().any(|name| {
        [(*name).to_owned(), name.to_lowercase()]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|set| !set.is_empty()))
    })
}

/// The first that the desktop names, as it would be obeyed in the environment.
#[cfg(target_os = "linux")]
async fn desktop(uri: &Uri) -> Option<Intercept> {
    let first = crate::desktop::proxies(&uri.to_string()).await.into_iter().next()?;
    // The desktop's word for "of whatever version".
    let first = first.strip_prefix("socks://").map_or(first.clone(), |rest| format!("socks5://{rest}"));
    Matcher::builder().all(first).build().intercept(uri)
}

fn by(found: &Intercept) -> Result<Route, NetError> {
    let host = connect::ascii(found.uri().host().unwrap_or_default());
    let port = found.uri().port_u16();
    match found.uri().scheme_str() {
        Some("http") => {
            let server = SocketName { host, port: port.unwrap_or(80) };
            Ok(Route::Http { server, sign_in: found.basic_auth().cloned() })
        }
        Some("socks5" | "socks5h") => {
            let sign_in = found.raw_auth().map(|(user, password)| (user.to_owned(), Secret::new(password)));
            Ok(Route::Socks5 { server: SocketName { host, port: port.unwrap_or(1080) }, sign_in })
        }
        other => Err(failed(format!("a proxy of the kind {} is not supported", other.unwrap_or_default()))),
    }
}

/// Has the proxy at the other end of `tcp` connect to `host`, which may be an address.
pub(crate) async fn tunnel(route: &Route, tcp: TcpStream, host: &str, port: u16) -> Result<Stream, NetError> {
    match route {
        Route::Direct => Ok(Stream::plain(tcp, Bytes::new())),
        Route::Http { sign_in, .. } => http(tcp, host, port, sign_in.clone()).await,
        Route::Socks5 { sign_in, .. } => socks5(tcp, host, port, sign_in.as_ref()).await,
    }
}

pub(crate) fn sign_in_wanted() -> NetError {
    NetError::new(Stage::Connect, Cause::ProxySignIn, "the proxy wants another sign-in")
}

/// hyper keeps what came behind the proxy's answer: a mail server greets before it is asked.
async fn http(tcp: TcpStream, host: &str, port: u16, sign_in: Option<header::HeaderValue>) -> Result<Stream, NetError> {
    let broke = |error: hyper::Error| failed(error.to_string());
    let authority = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut request = Request::builder().method(Method::CONNECT).uri(&authority).header(header::HOST, &authority);
    if let Some(sign_in) = sign_in {
        request = request.header(header::PROXY_AUTHORIZATION, sign_in);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|_| failed("not a server name"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(tcp)).await.map_err(broke)?;
    // Dropped, and with it the connection, when the caller's time is up.
    let mut driver = JoinSet::new();
    driver.spawn(connection.with_upgrades());
    let answer = sender.send_request(request).await.map_err(broke)?;
    // 401 is a server's word, and some proxies say it, too. Of a CONNECT there is no other to say it.
    if matches!(answer.status(), StatusCode::PROXY_AUTHENTICATION_REQUIRED | StatusCode::UNAUTHORIZED) {
        return Err(sign_in_wanted());
    }
    if !answer.status().is_success() {
        return Err(failed(format!("the proxy answered {}", answer.status().as_u16())));
    }
    let upgraded = hyper::upgrade::on(answer).await.map_err(broke)?;
    let parts = upgraded.downcast::<TokioIo<TcpStream>>().map_err(|_| failed("the proxy's connection is lost"))?;
    Ok(Stream::plain(parts.io.into_inner(), parts.read_buf))
}

async fn socks5(tcp: TcpStream, host: &str, port: u16, sign_in: Option<&(String, Secret)>) -> Result<Stream, NetError> {
    use tokio_socks::Error;
    let done = match sign_in {
        Some((user, password)) => {
            Socks5Stream::connect_with_password_and_socket(tcp, (host, port), user, password.expose()).await
        }
        None => Socks5Stream::connect_with_socket(tcp, (host, port)).await,
    };
    done.map(|stream| Stream::plain(stream.into_inner(), Bytes::new())).map_err(|error| {
        let cause = match error {
            Error::PasswordAuthFailure(_)
            | Error::AuthorizationRequired
            | Error::NoAcceptableAuthMethods
            | Error::UnknownAuthMethod
            | Error::InvalidAuthValues(_) => Cause::ProxySignIn,
            // Of all that a proxy says, the one that is surely about the server behind it.
            Error::ConnectionRefused => Cause::PortRefused,
            _ => Cause::ProxyFailed,
        };
        NetError::new(Stage::Connect, cause, format!("the proxy: {error}"))
    })
}
