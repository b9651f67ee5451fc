//! One folder in step with the server: the newest mails first, then the rest of the window, what vanished, flags.

use super::{Client, fetch::fetched, session::Selected};
use crate::MailError;
use clientele_model::{FolderId, MessageId};
use clientele_store::{Flags, Folder, FolderState};
use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

/// So many are on the screen before anything else is asked for.
const FIRST: u32 = 50;
/// How many of the new mails of a folder are in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

/// Told now and then, from any thread.
pub type Report = Arc<dyn Fn(Progress) + Send + Sync>;

/// What a sync brought.
#[derive(Debug, Clone, Default)]
pub struct Synced {
    /// Mails that were not in the store before, in the order they came.
    pub fresh: Vec<MessageId>,
    /// The folder had not been synced to its end before: what came is no news.
    pub first: bool,
}

/// A folder while it is synced.
pub(super) struct Run {
    pub(super) folder: Folder,
    pub(super) uid_validity: u32,
    pub(super) now: i64,
    pub(super) report: Report,
    pub(super) done: u64,
    pub(super) total: u64,
    pub(super) reconnects: u32,
}

impl Client {
    /// Brings a folder in step: mails of the last `days` (0: all), and the newest 50 however old they are. `now` in
    /// seconds since 1970. After an error everything stored so far stands, and the next call goes on from there.
    pub async fn sync_folder(
        &mut self,
        folder: FolderId,
        days: u32,
        now: i64,
        report: Report,
    ) -> Result<Synced, MailError> {
        let result = self.sync(folder, days, now, report).await;
        self.settle(result)
    }

    async fn sync(&mut self, id: FolderId, days: u32, now: i64, report: Report) -> Result<Synced, MailError> {
        let folder = self.store(move |store| store.folder(id)).await?;
        if !folder.selectable {
            return Ok(Synced::default());
        }
        let (_, selected) = self.open_folder(&folder.server_name, true).await?;
        let state = self.start_state(&folder, &selected).await?;
        let first = state.uid_next == 0;
        let known: BTreeSet<u32> = self.store(move |store| store.uids(id)).await?.into_iter().collect();
        let uid_validity = selected.uid_validity;
        let mut run = Run { folder, uid_validity, now, report, done: 0, total: 0, reconnects: 0 };
        let mut synced = Synced { fresh: Vec::new(), first };

        let newest = self.newest(&selected).await?;
        let missing: Vec<u32> = newest.iter().copied().filter(|uid| !known.contains(uid)).collect();
        run.total = missing.len() as u64;
        self.bring(&mut run, &missing, &mut synced.fresh).await?;

        let window = self.window(&run.folder.server_name, days, now, &selected).await?;
        let have: HashSet<u32> = known.iter().copied().chain(missing).collect();
        let mut rest: Vec<u32> = window.iter().copied().filter(|uid| !have.contains(uid)).collect();
        rest.sort_unstable_by(|one, other| other.cmp(one));
        run.total += rest.len() as u64;
        self.bring(&mut run, &rest, &mut synced.fresh).await?;

        if let (Some(lowest), Some(highest)) = (known.first().copied(), known.last().copied()) {
            self.drop_vanished(&run, &known, lowest, &selected).await?;
            self.refresh_flags(&run, &state, &selected, lowest, highest).await?;
        }
        self.resume(&run).await?;
        let state = FolderState {
            uid_validity: selected.uid_validity,
            // An empty folder is in step too.
            uid_next: selected.uid_next.max(1),
            highest_modseq: selected.highest_modseq,
            note: state.note,
        };
        self.store(move |store| store.folder_state_set(id, &state)).await?;
        Ok(synced)
    }

    /// The state to start from. UIDVALIDITY is noted before the first mail is stored: UIDs mean nothing without it.
    async fn start_state(&self, folder: &Folder, selected: &Selected) -> Result<FolderState, MailError> {
        let id = folder.id;
        if folder.state.uid_validity == selected.uid_validity {
            return Ok(folder.state.clone());
        }
        let forget = folder.state.uid_validity != 0;
        let state = FolderState { uid_validity: selected.uid_validity, ..FolderState::default() };
        let fresh = state.clone();
        self.store(move |store| {
            if forget {
                tracing::warn!(folder = id.0, "the server numbers this folder anew");
                store.reset_folder(id)?;
            }
            store.folder_state_set(id, &fresh)
        })
        .await?;
        Ok(state)
    }

