//! What is here against what is there, where the server does not tell what changed.

use super::{Client, fetch::fetched, note::Note, select::Selected, sync::Run};
use crate::MailError;
use clientele_model::{FolderId, MessageId};
use clientele_store::{Flags, FolderState};
use std::collections::{BTreeSet, HashSet};

/// Flags asked for at once where the server does not count changes.
const BLOCK: usize = 5_000;

impl Client {
    /// Every number that is here against every number that is there.
    pub(super) async fn compare(
        &mut self,
        run: &mut Run,
        note: &mut Note,
        selected: &Selected,
        fresh: &mut Vec<MessageId>,
    ) -> Result<u32, MailError> {
        let id = run.folder.id;
        let known: BTreeSet<u32> = self.store(move |store| store.uids(id)).await?.into_iter().collect();
        let whole = note.covered == Some(0);
        let lowest = if whole { 1 } else { known.first().copied().unwrap_or(1) };
        let there = self.there(run, lowest, selected).await?;
        let gone: Vec<u32> = known.iter().copied().filter(|uid| !there.contains(uid)).collect();
        self.drop_gone(id, gone).await?;
        if whole {
            let mut missing: Vec<u32> = there.iter().copied().filter(|uid| !known.contains(uid)).collect();
            missing.sort_unstable_by(|one, other| other.cmp(one));
            run.total += missing.len() as u64;
            self.bring(run, &missing, fresh).await?;
        }
        note.compared = run.now;
        Ok(there.into_iter().max().unwrap_or(0))
    }

    /// The UIDs on the server from `lowest` on.
    pub(super) async fn there(
        &mut self,
        run: &Run,
        lowest: u32,
        selected: &Selected,
    ) -> Result<HashSet<u32>, MailError> {
        let (session, now) = self.open_folder(&run.folder.server_name, false).await?;
        if now.exists == 0 && selected.exists == 0 {
            return Ok(HashSet::new());
        }
        let there: HashSet<u32> = session.search(&format!("UID {lowest}:*")).await?.into_iter().collect();
        // `lowest:*` always holds the last mail: an empty answer in a folder that is not empty is a server's mistake.
        if there.is_empty() && session.selected().is_some_and(|open| open.exists > 0) {
            return Err(MailError::Protocol("a SEARCH answer without the mails that are there"));
        }
        Ok(there)
    }

    pub(super) async fn drop_gone(&self, folder: FolderId, gone: Vec<u32>) -> Result<(), MailError> {
        if gone.is_empty() {
            return Ok(());
        }
        self.store(move |store| store.vanished(folder, &gone)).await.map(|_| ())
    }

    /// Flags that changed since the last sync (RFC 7162), or all where the server does not count changes.
    pub(super) async fn refresh_flags(
        &mut self,
        run: &Run,
        state: &FolderState,
        selected: &Selected,
        lowest: u32,
        highest: u32,
        known: &BTreeSet<u32>,
    ) -> Result<(), MailError> {
        let counted = state.highest_modseq > 0 && selected.highest_modseq > 0;
        if counted && state.highest_modseq == selected.highest_modseq {
            return Ok(());
        }
        let mut commands = Vec::new();
        if counted {
            commands.push(format!("UID FETCH {lowest}:{highest} (UID FLAGS) (CHANGEDSINCE {})", state.highest_modseq));
        } else {
            // Newest first, in blocks that neither side need hold whole.
            let all: Vec<u32> = known.iter().copied().collect();
            for block in all.rchunks(BLOCK) {
                if let [first, .., last] | [first @ last] = block {
                    commands.push(format!("UID FETCH {first}:{last} (UID FLAGS)"));
                }
            }
        }
        let id = run.folder.id;
        for command in commands {
            let (session, _) = self.open_folder(&run.folder.server_name, false).await?;
            let mut flags: Vec<(u32, Flags)> = Vec::new();
            session
                .run(&command, |data| {
                    let mail = fetched(data).filter(|mail| known.contains(&mail.uid));
                    if flags.len() <= known.len() {
                        flags.extend(mail.and_then(|mail| Some((mail.uid, mail.flags?))));
                    }
                })
                .await?;
            if !flags.is_empty() {
                self.store(move |store| store.flags_set(id, &flags)).await?;
            }
        }
        Ok(())
    }
}
