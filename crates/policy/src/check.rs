use crate::{
    OAuthClient, Policy, ServerRule,
    file::{Crm, File, OAuth, Place, Server},
    read::Origin,
};
use clientele_model::{Endpoint, Secret, Security};
use clientele_words::Language;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use std::{fs, ops::Range, path::Path};
use toml::Spanned;
use url::Url;

/// Something wrong, and where.
pub(crate) struct Fault {
    pub at: Range<usize>,
    pub message: String,
}

/// Providers whose addresses and servers the program knows.
const KNOWN: [&str; 5] = ["google", "microsoft", "yahoo", "fastmail", "superoffice"];

const CRMS: [&str; 5] = ["superoffice", "superoffice_site", "elma365", "bottlecrm", "tryton"];
/// What can be prescribed of a CRM.
const CRM_FIELDS: [&str; 10] =
    ["tenant", "server", "user", "database", "web", "currency", "company", "works_at", "company_category", "config"];

struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, at: Range<usize>, message: impl Into<String>) {
        self.0.push(Fault { at, message: message.into() });
    }
}

pub(crate) fn check(file: File, origin: Origin, folder: &Path, known: &[String]) -> Result<Policy, Vec<Fault>> {
    let mut faults = Faults(Vec::new());
    if origin == Origin::Beside {
        beside(&file, &mut faults);
    }
    let mut policy = Policy::default();
    general(&file, &mut policy, &mut faults);
    if origin == Origin::Machine {
        for authority in file.connections.authorities.iter().flat_map(Spanned::get_ref) {
            match certificates(authority.get_ref(), folder) {
                Ok(pem) => policy.authorities.push(pem),
                Err(message) => faults.add(authority.span(), message),
            }
        }
        for client in file.oauth {
            let at = client.span();
            let id = client.get_ref().id.get_ref().clone();
            if policy.oauth.iter().any(|other| other.id == id) {
                faults.add(at.clone(), format!("a second client with the id {id:?}"));
            }
            policy.oauth.push(oauth(client.into_inner(), at, &mut faults));
        }
    }
    let own: Vec<String> = policy.oauth.iter().map(|client| client.id.clone()).chain(known.iter().cloned()).collect();
    for rule in file.servers {
        let rule = server(rule.into_inner(), &policy, &own, &mut faults);
        policy.servers.extend(rule);
    }
    if faults.0.is_empty() { Ok(policy) } else { Err(faults.0) }
}

/// Whoever unpacks a program beside a file of his own must not get at passwords and tokens by it.
fn beside(file: &File, faults: &mut Faults) {
    let only = "can only be set in the machine's policy file, not in the one beside the program";
    if let Some(authorities) = &file.connections.authorities {
        faults.add(authorities.span(), format!("connections.authorities {only}"));
    }
    if let Some(exceptions) = file.connections.certificate_exceptions.as_ref().filter(|on| *on.get_ref()) {
        faults.add(exceptions.span(), format!("connections.certificate_exceptions = true {only}"));
    }
    for client in &file.oauth {
        faults.add(client.span(), format!("[[oauth]] {only}"));
    }
    if let Some(hosts) = &file.crm.hosts {
        faults.add(hosts.span(), format!("crm.hosts {only}"));
    }
    // A server chosen by whoever packed the program would be shown the person's token.
    if let Some(server) = file.crm.fields.get("server") {
        faults.add(server.span(), format!("crm.fields.server {only}"));
    }
}

fn general(file: &File, policy: &mut Policy, faults: &mut Faults) {
    if let Some(language) = &file.language {
        let tags = Language::ALL.map(Language::tag);
        if tags.contains(&language.get_ref().as_str()) {
            policy.language = Some(language.get_ref().clone());
        } else {
            faults.add(language.span(), format!("no such language; there are {}", tags.join(" ")));
        }
    }
    if let Some(tenant) = &file.crm_tenant {
        match tenant.get_ref().trim() {
            "" => faults.add(tenant.span(), "crm_tenant is empty"),
            name => policy.crm_tenant = Some(name.to_owned()),
        }
    }
    crm(&file.crm, policy, faults);
    policy.accounts_max = at_least_one(&file.accounts.max, "accounts.max", faults);
    policy.days_max = at_least_one(&file.download.days_max, "download.days_max", faults);
    policy.days_default = at_least_one(&file.download.days_default, "download.days_default", faults);
    if let (Some(days), Some(most), Some(at)) = (policy.days_default, policy.days_max, &file.download.days_default)
        && days > most
    {
        faults.add(at.span(), format!("download.days_default is more than download.days_max, {most}"));
    }
    let connections = &file.connections;
    if let Some(ports) = &connections.ports {
        if ports.get_ref().is_empty() {
            faults.add(ports.span(), "connections.ports is empty: leave it out to allow all ports");
        }
        for port in ports.get_ref().iter().filter(|port| *port.get_ref() == 0) {
            faults.add(port.span(), "0 is no port");
        }
        policy.allowed_ports = ports.get_ref().iter().map(|port| *port.get_ref()).collect();
    }
    if let Some(security) = &connections.security {
        if security.get_ref().is_empty() {
            faults.add(security.span(), "connections.security is empty: leave it out to allow every kind");
        }
        policy.allowed_security = security.get_ref().clone();
    }
    policy.certificate_exceptions = connections.certificate_exceptions.as_ref().is_none_or(|on| *on.get_ref());
}

