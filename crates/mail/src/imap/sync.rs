//! One folder in step with the server. What the server told already is not asked for: a folder that LIST-STATUS shows
//! unchanged is not opened, one that is open and was in step is brought up by what was heard, and one that is opened tells
//! what changed since (QRESYNC, CONDSTORE). Only where nothing of that is offered, or does not add up, is it compared.

use super::{
    Client,
    bring::Which,
    heard::Heard,
    list::Told,
    note::{Note, VERSION, wanted_from},
    select::Selected,
};
use crate::MailError;
use clientele_model::{FolderId, FolderRole, MessageId};
use clientele_store::{Folder, FolderState};
use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

/// So many are on the screen before anything else is asked for.
pub(super) const FIRST: u32 = 50;
/// More new mails than these, and some are old ones that somebody moved here: then the window decides.
pub(super) const MANY: u32 = 500;
/// How often a folder of which only the newest mails are here is compared, whatever the server says. Seconds.
const COMPARE: i64 = 24 * 3600;
/// How often all flags are asked for, of a server that does not count changes. Seconds.
const FLAGS: i64 = 3600;

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
    /// Anything was different, on the server or here.
    pub changed: bool,
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
    /// Mails of which only the first piece is here, and which are to be completed: UIDs and sizes.
    pub(super) cut: Vec<(MessageId, u32, u32)>,
}

impl Run {
    pub(super) fn new(folder: Folder, uid_validity: u32, now: i64, report: Report) -> Run {
        Run { folder, uid_validity, now, report, done: 0, total: 0, reconnects: 0, cut: Vec::new() }
    }
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
        // Some: a list was asked for, and this is the first look at the folder since.
        let listed = self.told.remove(&folder.server_name);
        let told = listed.flatten();
        let mut note = Note::read(&folder.state.note);
        let again = self.unreadable(&folder, &note).await?;
        let placeless = self.store(move |store| store.placeless(id)).await?;
        let from = wanted_from(days, now);
        if again.is_empty()
            && placeless.is_empty()
            && told.is_some_and(|told| unchanged(&folder.state, &note, told))
            && note.covers(from)
        {
            return Ok(Synced::default());
        }
        if let Some(told) = told.filter(|told| told.messages == 0 && folder.total == 0 && told.uid_validity > 0) {
            return self.empty(&folder, told, from, now).await;
        }

        if listed.is_none() {
            self.ask_for_news(&folder, &note).await?;
        }
        let selected = self.open_to_sync(&folder, listed.is_some()).await?;
        let (state, selected) = self.start_state(&folder, selected).await?;
        if state.note.is_empty() {
            note = Note { version: VERSION.into(), ..Note::default() };
        }
        let first = state.uid_next == 0;
        // All flags are asked for, not those that changed since.
        let state = if note.doubt { FolderState { highest_modseq: 0, ..state } } else { state };
        let uid_validity = selected.uid_validity;
        let mut run = Run::new(folder, uid_validity, now, report);
        let mut synced = Synced { fresh: Vec::new(), first, changed: true };

        let highest = if first || !note.covers(from) {
            self.whole(&mut run, &state, &mut note, from, &selected, &mut synced.fresh).await?
        } else {
            self.delta(&mut run, &state, &mut note, from, &selected, &mut synced.fresh).await?
        };
        self.bring(&mut run, &again, &mut Vec::new()).await?;
        self.resume(&run).await?;

