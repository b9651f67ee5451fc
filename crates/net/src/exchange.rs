use crate::{
    Net, NetError, connect,
    proxy::{self, Route, SocketName},
};
use bytes::Bytes;
use clientele_model::{Endpoint, Security};
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, body::Incoming, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::{task::JoinSet, time::Instant};
use url::Url;

/// One request on a connection of its own, and the head of its answer.
pub(crate) struct Exchange {
    pub answer: Response<Incoming>,
    /// Carries the connection; dropped with it.
    _driver: JoinSet<()>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error("not an address of the web")]
    Address,
    #[error("{0}")]
    Net(#[from] NetError),
    #[error("{0}")]
    Http(#[from] hyper::Error),
    #[error("the request cannot be written")]
    Request,
    #[error("more than was asked for")]
    TooLarge,
}

/// The host as [`connect::ascii`] gives it, and the port.
pub(crate) fn server(url: &Url) -> Result<(String, u16), Broken> {
    let web = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    match (web, url.host_str(), url.port_or_known_default()) {
        (true, Some(host), Some(port)) => Ok((connect::ascii(host), port)),
        _ => Err(Broken::Address),
    }
}

impl Exchange {
    /// `known` are the addresses that may be connected to, where the caller has looked them up.
    pub(crate) async fn run(
        net: &Net,
        url: &Url,
        known: Option<Vec<SocketAddr>>,
        method: Method,
        headers: HeaderMap,
        body: Bytes,
        end: Instant,
    ) -> Result<Exchange, Broken> {
        let (host, port) = server(url)?;
        let secure = url.scheme() == "https";
        let route = net.route(url.scheme(), &host, port).await?;
        let mut request = Request::builder().method(method);
        let stream = match &route {
            // Proxies that let CONNECT through to the ports of TLS only are common.
            Route::Http { server, sign_in } if !secure && net.mapped(&host, port).is_none() => {
                if let Some(sign_in) = sign_in {
                    request = request.header(header::PROXY_AUTHORIZATION, sign_in.clone());
                }
                let mut whole = url.clone();
                whole.set_fragment(None);
                request = request.uri(whole.as_str());
                let SocketName { host, port } = server;
                connect::to_proxy(net, host, *port, end).await?
            }
            _ => {
                let path = match url.query() {
                    Some(query) => format!("{}?{query}", url.path()),
                    None => url.path().to_owned(),
                };
                request = request.uri(path);
                connect::reach(net, &route, &host, port, known, end).await?
            }
        };
        let stream = if secure {
            let endpoint = Endpoint { host, port, security: Security::Tls };
            stream.upgrade(net, &endpoint, end.saturating_duration_since(Instant::now())).await?
        } else {
            stream
        };
        let authority = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let mut request = request
            .header(header::HOST, authority)
            .header(header::CONNECTION, "close")
            .body(Full::new(body))
            .map_err(|_| Broken::Request)?;
        request.headers_mut().extend(headers);
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            let _ = connection.await;
        });
        let answer = sender.send_request(request).await?;
        if answer.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED && !matches!(route, Route::Direct) {
            return Err(proxy::sign_in_wanted().into());
        }
        Ok(Exchange { answer, _driver: driver })
    }

    /// The body, if it is not larger than `limit` bytes.
    pub(crate) async fn body(mut self, limit: usize) -> Result<Vec<u8>, Broken> {
        let told = self.answer.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        if told.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > limit as u64) {
            return Err(Broken::TooLarge);
        }
        let mut bytes = Vec::new();
        while let Some(frame) = self.answer.body_mut().frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            if bytes.len() + data.len() > limit {
                return Err(Broken::TooLarge);
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes)
    }
}
