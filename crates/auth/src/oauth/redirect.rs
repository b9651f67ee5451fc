use url::Url;

/// Where the browser brings the answer: always a port of this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redirect {
    /// `http://127.0.0.1:{port}/`, any free port (RFC 8252 section 7.3): Google, and the default.
    Loopback127,
    /// `http://localhost:{port}`, any free port, on 127.0.0.1 and ::1: Microsoft.
    Localhost,
    /// Exactly one of these, in their order, as registered. Port 0 is any free one.
    Ports { host: String, ports: Vec<u16>, path: String },
    /// The same, and the answer comes as a posted form.
    FormPost { host: String, ports: Vec<u16>, path: String },
}

impl Redirect {
    /// As an administrator writes it: `http://127.0.0.1/`, `http://localhost` or `http://127.0.0.1/back` for any port;
    /// `http://HOST:PORT/PATH` for an exact one, and more ports after commas (`http://127.0.0.1:8400,8401/back`);
    /// `form_post ` in front where the provider posts its answer. `None` for what is no address of this computer.
    pub fn parse(words: &str) -> Option<Redirect> {
        let words = words.trim();
        let (posted, address) = match words.strip_prefix("form_post ") {
            Some(address) => (true, address.trim()),
            None => (false, words),
        };
        let rest = address.strip_prefix("http://")?;
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (host, ports) = match authority.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((host, ports)) => (host, ports.strip_prefix(':').unwrap_or(ports)),
            None => authority.split_once(':').unwrap_or((authority, "")),
        };
        if !["127.0.0.1", "localhost", "::1"].contains(&host) || path.contains(['?', '#']) {
            return None;
        }
        let ports: Vec<u16> = match (ports, host, path, posted) {
            ("", "127.0.0.1", "/", false) => return Some(Redirect::Loopback127),
            ("", "localhost", "", false) => return Some(Redirect::Localhost),
            ("", ..) => vec![0],
            _ => {
                let ports: Option<Vec<u16>> = ports.split(',').map(|port| port.trim().parse().ok()).collect();
                ports.filter(|ports| !ports.contains(&0))?
            }
        };
        let (host, path) = (host.to_owned(), path.to_owned());
        Url::parse(&address_of(&host, ports[0], &path)).ok()?;
        Some(if posted { Redirect::FormPost { host, ports, path } } else { Redirect::Ports { host, ports, path } })
    }

    pub(super) fn is_posted(&self) -> bool {
        matches!(self, Redirect::FormPost { .. })
    }
}

/// The redirect as the provider is told it.
pub(super) fn address_of(host: &str, port: u16, path: &str) -> String {
    if host.contains(':') { format!("http://[{host}]:{port}{path}") } else { format!("http://{host}:{port}{path}") }
}
