//! What a person does to mails: here at once, on the server soon.

use crate::{Engine, EngineError};
use clientele_model::{AccountId, Action, MessageId, OperationId};
use clientele_store::{Operated, RefusedOperation, UndoToken};

impl Engine {
    pub async fn operate(&self, messages: Vec<MessageId>, action: Action) -> Result<Operated, EngineError> {
        let now = self.now();
        let operated = self.store(move |store| store.operate(&messages, &action, now)).await?;
        self.wake_operations(None);
        Ok(operated)
    }

    /// Within 10 seconds of [`Engine::operate`].
    pub async fn undo(&self, token: UndoToken) -> Result<u32, EngineError> {
        let now = self.now();
        let count = self.store(move |store| store.undo(&token, now)).await?;
        self.wake_operations(None);
        Ok(count)
    }

    /// What the servers refused.
    pub async fn operations_refused(&self) -> Result<Vec<RefusedOperation>, EngineError> {
        self.store(|store| store.operations_refused()).await
    }

    pub async fn operation_retry(&self, id: OperationId) -> Result<(), EngineError> {
        self.store(move |store| store.operation_retry(id)).await?;
        self.wake_operations(None);
        Ok(())
    }

    pub async fn operation_discard(&self, id: OperationId) -> Result<(), EngineError> {
        self.store(move |store| store.operation_discard(id)).await
    }

    /// How many changes wait for the account's server.
    pub async fn operations_queued(&self, account: AccountId) -> Result<u32, EngineError> {
        self.store(move |store| store.operations_queued(account)).await
    }
}
