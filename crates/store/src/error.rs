use clientele_model::FolderRole;
use std::path::PathBuf;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("not found")]
    NotFound,
    /// A mail account with this address is there already.
    #[error("the account exists")]
    AccountExists,
    /// The account has no folder for this purpose, so nothing was changed.
    #[error("the account has no {} folder", .0.as_str())]
    FolderMissing(FolderRole),
    /// The time to undo is over, or what was done cannot be undone.
    #[error("too late to undo")]
    TooLateToUndo,
    /// The row is no longer in the state that this step starts from.
    #[error("the row has moved on")]
    WrongState,
    /// `local.db` cannot be read. `backups`, newest first, are what [`crate::restore`] can bring back.
    #[error("local.db is damaged")]
    LocalDamaged { backups: Vec<PathBuf> },
    /// The profile was written by a newer version of the program, or (second process) by an older one.
    #[error("the profile has version {found}, this program knows {known}")]
    Version { found: i64, known: i64 },
    /// The mail is marked private.
    #[error("the mail is private")]
    Private,
    /// The records are those of a CRM that is not in use.
    #[error("the records are of another CRM")]
    OtherCrm,
    #[error("the disk is full")]
    DiskFull,
    #[error("database: {0}")]
    Database(rusqlite::Error),
    #[error("file: {0}")]
    Io(std::io::Error),
    #[error("stored JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        if matches!(error.kind(), StorageFull | QuotaExceeded) { StoreError::DiskFull } else { StoreError::Io(error) }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::QueryReturnedNoRows => StoreError::NotFound,
            rusqlite::Error::SqliteFailure(failure, _) if failure.code == rusqlite::ErrorCode::DiskFull => {
                StoreError::DiskFull
            }
            _ => StoreError::Database(error),
        }
    }
}
