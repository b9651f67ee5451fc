//! The providers that a person can sign in with: where their endpoints are, what is asked of them, and to which mail
//! servers their tokens may go.

use super::Redirect;
use clientele_model::Secret;

/// An authorization server, and how this program is known to it.
#[derive(Debug, Clone)]
pub struct Provider {
    /// `google`, `microsoft`, `yahoo`, `fastmail`, or the name in the administrator's policy.
    pub id: String,
    /// As a person knows it.
    pub name: String,
    /// The issuer of RFC 8414. Endpoints that are empty below are asked of it.
    pub issuer: Option<String>,
    pub authorize: String,
    pub token: String,
    /// RFC 7009.
    pub revoke: Option<String>,
    pub client_id: String,
    /// What a desktop program calls a secret and cannot keep one (RFC 8252 section 8.5). Google wants it sent.
    pub client_secret: Option<Secret>,
    pub scopes: Scopes,
    pub redirect: Redirect,
    /// Further parameters of the authorization request.
    pub extra: Vec<(String, String)>,
    /// Mail servers that may be given its tokens: `imap.example.com`, or `*.example.com` for all below.
    pub hosts: Vec<String>,
}

/// What is asked for. One access token serves one resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    pub mail: Vec<String>,
    /// Microsoft Graph; empty where there is none.
    pub graph: Vec<String>,
}

/// What an access token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// IMAP and SMTP.
    Mail,
    /// Microsoft Graph: calendars, people, tasks.
    Graph,
}

impl Provider {
    /// Whether a token may be sent to this server. A server that an address's domain names can be anybody's: a token is
    /// shown only to the provider that gave it.
    pub fn may_receive(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.hosts.iter().any(|pattern| {
            let pattern = pattern.trim_end_matches('.').to_ascii_lowercase();
            match pattern.strip_prefix("*.") {
                Some(domain) => {
                    host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
                        && !domain.is_empty()
                }
                None => !pattern.is_empty() && host == pattern,
            }
        })
    }

    pub(crate) fn scopes(&self, resource: Resource) -> &[String] {
        match resource {
            Resource::Mail => &self.scopes.mail,
            Resource::Graph => &self.scopes.graph,
        }
    }
}

/// A client of the administrator's policy. What is empty is taken from the built-in provider of the same id.
#[derive(Debug, Clone, Default)]
pub struct PolicyClient {
    pub id: String,
    pub name: String,
    pub issuer: Option<String>,
    pub authorize: String,
    pub token: String,
    pub revoke: Option<String>,
    pub client_id: String,
    pub client_secret: Option<Secret>,
    /// Those of Microsoft Graph are told from those of mail by their beginning.
    pub scopes: Vec<String>,
    /// As [`Redirect::parse`] reads it.
    pub redirect: Option<String>,
    pub hosts: Vec<String>,
}

/// The providers on offer: those that this program is registered with.
#[derive(Debug, Clone, Default)]
pub struct Providers(Vec<Provider>);

impl Providers {
    /// The policy's clients first, then the built-in providers whose client id stood in the environment of the build.
    /// A client of the policy that cannot work (no client id, no endpoints, a redirect that says nothing) is left out.
    pub fn new(policy: &[PolicyClient]) -> Providers {
        let mut offered: Vec<Provider> = Vec::new();
        for client in policy {
            match from_policy(client) {
                Some(provider) if offered.iter().all(|one| one.id != provider.id) => offered.push(provider),
                Some(_) => {}
                None => tracing::warn!(provider = %client.id, "an OAuth client of the policy cannot work"),
            }
        }
        for provider in builtin() {
            if !provider.client_id.is_empty() && offered.iter().all(|one| one.id != provider.id) {
                offered.push(provider);
            }
        }
        Providers(offered)
    }

    pub fn get(&self, id: &str) -> Option<Provider> {
        self.0.iter().find(|provider| provider.id == id).cloned()
    }

    /// The policy's first.
    pub fn ids(&self) -> Vec<String> {
        self.0.iter().map(|provider| provider.id.clone()).collect()
    }
}

const GRAPH: &str = "https://graph.microsoft.com/";

