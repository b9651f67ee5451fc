use crate::{
    Net, NetError,
    exchange::{Broken, Exchange},
};
use bytes::Bytes;
use hyper::{
    HeaderMap, Method,
    header::{self, HeaderName, HeaderValue},
};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use url::Url;

/// How much of an answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of the body.
    pub bytes: usize,
    /// From the first lookup to the last byte.
    pub time: Duration,
}

impl Default for Limits {
    /// 1 MB, 10 seconds.
    fn default() -> Self {
        Limits { bytes: 1024 * 1024, time: Duration::from_secs(10) }
    }
}

/// What a web server said, whatever its status.
#[derive(Clone)]
pub struct Answer {
    /// As it was asked for: redirects are not followed.
    pub url: String,
    pub status: u16,
    headers: HeaderMap,
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    /// Neither address nor content: both can hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

impl Answer {
    /// The first header of that name, in any case; `None` also where it is not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Where a redirect (301, 302, 303, 307, 308) points to, made absolute. For the caller to judge, and to ask if it
    /// trusts it.
    pub fn redirect(&self) -> Option<String> {
        if !matches!(self.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let target = Url::parse(&self.url).ok()?.join(self.header("location")?).ok()?;
        Some(target.into())
    }

    /// Whether it seems to come from a network that wants a person to sign in first, rather than from the server: 511 (RFC
    /// 6585), or plain http answered by a web page or by a redirect to another host.
    pub fn looks_like_portal(&self) -> bool {
        let Ok(url) = Url::parse(&self.url) else { return false };
        let page =
            || self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
        let elsewhere = || {
            let target = self.redirect().and_then(|target| Url::parse(&target).ok());
            target.is_some_and(|target| target.host_str() != url.host_str())
        };
        self.status == 511 || (url.scheme() == "http" && (elsewhere() || (self.status == 200 && page())))
    }
}

/// Why there is no answer. Never names the address asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WebError {
    /// Not http or https, or with a user name in it.
    #[error("not an address of the web")]
    Address,
    #[error("{0}")]
    Net(NetError),
    #[error("the answer is larger than was allowed")]
    TooLarge,
    #[error("no answer in time")]
    Timeout,
    /// What came is no HTTP, or ended early.
    #[error("the transfer failed: {0}")]
    Failed(String),
}

impl From<Broken> for WebError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Address => WebError::Address,
            Broken::Net(error) => WebError::Net(error),
            Broken::TooLarge => WebError::TooLarge,
            Broken::Http(_) | Broken::Request => WebError::Failed(broken.to_string()),
        }
    }
}

/// Requests to web servers: https with the same trust and exceptions as mail, no cookies, no redirects, a connection each.
#[derive(Debug, Clone)]
pub struct Web {
    net: Net,
}

impl Web {
    pub(crate) fn new(net: Net) -> Web {
        Web { net }
    }

    pub async fn get(&self, url: &str, limits: Limits) -> Result<Answer, WebError> {
        self.send("GET", url, &[], Vec::new(), limits).await
    }

    pub async fn post(
        &self,
        url: &str,
        content_type: &str,
        body: Vec<u8>,
        headers: &[(&str, &str)],
        limits: Limits,
    ) -> Result<Answer, WebError> {
        let mut all = vec![("content-type", content_type)];
        all.extend_from_slice(headers);
        self.send("POST", url, &all, body, limits).await
    }

    /// Any request. An answer of any status is an answer; the headers may hold secrets.
    pub async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        limits: Limits,
    ) -> Result<Answer, WebError> {
        let end = Instant::now() + limits.time;
        let parsed = Url::parse(url).map_err(|_| WebError::Address)?;
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| WebError::from(Broken::Request))?;
        let headers = written(headers)?;
        let asked = async {
            let exchange = Exchange::run(&self.net, &parsed, None, method, headers, Bytes::from(body), end).await?;
            let status = exchange.answer.status().as_u16();
            let headers = exchange.answer.headers().clone();
            let body = exchange.body(limits.bytes).await?;
            Ok(Answer { url: parsed.to_string(), status, headers, body })
        };
        // What connecting says about its own end is more than that the time is up.
        match timeout_at(end + Duration::from_millis(50), asked).await {
            Ok(done) => done.map_err(|broken: Broken| broken.into()),
            Err(_) => Err(WebError::Timeout),
        }
    }
}

fn written(headers: &[(&str, &str)]) -> Result<HeaderMap, WebError> {
    let mut map = HeaderMap::new();
    map.insert(header::USER_AGENT, HeaderValue::from_static(concat!("Clientele/", env!("CARGO_PKG_VERSION"))));
    map.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| WebError::from(Broken::Request))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| WebError::from(Broken::Request))?;
        value.set_sensitive(true);
        map.insert(name, value);
    }
    Ok(map)
}
