//! Folders made, renamed, deleted, subscribed to and emptied. All but the last ask the server at once: there is nothing to
//! show before it has said yes.

use crate::{Engine, EngineError};
use clientele_mail::{MailError, imap};
use clientele_model::{AccountId, FolderId};
use clientele_store::{Folder, Operated, StoreError};
use std::time::Duration;

/// For everything that is asked of the server together.
const PATIENCE: Duration = Duration::from_secs(45);

impl Engine {
    /// A new folder in `parent`, or beside the inbox.
    pub async fn folder_create(
        &self,
        account: AccountId,
        parent: Option<FolderId>,
        name: String,
    ) -> Result<Folder, EngineError> {
        let mut client = self.errand(account).await?;
        let made = within(client.folder_create(parent, &name)).await;
        self.ran(account, client, made).await
    }

    pub async fn folder_rename(
        &self,
        folder: FolderId,
        parent: Option<FolderId>,
        name: String,
    ) -> Result<Folder, EngineError> {
        let before = self.folder(folder).await?;
        let account = before.account;
        let mut client = self.errand(account).await?;
        let renamed = within(client.folder_rename(folder, parent, &name)).await;
        let after = self.ran(account, client, renamed).await?;
        self.folder_notify_moved(account, &before.path, &after.path).await?;
        Ok(after)
    }

    /// Into Trash with all that is in it; for good where it is there already.
    pub async fn folder_delete(&self, folder: FolderId) -> Result<(), EngineError> {
        let account = self.folder(folder).await?.account;
        let mut client = self.errand(account).await?;
        let deleted = within(client.folder_delete(folder, self.now())).await;
        self.ran(account, client, deleted).await
    }

    pub async fn folder_subscribe(&self, folder: FolderId, subscribed: bool) -> Result<Folder, EngineError> {
        let account = self.folder(folder).await?.account;
        let mut client = self.errand(account).await?;
        let done = within(client.folder_subscribe(folder, subscribed)).await;
        self.ran(account, client, done).await
    }

    /// Removes all mails of Junk or Trash for good: here at once, on the server when nobody can undo it any more.
    pub async fn folder_empty(&self, folder: FolderId) -> Result<Operated, EngineError> {
        let now = self.now();
        let emptied = self.store(move |store| store.folder_empty(folder, now)).await;
        let emptied = emptied.map_err(|error| match error {
            EngineError::Store(StoreError::WrongState) => {
                EngineError::Invalid("only Junk and Trash can be emptied".into())
            }
            other => other,
        })?;
        self.wake_operations(None);
        Ok(emptied)
    }

    /// A connection of its own: a person waits for it, and the tasks' are busy.
    pub(crate) async fn errand(&self, account: AccountId) -> Result<imap::Client, EngineError> {
        self.must_own()?;
        let account = self.within_policy(&self.store(move |store| store.account(account)).await?)?;
        Ok(self.client(&account))
    }

    async fn ran<T>(
        &self,
        account: AccountId,
        mut client: imap::Client,
        result: Result<T, MailError>,
    ) -> Result<T, EngineError> {
        client.close().await;
        if result.is_ok() {
            // The tasks know the folders by their old names.
            self.sync_now(Some(account));
        }
        Ok(result?)
    }
}

async fn within<T>(work: impl Future<Output = Result<T, MailError>>) -> Result<T, MailError> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(MailError::Timeout))
}
