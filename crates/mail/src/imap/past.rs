//! Mails older than the window, backwards, a few at a time.

use super::{Client, Report, note::Note, sync::Run};
use crate::MailError;
use clientele_model::FolderId;
use clientele_store::Folder;
use std::{collections::HashSet, sync::Arc};

/// What is missing of a folder.
#[derive(Debug)]
pub struct Past {
    folder: Folder,
    uid_validity: u32,
    /// Rising: the newest are taken from the end.
    left: Vec<u32>,
}

impl Past {
    /// How many mails are missing.
    pub fn left(&self) -> usize {
        self.left.len()
    }
}

/// Whether all mails of the folder were here when it was last in step.
pub fn is_whole(folder: &Folder) -> bool {
    Note::read(&folder.state.note).covers(0)
}

impl Client {
    /// Asks what is missing of a folder that was in step before.
    pub async fn past(&mut self, folder: FolderId) -> Result<Past, MailError> {
        let result = self.look_back(folder).await;
        self.settle(result)
    }

    /// Fetches the newest `count` of what is missing; true: that was all. `now` in seconds since 1970.
    pub async fn past_step(&mut self, past: &mut Past, count: usize, now: i64) -> Result<bool, MailError> {
        let result = self.step_back(past, count, now).await;
        self.settle(result)
    }

    async fn look_back(&mut self, id: FolderId) -> Result<Past, MailError> {
        let folder = self.store(move |store| store.folder(id)).await?;
        let (session, selected) = self.open_folder(&folder.server_name, true).await?;
        if folder.state.uid_next == 0 || selected.uid_validity != folder.state.uid_validity {
            // The sync must be there first.
            return Err(MailError::Gone);
        }
        let there = if selected.exists == 0 { Vec::new() } else { session.search("ALL").await? };
        let known: HashSet<u32> = self.store(move |store| store.uids(id)).await?.into_iter().collect();
        // What came since the sync is the sync's, and news.
        let next = folder.state.uid_next;
        let left = there.into_iter().filter(|uid| *uid < next && !known.contains(uid)).collect();
        Ok(Past { folder, uid_validity: selected.uid_validity, left })
    }

    async fn step_back(&mut self, past: &mut Past, count: usize, now: i64) -> Result<bool, MailError> {
        let from = past.left.len().saturating_sub(count);
        let mut uids: Vec<u32> = past.left[from..].to_vec();
        uids.reverse();
        let report: Report = Arc::new(|_| {});
        let mut run = Run::new(past.folder.clone(), past.uid_validity, now, report);
        self.bring(&mut run, &uids, &mut Vec::new()).await?;
        past.left.truncate(from);
        if !past.left.is_empty() {
            return Ok(false);
        }
        let id = past.folder.id;
        let validity = past.uid_validity;
        self.store(move |store| {
            let mut state = store.folder(id)?.state;
            if state.uid_validity == validity && state.uid_next > 0 {
                let note = Note { covered: Some(0), ..Note::read(&state.note) };
                state.note = note.write();
                store.folder_state_set(id, &state)?;
            }
            Ok(())
        })
        .await?;
        Ok(true)
    }
}
