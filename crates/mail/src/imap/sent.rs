//! The copy of what was sent.

use super::{Client, session::quote};
use crate::MailError;
use clientele_model::FolderRole;

impl Client {
    /// Whether a mail of this Message-ID is in the Sent folder.
    pub async fn in_sent(&mut self, message_id: &str) -> Result<bool, MailError> {
        let result = self.look_in_sent(message_id).await;
        self.settle(result)
    }

    async fn look_in_sent(&mut self, message_id: &str) -> Result<bool, MailError> {
        let account = self.account;
        let mut folder = self.store(move |store| store.folder_by_role(account, FolderRole::Sent)).await?;
        if folder.is_none() {
            self.sync_folders().await?;
            folder = self.store(move |store| store.folder_by_role(account, FolderRole::Sent)).await?;
        }
        let folder = folder.ok_or(MailError::Gone)?;
        let (session, _) = self.open_folder(&folder.server_name, true).await?;
        Ok(!session.by_message_id(message_id).await?.is_empty())
    }
}

impl super::session::Session {
    /// UIDs in the open folder of mails with this Message-ID.
    pub(super) async fn by_message_id(&mut self, message_id: &str) -> Result<Vec<u32>, MailError> {
        let id: String = message_id.chars().filter(|letter| letter.is_ascii_graphic()).collect();
        if id.is_empty() {
            return Ok(Vec::new());
        }
        self.search(&format!("HEADER Message-ID {}", quote(&id))).await
    }
}
