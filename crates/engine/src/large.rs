//! Attachments and mails that are too large for the store: fetched into files of the profile when somebody asks for them, a
//! stretch at a time, and gone on with after a cut or a restart.

use crate::{Engine, EngineError, Role, engine::lock};
use clientele_mail::MailError;
use clientele_message::Decoder;
use clientele_model::MessageId;
use clientele_store::{Account, Attachment, LeftOut, PartFile, StoreError};
use std::{
    collections::{HashMap, HashSet},
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};
use tokio::sync::{OwnedMutexGuard, broadcast};
use tokio_util::sync::CancellationToken;

/// Folder of the profile.
const FOLDER: &str = "parts";
/// Connections lost one after the other without a byte between them.
const TRIES: u32 = 4;
/// Between two of those, times the number of the try.
const PAUSE: Duration = Duration::from_secs(1);
/// Beyond what the server said; its sizes are not exact everywhere.
const TOLERANCE: u64 = 16 * 1024 * 1024;
/// A whole mail may be shorter than the server said by one part in so many.
const SHORTER: u64 = 50;
/// Bytes decoded at a time.
const STEP: usize = 1024 * 1024;
/// A file that nobody asked for in this time goes: the server still has it.
const KEPT: Duration = Duration::from_secs(14 * 24 * 3600);

/// How far the fetching of a large attachment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    pub message: MessageId,
    /// The part's number within the mail; 0: the whole mail.
    pub part: u32,
    /// Bytes, decoded.
    pub done: u64,
    pub total: u64,
}

type Key = (MessageId, Option<u32>);

/// What is being fetched.
pub(crate) struct Transfers {
    feed: broadcast::Sender<Transfer>,
    running: Mutex<HashMap<Key, Arc<Running>>>,
}

/// Those who want the same wait for each other, and are all stopped together.
#[derive(Default)]
struct Running {
    turn: Arc<tokio::sync::Mutex<()>>,
    stop: CancellationToken,
}

impl Default for Transfers {
    fn default() -> Self {
        Transfers { feed: broadcast::channel(256).0, running: Mutex::default() }
    }
}

impl Transfers {
    /// Whether somebody waits for it, or it is being written.
    fn uses(&self, key: Key) -> bool {
        let mut running = lock(&self.running);
        // Left by those who were sent away while it was decoded.
        running.retain(|_, one| Arc::strong_count(one) > 1 || one.turn.try_lock().is_err());
        running.contains_key(&key)
    }
}

/// What is fetched, and how large it is.
struct Wanted {
    key: Key,
    left_out: LeftOut,
    /// Decoded, about.
    size: u64,
}

impl Engine {
    /// How far the fetching of large attachments is, whenever that changes.
    pub fn transfers(&self) -> broadcast::Receiver<Transfer> {
        self.0.transfers.feed.subscribe()
    }

    /// Ends the fetching of a large attachment (0: of a whole mail); whoever waits for it gets
    /// [`EngineError::Cancelled`]. What has come stays, and the next try goes on from there.
    pub fn attachment_cancel(&self, message: MessageId, part: u32) {
        let key = (message, (part > 0).then_some(part));
        // A mail that is nothing but an attachment has it under 0.
        for key in [key, (message, Some(part))] {
            if let Some(running) = lock(&self.0.transfers.running).get(&key) {
                running.stop.cancel();
            }
        }
    }

    /// The decoded file of a part that was left on the server, fetched where it is not here.
    pub(crate) async fn large_part(&self, message: MessageId, known: &Attachment) -> Result<PathBuf, EngineError> {
        let left_out = known.left_out.clone().ok_or(EngineError::NotFound)?;
        self.large(Wanted { key: (message, Some(known.part)), left_out, size: known.size.into() }).await
    }

    /// The file of a whole mail of which parts were left on the server.
    pub(crate) async fn large_mail(&self, message: MessageId) -> Result<PathBuf, EngineError> {
        let octets = self.detail(message).await?.size;
        let left_out = LeftOut { octets, ..LeftOut::default() };
        self.large(Wanted { key: (message, None), left_out, size: octets.into() }).await
    }

