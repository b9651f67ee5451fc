//! Web servers of made-up hosts, over https with a certificate of the world's authority for each name, and over http: settings
//! as providers publish them, and everything that goes wrong with that.

use super::{Authority, Told, WorldError};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How a page answers.
#[derive(Debug, Clone)]
pub enum Page {
    /// 200 and this document.
    Xml(Vec<u8>),
    Status(u16),
    /// 302 to there.
    Redirect(String),
    /// The question is taken, and never answered.
    Hang,
    /// So many bytes of a document that does not end.
    Endless(usize),
}

impl Page {
    pub fn xml(text: impl Into<String>) -> Page {
        Page::Xml(text.into().into_bytes())
    }
}

#[derive(Debug, Default)]
struct Pages {
    /// By `https://host/path`, without the query.
    pages: HashMap<String, Page>,
    /// Hosts with which no TLS handshake ever ends.
    deaf: Vec<String>,
    keys: HashMap<String, Arc<CertifiedKey>>,
    asked: Vec<String>,
}

/// Two listeners for all hosts. They run until the process ends.
#[derive(Clone)]
pub struct Web {
    https: SocketAddr,
    http: SocketAddr,
    authority: Authority,
    provider: Arc<CryptoProvider>,
    pages: Arc<Mutex<Pages>>,
}

impl Web {
    /// Certificates are signed by `authority`.
    pub fn start(authority: &Authority) -> Result<Web, WorldError> {
        let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).told("listening for the web");
        let (https, http) = (listen()?, listen()?);
        let address = |listener: &TcpListener| listener.local_addr().told("listening for the web");
        let web = Web {
            https: address(&https)?,
            http: address(&http)?,
            authority: authority.clone(),
            provider: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
            pages: Arc::default(),
        };
        let config = ServerConfig::builder_with_provider(web.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(ByName(web.pages.clone())));
        let (config, pages) = (Arc::new(config), web.pages.clone());
        std::thread::spawn(move || {
            for stream in https.incoming().flatten() {
                let (config, pages) = (config.clone(), pages.clone());
                std::thread::spawn(move || over_tls(stream, config, &pages));
            }
        });
        let pages = web.pages.clone();
        std::thread::spawn(move || {
            for stream in http.incoming().flatten() {
                let pages = pages.clone();
                std::thread::spawn(move || serve(stream, "http", &pages));
            }
        });
        Ok(web)
    }

    /// What is at `https://host/path` or `http://host/path`; the same for every query. Other paths of the host are not found. The
    /// host has a certificate from now on.
    pub fn page(&self, url: &str, page: Page) -> Result<&Self, WorldError> {
        if let Some(rest) = url.strip_prefix("https://") {
            self.certify(rest.split('/').next().unwrap_or_default())?;
        }
        self.with(|pages| pages.pages.insert(url.to_owned(), page));
        Ok(self)
    }

    /// Connections to the host are taken, and nothing is ever said.
    pub fn deaf(&self, host: &str) -> Result<&Self, WorldError> {
        self.certify(host)?;
        self.with(|pages| pages.deaf.push(host.to_owned()));
        Ok(self)
    }

    /// Arguments for the command line that lead every host there is here: `--map HOST:443=… --map HOST:80=…`.
    pub fn maps(&self) -> Vec<String> {
        let hosts = self.with(|pages| {
            let mut hosts: Vec<String> = pages.keys.keys().cloned().collect();
            let named = pages.pages.keys().filter_map(|url| url.split('/').nth(2)).map(str::to_owned);
            hosts.extend(named);
            hosts.sort();
            hosts.dedup();
            hosts
        });
        let map = |host: String| {
            let (https, http) = (format!("{host}:443={}", self.https), format!("{host}:80={}", self.http));
            ["--map".to_owned(), https, "--map".to_owned(), http]
        };
        hosts.into_iter().flat_map(map).collect()
    }

    /// Every request so far, as `POST https://host/path?query`, with the body of a POST behind a space.
    pub fn asked(&self) -> Vec<String> {
        self.with(|pages| pages.asked.clone())
    }

    fn certify(&self, host: &str) -> Result<(), WorldError> {
        if self.with(|pages| pages.keys.contains_key(host)) {
            return Ok(());
        }
        let name = format!("web-{host}");
        self.authority.issue(&name, &format!("DNS:{host}"))?;
        let chain = CertificateDer::pem_file_iter(self.authority.certificate(&name)).map_err(failed)?;
        let chain = chain.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let key = PrivateKeyDer::from_pem_file(self.authority.key(&name)).map_err(failed)?;
        let key = CertifiedKey::from_der(chain, key, &self.provider).map_err(failed)?;
        self.with(|pages| pages.keys.insert(host.to_owned(), Arc::new(key)));
        Ok(())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Pages) -> T) -> T {
        act(&mut self.pages.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn failed(error: impl std::fmt::Display) -> WorldError {
    WorldError::Failed { what: "the web server's TLS".into(), words: error.to_string() }
}

/// A host without a page has no certificate: the handshake fails.
struct ByName(Arc<Mutex<Pages>>);

impl std::fmt::Debug for ByName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ByName")
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let host = hello.server_name()?.to_owned();
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.deaf.contains(&host) {
            drop(pages);
            std::thread::sleep(Duration::from_secs(30));
            return None;
        }
        pages.keys.get(&host).cloned()
    }
}