fn from_policy(client: &PolicyClient) -> Option<Provider> {
    let known = builtin().into_iter().find(|provider| provider.id == client.id);
    let text = |own: &String, known: Option<&String>| match own.trim() {
        "" => known.cloned().unwrap_or_default(),
        own => own.to_owned(),
    };
    // A policy that names another issuer means none of the built-in endpoints.
    let base = known.as_ref().filter(|_| client.issuer.is_none());
    let redirect = match &client.redirect {
        Some(words) => Redirect::parse(words)?,
        None => known.as_ref().map(|known| known.redirect.clone()).unwrap_or(Redirect::Loopback127),
    };
    let (graph, mail): (Vec<_>, Vec<_>) = client.scopes.iter().cloned().partition(|scope| scope.starts_with(GRAPH));
    let scopes = match (&known, client.scopes.is_empty()) {
        (Some(known), true) => known.scopes.clone(),
        _ => Scopes { mail, graph },
    };
    let extra = match &known {
        Some(known) => known.extra.clone(),
        // OpenID Connect Core 1.0 section 11: without it, `offline_access` may be passed over.
        None if scopes.mail.iter().any(|scope| scope == "offline_access") => vec![("prompt".into(), "consent".into())],
        None => Vec::new(),
    };
    let provider = Provider {
        id: client.id.trim().to_owned(),
        name: match &known {
            Some(known) if client.name.trim().is_empty() || client.name == client.id => known.name.clone(),
            _ => client.name.trim().to_owned(),
        },
        issuer: client.issuer.clone(),
        authorize: text(&client.authorize, base.map(|known| &known.authorize)),
        token: text(&client.token, base.map(|known| &known.token)),
        revoke: client.revoke.clone().or_else(|| base.and_then(|known| known.revoke.clone())),
        client_id: client.client_id.trim().to_owned(),
        client_secret: client.client_secret.clone(),
        scopes,
        redirect,
        extra,
        hosts: match (&known, client.hosts.is_empty()) {
            (Some(known), true) => known.hosts.clone(),
            _ => client.hosts.clone(),
        },
    };
    let reachable = provider.issuer.is_some() || (!provider.authorize.is_empty() && !provider.token.is_empty());
    (!provider.id.is_empty() && !provider.client_id.is_empty() && reachable).then_some(provider)
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

/// Endpoints and scopes as the providers publish them. A client id comes from the build: none is in the sources.
fn builtin() -> Vec<Provider> {
    let base = |id: &str, name: &str, client: Option<&str>, secret: Option<&str>| Provider {
        id: id.to_owned(),
        name: name.to_owned(),
        issuer: None,
        authorize: String::new(),
        token: String::new(),
        revoke: None,
        client_id: client.unwrap_or_default().trim().to_owned(),
        client_secret: secret.map(str::trim).filter(|text| !text.is_empty()).map(Secret::new),
        scopes: Scopes::default(),
        redirect: Redirect::Loopback127,
        extra: Vec::new(),
        hosts: Vec::new(),
    };
    let google = Provider {
        authorize: "https://accounts.google.com/o/oauth2/v2/auth".into(),
        token: "https://oauth2.googleapis.com/token".into(),
        revoke: Some("https://oauth2.googleapis.com/revoke".into()),
        scopes: Scopes { mail: strings(&["https://mail.google.com/", "openid", "email"]), graph: Vec::new() },
        // Only a consent that is asked for anew gives a refresh token.
        extra: vec![("access_type".into(), "offline".into()), ("prompt".into(), "consent".into())],
        hosts: strings(&["*.gmail.com", "*.google.com", "*.googlemail.com"]),
        ..base(
            "google",
            "Google",
            option_env!("CLIENTELE_GOOGLE_CLIENT_ID"),
            option_env!("CLIENTELE_GOOGLE_CLIENT_SECRET"),
        )
    };
    let microsoft = Provider {
        authorize: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize".into(),
        token: "https://login.microsoftonline.com/common/oauth2/v2.0/token".into(),
        scopes: Scopes {
            mail: strings(&[
                "https://outlook.office.com/IMAP.AccessAsUser.All",
                "https://outlook.office.com/SMTP.Send",
                "offline_access",
                "openid",
                "email",
            ]),
            graph: Vec::new(),
        },
        redirect: Redirect::Localhost,
        extra: vec![("prompt".into(), SELECT_ACCOUNT.into())],
        hosts: strings(&["*.office365.com", "*.outlook.com", "*.office.com"]),
        // A public client: Microsoft refuses one that sends a secret.
        ..base("microsoft", "Microsoft", option_env!("CLIENTELE_MICROSOFT_CLIENT_ID"), None)
    };
    let yahoo = Provider {
        authorize: "https://api.login.yahoo.com/oauth2/request_auth".into(),
        token: "https://api.login.yahoo.com/oauth2/get_token".into(),
        revoke: Some("https://api.login.yahoo.com/oauth2/revoke".into()),
        scopes: Scopes { mail: strings(&["mail-w"]), graph: Vec::new() },
        redirect: exact_ports(),
        hosts: strings(&["*.mail.yahoo.com", "*.aol.com"]),
        ..base("yahoo", "Yahoo", option_env!("CLIENTELE_YAHOO_CLIENT_ID"), option_env!("CLIENTELE_YAHOO_CLIENT_SECRET"))
    };
    let fastmail = Provider {
        authorize: "https://api.fastmail.com/oauth/authorize".into(),
        token: "https://api.fastmail.com/oauth/refresh".into(),
        revoke: Some("https://api.fastmail.com/oauth/revoke".into()),
        scopes: Scopes {
            mail: strings(&[
                "https://www.fastmail.com/dev/protocol-imap",
                "https://www.fastmail.com/dev/protocol-smtp",
            ]),
            graph: Vec::new(),
        },
        redirect: exact_ports(),
        hosts: strings(&["*.fastmail.com", "*.messagingengine.com"]),
        ..base("fastmail", "Fastmail", option_env!("CLIENTELE_FASTMAIL_CLIENT_ID"), None)
    };
    vec![google, microsoft, yahoo, fastmail]
}

/// The value of `prompt` that would ask again for the account that a hint has named.
pub(crate) const SELECT_ACCOUNT: &str = "select_account";

/// What is registered with providers that compare the redirect letter by letter (docs/decisions/0013).
fn exact_ports() -> Redirect {
    Redirect::Ports { host: "127.0.0.1".into(), ports: vec![47841, 47842, 47843], path: "/".into() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_token_is_shown_to_the_providers_own_servers_only() {
        let google = builtin().into_iter().find(|one| one.id == "google").unwrap();
        for host in ["imap.gmail.com", "IMAP.Gmail.com.", "smtp.gmail.com"] {
            assert!(google.may_receive(host), "{host}");
        }
        for host in ["gmail.com.evil.example", "evilgmail.com", "imap.example.com", ".gmail.com", "", "gmail.com"] {
            assert!(!google.may_receive(host), "{host}");
        }
        let none = Provider { hosts: vec![String::new(), "*.".into()], ..google };
        assert!(!none.may_receive("") && !none.may_receive("imap.gmail.com"));
    }

    #[test]
    fn a_policy_comes_before_what_is_built_in_and_needs_little_for_a_provider_that_is_known() {
        let client = |id: &str| PolicyClient { id: id.into(), client_id: "theirs".into(), ..PolicyClient::default() };
        let issuer = Some("https://login.example.com".to_owned());
        let scopes = vec!["mail".to_owned(), "offline_access".to_owned(), format!("{GRAPH}User.Read")];
        let own = PolicyClient { issuer: issuer.clone(), scopes, ..client("contoso") };
        let nothing = PolicyClient { client_id: " ".into(), ..client("yahoo") };
        let odd = PolicyClient { redirect: Some("https://login.example.com/".into()), ..client("fastmail") };
        let elsewhere = PolicyClient { issuer, ..client("microsoft") };
        let providers = Providers::new(&[client("google"), own, client("unknown"), nothing, odd, elsewhere]);

        let google = providers.get("google").unwrap();
        assert_eq!((google.client_id.as_str(), google.name.as_str()), ("theirs", "Google"));
        assert_eq!(google.token, "https://oauth2.googleapis.com/token");
        assert!(google.extra.iter().any(|(name, _)| name == "access_type") && google.may_receive("imap.gmail.com"));
        let own = providers.get("contoso").unwrap();
        assert_eq!((own.scopes.mail.len(), own.scopes.graph.len()), (2, 1));
        assert!(own.extra.contains(&("prompt".into(), "consent".into())), "else there is no refresh token");
        assert!(!own.may_receive("mail.example.com"), "no host was named");
        assert_eq!(providers.get("microsoft").unwrap().token, "", "the issuer's endpoints, not ours");
        for id in ["unknown", "yahoo", "fastmail"] {
            assert!(!providers.ids().contains(&id.to_owned()) || option_client(id), "{id} cannot work");
        }
    }

    /// Whether this very build has a client id for it.
    fn option_client(id: &str) -> bool {
        builtin().iter().any(|one| one.id == id && !one.client_id.is_empty())
    }

    #[test]
    fn a_redirect_is_read_as_it_is_registered() {
        let ports = |host: &str, ports: &[u16], path: &str| Redirect::Ports {
            host: host.into(),
            ports: ports.to_vec(),
            path: path.into(),
        };
        let read = |words: &str| Redirect::parse(words).unwrap();
        assert_eq!(read("http://127.0.0.1/"), Redirect::Loopback127);
        assert_eq!(read(" http://localhost "), Redirect::Localhost);
        assert_eq!(read("http://localhost/"), ports("localhost", &[0], "/"));
        assert_eq!(read("http://127.0.0.1:8400,8401/back"), ports("127.0.0.1", &[8400, 8401], "/back"));
        assert_eq!(read("http://[::1]:8400"), ports("::1", &[8400], ""));
        assert!(matches!(read("form_post http://localhost:8400/x"), Redirect::FormPost { .. }));
        for words in [
            "https://127.0.0.1/",
            "http://example.com:80/",
            "http://127.0.0.1:0/",
            "http://127.0.0.1:http/",
            "http://127.0.0.1:8400/?a=b",
            "http://127.0.0.1:8400@evil.example/",
            "http://localhost.evil.example/",
            "",
        ] {
            assert_eq!(Redirect::parse(words), None, "{words}");
        }
    }
}