    /// The UIDs of the newest mails, highest first.
    async fn newest(&mut self, selected: &Selected) -> Result<Vec<u32>, MailError> {
        if selected.exists == 0 {
            return Ok(Vec::new());
        }
        let from = selected.exists.saturating_sub(FIRST - 1).max(1);
        let (session, _) = self.open_folder(&selected.server_name, false).await?;
        let mut uids = Vec::new();
        session.run(&format!("FETCH {from}:* (UID)"), |data| uids.extend(fetched(data).map(|mail| mail.uid))).await?;
        uids.sort_unstable_by(|one, other| other.cmp(one));
        uids.dedup();
        Ok(uids)
    }

    async fn window(
        &mut self,
        server_name: &str,
        days: u32,
        now: i64,
        selected: &Selected,
    ) -> Result<Vec<u32>, MailError> {
        if selected.exists == 0 {
            return Ok(Vec::new());
        }
        let criteria = if days == 0 { "ALL".to_owned() } else { since(days, now) };
        let (session, _) = self.open_folder(server_name, false).await?;
        session.search(&criteria).await
    }

    /// Removes from the store what the server no longer has, above `lowest`.
    async fn drop_vanished(
        &mut self,
        run: &Run,
        known: &BTreeSet<u32>,
        lowest: u32,
        selected: &Selected,
    ) -> Result<(), MailError> {
        let there: HashSet<u32> = if selected.exists == 0 {
            HashSet::new()
        } else {
            let (session, _) = self.open_folder(&run.folder.server_name, false).await?;
            session.search(&format!("UID {lowest}:*")).await?.into_iter().collect()
        };
        // `lowest:*` always holds the last mail: an empty answer in a folder that is not empty is a server's mistake.
        if there.is_empty() && selected.exists > 0 {
            return Err(MailError::Protocol("a SEARCH answer without the mails that are there"));
        }
        let gone: Vec<u32> = known.iter().copied().filter(|uid| !there.contains(uid)).collect();
        if !gone.is_empty() {
            let folder = run.folder.id;
            self.store(move |store| store.vanished(folder, &gone)).await?;
        }
        Ok(())
    }

    /// Flags that changed since the last sync (RFC 7162), or all where the server does not count changes.
    async fn refresh_flags(
        &mut self,
        run: &Run,
        state: &FolderState,
        selected: &Selected,
        lowest: u32,
        highest: u32,
    ) -> Result<(), MailError> {
        let counted = state.highest_modseq > 0 && selected.highest_modseq > 0;
        if counted && state.highest_modseq == selected.highest_modseq {
            return Ok(());
        }
        let since = if counted { format!(" (CHANGEDSINCE {})", state.highest_modseq) } else { String::new() };
        let (session, _) = self.open_folder(&run.folder.server_name, false).await?;
        let mut flags: Vec<(u32, Flags)> = Vec::new();
        let command = format!("UID FETCH {lowest}:{highest} (UID FLAGS){since}");
        session
            .run(&command, |data| flags.extend(fetched(data).and_then(|mail| Some((mail.uid, mail.flags?)))))
            .await?;
        if !flags.is_empty() {
            let folder = run.folder.id;
            self.store(move |store| store.flags_set(folder, &flags)).await?;
        }
        Ok(())
    }
}

/// The SEARCH key for the last `days` (RFC 9051 section 6.4.4). Servers compare days in their own zone, so one more is
/// asked for.
fn since(days: u32, now: i64) -> String {
    let start =
        jiff::Timestamp::from_second(now - (i64::from(days) + 1) * 86_400).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("SINCE {}", start.to_zoned(jiff::tz::TimeZone::UTC).strftime("%-d-%b-%Y"))
}