fn over_tls(stream: TcpStream, config: Arc<ServerConfig>, pages: &Mutex<Pages>) {
    let Ok(connection) = ServerConnection::new(config) else { return };
    let mut stream = StreamOwned::new(connection, stream);
    serve(&mut stream, "https", pages);
    stream.conn.send_close_notify();
    let _gone = stream.flush();
}

/// One request, one answer.
fn serve(stream: impl Read + Write, scheme: &str, pages: &Mutex<Pages>) {
    let mut reader = BufReader::new(stream);
    let Some((asked, url)) = request(&mut reader, scheme) else { return };
    let page = {
        let mut pages = pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.asked.push(asked);
        pages.pages.get(&url).cloned().unwrap_or(Page::Status(404))
    };
    let stream = reader.get_mut();
    let head = |status: &str, more: &str| format!("HTTP/1.1 {status}\r\nConnection: close\r\n{more}\r\n");
    let _gone = match page {
        Page::Xml(body) => {
            let more = format!("Content-Type: text/xml\r\nContent-Length: {}\r\n", body.len());
            stream.write_all(head("200 OK", &more).as_bytes()).and_then(|()| stream.write_all(&body))
        }
        Page::Status(status) => {
            stream.write_all(head(&format!("{status} As told"), "Content-Length: 0\r\n").as_bytes())
        }
        Page::Redirect(to) => {
            let more = format!("Location: {to}\r\nContent-Length: 0\r\n");
            stream.write_all(head("302 Found", &more).as_bytes())
        }
        Page::Hang => {
            std::thread::sleep(Duration::from_secs(30));
            Ok(())
        }
        Page::Endless(bytes) => {
            let begun = stream.write_all(head("200 OK", "Content-Type: text/xml\r\n").as_bytes());
            let begun = begun.and_then(|()| stream.write_all(b"<clientConfig><emailProvider>"));
            let line = "<domain>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</domain>\n".repeat(1000);
            (0..bytes / line.len()).fold(begun, |so_far, _| so_far.and_then(|()| stream.write_all(line.as_bytes())))
        }
    };
    let _gone = stream.flush();
}

/// The line for [`Web::asked`], and the address without its query.
fn request(reader: &mut impl BufRead, scheme: &str) -> Option<(String, String)> {
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut host, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "host" => host = value.trim().to_ascii_lowercase(),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let host = host.trim_end_matches(":443").trim_end_matches(":80");
    let path = target.split('?').next().unwrap_or_default();
    let asked = format!("{method} {scheme}://{host}{target} {}", String::from_utf8_lossy(&body));
    Some((asked.trim_end().to_owned(), format!("{scheme}://{host}{path}")))
}
