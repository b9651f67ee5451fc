/// Why the CRM could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CrmError {
    #[error("not found")]
    NotFound,
    /// A name or an address is missing or is none.
    #[error("invalid: {0}")]
    Invalid(&'static str),
    /// Nothing was chosen to archive on, and nothing is sure enough to be chosen by itself.
    #[error("no record to archive on")]
    NoRecord,
    /// The mail to be archived is not on this computer.
    #[error("the mail is not here")]
    BodyMissing,
    #[error("the disk is full")]
    DiskFull,
    /// `crm.db` cannot be read; its backups are in the profile's `backups` folder.
    #[error("the CRM's database is damaged")]
    Damaged,
    #[error("database: {0}")]
    Database(rusqlite::Error),
    #[error("store: {0}")]
    Store(#[from] clientele_store::StoreError),
    /// The database was written by a newer version of the program.
    #[error("crm.db has version {found}, this program knows {known}")]
    Version { found: i64, known: i64 },
    /// The thread that did the work panicked.
    #[error("the work ended early")]
    Worker,
    #[error("file: {0}")]
    Io(#[from] std::io::Error),
    #[error("seed: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<rusqlite::Error> for CrmError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::{Error, ErrorCode};
        match &error {
            Error::QueryReturnedNoRows => CrmError::NotFound,
            Error::SqliteFailure(failure, _) if failure.code == ErrorCode::DiskFull => CrmError::DiskFull,
            Error::SqliteFailure(failure, _)
                if matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) =>
            {
                CrmError::Damaged
            }
            _ => CrmError::Database(error),
        }
    }
}
