//! Autoconfig: the `clientConfig` document of a mail domain (draft-ietf-mailmaint-autoconfig, versions 1.1 and 1.2).

use super::{
    Found, Said, Silence, Source, Way,
    address::{Mailbox, base_of, host_name, within},
    hosts::Sites,
    sign_in,
    table::{self, nowhere, page},
    xml::{self, Element},
};
use clientele_model::{Endpoint, Security};
use clientele_net::Limits;
use std::time::Duration;
use url::Url;

/// The largest documents known have 30 kB.
const LIMITS: Limits = Limits { bytes: 256 * 1024, time: Duration::from_secs(4) };
const REDIRECTS: usize = 3;

/// `https://autoconfig.DOMAIN/…`, for the address's domain and, below one, for the registered domain.
pub(super) async fn at_domain(web: &Sites, mailbox: &Mailbox, domain: &str) -> Said {
    let url = format!("https://autoconfig.{domain}/mail/config-v1.1.xml");
    ask(web, mailbox, Source::Autoconfig, &with_address(&url, mailbox)).await
}

pub(super) async fn well_known(web: &Sites, mailbox: &Mailbox, domain: &str) -> Said {
    let url = format!("https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml");
    ask(web, mailbox, Source::WellKnown, &url).await
}

/// Without the address: the whole way can read it.
pub(super) async fn over_http(web: &Sites, mailbox: &Mailbox, domain: &str) -> Said {
    let url = format!("http://autoconfig.{domain}/mail/config-v1.1.xml");
    ask(web, mailbox, Source::AutoconfigHttp, &url).await
}

/// At the domain of the mail exchanger. Whose exchanger it is was learnt by plain DNS: only one inside the address's own domain is
/// believed without asking.
pub(super) async fn at_exchanger(web: &Sites, mailbox: &Mailbox, domain: &str) -> Said {
    let url = format!("https://autoconfig.{domain}/mail/config-v1.1.xml");
    let mut found = ask(web, mailbox, Source::AutoconfigMx, &with_address(&url, mailbox)).await?;
    found.trusted &= mailbox.owns(domain);
    if !found.trusted {
        strip(&mut found);
    }
    Ok(found)
}

/// Many domains answer for each address differently, so the draft sends it along; only over https.
fn with_address(url: &str, mailbox: &Mailbox) -> String {
    match Url::parse_with_params(url, [("emailaddress", mailbox.email())]) {
        Ok(url) => url.into(),
        Err(_) => url.to_owned(),
    }
}

async fn ask(web: &Sites, mailbox: &Mailbox, source: Source, first: &str) -> Said {
    let mut url = Url::parse(first).map_err(|_| Silence::Failed("no address to ask".into()))?;
    let asked = base_of(url.host_str().unwrap_or_default());
    let mut trusted = url.scheme() == "https";
    for _ in 0..=REDIRECTS {
        let answer = web.get(url.as_str(), LIMITS).await?;
        let Some(target) = answer.redirect() else {
            if answer.status != 200 {
                return Err(Silence::Nothing(format!("answered {}", answer.status)));
            }
            let mut found = read(&answer.body, mailbox)?;
            found.source = source;
            found.source_host = url.host_str().unwrap_or_default().to_owned();
            found.trusted &= trusted;
            if !found.trusted {
                strip(&mut found);
            }
            return Ok(found);
        };
        let next = Url::parse(&target).map_err(|_| Silence::Failed("redirects to no address".into()))?;
        if url.scheme() == "https" && next.scheme() != "https" {
            return Err(Silence::Failed("redirects from https to http".into()));
        }
        let host = next.host_str().and_then(host_name);
        let host = host.ok_or_else(|| Silence::Failed("redirects to no host of the Internet".into()))?;
        // Whoever stands behind the other host is not whom the address names: a person looks at it first.
        trusted &= within(&host, &asked);
        url = next;
    }
    Err(Silence::Failed("redirects without end".into()))
}

/// What a stranger says about himself is not shown, nor are his links offered.
pub(super) fn strip(found: &mut Found) {
    if found.provider_id.is_empty() {
        found.provider_name.clear();
        (found.help_url, found.enable_url, found.app_password_url) = (None, None, None);
    }
}

