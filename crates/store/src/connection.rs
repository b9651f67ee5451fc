use crate::{
    Result, StoreError, account, backup, folder,
    health::{is_damage, is_index, look, may_be_damage, sound},
    heap, journal, migrate, operation, outbox,
    search::{self, Merging},
    upkeep::{self, Bell, Guard, Health},
};
use clientele_model::{AccountId, Change, Table};
use rusqlite::{Connection, TransactionBehavior, config::DbConfig};
use std::{
    collections::{BTreeMap, HashSet},
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::broadcast;

/// Readers kept open; more are opened when asked for and closed after use.
const READERS: usize = 6;
/// After an unclean end, a mail store larger than this is read through in the background and not at opening: it takes
/// seconds, and what is damaged can be fetched again.
const LARGE: u64 = 8 << 20;
/// There where a query met damage.
pub(crate) const SUSPECT: &str = "mail.db.suspect";
/// There where a search met damage of the index.
pub(crate) const SUSPECT_INDEX: &str = "index.suspect";
/// An error of the disk with less than this free is a full disk, in bytes.
const HARDLY_ANY: u64 = 1 << 20;
/// A reader that lags by more changes than this is told to refetch all.
const FEED: usize = 1024;
/// More changed rows of a table than this in one commit are announced without their ids.
const MANY: usize = 1000;

/// The databases of one profile. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>, #[expect(dead_code, reason = "held until the last handle goes")] Option<Arc<Guard>>);

struct Inner {
    profile: PathBuf,
    /// None: a profile that is only looked at, until somebody writes.
    writer: Mutex<Option<Writer>>,
    readers: Mutex<Vec<Connection>>,
    feed: broadcast::Sender<Change>,
    bell: Arc<Bell>,
    merging: Merging,
    /// Accounts whose folders the server has told since the profile was opened.
    listed: Mutex<HashSet<AccountId>>,
}

struct Writer {
    db: Connection,
    /// `data_version` of both databases when we last looked.
    seen: (i64, i64),
}

/// What was found at opening.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// Where a damaged `mail.db` was moved to.
    pub mail_set_aside: Option<PathBuf>,
}

impl Store {
    /// Opens the profile as its owner: creates what is missing, migrates, sets a damaged `mail.db` aside, brings
    /// queued operations and interrupted sendings into order. Creates the folder.
    pub fn open(profile: &Path) -> Result<(Store, Opened)> {
        std::fs::create_dir_all(profile)?;
        let mut opened = Opened::default();
        let unclean = upkeep::begin(profile)?;
        let suspect = profile.join(SUSPECT).exists();
        if unclean || suspect {
            opened.mail_set_aside = examine(profile, suspect)?;
        }
        // After a clean end, to look at every page would only cost time; what does not open is looked at all the same.
        let (db, migrated) = match begin(profile, unclean) {
            Err(StoreError::Database(error)) if may_be_damage(&error) => {
                opened.mail_set_aside = examine(profile, true)?.or(opened.mail_set_aside);
                begin(profile, unclean)?
            }
            other => other?,
        };
        let store = Store::of(profile, Some(Writer::of(db)?));
        store.scrub()?;
        store.with_writer(|db| journal::watch(db, store.0.bell.clone()))?;
        let guard = upkeep::start(store.clone(), store.0.bell.clone(), unclean || migrated)?;
        let store = Store(store.0, Some(Arc::new(guard)));
        Ok((store, opened))
    }

    /// Opens a profile that another process owns: for reading, and for queueing operations, drafts, mails and archive
    /// rows, which the owner notices. Repairs and migrates nothing.
    pub fn open_shared(profile: &Path) -> Result<Store> {
        if !is_there(profile) {
            return Err(StoreError::NotFound);
        }
        let db = connect(profile, false)?;
        migrate::check(&db)?;
        Ok(Store::of(profile, Some(Writer::of(db)?)))
    }

