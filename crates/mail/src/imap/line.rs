//! From what was read to the store: understood by some threads, written by another, all beside the reading.

use super::{Client, Progress, body::new_message, fetch::Fetched, sync::Run};
use crate::MailError;
use clientele_model::{AccountId, FolderId, MessageId};
use clientele_store::{Inserted, Prepared, Store, StoreError};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{sync::mpsc, task::JoinHandle};

/// The store gets so many mails or bytes in a transaction. Four of these are under way at a time: read, waiting, parsed,
/// stored.
pub(super) const CHUNK: usize = 500;
const CHUNK_BYTES: usize = 6 * 1024 * 1024;
/// Larger mails are fetched whole only when they are opened.
pub(super) const LARGEST: u32 = 25 * 1024 * 1024;
/// Mails on their way to the store: read here, understood by some threads, stored by another.
pub(super) struct Line {
    pub(super) sink: mpsc::Sender<Vec<Fetched>>,
    parsers: Vec<JoinHandle<Result<(), StoreError>>>,
    writer: JoinHandle<Result<Stored, StoreError>>,
}

impl Client {
    pub(super) fn start_line(&self, run: &Run) -> Line {
        let (sink, read) = mpsc::channel::<Vec<Fetched>>(1);
        let (parsed, mut batches) = mpsc::channel::<Batch>(1);
        let (store, account, folder, now) = (self.store.clone(), self.account, run.folder.id, run.now);
        let (report, before, total) = (run.report.clone(), run.done, run.total);
        let read = Arc::new(Mutex::new(read));
        let parser = || {
            let (read, parsed) = (read.clone(), parsed.clone());
            move || {
                loop {
                    // Whoever waits holds the lock; the others have work.
                    let Some(mails) = read.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv() else {
                        return Ok(());
                    };
                    if parsed.blocking_send(Batch::of(mails, now)?).is_err() {
                        // The writer says why.
                        return Ok(());
                    }
                }
            }
        };
        let count = if total.saturating_sub(before) > CHUNK as u64 { parsers() } else { 1 };
        let parsers = (0..count).map(|_| tokio::task::spawn_blocking(parser())).collect();
        drop(parsed);
        let writer = tokio::task::spawn_blocking(move || {
            let mut stored = Stored::default();
            while let Some(batch) = batches.blocking_recv() {
                stored.take(&store, account, folder, batch)?;
                let done = before + stored.count;
                report(Progress { done, total: total.max(done) });
            }
            Ok(stored)
        });
        Line { sink, parsers, writer }
    }

    pub(super) async fn end_line(
        &mut self,
        run: &mut Run,
        line: Line,
        fresh: &mut Vec<MessageId>,
    ) -> Result<(), MailError> {
        drop(line.sink);
        let stored = line.writer.await.map_err(|_| MailError::Stopped)??;
        for parser in line.parsers {
            parser.await.map_err(|_| MailError::Stopped)??;
        }
        run.done += stored.count;
        fresh.extend(stored.fresh);
        run.cut.extend(stored.cut);
        Ok(())
    }
}

/// Parsing and packing take longer than reading and writing: a computer with more than two cores gives them a second and
/// a third.
fn parsers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).clamp(1, 3))
}

/// Mails ready for the store.
struct Batch {
    /// Of each: its UID, and whether the rest of it is to be fetched.
    about: Vec<(u32, bool)>,
    prepared: Prepared,
}

impl Batch {
    fn of(mails: Vec<Fetched>, now: i64) -> Result<Batch, StoreError> {
        let about = mails.iter().map(|mail| (mail.uid, mail.cut() && mail.size <= LARGEST)).collect();
        let messages = mails.into_iter().map(|mail| new_message(mail, now)).collect();
        Ok(Batch { about, prepared: Store::messages_prepare(messages)? })
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
    fn take(&mut self, store: &Store, account: AccountId, folder: FolderId, batch: Batch) -> Result<(), StoreError> {
        let Batch { about, prepared } = batch;
        let inserted = store.prepared_insert(account, folder, prepared)?;
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

/// Mails that have come and are not on their way to the store yet.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) mails: Vec<Fetched>,
    bytes: usize,
}

impl Chunk {
    pub(super) async fn push(
        &mut self,
        mail: Fetched,
        got: &mut HashSet<u32>,
        sink: &mpsc::Sender<Vec<Fetched>>,
    ) -> Result<(), MailError> {
        self.bytes += mail.body.as_ref().map_or(0, |body| body.len());
        self.mails.push(mail);
        if self.mails.len() >= CHUNK || self.bytes >= CHUNK_BYTES { self.hand_over(got, sink).await } else { Ok(()) }
    }

    pub(super) async fn hand_over(
        &mut self,
        got: &mut HashSet<u32>,
        sink: &mpsc::Sender<Vec<Fetched>>,
    ) -> Result<(), MailError> {
        if self.mails.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        got.extend(self.mails.iter().map(|mail| mail.uid));
        sink.send(std::mem::take(&mut self.mails)).await.map_err(|_| MailError::Stopped)
    }
}
