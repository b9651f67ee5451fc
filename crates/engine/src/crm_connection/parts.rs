//! A CRM from what is kept of it, or is to be.

use super::{
    CrmNow,
    adapters::{self, Wanted},
    kinds::{self, CrmSignIn},
};
use crate::{EngineError, engine::Inner};
use clientele_auth::{OAuthError, Provider, Purpose, Redirect, Resource};
use clientele_crm::{Crm, Embedded, Mirror, adapter::superoffice};
use clientele_model::TokenSource;
use clientele_policy::Policy;
use clientele_store::CrmLink;
use std::{collections::BTreeMap, path::Path, sync::Arc};
use url::Url;

/// What a link is built from at the start, before there is an engine.
pub(crate) struct Parts<'a> {
    pub net: &'a clientele_net::Net,
    pub secrets: &'a clientele_auth::SecretStore,
    pub oauth: &'a clientele_auth::OAuth,
    pub policy: &'a Policy,
    pub profile: &'a Path,
    pub profile_id: &'a str,
    pub language: &'a str,
    pub owner: bool,
}

/// The CRM as the program starts: the link's, or the embedded one.
pub(crate) fn open(parts: &Parts<'_>, embedded: &Arc<Embedded>, link: Option<CrmLink>) -> Result<CrmNow, EngineError> {
    let Some(link) = link else {
        // Left behind where the program ended while a CRM was being left.
        if parts.owner
            && mirror(parts.profile).exists()
            && let Err(error) = remove(&mirror(parts.profile))
        {
            tracing::warn!(%error, "a mirror is left behind");
        }
        return Ok(CrmNow::new(embedded.clone(), None));
    };
    let fields: BTreeMap<String, String> = serde_json::from_str(&link.config).unwrap_or_default();
    let kind = kinds::form(&link.kind).map_or("", |form| form.kind);
    let built = match kinds::allowed(parts.policy, kind) {
        true => parts.kept(kind, &fields).and_then(|sign_in| parts.build(kind, &fields, sign_in)),
        false => Err(EngineError::Forbidden("the administrator does not allow this CRM".into())),
    };
    Ok(match built {
        Ok(crm) => CrmNow::new(crm, Some(link)),
        // Nobody's mail waits for a CRM; and what waits for this one must not go into another meanwhile.
        Err(error) => {
            tracing::warn!(code = error.code(), "the CRM cannot be used");
            CrmNow::stuck(embedded.clone(), link, error.code())
        }
    })
}

impl Parts<'_> {
    pub(super) fn build(
        &self,
        kind: &str,
        fields: &BTreeMap<String, String>,
        sign_in: Arc<dyn TokenSource>,
    ) -> Result<Arc<dyn Crm>, EngineError> {
        let mirror = Mirror::open(&mirror(self.profile))?;
        let hosts = hosts(self.policy, kind, fields);
        let wanted = Wanted { net: self.net, kind, fields, sign_in, language: self.language, hosts: &hosts };
        adapters::mirrored(&wanted, mirror)
    }

    /// What signs in with what is kept.
    pub(super) fn kept(
        &self,
        kind: &str,
        fields: &BTreeMap<String, String>,
    ) -> Result<Arc<dyn TokenSource>, EngineError> {
        let name = secret_name(self.profile_id, kind, fields);
        if kinds::form(kind).is_some_and(|form| form.sign_in == CrmSignIn::Browser) {
            let provider = provider(self.policy, fields)?;
            return Ok(self.oauth.source(&name, &provider, Resource::Mail));
        }
        Ok(self.secrets.token_source(&name, Purpose::Crm))
    }
}

impl Inner {
    pub(super) fn parts<'a>(&'a self, language: &'a str) -> Parts<'a> {
        Parts {
            net: &self.net,
            secrets: &self.secrets,
            oauth: &self.oauth,
            policy: &self.policy,
            profile: &self.config.profile,
            profile_id: &self.profile_id,
            language,
            owner: true,
        }
    }
}

pub(super) fn mirror(profile: &Path) -> std::path::PathBuf {
    profile.join("mirror.db")
}

/// One name for each CRM: what is kept for one is never shown to another, whenever the power fails.
pub(super) fn secret_name(profile_id: &str, kind: &str, fields: &BTreeMap<String, String>) -> String {
    format!("{profile_id}-crm-{kind}-{}", kinds::place(kind, fields))
}

