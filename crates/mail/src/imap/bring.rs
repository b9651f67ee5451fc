//! Mails from the server into the store: two commands under way, parsing and storing beside reading, and one odd mail
//! costs only itself.

use super::{
    Client, Progress,
    body::{body, new_message},
    fetch::{EVERYTHING, Fetched, fetched, sets},
    session::Next,
    sync::Run,
};
use crate::MailError;
use clientele_model::{AccountId, FolderId, MessageId};
use clientele_store::{Inserted, Store, StoreError};
use std::collections::{HashMap, HashSet};
use tokio::{sync::mpsc, task::JoinHandle};

/// UIDs in one FETCH: the best of what was measured.
const BATCH: usize = 200;
/// A batch goes to the store in pieces of so many mails or bytes.
const CHUNK: usize = 100;
const CHUNK_BYTES: usize = 8 * 1024 * 1024;
/// Larger mails are fetched whole only when they are opened.
const LARGEST: u32 = 25 * 1024 * 1024;
/// A server that breaks off so often in one sync has another problem than odd mails.
const RECONNECTS: u32 = 40;

impl Client {
    /// Fetches mails into the store. Two commands are under way at a time, and parsing and storing run beside reading.
    pub(super) async fn bring(
        &mut self,
        run: &mut Run,
        uids: &[u32],
        fresh: &mut Vec<MessageId>,
    ) -> Result<(), MailError> {
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

    /// Completes mails of which an earlier sync, that was cut off, has stored the first piece only.
    pub(super) async fn resume(&mut self, run: &Run) -> Result<(), MailError> {
        let folder = run.folder.id;
        let left = self.store(move |store| {
            let mut left = Vec::new();
            for (message, uid) in store.bodies_missing(folder, 20)? {
                let mail = store.detail(message)?;
                if mail.unreadable.is_none() && mail.size <= LARGEST {
                    left.push((message, uid));
                }
            }
            Ok(left)
        });
        for (message, uid) in left.await? {
            self.complete(run, message, uid).await?;
        }
        Ok(())
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
        account: AccountId,
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
