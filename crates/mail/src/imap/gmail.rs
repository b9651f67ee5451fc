//! Gmail (X-GM-EXT-1): a mail lies in several folders, which are its labels, and in "all mail". What is here under one label
//! is not fetched again for another.

use super::{Client, fetch::fetched, fetch::sets, sync::Run};
use crate::MailError;
use clientele_model::{FolderRole, MessageId};
use clientele_store::Labelled;
use std::{borrow::Cow, collections::HashSet};

impl Client {
    /// Gives those of the mails whose bodies must be fetched; the others get their rows in the folder. On every other server
    /// that is all of them.
    pub(super) async fn not_here<'a>(
        &mut self,
        run: &mut Run,
        uids: &'a [u32],
        fresh: &mut Vec<MessageId>,
    ) -> Result<Cow<'a, [u32]>, MailError> {
        let (session, _) = self.open_folder(&run.folder.server_name, false).await?;
        if !session.has("X-GM-EXT-1") {
            return Ok(Cow::Borrowed(uids));
        }
        let (account, folder) = (self.account, run.folder.id);
        if !self.store(move |store| store.has_labels(account)).await? {
            return Ok(Cow::Borrowed(uids));
        }
        let wanted: HashSet<u32> = uids.iter().copied().collect();
        let mut seen: Vec<Labelled> = Vec::new();
        let (session, _) = self.open_folder(&run.folder.server_name, false).await?;
        for set in sets(uids) {
            session
                .run(&format!("UID FETCH {set} (UID FLAGS X-GM-MSGID X-GM-LABELS)"), |data| {
                    let Some(mail) = fetched(data).filter(|mail| mail.gmail_id != 0 && wanted.contains(&mail.uid))
                    else {
                        return;
                    };
                    if seen.len() <= wanted.len() {
                        let flags = mail.flags.unwrap_or_default();
                        seen.push(Labelled { uid: mail.uid, gmail_id: mail.gmail_id, flags, labels: mail.labels });
                    }
                })
                .await?;
        }
        let told: HashSet<u32> = seen.iter().map(|mail| mail.uid).collect();
        let (linked, unknown) = self.store(move |store| store.labels_link(account, folder, &seen)).await?;
        run.done += (told.len() - unknown.len()) as u64;
        if run.folder.role == FolderRole::Inbox {
            // Came to "all mail" first, and is news all the same.
            fresh.extend(linked);
        }
        let unknown: HashSet<u32> = unknown.into_iter().collect();
        Ok(uids.iter().copied().filter(|uid| unknown.contains(uid) || !told.contains(uid)).collect())
    }

    /// Whether mails may be asked for with their bodies before it is known whether they are here.
    pub(super) async fn may_go_straight(&mut self, run: &Run) -> Result<bool, MailError> {
        // New mail is asked for in the inbox first.
        Ok(run.folder.role == FolderRole::Inbox || !self.session().await?.has("X-GM-EXT-1"))
    }
}
