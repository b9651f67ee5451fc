use crate::{Result, Store, StoreError, health};
use rusqlite::Connection;
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

const DAY: i64 = 86_400;

/// How a database is backed up.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    /// Backups are `backups/<name>-1.db` (the newest) to `<name>-<keep>.db`.
    pub name: &'static str,
    pub keep: u32,
}

pub(crate) const LOCAL: Rotation = Rotation { name: "local", keep: 3 };

impl Rotation {
    fn path(self, profile: &Path, number: u32) -> PathBuf {
        profile.join("backups").join(format!("{}-{number}.db", self.name))
    }
}

/// Takes a backup of `database` into `profile/backups` where the newest is older than a day at `now`. Gives its path,
/// or None where none was due.
pub fn rotate(profile: &Path, rotation: Rotation, database: &Connection, now: i64) -> Result<Option<PathBuf>> {
    let newest = rotation.path(profile, 1);
    if let Ok(time) = newest.metadata().and_then(|meta| meta.modified()) {
        let age = now - time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
        if (0..DAY).contains(&age) {
            return Ok(None);
        }
    }
    fs::create_dir_all(profile.join("backups"))?;
    // Written under another name first: a crash half-way must not cost the newest good one.
    let fresh = profile.join("backups").join(format!("{}.new", rotation.name));
    remove(&fresh)?;
    {
        let mut target = Connection::open(&fresh)?;
        rusqlite::backup::Backup::new(database, &mut target)?.run_to_completion(1024, Duration::ZERO, None)?;
        target.pragma_update(None, "journal_mode", "DELETE")?;
    }
    let file = fs::File::options().write(true).open(&fresh)?;
    file.set_modified(UNIX_EPOCH + Duration::from_secs(now.max(0) as u64))?;
    file.sync_all()?;
    drop(file);
    for number in (1..rotation.keep).rev() {
        let from = rotation.path(profile, number);
        if from.exists() {
            fs::rename(from, rotation.path(profile, number + 1))?;
        }
    }
    fs::rename(&fresh, &newest)?;
    Ok(Some(newest))
}

/// The backups there are, newest first.
pub fn backups(profile: &Path, rotation: Rotation) -> Vec<PathBuf> {
    (1..=rotation.keep).map(|number| rotation.path(profile, number)).filter(|path| path.exists()).collect()
}

/// Puts a backup (`<name>-<n>.db`) in the place of the database `<name>.db` it was taken of; the damaged one is kept
/// beside it as `<name>.db.damaged-<n>`. Only while the profile is not open.
pub fn restore(profile: &Path, backup: &Path) -> Result<()> {
    let stem = backup.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let (name, _) = stem.rsplit_once('-').ok_or(StoreError::NotFound)?;
    let target = profile.join(format!("{name}.db"));
    let copy = profile.join(format!("{name}.db.restored"));
    fs::copy(backup, &copy)?;
    if name == LOCAL.name {
        // Since the backup, what it holds in queues may have been done: mails are not sent again unasked, and changes
        // are left to the server, which has them or has newer ones.
        Connection::open(&copy)?.execute_batch(
            "UPDATE outbox SET state = 'held' WHERE state IN ('queued', 'sending');
             DELETE FROM operation; DELETE FROM undo;",
        )?;
    }
    // On the disk before it takes the place of anything: a power cut must find one or the other.
    fs::File::options().write(true).open(&copy)?.sync_all()?;
    if target.exists() {
        set_aside(&target)?;
    }
    fs::rename(copy, target)?;
    crate::upkeep::distrust(profile)?;
    crate::upkeep::sync_folder(profile)
}

/// Moves a damaged database and its journals to `<file>.damaged-<n>`; gives where to.
pub fn set_aside(database: &Path) -> Result<PathBuf> {
    let with = |suffix: &str| PathBuf::from(format!("{}{suffix}", database.display()));
    let number = (1u32..).find(|n| !with(&format!(".damaged-{n}")).exists()).unwrap_or(u32::MAX);
    let aside = with(&format!(".damaged-{number}"));
    fs::rename(database, &aside)?;
    for journal in ["-wal", "-shm"] {
        if with(journal).exists() {
            fs::rename(with(journal), with(&format!(".damaged-{number}{journal}")))?;
        }
    }
    Ok(aside)
}

/// Removes the backups of local.db and what was set aside: older copies of what the store holds.
pub(crate) fn forget(profile: &Path) -> Result<()> {
    for path in backups(profile, LOCAL) {
        remove(&path)?;
    }
    for entry in fs::read_dir(profile)?.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("mail.db.damaged-") || name.starts_with("local.db.damaged-") || name == "local.db.restored"
        {
            remove(&entry.path())?;
        }
    }
    remove(&profile.join("backups").join(format!("{}.new", LOCAL.name)))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether a database can be used, for other databases of the profile.
pub fn sound(database: &Path) -> Result<bool> {
    health::sound(database, true)
}

/// A backup of `local.db`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalBackup {
    /// 1 is the newest.
    pub number: u32,
    /// When it was taken, in seconds since 1970.
    pub taken: i64,
    /// In bytes.
    pub size: u64,
    /// It can be read through.
    pub sound: bool,
}

impl Store {
    /// How `local.db` is backed up.
    pub const BACKUPS: Rotation = LOCAL;

    /// The backups of `local.db`, newest first. Reads them through.
    pub fn local_backups(profile: &Path) -> Result<Vec<LocalBackup>> {
        let mut found = Vec::new();
        for number in 1..=LOCAL.keep {
            let path = LOCAL.path(profile, number);
            let Ok(meta) = path.metadata() else { continue };
            let taken = meta.modified()?.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
            found.push(LocalBackup { number, taken, size: meta.len(), sound: sound(&path)? });
        }
        Ok(found)
    }

    /// Puts a backup in the place of a damaged `local.db`, which is kept beside it as `local.db.damaged-<n>`. `number` as in
    /// [`LocalBackup`]; None: the newest that is sound. What was queued to be sent is held for a person to decide, queued
    /// changes of mails are left to the server. Only while no process has the profile open. `NotFound` where there is no
    /// such backup. Gives the one taken.
    pub fn restore(profile: &Path, number: Option<u32>) -> Result<LocalBackup> {
        let mut all = Store::local_backups(profile)?.into_iter();
        let backup = match number {
            Some(number) => all.find(|backup| backup.number == number),
            None => all.find(|backup| backup.sound),
        };
        let backup = backup.ok_or(StoreError::NotFound)?;
        restore(profile, &LOCAL.path(profile, backup.number))?;
        Ok(backup)
    }

    /// Backs up `local.db` if the last backup is older than a day.
    pub fn backup_if_due(&self, now: i64) -> Result<Option<PathBuf>> {
        self.with_writer(|db| rotate(self.profile(), LOCAL, db, now))
    }
}
