//! Certificates that a person accepts although the usual check refuses them: each for one server and one fingerprint.

use crate::{Engine, EngineError};
use clientele_net::Pin;
use clientele_store::{Account, TrustedCertificate};

impl Engine {
    pub async fn certificates(&self) -> Result<Vec<TrustedCertificate>, EngineError> {
        self.store(|store| store.certificates()).await
    }

    /// Counts from the next connection on.
    pub async fn certificate_trust(&self, one: TrustedCertificate) -> Result<(), EngineError> {
        if !self.policy().certificate_exceptions {
            return Err(EngineError::Forbidden("the administrator allows no exceptions for certificates".into()));
        }
        if one.host.trim().is_empty() || one.port == 0 {
            return Err(EngineError::Invalid("an exception is for a server and its port".into()));
        }
        tracing::info!(port = one.port, "a certificate was accepted by hand");
        self.store(move |store| store.certificate_add(&one)).await?;
        self.certificates_apply().await?;
        self.sync_now(None);
        Ok(())
    }

    /// The next connection checks as usual.
    pub async fn certificate_forget(&self, one: TrustedCertificate) -> Result<(), EngineError> {
        self.store(move |store| store.certificate_remove(&one)).await?;
        self.certificates_apply().await
    }

    /// Tells the network what is saved; nothing where the policy forbids exceptions, also those made before it.
    pub(crate) async fn certificates_apply(&self) -> Result<(), EngineError> {
        let kept = if self.policy().certificate_exceptions { self.certificates().await? } else { Vec::new() };
        let pins = kept.into_iter().map(|one| Pin { host: one.host, port: one.port, sha256: one.sha256 }).collect();
        self.0.net.pins_set(pins);
        Ok(())
    }

    /// Forgets the exceptions for servers of a removed account that no other account uses.
    pub(crate) async fn certificates_unused(&self, removed: &Account) -> Result<(), EngineError> {
        let removed = removed.clone();
        self.store(move |store| {
            let accounts = store.accounts()?;
            let of = |account: &Account, one: &TrustedCertificate| {
                [&account.incoming, &account.outgoing]
                    .iter()
                    .any(|endpoint| endpoint.host.eq_ignore_ascii_case(&one.host) && endpoint.port == one.port)
            };
            for one in store.certificates()? {
                if of(&removed, &one) && !accounts.iter().any(|account| of(account, &one)) {
                    store.certificate_remove(&one)?;
                }
            }
            Ok(())
        })
        .await?;
        self.certificates_apply().await
    }
}
