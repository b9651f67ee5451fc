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
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
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
    if parts.owner {
        // Left behind where the program ended while a CRM was being left, or somebody still read it then.
        tidy(parts.profile, link.as_ref().map(|link| mirror(parts.profile, link)).as_deref());
    }
    let Some(link) = link else {
        return Ok(CrmNow::new(embedded.clone(), None));
    };
    let fields: BTreeMap<String, String> = serde_json::from_str(&link.config).unwrap_or_default();
    let kind = kinds::form(&link.kind).map_or("", |form| form.kind);
    let built = match kinds::allowed(parts.policy, kind) {
        true => parts.kept(kind, &fields).and_then(|sign_in| parts.build(kind, &fields, &link, sign_in)),
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
        link: &CrmLink,
        sign_in: Arc<dyn TokenSource>,
    ) -> Result<Arc<dyn Crm>, EngineError> {
        let mirror = Mirror::open(&mirror(self.profile, link))?;
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

const MIRROR: &str = "mirror-";

/// Each CRM has its own, and each of its users, who has other rights: where files that are open cannot be removed, the next
/// one is begun beside them.
pub(super) fn mirror(profile: &Path, link: &CrmLink) -> PathBuf {
    // FNV-1a: the same in every release.
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let of = [&link.kind, &link.place, &link.user].map(String::as_str).join("\n");
    profile.join(format!("{MIRROR}{:016x}.db", of.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, step)))
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

/// The mirror and what SQLite keeps beside it. One that somebody reads still is gone on with: it is the same user's.
pub(super) fn remove(mirror: &Path) {
    for end in ["", "-wal", "-shm"] {
        let mut file = mirror.as_os_str().to_owned();
        file.push(end);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, "a mirror is not begun anew");
            }
            _ => {}
        }
    }
}

/// Removes all mirrors but one, each with what SQLite keeps beside it. One that cannot be removed, because somebody reads it
/// still, goes at the next start.
pub(super) fn tidy(profile: &Path, but: Option<&Path>) {
    let but = but.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let Ok(files) = std::fs::read_dir(profile) else { return };
    for file in files.flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        // As it was called before each link had its own.
        let is_mirror = name.starts_with(MIRROR) || name.starts_with("mirror.db");
        if is_mirror
            && !but.as_ref().is_some_and(|but| name.starts_with(but))
            && let Err(error) = std::fs::remove_file(file.path())
        {
            tracing::warn!(%error, "a mirror is left behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clientele_policy::{OAuthClient, Policy};

    #[test]
    fn no_crm_and_no_other_user_finds_what_was_read_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let link = CrmLink { kind: "tryton".into(), place: "there/crm".into(), user: "1".into(), ..CrmLink::default() };
        let of = |link: &CrmLink| mirror(folder.path(), link);
        let others = [
            CrmLink { user: "2".into(), ..link.clone() },
            CrmLink { place: "there/test".into(), ..link.clone() },
            CrmLink { kind: "elma365".into(), ..link.clone() },
        ];
        assert!(others.iter().all(|other| of(other) != of(&link)));
        assert_eq!(of(&CrmLink { name: "Another name".into(), refreshed: 7, ..link.clone() }), of(&link));
        // What could not be removed when it was left, and the name of before; not what only looks alike.
        let wal = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
        let left = [of(&others[0]), wal(&of(&others[1])), folder.path().join("mirror.db"), wal(&of(&others[2]))];
        let kept = [of(&link), wal(&of(&link)), folder.path().join("mail.db")];
        for file in left.iter().chain(&kept) {
            std::fs::write(file, b"x").expect("written");
        }
        tidy(folder.path(), Some(&of(&link)));
        assert!(left.iter().all(|file| !file.exists()) && kept.iter().all(|file| file.exists()));
    }

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
