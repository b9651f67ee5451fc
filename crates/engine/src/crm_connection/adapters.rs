//! From a kind and what was filled in to the adapter that talks to the CRM.

use crate::EngineError;
use clientele_crm::{Crm, Mirror, Mirrored, Remote, adapter::superoffice};
use clientele_model::TokenSource;
use clientele_net::Net;
use std::{collections::BTreeMap, sync::Arc};

/// What an adapter is made of.
pub(super) struct Wanted<'a> {
    pub net: &'a Net,
    pub kind: &'a str,
    pub fields: &'a BTreeMap<String, String>,
    pub sign_in: Arc<dyn TokenSource>,
    /// ISO 639-1.
    pub language: &'a str,
    /// Servers besides the vendor's that may be signed in to, by the policy.
    pub hosts: &'a [String],
}

/// What is done with an adapter, whichever it is.
trait Then {
    type Out;
    fn with<R: Remote>(self, remote: R) -> Self::Out;
}

struct Bare;

impl Then for Bare {
    type Out = Box<dyn Remote>;
    fn with<R: Remote>(self, remote: R) -> Self::Out {
        Box::new(remote)
    }
}

struct With(Mirror);

impl Then for With {
    type Out = Arc<dyn Crm>;
    fn with<R: Remote>(self, remote: R) -> Self::Out {
        Arc::new(Mirrored::new(remote, self.0))
    }
}

/// The adapter by itself, to try it.
pub(super) fn remote(wanted: &Wanted<'_>) -> Result<Box<dyn Remote>, EngineError> {
    made(wanted, Bare)
}

/// With what is on this computer.
pub(super) fn mirrored(wanted: &Wanted<'_>, mirror: Mirror) -> Result<Arc<dyn Crm>, EngineError> {
    made(wanted, With(mirror))
}

fn made<T: Then>(wanted: &Wanted<'_>, then: T) -> Result<T::Out, EngineError> {
    let of = |key: &str| wanted.fields.get(key).cloned().unwrap_or_default();
    let (net, sign_in, language) = (wanted.net, wanted.sign_in.clone(), wanted.language.to_owned());
    Ok(match wanted.kind {
        "superoffice" => {
            let site = superoffice::Site::Online { identity: of("server"), tenant: of("tenant") };
            let hosts = wanted.hosts.to_vec();
            let user = String::new();
            then.with(superoffice::SuperOffice::new(net, superoffice::Setup { site, sign_in, user, hosts, language }))
        }
        "superoffice_site" => {
            let site = superoffice::Site::OnSite { api: of("server") };
            let (user, hosts) = (of("user"), wanted.hosts.to_vec());
            then.with(superoffice::SuperOffice::new(net, superoffice::Setup { site, sign_in, user, hosts, language }))
        }
        _ => return Err(EngineError::Invalid("no such CRM".into())),
    })
}
