//! The built-in table of providers: by domain, by mail exchanger, by server, by id.

use super::{
    Found, Source, Way,
    address::{Mailbox, base_of, within},
    sign_in,
};
use clientele_model::{Endpoint, Security};
use serde::{Deserialize, Deserializer};
use std::{collections::HashMap, sync::OnceLock};

const TABLE: &str = include_str!("../../data/providers.json");
const CORRECTIONS: &str = include_str!("../../data/corrections.json");

/// What stands in the table for "the mail exchanger itself".
const MX_HOST: &str = "%MXHOST%";

/// Mail exchangers that only clean mail and pass it on: they say nothing about where the mailbox is.
const FILTERS: [&str; 30] = [
    "mimecast.com",
    "mimecast.co.za",
    "mimecast-offshore.com",
    "pphosted.com",
    "ppe-hosted.com",
    "barracudanetworks.com",
    "iphmx.com",
    "trendmicro.com",
    "trendmicro.eu",
    "trendmicro.co.jp",
    "hornetsecurity.com",
    "antispameurope.com",
    "comendosystems.com",
    "comendosystems.net",
    "staysecuregroup.com",
    "staysecuregroup.net",
    "messagelabs.com",
    "mailcontrol.com",
    "sophos.com",
    "reflexion.net",
    "antispamcloud.com",
    "spamhero.com",
    "mxlogic.net",
    "fireeyecloud.com",
    "mx.cloudflare.net",
    "mailroute.net",
    "improvmx.com",
    "forwardemail.net",
    "simplelogin.co",
    "retarus.com",
];

/// The filter that a mail exchanger belongs to.
pub(super) fn filter(mx: &str) -> Option<&'static str> {
    FILTERS.iter().find(|filter| within(mx, filter)).copied()
}

/// An entry of the table.
#[derive(Debug)]
pub(super) struct Entry {
    pub found: Found,
    /// False: written down from memory, or of a provider that is giving up. Its servers are to be seen first.
    pub sure: bool,
}

/// The provider of the address's domain.
pub(super) fn by_domain(mailbox: &Mailbox) -> Option<Entry> {
    let provider = table().by_domain(&mailbox.domain)?;
    Some(Entry { found: provider.found(mailbox, Source::Table, None), sure: provider.sure() })
}

/// The provider that a mail exchanger belongs to.
pub(super) fn by_mx(mailbox: &Mailbox, mx: &str) -> Option<Entry> {
    let provider = table().by_mx(mx)?;
    Some(Entry { found: provider.found(mailbox, Source::TableMx, Some(mx)), sure: provider.sure() })
}

/// The provider that runs these servers, whoever named them: its facts about signing in hold for them.
pub(super) fn by_servers(mailbox: &Mailbox, incoming: &str, outgoing: &str) -> Option<Found> {
    let provider = table().by_host.get(incoming).map(|place| &table().providers[*place])?;
    let same = |server: &Server| within(outgoing, &base_of(&server.host));
    provider.smtp.iter().any(same).then(|| provider.found(mailbox, Source::Table, None))
}

/// The servers of a provider by its id, for an address that need not be in its domains. Of several of one id, such as GMX in two
/// countries, the one that has the address's domain.
pub fn provider(id: &str, email: &str) -> Option<Found> {
    let mailbox = Mailbox::read(email)?;
    let of_domain = table().by_domain(&mailbox.domain).filter(|provider| provider.id == id);
    let provider = of_domain.or_else(|| table().providers.iter().find(|provider| provider.id == id))?;
    Some(provider.found(&mailbox, Source::Table, None))
}

/// How people sign in to a server of a known provider; empty for any other.
pub(crate) fn ways_of(host: &str) -> Vec<Way> {
    let of = |provider: &&Provider| provider.imap.iter().chain(&provider.smtp).any(|server| server.host == host);
    table().providers.iter().find(of).map(Provider::ways).unwrap_or_default()
}

/// The provider that runs a server, with its pages for people.
pub fn provider_of(host: &str, email: &str) -> Option<Found> {
    let of = |provider: &&Provider| provider.imap.iter().chain(&provider.smtp).any(|server| server.host == host);
    let provider = table().providers.iter().find(of)?;
    Some(provider.found(&Mailbox::read(email)?, Source::Table, None))
}

