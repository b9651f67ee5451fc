use crate::{
    Net, NetError,
    connect::resolve,
    exchange::{Broken, Exchange, server},
};
use bytes::Bytes;
use hyper::{
    HeaderMap, Method, StatusCode,
    header::{self, HeaderValue},
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::time::{Instant, timeout};
use url::Url;

const MAX_BYTES: usize = 10 * 1024 * 1024;
const MAX_TIME: Duration = Duration::from_secs(10);
const MAX_REDIRECTS: usize = 5;

/// A picture, as the server gave it.
#[derive(Debug, Clone)]
pub struct Image {
    /// The media type without parameters, lower case: always `image/…`, never SVG.
    pub mime: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Not http or https, or an address inside the own network.
    #[error("the address is not one that is fetched from")]
    Forbidden,
    #[error("the server answered {0}")]
    Status(u16),
    #[error("what came is not a picture that is shown")]
    NotAnImage,
    #[error("the picture is larger than 10 MB")]
    TooLarge,
    #[error("no picture within 10 seconds")]
    Timeout,
    #[error("too many redirects")]
    Redirects,
    #[error("{0}")]
    Net(#[from] NetError),
    #[error("the transfer failed: {0}")]
    Failed(String),
}

impl From<Broken> for HttpError {
    /// Without the address: a remote picture's address can name its reader.
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Address => HttpError::Forbidden,
            Broken::Net(error) => HttpError::Net(error),
            Broken::TooLarge => HttpError::TooLarge,
            Broken::Http(_) | Broken::Request => HttpError::Failed(broken.to_string()),
        }
    }
}

/// Fetches the remote pictures of a mail: no cookies, no referrer, nothing inside the own network.
#[derive(Debug, Clone)]
pub struct Http {
    net: Net,
    allow_loopback: bool,
}

impl Http {
    /// `allow_loopback` lets addresses of this computer through, for tests and the demo; other private networks stay
    /// refused.
    pub fn new(net: Net, allow_loopback: bool) -> Self {
        Http { net, allow_loopback }
    }

    /// One picture by `GET`: at most 10 MB, 10 seconds and five redirects, each checked like the first address.
    pub async fn image(&self, url: &str) -> Result<Image, HttpError> {
        timeout(MAX_TIME, self.follow(url)).await.unwrap_or(Err(HttpError::Timeout))
    }

    async fn follow(&self, url: &str) -> Result<Image, HttpError> {
        let end = Instant::now() + MAX_TIME;
        let mut url = Url::parse(url).map_err(|_| HttpError::Forbidden)?;
        for _ in 0..=MAX_REDIRECTS {
            let known = self.checked(&url).await?;
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static("image/avif,image/webp,image/png,image/*;q=0.8"));
            headers.insert(header::USER_AGENT, HeaderValue::from_static("Mozilla/5.0"));
            let exchange = Exchange::run(&self.net, &url, Some(known), Method::GET, headers, Bytes::new(), end).await?;
            let status = exchange.answer.status();
            if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
                return read(exchange).await;
            }
            let target = exchange.answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            let target = target.ok_or(HttpError::Status(status.as_u16()))?;
            url = url.join(target).map_err(|_| HttpError::Forbidden)?;
        }
        Err(HttpError::Redirects)
    }

    /// The addresses of the server, all allowed. The connection goes to these and no others: a name that resolves to
    /// something else a moment later (DNS rebinding) gains nothing. A proxy is given the name and resolves it again:
    /// then this check is of what the name means here, and a name unknown here is not asked for at all.
    async fn checked(&self, url: &Url) -> Result<Vec<SocketAddr>, HttpError> {
        let (host, port) = server(url)?;
        let addresses = resolve(&self.net, &host, port).await?;
        if addresses.iter().any(|address| !self.allowed(address.ip())) {
            return Err(HttpError::Forbidden);
        }
        Ok(addresses)
    }

    fn allowed(&self, address: IpAddr) -> bool {
        if address.to_canonical().is_loopback() { self.allow_loopback } else { public(address) }
    }
}

async fn read(exchange: Exchange) -> Result<Image, HttpError> {
    if !exchange.answer.status().is_success() {
        return Err(HttpError::Status(exchange.answer.status().as_u16()));
    }
    let mime = exchange.answer.headers().get(header::CONTENT_TYPE);
    let mime = mime.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mime = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // SVG is a document that can load and run things, not a picture.
    if !mime.starts_with("image/") || mime.starts_with("image/svg") {
        return Err(HttpError::NotAnImage);
    }
    let bytes = exchange.body(MAX_BYTES).await?;
    Ok(Image { mime, bytes })
}

/// Whether an address is one of the open Internet (IANA's special-purpose registries).
fn public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => public_v4(address),
        IpAddr::V6(address) => public_v6(address),
    }
}

fn public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19)))
}

fn public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    // Addresses that carry an IPv4 address in them: mapped, NAT64 and 6to4.
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match parts {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => public_v4(inner(high, low)),
        [0x2002, high, low, ..] => public_v4(inner(high, low)),
        // Only 2000::/3 is given out; documentation and Teredo lie within it.
        [0x2001, 0xdb8, ..] | [0x2001, 0, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
pub(crate) fn is_public(address: &str) -> bool {
    public(address.parse().expect("an address"))
}
