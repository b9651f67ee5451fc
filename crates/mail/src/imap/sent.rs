//! The copy of what was sent.

use super::{
    Client,
    session::{Piece, quote},
};
use crate::MailError;
use clientele_model::FolderRole;

impl Client {
    /// Puts a mail into the Sent folder, unless a mail of this Message-ID (without brackets) is there: providers that
    /// save by themselves have done so by then, and so may an earlier try whose answer was lost.
    pub async fn keep_sent(&mut self, message_id: &str, raw: &[u8]) -> Result<(), MailError> {
        let result = self.keep(message_id, raw).await;
        self.settle(result)
    }

    /// Whether a mail of this Message-ID is in the Sent folder.
    pub async fn in_sent(&mut self, message_id: &str) -> Result<bool, MailError> {
        let result = self.look_in_sent(message_id).await.map(|(there, _)| there);
        self.settle(result)
    }

    async fn keep(&mut self, message_id: &str, raw: &[u8]) -> Result<(), MailError> {
        let (there, server_name) = self.look_in_sent(message_id).await?;
        if there {
            return Ok(());
        }
        let head = format!("APPEND {} (\\Seen) ", quote(&server_name));
        let session = self.session().await?;
        session.run_pieces(&[Piece::Line(&head), Piece::Literal(raw)], |_| {}).await?;
        Ok(())
    }

    /// Also gives the folder's name on the server, and leaves it open.
    async fn look_in_sent(&mut self, message_id: &str) -> Result<(bool, String), MailError> {
        let account = self.account;
        let mut folder = self.store(move |store| store.folder_by_role(account, FolderRole::Sent)).await?;
        if folder.is_none() {
            self.sync_folders().await?;
            folder = self.store(move |store| store.folder_by_role(account, FolderRole::Sent)).await?;
        }
        let folder = folder.ok_or(MailError::Gone)?;
        let (session, _) = self.open_folder(&folder.server_name, true).await?;
        let there = !session.by_message_id(message_id).await?.is_empty();
        Ok((there, folder.server_name))
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
