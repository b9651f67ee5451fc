use crate::{Engine, EngineError, files};
use clientele_auth::{AuthError, Purpose};
use clientele_model::AccountId;
use clientele_store::{Account, OutboxState};

/// What a removal would take with it, and whose account it is.
#[derive(Debug, Clone)]
pub struct Removal {
    pub account: Account,
    pub takes: clientele_store::Removal,
}

impl Engine {
    /// What [`Engine::account_remove`] would take with it.
    pub async fn account_removal(&self, id: AccountId) -> Result<Removal, EngineError> {
        self.store(move |store| Ok(Removal { account: store.account(id)?, takes: store.account_removal(id)? })).await
    }

    /// Tries all that the account has not finished once more, also what was given up: mails to be sent, mails for the CRM,
    /// changes that the server refused. Not mails of which nobody knows whether they were sent.
    pub async fn account_finish(&self, id: AccountId) -> Result<(), EngineError> {
        let now = self.now();
        self.store(move |store| {
            store.account(id)?;
            for mail in store.outbox()? {
                if mail.account == id && mail.state == OutboxState::Failed {
                    store.outbox_retry(mail.id, now)?;
                }
            }
            store.archives_retry(id)?;
            for operation in store.operations_refused()? {
                if operation.account == id {
                    store.operation_retry(operation.id)?;
                }
            }
            Ok(())
        })
        .await?;
        self.0.crm_now.goes_on();
        self.0.archive_wake.notify_one();
        self.sync_now(Some(id));
        Ok(())
    }

    /// Forgets an account: its tasks end, its secrets leave the secret store, and nothing readable of it stays in the
    /// profile. The mailbox itself, and what was archived in the CRM, are untouched.
    pub async fn account_remove(&self, id: AccountId) -> Result<(), EngineError> {
        self.must_own()?;
        let account = self.store(move |store| store.account(id)).await?;
        self.stop_account(id).await;
        let name = self.secret_name(id);
        let mut gone = self.leave_provider(&account).await;
        for purpose in [Purpose::Incoming, Purpose::Outgoing, Purpose::Refresh] {
            if gone.is_ok() {
                gone = self.0.secrets.delete(&name, purpose).await.map_err(EngineError::from);
            }
        }
        match gone {
            // Where there is no place for secrets there is no secret either.
            Ok(()) | Err(EngineError::Auth(AuthError::Missing)) => {}
            Err(error) => {
                // Nothing is removed half: the account goes on as before.
                self.restart(id).await?;
                return Err(error);
            }
        }
        {
            // What is on its way into the CRM is there, or is not: afterwards nobody could say.
            let _archiving = self.0.archiving.lock().await;
            self.store(move |store| store.account_remove(id)).await?;
        }
        // Which mail an opened copy came from is not noted.
        files::empty(&self.tmp());
        self.parts_tidy().await?;
        self.certificates_unused(&account).await?;
        let now = self.now();
        // In place of those that held the account; one that fails is taken later.
        if let Err(error) = self.store(move |store| store.backup_if_due(now)).await {
            tracing::warn!(code = error.code(), "backup of local.db");
        }
        tracing::info!(account = %id, "account removed");
        Ok(())
    }
}
