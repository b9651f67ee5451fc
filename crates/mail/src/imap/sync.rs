//! One folder in step with the server: the newest mails first, then the rest of the window, what vanished, flags.

use super::{
    Client,
    body::{body, new_message},
    fetch::{EVERYTHING, Fetched, fetched, sets},
    session::{Next, Selected},
};
use crate::MailError;
use clientele_model::{FolderId, MessageId};
use clientele_store::{Flags, Folder, FolderState, Inserted, Store, StoreError};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};
use tokio::{sync::mpsc, task::JoinHandle};

/// So many are on the screen before anything else is asked for.
const FIRST: u32 = 50;
/// UIDs in one FETCH: the best of what was measured.
const BATCH: usize = 200;
/// A batch goes to the store in pieces of so many mails or bytes.
const CHUNK: usize = 100;
const CHUNK_BYTES: usize = 8 * 1024 * 1024;
/// Larger mails are fetched whole only when they are opened.
const LARGEST: u32 = 25 * 1024 * 1024;
/// A server that breaks off so often in one sync has another problem than odd mails.
const RECONNECTS: u32 = 40;

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
struct Run {
    folder: Folder,
    uid_validity: u32,
    now: i64,
    report: Report,
    done: u64,
    total: u64,
    reconnects: u32,
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

    /// Fetches mails into the store. Two commands are under way at a time, and parsing and storing run beside reading.
    async fn bring(&mut self, run: &mut Run, uids: &[u32], fresh: &mut Vec<MessageId>) -> Result<(), MailError> {
        if uids.is_empty() {
            return Ok(());
        }
        (run.report)(Progress { done: run.done, total: run.total });
        let (sink, worker) = self.start_worker(run);
        let read = self.read_all(run, uids, &sink).await;
        drop(sink);
        // What was read is stored also where reading broke off.
        let stored = worker.await.map_err(|_| MailError::Stopped)??;
        run.done += stored.count;
        fresh.extend(stored.fresh);
        read?;
        for (message, uid) in stored.cut {
            self.complete(run, message, uid).await?;
        }
        Ok(())
    }

    fn start_worker(&self, run: &Run) -> (mpsc::Sender<Vec<Fetched>>, JoinHandle<Result<Stored, StoreError>>) {
        let (sink, mut batches) = mpsc::channel::<Vec<Fetched>>(2);
        let (store, account, folder, now) = (self.store.clone(), self.account, run.folder.id, run.now);
        let (report, before, total) = (run.report.clone(), run.done, run.total);
        let worker = tokio::task::spawn_blocking(move || {
            let mut stored = Stored::default();
            while let Some(batch) = batches.blocking_recv() {
                stored.take(&store, account, folder, batch, now)?;
                report(Progress { done: before + stored.count, total });
            }
            Ok(stored)
        });
        (sink, worker)
    }

    /// Reads every mail, or says that it cannot be read. Where the server breaks off or answers nonsense, the set is
    /// halved until the mail that causes it stands alone: one odd mail must not cost the others.
    async fn read_all(
        &mut self,
        run: &mut Run,
        uids: &[u32],
        sink: &mpsc::Sender<Vec<Fetched>>,
    ) -> Result<(), MailError> {
        let mut work: Vec<Vec<u32>> = uids.chunks(BATCH).rev().map(<[u32]>::to_vec).collect();
        let mut together = 2;
        let mut failures: HashMap<u32, u32> = HashMap::new();
        while !work.is_empty() {
            let taken: Vec<Vec<u32>> = (0..together).filter_map(|_| work.pop()).collect();
            let mut got = HashSet::new();
            let Err(error) = self.read_some(&run.folder.server_name, run.uid_validity, &taken, &mut got, sink).await
            else {
                continue;
            };
            let refused = matches!(error, MailError::Refused { .. });
            if !refused && !error.breaks() {
                return Err(error);
            }
            run.reconnects += 1;
            if run.reconnects > RECONNECTS {
                return Err(error);
            }
            tracing::warn!(code = error.code(), mails = taken.iter().map(Vec::len).sum::<usize>(), "a FETCH failed");
            if error.breaks() {
                self.reset();
                // Fails where the network is gone: then no mail is to blame.
                self.session().await?;
            }
            // From here on one at a time, so that the blame falls on the right set.
            together = 1;
            for set in taken.into_iter().rev() {
                let left: Vec<u32> = set.into_iter().filter(|uid| !got.contains(uid)).collect();
                match left.as_slice() {
                    [] => {}
                    [uid] => {
                        let failed = failures.entry(*uid).or_default();
                        *failed += 1;
                        // A connection may break by chance once.
                        if *failed > 1 || matches!(error, MailError::Protocol(_)) {
                            let mail = self.describe(&run.folder.server_name, *uid).await?;
                            sink.send(vec![mail]).await.map_err(|_| MailError::Stopped)?;
                        } else {
                            work.push(left);
                        }
                    }
                    _ => {
                        let (one, other) = left.split_at(left.len() / 2);
                        work.push(other.to_vec());
                        work.push(one.to_vec());
                    }
                }
            }
        }
        Ok(())
    }

