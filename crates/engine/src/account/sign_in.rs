//! Signing in again to a saved account.

use super::{
    verify::{self, Candidate},
    wants_a_person,
};
use crate::{Engine, EngineError};
use clientele_auth::{Grant, Provider, Purpose};
use clientele_model::{AccountId, Secret};
use clientele_store::{Account, OutboxState};

/// What a person signs in again with.
#[derive(Debug, Clone)]
pub enum NewSecret {
    /// What [`Engine::sign_in_wait`] gave.
    Grant(String),
    Password(Secret),
}

/// What both servers have accepted.
enum Tried {
    Grant {
        id: String,
        provider: Box<Provider>,
        grant: Grant,
    },
    /// `both`: also for SMTP.
    Password {
        password: Secret,
        both: bool,
    },
}

impl Engine {
    /// Tries the new secret on both servers, then keeps it in place of the old one, and the tasks go on. What waited in
    /// the outbox for it is due at once.
    pub async fn account_sign_in(&self, id: AccountId, secret: NewSecret) -> Result<Account, EngineError> {
        self.must_own()?;
        self.secrets_ready()?;
        let before = self.store(move |store| store.account(id)).await?;
        let tried = match secret {
            NewSecret::Grant(grant) => self.try_grant(&before, grant).await?,
            NewSecret::Password(password) => self.try_password(&before, password).await?,
        };
        self.stop_account(id).await;
        let kept = self.keep_tried(&before, tried).await;
        // Also where it could not be kept: the account goes on as it was.
        let account = self.restart(id).await?;
        kept.map(|()| account)
    }

    async fn try_grant(&self, before: &Account, id: String) -> Result<Tried, EngineError> {
        let (provider, grant) = self.grant(&id)?;
        verify::may_receive(&provider, &before.incoming)?;
        verify::may_receive(&provider, &before.outgoing)?;
        let source = self.0.oauth.source_of_grant(&grant);
        let candidate = Candidate {
            incoming: verify::login(&before.incoming, &before.incoming_user, source.clone()),
            outgoing: verify::login(&before.outgoing, &before.outgoing_user, source),
            grant: Some((provider.clone(), grant.clone())),
        };
        self.refused(&self.try_candidate(&before.email, &candidate).await)?;
        Ok(Tried::Grant { id, provider: Box::new(provider), grant })
    }

    async fn try_password(&self, before: &Account, password: Secret) -> Result<Tried, EngineError> {
        if password.expose().is_empty() {
            return Err(EngineError::Invalid("a password has at least one letter".into()));
        }
        let password = Secret::new(clientele_account::tidy_password(&before.incoming.host, password.expose()));
        let own = match before.oauth {
            None => self.0.secrets.get(&self.secret_name(before.id), Purpose::Outgoing).await?,
            Some(_) => None,
        };
        let incoming = verify::login(&before.incoming, &before.incoming_user, verify::password(&password));
        let with = |secret: &Secret| verify::login(&before.outgoing, &before.outgoing_user, verify::password(secret));
        let mut report = self.try_out(&before.email, &incoming, &with(own.as_ref().unwrap_or(&password))).await;
        let outgoing_refused = report.outgoing.code.is_some_and(|code| wants_a_person(code.as_str()));
        // A separate password for SMTP that no longer works: both may have become the new one.
        let both = own.is_some() && report.incoming.ok() && outgoing_refused;
        if both {
            report = self.try_out(&before.email, &incoming, &with(&password)).await;
        }
        self.refused(&report)?;
        Ok(Tried::Password { password, both: both || before.oauth.is_some() })
    }

    async fn keep_tried(&self, before: &Account, tried: Tried) -> Result<(), EngineError> {
        let mut after = before.clone();
        match tried {
            Tried::Grant { id, provider, grant } => {
                self.switch_to_provider(before, &provider, grant).await?;
                self.grant_used(&id);
                after.oauth = Some(provider.id);
            }
            Tried::Password { password, both } => {
                let name = self.secret_name(before.id);
                self.0.secrets.set(&name, Purpose::Incoming, password).await?;
                if both {
                    self.0.secrets.delete(&name, Purpose::Outgoing).await?;
                }
                self.leave_provider(before).await?;
                after.oauth = None;
            }
        }
        self.store(move |store| store.account_set(&after)).await?;
        tracing::info!(account = %before.id, "signed in again");
        self.mended(before.id).await
    }

    /// The provider's tokens take the place of passwords, or of another provider's.
    pub(super) async fn switch_to_provider(
        &self,
        before: &Account,
        provider: &Provider,
        grant: Grant,
    ) -> Result<(), EngineError> {
        let name = self.secret_name(before.id);
        if before.oauth.as_ref().is_some_and(|old| *old != provider.id) {
            self.leave_provider(before).await?;
        }
        self.0.oauth.keep(&name, provider, grant).await?;
        for purpose in [Purpose::Incoming, Purpose::Outgoing] {
            self.0.secrets.delete(&name, purpose).await?;
        }
        Ok(())
    }

    /// Gives back what the provider gave, if it did.
    pub(super) async fn leave_provider(&self, account: &Account) -> Result<(), EngineError> {
        let Some(id) = &account.oauth else { return Ok(()) };
        let provider = self.0.providers.get(id);
        Ok(self.0.oauth.forget(&self.secret_name(account.id), provider.as_ref()).await?)
    }

    /// Mails that a sign-in kept back are due now.
    pub(super) async fn mended(&self, id: AccountId) -> Result<(), EngineError> {
        let now = self.now();
        self.store(move |store| {
            for item in store.outbox()?.into_iter().filter(|item| item.account == id) {
                let kept_back = item.code.as_deref().is_some_and(wants_a_person);
                if kept_back && matches!(item.state, OutboxState::Queued | OutboxState::Failed) {
                    store.outbox_retry(item.id, now)?;
                }
            }
            Ok(())
        })
        .await
    }
}