#[derive(Debug, Deserialize)]
struct File {
    providers: Vec<Provider>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Provider {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    domains: Vec<String>,
    /// Domains whose subdomains are the provider's too.
    #[serde(skip)]
    below: Vec<String>,
    #[serde(default)]
    mx_suffixes: Vec<String>,
    #[serde(default)]
    imap: Vec<Server>,
    #[serde(default)]
    pop3: Vec<Server>,
    #[serde(default)]
    smtp: Vec<Server>,
    needs_enable: Option<Enable>,
    #[serde(default)]
    help_urls: Vec<String>,
    #[serde(default)]
    login: Vec<String>,
    app_password_help: Option<String>,
    #[serde(default)]
    source: String,
    /// `high`, `medium` or `low` where the entry was written from general knowledge.
    #[serde(default)]
    confidence: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Server {
    host: String,
    port: u16,
    socket: String,
    #[serde(deserialize_with = "text_or_nothing")]
    username: String,
    #[serde(default)]
    auth: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Enable {
    visiturl: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    of: Option<String>,
    id: Option<String>,
    name: Option<String>,
    domains: Option<Vec<String>>,
    #[serde(default)]
    add_domains: Vec<String>,
    #[serde(default)]
    below: Vec<String>,
    mx: Option<Vec<String>>,
    imap: Option<Server>,
    smtp: Option<Server>,
    login: Option<Vec<String>>,
    app_password_url: Option<String>,
    help_url: Option<String>,
    enable_url: Option<String>,
}

/// Two servers without a sign-in name of their own have an empty list there.
fn text_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Nothing(#[allow(dead_code)] Vec<String>),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::Text(text) => text,
        Either::Nothing(_) => "%EMAILADDRESS%".into(),
    })
}

#[derive(Debug, Default)]
struct Table {
    providers: Vec<Provider>,
    by_domain: HashMap<String, usize>,
    by_below: HashMap<String, usize>,
    by_mx: HashMap<String, usize>,
    by_host: HashMap<String, usize>,
}

fn table() -> &'static Table {
    static READ: OnceLock<Table> = OnceLock::new();
    READ.get_or_init(|| {
        let file: File = serde_json::from_str(TABLE).expect("the table is part of the program, and a test reads it");
        let corrections = serde_json::from_str(CORRECTIONS).expect("as the table");
        Table::new(file.providers, corrections)
    })
}

impl Table {
    fn new(mut providers: Vec<Provider>, corrections: Vec<Correction>) -> Table {
        let mut corrected = Vec::new();
        for correction in corrections {
            let place = correction.of.as_ref().and_then(|of| providers.iter().position(|provider| provider.id == *of));
            let mut provider = place.map(|place| providers.remove(place)).unwrap_or_default();
            correction.apply(&mut provider);
            corrected.push(provider);
        }
        // In the order in which they are believed: the first to name a domain has it.
        let (ispdb, rest): (Vec<_>, Vec<_>) = providers.into_iter().partition(|provider| provider.source == "ispdb");
        let providers: Vec<Provider> = corrected.into_iter().chain(ispdb).chain(rest).collect();
        let mut table = Table::default();
        for (place, provider) in providers.iter().enumerate() {
            let enter = |map: &mut HashMap<String, usize>, names: &[String]| {
                for name in names {
                    map.entry(name.clone()).or_insert(place);
                }
            };
            enter(&mut table.by_domain, &provider.domains);
            enter(&mut table.by_below, &provider.below);
            enter(&mut table.by_mx, &provider.mx_suffixes);
            let hosts: Vec<String> = provider.imap.iter().map(|server| server.host.clone()).collect();
            enter(&mut table.by_host, &hosts);
        }
        table.providers = providers;
        table
    }

    fn by_domain(&self, domain: &str) -> Option<&Provider> {
        let place = self.by_domain.get(domain).or_else(|| parents(domain).find_map(|parent| self.by_below.get(parent)));
        place.map(|place| &self.providers[*place])
    }

    /// The longest suffix wins: Outlook.com's exchangers lie below a name that is also Microsoft 365's.
    fn by_mx(&self, mx: &str) -> Option<&Provider> {
        std::iter::once(mx)
            .chain(parents(mx))
            .find_map(|name| self.by_mx.get(name))
            .map(|place| &self.providers[*place])
    }
}

/// `b.c` and `c` for `a.b.c`.
fn parents(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('.').map(|(place, _)| &name[place + 1..])
}

impl Correction {
    fn apply(self, provider: &mut Provider) {
        fn set<T>(target: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *target = value;
            }
        }
        set(&mut provider.id, self.id);
        set(&mut provider.name, self.name);
        set(&mut provider.domains, self.domains);
        provider.domains.extend(self.add_domains);
        provider.below.extend(self.below);
        set(&mut provider.mx_suffixes, self.mx);
        // An exchanger's own name stands in front; the table's server is for where it is not known.
        for (servers, server) in [(&mut provider.imap, self.imap), (&mut provider.smtp, self.smtp)] {
            if let Some(server) = server {
                if server.host != MX_HOST {
                    servers.clear();
                }
                servers.insert(0, server);
            }
        }
        set(&mut provider.login, self.login);
        set(&mut provider.app_password_help, self.app_password_url.map(Some));
        if let Some(url) = self.help_url {
            provider.help_urls.insert(0, url);
        }
        set(
            &mut provider.needs_enable,
            self.enable_url.map(|visiturl| (!visiturl.is_empty()).then_some(Enable { visiturl })),
        );
    }
}

