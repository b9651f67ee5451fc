//! A damaged database gives way to a backup of it. Before the profile is opened: what is damaged cannot be.

use crate::{EngineError, lock::ProfileLock};
use clientele_store::{Rotation, Store, StoreError};
use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

/// The databases that nobody else has a copy of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// Accounts, settings, drafts, the outbox and what waits.
    Local,
    /// The embedded CRM.
    Crm,
}

impl Database {
    pub const ALL: [Database; 2] = [Database::Local, Database::Crm];

    /// The name of its file, without `.db`.
    pub fn name(self) -> &'static str {
        self.rotation().name
    }

    fn rotation(self) -> Rotation {
        match self {
            Database::Local => Store::BACKUPS,
            Database::Crm => clientele_crm::BACKUPS,
        }
    }
}

/// A backup of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    pub database: Database,
    /// 1 is the newest.
    pub number: u32,
    /// When it was taken, in seconds since 1970.
    pub taken: i64,
    /// In bytes.
    pub size: u64,
    /// It can be read through.
    pub sound: bool,
}

/// Which database cannot be read. Reads them through. None: both can, or are not there yet. Fails with `ProfileBusy` where a
/// process has the profile open.
pub fn damaged(profile: &Path) -> Result<Option<Database>, EngineError> {
    let _lock = alone(profile)?;
    for database in Database::ALL {
        if !clientele_store::sound(&profile.join(format!("{}.db", database.name())))? {
            return Ok(Some(database));
        }
    }
    Ok(None)
}

/// The backups of a database, newest first. Reads them through.
pub fn backups(profile: &Path, database: Database) -> Result<Vec<Backup>, EngineError> {
    let mut found = Vec::new();
    for path in clientele_store::backups(profile, database.rotation()) {
        let meta = path.metadata()?;
        let since = meta.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        found.push(Backup {
            database,
            number: number(&path).ok_or(EngineError::NotFound)?,
            taken: since.as_secs() as i64,
            size: meta.len(),
            sound: clientele_store::sound(&path)?,
        });
    }
    Ok(found)
}

/// Puts backup `number` in the place of the database, which is kept beside it as `<name>.db.damaged-<n>`. 0: an empty one
/// in its place. What was queued to be sent is held for a person to decide, queued changes of mails are left to the server.
/// `NotFound` where there is no such backup; `ProfileBusy` where a process has the profile open.
pub fn restore(profile: &Path, database: Database, number: u32) -> Result<(), EngineError> {
    let _lock = alone(profile)?;
    if number == 0 {
        clientele_store::set_aside(&profile.join(format!("{}.db", database.name())))?;
    } else {
        let all = backups(profile, database)?;
        let backup = all.iter().find(|backup| backup.number == number).ok_or(EngineError::NotFound)?;
        if !backup.sound {
            return Err(StoreError::LocalDamaged { backups: Vec::new() }.into());
        }
        let paths = clientele_store::backups(profile, database.rotation());
        let path = paths.iter().find(|path| self::number(path) == Some(number)).ok_or(EngineError::NotFound)?;
        clientele_store::restore(profile, path)?;
    }
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    tracing::warn!(database = database.name(), number, seconds, "a backup took a database's place");
    Ok(())
}

fn alone(profile: &Path) -> Result<ProfileLock, EngineError> {
    if !profile.is_dir() {
        return Err(EngineError::NotFound);
    }
    ProfileLock::take(profile)?.ok_or(EngineError::ProfileBusy)
}

/// Of `local-2.db`, 2.
fn number(path: &Path) -> Option<u32> {
    path.file_stem()?.to_str()?.rsplit_once('-')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, testkit};
    use std::io::{Seek as _, SeekFrom, Write as _};

    fn spoil(path: &Path) {
        let _ = std::fs::remove_file(path.with_extension("db-wal"));
        let mut file = std::fs::OpenOptions::new().write(true).open(path).expect("a database");
        let length = file.metadata().expect("its length").len();
        for at in (0..length).step_by(4096) {
            file.seek(SeekFrom::Start(at + 8)).expect("a place");
            file.write_all(&[0xA5; 600]).expect("damage");
        }
    }

    #[tokio::test]
    async fn a_damaged_database_gives_way_to_its_backup_and_is_kept() {
        let (folder, engine) = testkit::engine().await;
        let path = folder.path();
        testkit::account(&engine, "kari@nord.example").await;
        engine.store(|store| store.backup_if_due(testkit::NOW).map(drop)).await.expect("backup");
        let busy = damaged(path).expect_err("somebody has it open");
        assert_eq!(busy.code(), "profile_busy");
        engine.stop().await;
        drop(engine);
        assert_eq!(damaged(path).expect("looked"), None);
        for database in Database::ALL {
            spoil(&path.join(format!("{}.db", database.name())));
        }
        assert_eq!(damaged(path).expect("looked"), Some(Database::Local));
        let refused = Engine::start(testkit::config(&folder)).await.map(drop).expect_err("it cannot be opened");
        assert_eq!(refused.code(), "store_damaged");
        assert_eq!(restore(path, Database::Local, 9).expect_err("no such backup").code(), "not_found");
        let all = backups(path, Database::Local).expect("backups");
        assert_eq!((all.len(), all[0].number, all[0].taken, all[0].sound), (1, 1, testkit::NOW, true));
        restore(path, Database::Local, 1).expect("restored");
        assert_eq!(damaged(path).expect("looked"), Some(Database::Crm));
        let all = backups(path, Database::Crm).expect("backups");
        assert_eq!(all.len(), 1, "the CRM had one since it was opened");
        restore(path, Database::Crm, 1).expect("restored");
        let engine = Engine::start(testkit::config(&folder)).await.expect("it opens again");
        assert_eq!(engine.accounts().await.expect("accounts")[0].0.email, "kari@nord.example");
        engine.stop().await;
        drop(engine);
        // Without a backup that can be read: an empty one, and what is damaged stays.
        spoil(&path.join("local.db"));
        spoil(&path.join("backups/local-1.db"));
        assert_eq!(restore(path, Database::Local, 1).expect_err("damaged too").code(), "store_damaged");
        restore(path, Database::Local, 0).expect("an empty one");
        let engine = Engine::start(testkit::config(&folder)).await.expect("it opens");
        assert!(engine.accounts().await.expect("accounts").is_empty());
        for aside in ["local.db.damaged-1", "local.db.damaged-2", "crm.db.damaged-1"] {
            assert!(path.join(aside).exists(), "{aside}");
        }
    }
}
