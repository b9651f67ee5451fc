use super::{AccountDraft, verify};
use crate::{Engine, EngineError};
use clientele_auth::Purpose;
use clientele_model::{AccountId, Secret};
use clientele_store::{Account, NewAccount};

impl Engine {
    /// Tries both servers, then saves and starts. Nothing is saved half: the secret goes to the secret store before
    /// the account counts, and where that fails the account is taken back.
    pub async fn account_add(&self, draft: AccountDraft) -> Result<Account, EngineError> {
        self.must_own()?;
        let email = draft.email.trim().to_owned();
        if !email.contains('@') || draft.incoming.host.trim().is_empty() || draft.outgoing.host.trim().is_empty() {
            return Err(EngineError::Invalid("an account has an address and two servers".into()));
        }
        self.secrets_ready()?;
        self.permit_days(draft.days)?;
        let there = self.store(|store| store.accounts()).await?;
        if there.iter().any(|one| one.email.eq_ignore_ascii_case(&email)) {
            return Err(clientele_store::StoreError::AccountExists.into());
        }
        self.permit_one_more(there.len())?;
        let draft = verify::tidied(draft);
        let candidate = self.candidate(&draft)?;
        self.refused(&self.try_candidate(&email, &candidate).await)?;
        let new = NewAccount {
            email,
            name: draft.name.trim().to_owned(),
            incoming: draft.incoming,
            incoming_user: candidate.incoming.user,
            outgoing: draft.outgoing,
            outgoing_user: candidate.outgoing.user,
            days: draft.days,
            oauth: candidate.grant.as_ref().map(|(provider, _)| provider.id.clone()),
        };
        let id = self.store(move |store| store.account_add(&new)).await?;
        let kept = match candidate.grant {
            Some((provider, grant)) => {
                self.0.oauth.keep(&self.secret_name(id), &provider, grant).await.map_err(EngineError::from)
            }
            None => self.keep_passwords(id, draft.incoming_password, draft.outgoing_password).await,
        };
        if let Err(error) = kept {
            // What was kept of two passwords is nobody's.
            for purpose in [Purpose::Incoming, Purpose::Outgoing, Purpose::Refresh] {
                let _ = self.0.secrets.delete(&self.secret_name(id), purpose).await;
            }
            self.store(move |store| store.account_remove(id)).await?;
            return Err(error);
        }
        if let Some(grant) = draft.grant {
            self.grant_used(&grant);
        }
        let account = self.store(move |store| store.account(id)).await?;
        tracing::info!(account = %id, "account added");
        if self.0.config.tasks {
            self.start_account(&account);
        }
        Ok(account)
    }

    pub(super) async fn keep_passwords(
        &self,
        id: AccountId,
        incoming: Secret,
        outgoing: Secret,
    ) -> Result<(), EngineError> {
        let name = self.secret_name(id);
        self.0.secrets.set(&name, Purpose::Incoming, incoming.clone()).await?;
        // Without one of its own, SMTP signs in with the first.
        if !outgoing.expose().is_empty() && outgoing != incoming {
            self.0.secrets.set(&name, Purpose::Outgoing, outgoing).await?;
        }
        Ok(())
    }
}