/// The servers that may be signed in to besides the vendor's.
pub(super) fn hosts(policy: &Policy, kind: &str, fields: &BTreeMap<String, String>) -> Vec<String> {
    let mut hosts = policy.crm.hosts.clone();
    // A password is typed for the server that is typed beside it.
    if kind == "superoffice_site"
        && let Some(host) = fields.get("server").and_then(|server| host(server))
    {
        hosts.push(host);
    }
    hosts
}

/// The host that is really spoken to. None where anything in the address could be read as another one.
fn host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && !address.contains(['\\', '@']);
    url.host_str().filter(|_| plain).map(str::to_ascii_lowercase)
}

/// Where one signs in to SuperOffice, as whom this program is known there.
pub(super) fn provider(policy: &Policy, fields: &BTreeMap<String, String>) -> Result<Provider, EngineError> {
    let of = |key: &str| fields.get(key).map(String::as_str).unwrap_or_default();
    let own = policy.oauth.iter().find(|client| client.id == "superoffice");
    let built = option_env!("CLIENTELE_SUPEROFFICE_CLIENT_ID").unwrap_or_default().trim();
    let client = own.map_or(built, |own| own.client_id.trim());
    if client.is_empty() {
        return Err(OAuthError::NoClient.into());
    }
    let server = of("server");
    // The pages of a sign-in are put behind it: it has no path of its own.
    let named = host(server).filter(|_| Url::parse(server).is_ok_and(|url| url.path() == "/")).unwrap_or_default();
    let vendor = server.starts_with("https://") && named.ends_with(".superoffice.com");
    if !vendor && (named.is_empty() || !policy.crm.hosts.contains(&named)) {
        return Err(EngineError::Forbidden("the sign-in is not at the vendor's, nor at the administrator's".into()));
    }
    let provider = superoffice::provider(server, client, of("tenant"));
    let redirect = own.and_then(|own| own.redirect.as_deref()).and_then(Redirect::parse);
    Ok(Provider {
        redirect: redirect.unwrap_or(provider.redirect),
        client_secret: own.and_then(|own| own.client_secret.clone()),
        ..provider
    })
}

/// The mirror and what SQLite keeps beside it.
pub(super) fn remove(mirror: &Path) -> std::io::Result<()> {
    for end in ["", "-wal", "-shm"] {
        let mut file = mirror.as_os_str().to_owned();
        file.push(end);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clientele_policy::{OAuthClient, Policy};

    #[test]
    fn a_sign_in_is_with_the_vendor_itself() {
        let client = OAuthClient {
            id: "superoffice".into(),
            name: "SuperOffice".into(),
            issuer: None,
            authorize_url: String::new(),
            token_url: String::new(),
            revoke_url: None,
            client_id: "known".into(),
            client_secret: None,
            scopes: Vec::new(),
            redirect: None,
            hosts: Vec::new(),
            domains: Vec::new(),
        };
        let mut policy = Policy { oauth: vec![client], ..Policy::default() };
        policy.crm.hosts = vec!["own.example.com".into()];
        let at = |server: &str| provider(&policy, &BTreeMap::from([("server".to_owned(), server.to_owned())])).is_ok();
        for good in ["https://online.superoffice.com", "https://SOD.superoffice.com", "https://own.example.com:8443"] {
            assert!(at(good), "{good}");
        }
        for bad in [
            "https://evil.example?.superoffice.com",
            "https://evil.example#.superoffice.com",
            "https://evil.example\\@x.superoffice.com",
            "https://evil.example\\.superoffice.com",
            "https://x.superoffice.com@evil.example",
            "https://me@online.superoffice.com",
            "https://online.superoffice.com/elsewhere",
            "http://online.superoffice.com",
            "https://superoffice.com.evil.example",
            "",
        ] {
            assert!(!at(bad), "{bad}");
        }
        let site = |server: &str| {
            hosts(&Policy::default(), "superoffice_site", &BTreeMap::from([("server".into(), server.into())]))
        };
        assert_eq!(site("https://crm.example.com/SuperOffice"), ["crm.example.com"]);
        assert!(site("https://evil.example\\@crm.example.com").is_empty());
    }
}