impl Provider {
    fn sure(&self) -> bool {
        !matches!(self.confidence.as_str(), "medium" | "low")
    }

    /// As the table says, or else as its servers offer.
    fn ways(&self) -> Vec<Way> {
        let said = self.login.iter().map(String::as_str);
        let offered = self.imap.iter().flat_map(|server| server.auth.iter().map(String::as_str));
        if self.login.is_empty() { sign_in::ways(offered) } else { sign_in::ways(said) }
    }

    fn found(&self, mailbox: &Mailbox, source: Source, mx: Option<&str>) -> Found {
        let incoming = choose(&self.imap, mailbox, mx);
        let outgoing = choose(&self.smtp, mailbox, mx);
        let pop3_only = incoming.is_none() && !self.pop3.is_empty();
        let incoming = incoming.or_else(|| choose(&self.pop3, mailbox, mx));
        let mut sign_in = self.ways();
        let (incoming_user, incoming) = incoming.unwrap_or_else(|| (String::new(), nowhere()));
        let (outgoing_user, outgoing) = outgoing.unwrap_or_else(|| (String::new(), nowhere()));
        let oauth = sign_in::oauth_of(&incoming.host, &outgoing.host).filter(|_| sign_in.contains(&Way::OAuth));
        if oauth.is_none() {
            sign_in.retain(|way| *way != Way::OAuth);
        }
        if sign_in.is_empty() {
            sign_in.push(Way::Password);
        }
        let app_password = sign_in.contains(&Way::AppPassword);
        let mut found = Found {
            provider_id: self.id.clone(),
            provider_name: self.name.clone(),
            source,
            source_host: mx.unwrap_or_default().to_owned(),
            trusted: true,
            incoming,
            incoming_user,
            outgoing,
            outgoing_user,
            sign_in,
            oauth_id: oauth.map(str::to_owned),
            app_password_url: self.app_password_help.as_deref().and_then(page).filter(|_| app_password),
            help_url: self.help_urls.iter().chain(&self.app_password_help).find_map(|url| page(url)),
            enable_url: self.needs_enable.as_ref().and_then(|enable| page(&enable.visiturl)),
            pop3_only,
        };
        if found.provider_name.contains('%') {
            found.provider_name = mailbox.fill(&found.provider_name);
        }
        found.trusted = !found.unprotected();
        found
    }
}

/// A page to be opened in the browser: over https, whatever an old table says.
pub(super) fn page(url: &str) -> Option<String> {
    let mut url = url::Url::parse(url.trim()).ok()?;
    if url.scheme() == "http" {
        url.set_scheme("https").ok()?;
    }
    (url.scheme() == "https" && url.username().is_empty() && url.password().is_none()).then(|| url.to_string())
}

/// A side that is not known.
pub(super) fn nowhere() -> Endpoint {
    Endpoint { host: String::new(), port: 0, security: Security::Tls }
}

/// The sign-in name and the place of the best server: TLS before STARTTLS before nothing.
fn choose(servers: &[Server], mailbox: &Mailbox, mx: Option<&str>) -> Option<(String, Endpoint)> {
    let rank = |security: Security| match security {
        Security::Tls => 0,
        Security::Starttls => 1,
        Security::None => 2,
    };
    let read = servers.iter().filter_map(|server| {
        let host = if server.host == MX_HOST { mx?.to_owned() } else { mailbox.fill(&server.host) };
        let security = security(&server.socket)?;
        Some((mailbox.fill(&server.username), Endpoint { host, port: server.port, security }))
    });
    read.min_by_key(|(_, endpoint)| rank(endpoint.security))
}

/// Reads autoconfig's `<socketType>`.
pub(super) fn security(socket: &str) -> Option<Security> {
    match socket.trim().to_ascii_lowercase().as_str() {
        "ssl" | "tls" => Some(Security::Tls),
        "starttls" => Some(Security::Starttls),
        "plain" => Some(Security::None),
        _ => None,
    }
}

#[cfg(test)]
pub(super) fn everybody(mailbox: &Mailbox) -> Vec<Found> {
    table().providers.iter().map(|provider| provider.found(mailbox, Source::Table, None)).collect()
}
