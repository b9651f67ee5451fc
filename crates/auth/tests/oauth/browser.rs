//! As much of a browser as signing in needs.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::Url;

pub struct Shown {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Shown {
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).unwrap_or_default()
    }
}

pub async fn get(url: &str) -> Shown {
    let parsed = Url::parse(url).unwrap();
    let query = parsed.query().map(|query| format!("?{query}")).unwrap_or_default();
    send(&parsed, "GET", &format!("{}{query}", parsed.path()), &authority(&parsed), "").await
}

pub async fn post(url: &str, form: &str) -> Shown {
    let parsed = Url::parse(url).unwrap();
    send(&parsed, "POST", parsed.path(), &authority(&parsed), form).await
}

pub fn authority(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}

pub async fn send(to: &Url, method: &str, target: &str, host: &str, body: &str) -> Shown {
    let mut tcp = TcpStream::connect(authority(to)).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}"
    );
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Shown { status, head: head.to_owned(), body: body.to_owned() }
}

/// Goes to the provider, consents, and says where the provider sends the browser.
pub async fn consent(url: &str) -> String {
    let shown = get(url).await;
    assert_eq!(shown.status, 302, "{}", shown.body);
    shown.header("location").to_owned()
}