    async fn read_some(
        &mut self,
        server_name: &str,
        uid_validity: u32,
        taken: &[Vec<u32>],
        got: &mut HashSet<u32>,
        sink: &mpsc::Sender<Vec<Fetched>>,
    ) -> Result<(), MailError> {
        let (session, selected) = self.open_folder(server_name, false).await?;
        if selected.uid_validity != uid_validity {
            // The folder was replaced while we were away: the next sync begins anew.
            return Err(MailError::Gone);
        }
        let mut tags = Vec::new();
        for set in taken.iter().flat_map(|uids| sets(uids)) {
            tags.push(session.send(&format!("UID FETCH {set} {EVERYTHING}")).await?);
        }
        let wanted: HashSet<u32> = taken.iter().flatten().copied().collect();
        let mut chunk: Vec<Fetched> = Vec::new();
        let mut bytes = 0;
        let mut odd = false;
        let mut failed = None;
        for tag in tags {
            loop {
                match session.next(&tag).await {
                    Ok(Next::Done(_)) => break,
                    // The answers to the commands behind it still come.
                    Err(error @ MailError::Refused { .. }) => {
                        failed = Some(error);
                        break;
                    }
                    Err(error) => {
                        hand_over(&mut chunk, got, sink).await?;
                        return Err(error);
                    }
                    Ok(Next::Data(data)) => match fetched(&data) {
                        // Flags of other mails come unasked.
                        Some(mail) if wanted.contains(&mail.uid) && mail.asked_for() => {
                            bytes += mail.body.as_ref().map_or(0, |body| body.len());
                            chunk.push(mail);
                            if chunk.len() >= CHUNK || bytes >= CHUNK_BYTES {
                                bytes = 0;
                                hand_over(&mut chunk, got, sink).await?;
                            }
                        }
                        Some(_) => {}
                        None => odd |= data.is_empty() || data.get(1).is_some_and(|word| word.is("FETCH")),
                    },
                }
            }
        }
        hand_over(&mut chunk, got, sink).await?;
        if let Some(error) = failed {
            return Err(error);
        }
        // Without an odd answer, what did not come has been removed in the meantime.
        if odd && got.len() < wanted.len() { Err(MailError::Protocol("a FETCH answer")) } else { Ok(()) }
    }

    /// What can be said of a mail whose content cannot be read.
    async fn describe(&mut self, server_name: &str, uid: u32) -> Result<Fetched, MailError> {
        let mut mail = Fetched { uid, ..Fetched::default() };
        let (session, _) = self.open_folder(server_name, false).await?;
        let command = format!("UID FETCH {uid} (UID FLAGS INTERNALDATE RFC822.SIZE)");
        let told = session
            .run(&command, |data| {
                if let Some(found) = fetched(data).filter(|found| found.uid == uid) {
                    mail = found;
                }
            })
            .await;
        if told.is_err_and(|error| error.breaks()) {
            self.reset();
        }
        mail.unreadable = true;
        mail.body = None;
        Ok(mail)
    }

    /// The rest of a mail of which the first piece is here.
    async fn complete(&mut self, run: &Run, message: MessageId, uid: u32) -> Result<(), MailError> {
        let (session, _) = self.open_folder(&run.folder.server_name, false).await?;
        match session.whole(uid, Vec::new()).await {
            Ok(raw) => self.store(move |store| store.message_fill(message, body(raw))).await,
            Err(MailError::Gone | MailError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
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

#[derive(Default)]
struct Stored {
    count: u64,
    fresh: Vec<MessageId>,
    /// Mails of which only the first piece is stored, and which are to be completed.
    cut: Vec<(MessageId, u32)>,
}

impl Stored {
    fn take(
        &mut self,
        store: &Store,
        account: clientele_model::AccountId,
        folder: FolderId,
        batch: Vec<Fetched>,
        now: i64,
    ) -> Result<(), StoreError> {
        let about: Vec<_> = batch.iter().map(|mail| (mail.uid, mail.cut() && mail.size <= LARGEST)).collect();
        let messages = batch.into_iter().map(|mail| new_message(mail, now)).collect();
        let inserted = store.messages_insert(account, folder, messages)?;
        self.count += about.len() as u64;
        for (Inserted { id, fresh }, (uid, complete)) in inserted.into_iter().zip(about) {
            if fresh {
                self.fresh.push(id);
                if complete {
                    self.cut.push((id, uid));
                }
            }
        }
        Ok(())
    }
}

async fn hand_over(
    chunk: &mut Vec<Fetched>,
    got: &mut HashSet<u32>,
    sink: &mpsc::Sender<Vec<Fetched>>,
) -> Result<(), MailError> {
    if chunk.is_empty() {
        return Ok(());
    }
    got.extend(chunk.iter().map(|mail| mail.uid));
    sink.send(std::mem::take(chunk)).await.map_err(|_| MailError::Stopped)
}

/// The SEARCH key for the last `days` (RFC 9051 section 6.4.4). Servers compare days in their own zone, so one more is
/// asked for.
fn since(days: u32, now: i64) -> String {
    let start =
        jiff::Timestamp::from_second(now - (i64::from(days) + 1) * 86_400).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("SINCE {}", start.to_zoned(jiff::tz::TimeZone::UTC).strftime("%-d-%b-%Y"))
}