fn crm(file: &Crm, policy: &mut Policy, faults: &mut Faults) {
    if let Some(kinds) = &file.kinds {
        if kinds.get_ref().is_empty() {
            faults.add(kinds.span(), "crm.kinds is empty: leave it out to allow every CRM");
        }
        for kind in kinds.get_ref() {
            if CRMS.contains(&kind.get_ref().as_str()) {
                policy.crm.kinds.push(kind.get_ref().clone());
            } else {
                faults.add(kind.span(), format!("no such CRM; there are {}", CRMS.join(" ")));
            }
        }
    }
    for named in file.hosts.iter().flat_map(Spanned::get_ref) {
        match host(named.get_ref()) {
            Some(host) => policy.crm.hosts.push(host),
            None => faults.add(named.span(), "not a host such as crm.example.com or *.example.com"),
        }
    }
    for (key, value) in &file.fields {
        if !CRM_FIELDS.contains(&key.as_str()) {
            faults.add(value.span(), format!("crm.fields has no {key}; there are {}", CRM_FIELDS.join(" ")));
        } else if ["server", "web"].contains(&key.as_str()) && !secure(value.get_ref()) {
            faults.add(value.span(), "not an address that begins with https://");
        } else if value.get_ref().trim().is_empty() {
            faults.add(value.span(), format!("crm.fields.{key} is empty: leave it out to let people fill it in"));
        }
        policy.crm.fields.insert(key.clone(), value.get_ref().trim().to_owned());
    }
}

/// `*.com` would send tokens to half the world.
fn host(named: &str) -> Option<String> {
    let (star, name) = match named.strip_prefix("*.") {
        Some(name) => ("*.", name),
        None => ("", named),
    };
    let name = ascii(name)?;
    (star.is_empty() || name.contains('.')).then(|| format!("{star}{name}"))
}

fn at_least_one(number: &Option<Spanned<u32>>, key: &str, faults: &mut Faults) -> Option<u32> {
    let number = number.as_ref()?;
    if *number.get_ref() == 0 {
        faults.add(number.span(), format!("{key} must be at least 1"));
    }
    Some(*number.get_ref())
}

/// The PEM of an authority: the text itself, or a file's, relative to the policy's folder. Tried as it will be used, so that
/// a broken one is told here and does not keep the program from connecting.
fn certificates(text: &str, folder: &Path) -> Result<Vec<u8>, String> {
    let pem = if text.trim_start().starts_with("-----BEGIN") {
        text.as_bytes().to_vec()
    } else {
        fs::read(folder.join(text)).map_err(|error| format!("the authority's file cannot be read: {error}"))?
    };
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| format!("the authority is no PEM: {error}"))?;
        roots.add(certificate).map_err(|error| format!("the authority's certificate cannot be used: {error}"))?;
    }
    if roots.is_empty() {
        return Err("the authority's file holds no certificate".into());
    }
    Ok(pem)
}

fn oauth(client: OAuth, at: Range<usize>, faults: &mut Faults) -> OAuthClient {
    let id = client.id.get_ref().clone();
    let known = KNOWN.contains(&id.as_str());
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if id.is_empty() || !id.chars().all(plain) || ["password", "app_password"].contains(&id.as_str()) {
        faults.add(client.id.span(), "an id is made of a-z, 0-9, - and _, and is not a kind of password");
    }
    if client.client_id.get_ref().trim().is_empty() {
        faults.add(client.client_id.span(), "client_id is empty");
    }
    for (key, url) in [("authorize_url", &client.authorize_url), ("token_url", &client.token_url)] {
        if url.is_none() && !known {
            faults.add(at.clone(), format!("{key} is missing, and {id:?} is not a provider the program knows"));
        }
    }
    if client.hosts.is_empty() && !known {
        faults.add(at.clone(), "hosts is missing: the mail servers that its tokens may be sent to");
    }
    let secret = match &client.client_secret {
        Some(value) => value.get_ref().as_str().map(Secret::new).or_else(|| {
            faults.add(value.span(), "client_secret is not a text in quotes");
            None
        }),
        None => None,
    };
    let urls = [&client.issuer, &client.authorize_url, &client.token_url, &client.revoke_url];
    for url in urls.into_iter().flatten().filter(|url| !secure(url.get_ref())) {
        faults.add(url.span(), "not an address that begins with https://");
    }
    if let Some(redirect) = client.redirect.as_ref().filter(|redirect| !own_computer(redirect.get_ref())) {
        faults.add(
            redirect.span(),
            "a redirect is an address of this computer: http://127.0.0.1/, http://localhost:PORT/PATH",
        );
    }
    let mut hosts = Vec::new();
    for host in &client.hosts {
        match self::host(host.get_ref()) {
            Some(host) => hosts.push(host),
            None => faults.add(host.span(), "not a host such as mail.example.com or *.example.com"),
        }
    }
    let domains = domains(&client.domains, faults);
    let text = |url: Option<Spanned<String>>| url.map(Spanned::into_inner);
    OAuthClient {
        name: text(client.name).unwrap_or_else(|| id.clone()),
        id,
        issuer: text(client.issuer),
        authorize_url: text(client.authorize_url).unwrap_or_default(),
        token_url: text(client.token_url).unwrap_or_default(),
        revoke_url: text(client.revoke_url),
        client_id: client.client_id.into_inner(),
        client_secret: secret.filter(|secret| !secret.expose().is_empty()),
        scopes: client.scopes,
        redirect: text(client.redirect),
        hosts,
        domains,
    }
}

