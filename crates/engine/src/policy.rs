//! What the administrator prescribes, applied.

use crate::{Engine, EngineError};
use clientele_auth::{PolicyClient, Providers};
use clientele_model::Endpoint;
use clientele_policy::{OAuthClient, Policy};
use clientele_store::Account;

impl Engine {
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Providers that a person can sign in to in the browser.
    pub fn providers(&self) -> Vec<String> {
        self.0.providers.ids()
    }

    /// What people call the provider of this id.
    pub fn provider_name(&self, id: &str) -> Option<String> {
        self.0.providers.get(id).map(|provider| provider.name)
    }

    pub(crate) fn permit_servers(&self, incoming: &Endpoint, outgoing: &Endpoint) -> Result<(), EngineError> {
        for endpoint in [incoming, outgoing] {
            self.0.policy.allows(endpoint).map_err(|forbidden| EngineError::Forbidden(forbidden.to_string()))?;
        }
        Ok(())
    }

    pub(crate) fn permit_days(&self, days: u32) -> Result<(), EngineError> {
        match self.0.policy.days_max {
            Some(most) if days == 0 || days > most => {
                Err(EngineError::Forbidden(format!("the administrator allows {most} days of mail at most")))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn permit_one_more(&self, accounts: usize) -> Result<(), EngineError> {
        if self.0.policy.allows_another(accounts) { Ok(()) } else { Err(EngineError::AccountLimit) }
    }

    /// A saved account as the policy of today lets it be: the policy may have come after it.
    pub(crate) fn within_policy(&self, account: &Account) -> Result<Account, EngineError> {
        self.permit_servers(&account.incoming, &account.outgoing)?;
        let days = match self.0.policy.days_max {
            Some(most) if account.days == 0 || account.days > most => most,
            _ => account.days,
        };
        Ok(Account { days, ..account.clone() })
    }
}

/// The policy's clients first, then those of the build.
pub(crate) fn providers(policy: &Policy) -> Providers {
    let client = |client: &OAuthClient| PolicyClient {
        id: client.id.clone(),
        name: client.name.clone(),
        issuer: client.issuer.clone(),
        authorize: client.authorize_url.clone(),
        token: client.token_url.clone(),
        revoke: client.revoke_url.clone(),
        client_id: client.client_id.clone(),
        client_secret: client.client_secret.clone(),
        scopes: client.scopes.clone(),
        redirect: client.redirect.clone(),
        hosts: client.hosts.clone(),
    };
    // That of the CRM signs nobody in to a mailbox.
    let mail = policy.oauth.iter().filter(|client| client.id != "superoffice");
    Providers::new(&mail.map(client).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountDraft, Config, PolicyFiles, testkit};
    use clientele_model::{Secret, Security};
    use clientele_store::TrustedCertificate;
    use tempfile::TempDir;

    async fn under(text: &str) -> (TempDir, Engine) {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("policy.toml");
        std::fs::write(&file, text).expect("policy");
        let policy = Some(PolicyFiles { machine: file, beside: None });
        let engine = Engine::start(Config { policy, ..testkit::config(&folder) }).await.expect("engine");
        assert_eq!(engine.policy().problems, []);
        (folder, engine)
    }

    fn draft(email: &str, security: Security, days: u32) -> AccountDraft {
        let endpoint = Endpoint { host: "127.0.0.1".into(), port: 1, security };
        AccountDraft {
            email: email.into(),
            name: String::new(),
            incoming: endpoint.clone(),
            incoming_user: email.into(),
            incoming_password: Secret::new("x"),
            outgoing: endpoint,
            outgoing_user: String::new(),
            outgoing_password: Secret::new(""),
            days,
            grant: None,
        }
    }

    #[tokio::test]
    async fn limits_are_kept_before_any_server_is_asked() {
        let (_folder, engine) = under(
            "language = \"nb\"\n[accounts]\nmax = 1\n[download]\ndays_max = 14\n[connections]\nsecurity = [\"tls\"]\n\
             certificate_exceptions = false\n",
        )
        .await;
        let add = async |draft: AccountDraft| engine.account_add(draft).await.map(drop).expect_err("refused");
        assert_eq!(add(draft("a@x.example", Security::Starttls, 14)).await.code(), "policy_forbids");
        assert_eq!(add(draft("a@x.example", Security::Tls, 30)).await.code(), "policy_forbids");
        assert_eq!(add(draft("a@x.example", Security::Tls, 0)).await.code(), "policy_forbids", "all is more than 14");
        assert_eq!(add(draft("a@x.example", Security::Tls, 14)).await.code(), "port_refused", "this one may be tried");
        let verified = engine.account_verify(draft("a@x.example", Security::None, 14)).await;
        assert_eq!(verified.expect_err("refused").code(), "policy_forbids", "nothing is sent in the clear to try it");

        // An account from before the policy: its days are cut, and one is the limit.
        let id = testkit::account(&engine, "a@x.example").await;
        let account = engine.store(move |store| store.account(id)).await.expect("account");
        assert_eq!((account.days, engine.within_policy(&account).expect("allowed").days), (30, 14));
        assert_eq!(add(draft("b@x.example", Security::Tls, 14)).await.code(), "account_limit");

        let one = TrustedCertificate { host: "127.0.0.1".into(), port: 1, sha256: [1; 32] };
        let trusted = engine.certificate_trust(one).await;
        assert_eq!(trusted.expect_err("refused").code(), "policy_forbids");
        assert_eq!(engine.language().await.tag(), "nb");
    }
}
