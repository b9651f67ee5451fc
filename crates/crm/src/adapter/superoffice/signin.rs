//! Signing in at SuperID: OAuth 2 with PKCE and no secret, as a native program.

use clientele_auth::{Grant, Provider, Redirect, Scopes};

/// The vendor's clouds. Data are elsewhere: the tenant's state says where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Environment {
    Development,
    Stage,
    #[default]
    Production,
}

impl Environment {
    /// Where one signs in and asks for a tenant's state.
    pub fn identity(self) -> &'static str {
        match self {
            Environment::Development => "https://sod.superoffice.com",
            Environment::Stage => "https://qaonline.superoffice.com",
            Environment::Production => "https://online.superoffice.com",
        }
    }
}

/// What signing in takes. `client_id` is this program's registration at the vendor's, from the build or from the
/// administrator; `tenant` skips the choice of one where it is known, or is empty. The redirect is registered letter by
/// letter there, so its ports are fixed ones.
pub fn provider(identity: &str, client_id: &str, tenant: &str) -> Provider {
    let identity = identity.trim_end_matches('/');
    let extra =
        if tenant.is_empty() { Vec::new() } else { vec![("acr_values".to_owned(), format!("tenant:{tenant}"))] };
    Provider {
        id: "superoffice".to_owned(),
        name: "SuperOffice".to_owned(),
        issuer: None,
        authorize: format!("{identity}/login/common/oauth/authorize"),
        token: format!("{identity}/login/common/oauth/tokens"),
        revoke: None,
        client_id: client_id.to_owned(),
        client_secret: None,
        scopes: Scopes { mail: vec!["openid".to_owned()], graph: Vec::new() },
        redirect: Redirect::Ports {
            host: "127.0.0.1".to_owned(),
            ports: vec![47841, 47842, 47843],
            path: "/".to_owned(),
        },
        extra,
        hosts: vec!["*.superoffice.com".to_owned()],
    }
}

/// The tenant that was signed in to; None where the sign-in does not say it.
pub fn tenant(grant: &Grant) -> Option<String> {
    let tenant = grant.claim("http://schemes.superoffice.net/identity/ctx")?;
    (!tenant.is_empty() && tenant.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| tenant.to_owned())
}