fn server(rule: Server, policy: &Policy, clients: &[String], faults: &mut Faults) -> Option<ServerRule> {
    if rule.domains.get_ref().is_empty() {
        faults.add(rule.domains.span(), "domains is empty: whose servers are these?");
    }
    let domains = domains(rule.domains.get_ref(), faults);
    let incoming = place(&rule.incoming, [993, 143], policy, faults);
    let outgoing = place(&rule.outgoing, [465, 587], policy, faults);
    let user = rule.user.as_ref().map_or("%EMAILADDRESS%", |user| user.get_ref());
    if let (Some(at), true) = (&rule.user, unknown_part(user)) {
        faults.add(at.span(), "user may hold %EMAILADDRESS%, %EMAILLOCALPART% and %EMAILDOMAIN%, and no other %");
    }
    let sign_in = rule.sign_in.as_ref().map_or("password", |sign_in| sign_in.get_ref());
    let fits = ["password", "app_password"].contains(&sign_in)
        || KNOWN.contains(&sign_in)
        || clients.iter().any(|client| client == sign_in);
    if let (Some(at), false) = (&rule.sign_in, fits) {
        faults.add(at.span(), "sign_in is password, app_password, or the id of an [[oauth]] client");
    }
    Some(ServerRule { domains, incoming: incoming?, outgoing: outgoing?, user: user.into(), sign_in: sign_in.into() })
}

/// `ports` are those of TLS, and of plain text with or without STARTTLS.
fn place(place: &Spanned<Place>, ports: [u16; 2], policy: &Policy, faults: &mut Faults) -> Option<Endpoint> {
    let at = place.span();
    let Place { host, port, security } = place.get_ref();
    let usual = if *security == Security::Tls { ports[0] } else { ports[1] };
    let name = ascii(host.get_ref()).or_else(|| {
        faults.add(host.span(), "not the name of a server");
        None
    })?;
    let endpoint =
        Endpoint { host: name, port: port.as_ref().map_or(usual, |port| *port.get_ref()), security: *security };
    if endpoint.port == 0 {
        faults.add(at.clone(), "0 is no port");
    }
    if [110, 995].contains(&endpoint.port) {
        faults.add(at.clone(), "that is a port of POP3; the program speaks IMAP");
    }
    if let Err(forbidden) = policy.allows(&endpoint) {
        faults.add(at, format!("this file itself forbids it: {forbidden}"));
    }
    Some(endpoint)
}

fn domains(list: &[Spanned<String>], faults: &mut Faults) -> Vec<String> {
    let mut domains = Vec::new();
    for domain in list {
        match ascii(domain.get_ref()) {
            Some(name) => domains.push(name),
            None => faults.add(domain.span(), "not a domain such as example.com"),
        }
    }
    domains
}

/// A host or domain in its ASCII form, lower case; `None` for what is neither.
pub(crate) fn ascii(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('.');
    if text.parse::<std::net::IpAddr>().is_ok() {
        return Some(text.to_ascii_lowercase());
    }
    let name = idna::domain_to_ascii(text).ok()?;
    let label = |label: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (1..=63).contains(&label.len()) && label.chars().all(inner)
    };
    (name.len() <= 253 && name.split('.').all(label)).then_some(name)
}

/// https; plain http only within this computer, for providers that are tried out.
fn secure(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.has_host() && (url.scheme() == "https" || (url.scheme() == "http" && here))
}

/// Whoever reads the redirect reads it more closely; this keeps tokens from being sent elsewhere.
fn own_computer(redirect: &str) -> bool {
    let address = redirect.trim();
    let address = address.strip_prefix("form_post ").unwrap_or(address).trim();
    let Some(rest) = address.strip_prefix("http://") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| {
        authority.strip_prefix(host).is_some_and(|rest| {
            let ports = rest.strip_prefix(':').unwrap_or(rest);
            let number = |port: &str| port.trim().parse::<u16>().is_ok_and(|port| port != 0);
            rest.is_empty() || (rest.starts_with(':') && ports.split(',').all(number))
        })
    })
}

fn unknown_part(user: &str) -> bool {
    let rest = ["%EMAILADDRESS%", "%EMAILLOCALPART%", "%EMAILDOMAIN%"]
        .iter()
        .fold(user.to_owned(), |rest, part| rest.replace(part, ""));
    rest.contains('%') || user.trim().is_empty()
}