    /// Opens a profile to look at it and end, on one connection. `owned`: a running process owns it. None where an owner has
    /// to see to it first: it is not there, of another version, or its last end was not clean.
    pub fn open_to_look(profile: &Path, owned: bool) -> Result<Option<Store>> {
        if !is_there(profile) || (!owned && upkeep::is_open(profile)) {
            return Ok(None);
        }
        let found = connect(profile, true).and_then(|db| {
            migrate::check(&db)?;
            let store = Store::of(profile, None);
            lock(&store.0.readers).push(db);
            Ok(store)
        });
        match found {
            Ok(store) => Ok(Some(store)),
            Err(StoreError::Version { .. } | StoreError::Database(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn of(profile: &Path, writer: Option<Writer>) -> Store {
        let inner = Inner {
            profile: profile.to_owned(),
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            feed: broadcast::channel(FEED).0,
            bell: Arc::default(),
            merging: Merging::default(),
            listed: Mutex::default(),
        };
        Store(Arc::new(inner), None)
    }

    pub(crate) fn listed(&self, account: AccountId) {
        lock(&self.0.listed).insert(account);
    }

    /// Whether a folder that is not known is one that the server does not have.
    pub(crate) fn is_listed(&self, account: AccountId) -> bool {
        lock(&self.0.listed).contains(&account)
    }

    /// There is something for the upkeep to do.
    pub(crate) fn ring(&self) {
        self.0.bell.ring();
    }

    pub(crate) fn inserted(&self, mails: usize) {
        self.0.bell.inserted(mails);
    }

    pub(crate) fn merging(&self) -> &Merging {
        &self.0.merging
    }

    /// Which rows changed, after each commit. A receiver that lags has missed some: refetch.
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.0.feed.subscribe()
    }

    /// Whether another process has written since the last call; the change feed is told then. Call it once a second.
    pub fn poll_foreign(&self) -> Result<bool> {
        let foreign = self.writing(|writer| {
            let now = versions(&writer.db)?;
            Ok(std::mem::replace(&mut writer.seen, now) != now)
        })?;
        if foreign {
            for table in [
                Table::Account,
                Table::Folder,
                Table::Message,
                Table::Draft,
                Table::Outbox,
                Table::Operation,
                Table::Archive,
                Table::Setting,
            ] {
                let _ = self.0.feed.send(Change { table, ids: Vec::new() });
            }
        }
        Ok(foreign)
    }

    /// The profile folder.
    pub fn profile(&self) -> &Path {
        &self.0.profile
    }

    /// One transaction of the writer; its changes are announced after the commit.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut Write<'_>) -> Result<T>) -> Result<T> {
        self.watched(self.try_write(work))
    }

    fn try_write<T>(&self, work: impl FnOnce(&mut Write<'_>) -> Result<T>) -> Result<T> {
        self.writing(|writer| {
            let transaction = writer.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut write = Write { db: transaction, changes: BTreeMap::new() };
            let result = work(&mut write)?;
            let Write { db, changes } = write;
            db.commit()?;
            // Sent while the writer is still held, so that the feed has the order of the commits.
            for (_, (table, ids)) in changes {
                let _ = self.0.feed.send(Change { table, ids: ids.unwrap_or_default() });
            }
            Ok(result)
        })
    }

    fn writing<T>(&self, work: impl FnOnce(&mut Writer) -> Result<T>) -> Result<T> {
        let mut held = lock(&self.0.writer);
        let writer = match &mut *held {
            Some(writer) => writer,
            None => held.insert(Writer::of(connect(&self.0.profile, false)?)?),
        };
        work(writer)
    }

    /// One reading; both databases as they were at its first query.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.watched(self.try_read(work))
    }

    fn try_read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let pooled = lock(&self.0.readers).pop();
        let mut db = match pooled {
            Some(db) => db,
            None => connect(&self.0.profile, true)?,
        };
        let result = {
            let transaction = db.transaction()?;
            work(&transaction)
        };
        let mut readers = lock(&self.0.readers);
        if readers.len() < READERS {
            readers.push(db);
        }
        result
    }

    /// As [`Store::read`], on a connection of its own for what takes long; given up where `stop` is set.
    pub(crate) fn read_apart<T>(
        &self,
        stop: &Arc<AtomicBool>,
        work: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        let mut db = connect(&self.0.profile, true)?;
        let stop = stop.clone();
        db.progress_handler(10_000, Some(move || stop.load(Ordering::Relaxed)))?;
        work(&db)
    }

    /// Damage met on the way is looked into at the next opening, that of the search index made good at once. What a full
    /// disk makes fail in other ways is told as one.
    fn watched<T>(&self, result: Result<T>) -> Result<T> {
        match result {
            Err(StoreError::Database(error)) if is_damage(&error) => {
                if is_index(&error) {
                    let _ = std::fs::write(self.0.profile.join(SUSPECT_INDEX), []);
                    self.ring();
                } else {
                    tracing::error!("a database is damaged");
                    let _ = std::fs::write(self.0.profile.join(SUSPECT), []);
                }
                Err(StoreError::Database(error))
            }
            Err(StoreError::Database(error))
                if is_io(&error) && self.free_space().is_ok_and(|free| free < HARDLY_ANY) =>
            {
                Err(StoreError::DiskFull)
            }
            other => other,
        }
    }

    pub(crate) fn with_writer<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        self.writing(|writer| work(&mut writer.db))
    }
}

