//! From what was read to the store: understood by some threads, written by another, all beside the reading.

use super::{Client, Progress, body::new_message, fetch::Fetched, sync::Run};
use crate::MailError;
use clientele_model::{AccountId, FolderId, MessageId};
use clientele_store::{Inserted, Prepared, Store, StoreError};
use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, TryRecvError, channel},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinHandle,
};

/// The store gets so many mails or bytes in a transaction.
pub(super) const CHUNK: usize = 500;
const CHUNK_BYTES: usize = 5 * 1024 * 1024;
/// Handed over for parsing as soon as there is so much: what is read last is all that is left to do after reading.
const PIECE_BYTES: usize = 192 * 1024;
const PIECE: usize = 50;
/// Read and not stored yet, in bytes: reading goes on while a transaction is written and another is prepared, and no further.
const UNDER_WAY: usize = 12 * 1024 * 1024;
/// Over a slow link, what came is written after this time.
const LATEST: Duration = Duration::from_secs(1);
/// Of no more mails than these somebody waits for each.
const FEW: u64 = 20;
/// Larger mails are fetched without their large parts, which come when they are asked for.
pub(super) const LARGEST: u32 = 5 * 1024 * 1024;

/// Mails on their way to the store.
pub(super) struct Line {
    pub(super) sink: Sink,
    parsers: Vec<JoinHandle<Result<(), StoreError>>>,
    writer: JoinHandle<Result<Stored, StoreError>>,
}

/// Where mails go that were read.
pub(super) struct Sink {
    to: mpsc::UnboundedSender<Piece>,
    room: Arc<Semaphore>,
}

/// What is parsed at a time.
struct Piece {
    mails: Vec<Fetched>,
    bytes: usize,
    held: OwnedSemaphorePermit,
}

impl Sink {
    /// Waits where too much is under way already.
    pub(super) async fn send(&self, mails: Vec<Fetched>) -> Result<(), MailError> {
        let bytes = mails.iter().map(Fetched::weight).sum::<usize>();
        let wanted = bytes.clamp(1, UNDER_WAY) as u32;
        let held = self.room.clone().acquire_many_owned(wanted).await.map_err(|_| MailError::Stopped)?;
        self.to.send(Piece { mails, bytes, held }).map_err(|_| MailError::Stopped)
    }
}

impl Client {
    pub(super) fn start_line(&self, run: &Run) -> Line {
        let (to, read) = mpsc::unbounded_channel::<Piece>();
        let (parsed, batches) = channel::<Batch>();
        let (store, account, folder, now) = (self.store.clone(), self.account, run.folder.id, run.now);
        let (report, before, total) = (run.report.clone(), run.done, run.total);
        let read = Arc::new(Mutex::new(read));
        let parser = || {
            let (read, parsed) = (read.clone(), parsed.clone());
            move || {
                loop {
                    // Whoever waits holds the lock; the others have work.
                    let Some(piece) = read.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv() else {
                        return Ok(());
                    };
                    if parsed.send(Batch::of(piece, now)?).is_err() {
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
            // Who waits for a single mail does not wait for this.
            let many = total.saturating_sub(before) > FEW;
            let spare = || many && spared(&store);
            while let Some(batch) = gathered(&batches, spare) {
                stored.take(&store, account, folder, batch)?;
                let done = before + stored.count;
                report(Progress { done, total: total.max(done) });
            }
            Ok(stored)
        });
        Line { sink: Sink { to, room: Arc::new(Semaphore::new(UNDER_WAY)) }, parsers, writer }
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
    /// Of each: its UID, and where only its first piece is here the size of all.
    about: Vec<(u32, Option<u32>)>,
    prepared: Prepared,
    /// As they were read.
    bytes: usize,
    held: OwnedSemaphorePermit,
}

impl Batch {
    fn of(piece: Piece, now: i64) -> Result<Batch, StoreError> {
        let Piece { mails, bytes, held } = piece;
        let about = mails.iter().map(|mail| (mail.uid, mail.cut().then_some(mail.size))).collect();
        let prepared = Store::messages_prepare(mails.into_iter().map(|mail| new_message(mail, now)))?;
        Ok(Batch { about, prepared, bytes, held })
    }

    fn is_full(&self) -> bool {
        self.about.len() >= CHUNK || self.bytes >= CHUNK_BYTES
    }

    fn add(&mut self, other: Batch) {
        self.about.extend(other.about);
        self.prepared.append(other.prepared);
        self.bytes += other.bytes;
        self.held.merge(other.held);
    }
}

/// What was parsed, in as few transactions as may be. None at the end. `spare`: something to do while there is nothing to
/// write, a little at a time; false where there is nothing.
fn gathered(from: &Receiver<Batch>, spare: impl Fn() -> bool) -> Option<Batch> {
    let mut batch = loop {
        match from.try_recv() {
            Ok(batch) => break batch,
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) if spare() => {}
            Err(TryRecvError::Empty) => break from.recv().ok()?,
        }
    };
    let latest = Instant::now() + LATEST;
    while !batch.is_full() {
        let left = latest.saturating_duration_since(Instant::now());
        let more = match from.try_recv() {
            Err(TryRecvError::Empty) if !left.is_zero() && spare() => continue,
            Err(TryRecvError::Empty) => from.recv_timeout(left).ok(),
            other => other.ok(),
        };
        match more {
            Some(more) => batch.add(more),
            None => break,
        }
    }
    Some(batch)
}

/// Whether something was done in the search index. What fails there fails with the next mails too, and is told then.
fn spared(store: &Store) -> bool {
    store.index_spare().unwrap_or_else(|error| {
        tracing::warn!(%error, "the parts of the search index stay apart");
        false
    })
}

#[derive(Default)]
struct Stored {
    count: u64,
    fresh: Vec<MessageId>,
    /// Mails of which only the first piece is stored: UIDs and sizes.
    cut: Vec<(MessageId, u32, u32)>,
}

impl Stored {
    fn take(&mut self, store: &Store, account: AccountId, folder: FolderId, batch: Batch) -> Result<(), StoreError> {
        let Batch { about, prepared, held, .. } = batch;
        let inserted = store.prepared_insert(account, folder, prepared)?;
        drop(held);
        self.count += about.len() as u64;
        for (Inserted { id, fresh }, (uid, cut)) in inserted.into_iter().zip(about) {
            if fresh {
                self.fresh.push(id);
                if let Some(size) = cut {
                    self.cut.push((id, uid, size));
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
    pub(super) async fn push(&mut self, mail: Fetched, got: &mut HashSet<u32>, sink: &Sink) -> Result<(), MailError> {
        self.bytes += mail.weight();
        self.mails.push(mail);
        if self.mails.len() >= PIECE || self.bytes >= PIECE_BYTES { self.hand_over(got, sink).await } else { Ok(()) }
    }

    pub(super) async fn hand_over(&mut self, got: &mut HashSet<u32>, sink: &Sink) -> Result<(), MailError> {
        if self.mails.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        got.extend(self.mails.iter().map(|mail| mail.uid));
        sink.send(std::mem::take(&mut self.mails)).await
    }
}