    async fn large(&self, wanted: Wanted) -> Result<PathBuf, EngineError> {
        let running = lock(&self.0.transfers.running).entry(wanted.key).or_default().clone();
        let result = tokio::select! {
            biased;
            _ = running.stop.cancelled() => Err(EngineError::Cancelled),
            _ = self.0.stop.cancelled() => Err(EngineError::Mail(MailError::Stopped)),
            result = async {
                let turn = running.turn.clone().lock_owned().await;
                self.large_now(&wanted, turn).await
            } => result,
        };
        let mut all = lock(&self.0.transfers.running);
        // The last one out, or everybody was sent away: the next begins with a token of its own.
        let ours = all.get(&wanted.key).is_some_and(|one| Arc::ptr_eq(one, &running));
        if ours && (running.stop.is_cancelled() || Arc::strong_count(&running) <= 2) {
            all.remove(&wanted.key);
            // What is being decoded cannot be stopped: the next waits until it is done.
            if running.turn.try_lock().is_err() {
                all.insert(wanted.key, Arc::new(Running { turn: running.turn.clone(), ..Running::default() }));
            }
        }
        result
    }

    async fn large_now(&self, wanted: &Wanted, turn: OwnedMutexGuard<()>) -> Result<PathBuf, EngineError> {
        let (message, part) = wanted.key;
        let known = self.store(move |store| store.part_file(message, part)).await?;
        if let Some(file) = &known {
            let path = self.profile().join(&file.path);
            if file.is_complete() && path.is_file() {
                touch(&path);
                return Ok(path);
            }
        }
        if self.role() == Role::Guest {
            return Err(EngineError::BodyMissing);
        }
        let account = self.store(move |store| store.account(store.row(message)?.account)).await?;
        let octets = u64::from(wanted.left_out.octets);
        let name = match known.filter(|file| !file.is_complete()) {
            Some(file) => file.path,
            None => format!("{FOLDER}/{:016x}", rand::random::<u64>()),
        };
        let mut file = PartFile { message, part, done: 0, total: octets.max(1), path: name };
        let path = self.profile().join(&file.path);
        let (coming, noted) = (coming(&path), file.clone());
        std::fs::create_dir_all(self.profile().join(FOLDER))?;
        self.store(move |store| store.part_file_set(&noted)).await?;

        self.fetch_to(&account, wanted, &coming).await?;
        let (store, to, encoding) = (self.0.store.clone(), path.clone(), wanted.left_out.encoding.clone());
        let decoded = tokio::task::spawn_blocking(move || -> Result<(), EngineError> {
            // Held to the end, also where nobody waits any more: two would write into one file.
            let _turn = turn;
            let length = decode(&coming, &to, &encoding)?;
            (file.done, file.total) = (length.max(1), length.max(1));
            Ok(store.part_file_set(&file)?)
        });
        decoded.await.map_err(|_| EngineError::Internal("decoding a part panicked"))??;
        self.told(wanted, 1.0);
        Ok(path)
    }