/// Reads a document. The answer's source, host and trust are the caller's to say; `trusted` is false here where a side has no TLS.
pub(super) fn read(bytes: &[u8], mailbox: &Mailbox) -> Said {
    let root = xml::read(bytes).map_err(|error| Silence::Failed(error.to_string()))?;
    if !root.name.eq_ignore_ascii_case("clientConfig") {
        return Err(Silence::Nothing("the document is not about mail servers".into()));
    }
    let provider = root.first("emailProvider").ok_or_else(|| Silence::Nothing("it names no provider".into()))?;
    let servers = |element: &str, kind: &str| -> Vec<Server> {
        let of_kind = provider.all(element).filter(|server| server.attribute("type").eq_ignore_ascii_case(kind));
        let mut servers: Vec<Server> = of_kind.filter_map(|server| Server::read(server, mailbox)).collect();
        servers.sort_by_key(Server::rank);
        servers
    };
    let (imap, pop3) = (servers("incomingServer", "imap"), servers("incomingServer", "pop3"));
    let outgoing = servers("outgoingServer", "smtp").into_iter().next();
    let pop3_only = imap.is_empty() && !pop3.is_empty();
    let Some(incoming) = imap.into_iter().chain(pop3).next() else {
        return Err(Silence::Nothing("it names no IMAP server that can be used".into()));
    };
    let enable = root.first("enable").or_else(|| provider.first("enable"));
    let help = provider.all("documentation").find_map(|page_of| page(page_of.attribute("url")));
    let (outgoing_user, outgoing) = match outgoing {
        Some(server) => (server.user, server.endpoint),
        None => (String::new(), nowhere()),
    };
    let mut found = Found {
        provider_id: String::new(),
        provider_name: shown(&mailbox.fill(provider.text_of("displayName"))),
        source: Source::Autoconfig,
        source_host: String::new(),
        trusted: true,
        incoming: incoming.endpoint,
        incoming_user: incoming.user,
        outgoing,
        outgoing_user,
        sign_in: incoming.ways,
        oauth_id: None,
        app_password_url: None,
        help_url: help,
        enable_url: enable.and_then(|enable| page(enable.attribute("visiturl"))),
        pop3_only,
    };
    settle(&mut found, mailbox);
    if found.sign_in.is_empty() {
        return Err(Silence::Failed("its ways of signing in are not spoken here".into()));
    }
    Ok(found)
}

/// What the table knows about these servers, whoever named them; and a sign-in in the browser only with its own servers.
pub(super) fn settle(found: &mut Found, mailbox: &Mailbox) {
    if let Some(known) = table::by_servers(mailbox, &found.incoming.host, &found.outgoing.host) {
        found.provider_id = known.provider_id;
        found.provider_name = known.provider_name;
        found.sign_in = known.sign_in;
        found.app_password_url = known.app_password_url;
        found.help_url = known.help_url;
        found.enable_url = known.enable_url;
    }
    let oauth = sign_in::oauth_of(&found.incoming.host, &found.outgoing.host);
    found.oauth_id = oauth.filter(|_| found.sign_in.contains(&Way::OAuth)).map(str::to_owned);
    if found.oauth_id.is_none() {
        found.sign_in.retain(|way| *way != Way::OAuth);
    }
    found.trusted &= !found.unprotected();
}

/// A name for people: no control or direction characters, and not a page long.
fn shown(text: &str) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
    };
    text.chars().filter(|c| !odd(*c)).take(60).collect::<String>().trim().to_owned()
}

/// A sign-in name that can be sent on a line of its own.
pub(super) fn user(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= 320 && !text.chars().any(|c| c.is_control() || c == '\u{fffd}'))
        .then(|| text.to_owned())
}

struct Server {
    endpoint: Endpoint,
    user: String,
    ways: Vec<Way>,
}

impl Server {
    /// `None` where something needed is missing or wrong: the other servers stay.
    fn read(element: &Element, mailbox: &Mailbox) -> Option<Server> {
        let host = host_name(&mailbox.fill(element.text_of("hostname")))?;
        let port = element.text_of("port").parse().ok().filter(|port| *port > 0)?;
        let security = table::security(element.text_of("socketType"))?;
        let user = user(&mailbox.fill(element.text_of("username"))).unwrap_or_else(|| mailbox.fill("%EMAILADDRESS%"));
        let mut offered: Vec<&str> = element.all("authentication").map(Element::text).collect();
        if offered.is_empty() {
            offered.push("password-cleartext");
        }
        let ways = sign_in::ways(offered);
        (!ways.is_empty()).then_some(Server { endpoint: Endpoint { host, port, security }, user, ways })
    }

    /// TLS before STARTTLS before nothing; among equals, the document's order.
    fn rank(&self) -> u8 {
        match self.endpoint.security {
            Security::Tls => 0,
            Security::Starttls => 1,
            Security::None => 2,
        }
    }
}