        // What came while we worked is heard, and is the next sync's.
        note.exists = selected.exists;
        note.version = VERSION.into();
        note.doubt = false;
        let state = FolderState {
            uid_validity: selected.uid_validity,
            // An empty folder is in step too.
            uid_next: selected.uid_next.max(highest.saturating_add(1)).max(1),
            highest_modseq: selected.highest_modseq,
            note: note.write(),
        };
        self.store(move |store| {
            store.placeless_gone(id, &placeless)?;
            store.folder_state_set(id, &state)
        })
        .await?;
        if let Some(session) = self.session_at(&selected) {
            session.set_in_step();
        }
        Ok(synced)
    }

    /// Mails that an older program could not read are tried again: their UIDs.
    async fn unreadable(&self, folder: &Folder, note: &Note) -> Result<Vec<u32>, MailError> {
        if note.version == VERSION || folder.state.uid_next == 0 {
            return Ok(Vec::new());
        }
        let id = folder.id;
        self.store(move |store| store.unreadable(id)).await
    }

    /// A folder without mails need not be opened.
    async fn empty(&self, folder: &Folder, told: Told, from: i64, now: i64) -> Result<Synced, MailError> {
        let id = folder.id;
        let note = Note { covered: Some(from), compared: now, flags: now, version: VERSION.into(), ..Note::default() };
        let state = FolderState {
            uid_validity: told.uid_validity,
            uid_next: told.uid_next.max(1),
            highest_modseq: told.highest_modseq,
            note: note.write(),
        };
        let first = folder.state.uid_next == 0;
        self.store(move |store| {
            // What a queued move or removal holds there is gone too, and what was moved there never came.
            store.vanished(id, &store.uids(id)?)?;
            store.placeless_gone(id, &store.placeless(id)?)?;
            store.folder_state_set(id, &state)
        })
        .await?;
        Ok(Synced { fresh: Vec::new(), first, changed: true })
    }

    /// A server tells of an open folder when it is asked something (RFC 9051 section 6.1.2): of one of which nothing is
    /// heard yet, that is now.
    async fn ask_for_news(&mut self, folder: &Folder, note: &Note) -> Result<(), MailError> {
        let session = self.session().await?;
        let quiet = session
            .selected()
            .is_some_and(|open| open.in_step && open.server_name == folder.server_name && open.exists == note.exists);
        if quiet && session.is_silent() {
            session.run("NOOP", |_| {}).await?;
        }
        Ok(())
    }

    /// The folder as it is open, where what is heard makes up all that changed; otherwise, and where `afresh`, opened.
    pub(super) async fn open_to_sync(&mut self, folder: &Folder, afresh: bool) -> Result<Selected, MailError> {
        let state = &folder.state;
        let since = (state.uid_next > 0).then_some((state.uid_validity, state.highest_modseq));
        let session = self.session().await?;
        let open = session.selected().filter(|open| {
            !afresh && open.in_step && open.server_name == folder.server_name && open.uid_validity == state.uid_validity
        });
        match open {
            // What came since was not told as a number, and the state knows it.
            Some(open) => Ok(Selected { uid_next: open.uid_next.max(state.uid_next), ..open.clone() }),
            None => session.select_since(&folder.server_name, since).await,
        }
    }

    /// The state to start from. UIDVALIDITY is noted before the first mail is stored: UIDs mean nothing without it.
    async fn start_state(&mut self, folder: &Folder, selected: Selected) -> Result<(FolderState, Selected), MailError> {
        let (id, old) = (folder.id, &folder.state);
        if selected.uid_validity == 0 && old.uid_validity != 0 {
            return Err(MailError::Protocol("a folder without UIDVALIDITY"));
        }
        let validity = old.uid_validity != 0 && old.uid_validity != selected.uid_validity;
        // RFC 9051 section 2.3.1.1: it must not fall. Where it does, numbers may have been given out twice.
        let fallen = selected.uid_next != 0 && selected.uid_next < old.uid_next;
        if validity || fallen {
            tracing::warn!(folder = id.0, validity, "the server numbers this folder anew");
            return self.renumber(folder, selected).await;
        }
        if old.uid_validity == selected.uid_validity {
            return Ok((old.clone(), selected));
        }
        let state = FolderState { uid_validity: selected.uid_validity, ..FolderState::default() };
        let fresh = state.clone();
        self.store(move |store| store.folder_state_set(id, &fresh)).await?;
        Ok((state, selected))
    }

    /// First the newest, then the rest of the window, then what is here already. Gives the highest UID that came.
    async fn whole(
        &mut self,
        run: &mut Run,
        state: &FolderState,
        note: &mut Note,
        from: i64,
        selected: &Selected,
        fresh: &mut Vec<MessageId>,
    ) -> Result<u32, MailError> {
        // What is here is compared, whatever was told.
        if let Some(session) = self.session_at(selected) {
            session.take_heard();
        }
        let id = run.folder.id;
        let known: BTreeSet<u32> = self.store(move |store| store.uids(id)).await?.into_iter().collect();
        let mut highest = known.last().copied().unwrap_or(0);
        if selected.exists > 0 {
            let low = selected.exists.saturating_sub(FIRST - 1).max(1);
            run.total = u64::from(selected.exists.min(FIRST));
            let mut have: HashSet<u32> = known.iter().copied().collect();
            let mut wanted = Vec::new();
            // Somebody waits for the newest of the inbox. Elsewhere they come first, and together with the rest: each time
            // that the last mail is waited for, whoever reads, understands and writes wait for each other.
            let inbox = run.folder.role == FolderRole::Inbox;
            let straight = if known.is_empty() && (inbox || selected.exists <= FIRST) {
                self.bring_straight(run, Which::Row { low }, selected.exists, fresh).await?
            } else {
                None
            };
            match straight {
                Some(came) => have.extend(came),
                None => {
                    let newest = self.numbers(&run.folder.server_name, &format!("FETCH {low}:*")).await?;
                    let missing: Vec<u32> = newest.into_iter().rev().filter(|uid| !have.contains(uid)).collect();
                    if inbox {
                        run.total = run.done + missing.len() as u64;
                        self.bring(run, &missing, fresh).await?;
                        have.extend(missing);
                    } else {
                        wanted = missing;
                    }
                }
            }
            wanted.extend(self.window(run, from, 1).await?);
            wanted.retain(|uid| !have.contains(uid));
            wanted.sort_unstable_by(|one, other| other.cmp(one));
            wanted.dedup();
            run.total = run.done + wanted.len() as u64;
            self.bring(run, &wanted, fresh).await?;
            highest = highest.max(have.into_iter().max().unwrap_or(0)).max(wanted.first().copied().unwrap_or(0));
        }
        if let (Some(lowest), Some(top)) = (known.first().copied(), known.last().copied()) {
            let there = self.there(run, lowest, selected).await?;
            let gone: Vec<u32> = known.iter().copied().filter(|uid| !there.contains(uid)).collect();
            self.drop_gone(id, gone).await?;
            self.refresh_flags(run, state, selected, lowest, top, &known).await?;
        }
        note.flags = run.now;
        note.covered = Some(note.covered.map_or(from, |covered| covered.min(from)));
        note.compared = run.now;
        Ok(highest)
    }

    /// What changed since the folder was last in step. Gives the highest UID that came.
    async fn delta(
        &mut self,
        run: &mut Run,
        state: &FolderState,
        note: &mut Note,
        from: i64,
        selected: &Selected,
        fresh: &mut Vec<MessageId>,
    ) -> Result<u32, MailError> {
        let id = run.folder.id;
        let told_all = selected.in_step;
        let heard = self.session_at(selected).map(|session| session.take_heard()).unwrap_or_default();
        let Heard { vanished, flags, gone_unclear, flags_unclear } = heard;

        // New mails first: they are what a person waits for.
        let next = state.uid_next;
        let grown = selected.exists > note.exists || selected.uid_next > next || gone_unclear || !vanished.is_empty();
        let mut highest = next.saturating_sub(1);
        let mut came = 0;
        if selected.exists > 0
            && (grown || !told_all)
            && (selected.uid_next > next || selected.uid_next == 0 || told_all)
        {
            let span = selected.uid_next.saturating_sub(next);
            run.total = u64::from(selected.exists.saturating_sub(note.exists));
            let straight = if span <= MANY {
                self.bring_straight(run, Which::From { uid: next }, selected.exists, fresh).await?
            } else {
                None
            };
            let new = match straight {
                Some(came) => came,
                None => self.bring_new(run, next, from, fresh).await?,
            };
            came = new.len() as u32;
            highest = new.into_iter().max().unwrap_or(0).max(highest);
        }

        if !vanished.is_empty() {
            let known = self.store(move |store| store.uids(id)).await?;
            let gone = |uid: &u32| vanished.iter().any(|(first, last)| (first..=last).contains(&uid));
            self.drop_gone(id, known.into_iter().filter(gone).collect()).await?;
        }
        if !flags.is_empty() {
            self.store(move |store| store.flags_set(id, &flags)).await?;
        }

        // Does it add up? Where all mails are here, they can be counted; elsewhere what was there, less what went, and
        // what came.
        let counted = if note.doubt {
            false
        } else if note.covered == Some(0) {
            self.store(move |store| store.uid_count(id)).await? == selected.exists
        } else if told_all && !gone_unclear {
            run.now - note.compared < COMPARE
        } else {
            note.exists.saturating_add(came) == selected.exists && vanished.is_empty()
        };
        if !counted {
            tracing::debug!(folder = id.0, "compared with the server");
            highest = self.compare(run, note, selected, fresh).await?.max(highest);
        }
        let uncounted = state.highest_modseq == 0 || selected.highest_modseq == 0;
        let due = match (told_all, uncounted) {
            (true, _) => flags_unclear || note.doubt,
            (false, false) => state.highest_modseq != selected.highest_modseq,
            // All flags of a folder are much to ask for: where nothing else is new, now and then.
            (false, true) => {
                came > 0 || !counted || run.folder.role == FolderRole::Inbox || run.now - note.flags > FLAGS
            }
        };
        if due {
            let known: BTreeSet<u32> = self.store(move |store| store.uids(id)).await?.into_iter().collect();
            if let (Some(lowest), Some(top)) = (known.first().copied(), known.last().copied()) {
                // What was heard of an open folder has no count of changes of its own.
                let counts = if told_all { FolderState { highest_modseq: 0, ..state.clone() } } else { state.clone() };
                self.refresh_flags(run, &counts, selected, lowest, top, &known).await?;
            }
            note.flags = run.now;
        }
        Ok(highest)
    }
}

/// Whether the server has nothing that is not here. Without a count of changes that cannot be told.
fn unchanged(state: &FolderState, note: &Note, told: Told) -> bool {
    state.uid_next > 0
        && !note.doubt
        && told.highest_modseq > 0
        && (state.uid_validity, state.uid_next, state.highest_modseq, note.exists)
            == (told.uid_validity, told.uid_next, told.highest_modseq, told.messages)
}
