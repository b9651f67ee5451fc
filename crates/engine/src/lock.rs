//! One process owns a profile and runs its tasks. The operating system drops the lock when the owner dies, so that a
//! killed program never leaves a profile locked.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::Path,
};

/// Held as long as the process owns the profile.
pub(crate) struct ProfileLock {
    _file: File,
}

impl ProfileLock {
    /// `None`: another process has it.
    pub(crate) fn take(profile: &Path) -> io::Result<Option<ProfileLock>> {
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(profile.join("lock"))?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                writeln!(file, "{}", std::process::id())?;
                Ok(Some(ProfileLock { _file: file }))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether a running process has it.
    pub fn is_held(profile: &Path) -> bool {
        File::open(profile.join("lock"))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_turned_away_until_the_first_lets_go() {
        let folder = std::env::temp_dir().join(format!("clientele-lock-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("folder");
        let first = ProfileLock::take(&folder).expect("lock");
        assert!(first.is_some());
        assert!(ProfileLock::take(&folder).expect("lock").is_none());
        assert!(ProfileLock::is_held(&folder));
        drop(first);
        assert!(!ProfileLock::is_held(&folder));
        assert!(ProfileLock::take(&folder).expect("lock").is_some());
        let _ = std::fs::remove_dir_all(&folder);
    }
}