    /// Fetches what is missing of a file, as it lies on the server. What a server says of a part's length is exact; a whole
    /// mail's is not, and only an empty piece is its end.
    async fn fetch_to(&self, account: &Account, wanted: &Wanted, path: &Path) -> Result<(), EngineError> {
        let octets = u64::from(wanted.left_out.octets);
        let is_part = !wanted.left_out.section.is_empty();
        let least = if is_part { octets } else { octets - octets / SHORTER }.max(1);
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        let mut offset = file.seek(SeekFrom::End(0))?;
        self.space_for(octets.saturating_sub(offset) + octets)?;
        let wake = self.wake_of(account.id);
        let _busy = wake.busy();
        let mut failures = 0;
        // Behind the end of a part nothing is asked: a server may refuse that.
        while !is_part || offset != octets {
            self.told(wanted, offset as f64 / octets.max(1) as f64);
            let stretch = {
                // Given back after each stretch: who opens a mail meanwhile does not wait for all of this.
                let mut held = wake.bodies.lock().await;
                let mut client = held.take().unwrap_or_else(|| self.client(account));
                let stretch = client.fetch_stretch(wanted.key.0, &wanted.left_out.section, offset, octets).await;
                client.give_way().await;
                *held = Some(client);
                stretch
            };
            match stretch {
                Ok(stretch) => {
                    failures = 0;
                    file.write_all(&stretch.bytes)?;
                    offset += stretch.bytes.len() as u64;
                    if stretch.last && offset >= least {
                        break;
                    }
                    if stretch.last || stretch.bytes.is_empty() {
                        return Err(MailError::Protocol("a part that ends too early").into());
                    }
                    if offset > octets + octets / 4 + TOLERANCE {
                        return Err(MailError::TooLarge { limit: octets }.into());
                    }
                    self.space_for(octets.saturating_sub(offset))?;
                }
                // All of it is here.
                Err(MailError::Refused { temporary: false, .. }) if offset >= octets && offset >= least => break,
                Err(MailError::Gone) if offset == octets && offset >= least => break,
                Err(error) if error.retryable() && failures < TRIES => {
                    failures += 1;
                    tracing::info!(message = wanted.key.0.0, offset, code = error.code(), "a large part goes on later");
                    tokio::time::sleep(PAUSE * failures).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        file.sync_all()?;
        Ok(())
    }

    /// Both the encoded and the decoded file lie there for a moment.
    fn space_for(&self, bytes: u64) -> Result<(), EngineError> {
        if self.0.room.glance() {
            return Err(StoreError::DiskFull.into());
        }
        match fs4::available_space(self.profile()) {
            Ok(free) if free < bytes + bytes / 8 => Err(StoreError::DiskFull.into()),
            _ => Ok(()),
        }
    }

    fn told(&self, wanted: &Wanted, share: f64) {
        let (message, part) = wanted.key;
        let total = wanted.size.max(1);
        let done = (total as f64 * share.clamp(0.0, 1.0)) as u64;
        let _ = self.0.transfers.feed.send(Transfer { message, part: part.unwrap_or(0), done, total });
    }

    /// Removes files of parts whose mails are gone, and those that nobody asked for lately.
    pub(crate) async fn parts_tidy(&self) -> Result<(), EngineError> {
        if self.role() == Role::Guest {
            return Ok(());
        }
        let (profile, inner) = (self.profile().to_owned(), self.0.clone());
        self.store(move |store| {
            // Listed first: what begins meanwhile is noted before it has a file.
            let there: Vec<_> = std::fs::read_dir(profile.join(FOLDER)).into_iter().flatten().flatten().collect();
            let mut kept = HashSet::new();
            for file in store.part_files()? {
                let path = profile.join(&file.path);
                let all = [coming(&path), decoding(&path), path];
                let used = inner.transfers.uses((file.message, file.part));
                if used || all.iter().any(|path| is_fresh(path)) {
                    kept.extend(all);
                } else {
                    store.part_file_forget(file.message, file.part)?;
                }
            }
            for entry in there {
                if !kept.contains(&entry.path()) {
                    let _gone = std::fs::remove_file(entry.path());
                }
            }
            Ok(())
        })
        .await
    }
}

/// A file's bytes, held once.
pub(crate) fn read_once(path: &Path) -> io::Result<Arc<[u8]>> {
    let mut file = File::open(path)?;
    let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    let mut bytes: Arc<[u8]> = std::iter::repeat_n(0, length).collect();
    if let Some(bytes) = Arc::get_mut(&mut bytes) {
        file.read_exact(bytes)?;
    }
    Ok(bytes)
}

/// Where a part grows, as it comes.
fn coming(path: &Path) -> PathBuf {
    path.with_extension("coming")
}

/// Where it is decoded, before it is whole.
fn decoding(path: &Path) -> PathBuf {
    path.with_extension("decoded")
}

/// Asked for now: [`is_fresh`].
fn touch(path: &Path) {
    let _touched = OpenOptions::new().write(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
}

fn is_fresh(path: &Path) -> bool {
    let age = |meta: std::fs::Metadata| SystemTime::now().duration_since(meta.modified().ok()?).ok();
    path.metadata().is_ok_and(|meta| age(meta).is_none_or(|age| age < KEPT))
}

/// Writes the decoded file, whole or not at all, and removes the other; how long it is.
fn decode(from: &Path, to: &Path, encoding: &str) -> io::Result<u64> {
    if !matches!(encoding, "base64" | "quoted-printable") {
        std::fs::rename(from, to)?;
        return Ok(to.metadata()?.len());
    }
    let beside = decoding(to);
    let mut source = File::open(from)?;
    let mut target = File::create(&beside)?;
    let mut decoder = Decoder::new(encoding);
    let (mut piece, mut out) = (vec![0; STEP], Vec::new());
    loop {
        let length = source.read(&mut piece)?;
        if length == 0 {
            break;
        }
        decoder.push(&piece[..length], &mut out);
        target.write_all(&out)?;
        out.clear();
    }
    decoder.end(&mut out);
    target.write_all(&out)?;
    target.sync_all()?;
    let length = target.metadata()?.len();
    drop((source, target));
    std::fs::rename(&beside, to)?;
    std::fs::remove_file(from)?;
    Ok(length)
}
