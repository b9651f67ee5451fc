//! A folder whose UIDs mean nothing any more: another UIDVALIDITY, or a UIDNEXT that fell.

use super::{Client, fetch::fetched, select::Selected, session::Next};
use crate::MailError;
use clientele_store::{Folder, FolderState, Numbered};

/// Mails asked about at once, by their place in the row.
const BLOCK: u32 = 2_000;

impl Client {
    /// Looks up by Message-ID and size what is here already, so that nothing is fetched twice and nothing that is bound
    /// to a mail is lost. The folder must be open.
    pub(super) async fn renumber(
        &mut self,
        folder: &Folder,
        selected: Selected,
    ) -> Result<(FolderState, Selected), MailError> {
        let (session, _) = self.open_folder(&folder.server_name, false).await?;
        let mut there: Vec<Numbered> = Vec::new();
        let mut low = 1;
        while low <= selected.exists {
            let high = low.saturating_add(BLOCK - 1).min(selected.exists);
            let command = format!("FETCH {low}:{high} (UID FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])");
            let tag = session.send(&command).await?;
            loop {
                match session.next(&tag).await? {
                    Next::Done(_) => break,
                    Next::Data(data) => {
                        let Some(mail) = fetched(&data).filter(|mail| mail.body.is_some()) else { continue };
                        if there.len() > selected.exists as usize {
                            return Err(MailError::Protocol("more mails than there are"));
                        }
                        let header = mail.body.unwrap_or_default();
                        there.push(Numbered {
                            uid: mail.uid,
                            flags: mail.flags.unwrap_or_default(),
                            size: mail.size,
                            message_id: clientele_message::parse_headers(&header).message_id,
                        });
                    }
                }
            }
            low = high + 1;
        }
        // Mails went while we looked: the numbers in the row moved.
        if session.selected().is_none_or(|open| open.exists < selected.exists) {
            return Err(MailError::Protocol("a folder that changed while it was numbered anew"));
        }
        let (id, uid_validity, count) = (folder.id, selected.uid_validity, there.len());
        let kept = self.store(move |store| store.folder_renumber(id, uid_validity, &there)).await?;
        tracing::info!(folder = id.0, there = count, kept, "numbered anew");
        Ok((FolderState { uid_validity, ..FolderState::default() }, selected))
    }
}