impl Writer {
    fn of(db: Connection) -> Result<Writer> {
        let seen = versions(&db)?;
        Ok(Writer { db, seen })
    }
}

/// A write transaction and what it changed.
pub(crate) struct Write<'a> {
    db: rusqlite::Transaction<'a>,
    /// By table; None: all rows.
    changes: BTreeMap<u8, (Table, Option<Vec<i64>>)>,
}

impl Deref for Write<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.db
    }
}

impl Write<'_> {
    pub(crate) fn changed(&mut self, table: Table, id: i64) {
        let (_, ids) = self.changes.entry(table as u8).or_insert((table, Some(Vec::new())));
        if let Some(ids) = ids
            && !ids.contains(&id)
        {
            // A change of very many rows is told as "any row": nobody refetches so many one by one.
            if ids.len() < MANY { ids.push(id) } else { self.changed_all(table) }
        }
    }

    pub(crate) fn changed_all(&mut self, table: Table) {
        self.changes.insert(table as u8, (table, None));
    }
}

/// A lock whose holder panicked is as good as before: the transaction was rolled back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Connects as the owner: migrates, and brings what was under way into order. True where it migrated.
fn begin(profile: &Path, unclean: bool) -> Result<(Connection, bool)> {
    let mut db = connect(profile, false)?;
    let migrated = migrate::migrate(&mut db)?;
    {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut write = Write { db: transaction, changes: BTreeMap::new() };
        outbox::recover(&write)?;
        account::recover(&mut write)?;
        operation::recover(&mut write)?;
        search::recover(&write);
        if unclean {
            // Of a transaction over both databases mail.db may have lost its half: a change that was taken back, say.
            folder::doubt(&write, None)?;
        }
        write.db.commit()?;
    }
    Ok((db, migrated))
}

/// Reads `local.db` through, and `mail.db` where that is quick or damage was met. Sets a damaged `mail.db` aside, and gives
/// where to.
fn examine(profile: &Path, suspect: bool) -> Result<Option<PathBuf>> {
    if !sound(&profile.join("local.db"), true)? {
        return Err(StoreError::LocalDamaged { backups: backup::backups(profile, backup::LOCAL) });
    }
    let mail = profile.join("mail.db");
    let mut aside = None;
    match look(&mail, suspect || !is_large(&mail))? {
        Health::Sound => {}
        Health::IndexRemade => std::fs::write(profile.join(SUSPECT_INDEX), [])?,
        Health::Damaged => {
            aside = Some(backup::set_aside(&mail)?);
            tracing::error!("mail.db was damaged and is set aside");
        }
    }
    if profile.join(SUSPECT).exists() {
        std::fs::remove_file(profile.join(SUSPECT))?;
    }
    Ok(aside)
}

pub(crate) fn connect(profile: &Path, reader: bool) -> Result<Connection> {
    heap::apart();
    let db = Connection::open(profile.join("local.db"))?;
    db.busy_timeout(Duration::from_secs(15))?;
    let mail = profile.join("mail.db");
    let mail = mail.to_str().ok_or_else(|| std::io::Error::other("the profile's path is not UTF-8"))?;
    db.execute("ATTACH DATABASE ? AS mail", [mail])?;
    // Without it a statement is compiled anew whenever it is given other values, those of FTS5 too.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA mail.cache_size = -10000;")?;
    if reader {
        db.execute_batch("PRAGMA query_only = ON")?;
    } else {
        db.execute_batch(
            "PRAGMA main.journal_mode = WAL; PRAGMA mail.journal_mode = WAL;
             PRAGMA main.synchronous = FULL; PRAGMA mail.synchronous = NORMAL; PRAGMA foreign_keys = ON;
             PRAGMA main.journal_size_limit = 4194304; PRAGMA mail.journal_size_limit = 67108864;",
        )?;
        db.pragma_update(None, "wal_autocheckpoint", journal::LONG)?;
    }
    db.set_prepared_statement_cache_capacity(96);
    Ok(db)
}

fn versions(db: &Connection) -> Result<(i64, i64)> {
    Ok((
        db.query_row("PRAGMA main.data_version", [], |row| row.get(0))?,
        db.query_row("PRAGMA mail.data_version", [], |row| row.get(0))?,
    ))
}

fn is_there(profile: &Path) -> bool {
    profile.join("local.db").exists() && profile.join("mail.db").exists()
}

fn is_large(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.len() > LARGE)
}

fn is_io(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::SystemIoFailure | rusqlite::ErrorCode::CannotOpen))
}
