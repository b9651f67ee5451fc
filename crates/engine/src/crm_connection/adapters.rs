//! From a kind and what was filled in to the adapter that talks to the CRM.

use crate::EngineError;
use clientele_crm::{
    Crm, CrmError, Mirror, Mirrored, Remote,
    adapter::{bottlecrm, elma365, superoffice, tryton},
};
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
    let number = |key: &'static str| match of(key).as_str() {
        "" => Ok(0),
        text => text.parse::<i64>().map_err(|_| EngineError::Crm(CrmError::Invalid(key))),
    };
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
        "tryton" => {
            let config = tryton::Config {
                base: of("server"),
                database: of("database"),
                company: number("company")?,
                works_at: number("works_at")?,
                company_category: number("company_category")?,
                language,
            };
            then.with(tryton::Tryton::new(net, tryton::Setup { config, sign_in }))
        }
        "bottlecrm" => {
            let config = bottlecrm::Config { address: of("server"), web: of("web") };
            then.with(bottlecrm::BottleCrm::new(net, bottlecrm::Setup { config, sign_in }))
        }
        "elma365" => {
            let wrong = |_| EngineError::Crm(CrmError::Invalid("config"));
            let text = of("config");
            let mut config: elma365::Config = match text.as_str() {
                "" => elma365::Config::default(),
                text => serde_json::from_str(text).map_err(wrong)?,
            };
            (config.server, config.user) = (of("server"), of("user"));
            let currency = of("currency");
            if !currency.is_empty() {
                config.currency = currency;
            }
            then.with(elma365::Elma365::new(net, elma365::Setup { config, sign_in }))
        }
        _ => return Err(EngineError::Invalid("no such CRM".into())),
    })
}
